package objective

import (
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

var penalties = []struct {
	name string
	opts []Option
}{
	{"L2", []Option{L2(0.1)}},
	{"L1", []Option{L1(0.05)}},
	{"elastic net", []Option{L1(0.05), L2(0.1)}},
}

// TestGapIsPrimalMinusDual compares the gap, a sum of Fenchel terms, with the difference of primal and dual, or with F if the dual is below 0. It
// also checks weak duality at dual points unrelated to x.
func TestGapIsPrimalMinusDual(t *testing.T) {
	p := randomProblem(40, 30, 5, 0.8)
	for _, pen := range penalties {
		t.Run(pen.name, func(t *testing.T) {
			forModels(t, p, pen.opts, func(t *testing.T, lin *Linear[float64]) {
				rapid.Check(t, func(t *rapid.T) {
					vector := rapid.SliceOfN(rapid.Float64Range(-2, 2), lin.dim(), lin.dim())
					x, other := vector.Draw(t, "x"), vector.Draw(t, "other")
					u := make([]float64, 30*lin.loss.outputs())
					lin.Slopes(u, x, nil)
					dual := lin.Dual(u)
					if math.IsInf(dual, -1) { // L1 alone: scale the slopes into the domain
						scale(u, 0.05/norm1(lin, u))
						dual = lin.Dual(u)
					}
					primal, gap := Value[float64](lin, x), lin.Gap(x)
					if math.Abs(gap-(primal-max(dual, 0))) > 1e-12*(1+primal) {
						t.Fatalf("Gap = %v, P − D = %v, P = %v", gap, primal-dual, primal)
					}
					if lower := Value[float64](lin, other); lower < dual-1e-12*(1+primal) {
						t.Fatalf("D(u) = %v is above F = %v at another point", dual, lower)
					}
				})
			})
		})
	}
}

// norm1 returns an upper bound of ‖Aᵀu/n‖∞ that includes the rounding of the sums.
func norm1(p *Linear[float64], u []float64) float64 {
	c := p.loss.outputs()
	v := make([]float64, p.dim())
	for i := range p.n {
		for k := range c {
			p.RowAxpy(v[k*p.d:(k+1)*p.d], u[i*c+k]/float64(p.n), i)
		}
	}
	largest := 0.0
	for _, e := range v {
		largest = max(largest, math.Abs(e))
	}
	return largest * (1 + 1e-14)
}

// TestGapVanishesAtTheOptimum compares the gap with the suboptimality along a run of proximal gradient descent.
func TestGapVanishesAtTheOptimum(t *testing.T) {
	p := randomProblem(41, 40, 4, 1)
	for _, pen := range penalties {
		t.Run(pen.name, func(t *testing.T) {
			forModels(t, p, pen.opts, func(t *testing.T, lin *Linear[float64]) {
				l := lin.Constants().L
				if lin.ScalarLoss() == (HingeLoss{}) {
					l = 10 // the gradient is not Lipschitz: no step size is safe, and the gap need not vanish
				}
				x, grad := make([]float64, lin.dim()), make([]float64, lin.dim())
				var values, gaps []float64
				for range 3000 {
					values, gaps = append(values, Value[float64](lin, x)), append(gaps, lin.Gap(x))
					lin.Grad(grad, x, nil)
					axpy(x, -1/l, grad)
					lin.Prox(x, 1/l)
				}
				best := slices.Min(values)
				for k := range values {
					if gaps[k] < values[k]-best-1e-14 {
						t.Fatalf("step %d: gap %v, suboptimality %v", k, gaps[k], values[k]-best)
					}
				}
				if last := gaps[len(gaps)-1]; last > 1e-13 && lin.ScalarLoss() != (HingeLoss{}) {
					t.Errorf("gap %v at the optimum", last)
				}
			})
		})
	}
}

// TestGapIsAtMostF: a tiny penalty makes the dual at the slopes fall far below 0, but no loss is negative.
func TestGapIsAtMostF(t *testing.T) {
	p := randomProblem(47, 30, 4, 1)
	for _, opts := range [][]Option{{L2(1e-12)}, {L1(1e-12)}, {L1(1e-12), L2(1e-12)}} {
		forModels(t, p, opts, func(t *testing.T, lin *Linear[float64]) {
			x := randomVector(48, lin.dim(), 1)
			if gap, f := lin.Gap(x), Value[float64](lin, x); gap > f || gap < 0 {
				t.Errorf("the gap is %v, F is %v", gap, f)
			}
		})
	}
}

func TestGapWithoutPenaltyIsInfinite(t *testing.T) {
	p := randomProblem(42, 20, 3, 1)
	forModels(t, p, nil, func(t *testing.T, lin *Linear[float64]) {
		if gap := lin.Gap(randomVector(43, lin.dim(), 1)); !math.IsInf(gap, 1) {
			t.Errorf("gap %v, want +Inf", gap)
		}
	})
}

func TestSecondMoment(t *testing.T) {
	p := randomProblem(44, 30, 5, 0.6)
	forModels(t, p, []Option{L2(0.3)}, func(t *testing.T, lin *Linear[float64]) {
		x, grad := randomVector(45, lin.dim(), 1), make([]float64, lin.dim())
		want := 0.0
		for i := range 30 {
			lin.Grad(grad, x, []uint32{uint32(i)})
			want += dot(grad, grad) / 30
		}
		if got := SecondMoment(lin, x); !near(got, want, 1e-13) {
			t.Errorf("SecondMoment = %v, want %v", got, want)
		}
	})
	f := NoisyQuadratic([]float64{1, 4}, []float64{0.3, 0.4})
	if got := SecondMoment(f, []float64{1, 0.5}); !near(got, 1+4+0.25, 1e-15) { // ‖Hx‖² + ‖u‖²
		t.Errorf("noisy quadratic: SecondMoment = %v, want 5.25", got)
	}
}
