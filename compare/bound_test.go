package compare

import (
	"io"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"gonum.org/v1/gonum/floats"

	"steepest/objective"
	"steepest/report"
	"steepest/theory"
	"steepest/train"
)

// TestBoundsOfADivergence: bounds are not compared with the mean of runs that diverged.
func TestBoundsOfADivergence(t *testing.T) {
	r := bounded(t, 2, "sgd:lr=1e12")
	for _, c := range r.claims()[0].List {
		if c.Ratio != "—" {
			t.Errorf("%+v", c)
		}
	}
	if err := report.HTML(io.Discard, r.Page("bounds", nil)); err != nil {
		t.Error(err)
	}
}

// TestMean compares the interval with the table of Student's t: 4.303 for three seeds, at 95 %.
func TestMean(t *testing.T) {
	inf := math.Inf(1)
	for _, test := range []struct {
		name   string
		losses [][]float64
		want   report.Band
	}{
		{"three seeds", [][]float64{{3, 1}, {3, 2}, {3, 6}}, report.Band{
			Mid: []float64{2, 2}, Low: []float64{2, 2 - 4.302653*math.Sqrt(7./3)}, High: []float64{2, 2 + 4.302653*math.Sqrt(7./3)},
		}},
		{"one seed", [][]float64{{3, 2}}, report.Band{Mid: []float64{2, 1}}},
		{"a run that diverged", [][]float64{{3, 2}, {3}},
			report.Band{Mid: []float64{2, inf}, Low: []float64{2, math.NaN()}, High: []float64{2, math.NaN()}}},
	} {
		r := drawn(&train.Optimum{F: 1}, test.losses...)
		got := r.Entries[0].Mean()
		if diff := cmp.Diff(test.want, got, cmpopts.EquateApprox(1e-6, 0), cmpopts.EquateNaNs()); diff != "" {
			t.Errorf("%s (−want +got):\n%s", test.name, diff)
		}
	}
}

// TestContradictedBound: a bound below the band of the mean, although all hypotheses hold, is reported as an error.
func TestContradictedBound(t *testing.T) {
	r := bounded(t, 3, "sgd:lr=0.05")
	e := &r.Entries[0]
	mean := e.Mean()
	held := slices.IndexFunc(e.Bounds, func(b Bound) bool { return b.Verdict() == theory.Held && finite(b.End()) })
	if held < 0 {
		t.Fatal("no bound holds")
	}
	b := &e.Bounds[held]
	told := func() bool {
		return slices.ContainsFunc(e.claim(b, mean, r.Optimum.F).Checks, func(c report.Check) bool { return c.Verdict == report.Broken })
	}
	if b.Contradicted(mean, r.Optimum.F) || told() {
		t.Errorf("%s at %v, over %v: contradicted", b.Name, b.End(), mean.Low)
	}
	b.Values[len(b.Values)-1] = mean.Low[len(mean.Low)-1] - 1e-3
	if !b.Contradicted(mean, r.Optimum.F) || !told() {
		t.Errorf("%s at %v, below %v: not contradicted", b.Name, b.End(), mean.Low)
	}
}

// TestStanding: for a bound below a mean, Standing says how far. One run has no band.
func TestStanding(t *testing.T) {
	band := report.Band{Mid: []float64{4, 1}, Low: []float64{3, 0.5}, High: []float64{5, 1.5}}
	one := report.Band{Mid: []float64{4, 1}}
	for _, test := range []struct {
		end  float64
		mean report.Band
		want Standing
	}{
		{2, band, Above}, {1, band, Above}, {math.NaN(), band, Above}, {1 - 1e-12, band, BelowByRounding}, {0.9, band, WithinBand}, {0.5, band, WithinBand},
		{0.4, band, BelowBand}, {2, one, Above}, {1 - 1e-12, one, BelowByRounding}, {0.9, one, Untested}, {0, one, Untested},
	} {
		b := Bound{Values: []float64{4, test.end}}
		if got := b.Standing(test.mean, 1); got != test.want {
			t.Errorf("%v beside %v: %v, want %v", test.end, test.mean, got, test.want)
		}
		c := (&Entry{}).claim(&b, test.mean, 1)
		if told := c.Standing != "" || c.Verdict() == report.Broken; told != (test.want != Above) {
			t.Errorf("%v beside %v: %q, %v", test.end, test.mean, c.Standing, c.Verdict())
		}
	}
}

