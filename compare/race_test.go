package compare

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"steepest/data/datatest"
	"steepest/methods"
	"steepest/objective"
	"steepest/optim"
	"steepest/optim/schedule"
	"steepest/train"
)

func logistic(t testing.TB) *objective.Linear[float64] {
	t.Helper()
	set := datatest.Load(t, "lecture-logistic")
	p, _, err := objective.FromSet(set, objective.Setup{}, objective.L2(1e-2))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func race(t testing.TB, r Race) *Result {
	t.Helper()
	result, err := r.Run(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return result
}

// spy logs the calls of a run to its problem. It is for one run at a time.
type spy struct {
	objective.FiniteSum[float64]
	run  job
	jobs []job
}

// job holds the calls of a run: its batches in order, its first point, and the number of single gradients.
type job struct {
	batches [][]uint32
	start   []float64
	grads   int
}

func (s *spy) Grad(dst, x []float64, batch []uint32) float64 {
	if batch == nil { // a call of the race itself, for the typical length
		return s.FiniteSum.Grad(dst, x, batch)
	}
	if s.run.batches == nil {
		s.run.start = slices.Clone(x)
	}
	s.run.batches = append(s.run.batches, slices.Clone(batch))
	s.run.grads += len(batch)
	return s.FiniteSum.Grad(dst, x, batch)
}

// finish ends a run. The first call, in which the race reports its size, ends none.
func (s *spy) finish(done, _ int) {
	if done == 0 {
		return
	}
	s.jobs = append(s.jobs, s.run)
	s.run = job{}
}

// TestRaceIsFair: all methods have the same start, the same batches for a seed, and the same number of gradients and trials. Tuning uses other
// batches than the counted runs.
func TestRaceIsFair(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1)) // runs come one after the other
	const trials, seeds, methods = 4, 3, 3
	for _, sampling := range []train.Sampling{train.WithReplacement, train.Reshuffle} {
		s := &spy{FiniteSum: logistic(t)}
		x0 := slices.Repeat([]float64{0.5}, 10)
		r := race(t, Race{Problem: s, Entrants: entrants(t, "sgd", "heavy-ball", "adam"), X0: x0, Seeds: seeds, Seed: 9,
			Trials: trials, Settings: train.Settings{Batch: 30, Epochs: 2, Sampling: sampling}, Progress: s.finish})
		if len(s.jobs) != methods*(trials+seeds) {
			t.Fatalf("%d runs, want %d", len(s.jobs), methods*(trials+seeds))
		}
		tuning, counted := s.jobs[:methods*trials], s.jobs[methods*trials:]
		for i, job := range s.jobs {
			if !slices.Equal(job.start, x0) || job.grads != counted[0].grads || job.grads < 400 {
				t.Errorf("run %d: %d gradients from %v", i, job.grads, job.start)
			}
		}
		for _, job := range tuning {
			if !sameBatches(job, tuning[0]) {
				t.Error("two trials see different batches")
			}
		}
		seen := []job{tuning[0]} // runs whose batches differ
		for seed := range seeds {
			runs := counted[seed*methods : (seed+1)*methods]
			for _, other := range seen {
				if sameBatches(runs[0], other) {
					t.Errorf("seed %d has the batches of an earlier seed or of tuning", seed)
				}
			}
			for m, run := range runs {
				if !sameBatches(run, runs[0]) {
					t.Errorf("seed %d: method %d sees other batches than the first", seed, m)
				}
			}
			seen = append(seen, runs[0])
		}
		for _, e := range r.Entries {
			if len(e.Trials) != trials || len(e.Runs) != seeds {
				t.Errorf("%s: %d trials, %d runs", e.Name, len(e.Trials), len(e.Runs))
			}
			for j, run := range e.Runs {
				if run.Seed != 9+uint64(j) {
					t.Errorf("%s: run %d has the seed %d", e.Name, j, run.Seed)
				}
			}
		}
	}
}

func sameBatches(a, b job) bool {
	return slices.EqualFunc(a.batches, b.batches, slices.Equal[[]uint32])
}

