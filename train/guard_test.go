package train

import (
	"context"
	"errors"
	"math"
	"slices"
	"testing"

	"steepest/objective"
	"steepest/optim"
	"steepest/optim/rules"
	"steepest/param"
)

// spoilt is a linear model with bad gradients or losses of some terms. A batch is one term.
type spoilt[T param.Float] struct {
	*objective.Linear[T]
	terms []int
	with  float64 // the gradient if this is not finite; otherwise the factor of the loss
}

func (p spoilt[T]) Grad(dst, x []T, batch []uint32) float64 {
	loss := p.Linear.Grad(dst, x, batch)
	if !slices.Contains(p.terms, int(batch[0])) {
		return loss
	}
	if p.with-p.with == 0 {
		return loss * p.with
	}
	dst[len(dst)/2] = T(p.with)
	return loss
}

// guarded returns a run over the terms in order, one at a time. It goes back to the state that kept points to.
func guarded[T param.Float](t *testing.T, p objective.FiniteSum[T], steps int, g Guard, kept *State[T]) *Run[T] {
	t.Helper()
	r, err := New(p, make([]T, objective.Dim(p)), rules.Adam{}, Settings{
		Batch: 1, Sampling: Sequential, Steps: steps, Guard: &g, Evaluate: []Measure{}, EvaluateEvery: 1,
	})
	if err != nil {
		t.Fatal(err)
	}
	r.Rollback = func() (State[T], error) {
		if kept.Vectors == nil {
			return *kept, errors.New("nothing is kept")
		}
		return *kept, nil
	}
	return r
}

// follow returns x after steps over some terms.
func follow[T param.Float](t *testing.T, p objective.FiniteSum[T], terms []int) []T {
	t.Helper()
	o, err := optim.New[T](rules.Adam{}, p.Params())
	if err != nil {
		t.Fatal(err)
	}
	x, g := make([]T, objective.Dim(p)), make([]T, objective.Dim(p))
	for _, i := range terms {
		p.Grad(g, x, []uint32{uint32(i)})
		if err := o.Step(x, g); err != nil {
			t.Fatal(err)
		}
	}
	return x
}

// TestGuardSkips: a run with bad terms ends with the bits of a run over the other terms, and reports the bad terms. The gradient may be
// bad from the first step on, the loss from the second.
func TestGuardSkips(t *testing.T) {
	p := logistic(t, objective.L2(0.1))
	single, err := objective.Single(p)
	if err != nil {
		t.Fatal(err)
	}
	skips(t, p)
	skips(t, single.(*objective.Linear[float32]))
}

func skips[T param.Float](t *testing.T, p *objective.Linear[T]) {
	const steps = 30
	for _, with := range []float64{math.NaN(), math.Inf(1), math.Inf(-1), 100} {
		for _, bad := range [][]int{{1}, {2, 3}, {5, 7, 9}, {29}, {28, 29}, {1, 2, 20, 21}} {
			var told []int
			g := Guard{Deviations: 6, Skips: 2, Skipped: func(i Incident) {
				var nonfinite *optim.NonfiniteError
				var spike *SpikeError
				if finite := with == 100; i.Step != int(i.Batch[0]) || errors.As(i.Reason, &nonfinite) == finite || errors.As(i.Reason, &spike) != finite {
					t.Errorf("step %d, batch %v: %v", i.Step, i.Batch, i.Reason)
				}
				told = append(told, i.Step)
			}}
			result, err := guarded(t, spoilt[T]{p, bad, with}, steps, g, &State[T]{}).Finish(context.Background(), nil)
			if err != nil {
				t.Fatalf("%v, %v: %v", bad, with, err)
			}
			var good []int
			for i := range steps {
				if !slices.Contains(bad, i) {
					good = append(good, i)
				}
			}
			if !slices.Equal(result.X, follow(t, p, good)) {
				t.Errorf("%T, %v, %v: the run ends elsewhere", *new(T), bad, with)
			}
			if !slices.Equal(told, bad) || result.Skipped != len(bad) {
				t.Errorf("%T, %v, %v: told of %v, and %d are counted", *new(T), bad, with, told, result.Skipped)
			}
		}
	}
}

