package cli

import (
	"cmp"
	"fmt"
	"io"
	"math"
	"path"
	"slices"
	"strings"
	"time"

	"steepest/internal/plural"
	"steepest/internal/printable"
	"steepest/report"
	"steepest/runs"
)

type runsCmd struct {
	Dir  string   `arg:"" placeholder:"DIR" help:"The folder given to --runs of other commands."`
	Name []string `arg:"" optional:"" help:"Names of runs, in which * stands for anything, such as '*adam*'. Default: all."`

	Where  []string `group:"problem" short:"w" sep:"none" placeholder:"KEY=VALUE" help:"Only runs with these values, such as method=adam, status=died or options.lr=0.01; * stands for anything. May be repeated."`
	Diff   bool     `group:"output" help:"Show the differences between the configurations, instead of the list."`
	CSV    string   `group:"output" name:"csv" placeholder:"FILE" help:"Write the records of the runs as a table, with the columns run and step first."`
	JSONL  string   `group:"output" name:"jsonl" placeholder:"FILE" help:"Write the records of the runs as lines of JSON."`
	Remove bool     `group:"output" help:"Remove the folders of the runs; at least a name or --where must be given. Runs in progress stay."`
	JSON   bool     `group:"output" name:"json" help:"The list as JSON, with the whole configurations."`
}

// Help shows how runs is used.
func (runsCmd) Help() string {
	return `Lists runs, the newest first, with the differences between their configurations. A run has died if it has no end and no process
writes to it. Examples:

    steepest compare -m sgd -m adam --runs runs
    steepest runs runs
    steepest runs runs --where method=adam --diff
    steepest runs runs '*seed1' --csv runs.csv
    steepest runs runs --where status=died --remove`
}

// Run lists, exports or removes.
func (c *runsCmd) Run(w *world) error {
	if err := w.refuse(
		silence{[]string{"diff", "json", "csv", "jsonl"}, c.Remove, "has no effect with --remove"},
		silence{[]string{"diff"}, c.JSON, "is for a reader, and --json has whole configurations"},
	); err != nil {
		return err
	}
	if err := refuseOutputs(nil, flagPath{"csv", c.CSV}, flagPath{"jsonl", c.JSONL}); err != nil {
		return err
	}
	folder := runs.Open(c.Dir)
	if _, err := folder.Refresh(); err != nil {
		return badData("steepest minimize … --runs DIR makes one", "%q cannot be read as a folder of runs: %s", c.Dir, reason(err))
	}
	for _, damaged := range folder.Damaged() {
		w.warn("a run is left out: %s", printable.Text(inFlags(damaged.Error())))
	}
	all := folder.Runs()
	list, err := c.chosen(all)
	if err != nil {
		return err
	}
	switch {
	case c.Remove:
		return c.remove(w, list)
	case c.CSV != "" || c.JSONL != "":
		if err := w.save(c.CSV, func(out io.Writer) error { return runs.CSV(out, list) }); err != nil {
			return err
		}
		return w.save(c.JSONL, func(out io.Writer) error { return runs.JSONL(out, list) })
	case c.JSON:
		return c.json(w, list)
	case len(list) == 0:
		w.say("no run in %s%s\n", c.Dir, map[bool]string{true: " is meant", false: ""}[len(all) > 0])
		return nil
	}
	table := listed(list)
	if c.Diff {
		table = diffed(list)
	}
	return report.Text(w.stdout, &table, w.stdout.width, w.stdout.color)
}

// chosen returns the runs that the arguments select. A name or a key that selects none is an error.
func (c *runsCmd) chosen(all []*runs.Run) ([]*runs.Run, error) {
	list := all
	if c.Name != nil {
		meant := make(map[*runs.Run]bool)
		for _, pattern := range c.Name {
			found := false
			for _, r := range all {
				match, err := path.Match(pattern, r.Name)
				if err != nil {
					return nil, usage("* stands for anything, ? for a letter", "%q is not a pattern of names", pattern)
				}
				meant[r], found = meant[r] || match, found || match
			}
			if !found {
				return nil, usage("steepest runs "+c.Dir+" lists them", "no run in %s is called %q", c.Dir, pattern)
			}
		}
		list = slices.DeleteFunc(slices.Clone(list), func(r *runs.Run) bool { return !meant[r] })
	}
	for _, condition := range c.Where {
		key, pattern, ok := strings.Cut(condition, "=")
		if _, err := path.Match(pattern, ""); !ok || err != nil {
			return nil, usage("as in --where method=adam", "--where: %q is not a condition", condition)
		}
		if !slices.ContainsFunc(all, func(r *runs.Run) bool { return r.Value(key) != "" }) && len(all) > 0 {
			return nil, usage("steepest runs "+c.Dir+" --json shows the keys", "--where: no run has the key %q", key)
		}
		list = slices.DeleteFunc(slices.Clone(list), func(r *runs.Run) bool {
			match, _ := path.Match(pattern, r.Value(key))
			return !match && r.Value(key) != pattern
		})
	}
	return list, nil
}

