package compare

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"slices"
	"testing"

	"gonum.org/v1/gonum/floats"
	"pgregory.net/rapid"

	"steepest/train"
)

// golden holds what testdata/golden.py computes with NumPy, SciPy and statsmodels.
type golden struct {
	Quantiles []struct{ Values, Spread []float64 }
	Races     []struct {
		Excesses            [][]float64 // [entry][seed], the best entry first
		Raw, Holm, LossHolm []float64   // of the entries after the best
	}
	Targets []struct {
		Losses    []float64
		Target, P float64
	}
}

func readGolden(t *testing.T) (g golden) {
	t.Helper()
	text, err := os.ReadFile("testdata/golden.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &g); err != nil {
		t.Fatal(err)
	}
	if len(g.Quantiles) == 0 || len(g.Races) == 0 || len(g.Targets) == 0 {
		t.Fatal("testdata/golden.json is empty")
	}
	return g
}

func close(a, b float64) bool { return math.Abs(a-b) <= 1e-9*max(math.Abs(a), math.Abs(b)) }

func TestSpreadAgreesWithNumPy(t *testing.T) {
	for _, q := range readGolden(t).Quantiles {
		s := spread(q.Values)
		if !close(s.Low, q.Spread[0]) || !close(s.Mid, q.Spread[1]) || !close(s.High, q.Spread[2]) {
			t.Errorf("%v: %v, want %v", q.Values, s, q.Spread)
		}
	}
}

func TestSpread(t *testing.T) {
	inf := math.Inf(1)
	for _, test := range []struct {
		values []float64
		want   Spread
	}{
		{[]float64{7}, Spread{7, 7, 7}},
		{[]float64{4, 2}, Spread{2.2, 3, 3.8}},
		{[]float64{3, 1, 2}, Spread{1.2, 2, 2.8}},
		{[]float64{5, 1, 4, 2, 3}, Spread{1.4, 3, 4.6}},
		{[]float64{5, inf, 4, 2, 3}, Spread{2.4, 4, inf}},
		{[]float64{inf, inf, 4, 2, 3}, Spread{2.4, 4, inf}},
		{[]float64{inf, inf, 4, 2, inf}, Spread{2.8, inf, inf}},
		{[]float64{1, inf}, Spread{inf, inf, inf}},
		{[]float64{inf, inf}, Spread{inf, inf, inf}},
		{[]float64{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, inf}, Spread{1, 5, 9}},
	} {
		before := slices.Clone(test.values)
		got := spread(test.values)
		for i, pair := range [][2]float64{{got.Low, test.want.Low}, {got.Mid, test.want.Mid}, {got.High, test.want.High}} {
			if pair[0] != pair[1] && !close(pair[0], pair[1]) {
				t.Errorf("%v: %v, want %v (place %d)", test.values, got, test.want, i)
			}
		}
		if !slices.Equal(before, test.values) {
			t.Errorf("spread changed %v to %v", before, test.values)
		}
	}
}

// TestSpreadIsSymmetric negates the values.
func TestSpreadIsSymmetric(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		values := rapid.SliceOfN(rapid.Float64Range(-1, 1), 1, 20).Draw(t, "values")
		a := spread(values)
		for i := range values {
			values[i] = -values[i]
		}
		b := spread(values)
		if math.Abs(a.Low+b.High) > 1e-13 || math.Abs(a.Mid+b.Mid) > 1e-13 || math.Abs(a.High+b.Low) > 1e-13 {
			t.Fatalf("%v turned around is %v", a, b)
		}
	})
}

// finished returns a race whose entries a, b, … ended at the losses [entry][seed]. All runs start at loss 10.
func finished(optimum *train.Optimum, losses ...[]float64) *Result {
	r := &Result{Race: Race{Optimum: optimum, Seeds: len(losses[0])}}
	for i, ends := range losses {
		e := Entry{Entrant: Entrant{Name: string(rune('a' + i))}, Best: -1}
		for seed, loss := range ends {
			points := []train.Point{point(0, 10, optimum), point(1, loss, optimum)}
			e.Runs = append(e.Runs, Run{Seed: uint64(seed), Points: points, Diverged: math.IsInf(loss, 1)})
		}
		r.Entries = append(r.Entries, e)
	}
	return r
}

