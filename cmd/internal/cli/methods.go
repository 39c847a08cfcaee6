package cli

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"steepest/compare"
	"steepest/methods"
	"steepest/optim"
	"steepest/report"
)

type methodsCmd struct {
	Name     string `arg:"" optional:"" placeholder:"METHOD" help:"A method or a link, to see its options."`
	JSON     bool   `group:"output" name:"json" xor:"form" help:"As JSON."`
	Markdown bool   `group:"output" xor:"form" help:"All methods with all options as a page in Markdown."`
}

// Help shows how methods is used.
func (methodsCmd) Help() string {
	return `Examples:

    steepest methods
    steepest methods adam
    steepest methods cautious`
}

// Run lists the methods or describes one.
func (c *methodsCmd) Run(w *world) error {
	if err := w.refuse(silence{[]string{"markdown"}, c.Name != "", "is a page of all methods, and one is named"}); err != nil {
		return err
	}
	list := methods.All()
	if i := slices.IndexFunc(methods.Links(), func(l methods.Link) bool { return l.Name == c.Name }); i >= 0 {
		if err := w.refuse(silence{[]string{"json"}, true, "is for methods, and " + c.Name + " is a link"}); err != nil {
			return err
		}
		return describeLink(w, methods.Links()[i])
	}
	if c.Name != "" {
		e, err := compare.ParseEntrant(c.Name)
		if err != nil {
			return usage("steepest methods lists them", "%w", err)
		}
		list = []methods.Method{e.Method}
	}
	switch {
	case c.Markdown:
		return methods.Document(w.stdout)
	case c.JSON:
		return c.json(w, list)
	case c.Name != "":
		return describeMethod(w, list[0])
	}
	var b strings.Builder
	for _, m := range list {
		fmt.Fprintf(&b, "%s  %s  (%s)\n    %s\n%s", w.stdout.paint(bold, m.Name), m.Title, m.Source, m.Formula, w.stdout.wrap(m.Settings(), 4))
	}
	b.WriteString("\nLinks, which stand behind a method in a chain:\n")
	for _, l := range methods.Links() {
		fmt.Fprintf(&b, "%s %s\n", w.stdout.paint(bold, fmt.Sprintf("%-14s", l.Name)), l.Formula)
	}
	b.WriteString("\n" + w.stdout.wrap(methodsNote, 0))
	_, err := io.WriteString(w.stdout, b.String())
	return err
}

const methodsNote = "steepest methods NAME explains the options of one method, steepest help chains how a method is written with options and links, and " +
	"steepest help schedules what lr can be."

// describeMethod prints a method with its options, and their values in each preset.
func describeMethod(w *world, m methods.Method) error {
	fmt.Fprintf(w.stdout, "%s  (%s)\n%s\n\n", w.stdout.paint(bold, m.Title), m.Source, m.Formula)
	if m.Same != "" {
		fmt.Fprintf(w.stdout, "As a chain: %s\n\n", m.Same)
	}
	if m.Untuned {
		fmt.Fprint(w.stdout, "It is meant to run on its defaults too, as compare --untuned does.\n\n")
	}
	for _, f := range optim.Fields(m.Rule) {
		fmt.Fprintf(w.stdout, "%-14s %s\n", f.Name, f.Help)
	}
	fmt.Fprintln(w.stdout, "\nEvery method takes these as well, for its gradients:")
	for _, f := range (optim.Preparation{}).Fields() {
		fmt.Fprintf(w.stdout, "%-14s %s\n", f.Name, f.Help)
	}
	presets := m.Presets()
	table := report.Table{Columns: []report.Column{{Name: "option"}, {Name: "values"}}}
	for _, p := range presets {
		table.Columns = append(table.Columns, report.Column{Name: p.Name})
	}
	for i, f := range presets[0].Fields {
		row := []report.Cell{{Text: f.Name}, {Text: f.Range}}
		for _, p := range presets {
			row = append(row, report.Cell{Text: p.Fields[i].Value})
		}
		table.Rows = append(table.Rows, row)
	}
	fmt.Fprintln(w.stdout)
	if err := report.Text(w.stdout, &table, w.stdout.width, w.stdout.color); err != nil {
		return err
	}
	note := "lr may be a number or a schedule: steepest help schedules lists them."
	if len(presets) > 1 {
		note = "The columns are the defaults under each preset, as in " + m.Name + ":preset=" + presets[1].Name + ". " + note
	}
	_, err := fmt.Fprint(w.stdout, "\n"+w.stdout.wrap(note, 0))
	return err
}

// describeLink prints a link and its options.
func describeLink(w *world, l methods.Link) error {
	table := report.Table{Columns: []report.Column{{Name: "option"}, {Name: "values"}, {Name: "default"}, {Name: "meaning"}}}
	for _, f := range optim.TransformFields(l.Transform) {
		if f.Value == "<nil>" { // a step size without a default
			f.Value = "the method's"
		}
		table.Rows = append(table.Rows, []report.Cell{{Text: f.Name}, {Text: f.Range}, {Text: f.Value}, {Text: f.Help}})
	}
	fmt.Fprintf(w.stdout, "%s, a link of chains: %s\n\n", w.stdout.paint(bold, l.Name), l.Formula)
	if len(table.Rows) > 0 {
		if err := report.Text(w.stdout, &table, w.stdout.width, w.stdout.color); err != nil {
			return err
		}
		fmt.Fprintln(w.stdout)
	}
	_, err := fmt.Fprint(w.stdout, w.stdout.wrap("It stands behind a method, as in adam+"+l.Name+".", 0))
	return err
}

// json prints the methods with the defaults of each preset.
func (c *methodsCmd) json(w *world, list []methods.Method) error {
	type option struct {
		Name     string            `json:"name"`
		Help     string            `json:"help"`
		Range    string            `json:"range,omitempty"`
		Defaults map[string]string `json:"defaults"`
	}
	type method struct {
		Name      string   `json:"name"`
		Title     string   `json:"title"`
		Formula   string   `json:"formula"`
		Source    string   `json:"source"`
		FullBatch bool     `json:"full_batch"`
		Options   []option `json:"options"`
	}
	var out []method
	for _, m := range list {
		row := method{Name: m.Name, Title: m.Title, Formula: m.Formula, Source: m.Source, FullBatch: m.FullBatch}
		presets := m.Presets()
		for i, f := range presets[0].Fields {
			o := option{f.Name, f.Help, f.Range, make(map[string]string)}
			for _, p := range presets {
				o.Defaults[p.Name] = p.Fields[i].Value
			}
			row.Options = append(row.Options, o)
		}
		out = append(out, row)
	}
	return writeJSON(w.stdout, out)
}
