package objective

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"

	"steepest/data"
)

// withOnes is a problem whose last column holds the ones of an intercept.
func withOnes(p problem) problem {
	p.dense = data.AppendOnes(p.dense).(*data.Dense)
	p.sparse = data.AppendOnes(p.sparse).(*data.CSR)
	return p
}

// isIntercept reports whether element j of x is an intercept.
func isIntercept(p *Linear[float64], j int) bool { return j%p.d == p.d-1 }

// TestInterceptIsFree: value, gradient, proximal step, subgradient and Hessian have penalties on all weights except the intercept.
func TestInterceptIsFree(t *testing.T) {
	const l1, l2 = 0.3, 0.2
	p := withOnes(randomProblem(60, 40, 5, 0.6))
	for _, model := range models {
		for _, a := range []data.Matrix{p.dense, p.sparse} {
			t.Run(fmt.Sprintf("%s/%T", model.name, a), func(t *testing.T) {
				free := must(t)(model.build(a, p, L1(l1), L2(l2), Intercept()))
				bare := must(t)(model.build(a, p))
				d := free.dim()
				x := randomVector(61, d, 1)
				got, want := make([]float64, d), make([]float64, d)
				value, loss := free.Grad(got, x, nil), bare.Grad(want, x, nil)
				h, sub, prox := 0.0, make([]float64, d), slices.Clone(x)
				free.AddSubgradient(sub, x)
				free.Prox(prox, 0.5)
				hess, bareHess := mat.NewSymDense(d, nil), mat.NewSymDense(d, nil)
				free.Hess(hess, x)
				bare.Hess(bareHess, x)
				for j, w := range x {
					wantSub, wantProx, ridge := 0.0, w, 0.0
					if !isIntercept(free, j) {
						loss += l2 / 2 * w * w
						h += l1 * math.Abs(w)
						want[j] += l2 * w
						wantSub, wantProx, ridge = math.Copysign(l1, w), math.Copysign(max(0, math.Abs(w)-l1/2), w), l2
					}
					if sub[j] != wantSub || prox[j] != wantProx || math.Abs(got[j]-want[j]) > 1e-15 {
						t.Errorf("element %d: subgradient %v, prox %v, gradient %v; want %v, %v, %v", j, sub[j], prox[j], got[j], wantSub, wantProx, want[j])
					}
					if got := hess.At(j, j) - bareHess.At(j, j); math.Abs(got-ridge) > 1e-15 {
						t.Errorf("element %d: the penalty has the curvature %v, want %v", j, got, ridge)
					}
				}
				if !near(value, loss, 1e-15) || !near(free.Penalty(x), h, 1e-15) {
					t.Errorf("f = %v and h = %v, want %v and %v", value, free.Penalty(x), loss, h)
				}
				enclosed, off := free.Enclosed(x)
				if math.Abs(enclosed-loss-h) > off+1e-14 || off > 1e-13 {
					t.Errorf("Enclosed = %v ± %v, want %v", enclosed, off, loss+h)
				}
			})
		}
	}
}

// optioned runs f for every model with an intercept, with weights, and with both.
func optioned(t *testing.T, p problem, opts []Option, f func(t *testing.T, lin *Linear[float64])) {
	weights := randomVector(62, len(p.signs), 1)
	for i, w := range weights {
		weights[i] = math.Abs(w)
	}
	weights[3] = 0
	p = withOnes(p)
	for name, more := range map[string][]Option{"intercept": {Intercept()}, "weights": {Weights(weights)}, "both": {Intercept(), Weights(weights)}} {
		t.Run(name, func(t *testing.T) { forModels(t, p, append(slices.Clone(opts), more...), f) })
	}
}