// point returns what a run measures at a step: 20 gradients and 3 s each, 100 gradients an epoch.
func point(step int, loss float64, optimum *train.Optimum) train.Point {
	p := train.Point{Step: step, Grads: 20 * step, Epochs: float64(step) / 5, FLOPs: float64(1000 * step),
		Seconds: float64(3 * step), Loss: loss, Excess: math.NaN(), Distance: math.NaN()}
	if optimum != nil {
		p.Excess = loss - optimum.F
	}
	return p
}

// TestSignificanceAgreesWithReferences compares p-values of single tests with SciPy's, and corrected ones with those of
// statsmodels: on logarithms of excesses, on logarithms of positive losses, and on losses that are not positive.
func TestSignificanceAgreesWithReferences(t *testing.T) {
	for _, race := range readGolden(t).Races {
		for i, excesses := range race.Excesses[1:] {
			r := finished(&train.Optimum{}, race.Excesses[0], excesses)
			if p := r.Summaries()[1].P; !close(p, race.Raw[i]) {
				t.Errorf("entry %d of %d: p = %v, SciPy %v", i+1, len(race.Excesses), p, race.Raw[i])
			}
		}
		checkP(t, finished(&train.Optimum{}, race.Excesses...), race.Holm)
		checkP(t, finished(nil, race.Excesses...), race.Holm)
		for _, e := range race.Excesses {
			floats.AddConst(-1, e)
		}
		checkP(t, finished(nil, race.Excesses...), race.LossHolm)
	}
}

func checkP(t *testing.T, r *Result, want []float64) {
	t.Helper()
	rows := r.Summaries()
	if rows[0].P != 1 || rows[0].Entry != &r.Entries[0] {
		t.Errorf("the best entry is %s with p = %v", rows[0].Name, rows[0].P)
	}
	for i, row := range rows[1:] {
		if !close(row.P, want[i]) {
			t.Errorf("entry %d of %d: p = %v, statsmodels %v", i+1, len(rows), row.P, want[i])
		}
	}
}

// TestTargetAgreesWithSciPy compares p-values of means below a target; only losses have them.
func TestTargetAgreesWithSciPy(t *testing.T) {
	for _, golden := range readGolden(t).Targets {
		r := finished(nil, golden.Losses)
		r.Target = golden.Target
		if p := r.Summaries()[0].PTarget; !close(p, golden.P) {
			t.Errorf("%v below %v: p = %v, SciPy %v", golden.Losses, golden.Target, p, golden.P)
		}
	}
	nan, inf := math.NaN(), math.Inf(1)
	for _, test := range []struct {
		losses []float64
		want   float64
	}{{[]float64{1}, nan}, {[]float64{1, 1}, 0}, {[]float64{2, 2}, 1}, {[]float64{3, 3}, 1}, {[]float64{1, inf}, nan}} {
		if p := belowP(test.losses, 2); p != test.want && !(math.IsNaN(p) && math.IsNaN(test.want)) {
			t.Errorf("%v below 2: p = %v, want %v", test.losses, p, test.want)
		}
	}
	known := finished(&train.Optimum{}, []float64{1, 2})
	known.Target = 3
	if p := known.Summaries()[0].PTarget; !math.IsNaN(p) {
		t.Errorf("p = %v against a target on the way", p)
	}
}

// TestPairedPOfPlainCases: p-values if there is no spread to divide by, and one computed by hand.
func TestPairedPOfPlainCases(t *testing.T) {
	inf, nan := math.Inf(1), math.NaN()
	for _, test := range []struct {
		differences []float64
		want        float64
	}{
		{[]float64{3}, nan},
		{[]float64{0, 0, 0}, 1},
		{[]float64{2, 2, 2}, 0},
		{[]float64{1, -1}, 1},
		{[]float64{1, inf}, nan},
		{[]float64{1, nan}, nan},
		{[]float64{inf, -inf}, nan},
		// t = mean/(s/√2) = 2/(√2/√2) = 2 with one degree of freedom: p = 1 − (2/π)·atan 2.
		{[]float64{1, 3}, 1 - 2/math.Pi*math.Atan(2)},
		{[]float64{-1, -3}, 1 - 2/math.Pi*math.Atan(2)},
	} {
		if p := pairedP(test.differences); !close(p, test.want) && !(math.IsNaN(p) && math.IsNaN(test.want)) {
			t.Errorf("%v: p = %v, want %v", test.differences, p, test.want)
		}
	}
}

