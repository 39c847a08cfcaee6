package train_test

import (
	"context"
	"fmt"
	"math"
	"slices"
	"sync"
	"testing"

	"steepest/objective"
	"steepest/optim"
	"steepest/optim/rules"
	"steepest/optim/schedule"
	"steepest/train"
	"steepest/train/dist"
	"steepest/train/dist/disttest"
)

// TestLocalSteps compares rounds with plain loops of DiLoCo's algorithm 1: AdamW inside, Nesterov's momentum outside.
func TestLocalSteps(t *testing.T) {
	const replicas, steps, rounds, batch = 3, 4, 5, 7
	p := problem(t, objective.L2(0.01))
	inner := rules.Adam{LR: schedule.Constant(0.02)}
	x0 := spread[float64](10)
	got, err := train.Minimize(context.Background(), p, x0, inner, train.Settings{
		Batch: batch, Seed: 3, Steps: rounds, Local: &train.Local{Replicas: replicas, Steps: steps},
	})
	if err != nil {
		t.Fatal(err)
	}
	var workers []*optim.Optimizer[float64]
	for range replicas {
		o, err := optim.New[float64](inner, p.Params())
		if err != nil {
			t.Fatal(err)
		}
		workers = append(workers, o)
	}
	batches := train.NewBatches(train.WithReplacement, p.Len(), batch, 3)
	x, b, g := slices.Clone(x0), make([]float64, len(x0)), make([]float64, len(x0))
	for k := range rounds {
		mean := make([]float64, len(x))
		for r, worker := range workers {
			local := slices.Clone(x)
			for h := range steps {
				p.Grad(g, local, batches.At((k*steps+h)*replicas+r))
				if err := worker.Step(local, g); err != nil {
					t.Fatal(err)
				}
			}
			for i := range mean {
				mean[i] += (x[i] - local[i]) / replicas
			}
		}
		for i, delta := range mean {
			b[i] = 0.9*b[i] + delta
			x[i] -= 0.7 * (delta + 0.9*b[i])
		}
	}
	for i, want := range x {
		if math.Abs(got.X[i]-want) > 1e-14 {
			t.Fatalf("x = %v, want %v", got.X, x)
		}
	}
	if got.Step != rounds || got.Grads != rounds*steps*replicas*batch {
		t.Errorf("%d steps and %d gradients", got.Step, got.Grads)
	}
}

// TestOneReplicaIsLookahead: rounds of one replica equal the link lookahead with the same outer momentum.
func TestOneReplicaIsLookahead(t *testing.T) {
	p, x0 := problem(t, objective.L1(0.01)), spread[float64](10)
	chain := rules.Adam{LR: schedule.Constant(0.02)}.Chain()
	rounds, err := train.Minimize(context.Background(), p, x0, chain, train.Settings{Batch: 7, Steps: 6, Local: &train.Local{Replicas: 1, Steps: 5}})
	if err != nil {
		t.Fatal(err)
	}
	link, err := train.Minimize(context.Background(), p, x0, append(chain, optim.Lookahead{Steps: 5, Alpha: 0.7, Mu: 0.9}), train.Settings{Batch: 7, Steps: 30})
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range link.X {
		if math.Abs(rounds.X[i]-want) > 1e-13 {
			t.Fatalf("x = %v, and %v with the link", rounds.X, link.X)
		}
	}
}

// TestReplicasOnRanks: the bits depend on the number of replicas, but not on the number of ranks or on an interruption.
func TestReplicasOnRanks(t *testing.T) {
	adam := rules.Adam{LR: schedule.Constant(0.01)}
	local := &train.Local{Replicas: 5, Steps: 3}
	sameBits(t, "adam", problem(t, objective.L2(0.01)), adam, train.Settings{Batch: 9, Sampling: train.Reshuffle, Local: local})
	sameBits(t, "network", network(t), adam, train.Settings{Batch: 9, Local: local, Guard: &train.Guard{Deviations: 6, Skips: 3}})
	sameBits(t, "accumulated", problem(t, objective.L1(0.02)), optim.Prepared{Rule: adam, Preparation: optim.Preparation{Accumulate: optim.Set(2)}},
		train.Settings{Batch: 5, Local: &train.Local{Replicas: 2, Steps: 3, Outer: rules.SGD{LR: schedule.Constant(0.5)}}})
}