// TestGapBoundsWithIntercepts compares the gap, and the dual at a balanced point, with the suboptimality along a run of proximal gradient descent.
func TestGapBoundsWithIntercepts(t *testing.T) {
	p := randomProblem(63, 40, 4, 1)
	for _, pen := range penalties {
		t.Run(pen.name, func(t *testing.T) {
			optioned(t, p, pen.opts, func(t *testing.T, lin *Linear[float64]) {
				l := lin.Constants().L
				if lin.ScalarLoss() == (HingeLoss{}) {
					l = 10
				}
				x, grad, u := randomVector(64, lin.dim(), 1), make([]float64, lin.dim()), make([]float64, lin.n*lin.Outputs())
				var values, gaps []float64
				best, lower := math.Inf(1), math.Inf(-1)
				for k := range 3001 {
					if k%100 == 0 {
						value := Value[float64](lin, x)
						values, gaps = append(values, value), append(gaps, lin.Gap(x))
						lin.Slopes(u, x, nil)
						if lin.Intercept() {
							lin.Balance(u)
						}
						best, lower = min(best, value), max(lower, lin.Dual(u))
					}
					lin.Grad(grad, x, nil)
					axpy(x, -1/l, grad)
					lin.Prox(x, 1/l)
				}
				if lower > best+1e-14 {
					t.Errorf("a dual value %v above the value %v", lower, best)
				}
				if lin.penalty.l2 > 0 && best-lower > 1e-6*best && lin.ScalarLoss() != (HingeLoss{}) {
					t.Errorf("the dual comes to %v, and the primal to %v", lower, best)
				}
				for k := range values {
					if gaps[k] < values[k]-best-1e-14 {
						t.Fatalf("evaluation %d: gap %v, suboptimality %v", k, gaps[k], values[k]-best)
					}
				}
				if last := gaps[len(gaps)-1]; last > 1e-9 && lin.ScalarLoss() != (HingeLoss{}) {
					t.Errorf("gap %v at the optimum", last)
				}
			})
		})
	}
}

// TestUnbalancedDual: a dual point whose slopes do not add up to 0 gives no bound.
func TestUnbalancedDual(t *testing.T) {
	p := withOnes(randomProblem(65, 30, 4, 1))
	forModels(t, p, []Option{L2(0.1), Intercept()}, func(t *testing.T, lin *Linear[float64]) {
		u := make([]float64, lin.n*lin.Outputs())
		lin.Slopes(u, randomVector(66, lin.dim(), 1), nil)
		if d := lin.Dual(u); !math.IsInf(d, -1) {
			t.Errorf("D(u) = %v, want −Inf", d)
		}
		if lin.Balance(u); !balanced(u, lin.Outputs()) || math.IsInf(lin.Dual(u), -1) {
			t.Errorf("D = %v at the balanced slopes", lin.Dual(u))
		}
	})
}

// TestConstantsWithOptions compares L, LMax, Mu and the moments with Hessians and gradients at many points.
func TestConstantsWithOptions(t *testing.T) {
	p := randomProblem(67, 30, 4, 0.7)
	optioned(t, p, []Option{L2(0.1)}, func(t *testing.T, lin *Linear[float64]) {
		c := lin.Constants()
		if sup := lin.LMax(); !near(sup, c.LMax, 1e-12) && sup != c.LMax {
			t.Errorf("LMax() = %v, and %v among the constants", sup, c.LMax)
		}
		if lin.ScalarLoss() == (SquaredLoss{}) && !(c.Mu > 0) || lin.Intercept() && lin.loss.slope() < math.Inf(1) && c.Mu != 0 {
			t.Errorf("Mu = %v", c.Mu)
		}
		hess := mat.NewSymDense(lin.dim(), nil)
		for k := range 20 {
			x := randomVector(uint64(70+k), lin.dim(), 1+float64(k))
			lin.Hess(hess, x)
			v := eigenvalues(hess)
			if v[0] < c.Mu*(1-1e-12)-1e-12 || v[len(v)-1] > c.L*(1+1e-12) {
				t.Fatalf("eigenvalues from %v to %v; μ = %v and L = %v", v[0], v[len(v)-1], c.Mu, c.L)
			}
			want, grad, mean := 0.0, make([]float64, lin.dim()), make([]float64, lin.dim())
			for i := range lin.n {
				lin.Grad(grad, x, []uint32{uint32(i)})
				want += dot(grad, grad) / float64(lin.n)
				axpy(mean, 1/float64(lin.n), grad)
			}
			if got := lin.SecondMoment(x); !near(got, want, 1e-12) {
				t.Errorf("SecondMoment = %v, want %v", got, want)
			}
			if variance := want - dot(mean, mean); variance > c.Variance*(1+1e-12) {
				t.Errorf("the variance %v is above %v", variance, c.Variance)
			}
		}
	})
}

// TestWideConstantsWithIntercept: Mu has a bound without eigenvalues too.
func TestWideConstantsWithIntercept(t *testing.T) {
	p := withOnes(randomProblem(68, 10, 40, 0.5))
	lin := must(t)(LeastSquares(p.sparse, p.reals, L2(0.1), Intercept()))
	hess := mat.NewSymDense(lin.dim(), nil)
	lin.Hess(hess, make([]float64, lin.dim()))
	if mu, least := lin.Constants().Mu, eigenvalues(hess)[0]; !(mu > 0) || mu > least {
		t.Errorf("Mu = %v, and the least eigenvalue is %v", mu, least)
	}
}