// bounded is a race on logistic regression that asks for bounds.
func bounded(t testing.TB, seeds int, specs ...string) *Result {
	t.Helper()
	p, best, _ := solved(t)
	return race(t, Race{
		Problem: p, Optimum: best, Entrants: entrants(t, specs...), Seeds: seeds, Seed: 3, Bounds: true,
		Settings: train.Settings{Batch: 10, Epochs: 20},
	})
}

// TestBoundsHold: no mean lies above a bound whose hypotheses hold by more than its interval, at any point.
func TestBoundsHold(t *testing.T) {
	r := bounded(t, 20, "sgd:lr=theory(noise-constant),name=constant", "sgd:lr=theory(noise-switch),name=switch",
		"sgd:lr=theory,name=averaged", "sgd:lr=0.1,average=uniform,name=uniform", "gd:lr=theory(gd-convex)", "lsvrg:batch=1",
		"schedule-free-sgd:lr=0.1", "dog:batch=full,average=uniform", "normalized:lr=theory", "sign:lr=theory(normalized-errors)",
		"steepest:norm=lp(3),lr=0.01,batch=full")
	for i := range r.Entries {
		e := &r.Entries[i]
		mean, _ := e.Measured()
		held := 0
		for _, b := range e.Bounds {
			if b.Verdict() != theory.Held {
				continue
			}
			held++
			if (e.Method.Name == "schedule-free-sgd" || e.Method.Name == "dog") && !finite(b.End()) { // their bound needs the gradient of one more step
				t.Errorf("%s ends at %v", b.Name, b.End())
			}
			for k, v := range b.Values {
				if mean.Low[k] > v*(1+1e-9) {
					t.Errorf("%s: mean %g … %g above %s, %g, at point %d", e.Name, mean.Low[k], mean.High[k], b.Name, v, k)
				}
			}
		}
		if held == 0 {
			t.Errorf("%s: no bound holds", e.Name)
		}
	}
}

// TestBoundsAreDrawn: the first bound is the printed bound of the theorem that set the step size, or else of the first theorem that
// holds. The second is the bound that is least at the end.
func TestBoundsAreDrawn(t *testing.T) {
	r := bounded(t, 3, "sgd:lr=theory(noise-constant),name=advised", "sgd:lr=0.01,name=given", "adam:lr=0.1")
	for i, want := range []struct{ printed string }{{"noise-constant"}, {"pl-constant"}} {
		e := &r.Entries[i]
		if !e.Bounds[0].Drawn || e.Bounds[0].Name != want.printed || !e.Bounds[1].Drawn || e.Bounds[1].Form != theory.Sharper {
			t.Errorf("%s: %s and %s come first, want %s and a sharper one", e.Name, e.Bounds[0].Name, e.Bounds[1].Name, want.printed)
		}
		for _, b := range e.Bounds[2:] {
			if b.Drawn || b.Verdict() == theory.Held && b.End() < e.Bounds[1].End() {
				t.Errorf("%s: %s, drawn %v, %g at the end, below %g", e.Name, b.Name, b.Drawn, b.End(), e.Bounds[1].End())
			}
		}
	}
	_, _, facts := solved(t)
	for _, e := range r.Entries {
		end := e.Runs[0].Last().Step
		for _, b := range e.Bounds {
			want := b.At(end)
			if b.Of == theory.SquaredDistance {
				want *= facts.L / 2
			}
			if b.Of == theory.SquaredGradient || finite(want) && math.Abs(b.End()-want) > 1e-9*want {
				t.Errorf("%s: %s is on %v, %g at the end, want %g on f − f*", e.Name, b.Name, b.Of, b.End(), want)
			}
		}
	}
	if n := len(r.Entries[2].Bounds); n != 0 {
		t.Errorf("%d bounds on Adam", n)
	}
	plot := r.Plot()
	var names []string
	for _, c := range plot.Curves {
		names = append(names, c.Name)
		if b, ok := c.Y["mean"]; !ok || len(b.Mid) != len(c.X["steps"]) || c.Of != "" && len(c.Y) > 1 ||
			c.Dashed != strings.HasSuffix(c.Name, "-constant") {
			t.Errorf("%s: %v", c.Name, c.Y)
		}
	}
	want := []string{"advised", "advised ≤ noise-constant", "advised ≤ " + r.Entries[0].Bounds[1].Name,
		"given", "given ≤ pl-constant", "given ≤ " + r.Entries[1].Bounds[1].Name, "adam lr=0.1"}
	if !slices.Equal(names, want) || plot.Y[0].Key != "mean" {
		t.Errorf("curves %q, want %q", names, want)
	}
	if err := report.HTML(io.Discard, r.Page("bounds", nil)); err != nil {
		t.Error(err)
	}
}

