package report_test

import (
	"os"

	"steepest/report"
)

func ExampleText() {
	report.Text(os.Stdout, &report.Table{
		Title:   "f(x) − f* after 100 iterations",
		Columns: []report.Column{{Name: "method"}, {Name: "median", Numeric: true}, {Name: "rank", Numeric: true}},
		Rows: [][]report.Cell{
			{{Text: "SGD"}, {Text: "8.1e-02"}, {Text: "2.0"}},
			{{Text: "SVRG"}, {Text: "3.0e-09", Strong: true}, {Text: "1.0", Strong: true}},
		},
		Note: "Marked: best over 10 seeds.",
	}, 80, false)
	// Output:
	// f(x) − f* after 100 iterations
	// method   median  rank
	// ─────────────────────
	// SGD     8.1e-02   2.0
	// SVRG    3.0e-09*  1.0*
	// Marked: best over 10 seeds.
}
