package train

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"steepest/objective"
	"steepest/optim"
	"steepest/optim/rules"
	"steepest/optim/schedule"
)

// iterates runs the plain loop of SGD from x₀ = (1, …, 1) for some steps and returns x₀ … x_steps.
func iterates(p objective.FiniteSum[float64], lr schedule.Schedule, batches *Batches, steps int) [][]float64 {
	xs, g := [][]float64{ones(objective.Dim(p))}, make([]float64, objective.Dim(p))
	for k := range steps {
		x := slices.Clone(xs[k])
		p.Grad(g, x, batches.At(k))
		for j := range x {
			x[j] -= lr.At(k) * g[j]
		}
		xs = append(xs, x)
	}
	return xs
}

func ones(d int) []float64 { return slices.Repeat([]float64{1}, d) }

// weightedMean returns Σ wₜxₜ / Σ wₜ.
func weightedMean(xs [][]float64, w func(t int) float64) []float64 {
	mean, total := make([]float64, len(xs[0])), 0.0
	for t, x := range xs {
		total += w(t)
		for j := range x {
			mean[j] += w(t) * x[j]
		}
	}
	for j := range mean {
		mean[j] /= total
	}
	return mean
}

// TestAveragesEqualFormulas compares every evaluation of a run with the formula over the recorded iterates.
func TestAveragesEqualFormulas(t *testing.T) {
	const steps, batch = 40, 60
	p := logistic(t)
	lr := schedule.InvSqrt{Initial: 2}
	one := func(int) float64 { return 1 }
	suffix := func(from int) func(xs [][]float64, k int) []float64 {
		return func(xs [][]float64, k int) []float64 {
			if k <= from {
				return xs[k]
			}
			return weightedMean(xs[from:k], one)
		}
	}
	for _, sampling := range []Sampling{WithReplacement, Reshuffle} {
		xs := iterates(p, lr, NewBatches(sampling, 200, batch, 3), steps)
		for _, test := range []struct {
			average Average
			want    func(xs [][]float64, k int) []float64 // for k > 0
		}{
			{Average{}, func(xs [][]float64, k int) []float64 { return xs[k] }},
			{Average{Form: UniformAverage}, func(xs [][]float64, k int) []float64 { return weightedMean(xs[:k], one) }},
			{Average{Form: StepAverage}, func(xs [][]float64, k int) []float64 { return weightedMean(xs[:k], lr.At) }},
			{Average{Form: SuffixAverage}, suffix(20)},
			{Average{Form: SuffixAverage, Share: 0.3}, suffix(28)},
			{Average{Form: SuffixAverage, Share: 1}, suffix(0)},
			{Average{Form: ExponentialAverage}, exponential(0.99)},
			{Average{Form: ExponentialAverage, Beta: 0.5}, exponential(0.5)},
			{Average{Form: BlendAverage}, blend(36, 149./150, 0.6)},
			{Average{Form: BlendAverage, Share: 0.5, Beta: 0.8, Weight: 0.3}, blend(20, 0.8, 0.3)},
		} {
			name := fmt.Sprintf("%v, %+v", sampling, test.average)
			checkAverage(t, name, p, xs, test.want, rules.SGD{LR: lr},
				Settings{Batch: batch, Sampling: sampling, Seed: 3, Steps: steps, EvaluateEvery: 1, Average: test.average})
		}
	}
}

// exponential returns the closed form β^k x₀ + (1−β) Σ β^{k−1−t} xₜ.
func exponential(beta float64) func(xs [][]float64, k int) []float64 {
	return func(xs [][]float64, k int) []float64 {
		mean := make([]float64, len(xs[0]))
		for j := range mean {
			mean[j] = math.Pow(beta, float64(k)) * xs[0][j]
			for t := range k {
				mean[j] += (1 - beta) * math.Pow(beta, float64(k-1-t)) * xs[t][j]
			}
		}
		return mean
	}
}