// TestCompressedRuns: runs with compressed gradients have the same bits on any number of ranks, and after an interruption.
func TestCompressedRuns(t *testing.T) {
	adam, p := rules.Adam{LR: schedule.Constant(0.01)}, problem(t, objective.L2(0.01))
	compressed(t, "bf16", p, adam, train.Settings{Batch: 12, MicroBatches: 5, Compress: dist.Compression{BF16: true}})
	compressed(t, "top-k", p, adam, train.Settings{Batch: 12, MicroBatches: 5, Compress: dist.Compression{TopK: 0.2}})
	compressed(t, "whole batches", p, adam, train.Settings{Batch: 12, Compress: dist.Compression{TopK: 0.2}})
	compressed(t, "replicas", p, adam, train.Settings{Batch: 12, Local: &train.Local{Replicas: 4, Steps: 2}, Compress: dist.Compression{TopK: 0.2}})
	s := train.Settings{Batch: 12, Steps: 3, Compress: dist.Compression{BF16: true}}
	if _, err := train.New(p, make([]float64, 10), train.SAGA{}, s); err == nil {
		t.Error("a table of gradients is compressed")
	}
}

// compressed compares ranks with one process, for an uninterrupted run and for a run that resumes from the state that three ranks have
// saved.
func compressed(t *testing.T, name string, p objective.FiniteSum[float64], rule optim.Rule, s train.Settings) {
	t.Run(name, func(t *testing.T) {
		s.Steps = 15
		finish := func(g *disttest.Group, from, save *train.State[float64]) []float64 {
			s := s
			if g != nil {
				s.Group = g
			}
			r, err := train.New(p, spread[float64](10), rule, s)
			if err != nil {
				t.Error(err)
				return nil
			}
			if from != nil && (g == nil || g.Rank() == 0) {
				err = r.Restore(*from)
			}
			if err = r.Follow(err); err != nil {
				t.Error(err)
			}
			result, err := r.Finish(context.Background(), func() error {
				if r.K() != 7 || save == nil {
					return nil
				}
				if g.Rank() == 0 {
					defer func() { *save = r.State() }()
				}
				_, err := r.Gather(g.Rank() == 0)
				return err
			})
			if err != nil {
				t.Error(err)
			}
			return result.X
		}
		want := finish(nil, nil, nil)
		var saved train.State[float64]
		disttest.Together(3, func(g *disttest.Group) {
			if got := finish(g, nil, &saved); !slices.Equal(got, want) {
				t.Errorf("rank %d of 3: x = %v, want %v", g.Rank(), got, want)
			}
		})
		if got := finish(nil, &saved, nil); !slices.Equal(got, want) {
			t.Errorf("one process goes on to x = %v, want %v", got, want)
		}
		disttest.Together(2, func(g *disttest.Group) {
			if got := finish(g, &saved, nil); !slices.Equal(got, want) {
				t.Errorf("rank %d of 2 goes on to x = %v, want %v", g.Rank(), got, want)
			}
		})
		s.Compress = dist.Compression{}
		if slices.Equal(finish(nil, nil, nil), want) {
			t.Error("nothing is compressed")
		}
	})
}

// TestGather: rank 0 saves the same state as a single process. Before all parts are gathered there is no state to save.
func TestGather(t *testing.T) {
	p, rule := problem(t), optim.Prepared{Rule: rules.Adam{LR: schedule.Constant(0.01)}, Preparation: optim.Preparation{Accumulate: optim.Set(3)}}
	s := train.Settings{Batch: 6, Steps: 9, EvaluateEvery: 2, Local: &train.Local{Replicas: 4, Steps: 4}}
	states := make(map[int]train.State[float64])
	var mutex sync.Mutex
	for size := 1; size <= 5; size++ {
		disttest.Together(size, func(g *disttest.Group) {
			s := s
			s.Group = g
			r, err := train.New(p, make([]float64, 10), rule, s)
			if err != nil {
				t.Error(err)
				return
			}
			r.Last = func() error {
				_, err := r.Gather(true)
				return err
			}
			if _, err := r.Finish(context.Background(), func() error {
				if r.K() != 5 {
					return nil
				}
				if r.Whole() {
					t.Errorf("%d ranks: the state is whole before it is gathered", size)
				}
				if wanted, err := r.Gather(g.Rank() == 0); !wanted || err != nil || !r.Whole() {
					t.Errorf("%d ranks: gathered, %v, %v", size, wanted, err)
				}
				if g.Rank() == 0 {
					mutex.Lock()
					defer mutex.Unlock()
					states[size] = untimed(r.State())
				}
				return nil
			}); err != nil {
				t.Error(err)
			}
			if !r.Whole() {
				t.Errorf("%d ranks: a run has ended, and its state is not whole", size)
			}
		})
		if fmt.Sprint(states[size]) != fmt.Sprint(states[1]) {
			t.Errorf("%d ranks save %v, and one %v", size, states[size], states[1])
		}
	}
}

