package compare

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"steepest/train"
)

// reaching returns a race whose runs reach the target after the given numbers of steps, of 20 gradients each. A negative number means
// never.
func reaching(steps map[string][]int) *Result {
	r := &Result{Race: Race{Target: 1}}
	for _, name := range slices.Sorted(func(yield func(string) bool) {
		for name := range steps {
			if !yield(name) {
				return
			}
		}
	}) {
		e := Entry{Entrant: Entrant{Name: name, Untuned: strings.HasSuffix(name, "untuned")}, Best: -1}
		if !e.Untuned {
			e.Best, e.Trials = 0, []Trial{{Grads: 500}}
		}
		for seed, step := range steps[name] {
			points := []train.Point{point(0, 10, nil)}
			if step >= 0 {
				points = append(points, point(step, 0.5, nil))
			}
			e.Runs = append(e.Runs, Run{Seed: uint64(seed), Points: points})
		}
		r.Entries, r.Seeds = append(r.Entries, e), len(steps[name])
	}
	return r
}

// twoProblems is a suite with a method that is the best on one problem, and one that does not run on it.
func twoProblems() *Suite {
	return &Suite{Problems: []Problem{
		{Name: "one", Result: reaching(map[string][]int{"a": {10, 10, 20}, "b": {20, 30, 20}, "c untuned": {-1, 15, -1}})},
		{Name: "two", Result: reaching(map[string][]int{"a": {30, 40, 36}, "b": {10, 10, 15}}), Absent: map[string]string{"c untuned": "it is for matrices"}},
	}}
}

// TestProfiles computes profiles, scores and counts by hand.
func TestProfiles(t *testing.T) {
	s := twoProblems()
	rows := s.Profiles()
	want := []struct {
		name    string
		scores  []float64 // of the seeds: (4 − ratio)/3, on average over two problems
		work    []float64
		reached int
		fastest int
		share   float64 // at τ = 2.5, the median
		trials  int
		untuned bool
	}{
		{name: "b", scores: []float64{(2 + 3) / 6.0, (1 + 3) / 6.0, (3 + 3) / 6.0}, work: []float64{400, 200}, reached: 2, fastest: 1, share: 1, trials: 1000},
		{name: "a", scores: []float64{(3 + 1) / 6.0, (3 + 0) / 6.0, (3 + 1.6) / 6.0}, work: []float64{200, 720}, reached: 2, fastest: 1, share: 0.5, trials: 1000},
		{name: "c untuned", scores: []float64{0, 2.5 / 6, 0}, work: []float64{math.Inf(1), math.Inf(1)}, share: 0, untuned: true},
	}
	if len(rows) != len(want) {
		t.Fatalf("%d methods", len(rows))
	}
	for i, row := range rows {
		w := want[i]
		if row.Name != w.name || row.Reached != w.reached || row.Fastest != w.fastest || row.TuningGrads != w.trials || row.Untuned != w.untuned {
			t.Errorf("row %d: %+v, want %+v", i, row, w)
		}
		for j, score := range row.scores {
			if !close(score, w.scores[j]) {
				t.Errorf("%s: scores %v, want %v", row.Name, row.scores, w.scores)
			}
		}
		if want := spread(w.scores); !close(row.Score.Low, want.Low) || !close(row.Score.Mid, want.Mid) || !close(row.Score.High, want.High) || !slices.Equal(row.Work, w.work) || row.Share(2.5).Mid != w.share {
			t.Errorf("%s: score %v, work %v, share %v", row.Name, row.Score, row.Work, row.Share(2.5))
		}
	}
	p := []float64{pairedP([]float64{1, 1, 1.4}), pairedP([]float64{5, 1.5, 6})} // in sixths
	if rows[0].P != 1 || !close(rows[1].P, 2*p[0]) || !close(rows[2].P, p[1]) || p[0] > p[1] {
		t.Errorf("p = %v, %v, %v; single %v", rows[0].P, rows[1].P, rows[2].P, p)
	}
	untuned, tuned, single := s.Bought()
	if untuned.Name != "c untuned" || tuned.Name != "b" || !close(single, p[1]) {
		t.Errorf("%s, %s, p = %v, want %v", untuned.Name, tuned.Name, single, p[1])
	}
	s.Work, s.Limit = Steps, 1.5
	if rows := s.Profiles(); rows[0].Work[0] != 20 && rows[0].Work[0] != 10 || rows[0].Score.Mid != 0.5 {
		t.Errorf("over steps, up to 1.5: %+v", rows[0])
	}
}

