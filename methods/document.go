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
		"Where references disagree, the choice is an option, and `preset=…` sets all options as one reference has them.\n\n" +
		"Every method also has these options, which change a gradient before the method sees it:\n\n" + general() + "\n" +
		"They act in the order of the table. A skipped gradient counts in the run, its epochs and its evaluations, but does not change x, the\n" +
		"state and the step of schedules. With `accumulate=K` schedules count one step for K gradients, and gradients left over at the end of\n" +
		"the run make no step. A race does not search these options.\n\n" +
		"A race searches step sizes in units of the problem: L is the Lipschitz constant of ∇f, LMax the largest one of a term, and R a typical\n" +
		"length of x (`objective.Length`).\n")
	for family, about := range []string{
		Elementwise: "Elementwise methods treat each coordinate alike and suit every problem.",
		Matrix:      "Matrix methods are for the matrices of a network. They leave other parameters to another method, or treat them differently.",
		Estimating:  "Estimating methods differ in how they estimate the gradient of a finite sum.",
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
	b.WriteString("\n## Chains\n\nLinks after a method change how it uses a gradient: `adam:beta2=0.95+cautious+decay:0.1+lr:0.003`. They act in their order, after the\n" +
		"method has found its direction and before its decay and step size. `decay` and `cautious-decay` replace the method's own decay. `lr`\n" +
		"sets its step size, and where in the chain it acts. `hyperball` replaces decay and step size. `extrapolate` changes the gradient before the\n" +
		"method. After a colon, a value without a name is for the first option, also if it is a schedule: `adam+lr:cosine(3e-3,0,1000)`. Parameters\n" +
		"that a link for matrices does not take go to `adamw`, with options such as `aux-lr`, unless the method already has a route for them.\n\n" +
		"Parameters may have different chains by their role: `hidden=soap+polar+hyperball:0.02/rest=adamw:lr=3e-4/clip-norm=1`. The roles are\n" +
		"`hidden` (matrices between layers), `embedding`, `head`, `gain`, `bias` and `rest`. Options for all gradients, the batch and the average\n" +
		"form a separate part, and `hidden-lr` is the `lr` of a route. Words after a role choose parameters by their names: `hidden.mlp.proj` takes\n" +
		"the hidden matrices with `mlp` and, later, `proj` in their names, as in `h.0.mlp.c_proj.weight`. The route with the most words takes a\n" +
		"parameter, so `hidden` takes the other matrices.\n\n" +
		"A number of a link may be a schedule where the table says so: `average:linear(0.85,300,0.95)` is a momentum that grows for 300 steps.\n\n" +
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
			[...]string{"before decay and step size", "replaces the decay", "sets the step size", "replaces decay and step size", "after decay and step size", "before the method"}[l.Place])
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
	low, high := a.digits(0, 3), a.digits(1, 3)
	if a.Complement {
		low, high = high, low
	}
	unit := [...]string{Absolute: "", Lengths: "·R", PerL: "/L", PerLMax: "/LMax", TimesL: "·L"}[a.Unit]
	values := fmt.Sprintf("[%s, %s]%s", low, high, unit)
	if a.Form == "" || a.Form == "%s" {
		return strings.Join(a.Options, " = ") + " in " + values
	}
	return strings.Join(a.Options, " = ") + " = " + fmt.Sprintf(a.Form, values)
}