// untimed returns a state without times.
func untimed(s train.State[float64]) train.State[float64] {
	delete(s.Counts, "nanoseconds")
	s.Scalars["point"][4] = 0
	return s
}

// TestReplicasShareAnEpoch: without replacement the replicas draw each term once in an epoch, whatever the number of ranks.
func TestReplicasShareAnEpoch(t *testing.T) {
	p := problem(t)
	s := train.Settings{Batch: (p.Len() + 11) / 12, Sampling: train.Reshuffle, Epochs: 2, EvaluateEvery: 100, Local: &train.Local{Replicas: 4, Steps: 3}}
	for size := 1; size <= 3; size++ {
		drawn := make([]int, p.Len())
		var mutex sync.Mutex
		disttest.Together(size, func(g *disttest.Group) {
			s := s
			s.Group = g
			seen := &account{FiniteSum: p, drawn: drawn, mutex: &mutex}
			if result, err := train.Minimize(context.Background(), seen, make([]float64, 10), rules.SGD{LR: schedule.Constant(0.01)}, s); err != nil || result.Epochs != 2 {
				t.Errorf("%v epochs, %v", result.Epochs, err)
			}
		})
		if slices.Min(drawn) != 2 || slices.Max(drawn) != 2 {
			t.Errorf("%d ranks draw terms %d to %d times in two epochs", size, slices.Min(drawn), slices.Max(drawn))
		}
	}
}

// account counts the gradients of each term.
type account struct {
	objective.FiniteSum[float64]
	drawn []int
	mutex *sync.Mutex
}

func (a *account) Grad(dst, x []float64, batch []uint32) float64 {
	a.mutex.Lock()
	defer a.mutex.Unlock()
	for _, i := range batch {
		a.drawn[i]++
	}
	return a.FiniteSum.Grad(dst, x, batch)
}

// TestBadGradientOfOneReplica: if a replica has a gradient that is not finite, all ranks skip the round and report its terms.
func TestBadGradientOfOneReplica(t *testing.T) {
	p := problem(t)
	finish := func(g *disttest.Group) (x []float64, skipped []uint32) {
		s := train.Settings{Batch: 2, Sampling: train.Reshuffle, Steps: 6, Local: &train.Local{Replicas: 4, Steps: 3}, Guard: &train.Guard{Skips: 3, Skipped: func(i train.Incident) {
			skipped = append(skipped, i.Batch...)
		}}}
		if g != nil {
			s.Group = g
		}
		r, err := train.New[float64](&poisoned{p}, make([]float64, 10), rules.Adam{LR: schedule.Constant(0.01)}, s)
		if err != nil {
			t.Error(err)
			return nil, nil
		}
		result, err := r.Finish(context.Background(), nil)
		if err != nil {
			t.Error(err)
		}
		return result.X, skipped
	}
	want, skipped := finish(nil)
	if len(skipped) == 0 || len(skipped)%24 != 0 || !slices.Contains(skipped, 17) {
		t.Errorf("skipped are %v", skipped)
	}
	disttest.Together(3, func(g *disttest.Group) {
		if got, terms := finish(g); !slices.Equal(got, want) || !slices.Equal(terms, skipped) {
			t.Errorf("rank %d: x = %v and %v are skipped, want %v and %v", g.Rank(), got, terms, want, skipped)
		}
	})
}

// poisoned is a problem with a term whose gradient is NaN.
type poisoned struct{ objective.FiniteSum[float64] }

func (p *poisoned) Grad(dst, x []float64, batch []uint32) float64 {
	loss := p.FiniteSum.Grad(dst, x, batch)
	if slices.Contains(batch, 17) {
		dst[3] = math.NaN()
	}
	return loss
}