// TestGuardGoesBack: after too many bad terms in a row the run goes back to the kept state and continues after the bad terms. If it is stopped
// after any step and continued in another Run, the bits are the same.
func TestGuardGoesBack(t *testing.T) {
	const steps, keep = 28, 4
	p := logistic(t, objective.L2(0.1))
	bad := spoilt[float64]{p, []int{10, 11, 12, 20, 27, 28, 29, 30}, math.NaN()}
	g := Guard{Deviations: 6, Skips: 2, Rollbacks: 3}
	// At term 12 the run goes back to step 8, made of the terms before 8, and continues with term 13. Term 20 is skipped at step 15, so step
	// 16 is not kept. At term 29 the run goes back to step 20, made of terms before 25, and continues with term 30, which is skipped.
	want := []int{0, 1, 2, 3, 4, 5, 6, 7, 13, 14, 15, 16, 17, 18, 19, 21, 22, 23, 24, 31, 32, 33, 34, 35, 36, 37}
	for stop := 1; stop < steps; stop++ {
		var kept State[float64]
		var run *Run[float64]
		between := func() error {
			if run.K()%keep == 0 && !run.Doubtful() {
				kept = run.State()
			}
			return nil
		}
		run = guarded(t, bad, stop, g, &kept)
		if _, err := run.Finish(context.Background(), between); err != nil {
			t.Fatal(err)
		}
		state := run.State()
		run = guarded(t, bad, steps, g, &kept)
		if err := run.Restore(state); err != nil {
			t.Fatal(err)
		}
		result, err := run.Finish(context.Background(), between)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(result.X, follow(t, p, want)) || result.Step != steps {
			t.Fatalf("stopped at %d: the run ends elsewhere, at step %d", stop, result.Step)
		}
		if result.Skipped != 3+1+3+1 {
			t.Errorf("stopped at %d: %d are counted as skipped", stop, result.Skipped)
		}
	}
}

// TestGuardGivesUp: if the run cannot go back, or has gone back too often, it has diverged, for the reason of the bad gradient. x is the
// point after the last good step.
func TestGuardGivesUp(t *testing.T) {
	p := logistic(t, objective.L2(0.1))
	all := make([]int, 40)
	for i := range all {
		all[i] = 10 + i
	}
	for _, c := range []struct {
		guard Guard
		with  float64
		keep  bool
		step  int
		want  string
	}{
		{Guard{}, math.NaN(), true, 10, `train: the run diverged: optim: step 10: the gradient of "weight" is NaN at element 5`},
		{Guard{Skips: 3, Rollbacks: 2}, math.Inf(1), false, 13,
			`train: the run diverged: optim: step 13: the gradient of "weight" is +Inf at element 5, and not finite for 4 times in a row; and there is no way back: nothing is kept`},
		{Guard{Skips: 3, Rollbacks: 2}, math.NaN(), true, 11, `train: the run diverged: optim: step 11: the gradient of "weight" is NaN at element 5, and not finite for 4 times in a row`},
		{Guard{Deviations: 6, Skips: 1}, 100, true, 11, `train: the run diverged: the loss over the batch is`},
	} {
		var kept State[float64]
		run := guarded(t, spoilt[float64]{p, all, c.with}, 60, c.guard, &kept)
		result, err := run.Finish(context.Background(), func() error {
			if c.keep && run.K() == 8 {
				kept = run.State()
			}
			return nil
		})
		if !errors.Is(err, ErrDiverged) || len(err.Error()) < len(c.want) || err.Error()[:len(c.want)] != c.want {
			t.Errorf("%v, want %s", err, c.want)
		}
		if result.Status != Diverged || result.Step != c.step {
			t.Errorf("%v: step %d, %v", c.guard, result.Step, result.Status)
		}
		for _, v := range result.X {
			if v-v != 0 {
				t.Fatalf("%v: x = %v", c.guard, result.X)
			}
		}
	}
}

