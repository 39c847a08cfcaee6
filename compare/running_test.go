package compare

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"steepest/checkpoint"
	"steepest/gpt"
	"steepest/objective"
	"steepest/train"
)

// memory keeps the runs of races in memory, and interrupts a race after a number of steps of all its runs.
type memory struct {
	mutex     sync.Mutex
	finished  map[string]Run
	snapshots map[string]checkpoint.Snapshot
	live      map[string]Running
	late      bool // take snapshots when the race has returned, and not between the steps
	steps     int  // until the interruption
	cancel    context.CancelFunc
	restored  int
}

func (m *memory) keep(job string, run Running) (between func() error, err error) {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	if s, ok := m.snapshots[job]; ok {
		if err := run.Restore(&s); err != nil {
			return nil, err
		}
		m.restored++
	}
	m.live[job] = run
	return func() error {
		m.mutex.Lock()
		defer m.mutex.Unlock()
		if m.steps--; m.steps > 0 {
			return nil
		}
		m.cancel()
		if m.late {
			return nil
		}
		m.snapshots[job] = run.Snapshot()
		delete(m.live, job)
		run.Halt()
		return train.ErrHalted
	}, nil
}

func (m *memory) save(job string, run Run) error {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	m.finished[job] = run
	delete(m.live, job)
	return nil
}

// untimed returns the trials and the runs of a race as text, without times.
func untimed(r *Result) (text string) {
	for _, e := range r.Entries {
		text += fmt.Sprintf("%s: trials %v, best %d\n", e.Name, e.Trials, e.Best)
		for _, run := range e.Runs {
			points := slices.Clone(run.Points)
			for i := range points {
				points[i].Seconds = 0
			}
			run.Points = points
			text += fmt.Sprintf("%v\n", run)
		}
	}
	return text
}

// notes keeps the points of a run that an Observer gets.
type notes struct {
	points   []train.Point
	finished bool // whether an earlier race has made the run
	ended    bool
}

func (n *notes) Record(p train.Point) error {
	n.points = append(n.points, p)
	return nil
}

func (n *notes) End(Run, error) { n.ended = true }