// blend returns (1−w)xₖ + w times the closed form of the average from an iterate on.
func blend(from int, beta, w float64) func(xs [][]float64, k int) []float64 {
	return func(xs [][]float64, k int) []float64 {
		if k <= from {
			return xs[k]
		}
		mean := exponential(beta)(xs[from:], k-from)
		for j, x := range xs[k] {
			mean[j] = (1-w)*x + w*mean[j]
		}
		return mean
	}
}

// checkAverage makes a run for every number of steps. Each must return the average and the loss at the average.
func checkAverage(t *testing.T, name string, p objective.FiniteSum[float64], xs [][]float64,
	want func([][]float64, int) []float64, rule optim.Rule, s Settings) {
	t.Helper()
	res, points := record(t, p, xs[0], rule, s)
	for k, point := range points {
		mean := xs[0]
		if k > 0 {
			mean = want(xs, k)
		}
		if loss := p.Loss(mean, nil); math.Abs(point.Loss-loss) > 1e-14 {
			t.Errorf("%s: step %d: loss %.17g, the formula gives %.17g", name, k, point.Loss, loss)
		}
	}
	if mean := want(xs, s.Steps); distance(res.X, mean) > 1e-13 {
		t.Errorf("%s: the run returns %v, the formula gives %v", name, res.X, mean)
	}
	if loss := p.Loss(res.X, nil); res.Loss != loss {
		t.Errorf("%s: loss %v at the X returned, evaluated %v", name, loss, res.Loss)
	}
}

// TestSuffixOfEpochs has batches that do not divide the epoch: an epoch of 200 terms takes four steps of at most 60 terms, and the suffix
// begins after three of six epochs.
func TestSuffixOfEpochs(t *testing.T) {
	p := logistic(t)
	for _, test := range []struct {
		sampling    Sampling
		steps, from int
	}{{WithReplacement, 20, 10}, {Reshuffle, 24, 12}, {Sequential, 24, 12}} {
		s := Settings{Batch: 60, Sampling: test.sampling, Epochs: 6, Average: Average{Form: SuffixAverage}}
		res, _ := record(t, p, ones(10), sgd(1), s)
		xs := iterates(p, schedule.Constant(1), NewBatches(test.sampling, 200, 60, 0), test.steps)
		want := weightedMean(xs[test.from:test.steps], func(int) float64 { return 1 })
		if res.Step != test.steps || distance(res.X, want) > 1e-13 {
			t.Errorf("%v: %d steps, average %v; want %d, %v", test.sampling, res.Step, res.X, test.steps, want)
		}
	}
}

// TestAveragesOfAccumulatedSteps: each iterate counts once, whatever the number of batches of its step.
func TestAveragesOfAccumulatedSteps(t *testing.T) {
	p := logistic(t)
	lr := schedule.InvSqrt{Initial: 2}
	rule := optim.Preparation{Accumulate: optim.Set(4)}.Of(rules.SGD{LR: lr})
	full := NewBatches(Sequential, 200, 200, 0) // four quarters of the sum make the whole
	xs := iterates(p, lr, full, 10)
	for form, want := range map[AverageForm][]float64{
		LastIterate:        xs[10],
		UniformAverage:     weightedMean(xs[:10], func(int) float64 { return 1 }),
		StepAverage:        weightedMean(xs[:10], lr.At),
		SuffixAverage:      weightedMean(xs[5:10], func(int) float64 { return 1 }),
		ExponentialAverage: exponential(0.99)(xs, 10),
	} {
		res, points := record(t, p, xs[0], rule, Settings{
			Batch: 50, Sampling: Sequential, Steps: 40, EvaluateEvery: 1, Average: Average{Form: form}})
		if distance(res.X, want) > 1e-12 {
			t.Errorf("%v: %v, want %v", form, res.X, want)
		}
		for k := range 4 {
			if points[k].Step != k || points[k].Loss != points[0].Loss {
				t.Errorf("%v: loss %v at batch %d of the first step, %v at its start", form, points[k].Loss, k, points[0].Loss)
			}
		}
	}
}
