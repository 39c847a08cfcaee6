package train

import (
	"context"
	"math"
	"testing"

	"gonum.org/v1/gonum/stat"

	"steepest/objective"
	"steepest/optim"
	"steepest/optim/rules"
	"steepest/optim/schedule"
)

// curves returns the loss of each seed at every step, [step][seed].
func curves(t *testing.T, f *objective.Function, rule optim.Rule, s Settings, seeds int) [][]float64 {
	t.Helper()
	losses := make([][]float64, s.Steps+1)
	s.Batch, s.EvaluateEvery = 1, 1
	for seed := range seeds {
		s.Seed = uint64(seed)
		s.Recorder = RecorderFunc(func(p Point) error { losses[p.Step] = append(losses[p.Step], p.Loss); return nil })
		if _, err := Minimize(context.Background(), f, f.Start, rule, s); err != nil {
			t.Fatal(err)
		}
	}
	return losses
}

// TestExpectedErrorOfSGD compares the mean over seeds with the exact recursion on the noisy quadratic: m_j = E x_j²
// obeys m_j ← (1−αh_j)² m_j + α²u_j², and E f = ½ Σ h_j m_j.
func TestExpectedErrorOfSGD(t *testing.T) {
	long(t)
	h, u := []float64{0.5, 1, 4}, []float64{0.6, 0, 0.8}
	f := objective.NoisyQuadratic(h, u)
	for _, lr := range []schedule.Schedule{schedule.Constant(0.1), schedule.Constant(0.4), schedule.InvSqrt{Initial: 0.3}} {
		const steps, seeds = 30, 2000
		losses := curves(t, f, rules.SGD{LR: lr}, Settings{Steps: steps}, seeds)
		m := []float64{1, 1, 1}
		for k := range steps {
			want := 0.0
			for j := range m {
				a := lr.At(k)
				m[j] = (1-a*h[j])*(1-a*h[j])*m[j] + a*a*u[j]*u[j]
				want += h[j] * m[j] / 2
			}
			mean, deviation := stat.MeanStdDev(losses[k+1], nil)
			if got := math.Abs(mean - want); got > 4*deviation/math.Sqrt(seeds)+1e-15 {
				t.Errorf("%v: step %d: mean loss %v ± %v, want %v", lr, k+1, mean, deviation/math.Sqrt(seeds), want)
			}
		}
	}
}

// TestLinearRate follows gradient descent along the eigenvectors of a quadratic: f_k = ½ Σ h_j (1−αh_j)^{2k} x_j².
func TestLinearRate(t *testing.T) {
	f := objective.NoisyQuadratic([]float64{1, 10}, []float64{0, 0})
	const alpha = 0.1 // 1/L: the second coordinate is solved in one step, the first contracts by 1 − μ/L
	_, points := record(t, f, []float64{1, 1}, sgd(alpha), Settings{Steps: 200, EvaluateEvery: 1})
	for k, p := range points[1:] {
		if want := math.Pow(1-alpha, 2*float64(k+1)) / 2; math.Abs(p.Loss/want-1) > 1e-12 {
			t.Errorf("step %d: f = %v, want %v", k+1, p.Loss, want)
		}
	}
}

// TestRateOfDecreasingSteps fits the slope of the mean excess under α_k = 1/(μ(k+1)) on a doubly logarithmic scale,
// which is −1 on a strongly convex problem.
func TestRateOfDecreasingSteps(t *testing.T) {
	long(t)
	f := objective.NoisyQuadratic([]float64{1, 2}, []float64{0.6, 0.8})
	losses := curves(t, f, rules.SGD{LR: schedule.Inverse{Initial: 1}}, Settings{Steps: 1000}, 100)
	var x, y []float64
	for k := 50; k <= 1000; k++ {
		x, y = append(x, math.Log(float64(k))), append(y, math.Log(stat.Mean(losses[k], nil)))
	}
	if _, slope := stat.LinearRegression(x, y, nil, false); math.Abs(slope+1) > 0.1 {
		t.Errorf("slope %.3f, want -1", slope)
	}
}

// TestAverageRemovesTheFloor: on least squares with additive noise and a constant step, the last iterate stays at the floor of its noise,
// and the error of the average falls as 1/k (Bach and Moulines 2013, theorem 1).
func TestAverageRemovesTheFloor(t *testing.T) {
	long(t)
	f := objective.NoisyQuadratic([]float64{1, 2}, []float64{0.6, 0.8})
	at := func(form AverageForm, steps int) float64 {
		losses := curves(t, f, sgd(0.2), Settings{Steps: steps, Average: Average{Form: form}}, 100)
		return stat.Mean(losses[steps], nil)
	}
	if ratio := at(LastIterate, 100) / at(LastIterate, 1600); ratio < 0.5 || ratio > 2 {
		t.Errorf("the last iterate improves %v times", ratio)
	}
	if ratio := at(UniformAverage, 100) / at(UniformAverage, 1600); ratio < 8 || ratio > 32 {
		t.Errorf("the average improves %v times over 16 times the steps", ratio)
	}
}
