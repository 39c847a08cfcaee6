package methods

import (
	"fmt"
	"io"
	"strings"

	"steepest/optim"
)

// Document writes the table as Markdown, for docs/methods.md: the methods by family, then each method with its options, their
// defaults under every preset, and its search space.
func Document(w io.Writer) error {
	var b strings.Builder
	b.WriteString("# Methods\n\nThis page is made from the table of methods by `steepest methods --markdown`.\n\n" +
		"A specification is a name with options after a colon: `adam:lr=0.01,beta2=0.99`. `lr` may be a number or a schedule.\n" +
		"Where references disagree the choice is an option, and `preset=…` follows a reference in all of them.\n\n" +
		"Every method takes these options as well, for what becomes of a gradient before the method sees it:\n\n" + general() + "\n" +
		"They act in the order of the table. A gradient that is skipped counts in the run, its epochs and its evaluations, and leaves x, the\n" +
		"state and the step of schedules as they were. With `accumulate=K` schedules count one step for K gradients, and what is left over when\n" +
		"the run ends makes no step. A race searches none of these options.\n\n" +
		"A race searches step sizes in units of the problem: L is the Lipschitz constant of ∇f, LMax the largest of a term's, and R a length that\n" +
		"is typical of x (`objective.Length`).\n")
	for family, about := range []string{
		Elementwise: "Elementwise methods treat each coordinate alike and suit every problem.",
		Matrix:      "Matrix methods are for the matrices of a network, and leave what is no matrix to another method or treat it otherwise.",
		Estimating:  "Estimating methods set themselves apart by their estimate of the gradient of a finite sum.",
	} {
		fmt.Fprintf(&b, "\n%s\n\n| method | step | source |\n|---|---|---|\n", about)
		for _, m := range table {
			if m.Family == Family(family) {
				fmt.Fprintf(&b, "| [`%s`](#%s) | %s | %s |\n", m.Name, m.Name, cell(m.Formula), cell(m.Source))
			}
		}
	}
	b.WriteString(chains())
	documentRecords(&b)
	for _, m := range table {
		m.document(&b)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// chains writes the language of chains and the table of links.
func chains() string {
	var b strings.Builder
	b.WriteString("\n## Chains\n\nLinks behind a method change what it makes of a gradient: `adam:beta2=0.95+cautious+decay:0.1+lr:0.003`. They act in their order, behind\n" +
		"what finds the method's direction and before its decay and step size. `decay` and `cautious-decay` take the place of its own decay;\n" +
		"`lr` says its step size and where that stands; `hyperball` takes the place of both; `extrapolate` sees the gradient before the method. What stands after a colon may be the first\n" +
		"option alone, a schedule too: `adam+lr:cosine(3e-3,0,1000)`. A method that is no chain already leaves what a link for matrices does not take to `adamw`,\n" +
		"with options `aux-lr` and so on.\n\n" +
		"Chains may be for parameters by their role: `hidden=soap+polar+hyperball:0.02/rest=adamw:lr=3e-4/clip-norm=1`. The roles are `hidden` (matrices\n" +
		"between layers), `embedding`, `head`, `gain`, `bias` and `rest`; options of all gradients, of the batch and of the average are a piece by\n" +
		"themselves, and `hidden-lr` is that of a route.\n\n" +
		"| link | update | options | place |\n|---|---|---|---|\n")
	for _, l := range links {
		var options []string
		for _, f := range optim.TransformFields(l.Transform) {
			if l.takesStep() && f.Name == "lr" {
				f.Value = "the method's"
			}
			options = append(options, fmt.Sprintf("`%s` %s (%s)", f.Name, f.Help, f.Value))
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s |\n", l.Name, cell(l.Formula), cell(strings.Join(options, "; ")),
			[...]string{"before decay and step size", "the decay's", "the step size's", "that of both", "behind both", "before the method"}[l.Place])
	}
	return b.String()
}

// general writes the options of all methods as a table.
func general() string {
	var b strings.Builder
	b.WriteString("| option | meaning | values | default |\n|---|---|---|---|\n")
	for _, f := range (optim.Preparation{}).Fields() {
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s |\n", f.Name, cell(f.Help), cell(f.Range), cell(f.Value))
	}
	return b.String()
}

// document writes the section of a method.
func (m Method) document(b *strings.Builder) {
	fmt.Fprintf(b, "\n## %s\n\n%s: %s (%s).\n", m.Name, m.Title, m.Formula, m.Source)
	if m.Same != "" {
		fmt.Fprintf(b, "As a chain: `%s`.\n", m.Same)
	}
	if len(m.Aliases) > 0 {
		fmt.Fprintf(b, "Also called `%s`.\n", strings.Join(m.Aliases, "`, `"))
	}
	if m.FullBatch {
		b.WriteString("It takes the whole sum at each step unless `batch` says otherwise.\n")
	}
	if m.Untuned {
		b.WriteString("It is meant to run on its defaults too, as `compare --untuned` does.\n")
	}
	presets := m.Presets()
	b.WriteString("\n| option | meaning | values |")
	for _, p := range presets {
		fmt.Fprintf(b, " %s |", p.Name)
	}
	b.WriteString("\n|---|---|---|" + strings.Repeat("---|", len(presets)) + "\n")
	for i, f := range presets[0].Fields {
		fmt.Fprintf(b, "| `%s` | %s | %s |", f.Name, cell(f.Help), cell(f.Range))
		for _, p := range presets {
			fmt.Fprintf(b, " %s |", cell(p.Fields[i].Value))
		}
		b.WriteString("\n")
	}
	b.WriteString("\nA race searches ")
	for i, a := range m.SearchSpace() {
		if i > 0 {
			b.WriteString(" and ")
		}
		b.WriteString(a.String())
	}
	fmt.Fprintf(b, ". Held by `%s`.\n", m.Goldens)
}

// cell escapes text for the cell of a table.
func cell(text string) string { return strings.ReplaceAll(text, "|", `\|`) }

// String writes the axis for readers: "lr in [0.001, 10]/L".
func (a Axis) String() string {
	low, high := a.Low, a.High
	if a.Complement {
		low, high = 1-a.High, 1-a.Low
	}
	unit := [...]string{Absolute: "", Lengths: "·R", PerL: "/L", PerLMax: "/LMax", TimesL: "·L"}[a.Unit]
	return fmt.Sprintf("%s in [%.3g, %.3g]%s", strings.Join(a.Options, " = "), low, high, unit)
}
