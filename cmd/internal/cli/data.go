package cli

import (
	"fmt"
	"math"
	"regexp"
	"slices"
	"strings"

	"steepest/data"
	"steepest/internal/printable"
	"steepest/report"
)

type dataCmd struct {
	Name string `arg:"" optional:"" placeholder:"NAME|PATH" help:"An embedded set, a file, or a shard or folder of tokens, to describe."`
	readFlags
	JSON bool `group:"output" name:"json" help:"As JSON, with sources and checksums."`
}

// Help shows how data is used.
func (dataCmd) Help() string {
	return `Examples:

    steepest data
    steepest data digits
    steepest data mails.libsvm.gz
    steepest data corpus-tokens
    steepest data cars.csv --label price --drop id --categorical color,maker`
}

// Run lists the embedded sets or describes one set.
func (c *dataCmd) Run(w *world) error {
	if c.Name != "" {
		return c.describe(w)
	}
	if err := w.refuse(silence{readingFlags, true, "is for a file, and none is named"}); err != nil {
		return err
	}
	if c.JSON {
		return listJSON(w)
	}
	table := report.Table{
		Columns: []report.Column{
			{Name: "name"}, {Name: "rows", Numeric: true}, {Name: "features", Numeric: true}, {Name: "density", Numeric: true},
			{Name: "classes", Numeric: true}, {Name: "licence"},
		},
		Note: "steepest data NAME tells more; --data NAME uses a set.",
	}
	for _, info := range data.Embedded() {
		table.Rows = append(table.Rows, []report.Cell{
			{Text: info.Name}, {Text: fmt.Sprint(info.Rows)}, {Text: fmt.Sprint(info.Features)}, {Text: percent(info.Density)},
			{Text: fmt.Sprint(info.Classes)}, {Text: parenthesis.ReplaceAllString(info.Licence, "")},
		})
	}
	return report.Text(w.stdout, &table, w.stdout.width, w.stdout.color)
}

// parenthesis matches the part of a licence that says what it covers. The table has no room for it.
var parenthesis = regexp.MustCompile(` \([^)]*\)`)

// setJSON describes a data set.
type setJSON struct {
	Name        string       `json:"name"`
	Description string       `json:"description,omitempty"`
	Read        string       `json:"read_as,omitempty"`
	Rows        int          `json:"rows"`
	Features    int          `json:"features"`
	Occurring   int          `json:"occurring,omitempty"` // features of a row, if it does not have all
	Density     real         `json:"density"`
	LeftOut     []string     `json:"left_out,omitempty"`
	Classes     int          `json:"classes,omitempty"`
	ClassNames  []string     `json:"class_names,omitempty"`
	Respelled   []string     `json:"respelled,omitempty"`
	Columns     []columnJSON `json:"columns,omitempty"`
	Labels      string       `json:"labels,omitempty"`
	Loss        string       `json:"default_loss"`
	Licence     string       `json:"licence,omitempty"`
	Source      string       `json:"source,omitempty"`
	SHA256      string       `json:"sha256,omitempty"`
}

// listJSON prints all embedded sets.
func listJSON(w *world) error {
	var all []setJSON
	for _, info := range data.Embedded() {
		set, err := data.Load(info.Name)
		if err != nil {
			return err
		}
		all = append(all, measure(set).cite(info))
	}
	return writeJSON(w.stdout, all)
}

// cite adds the source of an embedded set.
func (s setJSON) cite(info data.Info) setJSON {
	s.Description, s.Licence, s.Source, s.SHA256 = info.Description, info.Licence, info.Source, info.SHA256
	return s
}

// measure computes the description of a set.
func measure(set *data.Set) setJSON {
	out := labelled(set)
	out.Density = real(data.Density(set.X))
	out.Rows, out.Features = set.X.Dims()
	out.Occurring = len(data.Occurring(set.X))
	out.LeftOut = set.Skipped
	if set.Dialect != nil {
		out.Read = "CSV, " + set.Dialect.String()
	} else if set.Format == data.Parquet {
		out.Read = "Parquet"
	}
	for _, c := range data.Summarize(set) {
		out.Columns = append(out.Columns, newColumnJSON(c))
	}
	return out
}

// labelled describes the labels of a set.
func labelled(set *data.Set) setJSON {
	classes := data.ClassesOf(set.Y)
	out := setJSON{Name: set.Name, ClassNames: set.ClassNames, Respelled: set.Respelled, Loss: defaultLoss(classes, set.ClassNames != nil)}
	if out.Loss == "least-squares" {
		out.Labels = fmt.Sprintf("%d different numbers from %g to %g", len(classes), classes[0], classes[len(classes)-1])
	} else {
		out.Classes, out.Labels = len(classes), classes.String()
	}
	return out
}

// describe prints one set.
func (c *dataCmd) describe(w *world) error {
	if path := find(c.Name); data.IsCache(path) {
		told := passes{w: w}
		cache, err := data.LoadCache(path, told.show)
		told.end()
		if err != nil {
			return readError(err)
		}
		if err := w.refuse(silence{readingFlags, true, madeAlready(c.Name)}); err != nil {
			return err
		}
		return c.print(w, measureCache(cache), nil)
	}
	if !isEmbedded(c.Name) {
		if streams, err := shardsOf(c.Name); err != nil {
			return err
		} else if streams != nil {
			return c.describeShards(w, streams)
		}
	}
	set, err := c.open(w, c.Name)
	if err != nil {
		return err
	}
	if err := w.refuseReading(set); err != nil {
		return err
	}
	out := measure(set)
	list := data.Embedded()
	if i := slices.IndexFunc(list, func(info data.Info) bool { return info.Name == c.Name }); i >= 0 {
		out = out.cite(list[i])
	}
	return c.print(w, out, set)
}

// print writes a description, with a table of the columns of a CSV file.
func (c *dataCmd) print(w *world, out setJSON, set *data.Set) error {
	if c.JSON {
		return writeJSON(w.stdout, out)
	}
	if _, err := fmt.Fprint(w.stdout, out); err != nil || set == nil || set.Columns == nil {
		return err
	}
	fmt.Fprintln(w.stdout)
	return report.Text(w.stdout, columnsTable(data.Summarize(set)), w.stdout.width, w.stdout.color)
}

// String formats the description for people.
func (s setJSON) String() string {
	var b strings.Builder
	line := func(name, value string) {
		if value != "" {
			fmt.Fprintf(&b, "%-12s %s\n", name, printable.Text(value))
		}
	}
	line("name", s.Name)
	line("what", s.Description)
	line("read as", s.Read)
	line("rows", fmt.Sprint(s.Rows))
	features := fmt.Sprint(s.Features)
	if s.Occurring > 0 {
		features += fmt.Sprintf(", of which %d occur", s.Occurring)
	}
	line("features", features)
	line("left out", strings.Join(s.LeftOut, ", "))
	line("density", percent(float64(s.Density)))
	line("labels", s.Labels)
	line("classes", strings.Join(s.ClassNames, ", "))
	if s.Respelled != nil {
		line("spelled too", strings.Join(s.Respelled, ", ")+", whose case does not matter")
	}
	line("default loss", s.Loss)
	line("licence", s.Licence)
	line("source", s.Source)
	line("sha256", s.SHA256)
	return b.String()
}

func percent(share float64) string {
	if math.Abs(share-1) < 1e-9 {
		return "100 %"
	}
	return fmt.Sprintf("%.3g %%", 100*share)
}
