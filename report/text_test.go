package report_test

import (
	"math"
	"strings"
	"testing"

	"steepest/report"
)

var table = report.Table{
	Title: "After 100 iterations",
	Columns: []report.Column{{Name: "method"}, {Name: "x̄ gap", Numeric: true}, {Name: "time, s", Numeric: true},
		{Name: "status"}},
	Rows: [][]report.Cell{
		{{Text: "SGD"}, {Text: "0.0125", Sort: 0.0125}, {Text: "1.5", Sort: 1.5, Strong: true}, {Text: "converged"}},
		{{Text: "Polyak–Ruppert"}, {Text: "3e-05", Sort: 3e-5, Strong: true}, {Text: "—", Sort: math.NaN()}, {Text: "budget", Strong: true}},
	},
	Note: "Marked: not worse than the best one over 10 seeds.",
}

func TestText(t *testing.T) {
	for name, c := range map[string]struct {
		width int
		color bool
		want  string
	}{
		"plain": {0, false, `
After 100 iterations
method           x̄ gap  time, s  status
──────────────────────────────────────────
SGD             0.0125      1.5* converged
Polyak–Ruppert   3e-05*       —  budget*
Marked: not worse than the best one over 10 seeds.
`},
		"color": {100, true, `
[1mAfter 100 iterations[0m
method           x̄ gap  time, s  status
──────────────────────────────────────────
SGD             0.0125      [1m1.5[0m  converged
Polyak–Ruppert   [1m3e-05[0m        —  [1mbudget[0m
Marked: not worse than the best one over 10 seeds.
`},
		"narrow": {32, false, `
After 100 iterations
method           x̄ gap  time, s
───────────────────────────────
SGD             0.0125      1.5*
Polyak–Ruppert   3e-05*       —
Marked: not worse than the best
one over 10 seeds.
Not shown in 32 columns: status.
`},
		"hardly": {5, false, `
After 100 iterations
method
──────────────
SGD
Polyak–Ruppert
Marked:
not
worse
than
the
best
one
over
10
seeds.
Not
shown
in 5
columns:
x̄
gap,
time,
s,
status.
`},
	} {
		t.Run(name, func(t *testing.T) {
			var b strings.Builder
			if err := report.Text(&b, &table, c.width, c.color); err != nil {
				t.Fatal(err)
			}
			want := strings.NewReplacer("[1m", "\x1b[1m", "[0m", "\x1b[0m").Replace(c.want[1:])
			if b.String() != want {
				t.Errorf("got\n%s\nwant\n%s", b.String(), want)
			}
		})
	}
}

func TestTextHasNoControls(t *testing.T) {
	var b strings.Builder
	evil := "\x1b]0;title\a\nx"
	err := report.Text(&b, &report.Table{Title: evil, Note: evil, Columns: []report.Column{{Name: evil}},
		Rows: [][]report.Cell{{{Text: evil}}}}, 80, false)
	if err != nil {
		t.Fatal(err)
	}
	if strings.ContainsAny(b.String(), "\x1b\a") || strings.Count(b.String(), "\n") != 5 {
		t.Errorf("controls in %q", b.String())
	}
}
