package theory

import (
	"math"
	"testing"

	"steepest/data"
	"steepest/objective"
	"steepest/optim/schedule"
	"steepest/train"
)

// TestSlopes fits the rates of the lecture's table of complexities.
func TestSlopes(t *testing.T) {
	all := instances(t)
	power := func(k []int, y []float64) Fit {
		x := make([]float64, len(k))
		for i, v := range k {
			x[i] = float64(v)
		}
		return Power(x, y)
	}
	near := func(name string, f Fit, want, tolerance float64) {
		t.Helper()
		if !(math.Abs(f.Slope-want) <= tolerance) {
			t.Errorf("%s: slope %.3f ± %.3f, want %.3f", name, f.Slope, f.Error, want)
		}
	}
	one := func(int) float64 { return 1 }

	// SGD, PL: −1
	q := all["quadratic κ=1.5"].facts().Quadratic
	for _, s := range []schedule.Schedule{schedule.StronglyConvex{Mu: 1}, schedule.Switch{Mu: 1, L: 1.5}} {
		e := q.SGD(s, one, 1, 1<<14)
		var k []int
		var y []float64
		for i := 1 << 8; i <= 1<<14; i *= 2 {
			k, y = append(k, i), append(y, e.Excess[i])
		}
		near("SGD, PL", power(k, y), Complexities[0].SGD, 0.02)
	}

	// GD, PL: linear, with the factor (1 − μ/L)² of a quadratic
	e := all["quadratic κ=5"].facts().Quadratic.SGD(schedule.Constant(0.2), one, 0, 100)
	var k []float64
	for i := range e.Excess {
		k = append(k, float64(i))
	}
	near("GD, PL", Linear(k[1:], e.Excess[1:]), 2*math.Log(0.8), 1e-6)

	// SGD, convex: −1/2, on the worst function for each number of steps
	var steps []int
	var ends []float64
	for n := 64; n <= 4096; n *= 4 {
		i := known(worst(n), 1)
		p := i.facts()
		r := setup(sgd(schedule.Constant(p.Distance/math.Sqrt(p.SecondMoment*float64(n)))), n, train.UniformAverage)
		m := measure(t, i, r, 400)
		steps, ends = append(steps, n), append(ends, m.of[AverageExcess][len(m.steps)-1].mean)
	}
	near("SGD, convex", power(steps, ends), Complexities[1].SGD, 0.05)

	// GD, convex: −1, on the worst function for each number of steps
	steps, ends = nil, nil
	for n := 16; n <= 1024; n *= 4 {
		i := worstOfGD(t, n)
		m := measure(t, i, full(sgd(schedule.Constant(1)), n), 1)
		end := m.of[Excess][len(m.steps)-1].mean
		steps, ends = append(steps, n), append(ends, end)
		if want := 1 / (4*float64(n) + 2); math.Abs(end/want-1) > 1e-9 {
			t.Errorf("GD on the worst function for %d steps: %v, want %v", n, end, want)
		}
	}
	near("GD, convex", power(steps, ends), Complexities[1].GD, 0.02)

	// averaged SGD on least squares with a constant step: −1, with strong convexity or without. The start is the solution, so
	// that there is no bias, which falls as 1/k².
	for _, name := range []string{"one-hot, two", "one-hot, flat"} {
		i := all[name]
		i.start = i.best.X
		steps, ends = nil, nil
		for n := 1 << 9; n <= 1<<12; n *= 2 {
			r := setup(sgd(schedule.Constant(1/(4*i.facts().Regression.R2))), n, train.UniformAverage)
			m := measure(t, i, r, 100)
			steps, ends = append(steps, n), append(ends, m.of[AverageExcess][len(m.steps)-1].mean)
		}
		near("averaged SGD, "+name, power(steps, ends), -1, 0.1)
	}
}

func TestFits(t *testing.T) {
	k := []float64{0, 1, 2, 4, 8, 16}
	var y, z []float64
	for _, v := range k {
		y, z = append(y, 3*math.Pow(v, -0.5)), append(z, 3*math.Pow(0.9, v))
	}
	if f := Power(k[1:], y[1:]); math.Abs(f.Slope+0.5) > 1e-14 || f.Error > 1e-14 {
		t.Errorf("%+v", f)
	}
	if f := Linear(k, z); math.Abs(math.Exp(f.Slope)-0.9) > 1e-14 {
		t.Errorf("%+v", f)
	}
	if f := Power([]float64{1, 2, 4}, []float64{0, 1, 2}); !math.IsNaN(f.Slope) {
		t.Errorf("two points: %+v", f)
	}
	// the textbook line through (1, 1), (2, 3), (3, 2): slope ½ with standard error √(3/4)
	if f := Linear([]float64{1, 2, 3}, []float64{math.E, math.Exp(3), math.Exp(2)}); math.Abs(f.Slope-0.5) > 1e-12 ||
		math.Abs(f.Error-math.Sqrt(0.75)) > 1e-12 {
		t.Errorf("%+v", f)
	}
}

// worstOfGD returns the function on which n steps of gradient descent from 1 with the step 1/L, L = 1, are as bad as they can be:
// Huber's, whose slope n steps do not get past (Drori and Teboulle 2014, theorem 2).
func worstOfGD(t *testing.T, n int) instance {
	one := &data.Dense{Rows: 1, Cols: 1, Data: []float64{1}}
	p, err := objective.Huber(one, []float64{0}, 1/float64(2*n+1))
	if err != nil {
		t.Fatal(err)
	}
	return instance{p, []float64{1}, train.Optimum{X: []float64{0}, F: 0}}
}

// worst returns the function on which n steps of averaged SGD are nearly as bad as their bound.
func worst(n int) *objective.Function { return objective.NoisyAbs(2 / math.Sqrt(float64(n))) }