// TestRunsGoOnInTheMiddle interrupts races at random steps, between steps and from outside, again and again. Each race continues the unfinished
// runs of the one before. The last one has the bits of an uninterrupted race, and its observers get all points.
func TestRunsGoOnInTheMiddle(t *testing.T) {
	shape := gpt.Config{Vocab: 128, Context: 8, Layers: 1, Heads: 2, Width: 8}
	text := []byte("The light which is reflected by the bodies is mixed of rays of all sorts, and the bodies appear of the color of the most of them.")
	double, err := gpt.New[float64](shape, gpt.Cut(text, 8), 8)
	if err != nil {
		t.Fatal(err)
	}
	single, err := gpt.New[float32](shape, gpt.Cut(text, 8), 8)
	if err != nil {
		t.Fatal(err)
	}
	linear := logistic(t)
	for name, r := range map[string]Race{
		"linear": {
			Problem: linear, Seeds: 2, Trials: 2, Seed: 3, Settings: train.Settings{Batch: 10, Steps: 40, EvaluateEvery: 7},
			Entrants: entrants(t, "sgd:lr=cosine(0.5,0,40),average=uniform", "adam:average=exponential,clip-norm=1,accumulate=3", "schedule-free-sgd:lr=0.5", "sam",
				"svrg", "lsvrg:lr=0.1", "saga:lr=0.1", "sag:lr=0.05,batch=1", "newton-sgd:lr=0.3", "prodigy:average=suffix", "gd"),
		},
		"held out": {
			Problem: linear, Seeds: 2, TuneBy: "validation", Entrants: entrants(t, "adam:lr=0.1", "sgd:lr=1e9"),
			Settings: train.Settings{Batch: 10, Steps: 40, EvaluateEvery: 9, Evaluate: []train.Measure{train.Whole(), train.HeldOut("validation", objective.FiniteSum[float64](linear))}},
		},
		"language model": {
			Problem: double, Single: single, Seeds: 2, Trials: 2, Seed: 5, TuneBy: "loss on the start", OmitX: true, Tokens: 8,
			Start:    func(seed uint64) []float64 { return gpt.Start[float64](shape, uint32(seed)) },
			Entrants: entrants(t, "adamw", "muon", "soap"),
			Settings: train.Settings{Batch: 4, Steps: 20, EvaluateEvery: 6, EvaluateEvenly: true, Evaluate: []train.Measure{train.HeldOut("loss on the start", objective.FiniteSum[float32](single))}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			want := untimed(race(t, r))
			seed := uint64(time.Now().UnixNano())
			random := rand.New(rand.NewPCG(seed, 0))
			m := &memory{finished: map[string]Run{}, snapshots: map[string]checkpoint.Snapshot{}}
			r.Save, r.Keep = m.save, m.keep
			var result *Result
			var observers sync.Map
			for result == nil {
				ctx, cancel := context.WithCancel(context.Background())
				m.live, m.cancel, m.late, m.steps = map[string]Running{}, cancel, random.IntN(2) == 0, 5+random.IntN(30)
				observers.Clear()
				r.Finished = maps.Clone(m.finished)
				r.Observe = func(e *Entry, seed uint64, finished bool) (Observer, error) {
					n := &notes{finished: finished}
					observers.Store(fmt.Sprint(e.Name, seed), n)
					return n, nil
				}
				var err error
				if result, err = r.Run(ctx); err != nil && !errors.Is(err, context.Canceled) {
					t.Fatal(err)
				}
				for job, run := range m.live {
					if run.Halt() && run.K() > 0 {
						m.snapshots[job] = run.Snapshot()
					}
				}
				cancel()
			}
			if got := untimed(result); got != want {
				t.Errorf("seed %d: the race is\n%s\nwant\n%s", seed, got, want)
			}
			if m.restored == 0 {
				t.Error("no run has been continued")
			}
			for _, e := range result.Entries {
				for j, run := range e.Runs {
					_, finished := r.Finished[fmt.Sprintf("%s, run %d", e.Name, j)]
					n, _ := observers.Load(fmt.Sprint(e.Name, run.Seed))
					if got := n.(*notes); fmt.Sprint(got.points) != fmt.Sprint(run.Points) || got.finished != finished || !got.ended || run.Failed != "" {
						t.Errorf("%s, seed %d: the observer got %v, want %v; finished earlier: %v, want %v; failed: %q", e.Name, run.Seed, got.points, run.Points, got.finished, finished, run.Failed)
					}
				}
			}
		})
	}
}

// TestKeepErrors: a snapshot of a run with other options, and one that is not whole, end the race with an error, and not with a row.
func TestKeepErrors(t *testing.T) {
	r := Race{Problem: logistic(t), Seeds: 1, Settings: train.Settings{Batch: 10, Steps: 3}}
	var sgd checkpoint.Snapshot
	r.Keep = func(_ string, run Running) (func() error, error) {
		return func() error {
			sgd = run.Snapshot()
			return nil
		}, nil
	}
	r.Entrants = entrants(t, "sgd:lr=0.1")
	race(t, r)
	cut := maps.Clone(sgd.Tensors)
	for name, tensor := range cut {
		if v, ok := tensor.Values.([]float64); ok && name == "scalars/"+pointsOfRun {
			cut[name] = checkpoint.Tensor{Shape: []int{len(v) - 1}, Values: v[1:]}
		}
	}
	lost := maps.Clone(sgd.Tensors)
	delete(lost, "vectors/x")
	for _, test := range []struct {
		method  string
		tensors map[string]checkpoint.Tensor
		want    string
	}{
		{"adam:lr=0.1", sgd.Tensors, ErrOtherOptions.Error()},
		{"sgd:lr=0.2", sgd.Tensors, ErrOtherOptions.Error()},
		{"sgd:lr=0.1", lost, `train: the saved state has no "x"`},
		{"sgd:lr=0.1", cut, "compare: the points of the run are not whole"},
		{"sgd:lr=0.1", map[string]checkpoint.Tensor{"x": {Shape: []int{1}, Values: []float64{1}}}, `train: the checkpoint holds "x"`},
	} {
		r.Entrants = entrants(t, test.method)
		r.Keep = func(_ string, run Running) (func() error, error) {
			return nil, run.Restore(&checkpoint.Snapshot{Tensors: test.tensors})
		}
		if _, err := r.Run(context.Background()); err == nil || len(err.Error()) < len(test.want) || err.Error()[:len(test.want)] != test.want {
			t.Errorf("%s: error %v, want %s", test.method, err, test.want)
		}
	}
}
