package objective

import (
	"math"
	"testing"

	"gonum.org/v1/gonum/diff/fd"
	"gonum.org/v1/gonum/mat"
)

func functions() []*Function {
	return []*Function{Rosenbrock(), Beale(), Himmelblau(), Booth(), Ripple(), Quadratic(5, 100), Quadratic(1, 7),
		NoisyQuadratic([]float64{0.5, 3}, []float64{0.6, -0.8}), NoisyAbs(0.25), NoisyHuber(0.5, 2), TwoKinks(), TwoLogistic(),
		Noisy(Himmelblau(), 0.5), Noisy(Quadratic(2, 10), 3), Noisy(Ripple(), 0.25)}
}

func TestFunctionGradients(t *testing.T) {
	for _, f := range functions() {
		for seed := range uint64(10) {
			for i := range f.Len() {
				x, grad, batch := randomVector(seed, f.D, 2), make([]float64, f.D), []uint32{uint32(i)}
				loss := f.Grad(grad, x, batch)
				if loss != f.Loss(x, batch) {
					t.Errorf("%s: Grad returns %v, Loss %v", f.Name, loss, f.Loss(x, batch))
				}
				one := func(x []float64) float64 { return f.Loss(x, batch) }
				want := fd.Gradient(nil, one, x, &fd.Settings{Formula: fd.Central})
				if norm(difference(grad, want)) > 1e-7*(1+math.Abs(loss)) {
					t.Errorf("%s: gradient %v at %v, differences give %v", f.Name, grad, x, want)
				}
			}
		}
	}
}

func TestFunctionMinimizers(t *testing.T) {
	for _, f := range functions() {
		for _, x := range f.Minimizers {
			grad := make([]float64, f.D)
			if loss := f.Grad(grad, x, nil); math.Abs(loss-f.Min) > 1e-28 || norm(grad) > 1e-13 {
				t.Errorf("%s: f = %v, ∇f = %v at the minimizer %v", f.Name, loss, grad, x)
			}
			for seed := range uint64(100) {
				y := randomVector(seed, f.D, 3)
				if f.Loss(y, nil) < f.Min {
					t.Errorf("%s: f(%v) is below the minimum", f.Name, y)
				}
			}
		}
		if len(f.Start) != f.D || f.Loss(f.Start, nil) <= f.Min {
			t.Errorf("%s: start %v", f.Name, f.Start)
		}
	}
}

// TestFunctionConstants checks the inequalities of L, Mu and PL on random pairs.
func TestFunctionConstants(t *testing.T) {
	for _, f := range functions() {
		c := f.Constants()
		if math.IsInf(c.L, 1) {
			continue
		}
		grad := make([]float64, f.D)
		for seed := range uint64(200) {
			x, y := randomVector(2*seed, f.D, 3), randomVector(2*seed+1, f.D, 3)
			change, distance := norm(gradientChange(f, x, y, nil)), norm(difference(x, y))
			if change > c.L*distance*(1+1e-12) || change < c.Mu*distance*(1-1e-12) {
				t.Errorf("%s: change %v at a distance %v, constants %+v", f.Name, change, distance, c)
			}
			if loss := f.Grad(grad, x, nil); dot(grad, grad)/2 < c.PL*(loss-f.Min)*(1-1e-12) {
				t.Errorf("%s: ½‖∇f‖² = %v, PL·(f − f*) = %v at %v", f.Name, dot(grad, grad)/2, c.PL*(loss-f.Min), x)
			}
		}
	}
	if c := Quadratic(4, 50).Constants(); c.L != 50 || c.Mu != 1 {
		t.Errorf("Quadratic(4, 50): %+v", c)
	}
}

// TestFunctionNoise checks the suprema of SecondMoment and Variance on random points, and that those of the small noisy
// functions are attained.
func TestFunctionNoise(t *testing.T) {
	for _, f := range functions() {
		c, grad := f.Constants(), make([]float64, f.D)
		var moment, variance float64
		for seed := range uint64(200) {
			x := randomVector(seed, f.D, 20)
			m := SecondMoment(f, x)
			f.Grad(grad, x, nil)
			moment, variance = max(moment, m), max(variance, m-dot(grad, grad))
		}
		if moment > c.SecondMoment*(1+1e-12) || variance > c.Variance*(1+1e-12)+1e-10*moment {
			t.Errorf("%s: second moment %v and variance %v, constants %+v", f.Name, moment, variance, c)
		}
		if f.N > 1 && (!math.IsInf(c.SecondMoment, 1) && moment < 0.99*c.SecondMoment || variance < 0.99*c.Variance) {
			t.Errorf("%s: second moment %v and variance %v, constants %+v", f.Name, moment, variance, c)
		}
	}
}

