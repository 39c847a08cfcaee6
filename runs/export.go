package runs

import (
	"encoding/csv"
	"encoding/json"
	"io"
	"maps"
	"math"
	"slices"
	"strconv"
)

// CSV writes the records of runs as a table: the run, the step, and a column for each measurement of any run. Missing values are empty.
func CSV(w io.Writer, list []*Run) error {
	out := csv.NewWriter(w)
	names := measured(list)
	_ = out.Write(append([]string{"run", "step"}, names...)) // told by Flush
	for _, r := range list {
		steps := r.Record.Column("step")
		for i, step := range steps {
			row := []string{r.Name, number(step)}
			for _, name := range names {
				v := math.NaN()
				if column := r.Record.Column(name); column != nil {
					v = column[i]
				}
				row = append(row, number(v))
			}
			_ = out.Write(row)
		}
	}
	out.Flush()
	return out.Error()
}

// measured returns the names of all measurements of the runs, without the step.
func measured(list []*Run) []string {
	all := make(map[string]bool)
	for _, r := range list {
		for _, name := range r.Record.Names() {
			all[name] = name != "step"
		}
	}
	maps.DeleteFunc(all, func(_ string, is bool) bool { return !is })
	return slices.Sorted(maps.Keys(all))
}

func number(v float64) string {
	if math.IsNaN(v) {
		return ""
	}
	return strconv.FormatFloat(v, 'g', -1, 64)
}

// JSONL writes the records of runs, a line for each row. The name of the run comes first.
func JSONL(w io.Writer, list []*Run) error {
	e := json.NewEncoder(w)
	for _, r := range list {
		for i := range r.Record.Rows() {
			row := map[string]any{"run": r.Name}
			for _, name := range r.Record.Names() {
				if v := r.Record.Column(name)[i]; !math.IsNaN(v) {
					row[name] = v
				}
			}
			if err := e.Encode(row); err != nil {
				return err
			}
		}
	}
	return nil
}
