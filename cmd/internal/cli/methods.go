package cli

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

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
		b.WriteString(w.stdout.headed(m.Name, fmt.Sprintf("  %s  (%s)", m.Title, m.Source)))
		b.WriteString(w.stdout.spaced(m.Formula, 4) + w.stdout.wrap(m.Settings(), 4))
	}
	b.WriteString("\nLinks, which stand behind a method in a chain:\n")
	for _, l := range methods.Links() {
		fmt.Fprintf(&b, "%s %s", w.stdout.paint(bold, fmt.Sprintf("%-14s", l.Name)), strings.TrimLeft(w.stdout.spaced(l.Formula, 15), " "))
	}
	b.WriteString("\n" + w.stdout.wrap(methodsNote, 0))
	_, err := io.WriteString(w.stdout, b.String())
	return err
}

const methodsNote = "steepest methods NAME explains the options of one method, steepest help chains how a method is written with options and links, and " +
	"steepest help schedules what lr can be."

// describeMethod prints a method with its options, and their values in each preset.
func describeMethod(w *world, m methods.Method) error {
	fmt.Fprintln(w.stdout, w.stdout.headed(m.Title, fmt.Sprintf("  (%s)", m.Source))+w.stdout.spaced(m.Formula, 0))
	if m.Same != "" {
		fmt.Fprintf(w.stdout, "As a chain: %s\n\n", m.Same)
	}
	if m.Untuned {
		fmt.Fprint(w.stdout, w.stdout.wrap("It is meant to run on its defaults too, as compare --untuned does.", 0)+"\n")
	}
	describeOptions(w, optim.Fields(m.Rule))
	fmt.Fprintln(w.stdout, "\nEvery method takes these as well, for its gradients:")
	describeOptions(w, (optim.Preparation{}).Fields())
	presets := m.Presets()
	if err := printPresets(w, presets); err != nil {
		return err
	}
	note := "lr may be a number or a schedule: steepest help schedules lists them."
	if len(presets) > 1 {
		note = "The columns are the defaults under each preset, as in " + m.Name + ":preset=" + presets[1].Name + ". " + note
	}
	_, err := fmt.Fprint(w.stdout, "\n"+w.stdout.wrap(note, 0))
	return err
}

// describeOptions prints options with their meaning.
func describeOptions(w *world, fields []optim.Field) {
	const indent = 15
	for _, f := range fields {
		fmt.Fprintf(w.stdout, "%-*s %s", indent-1, f.Name, strings.TrimLeft(w.stdout.wrap(f.Help, max(indent, len(f.Name)+1)), " "))
	}
}

// broken returns the rows of a table for a row whose columns have the given widths, with 0 for any. A cell that is wider is broken into lines.
func broken(row []string, widths ...int) (rows [][]report.Cell) {
	for j, text := range row {
		lines := []string{text}
		if j < len(widths) && widths[j] > 0 {
			lines = brokenAt(" ", text, widths[j])
		}
		for i, line := range lines {
			if i == len(rows) {
				rows = append(rows, make([]report.Cell, len(row)))
			}
			rows[i][j].Text = line
		}
	}
	return rows
}

// widest returns the width of the widest of some texts.
func widest(texts []string) (width int) {
	for _, text := range texts {
		width = max(width, utf8.RuneCountInString(text))
	}
	return width
}

// printPresets prints the options of presets: their names, their values and their value in each preset. Presets that do not fit into the width of
// text stand in further tables.
func printPresets(w *world, presets []methods.Preset) error {
	fields := presets[0].Fields
	names := []string{"option"}
	for _, f := range fields {
		names = append(names, f.Name)
	}
	values := w.stdout.columns() / 3
	for len(presets) > 0 {
		table := report.Table{Columns: []report.Column{{Name: "option"}, {Name: "values"}}}
		n, used := 0, widest(names)+len("  ")+values+len("*")
		for ; n < len(presets); n++ {
			column := []string{presets[n].Name}
			for _, f := range presets[n].Fields {
				column = append(column, f.Value)
			}
			if used += len("  ") + widest(column); n > 0 && used > w.stdout.columns() {
				break
			}
			table.Columns = append(table.Columns, report.Column{Name: presets[n].Name})
		}
		for i, f := range fields {
			row := []string{f.Name, f.Range}
			for _, p := range presets[:n] {
				row = append(row, p.Fields[i].Value)
			}
			table.Rows = append(table.Rows, broken(row, 0, values)...)
		}
		fmt.Fprintln(w.stdout)
		if err := report.Text(w.stdout, &table, w.stdout.width, w.stdout.color); err != nil {
			return err
		}
		presets = presets[n:]
	}
	return nil
}

// describeLink prints a link and its options.
func describeLink(w *world, l methods.Link) error {
	fmt.Fprintln(w.stdout, w.stdout.headed(l.Name, ", a link of chains: "+l.Formula))
	fields := optim.TransformFields(l.Transform)
	names, defaults := []string{"option"}, []string{"default"}
	for i := range fields {
		if fields[i].Value == "<nil>" { // a step size without a default
			fields[i].Value = "the method's"
		}
		names, defaults = append(names, fields[i].Name), append(defaults, fields[i].Value)
	}
	values := w.stdout.columns() / 3
	meaning := w.stdout.columns() - widest(names) - values - widest(defaults) - 3*len("  ") - len("*")
	table := report.Table{Columns: []report.Column{{Name: "option"}, {Name: "values"}, {Name: "default"}, {Name: "meaning"}}}
	for _, f := range fields {
		table.Rows = append(table.Rows, broken([]string{f.Name, f.Range, f.Value, f.Help}, 0, values, 0, meaning)...)
	}
	if len(table.Rows) > 0 {
		if err := report.Text(w.stdout, &table, w.stdout.width, w.stdout.color); err != nil {
			return err
		}
		fmt.Fprintln(w.stdout)
	}
	place := "It stands behind a method, as in adam+" + l.Name + "."
	if m, err := methods.Find(l.Name); err == nil {
		place += " At the front of a chain, " + l.Name + " is a method with options of its own: " + m.Title + "."
	}
	_, err := fmt.Fprint(w.stdout, w.stdout.wrap(place, 0))
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
