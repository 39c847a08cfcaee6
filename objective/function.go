package objective

import (
	"fmt"
	"math"
)

// Function is a test function: a small problem whose constants and minimizers are known.
type Function struct {
	Funcs[float64]
	// Name is the function's name in the literature.
	Name string
	// Start is a customary starting point.
	Start []float64
	// Minimizers lists all global minimizers. Min is the minimum.
	Minimizers [][]float64
	Min        float64
	// Known holds the constants. L is +Inf if the gradient is not Lipschitz on all of R^d.
	Known Constants
	// Spectrum lists the hⱼ > 0 if f(x) = ½ Σ hⱼxⱼ² + const; nil if f has another form.
	Spectrum []float64
}

var (
	_ FiniteSum[float64] = (*Function)(nil)
	_ Analytic           = (*Function)(nil)
)

// Constants returns f.Known.
func (f *Function) Constants() Constants { return f.Known }

// unbounded returns the constants of polynomials of degree four and more, which have no bounds on all of R^d. There is one
// term, so the gradient has no variance.
func unbounded() Constants {
	return Constants{L: math.Inf(1), LMax: math.Inf(1), SecondMoment: math.Inf(1)}
}

// Rosenbrock returns (1−x)² + 100(y−x²)², a curved valley. Rosenbrock 1960.
func Rosenbrock() *Function {
	return &Function{
		Name: "Rosenbrock",
		Funcs: Funcs[float64]{D: 2,
			FuncGrad: func(dst, v []float64, _ int) float64 {
				x, y := v[0], v[1]
				b := y - float64(x*x)
				dst[0] = float64(-2*(1-x)) - float64(400*x*b)
				dst[1] = 200 * b
				return float64((1-x)*(1-x)) + float64(100*b*b)
			}},
		Start:      []float64{-1.2, 1},
		Minimizers: [][]float64{{1, 1}},
		Known:      unbounded(),
	}
}

// Beale returns (1.5−x+xy)² + (2.25−x+xy²)² + (2.625−x+xy³)², a flat valley with steep walls. Beale 1958.
func Beale() *Function {
	return &Function{
		Name: "Beale",
		Funcs: Funcs[float64]{D: 2,
			FuncGrad: func(dst, v []float64, _ int) float64 {
				x, y := v[0], v[1]
				a, b, c := 1.5-x+float64(x*y), 2.25-x+float64(x*y*y), 2.625-x+float64(x*y*y*y)
				dst[0] = 2 * (float64(a*(y-1)) + float64(b*(float64(y*y)-1)) + float64(c*(float64(y*y*y)-1)))
				dst[1] = 2 * x * (a + float64(2*b*y) + float64(3*c*y*y))
				return float64(a*a) + float64(b*b) + float64(c*c)
			}},
		Start:      []float64{1, 1},
		Minimizers: [][]float64{{3, 0.5}},
		Known:      unbounded(),
	}
}

// Himmelblau returns (x²+y−11)² + (x+y²−7)², with four minima of the same value. Himmelblau 1972.
func Himmelblau() *Function {
	return &Function{
		Name: "Himmelblau",
		Funcs: Funcs[float64]{D: 2,
			FuncGrad: func(dst, v []float64, _ int) float64 {
				a, b := float64(v[0]*v[0])+v[1]-11, v[0]+float64(v[1]*v[1])-7
				dst[0] = float64(4*a*v[0]) + 2*b
				dst[1] = 2*a + float64(4*b*v[1])
				return float64(a*a) + float64(b*b)
			}},
		Start: []float64{0, 0},
		Minimizers: [][]float64{
			{3, 2},
			{-2.80511808695274485, 3.13131251825057297},
			{-3.77931025337774689, -3.28318599128616941},
			{3.58442834033049174, -1.84812652696440355},
		},
		Known: unbounded(),
	}
}

// Booth returns (x+2y−7)² + (2x+y−5)², a quadratic with the eigenvalues 2 and 18 along the diagonals.
func Booth() *Function {
	return &Function{
		Name: "Booth",
		Funcs: Funcs[float64]{D: 2,
			FuncGrad: func(dst, v []float64, _ int) float64 {
				a, b := v[0]+2*v[1]-7, 2*v[0]+v[1]-5
				dst[0] = float64(2*a) + float64(4*b)
				dst[1] = float64(4*a) + float64(2*b)
				return float64(a*a) + float64(b*b)
			}},
		Start:      []float64{-8, 6},
		Minimizers: [][]float64{{1, 3}},
		Known:      Constants{L: 18, LMax: 18, Mu: 2, PL: 2, SecondMoment: math.Inf(1), Convex: true},
	}
}

// Ripple returns x² + 3 sin²x of one unknown: not convex, yet it satisfies the Polyak–Łojasiewicz inequality with 1/32, so
// that every stationary point is the minimizer. Karimi, Nutini, Schmidt 2016, section 2.2.
func Ripple() *Function {
	return &Function{
		Name: "x² + 3 sin²x",
		Funcs: Funcs[float64]{D: 1,
			FuncGrad: func(dst, v []float64, _ int) float64 {
				s := math.Sin(v[0])
				dst[0] = 2*v[0] + float64(3*math.Sin(2*v[0]))
				return float64(v[0]*v[0]) + float64(3*s*s)
			}},
		Start:      []float64{5},
		Minimizers: [][]float64{{0}},
		Known:      Constants{L: 8, LMax: 8, PL: 1.0 / 32, SecondMoment: math.Inf(1)},
	}
}

// Quadratic returns ½ Σ hⱼxⱼ² of d unknowns with the condition number kappa ≥ 1: hⱼ rises from 1 to kappa by equal
// factors. For d = 1 the one eigenvalue is kappa.
func Quadratic(d int, kappa float64) *Function {
	if d < 1 || !(kappa >= 1) {
		panic(fmt.Sprintf("objective: Quadratic(%d, %v), want d ≥ 1 and a condition number ≥ 1", d, kappa))
	}
	h := make([]float64, d)
	for j := range h {
		h[j] = math.Pow(kappa, float64(j)/float64(max(d-1, 1)))
	}
	h[d-1] = kappa
	f := NoisyQuadratic(h, make([]float64, d))
	f.Name, f.N = "quadratic", 1
	return f
}

// NoisyQuadratic returns the mean of the two terms ½ Σ hⱼxⱼ² ± ⟨u, x⟩, hⱼ > 0: a quadratic with the same additive gradient
// noise, of variance ‖u‖², everywhere. The error of SGD on it has a closed form.
func NoisyQuadratic(h, u []float64) *Function {
	checkLen("u", u, len(h))
	ones, lowest, highest := make([]float64, len(h)), math.Inf(1), 0.0
	for j, e := range h {
		ones[j], lowest, highest = 1, min(lowest, e), max(highest, e)
	}
	sign := [2]float64{1, -1}
	return &Function{
		Name: "noisy quadratic",
		Funcs: Funcs[float64]{N: 2, D: len(h),
			FuncGrad: func(dst, x []float64, i int) (sum float64) {
				for j, w := range x {
					dst[j] = float64(h[j]*w) + float64(sign[i]*u[j])
					sum += float64(h[j]*w*w/2) + float64(sign[i]*u[j]*w)
				}
				return sum
			}},
		Start:      ones,
		Minimizers: [][]float64{make([]float64, len(h))},
		Spectrum:   h,
		Known: Constants{
			L: highest, LMax: highest, Mu: lowest, PL: lowest, SecondMoment: math.Inf(1), Variance: dot(u, u), Convex: true,
		},
	}
}