// TestStartOfSeeds: runs with a seed start at the point of that seed, and trials start elsewhere.
func TestStartOfSeeds(t *testing.T) {
	var asked []uint64
	r := Race{
		Problem: logistic(t), Entrants: entrants(t, "sgd", "adam"), Optimum: &train.Optimum{F: 0.1},
		Settings: train.Settings{Batch: 5, Steps: 3}, Seeds: 2, Seed: 7, Trials: 1,
	}
	var ask sync.Mutex
	r.Start = func(seed uint64) []float64 {
		ask.Lock()
		defer ask.Unlock()
		asked = append(asked, seed)
		x := make([]float64, objective.Dim(r.Problem))
		x[0] = float64(seed % 100)
		return x
	}
	result := race(t, r)
	slices.Sort(asked)
	tuning := 7 + uint64(tuningStream)
	if want := []uint64{7, 7, 7, 7, 8, 8, tuning, tuning}; !slices.Equal(asked, want) {
		t.Errorf("starts of the seeds %v, want %v, the first for the target and the typical length", asked, want)
	}
	if want := 0.01 * (r.Problem.Loss(r.Start(7), nil) - 0.1); result.Target != want {
		t.Errorf("target %v, want %v", result.Target, want)
	}
	for _, e := range result.Entries {
		for _, run := range e.Runs {
			if first := run.Points[0].Loss; first != r.Problem.Loss(r.Start(run.Seed), nil) {
				t.Errorf("%s, seed %d: starts with the loss %v", e.Name, run.Seed, first)
			}
			if last := r.Problem.Loss(run.X, nil); last != run.Loss() {
				t.Errorf("%s, seed %d: the loss at X is %v, the last point has %v", e.Name, run.Seed, last, run.Loss())
			}
		}
	}
}

// TestRunsAreMinimize repeats a counted run outside of the race.
func TestRunsAreMinimize(t *testing.T) {
	p := logistic(t)
	settings := train.Settings{Batch: 30, Epochs: 2, Average: train.Average{Form: train.UniformAverage}}
	r := race(t, Race{Problem: p, Entrants: entrants(t, "adam:lr=0.1", "sgd:lr=1,batch=full"), Seeds: 2, Seed: 4, Settings: settings})
	for i, batch := range []int{30, 0} {
		s := settings
		s.Seed, s.Batch = 5, batch
		res, err := train.Minimize(context.Background(), p, make([]float64, 10), r.Entries[i].Rule, s)
		if err != nil || r.Entries[i].Runs[1].Loss() != res.Loss || r.Entries[i].Best != -1 || r.Entries[i].Space != nil {
			t.Errorf("%s: loss %v in the race, %v outside, %v", r.Entries[i].Name, r.Entries[i].Runs[1].Loss(), res.Loss, err)
		}
	}
}

// text prints an entry without the times of its runs.
func (e *Entry) text() string {
	runs := slices.Clone(e.Runs)
	for i := range runs {
		runs[i].Points = slices.Clone(runs[i].Points)
		for k := range runs[i].Points {
			runs[i].Points[k].Seconds = 0
		}
	}
	return fmt.Sprintf("%s %+v %v %v %d %v", e.Name, e.Rule, e.Space, e.Trials, e.Best, runs)
}

// TestResultsDependOnTheEntrantAlone runs the race on several numbers of processors and with the entrants reversed.
func TestResultsDependOnTheEntrantAlone(t *testing.T) {
	p := logistic(t)
	all := entrants(t, "sgd", "nesterov", "gd", "adam", "nag-gs:mu=0.01")
	run := func(procs int, entrants []Entrant) map[string]string {
		defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(procs))
		r := race(t, Race{Problem: p, Entrants: entrants, Seeds: 2, Trials: 4, Settings: train.Settings{Batch: 50, Epochs: 2}})
		texts := make(map[string]string)
		for i := range r.Entries {
			texts[r.Entries[i].Name] = r.Entries[i].text()
		}
		return texts
	}
	want := run(1, all)
	reversed := slices.Clone(all)
	slices.Reverse(reversed)
	for name, got := range map[string]map[string]string{
		"2 processors": run(2, all), "8 processors": run(8, all), "reversed": run(2, reversed), "alone": run(2, all[1:2]),
	} {
		for method := range got {
			if got[method] != want[method] {
				t.Errorf("%s: %s\nwant %s", name, got[method], want[method])
			}
		}
	}
}

