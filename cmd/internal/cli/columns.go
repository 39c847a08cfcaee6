package cli

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"steepest/data"
	"steepest/internal/printable"
	"steepest/report"
)

// columnJSON describes a column of a CSV file.
type columnJSON struct {
	Column     string         `json:"column"` // its name, or its position
	Missing    int            `json:"missing,omitempty"`
	Least      *real          `json:"least,omitempty"`
	Mean       *real          `json:"mean,omitempty"`
	Largest    *real          `json:"largest,omitempty"`
	Categories map[string]int `json:"categories,omitempty"`
}

func newColumnJSON(s data.Summary) columnJSON {
	c := columnJSON{Column: columnName(s.Column), Missing: s.Missing}
	if s.Counts == nil {
		c.Least, c.Mean, c.Largest = (*real)(&s.Least), (*real)(&s.Mean), (*real)(&s.Largest)
		return c
	}
	c.Categories = make(map[string]int)
	for j, word := range s.Column.Categories {
		c.Categories[word] = s.Counts[j]
	}
	return c
}

// columnName returns the name of a column, or its position.
func columnName(c data.Column) string { return cmp.Or(c.Name, strconv.Itoa(c.At)) }

// columnsShown is the largest number of columns that a terminal shows.
const columnsShown = 50

// columnsTable shows the columns of a CSV file: the range of numbers, and the counts of categories. It omits what applies to no column.
func columnsTable(all []data.Summary) *report.Table {
	t := &report.Table{Columns: []report.Column{
		{Name: "column"}, {Name: "least", Numeric: true}, {Name: "mean", Numeric: true}, {Name: "largest", Numeric: true},
		{Name: "missing", Numeric: true}, {Name: "rows by category"},
	}}
	for _, s := range all[:min(len(all), columnsShown)] {
		row := []report.Cell{{Text: printable.Text(columnName(s.Column))}}
		for _, v := range []float64{s.Least, s.Mean, s.Largest} {
			text := ""
			if !math.IsNaN(v) {
				text = fmt.Sprintf("%.4g", v)
			}
			row = append(row, report.Cell{Text: text})
		}
		missing := ""
		if s.Missing > 0 {
			missing = fmt.Sprint(s.Missing)
		}
		t.Rows = append(t.Rows, append(row, report.Cell{Text: missing}, report.Cell{Text: frequent(s)}))
	}
	for j := len(t.Columns) - 1; j > 0; j-- {
		if !slices.ContainsFunc(t.Rows, func(row []report.Cell) bool { return row[j].Text != "" }) {
			t.Columns = slices.Delete(t.Columns, j, j+1)
			for i := range t.Rows {
				t.Rows[i] = slices.Delete(t.Rows[i], j, j+1)
			}
		}
	}
	if more := len(all) - columnsShown; more > 0 {
		t.Note = fmt.Sprintf("%d more columns are not shown; --json has all.", more)
	}
	return t
}

// frequent names the most frequent categories, or says that a number is constant.
func frequent(s data.Summary) string {
	if s.Counts == nil {
		if s.Least == s.Largest {
			return "constant"
		}
		return ""
	}
	order := make([]int, len(s.Counts))
	for j := range order {
		order[j] = j
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(s.Counts[b], s.Counts[a]) })
	var words []string
	const most = 4
	for _, j := range order[:min(len(order), most)] {
		words = append(words, fmt.Sprintf("%s %d", cmp.Or(printable.Text(s.Column.Categories[j]), "missing"), s.Counts[j]))
	}
	if more := len(order) - most; more > 0 {
		words = append(words, fmt.Sprintf("%d more", more))
	}
	return strings.Join(words, ", ")
}