// TestHeldOutJudges: if the problem itself is not measured, a held-out loss that is not finite at the end is a divergence. Gradients alone do
// not show it, since a Guard skips bad ones.
func TestHeldOutJudges(t *testing.T) {
	p := logistic(t)
	for _, loss := range []float64{math.NaN(), math.Inf(1), 1} {
		held := HeldOut[float64]("validation", &objective.Funcs[float64]{D: objective.Dim(p), Func: func([]float64, int) float64 { return loss }})
		for _, measured := range []bool{false, true} {
			s := Settings{Steps: 2, Guard: &Guard{Skips: 3}, Evaluate: []Measure{held}}
			if measured {
				s.Evaluate = append(s.Evaluate, Whole())
			}
			result, err := Minimize(context.Background(), p, make([]float64, objective.Dim(p)), rules.Adam{}, s)
			if diverged := loss != 1 && !measured; errors.Is(err, ErrDiverged) != diverged || (result.Status == Diverged) != diverged {
				t.Errorf("loss %v, measured %v: %v, %v", loss, measured, result.Status, err)
			}
		}
	}
}

// TestSpike compares the bound with weighted mean and deviation computed plainly. Only losses above the bound are spikes.
func TestSpike(t *testing.T) {
	for _, losses := range [][]float64{{5}, {5, 4}, {5, 5, 5}, {3, 3.5, 2.5, 3.1, 2.2, 2.9}, {1e-9, 3e-9}, {0, 0}, slices.Repeat([]float64{2, 1}, 400)} {
		g := &guard{Guard: Guard{Deviations: 6}}
		for _, loss := range losses {
			g.add(loss)
		}
		var sum, mean, variance float64
		for i, loss := range losses {
			weight := math.Pow(0.97, float64(len(losses)-1-i))
			sum, mean = sum+weight, mean+weight*loss
		}
		mean /= sum
		for i, loss := range losses {
			variance += math.Pow(0.97, float64(len(losses)-1-i)) * (loss - mean) * (loss - mean) / sum
		}
		bound := mean + 6*max(math.Sqrt(variance), mean/20)
		if err := g.spike(bound*(1+1e-12) + 1e-300); err == nil {
			t.Errorf("%v: a loss above %v is no spike", losses, bound)
		}
		if err := g.spike(bound * (1 - 1e-12)); err != nil {
			t.Errorf("%v: %v, want the bound %v", losses, err, bound)
		}
		if g.Deviations = 0; g.spike(1e300) != nil {
			t.Error("without deviations there is a spike")
		}
	}
	if new(guard).spike(1e300) != nil {
		t.Error("the first loss is a spike")
	}
}

// unreadable is a problem whose terms cannot be read from some evaluation on.
type unreadable struct {
	objective.FiniteSum[float64]
	left *int
}

var errUnreadable = errors.New("input/output error")

func (p unreadable) Err() error {
	if *p.left <= 0 {
		return errUnreadable
	}
	return nil
}

func (p unreadable) Grad(dst, x []float64, batch []uint32) float64 {
	*p.left--
	return p.FiniteSum.Grad(dst, x, batch)
}

func (p unreadable) Loss(x []float64, batch []uint32) float64 {
	*p.left--
	return p.FiniteSum.Loss(x, batch)
}

// TestFallible: if terms cannot be read, training or held-out, a run ends at the last whole step with the error of reading.
func TestFallible(t *testing.T) {
	p := logistic(t)
	for _, held := range []bool{false, true} {
		left := 5
		bad := unreadable{p, &left}
		s := Settings{Batch: 3, Steps: 9, EvaluateEvery: 1, Guard: &Guard{Skips: 100}}
		problem := objective.FiniteSum[float64](p)
		if held {
			s.Evaluate = []Measure{HeldOut("held", objective.FiniteSum[float64](bad))}
		} else {
			problem, s.Evaluate = bad, []Measure{}
		}
		result, err := Minimize(context.Background(), problem, make([]float64, objective.Dim(p)), sgd(0.1), s)
		if !errors.Is(err, errUnreadable) || errors.Is(err, ErrDiverged) || result.Step != 4 {
			t.Errorf("held out: %v: step %d, %v", held, result.Step, err)
		}
	}
}