// TestTuning repeats every trial, and checks the choice and the marks.
func TestTuning(t *testing.T) {
	p := logistic(t)
	settings := train.Settings{Batch: 20, Epochs: 1}
	r := race(t, Race{Problem: p, Entrants: entrants(t, "sgd", "heavy-ball:momentum=0.8", "nag-gs"), Seeds: 1, Seed: 2,
		Trials: 16, Settings: settings})
	l := p.Constants().L
	edges := 0
	for i := range r.Entries {
		e := &r.Entries[i]
		best, inner := math.Inf(1), 0
		for j, trial := range e.Trials {
			rule, err := optim.Configure(e.Method.Rule, trial.Options)
			if err != nil {
				t.Fatal(err)
			}
			s := settings
			s.Seed = 2 + 1<<40
			res, err := train.Minimize(context.Background(), p, make([]float64, 10), rule, s)
			want := res.Loss
			if errors.Is(err, train.ErrDiverged) {
				want = math.Inf(1)
			}
			if trial.Loss != want {
				t.Errorf("%s: trial %d, %v: loss %v, want %v", e.Name, j, trial.Options, trial.Loss, want)
			}
			if best = min(best, want); best == want && e.Best == j && e.Rule != rule {
				t.Errorf("%s: %+v ran, %+v was chosen", e.Name, e.Rule, rule)
			}
			if trial.Edge {
				edges++
			} else {
				inner++
			}
			checkEdge(t, e, trial)
		}
		if e.Trials[e.Best].Loss != best || inner == 0 {
			t.Errorf("%s: loss %v chosen, the best is %v; %d trials off the edges", e.Name, e.Trials[e.Best].Loss, best, inner)
		}
	}
	if edges == 0 {
		t.Error("no trial at an edge")
	}
	options := r.Entries[1].Options()
	if len(r.Entries[1].Given) != 1 {
		t.Errorf("Options has changed what was given to %v", r.Entries[1].Given)
	}
	if options["momentum"] != "0.8" || options["lr"] == "" || len(r.Entries[1].Trials[0].Options) != 1 {
		t.Errorf("options %v, tried %v", options, r.Entries[1].Trials[0].Options)
	}
	if nag := r.Entries[2].Trials[0].Options; nag["mu"] != nag["gamma"] || nag["mu"] == "" {
		t.Errorf("tried %v", nag)
	}
	if high := r.Entries[0].Space[0].High; math.Abs(high*l/10-1) > 1e-15 {
		t.Errorf("step sizes up to %v, want 10/L = %v", high, 10/l)
	}
}

// checkEdge finds the place of a trial on its axes from its options, which have four digits.
func checkEdge(t *testing.T, e *Entry, trial Trial) {
	t.Helper()
	want, near := false, false
	for _, a := range e.Space {
		v, err := strconv.ParseFloat(trial.Options[a.Options[0]], 64)
		if err != nil || v < a.Low*(1-1e-3) || v > a.High*(1+1e-3) {
			t.Fatalf("%s: %v outside of %v, %v", e.Name, trial.Options, a, err)
		}
		place := math.Log(v/a.Low) / math.Log(a.High/a.Low)
		want = want || place < 0.05 || place > 0.95
		near = near || math.Abs(math.Abs(place-0.5)-0.45) < 1e-3
	}
	if trial.Edge != want && !near {
		t.Errorf("%s: %v has the mark %v", e.Name, trial.Options, trial.Edge)
	}
}

