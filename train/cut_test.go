package train_test

import (
	"context"
	"errors"
	"maps"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"gonum.org/v1/gonum/optimize"

	"steepest/data"
	"steepest/data/datatest"
	"steepest/nn"
	"steepest/objective"
	"steepest/optim"
	"steepest/optim/rules"
	"steepest/optim/schedule"
	"steepest/param"
	"steepest/train"
	"steepest/train/dist"
	"steepest/train/dist/disttest"
)

// TestRanksHaveTheSameBits: a run on any number of ranks ends with the bits of one process, and may resume on another number of ranks. It
// equals the run with whole batches up to rounding.
func TestRanksHaveTheSameBits(t *testing.T) {
	adam, sgd := rules.Adam{LR: schedule.Constant(0.01)}, rules.SGD{LR: schedule.Constant(0.1)}
	logistic := problem(t, objective.L2(0.01))
	sameBits(t, "adam", logistic, adam, train.Settings{Batch: 21, Average: train.Average{Form: train.UniformAverage}})
	sameBits(t, "full", logistic, sgd, train.Settings{})
	sameBits(t, "l1", problem(t, objective.L1(0.02)), sgd, train.Settings{Batch: 20})
	sameBits(t, "svrg", logistic, train.SVRG{Inner: optim.Set(5)}, train.Settings{Batch: 7})
	sameBits(t, "lsvrg", logistic, train.LSVRG{P: optim.Set(0.2)}, train.Settings{Batch: 7})
	sameBits(t, "sam", logistic, train.SAM{Momentum: optim.Set(0.9)}, train.Settings{Batch: 7})
	sameBits(t, "saga", logistic, train.SAGA{}, train.Settings{Batch: 7})
	sameBits(t, "accumulated", logistic, optim.Prepared{Rule: adam, Preparation: optim.Preparation{Accumulate: optim.Set(3)}}, train.Settings{Batch: 5})
	single, err := objective.Single(logistic)
	if err != nil {
		t.Fatal(err)
	}
	sameBits(t, "float32", single, adam, train.Settings{Batch: 21})
	sameBits(t, "network", network(t), adam, train.Settings{Batch: 33, Guard: &train.Guard{Deviations: 6, Skips: 3}})
}