// TestScoreIsTheAreaOfTheProfile integrates profiles of random suites.
func TestScoreIsTheAreaOfTheProfile(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := &Suite{Limit: rapid.Float64Range(1.5, 8).Draw(t, "limit")}
		for p := range rapid.IntRange(1, 4).Draw(t, "problems") {
			steps := make(map[string][]int)
			for _, name := range []string{"a", "b", "c"} {
				steps[name] = []int{rapid.IntRange(-1, 30).Draw(t, "steps")}
			}
			s.Problems = append(s.Problems, Problem{Name: fmt.Sprint(p), Result: reaching(steps)})
		}
		const pieces = 20000
		for _, row := range s.Profiles() {
			area := 0.0
			for i := range pieces {
				area += row.Share(1+(s.Limit-1)*(float64(i)+0.5)/pieces).Mid / pieces
			}
			if math.Abs(area-row.Score.Mid) > 2e-3 {
				t.Fatalf("%s: area %v, score %v", row.Name, area, row.Score.Mid)
			}
		}
	})
}

// TestSuiteStatement: the statement names significant and other differences, and the gain of tuning.
func TestSuiteStatement(t *testing.T) {
	s := twoProblems()
	want := "3 methods on 2 problems, 3 seeds each, the same batches for the same seed. b has the largest score, 0.83; not significantly lower: c untuned; " +
		"significantly lower: a. Without tuning c untuned has the largest score, 0.00; b, the best tuned method, has 0.83, a difference that is not significant. " +
		"Its trials took 1000 gradients, and those of all methods 2000, 0.38 times as many as all counted runs."
	if got := s.Statement(); got != want {
		t.Errorf("%s\nwant %s", got, want)
	}
	work := s.WorkTable()
	if text := work.Rows[0][1].Text + work.Rows[0][2].Text + work.Rows[2][1].Text; text != "400200—" || !work.Rows[0][2].Strong || work.Rows[0][1].Strong {
		t.Errorf("rows %v", work.Rows)
	}
	if !strings.Contains(work.Note, "Does not run, and counts as not reaching the target: c untuned on two.") {
		t.Error(work.Note)
	}
	one := &Suite{Problems: []Problem{{Name: "one", Result: reaching(map[string][]int{"a": {10}, "b": {20}})}}}
	if got := one.Statement(); !strings.HasSuffix(got, "a has the largest score, 1.00; with one seed no difference is tested.") {
		t.Error(got)
	}
	none := &Suite{Problems: []Problem{{Name: "one", Result: reaching(map[string][]int{"a": {-1, -1}})}}}
	if got := none.Statement(); !strings.HasSuffix(got, "No method reaches a target.") {
		t.Error(got)
	}
	page := s.Page("suite", nil)
	if band := page.Plots[0].Curves[0].Y["share"]; len(page.Tables) != 3 || len(page.Details) != 2 || band.Low[0] != 0.5 || band.Mid[0] != 0.5 || !close(band.High[0], 0.9) {
		t.Errorf("%d tables, band from %v, %v, %v", len(page.Tables), band.Low[0], band.Mid[0], band.High[0])
	}
}

// TestAimAt: the target is computed from f*, or from the least median of a method at the end. There is none if no method improves on the
// start.
func TestAimAt(t *testing.T) {
	inf := math.Inf(1)
	for _, test := range []struct {
		optimum *train.Optimum
		losses  [][]float64
		want    float64
	}{
		{&train.Optimum{F: 2}, [][]float64{{5, 5}, {3, 3}}, 0.25 * 8},
		{nil, [][]float64{{5, 7, 6}, {0, 8, 9}}, 6 + 0.25*4},
		{nil, [][]float64{{inf, inf, inf}, {4, 2, inf}}, 4 + 0.25*6},
		{nil, [][]float64{{12, 12}, {inf, inf}}, 0},
	} {
		r := finished(test.optimum, test.losses...)
		if r.AimAt(0.25); r.Target != test.want {
			t.Errorf("%v: target %v, want %v", test.losses, r.Target, test.want)
		}
	}
}