// TestChooseTakesTheFirstOfTheBest, even if all trials diverged.
func TestChooseTakesTheFirstOfTheBest(t *testing.T) {
	inf := math.Inf(1)
	for _, test := range []struct {
		losses []float64
		want   int
	}{{[]float64{3, 1, 2, 1}, 1}, {[]float64{inf, 5, inf}, 1}, {[]float64{inf, inf}, 0}, {nil, -1}} {
		e := Entry{Entrant: entrant(t, "sgd"), Best: -1}
		for j, loss := range test.losses {
			e.Trials = append(e.Trials, Trial{Options: map[string]string{"lr": fmt.Sprint(j + 1)}, Loss: loss})
		}
		if err := e.choose(); err != nil || e.Best != test.want {
			t.Errorf("%v: chose %d, %v; want %d", test.losses, e.Best, err, test.want)
		}
		if test.want >= 0 && optim.Fields(e.Rule)[0].Value != fmt.Sprint(test.want+1) {
			t.Errorf("%v: runs with %+v", test.losses, e.Rule)
		}
	}
}

// TestDefaults: the defaults are the origin, five seeds, and a hundredth of the first excess.
func TestDefaults(t *testing.T) {
	f := objective.NoisyQuadratic([]float64{1, 2}, []float64{0.1, 0.1})
	r := race(t, Race{Problem: f, Entrants: entrants(t, "sgd:lr=0.1"), Optimum: &train.Optimum{F: -50},
		Settings: train.Settings{Batch: 1, Steps: 3}})
	if !slices.Equal(r.X0, []float64{0, 0}) || r.Seeds != 5 || len(r.Entries[0].Runs) != 5 || r.Target != 0.5 || r.Elapsed <= 0 {
		t.Errorf("%+v", r.Race)
	}
	r = race(t, Race{Problem: f, Entrants: entrants(t, "sgd:lr=0.1"), Seeds: 1, Settings: train.Settings{Batch: 1, Steps: 3}})
	if r.Target != 0 {
		t.Errorf("target %v with no optimum", r.Target)
	}
}

// TestIgnoredSettings sets the fields of Settings that a race does not read.
func TestIgnoredSettings(t *testing.T) {
	s := train.Settings{Batch: 1, Steps: 3, EvaluateEvery: 1}
	run := func(s train.Settings) string {
		f := objective.NoisyQuadratic([]float64{1, 2}, []float64{0.1, 0.1})
		return race(t, Race{Problem: f, Entrants: entrants(t, "sgd:lr=0.1"), X0: f.Start, Seeds: 2, Settings: s}).Entries[0].text()
	}
	want := run(s)
	s.Seed, s.Target, s.Recorder = 77, 1e9, train.RecorderFunc(func(train.Point) error { return errors.New("called") })
	if got := run(s); got != want {
		t.Errorf("%s\nwant %s", got, want)
	}
}

// TestDivergedRuns races a step size that is too large, on a problem where it shows at once.
func TestDivergedRuns(t *testing.T) {
	f := objective.Quadratic(2, 10)
	r := race(t, Race{Problem: f, Entrants: entrants(t, "gd:lr=100,name=far", "gd:lr=0.1"), X0: f.Start, Seeds: 2,
		Optimum: &train.Optimum{X: []float64{0, 0}}, Settings: train.Settings{Steps: 20}})
	far := r.Entries[0]
	if !far.Runs[0].Diverged || !math.IsInf(far.Runs[0].Loss(), 1) || r.Entries[1].Runs[0].Diverged {
		t.Errorf("%+v", far.Runs[0])
	}
	rows := r.Table().Rows
	if rows[0][0].Text != "gd lr=0.1" || rows[1][0].Text != "far" || rows[1][1].Text != "diverged" || rows[1][2].Text != "—" {
		t.Errorf("%+v", rows)
	}
	if trials := race(t, Race{Problem: f, Entrants: entrants(t, "gd"), X0: f.Start, Seeds: 1, Trials: 16,
		Settings: train.Settings{Steps: 100}}).Entries[0].Trials; !slices.ContainsFunc(trials, func(t Trial) bool { return math.IsInf(t.Loss, 1) }) {
		t.Errorf("none of the trials up to 10/L diverged: %v", trials)
	}
}