func network(t *testing.T) objective.FiniteSum[float32] {
	set := datatest.Load(t, "lecture-logistic")
	classes, _ := data.ClassIndices(set.Y)
	p, err := nn.NewClassifier[float32](set.X, classes, 2, nn.Config{Hidden: []int{5}})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func sameBits[T param.Float](t *testing.T, name string, p objective.FiniteSum[T], rule optim.Rule, s train.Settings) {
	t.Run(name, func(t *testing.T) {
		x0 := spread[T](objective.Dim(p))
		s.Steps, s.EvaluateEvery, s.MicroBatches = 24, 5, 6
		finish := func(s train.Settings, from *train.State[T]) (x []T, end train.State[T], loss float64) {
			r, err := train.New(p, x0, rule, s)
			if err == nil && from != nil && (s.Group == nil || s.Group.Rank() == 0 || s.Shard) {
				err = r.Restore(*from)
			}
			if err = r.Follow(err); err != nil {
				t.Error(err)
			}
			r.Last = func() error {
				_, err := r.Gather(true)
				return err
			}
			result, err := r.Finish(context.Background(), nil)
			if err != nil {
				t.Error(err)
			}
			return slices.Clone(result.X), r.State(), result.Loss
		}
		want, end, loss := finish(s, nil)
		half := s
		half.Steps = 11
		_, between, _ := finish(half, nil)
		for size := 1; size <= 4; size++ {
			parts := make([]train.State[T], size)
			disttest.Together(size, func(g *disttest.Group) {
				s := s
				s.Group = g
				if got, _, l := finish(s, nil); !slices.Equal(got, want) || l != loss {
					t.Errorf("rank %d of %d: x = %v, f = %v, want %v and %v", g.Rank(), size, got, l, want, loss)
				}
				if got, _, _ := finish(s, &between); !slices.Equal(got, want) {
					t.Errorf("rank %d of %d, resumed: x = %v, want %v", g.Rank(), size, got, want)
				}
				s.Shard = s.Local == nil
				got, part, _ := finish(s, &between)
				if parts[g.Rank()] = part; !slices.Equal(got, want) {
					t.Errorf("rank %d of %d, with a divided state: x = %v, want %v", g.Rank(), size, got, want)
				}
			})
			all := parts[0].Vectors
			for name := range parts[0].Parts {
				for _, part := range parts[1:] {
					all[name] = append(all[name], part.Vectors[name]...)
				}
			}
			if !maps.EqualFunc(all, end.Vectors, slices.Equal) {
				t.Errorf("%d ranks divide another state than that of one process", size)
			}
		}
		s.MicroBatches = 0
		whole, _, _ := finish(s, nil)
		tolerance := 1e-12
		if _, single := any(whole).([]float32); single {
			tolerance = 1e-4
		}
		for j, v := range whole {
			if math.Abs(float64(v-want[j])) > tolerance {
				t.Errorf("x = %v, and with whole batches %v", want, whole)
				break
			}
		}
	})
}

// spread returns d different numbers.
func spread[T param.Float](d int) []T {
	x := make([]T, d)
	for i := range x {
		x[i] = T(0.1 * math.Sin(float64(i)))
	}
	return x
}

// lost is a group that loses a rank after some exchanges.
type lost struct {
	dist.Group
	left int
}

var errLost = errors.New("rank 1 has died")

func (g *lost) AllToAll(recv, send []byte, receives, sends []int) error {
	if g.left--; g.left < 0 {
		return errLost
	}
	return g.Group.AllToAll(recv, send, receives, sends)
}

func (g *lost) AllGather(recv, send []byte, receives []int) error {
	if g.left--; g.left < 0 {
		return errLost
	}
	return g.Group.AllGather(recv, send, receives)
}

// TestLostRankEndsTheRun: when a rank is lost, at any point, the run ends with that error after the last whole step.
func TestLostRankEndsTheRun(t *testing.T) {
	p, rule := problem(t), rules.ScheduleFreeAdamW{LR: schedule.Constant(0.01)}
	x0 := make([]float64, 10)
	for left := range 80 {
		disttest.Together(2, func(g *disttest.Group) {
			r, err := train.New(p, x0, rule, train.Settings{Batch: 8, Steps: 30, EvaluateEvery: 4, MicroBatches: 4, Shard: left%2 == 1, Group: &lost{g, left / 2}})
			if err != nil {
				t.Error(err)
				return
			}
			result, err := r.Finish(context.Background(), nil)
			if !errors.Is(err, errLost) || result.Status != optimize.Failure {
				t.Errorf("after %d exchanges: %v, %v", left, result.Status, err)
			}
			for _, v := range result.X {
				if v-v != 0 {
					t.Errorf("after %d exchanges: x = %v", left, result.X)
				}
			}
		})
	}
}

// TestRanksDecideTogether: if the context or the time ends on one rank, all ranks end. If a gradient is bad on one rank, all skip it and name the rank.
func TestRanksDecideTogether(t *testing.T) {
	p, rule := problem(t), rules.Adam{LR: schedule.Constant(0.01)}
	x0 := make([]float64, 10)
	ended, cancel := context.WithCancel(context.Background())
	cancel()
	for odd := range 3 {
		var status [3]optimize.Status
		disttest.Together(3, func(g *disttest.Group) {
			ctx := context.Background()
			if g.Rank() == odd {
				ctx = ended
			}
			r, _ := train.New(p, x0, rule, train.Settings{Batch: 8, Steps: 30, MicroBatches: 4, Group: g})
			result, _ := r.Finish(ctx, nil)
			status[g.Rank()] = result.Status
		})
		if status != [3]optimize.Status{train.Interrupted, train.Interrupted, train.Interrupted} {
			t.Errorf("interrupted on rank %d: %v", odd, status)
		}
		var steps [3]int
		disttest.Together(3, func(g *disttest.Group) {
			limit := time.Hour
			if g.Rank() == odd {
				limit = 1
			}
			r, _ := train.New(p, x0, rule, train.Settings{Batch: 8, Runtime: limit, MicroBatches: 4, Group: g})
			result, _ := r.Finish(context.Background(), nil)
			steps[g.Rank()] = result.Step
		})
		if steps != [3]int{1, 1, 1} {
			t.Errorf("time is over on rank %d: steps %v", odd, steps)
		}
	}
	var states [3]train.State[float64]
	disttest.Together(3, func(g *disttest.Group) {
		broken := &nanOn{FiniteSum: p, here: g.Rank() == 1}
		r, _ := train.New[float64](broken, x0, rule, train.Settings{Batch: 8, Steps: 12, MicroBatches: 4, Group: g,
			Guard: &train.Guard{Skips: 1, Rollbacks: 2, Skipped: func(i train.Incident) {
				var bad *optim.NonfiniteError
				if !errors.As(i.Reason, &bad) || !slices.Equal(bad.Ranks, []int{1}) || !strings.Contains(bad.Finding(), "on rank 1") {
					t.Errorf("rank %d: %v", g.Rank(), i.Reason)
				}
			}}})
		var saved train.State[float64]
		r.Rollback = func() (train.State[float64], error) { return saved, nil }
		if _, err := r.Finish(context.Background(), func() error {
			if r.K() == 3 && g.Rank() == 0 {
				saved = r.State()
			}
			return nil
		}); err != nil {
			t.Error(err)
		}
		states[g.Rank()] = r.State()
	})
	for rank, s := range states {
		if skips := s.Scalars["guard"]; skips[4] != 3 || skips[5] != 1 || !slices.Equal(s.Vectors["x"], states[0].Vectors["x"]) {
			t.Errorf("rank %d: x = %v, guard %v", rank, s.Vectors["x"], skips)
		}
	}
}

// nanOn makes gradients of some calls NaN on one rank.
type nanOn struct {
	objective.FiniteSum[float64]
	here  bool
	calls int
}

func (p *nanOn) Grad(dst, x []float64, batch []uint32) float64 {
	loss := p.FiniteSum.Grad(dst, x, batch)
	if p.calls++; p.here && (p.calls == 5 || p.calls == 8 || p.calls == 9) {
		dst[3] = math.NaN()
	}
	return loss
}