// TestGradientBounds: bounds on the gradient are drawn over the average of its norms, on an axis that comes first if no other bound is drawn.
func TestGradientBounds(t *testing.T) {
	keys := func(r *Result) (keys []string) {
		for _, a := range r.Plot().Y {
			keys = append(keys, a.Key)
		}
		return keys[:2]
	}
	both := bounded(t, 2, "normalized:lr=0.02,batch=full", "sgd:lr=0.05")
	if got := keys(both); !slices.Equal(got, []string{"mean", "gradient"}) {
		t.Errorf("axes %v", got)
	}
	r := bounded(t, 2, "normalized:lr=0.02,batch=full")
	if got := keys(r); !slices.Equal(got, []string{"gradient", "mean"}) {
		t.Errorf("axes %v", got)
	}
	x, g := make([]float64, objective.Dim(r.Problem)), make([]float64, objective.Dim(r.Problem))
	averages, sum := map[int]float64{}, 0.0
	for k := range r.Entries[0].Runs[0].Last().Step {
		r.Problem.Grad(g, x, nil)
		length := floats.Norm(g, 2)
		sum += length
		averages[k+1] = sum / float64(k+1)
		floats.AddScaled(x, -0.02/length, g)
	}
	mean, bound := r.Plot().Curves[0].Y["gradient"].Mid, r.Plot().Curves[1]
	if bound.Name != "normalized lr=0.02,batch=full ≤ normalized" || len(bound.Y) != 1 {
		t.Errorf("curve %s over %v", bound.Name, bound.Y)
	}
	for i, k := range r.Entries[0].Steps() {
		if k > 0 && (math.Abs(mean[i]/averages[k]-1) > 1e-9 || !(bound.Y["gradient"].Mid[i] >= mean[i])) {
			t.Errorf("after %d steps the mean is %v, want %v; the bound is %v", k, mean[i], averages[k], bound.Y["gradient"].Mid[i])
		}
	}
	if note := r.claims()[0].Note; !strings.HasPrefix(note, "mean of the average ‖∇f‖* at the end: ") {
		t.Errorf("note %q", note)
	}
	if err := report.HTML(io.Discard, r.Page("bounds", nil)); err != nil {
		t.Error(err)
	}
}

// endless is a linear model whose gradients over all terms are too expensive to measure.
type endless struct{ *objective.Linear[float64] }

func (endless) FLOPs(int) float64 { return 1e18 }

// TestUnmeasuredGradients: without measured gradients there is no bound, and the page says why.
func TestUnmeasuredGradients(t *testing.T) {
	p, best, _ := solved(t)
	r := race(t, Race{
		Problem: endless{p}, Optimum: best, Entrants: entrants(t, "sign:lr=0.01"), Seeds: 1, Bounds: true, Settings: train.Settings{Batch: 10, Epochs: 1},
	})
	if c := r.claims()[0]; r.Entries[0].Bounds != nil || !strings.Contains(c.Note, "would take too long to measure") {
		t.Errorf("%+v", c)
	}
}

// TestDraw chooses among made-up bounds.
func TestDraw(t *testing.T) {
	bound := func(form theory.Form, verdict theory.Verdict, end float64) Bound {
		b := theory.Bound{Hypotheses: []theory.Hypothesis{{Verdict: verdict}}}
		b.Form = form
		return Bound{Bound: b, Values: []float64{end}}
	}
	const printed, sharper, held, unknown, broken = theory.Printed, theory.Sharper, theory.Held, theory.Unknown, theory.Broken
	for _, test := range []struct {
		name   string
		bounds []Bound
		want   []int
	}{
		{"the first and the least", []Bound{bound(printed, held, 5), bound(sharper, held, 4), bound(printed, held, 3)}, []int{0, 2}},
		{"none below", []Bound{bound(printed, held, 5), bound(sharper, held, 6)}, []int{0}},
		{"none printed", []Bound{bound(sharper, held, 6), bound(sharper, held, 5)}, []int{1}},
		{"what holds first", []Bound{bound(printed, unknown, 2), bound(printed, held, 5), bound(sharper, held, 4)}, []int{1, 2}},
		{"nothing holds", []Bound{bound(printed, unknown, 5), bound(sharper, unknown, 4), bound(sharper, broken, 3)}, []int{0, 1}},
		{"nothing at the end", []Bound{bound(printed, held, math.NaN()), bound(sharper, held, math.Inf(1))}, nil},
	} {
		new(Entry).draw(test.bounds)
		var got []int
		for i, b := range test.bounds {
			if b.Drawn {
				got = append(got, i)
			}
		}
		if !slices.Equal(got, test.want) {
			t.Errorf("%s: drawn %v, want %v", test.name, got, test.want)
		}
	}
}

