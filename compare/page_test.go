package compare

import (
	"bytes"
	"io"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"steepest/methods"
	"steepest/objective"
	"steepest/report"
	"steepest/train"
)

// drawn is a race of one method over three seeds, with the losses [seed][point].
func drawn(optimum *train.Optimum, losses ...[]float64) *Result {
	e := Entry{Entrant: Entrant{Name: "a"}, Best: -1}
	for _, of := range losses {
		var run Run
		for k, loss := range of {
			run.Points = append(run.Points, point(k, loss, optimum))
		}
		e.Runs = append(e.Runs, run)
	}
	return &Result{Race: Race{Optimum: optimum, Seeds: len(losses)}, Entries: []Entry{e}}
}

func keys(axes []report.Axis) (keys []string) {
	for _, a := range axes {
		keys = append(keys, a.Key)
	}
	return keys
}

// TestPlotPositions: the positions are those of the points, on every axis.
func TestPlotPositions(t *testing.T) {
	plot := drawn(nil, []float64{3, 2, 1}, []float64{3, 2, 1}).Plot()
	want := map[string][]float64{
		"epochs": {0, 0.2, 0.4}, "steps": {0, 1, 2}, "grads": {0, 20, 40}, "flops": {0, 1000, 2000}, "seconds": {0, 3, 6},
	}
	if diff := cmp.Diff(want, plot.Curves[0].X); diff != "" {
		t.Errorf("(−want +got):\n%s", diff)
	}
	if got := keys(plot.X); !slices.Equal(got, []string{"epochs", "steps", "grads", "flops", "seconds"}) {
		t.Errorf("axes %v", got)
	}
}

// TestPlotOfLosses: without an optimum, the scale of losses is logarithmic if all are positive.
func TestPlotOfLosses(t *testing.T) {
	for _, test := range []struct {
		result *Result
		want   bool
	}{
		{drawn(nil, []float64{3, 0.5}, []float64{3, 1}), true},
		{drawn(nil, []float64{3, 0.5}, []float64{3, -1}), false},
		{drawn(nil, []float64{0}), false},
		{drawn(nil), false},
		{drawn(&train.Optimum{F: 0.1}, []float64{3, 0.5}), false},
	} {
		axes := test.result.Plot().Y
		if loss := axes[len(axes)-1]; loss.Log != test.want {
			t.Errorf("log = %v of the losses of %+v", loss.Log, test.result.Entries[0].Runs)
		}
	}
}

// TestPlotMeasures: a plot has the loss, and with an optimum also the excess and the distance.
func TestPlotMeasures(t *testing.T) {
	for _, test := range []struct {
		optimum *train.Optimum
		want    []string
	}{
		{nil, []string{"loss"}},
		{&train.Optimum{F: 1}, []string{"excess", "loss"}},
		{&train.Optimum{X: []float64{0}, F: 1}, []string{"excess", "distance", "loss"}},
	} {
		plot := drawn(test.optimum, []float64{3, 0.5}).Plot()
		if got := keys(plot.Y); !slices.Equal(got, test.want) || len(plot.Curves[0].Y) != len(test.want) {
			t.Errorf("%+v: measures %v and %d bands, want %v", test.optimum, got, len(plot.Curves[0].Y), test.want)
		}
		if test.optimum != nil { // 0.5 lies below F*, by rounding: the plot shows the size
			if mid := plot.Curves[0].Y["excess"].Mid; !slices.Equal(mid, []float64{2, 0.5}) {
				t.Errorf("excess %v", mid)
			}
		}
	}
}

