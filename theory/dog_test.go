package theory

import (
	"context"
	"math"
	"testing"

	"gonum.org/v1/gonum/floats"

	"steepest/objective"
	"steepest/optim"
	"steepest/optim/rules"
	"steepest/train"
)

// progress adds up ⟨g_t, x_t − x*⟩ for the gradients that a run asks for.
type progress struct {
	objective.FiniteSum[float64]
	minimizer []float64
	sums      []float64 // the sum before each step
	sum       float64
}

func (p *progress) Grad(dst, x []float64, batch []uint32) float64 {
	p.sums = append(p.sums, p.sum)
	loss := p.FiniteSum.Grad(dst, x, batch)
	p.sum += floats.Dot(dst, x) - floats.Dot(dst, p.minimizer)
	return loss
}

// TestRegretOfDoG: on every run the sum of ⟨g_t, x_t − x*⟩ stays below its bound, with any noise. The bound is a few times the largest sum.
func TestRegretOfDoG(t *testing.T) {
	for _, name := range []string{"quadratic κ=5", "ε|x|±x, ε=.2", "two kinks", "two logistic", "ridge", "ripple"} {
		i := instances(t)[name]
		tightest := math.Inf(1)
		for seed := range uint64(8) {
			for _, initial := range []float64{1e-6, 0.1} {
				rule := rules.DoG{Initial: optim.Set(initial)}
				q, regret := WatchDoG(i.problem, rule, i.best.X)
				p := &progress{FiniteSum: q, minimizer: i.best.X}
				s := train.Settings{Batch: 1, Steps: 300, Seed: seed, EvaluateEvery: math.MaxInt}
				if _, err := train.Minimize(context.Background(), p, i.start, rule, s); err != nil {
					t.Fatal(err)
				}
				for k, sum := range p.sums {
					if bound := (*regret)[k]; sum > bound*(1+1e-12)+1e-15 {
						t.Fatalf("%s: the sum before step %d is %v, and its bound %v", name, k, sum, bound)
					} else if sum > 0 {
						tightest = min(tightest, bound/sum)
					}
				}
			}
		}
		if !(tightest < 20) {
			t.Errorf("%s: the bound is never less than %v times the sum", name, tightest)
		}
	}
}

// TestDoGInExpectation: with noise, the mean over runs is below the mean of the bounds. A single run may be above its bound.
func TestDoGInExpectation(t *testing.T) {
	i := instances(t)["ε|x|±x, ε=.2"]
	run := setup(rules.DoG{}, 200, train.UniformAverage)
	m := measure(t, i, run, 100)
	run.Regret, run.Drawn = m.trace, 100
	b, err := Find("dog")
	if err != nil {
		t.Fatal(err)
	}
	bound := b.Apply(i.facts(), run)
	if bound.Verdict() != Unknown || !bound.Speaks() {
		t.Errorf("%v: %+v", bound.Verdict(), bound.Hypotheses)
	}
	if least, _ := m.tightness(t, "dog", &bound); math.IsInf(least, 1) {
		t.Error("nothing is bounded")
	}
}