// listed returns the table of runs.
func listed(list []*runs.Run) report.Table {
	t := report.Table{Columns: []report.Column{
		{Name: "run"}, {Name: "status"}, {Name: "steps", Numeric: true}, {Name: "loss", Numeric: true}, {Name: "validation", Numeric: true}, {Name: "time", Numeric: true},
	}}
	keys := slices.DeleteFunc(runs.Differing(list), func(key string) bool {
		return slices.Contains([]string{"race", "spec", "entrant", "data"}, key) || strings.HasPrefix(key, "held_out.")
	})
	first := []string{"seed", "batch", "options.lr", "method"} // in reverse: the last becomes the first column
	slices.SortStableFunc(keys, func(a, b string) int { return cmp.Compare(slices.Index(first, b), slices.Index(first, a)) })
	for _, key := range keys {
		t.Columns = append(t.Columns, report.Column{Name: key})
	}
	for _, r := range list {
		row := []report.Cell{{Text: printable.Text(r.Name)}, {Text: string(r.Status)}}
		for _, name := range []string{"step", "loss", "validation"} {
			row = append(row, cell(r.Record.Last(name)))
		}
		d := r.Duration()
		row = append(row, report.Cell{Text: lasting(d), Sort: d.Seconds()})
		for _, key := range keys {
			row = append(row, report.Cell{Text: cmp.Or(printable.Text(r.Value(key)), "—")})
		}
		t.Rows = append(t.Rows, row)
	}
	if !slices.ContainsFunc(list, func(r *runs.Run) bool { return r.Record.Column("validation") != nil }) {
		t.Columns = slices.Delete(t.Columns, 4, 5)
		for i := range t.Rows {
			t.Rows[i] = slices.Delete(t.Rows[i], 4, 5)
		}
	}
	return t
}

// lasting formats a duration briefly.
func lasting(d time.Duration) string {
	switch {
	case d == 0:
		return "—"
	case d < time.Minute:
		return d.Round(10 * time.Millisecond).String()
	}
	return d.Round(time.Second).String()
}

func cell(v float64) report.Cell {
	if math.IsNaN(v) {
		return report.Cell{Text: "—", Sort: v}
	}
	return report.Cell{Text: fmt.Sprintf("%.6g", v), Sort: v}
}

// diffed returns the table of the differences between the configurations, a row per key.
func diffed(list []*runs.Run) report.Table {
	t := report.Table{Columns: []report.Column{{Name: "key"}}}
	for _, r := range list {
		t.Columns = append(t.Columns, report.Column{Name: printable.Text(r.Name)})
	}
	for _, key := range runs.Differing(list) {
		row := []report.Cell{{Text: printable.Text(key)}}
		for _, r := range list {
			row = append(row, report.Cell{Text: cmp.Or(printable.Text(r.Config[key]), "—")})
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

// json prints the list.
func (c *runsCmd) json(w *world, list []*runs.Run) error {
	type run struct {
		Name    string            `json:"name"`
		Status  runs.Status       `json:"status"`
		Message string            `json:"message,omitempty"`
		Last    map[string]real   `json:"last"`
		Config  map[string]string `json:"config"`
		System  runs.System       `json:"system"`
	}
	out := []run{}
	for _, r := range list {
		last := make(map[string]real)
		for _, name := range r.Record.Names() {
			last[name] = real(r.Record.Last(name))
		}
		out = append(out, run{r.Name, r.Status, r.Ending.Message, last, r.Config, r.System})
	}
	return writeJSON(w.stdout, out)
}

// remove removes the runs.
func (c *runsCmd) remove(w *world, list []*runs.Run) error {
	if c.Name == nil && c.Where == nil {
		return usage("name the runs, '*' for all, or say --where", "--remove removes nothing unasked")
	}
	n := 0
	for _, r := range list {
		if r.Status == runs.Running {
			w.say("%s is running, and stays\n", r.Name)
			continue
		}
		if err := runs.Remove(c.Dir, r); err != nil {
			return fmt.Errorf("%s cannot be removed: %s", r.Name, inFlags(err.Error()))
		}
		n++
	}
	w.say("removed %d of %s\n", n, plural.Of(len(list), "run"))
	return nil
}