func TestRaceErrors(t *testing.T) {
	f := objective.Quadratic(2, 10)
	two := entrants(t, "gd", "sgd")
	for _, test := range []struct {
		race Race
		want string
	}{
		{Race{}, "compare: a race needs a method"},
		{Race{Entrants: append(two, two[0])}, `compare: two methods are called "gd"; tell them apart with name=…`},
		{Race{Entrants: two, Seeds: -1}, "compare: the seeds, the trials and the target must be numbers ≥ 0"},
		{Race{Entrants: two, Trials: -1}, "compare: the seeds, the trials and the target must be numbers ≥ 0"},
		{Race{Entrants: two, Target: -1}, "compare: the seeds, the trials and the target must be numbers ≥ 0"},
		{Race{Entrants: two, Target: math.NaN()}, "compare: the seeds, the trials and the target must be numbers ≥ 0"},
		{Race{Entrants: two, TuneBy: "tset", Settings: train.Settings{Evaluate: []train.Measure{train.Whole(), train.HeldOut("test", f)}}},
			`compare: TuneBy: unknown measurement "tset"; did you mean "test"?`},
		{Race{Entrants: two, Settings: train.Settings{Average: train.Average{Share: 2}}},
			"compare: no method could run: the share of a suffix average is 2; want it in (0, 1]"},
		{Race{Entrants: two, Trials: 3, Settings: train.Settings{Average: train.Average{Share: 2}}},
			"compare: no method could run: the share of a suffix average is 2; want it in (0, 1]"},
	} {
		test.race.Problem = f
		if r, err := test.race.Run(context.Background()); r != nil || err == nil || err.Error() != test.want {
			t.Errorf("%v, %v; want %s", r, err, test.want)
		}
	}
	if _, err := (Race{Entrants: two}).Run(context.Background()); err == nil || err.Error() != "compare: a race needs a problem" {
		t.Error(err)
	}
}

// TestRaceCancellation stops before the race, during tuning and during the counted runs. No run begins after that.
func TestRaceCancellation(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	cause := errors.New("the user left")
	for _, at := range []int64{0, 2, 9} { // of 2·3 trials and 2·5 runs
		ctx, cancel := context.WithCancelCause(context.Background())
		if at == 0 {
			cancel(cause)
		}
		var finished atomic.Int64
		r, err := Race{Problem: logistic(t), Entrants: entrants(t, "sgd", "adam"), Trials: 3, Settings: train.Settings{Batch: 10},
			Progress: func(done, _ int) {
				if done > 0 && finished.Add(1) == at {
					cancel(cause)
				}
			}}.Run(ctx)
		if r != nil || err != cause || finished.Load() != at {
			t.Errorf("cancelled at run %d: %v, %v after %d runs", at, r, err, finished.Load())
		}
	}
}

// TestProgress: every run is counted once, starting from 0.
func TestProgress(t *testing.T) {
	f := objective.Quadratic(2, 10)
	var seen [11]atomic.Int64
	race(t, Race{Problem: f, Entrants: entrants(t, "gd", "sgd:lr=0.1"), Seeds: 3, Trials: 4, Settings: train.Settings{Steps: 3},
		Progress: func(done, total int) {
			if total != 10 {
				t.Errorf("%d runs in all, want 4 trials of one method and 3 runs of two", total)
			}
			seen[done].Add(1)
		}})
	for done := range seen {
		if n := seen[done].Load(); n != 1 {
			t.Errorf("%d runs were reported %d times", done, n)
		}
	}
}