// TestHolmSkipsWhatWasNotTested: hypotheses with NaN do not count.
func TestHolmSkipsWhatWasNotTested(t *testing.T) {
	nan := math.NaN()
	rows := []Summary{{P: 0.04}, {P: nan}, {P: 0.01}, {P: 0.03}, {P: 0.9}}
	holm(rows, func(s *Summary) *float64 { return &s.P })
	want := []float64{0.09, nan, 0.04, 0.09, 0.9}
	for i, row := range rows {
		if !close(row.P, want[i]) && !(math.IsNaN(row.P) && math.IsNaN(want[i])) {
			t.Errorf("hypothesis %d: %v, want %v", i, row.P, want[i])
		}
	}
}

// TestSummariesOfDivergedRuns: methods with diverged runs come last, and their runs are counted but not tested.
func TestSummariesOfDivergedRuns(t *testing.T) {
	inf := math.Inf(1)
	r := finished(&train.Optimum{F: 1},
		[]float64{inf, inf, inf}, []float64{1.5, 1.25, inf}, []float64{1.5, 1.75, 2}, []float64{1.5, inf, inf})
	r.Entries[3].Runs[0].Diverged, r.Entries[3].Runs[0].Points[1].Loss = false, math.NaN()
	var got []string
	for _, s := range r.Summaries() {
		got = append(got, fmt.Sprintf("%s %.3g %d %.3g", s.Name, s.Final.Mid, s.Diverged, s.P))
	}
	want := []string{"b 0.5 1 1", "c 0.75 0 NaN", "a +Inf 3 NaN", "d +Inf 2 NaN"}
	if !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	if all := finished(nil, []float64{inf, inf}, []float64{inf, inf}).Summaries(); !math.IsNaN(all[0].P) {
		t.Errorf("the best of two entries that diverged has p = %v", all[0].P)
	}
}

// TestRoundingIsNoDifference has excesses on both sides of 0 that are less than the last bit of F*.
func TestRoundingIsNoDifference(t *testing.T) {
	f := 0.3
	r := finished(&train.Optimum{F: f}, []float64{f, f, f, f, f}, []float64{f, f, f, f, f})
	for i := range r.Entries[1].Runs {
		r.Entries[1].Runs[i].Points[1].Loss = math.Nextafter(f, 1-2*float64(i%2))
	}
	for _, s := range r.Summaries() {
		if s.P != 1 {
			t.Errorf("%s: p = %v", s.Name, s.P)
		}
	}
	if p := finished(&train.Optimum{F: f}, []float64{f, f}, []float64{f + 1e-10, f + 1e-10}).Summaries()[1].P; p != 0 {
		t.Errorf("a difference of 1e-10 at every seed has p = %v", p)
	}
}

// TestTarget finds the first point at the target, by the excess or by the loss.
func TestTarget(t *testing.T) {
	known := &train.Optimum{F: 1}
	run := func(losses ...float64) Run {
		var r Run
		for k, loss := range losses {
			r.Points = append(r.Points, point(k, loss, known))
		}
		return r
	}
	runs := []Run{run(9, 3, 1.5, 1), run(9, 8, 7, 3), run(9, 8, 7, 6)}
	for _, test := range []struct {
		optimum *train.Optimum
		target  float64
		steps   []int // −1 if the target is not reached
		grads   float64
		reached int
	}{
		{known, 2, []int{1, 3, -1}, 60, 2},
		{nil, 2, []int{2, -1, -1}, math.Inf(1), 1},
		{known, 100, []int{0, 0, 0}, 0, 3},
		{known, 0, []int{-1, -1, -1}, math.Inf(1), 0},
		{nil, 1, []int{3, -1, -1}, math.Inf(1), 1},
	} {
		r := &Result{Race: Race{Optimum: test.optimum, Target: test.target}, Entries: []Entry{{Runs: runs}}}
		for i, want := range test.steps {
			p, ok := r.firstAtTarget(runs[i])
			if ok != (want >= 0) || ok && p.Step != want {
				t.Errorf("target %v, run %d: reached %v at step %d, want step %d", test.target, i, ok, p.Step, want)
			}
		}
		s := r.Summaries()[0]
		if s.Grads != test.grads || s.Seconds != test.grads*3/20 || s.Reached != test.reached {
			t.Errorf("target %v: %v gradients, %v s, %d runs; want %v, %v, %d",
				test.target, s.Grads, s.Seconds, s.Reached, test.grads, test.grads*3/20, test.reached)
		}
	}
}
