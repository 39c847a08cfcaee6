package report

import (
	"fmt"
	"strings"
)

// Page is a report: plots and tables with the facts that a reader needs to trust them. Races, lectures and live runs all
// produce Pages.
type Page struct {
	Title string
	// Lead is a sentence or two below the title: the answer, before the evidence.
	Lead  string
	Plots []Plot
	// Claims are shown below the plots, in a table for each method.
	Claims []Claims
	// Regions are shown below the plots, as still pictures.
	Regions []Regions
	Tables  []Table
	// Details are plots below the tables.
	Details []Plot
	// Facts are shown as a definition list in order: machine, versions, configuration, seeds.
	Facts []Fact
}

// Fact is one line of a Page's definition list.
type Fact struct{ Name, Value string }

// Axis is a quantity that a Plot can show on its horizontal or vertical axis.
type Axis struct {
	// Key identifies the quantity in Curve.X or Curve.Y.
	Key string `json:"key"`
	// Label is the text for the reader, with the unit: "time, s".
	Label string `json:"label"`
	// Log asks for a logarithmic scale initially.
	Log bool `json:"log"`
}

// Plot is a family of curves over axes that the reader can choose. The first axis of each list is shown first. A method is
// identified by its name: curves with the same name have the same colour in all plots of a page or figure.
type Plot struct {
	Title  string  `json:"title"`
	X      []Axis  `json:"x"`
	Y      []Axis  `json:"y"`
	Curves []Curve `json:"curves"`
}

// Curve is one method. For every horizontal quantity it has the same number of positions, which do not decrease. For every
// vertical quantity it has a band over seeds at these positions. A curve without one of a Plot's axes, such as a bound that
// is known only per iteration, is not drawn over that axis.
type Curve struct {
	Name string               `json:"name"`
	X    map[string][]float64 `json:"x"`
	Y    map[string]Band      `json:"y"`
	// Dashed marks a curve that is not a measurement, such as a bound.
	Dashed bool `json:"dashed,omitempty"`
	// Of names an earlier curve that this one is about, such as a bound on it. This curve has the same colour and a thinner line.
	// If its name begins with that of the other curve, the legend shows only the rest.
	Of string `json:"of,omitempty"`
	// Faint marks a curve that is not reliable.
	Faint bool `json:"faint,omitempty"`
}

// label returns the curve's name in a legend, where a curve about another one is listed after it.
func (c *Curve) label() string { return strings.TrimPrefix(c.Name, c.Of+" ") }

// Band is a median with the quantiles around it. Low and High are nil if there is one seed. NaN and Inf are gaps, and so are
// values that are not positive on a logarithmic axis.
type Band struct {
	Mid  []float64 `json:"mid"`
	Low  []float64 `json:"low,omitempty"`
	High []float64 `json:"high,omitempty"`
}

// Table is a titled table; the first column names the row.
type Table struct {
	Title string
	// Columns are ordered by importance: a narrow terminal drops the last ones first.
	Columns []Column
	Rows    [][]Cell
	// Note is a sentence below the table, for example about the significance test. It should call Strong entries "marked":
	// they are bold or have a star, depending on the medium.
	Note string
}

// Column is the head of a table column.
type Column struct {
	Name string
	// Help says in a sentence what the column shows.
	Help string
	// Numeric columns are aligned right and sorted by Cell.Sort. Others are sorted by Cell.Text.
	Numeric bool
}

// Cell is a table entry.
type Cell struct {
	Text string
	// Sort orders a numeric column when the reader sorts by it; NaN sorts last.
	Sort float64
	// Strong marks the best entries of a column.
	Strong bool
}

// check panics unless all positions and bands of each curve are equally long.
func (p *Plot) check() {
	for _, c := range p.Curves {
		want := -1
		same := func(what, key string, length int) {
			if want < 0 {
				want = length
			}
			if length != want {
				panic(fmt.Sprintf("report: curve %q: len(%s[%q]) = %d, want %d", c.Name, what, key, length, want))
			}
		}
		for key, x := range c.X {
			same("X", key, len(x))
		}
		for key, y := range c.Y {
			same("Y", key, len(y.Mid))
			if y.Low != nil || y.High != nil {
				same("Low of Y", key, len(y.Low))
				same("High of Y", key, len(y.High))
			}
		}
	}
}

// check panics unless each row has a cell for every column.
func (t *Table) check() {
	for i, row := range t.Rows {
		if len(row) != len(t.Columns) {
			panic(fmt.Sprintf("report: table %q: len(Rows[%d]) = %d, want %d", t.Title, i, len(row), len(t.Columns)))
		}
	}
}