// TestNoisy: the noise has mean 0, the same length everywhere, and no preferred direction. The mean over the terms is the function itself.
func TestNoisy(t *testing.T) {
	f, p := Rosenbrock(), Noisy(Rosenbrock(), 0.5)
	for seed := range uint64(20) {
		x, grad, want := randomVector(seed, 2, 2), make([]float64, 2), make([]float64, 2)
		value := f.Grad(want, x, nil)
		if got := p.Grad(grad, x, nil); math.Abs(got-value) > 1e-12*(1+value) || norm(difference(grad, want)) > 1e-12*(1+norm(want)) {
			t.Errorf("at %v: %v and %v, want %v and %v", x, got, grad, value, want)
		}
		var second [3]float64
		for i := range p.Len() {
			p.Grad(grad, x, []uint32{uint32(i)})
			u := difference(grad, want)
			if math.Abs(norm(u)-0.5) > 1e-11*(1+norm(want)) {
				t.Errorf("term %d: noise %v", i, u)
			}
			second[0] += u[0] * u[0] / float64(p.Len())
			second[1] += u[1] * u[1] / float64(p.Len())
			second[2] += u[0] * u[1] / float64(p.Len())
		}
		if math.Abs(second[0]-0.125)+math.Abs(second[1]-0.125)+math.Abs(second[2]) > 1e-10*(1+norm(want)) {
			t.Errorf("covariance %v", second)
		}
	}
}

// TestNamed: every name gives its function, and errors say why a function cannot be made.
func TestNamed(t *testing.T) {
	for _, name := range Named() {
		for _, noise := range []float64{0, 0.5} {
			f, err := NewNamed(name, 7, noise)
			if err != nil || f.Len() > 1 != (noise > 0) || f.Known.Variance != noise*noise {
				t.Errorf("%s with noise %v: %v, %v", name, noise, f, err)
			}
		}
	}
	if f, err := NewNamed("quadratic", 7, 0); err != nil || f.Known.L != 7 {
		t.Errorf("quadratic: %v, %v", f, err)
	}
	for _, test := range []struct {
		name         string
		kappa, noise float64
		want         string
	}{
		{"rosenbrok", 1, 0, `unknown function "rosenbrok"; did you mean "rosenbrock"?`},
		{"quadratic", math.NaN(), 0, "a condition number is at least 1, and NaN is not"},
		{"booth", 1, -1, "noise is at least 0, and -1 is not"},
	} {
		if f, err := NewNamed(test.name, test.kappa, test.noise); err == nil || err.Error() != test.want {
			t.Errorf("%v: %v, %v", test, f, err)
		}
	}
}

// TestOneHot checks every constant that its documentation states.
func TestOneHot(t *testing.T) {
	s, w := []float64{0.1, 0.5, 1, 0}, []float64{1, -2, 3, 7}
	p := OneHot(s, w, 0.5)
	hess := mat.NewSymDense(4, nil)
	p.Hess(hess, w)
	for j := range s {
		if !near(hess.At(j, j), s[j]*s[j], 1e-15) {
			t.Errorf("Hessian %v", hess.RawSymmetric().Data)
		}
	}
	grad := make([]float64, 4)
	if f := p.Grad(grad, w, nil); !near(f, 0.125, 1e-14) || norm(grad) > 1e-15 {
		t.Errorf("f = %v, ∇f = %v at w", f, grad)
	}
	if c := p.Constants(); !near(c.LMax, 4, 1e-15) || c.Mu != 0 || !near(c.PL, 0.01, 1e-9) {
		t.Errorf("constants %+v", c)
	}
	if got, want := SecondMoment(p, w), 0.25*(0.01+0.25+1); !near(got, want, 1e-14) { // σ² tr H
		t.Errorf("noise at w %v, want %v", got, want)
	}
}