// TestRaceGoesOn interrupts a race, and continues it in another Race from the finished runs. The results are those of an uninterrupted
// race, and no finished run is repeated.
func TestRaceGoesOn(t *testing.T) {
	entrants := []Entrant{}
	for _, spec := range []string{"sgd", "adam", "saga:lr=0.01,batch=1"} {
		e, err := ParseEntrant(spec)
		if err != nil {
			t.Fatal(err)
		}
		entrants = append(entrants, e)
	}
	r := Race{
		Problem: logistic(t), Entrants: entrants, Seeds: 3, Trials: 4, Seed: 7,
		Settings: train.Settings{Batch: 10, Epochs: 2},
	}
	want := race(t, r)

	var mutex sync.Mutex
	ctx, cancel := context.WithCancel(context.Background())
	finished := make(map[string]Run)
	r.Save = func(job string, run Run) error {
		mutex.Lock()
		defer mutex.Unlock()
		if finished[job] = run; len(finished) == 9 {
			cancel()
		}
		return nil
	}
	if _, err := r.Run(ctx); !errors.Is(err, context.Canceled) {
		t.Fatalf("error %v, want that of the context", err)
	}
	before := len(finished)
	if before < 9 || before == 17 {
		t.Fatalf("%d runs had finished", before)
	}
	r.Finished = maps.Clone(finished)
	again := 0
	r.Save = func(job string, _ Run) error {
		mutex.Lock()
		defer mutex.Unlock()
		if _, ok := r.Finished[job]; ok {
			t.Errorf("%s runs again", job)
		}
		again++
		return nil
	}
	got := race(t, r)
	if before+again != 2*4+3*3 {
		t.Errorf("%d runs and then %d, want 17 together", before, again)
	}
	for i, e := range got.Entries {
		for j, run := range e.Runs {
			if !slices.Equal(run.X, want.Entries[i].Runs[j].X) || e.Best != want.Entries[i].Best {
				t.Errorf("%s, run %d: %v, want %v", e.Name, j, run.X, want.Entries[i].Runs[j].X)
			}
		}
	}
	full := errors.New("the disk is full")
	r.Finished, r.Save = nil, func(string, Run) error { return full }
	if _, err := r.Run(context.Background()); !errors.Is(err, full) {
		t.Errorf("error %v, want %v", err, full)
	}
}

// TestFailureIsARow: a method that fails, at the start or later, is one row, and the other methods race on.
func TestFailureIsARow(t *testing.T) {
	var entrants []Entrant
	for _, spec := range []string{"sgd", "newton-sgd:two-phase=true", "adam:lr=0.1"} {
		e, err := ParseEntrant(spec)
		if err != nil {
			t.Fatal(err)
		}
		entrants = append(entrants, e)
	}
	r := race(t, Race{
		Problem: logistic(t), Entrants: entrants, Seeds: 2, Trials: 2,
		Settings: train.Settings{Batch: 10, Epochs: 1, Average: train.Average{Form: train.StepAverage}},
	})
	rows := r.Summaries()
	last := rows[2]
	if last.Name != "newton-sgd two-phase=true" || last.Failed != 2 || last.Runs[0].Failed != "the Newton-type method needs the uniform average" {
		t.Errorf("the last row is %s, %d failed: %s", last.Name, last.Failed, last.Runs[0].Failed)
	}
	if rows[0].Failed+rows[1].Failed > 0 || math.IsInf(rows[1].Final.Mid, 1) {
		t.Errorf("%s and %s failed", rows[0].Name, rows[1].Name)
	}
	table := r.Table()
	if table.Rows[2][1].Text != "failed" || !strings.HasPrefix(table.Note, "newton-sgd two-phase=true failed: the Newton-type method needs") {
		t.Errorf("the table says %q and %q", table.Rows[2][1].Text, table.Note)
	}
	r.Page("title", nil) // with a curve of no points
}

// rarely is a problem whose gradient is not finite on batches that begin with one of a few terms.
type rarely struct {
	objective.FiniteSum[float64]
	every uint32
}

func (p rarely) Grad(dst, x []float64, batch []uint32) float64 {
	loss := p.FiniteSum.Grad(dst, x, batch)
	if len(batch) > 0 && batch[0]%p.every == 0 {
		dst[0] = math.NaN()
	}
	return loss
}