// TestBrokenBounds: broken bounds are listed on the page with the broken hypotheses, but not drawn.
func TestBrokenBounds(t *testing.T) {
	r := bounded(t, 2, "sgd:lr=1,name=long")
	e := &r.Entries[0]
	claims := r.claims()[0]
	broken := 0
	for i, b := range e.Bounds {
		if b.Verdict() != theory.Broken {
			continue
		}
		broken++
		claim := claims.List[i]
		said := slices.ContainsFunc(claim.Checks, func(c report.Check) bool {
			return c.Verdict == report.Broken && strings.Contains(c.Text, "1, and the limit is 0.")
		})
		if b.Drawn || claim.Curve != "" || claim.Why != "a hypothesis is broken" || claim.Value != "—" || !said {
			t.Errorf("%s: %+v", b.Name, claim)
		}
	}
	if broken == 0 {
		t.Error("no hypothesis is broken by a step size of 1")
	}
	// A penalty that is not smooth breaks a hypothesis of every bound.
	p := logistic(t)
	x, y := p.Data()
	lasso, err := objective.Logistic(x, y, objective.L1(1e-3), objective.L2(1e-2))
	if err != nil {
		t.Fatal(err)
	}
	r = race(t, Race{
		Problem: lasso, Optimum: &train.Optimum{X: make([]float64, 10)}, Entrants: entrants(t, "sgd:lr=0.01"), Seeds: 2,
		Settings: train.Settings{Batch: 10, Epochs: 1}, Bounds: true,
	})
	for _, b := range r.Entries[0].Bounds {
		if b.Drawn || b.Verdict() != theory.Broken {
			t.Errorf("%s is %v on a problem that is not smooth", b.Name, b.Verdict())
		}
	}
}

// TestBoundsLeaveTheRaceAlone: asking for bounds does not change the runs, and the trace is that of theory.Watch.
func TestBoundsLeaveTheRaceAlone(t *testing.T) {
	specs := []string{"sgd:lr=0.05", "saga:batch=1"}
	with := bounded(t, 3, specs...)
	without := with.Race
	without.Bounds = false
	plain := race(t, without)
	ignoreTime := cmpopts.IgnoreFields(train.Point{}, "Seconds")
	for i := range plain.Entries {
		if diff := cmp.Diff(plain.Entries[i].Runs, with.Entries[i].Runs, ignoreTime, cmpopts.EquateNaNs()); diff != "" {
			t.Errorf("%s (−without +with bounds):\n%s", plain.Entries[i].Name, diff)
		}
		if plain.Entries[i].Bounds != nil {
			t.Error("bounds that nobody asked for")
		}
	}
	var traces []theory.Trace
	for j := range uint64(3) {
		s := with.Settings
		problem, trace, _ := theory.Watch(with.Problem, s.Batch, 1)
		s.Seed = with.Seed + j
		if _, err := train.Minimize(t.Context(), problem, with.X0, with.Entries[0].Rule, s); err != nil {
			t.Fatal(err)
		}
		traces = append(traces, *trace)
	}
	want := slices.Max(theory.Mean(traces...))
	for _, b := range with.Entries[0].Bounds {
		for _, c := range b.Constants {
			if c.Origin == theory.Measured && c.Value != want {
				t.Errorf("%s: %v, want %v", b.Name, c, want)
			}
		}
	}
}

func TestBoundsNeedTheOptimum(t *testing.T) {
	p := logistic(t)
	_, err := Race{Problem: p, Entrants: entrants(t, "sgd"), Bounds: true}.Run(t.Context())
	if want := "compare: bounds are on f − f* from one start; they need the optimum, and no Start"; err == nil || err.Error() != want {
		t.Errorf("%v, want %s", err, want)
	}
}