// TestPlotBands has a band only where the seeds differ.
func TestPlotBands(t *testing.T) {
	inf, nan := math.Inf(1), math.NaN()
	for _, test := range []struct {
		name   string
		losses [][]float64
		want   report.Band
	}{
		{"one seed", [][]float64{{3, 2}}, report.Band{Mid: []float64{3, 2}}},
		{"equal seeds", [][]float64{{3, 2}, {3, 2}, {3, 2}}, report.Band{Mid: []float64{3, 2}}},
		{"three seeds", [][]float64{{3, 2}, {3, 1}, {3, 6}},
			report.Band{Mid: []float64{3, 2}, Low: []float64{3, 1.2}, High: []float64{3, 5.2}}},
		{"not a number", [][]float64{{3, 2}, {3, 1}, {3, nan}},
			report.Band{Mid: []float64{3, 2}, Low: []float64{3, 1.2}, High: []float64{3, inf}}},
		{"a run that diverged", [][]float64{{3, 2, 1}, {3}, {3, 4, 4}},
			report.Band{Mid: []float64{3, 4, 4}, Low: []float64{3, 2.4, 1.6}, High: []float64{3, inf, inf}}},
		{"most runs diverged", [][]float64{{3, 2, 1}, {3}, {3, inf}},
			report.Band{Mid: []float64{3, inf, inf}}},
	} {
		got := drawn(nil, test.losses...).Plot().Curves[0]
		if diff := cmp.Diff(test.want, got.Y["loss"], cmpopts.EquateApprox(1e-12, 0)); diff != "" {
			t.Errorf("%s (−want +got):\n%s", test.name, diff)
		}
		if length := len(test.want.Mid); len(got.X["steps"]) != length || got.X["steps"][length-1] != float64(length-1) {
			t.Errorf("%s: positions %v", test.name, got.X["steps"])
		}
	}
}

// TestPlotPositionsDoNotDecrease lets the slower run end first.
func TestPlotPositionsDoNotDecrease(t *testing.T) {
	r := drawn(nil, []float64{3, 2, 1}, []float64{3, 9})
	r.Entries[0].Runs[1].Points[1].Seconds = 100
	if got := r.Plot().Curves[0].X["seconds"]; !slices.Equal(got, []float64{0, 51.5, 51.5}) {
		t.Errorf("seconds %v", got)
	}
}

// TestPlotsAreDrawn gives curves with gaps to the package that draws them.
func TestPlotsAreDrawn(t *testing.T) {
	r := drawn(&train.Optimum{F: 0.5}, []float64{3, 2, math.NaN()}, []float64{3}, []float64{3, math.Inf(1), 1})
	r.Problem = objective.Booth()
	if err := report.HTML(io.Discard, r.Page("race", nil)); err != nil {
		t.Error(err)
	}
}

// tiny runs a race and sets its times to a millisecond a step.
func tiny(t *testing.T, r Race) *Result {
	t.Helper()
	result := race(t, r)
	for _, e := range result.Entries {
		for _, run := range e.Runs {
			for k := range run.Points {
				run.Points[k].Seconds = float64(run.Points[k].Step) / 1000
			}
		}
	}
	result.Elapsed = 1500 * time.Millisecond
	return result
}

// quadratic runs a race on ½(x² + 10y²) from (1, 1), without noise.
func quadratic(t *testing.T, seeds int, optimum *train.Optimum, specs ...string) *Result {
	t.Helper()
	f := objective.NoisyQuadratic([]float64{1, 10}, []float64{0, 0})
	return tiny(t, Race{Problem: f, Entrants: entrants(t, specs...), X0: f.Start, Seeds: seeds, Optimum: optimum,
		Settings: train.Settings{Batch: 1, Steps: 20}})
}

