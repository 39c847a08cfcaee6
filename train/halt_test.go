package train_test

import (
	"context"
	"errors"
	"math"
	"slices"
	"testing"

	"gonum.org/v1/gonum/optimize"

	"steepest/objective"
	"steepest/optim"
	"steepest/optim/rules"
	"steepest/train"
)

// gate blocks the nth call of pass until it is opened.
type gate struct {
	n             int
	reached, open chan struct{}
}

func newGate(n int) *gate { return &gate{n, make(chan struct{}), make(chan struct{})} }

func (g *gate) pass() {
	if g.n--; g.n == 0 {
		close(g.reached)
		<-g.open
	}
}

// gated is a problem whose gradients or losses take long.
type gated struct {
	objective.FiniteSum[float64]
	grad, loss *gate
}

func (p gated) Grad(dst, x []float64, batch []uint32) float64 {
	if p.grad != nil {
		p.grad.pass()
	}
	return p.FiniteSum.Grad(dst, x, batch)
}

func (p gated) Loss(x []float64, batch []uint32) float64 {
	if p.loss != nil {
		p.loss.pass()
	}
	return p.FiniteSum.Loss(x, batch)
}

// TestHalt halts a run while it computes a gradient, a step and an evaluation. The result is that of the last whole step. The state
// continues from there, unless the unfinished step has begun to change it.
func TestHalt(t *testing.T) {
	const steps, halted = 20, 8
	smooth, x0 := problem(t, objective.L2(0.01)), slices.Repeat([]float64{0.1}, 10)
	settings := train.Settings{Batch: 7, Steps: steps, EvaluateEvery: 4, Average: train.Average{Form: train.UniformAverage}}
	slow := func(g *gate) optim.Chain {
		return append(optim.Chain{optim.Transform{Name: "gate", Scales: true, Begin: func(s *optim.Step, _ []float64, c *optim.Coeffs) {
			c[0] = 1
			if g != nil && s.K == halted {
				g.pass()
			}
		}}}, rules.Adam{}.Chain()...)
	}
	first := settings
	first.Steps = halted
	want := untouched[float64](t, smooth, x0, slow(nil), first).result
	whole := untouched[float64](t, smooth, x0, slow(nil), settings).result
	for phase, test := range map[string]struct {
		gate    *gate
		build   func(*gate) (objective.FiniteSum[float64], optim.Chain)
		torn    bool
		measure bool // whether the result has a measurement
	}{
		"gradient":   {newGate(halted + 1), func(g *gate) (objective.FiniteSum[float64], optim.Chain) { return gated{smooth, g, nil}, slow(nil) }, false, true},
		"step":       {newGate(1), func(g *gate) (objective.FiniteSum[float64], optim.Chain) { return smooth, slow(g) }, true, true},
		"evaluation": {newGate(5), func(g *gate) (objective.FiniteSum[float64], optim.Chain) { return gated{smooth, nil, g}, slow(nil) }, false, false},
	} {
		p, rule := test.build(test.gate)
		run, err := train.New(p, x0, rule, settings)
		if err != nil {
			t.Fatal(err)
		}
		ended := make(chan error)
		go func() {
			_, err := run.Finish(context.Background(), nil)
			ended <- err
		}()
		<-test.gate.reached
		got := run.Halt()
		if run.Whole() == test.torn || got.Status != train.Interrupted || got.Step != halted || got.LR != want.LR || !slices.Equal(got.X, want.X) {
			t.Errorf("%s: whole: %v, got %+v, want %+v", phase, run.Whole(), got, want)
		}
		if test.measure != (got.Loss == want.Loss) || test.measure == math.IsNaN(got.Loss) {
			t.Errorf("%s: F = %v, want %v", phase, got.Loss, want.Loss)
		}
		var state train.State[float64]
		if !test.torn {
			state = run.State()
		}
		close(test.gate.open)
		if err := <-ended; !errors.Is(err, train.ErrHalted) {
			t.Errorf("%s: Finish returns %v", phase, err)
		}
		if err := run.Step(); err != train.ErrHalted || run.K() != halted || !slices.Equal(run.X(), want.X) {
			t.Errorf("%s: the run went on to step %d: %v", phase, run.K(), err)
		}
		if test.torn {
			continue
		}
		next, err := train.New[float64](smooth, x0, slow(nil), settings)
		if err != nil {
			t.Fatal(err)
		}
		if err := next.Restore(state); err != nil {
			t.Fatal(err)
		}
		end, err := next.Finish(context.Background(), nil)
		if err != nil || end.Status != optimize.IterationLimit || !slices.Equal(end.X, whole.X) {
			t.Errorf("%s: goes on to %v, %v; want %v", phase, end, err, whole.X)
		}
	}
}