// TestSkippedGradients: skipped gradients are counted in each run, and reported below the table.
func TestSkippedGradients(t *testing.T) {
	r := race(t, Race{
		Problem: rarely{logistic(t), 9}, Entrants: entrants(t, "sgd:skip-nonfinite=5", "adam:lr=0.1,clip-norm=1,skip-nonfinite=5,accumulate=2", "sgd:lr=0.1,name=bare"),
		Seeds: 2, Trials: 3, Seed: 7, Settings: train.Settings{Batch: 10, Epochs: 5},
	})
	note := r.Table().Note
	for i, e := range r.Entries[:2] {
		n := e.Skipped()
		if n == 0 || n != e.Runs[0].Skipped+e.Runs[1].Skipped || e.Runs[0].Skipped != r.Entries[1-i].Runs[0].Skipped {
			t.Errorf("%s: %d skipped, of the runs %d and %d", e.Name, n, e.Runs[0].Skipped, e.Runs[1].Skipped)
		}
		if e.Runs[0].Diverged || e.Runs[0].Last().Step != 100 || !(e.Runs[0].Loss() < 0.6) {
			t.Errorf("%s: %+v", e.Name, e.Runs[0].Last())
		}
		if want := fmt.Sprintf("%s skipped %d gradients that were not finite. ", e.Name, n); !strings.Contains(note, want) {
			t.Errorf("the note %q lacks %q", note, want)
		}
		for _, axis := range e.Space {
			if slices.Contains(axis.Options, "clip-norm") {
				t.Errorf("%s: %v is searched", e.Name, axis)
			}
		}
	}
	if bare := r.Entries[2].Runs[0]; !bare.Diverged || bare.Skipped > 0 {
		t.Errorf("a run that skips nothing: %+v", bare)
	}
}

// TestRaceWithoutItsLoss: if the problem itself is not measured, as on a text, the held-out loss ranks the methods. Only this measurement
// is drawn, first over tokens, and the target is a value of it.
func TestRaceWithoutItsLoss(t *testing.T) {
	p := logistic(t)
	held := train.HeldOut("validation", objective.FiniteSum[float64](p))
	r := Race{Problem: p, Entrants: entrants(t, "sgd", "adam"), Seeds: 3, Trials: 2, Tokens: 8,
		Settings: train.Settings{Batch: 4, Steps: 20, EvaluateEvery: 5, Evaluate: []train.Measure{held}}}
	if _, err := r.Run(context.Background()); err == nil || !strings.Contains(err.Error(), "need TuneBy") {
		t.Errorf("without anything to rank by: %v", err)
	}
	r.TuneBy, r.Target = "validation", 0.65
	result := race(t, r)
	plot := result.Plot()
	if plot.X[0].Key != "tokens" || len(plot.Y) != 1 || plot.Y[0].Key != "validation" || plot.Y[0].Log {
		t.Errorf("the axes are %v and %v", plot.X, plot.Y)
	}
	if tokens, grads := plot.Curves[0].X["tokens"], plot.Curves[0].X["grads"]; tokens[1] != 8*grads[1] || grads[1] == 0 {
		t.Errorf("%v tokens for %v windows of 8", tokens, grads)
	}
	for _, s := range result.Summaries() {
		first := slices.IndexFunc(s.Runs[0].Points, func(p train.Point) bool { return p.Measured[0].Value <= r.Target })
		if _, reached := result.firstAtTarget(s.Runs[0]); reached != (first >= 0) {
			t.Errorf("%s: the target is reached: %v, at point %d", s.Name, reached, first)
		}
		if s.Final.Mid != s.Held()["validation"] || math.IsNaN(s.PTarget) {
			t.Errorf("%s: ends at %v, p = %v against the target", s.Name, s.Final, s.PTarget)
		}
	}
	table := result.Table()
	for i, want := range []string{"method", "validation", "p", "tokens", "seconds", "10–90 %", "batch", "p, target", "settings"} {
		if table.Columns[i].Name != want || len(table.Rows[0]) != len(table.Columns) {
			t.Errorf("column %d of %d is %s, want %s", i, len(table.Rows[0]), table.Columns[i].Name, want)
		}
	}
}