// TestWeightIsRepetition: for all methods of a problem, a weight of k is the same as k copies of the row, and a weight of 0 as no row.
func TestWeightIsRepetition(t *testing.T) {
	p := withOnes(randomProblem(69, 12, 4, 0.7))
	weights := []float64{1, 2, 0, 3, 1, 1, 2, 0, 1, 1, 5, 1}
	var rows []int
	for i, w := range weights {
		for range int(w) {
			rows = append(rows, i)
		}
	}
	set := (&data.Set{X: p.sparse, Y: p.signs}).Rows(rows)
	repeated := p
	repeated.signs, repeated.reals, repeated.labels = set.Y, nil, nil
	repeated.many = &data.Dense{Rows: len(rows), Cols: p.many.Cols}
	for _, i := range rows {
		repeated.reals, repeated.labels = append(repeated.reals, p.reals[i]), append(repeated.labels, p.labels[i])
		repeated.many.Data = append(repeated.many.Data, p.many.Row(i)...)
	}
	for _, model := range models {
		for _, half := range []float64{1, 0.5} {
			t.Run(fmt.Sprint(model.name, half), func(t *testing.T) {
				scaled := slices.Clone(weights) // the unit of weights does not matter
				scale(scaled, half)
				opts := []Option{L2(0.1), L1(0.05), Intercept()}
				got := must(t)(model.build(p.sparse, p, append(opts, Weights(scaled))...))
				want := must(t)(model.build(set.X, repeated, opts...))
				d := want.dim()
				x, a, b := randomVector(70, d, 1), make([]float64, d), make([]float64, d)
				if f, g := got.Grad(a, x, nil), want.Grad(b, x, nil); !near(f, g, 1e-15) || norm(difference(a, b)) > 1e-15*norm(b) {
					t.Errorf("f = %v, want %v; ∇f = %v, want %v", f, g, a, b)
				}
				if f, g := got.Gap(x), want.Gap(x); !near(f, g, 1e-13) {
					t.Errorf("gap %v, want %v", f, g)
				}
				h, k := mat.NewSymDense(d, nil), mat.NewSymDense(d, nil)
				got.Hess(h, x)
				want.Hess(k, x)
				var change mat.Dense
				change.Sub(h, k)
				if off := mat.Norm(&change, 2); off > 1e-15*mat.Norm(k, 2) {
					t.Errorf("the Hessians differ by %v", off)
				}
				if c, e := got.Constants(), want.Constants(); !near(c.L, e.L, 1e-12) && c.L != e.L || !near(c.Mu, e.Mu, 1e-12) || !near(c.PL, e.PL, 1e-12) {
					t.Errorf("constants %+v, want %+v", c, e)
				}
			})
		}
	}
}

// TestSingleWithOptions: the problem in float32 has the same intercepts and weights.
func TestSingleWithOptions(t *testing.T) {
	p := randomProblem(71, 30, 4, 0.7)
	optioned(t, p, []Option{L2(0.1), L1(0.2)}, func(t *testing.T, lin *Linear[float64]) {
		single, err := Single(lin)
		if err != nil {
			t.Fatal(err)
		}
		x := randomVector(72, lin.dim(), 1)
		narrow := make([]float32, len(x))
		convert(narrow, x)
		if got, want := Value(single, narrow), Value[float64](lin, x); !near(got, want, 1e-6) {
			t.Errorf("F = %v, want %v", got, want)
		}
	})
}

func TestOptionErrors(t *testing.T) {
	p := randomProblem(73, 4, 3, 1)
	for want, option := range map[string]Option{
		"the last element of row 0 is not the 1 of an intercept": Intercept(),
		"3 weights for 4 rows": Weights([]float64{1, 2, 3}),
		"the weight of row 1 is -1, want a finite number that is not negative": Weights([]float64{1, -1, 1, 1}),
		"the weight of row 2 is NaN":                            Weights([]float64{1, 1, math.NaN(), 1}),
		"the weights have the mean 0, want a finite number > 0": Weights(make([]float64, 4)),
		"the weights have the mean +Inf":                        Weights([]float64{1e308, 1e308, 1e308, 0}),
	} {
		if _, err := LeastSquares(p.dense, p.reals, option); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want one with %q", err, want)
		}
	}
	if _, err := MatrixFactorization(p.dense, 1, Intercept()); err == nil {
		t.Error("a factorization with an intercept")
	}
	even := must(t)(LeastSquares(p.dense, p.reals, Weights([]float64{3, 3, 3, 3})))
	if even.RowWeights() != nil {
		t.Error("even weights are kept")
	}
}