func TestTableText(t *testing.T) {
	known := &train.Optimum{X: []float64{0, 0}}
	for _, test := range []struct {
		name   string
		result *Result
		want   string
	}{
		// With α = 0.1 the second coordinate is solved at once, and f = ½·0.9^2k: 0.00739 at k = 20, below 0.055 at k = 11.
		{"three methods", quadratic(t, 3, known, "sgd:lr=0.1", "gd:lr=0.01", "gd:lr=9,name=far"), `
Results
method        f − f*        p  gradients  seconds  10–90 %            batch  settings
─────────────────────────────────────────────────────────────────────────────────────
sgd lr=0.1*  0.00739*    best         11    0.011  0.00739 … 0.00739      1  lr=0.1
gd lr=0.01     0.408  <0.0001          —        —  0.408 … 0.408       full  lr=0.01
far         diverged        —          —        —  — … —               full  lr=9
Target: f − f* ≤ 0.055, to which gradients and seconds count; — not reached by most runs. p: paired
t-test over 3 seeds against the best method, Holm's correction; — nothing to test. The best and
those that no test tells from it have a star, or are bold.
`},
		{"one seed, no optimum", quadratic(t, 1, nil, "sgd:lr=0.1", "gd:lr=0.01"), `
Results
method            f     p  gradients  seconds  10–90 %            batch  settings
─────────────────────────────────────────────────────────────────────────────────
sgd lr=0.1* 0.00739* best          —        —  0.00739 … 0.00739      1  lr=0.1
gd lr=0.01    0.408     —          —        —  0.408 … 0.408       full  lr=0.01
One seed leaves nothing to test: p needs two.
`},
		{"nobody arrives", quadratic(t, 2, known, "gd:lr=9"), `
Results
method     f − f*  p  gradients  seconds  10–90 %  batch  settings
──────────────────────────────────────────────────────────────────
gd lr=9  diverged  —          —        —  — … —     full  lr=9
Target: f − f* ≤ 0.055, to which gradients and seconds count; — not reached by most runs. p: paired
t-test over 2 seeds against the best method, Holm's correction; — nothing to test. The best and
those that no test tells from it have a star, or are bold.
`},
	} {
		table := test.result.Table()
		checkText(t, test.name, &table, test.want)
	}
}

func checkText(t *testing.T, name string, table *report.Table, want string) {
	t.Helper()
	var text bytes.Buffer
	if err := report.Text(&text, table, 0, false); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(strings.TrimPrefix(want, "\n"), text.String()); diff != "" {
		t.Errorf("%s (−want +got):\n%s", name, diff)
	}
}

// TestTableMarks: all entries without a significant difference from the best are bold, and cells are sorted by their numbers.
func TestTableMarks(t *testing.T) {
	r := finished(&train.Optimum{}, []float64{1, 2, 3}, []float64{1.2, 2.3, 3.1}, []float64{7, 14, 22})
	r.Problem = objective.Booth()
	for i, row := range r.Table().Rows {
		if tied := i < 2; row[0].Strong != tied || row[1].Strong != tied {
			t.Errorf("%s is strong: %v, want %v", row[0].Text, row[0].Strong, tied)
		}
		if s := r.Summaries()[i]; row[1].Sort != s.Final.Mid || row[2].Sort != s.P {
			t.Errorf("%s sorts by %v and %v, want %v and %v", row[0].Text, row[1].Sort, row[2].Sort, s.Final.Mid, s.P)
		}
	}
}

// TestPage has the facts of the caller before those of the race, and a table of what tuning found.
func TestPage(t *testing.T) {
	f := objective.NoisyQuadratic([]float64{1, 10}, []float64{0, 0})
	r := tiny(t, Race{Problem: f, Entrants: entrants(t, "gd", "sgd:lr=0.1"), X0: f.Start, Seeds: 2, Seed: 5, Trials: 8,
		Settings: train.Settings{Batch: 1, Epochs: 20, Steps: 40, Runtime: time.Hour, Average: train.Average{Form: train.UniformAverage}}})
	page := r.Page("Two methods", []report.Fact{{Name: "Data", Value: "none"}})
	want := []report.Fact{{Name: "Data", Value: "none"},
		{Name: "Budget", Value: "20 epochs or 40 iterations or 1h0m0s a run"}, {Name: "Sampling", Value: "with-replacement"},
		{Name: "Seeds", Value: "5 … 6"}, {Name: "Race", Value: "1.5 s in all, tuning included, several runs at a time"},
		{Name: "Average", Value: "uniform"}}
	if diff := cmp.Diff(want, page.Facts); diff != "" {
		t.Errorf("facts (−want +got):\n%s", diff)
	}
	const lead = "2 methods, the same start, the same batches, 20 epochs or 40 iterations or 1h0m0s each; " +
		"median and 10–90 % band over 2 seeds. "
	if page.Title != "Two methods" || !strings.HasPrefix(page.Lead, lead) || len(page.Plots) != 1 || len(page.Tables) != 2 {
		t.Errorf("%q, %q, %d plots, %d tables", page.Title, page.Lead, len(page.Plots), len(page.Tables))
	}
	if page = quadratic(t, 1, nil, "gd:lr=0.1").Page("One", nil); len(page.Tables) != 1 ||
		page.Lead != "1 method, the same start, the same batches, 20 iterations each; one run of each." {
		t.Errorf("%q, %d tables", page.Lead, len(page.Tables))
	}
}

