package theory

import (
	"fmt"
	"math"
	"testing"

	"steepest/objective"
	"steepest/optim/schedule"
	"steepest/train"
)

// TestSlopes fits the rates of the lecture's table of complexities.
func TestSlopes(t *testing.T) {
	if testing.Short() {
		t.Skip("a slope takes many seeds")
	}
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

	// In the other rows the worst function depends on the number n of steps. Averaged SGD:
	var steps []int
	var ends []float64
	end := func(of Quantity, i instance, r Run, seeds int) float64 {
		m := measure(t, i, r, seeds)
		last := m.of[of][len(m.steps)-1].mean
		steps, ends = append(steps, r.Settings.Steps), append(ends, last)
		return last
	}
	for n := 64; n <= 4096; n *= 4 {
		i := known(objective.NoisyAbs(2/math.Sqrt(float64(n))), 1)
		p := i.facts()
		alpha := p.Distance / math.Sqrt(p.SecondMoment*float64(n))
		end(AverageExcess, i, setup(sgd(schedule.Constant(alpha)), n, train.UniformAverage), 200)
	}
	near("SGD, convex", power(steps, ends), Complexities[1].SGD, 0.05)

	// GD, whose worst functions are known:
	steps, ends = nil, nil
	for n := 16; n <= 1024; n *= 4 {
		i := known(objective.NoisyHuber(1/float64(2*n+1), 0), 1)
		got := end(Excess, i, full(sgd(schedule.Constant(1)), n), 1)
		if want := 1 / (4*float64(n) + 2); math.Abs(got/want-1) > 1e-9 {
			t.Errorf("GD on the worst function for %d steps: %v, want %v", n, got, want)
		}
	}
	near("GD, convex", power(steps, ends), Complexities[1].GD, 0.02)

	// A constant slope δ, so small that all steps are needed to fall from f(x₀) − f*, about 2, to 0. Convexity does not help.
	for _, batch := range []int{0, 1} {
		steps, ends = nil, nil
		for n := 64; n <= 4096; n *= 4 {
			alpha, delta, sigma := 1.0, 1/math.Sqrt(float64(n)), 0.0
			if batch == 1 {
				alpha, delta, sigma = 1/math.Sqrt(float64(n)), math.Pow(float64(n), -0.25), 1
			}
			i := known(objective.NoisyHuber(delta, sigma), 2*float64(n)*alpha*delta)
			r := setup(sgd(schedule.Constant(alpha)), n, train.LastIterate)
			r.Settings.Batch = batch
			end(SquaredGradient, i, r, 1+39*batch)
		}
		near(fmt.Sprintf("not convex, batch %d", batch), power(steps, ends), []float64{Complexities[2].GD, Complexities[2].SGD}[batch], 0.05)
	}

	// averaged SGD on least squares with a constant step: −1, with strong convexity or without. From the solution there is no bias,
	// which falls as 1/k².
	for name, scales := range map[string][]float64{"one-hot": shares(10), "one-hot, flat": {0, 0.5, 1}} {
		p := all[name].facts()
		gamma := 1 / (4 * p.Regression.R2)
		e := averagedOneHot(scales, 0, 0.5, gamma, 1<<18)
		var k []int
		var y []float64
		for n := 1 << 14; n <= 1<<18; n *= 2 {
			k, y = append(k, n), append(y, e[n])
		}
		near("averaged SGD, "+name, power(k, y), -1, 0.05)
		e = averagedOneHot(scales, 1, 0.5, gamma, 256)
		r := setup(sgd(schedule.Constant(gamma)), 256, train.UniformAverage)
		m := measure(t, all[name], r, 100)
		for j, n := range m.steps {
			if v := m.of[AverageExcess][j]; n > 0 && math.Abs(v.mean-e[n]) > 4.5*v.error+1e-12 {
				t.Errorf("%s: averaged SGD is at %v ± %v after %d steps, want %v", name, v.mean, v.error, n, e[n])
			}
		}
	}
}

// shares returns 1/d, 2/d, …, 1.
func shares(d int) []float64 {
	s := make([]float64, d)
	for j := range s {
		s[j] = float64(j+1) / float64(d)
	}
	return s
}

// averagedOneHot returns E f(x̄_k) − f* of averaged SGD with a constant step on objective.OneHot, from the error start in each
// coordinate, computed exactly. A step draws coordinate j with probability 1/d. Its row is a = √d·s, and its error e becomes
// (1 − γa²)e ± γaσ.
func averagedOneHot(s []float64, start, sigma, gamma float64, steps int) []float64 {
	excess, d := make([]float64, steps+1), float64(len(s))
	for _, scale := range s {
		a2 := d * scale * scale
		ee, ey, yy := start*start, 0.0, 0.0 // E e², E ey and E y², y being the sum of all e
		for k := 1; k <= steps; k++ {
			yy += 2*ey + ee
			ey = (1 - gamma*a2/d) * (ey + ee)
			ee = (1-1/d)*ee + ((1-gamma*a2)*(1-gamma*a2)*ee+gamma*gamma*a2*sigma*sigma)/d
			excess[k] += scale * scale / 2 * yy / float64(k) / float64(k)
		}
	}
	return excess
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