// TestSampleOfUnits: units are computed from all terms, or from some of them if all cost too much.
func TestSampleOfUnits(t *testing.T) {
	r := Race{Problem: logistic(t)}
	if got := r.sample(); got != nil {
		t.Errorf("%d terms of a small problem", len(got))
	}
	r.Problem = costly{r.Problem}
	if got := r.sample(); len(got) != r.Problem.Len()/4 {
		t.Errorf("%d of %d terms, of which a quarter can be afforded", len(got), r.Problem.Len())
	}
}

// costly is a problem whose gradient costs four times the limit for units.
type costly struct{ objective.FiniteSum[float64] }

func (p costly) FLOPs(batch int) float64 { return 4 * sampleFLOPs * float64(batch) / float64(p.Len()) }

// TestDefaultsAreATrial: for a method that is meant to run with its defaults, the first trial is the defaults, with the loss of a run
// without options. The number of trials is the same.
func TestDefaultsAreATrial(t *testing.T) {
	r := Race{Problem: logistic(t), Entrants: entrants(t, "adamw", "adam", "adamw:lr=0.001..0.1,name=range"), Seeds: 1, Trials: 3,
		Settings: train.Settings{Batch: 10, Epochs: 1}}
	result := race(t, r)
	for i, defaults := range []bool{true, false, false} {
		e := &result.Entries[i]
		first := e.Trials[0]
		if len(e.Trials) != 3 || first.Default != defaults || (len(first.Options) == 0) != defaults || e.Trials[1].Default {
			t.Errorf("%s: trials %+v", e.Name, e.Trials)
		}
	}
	r.Entrants, r.Seed, r.Trials = entrants(t, "adamw"), r.Seed+tuningStream, 0
	if want, got := race(t, r).Entries[0].Runs[0].Loss(), result.Entries[0].Trials[0].Loss; got != want {
		t.Errorf("the trial of the defaults ends at %v, want %v", got, want)
	}
	if note := result.tuningTable().Note; !strings.Contains(note, "at their defaults: adamw. ") {
		t.Errorf("note: %s", note)
	}
}

// TestOwnChainIsNotTuned: a user's own chain has no options to set, so a race with trials returns an error that says what to do. The race
// accepts the chain untuned.
func TestOwnChainIsNotTuned(t *testing.T) {
	own := Entrant{Name: "my own", Batch: -1, Method: methods.Method{Rule: optim.Chain{optim.LearningRate{LR: schedule.Constant(0.1)}}}}
	r := Race{Problem: logistic(t), Entrants: []Entrant{own}, Seeds: 1, Trials: 2, Settings: train.Settings{Batch: 10, Epochs: 1}}
	const want = "compare: my own: trials set the option lr, which its rule does not have; set Untuned to race the rule as it is, "
	if _, err := r.Run(t.Context()); err == nil || !strings.HasPrefix(err.Error(), want) {
		t.Errorf("error %v, want %s…", err, want)
	}
	r.Entrants[0].Untuned = true
	if e := race(t, r).Entries[0]; len(e.Trials) != 0 || e.Best != -1 {
		t.Errorf("an untuned entrant was tuned: %+v", e.Trials)
	}
}

// TestWithoutPackages: names of packages in front of messages are removed, and the same words elsewhere stay.
func TestWithoutPackages(t *testing.T) {
	for message, want := range map[string]string{
		"train: optim: matfun: no basis":            "no basis",
		"step 3: norm: train: the norm is infinite": "step 3: the norm is infinite",
		`the tensor "optim: a" and layer-norm: b`:   `the tensor "optim: a" and layer-norm: b`,
		"train is no word: nor is retrain: this":    "train is no word: nor is retrain: this",
	} {
		if got := withoutPackages(message); got != want {
			t.Errorf("%q becomes %q, want %q", message, got, want)
		}
	}
}