// TestVerdict compares final losses over three seeds.
func TestVerdict(t *testing.T) {
	inf := math.Inf(1)
	low, near, high := []float64{1, 2, 3}, []float64{1.2, 2.1, 2.7}, []float64{2, 4.1, 6}
	for _, test := range []struct {
		finals [][]float64
		want   string
	}{
		{[][]float64{low}, ""},
		{[][]float64{low, high}, " a ends lowest, significantly below all others."},
		{[][]float64{high, low}, " b ends lowest, significantly below all others."},
		{[][]float64{low, near}, " a ends lowest, but no difference is significant."},
		{[][]float64{low, near, high}, " a ends lowest; b is not significantly worse."},
		{[][]float64{low, near, near, near, high}, " a ends lowest; b, c and d are not significantly worse."},
		{[][]float64{low, near, near, near, near, high}, " a ends lowest; 4 others are not significantly worse."},
		{[][]float64{low, {inf, inf, inf}}, " a ends lowest; the others diverged."},
		{[][]float64{low, high, {inf, inf, inf}}, " a ends lowest, significantly below all others."},
		{[][]float64{{inf, inf, inf}, {inf, inf, inf}}, ""},
	} {
		r := &Result{Race: Race{Seeds: 3}}
		for i, finals := range test.finals {
			e := Entry{Entrant: Entrant{Name: string(rune('a' + i))}, Best: -1}
			for _, f := range finals {
				e.Runs = append(e.Runs, Run{Points: []train.Point{point(0, f, nil)}, Diverged: math.IsInf(f, 1)})
			}
			r.Entries = append(r.Entries, e)
		}
		if got := r.verdict(); got != test.want {
			t.Errorf("finals %v: %q, want %q", test.finals, got, test.want)
		}
	}
}

func TestTuningTable(t *testing.T) {
	r := &Result{Race: Race{Trials: 3, Seeds: 1}, Entries: []Entry{
		{Entrant: Entrant{Name: "a"}, Best: 1, Space: []methods.Axis{{Options: []string{"lr"}, Low: 0.1, High: 10}}, Trials: []Trial{
			{Options: map[string]string{"lr": "9"}, Loss: math.Inf(1)},
			{Options: map[string]string{"lr": "0.11"}, Loss: 0.25, Edge: true},
			{Options: map[string]string{"lr": "1"}, Loss: math.Inf(1)}}},
		{Entrant: Entrant{Name: "given"}, Best: -1},
		{Entrant: Entrant{Name: "b", Given: map[string]string{"beta": "1"}}, Best: 0, Space: []methods.Axis{
			{Options: []string{"lr"}, Low: 1, High: 2}, {Options: []string{"mu", "gamma"}, Low: 3, High: 4}}, Trials: []Trial{
			{Options: map[string]string{"lr": "1.5", "mu": "3.5", "gamma": "3.5"}, Loss: 2}, {Loss: 3}, {Loss: 4}}},
	}}
	table := r.tuningTable()
	checkText(t, "tuning", &table, `
Tuning
method  searched                            chosen                   loss  diverged
───────────────────────────────────────────────────────────────────────────────────
a       lr in [0.1, 10]                     lr=0.11 *                0.25         2
b       lr in [1, 2], mu = gamma in [3, 4]  gamma=3.5 lr=1.5 mu=3.5     2         0
Every method is tuned in 3 trials of the whole budget, placed by a scrambled Halton sequence, on
batches of their own. An asterisk marks a choice at the end of its range.
`)
}

func TestBudget(t *testing.T) {
	for want, s := range map[string]train.Settings{
		"10 epochs": {}, "0.5 epochs": {Epochs: 0.5}, "7 iterations": {Steps: 7}, "1m0s": {Runtime: time.Minute},
	} {
		if got := (&Result{Race: Race{Settings: s}}).budget(); got != want {
			t.Errorf("%+v: %s, want %s", s, got, want)
		}
	}
}
