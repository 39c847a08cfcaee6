package optim_test

import (
	"math"
	"slices"
	"strings"
	"testing"

	"steepest/internal/simd"
	"steepest/optim"
	"steepest/optim/rules"
	"steepest/optim/schedule"
	"steepest/param"
)

// TestNormsAtEveryMagnitude: rules that divide by the norm of the gradient make the same step at every magnitude of the type.
func TestNormsAtEveryMagnitude(t *testing.T) {
	t.Run("float32", func(t *testing.T) { normsAtEveryMagnitude[float32](t, -140, 125) })
	t.Run("float64", func(t *testing.T) { normsAtEveryMagnitude[float64](t, -1060, 1021) })
}

func normsAtEveryMagnitude[T param.Float](t *testing.T, least, most int) {
	params := []param.Param{{Name: "a", Shape: []int{3, 2}}, {Name: "b", Shape: []int{2}}, {Name: "zero", Shape: []int{1}}}
	unit, start := []T{3, -1, 2, 0, 1, 4, -2, 5, 0}, []T{1, 2, 3, -4, 5, 6, 7, 8, 9}
	clipped := headed(optim.ClipNorm{Limit: 0.5}, rules.SGD{LR: schedule.Constant(1)})
	for name, rule := range map[string]optim.Rule{
		"normalized": parse(t, "normalized"), "fromage": parse(t, "fromage"), "clip-norm": clipped,
	} {
		var want []T
		for e := 0; e < most-least; e++ { // from ordinary magnitudes up to the largest, then from the smallest up
			at := e
			if e > most {
				at = most - e
			}
			if at < 0 && name == "clip-norm" {
				break // short updates are not clipped
			}
			g := make([]T, len(unit))
			for i, v := range unit {
				g[i] = T(math.Ldexp(float64(v), at-3))
			}
			x := slices.Clone(start)
			if err := newOptimizer[T](rule, params).Step(x, g); err != nil {
				t.Fatal(err)
			}
			if want == nil {
				want = x
			} else if !slices.Equal(x, want) {
				t.Fatalf("%s: a gradient of 2^%d leads to %v, want %v", name, at, x, want)
			}
		}
	}
}

// TestShampooOfRankOne: in float32, the first step on a gradient of rank 1, such as any vector, has the direction of the gradient at
// every magnitude. The ridge must not depend on rounding errors.
func TestShampooOfRankOne(t *testing.T) {
	for _, spec := range []string{
		"shampoo:corrected=true", "shampoo:preset=gupta", "shampoo:preset=gupta,ridge=clamp", "shampoo:preset=meta", "shampoo:preset=gupta,root=newton",
	} {
		for _, shape := range [][]int{{3}, {40}, {17, 30}} {
			for _, scale := range []float64{1, 1e2, 1e4, 1e6, 1e12, 1e18, 1e25, 1e36} {
				params := []param.Param{{Name: "w", Shape: shape}}
				_, rows, cols := params[0].Matrices()
				v := randoms[float64](2, max(rows, cols))
				g, want := make([]float32, rows*cols), make([]float64, rows*cols)
				for i := range g {
					want[i] = v[0][i/cols] * v[1][i%cols]
					g[i] = float32(want[i] * scale)
				}
				x := make([]float32, len(g))
				if err := newOptimizer[float32](parse(t, spec), params).Step(x, g); err != nil {
					t.Fatalf("%s, %v times %g: %v", spec, shape, scale, err)
				}
				by := 0.01 / simd.Norm(want)
				for i, v := range x {
					if math.Abs(float64(v)+by*want[i]) > 1e-4 {
						t.Fatalf("%s, %v times %g: a step of %g, want %g", spec, shape, scale, v, -by*want[i])
					}
				}
			}
		}
	}
}

// TestRadialLinksAtEveryMagnitude: links that divide by the length of x make finite steps at every length, toward x, away from it, and
// across.
func TestRadialLinksAtEveryMagnitude(t *testing.T) {
	t.Run("float32", func(t *testing.T) { radialLinks[float32](t, -145, -70, 0, 70, 120) })
	t.Run("float64", func(t *testing.T) { radialLinks[float64](t, -1070, -560, 0, 560, 1015) })
}

func radialLinks[T param.Float](t *testing.T, exponents ...int) {
	for _, spec := range []string{"sgd:lr=1+polar+brake", "sgd:lr=1+polar+pin:0.1"} {
		for _, exponent := range exponents {
			for _, g := range [][]T{{1, 2, 3, -4}, {-1, -2, -3, 4}, {4, 3, -2, 1}} {
				o, err := optim.New[T](parse(t, spec), []param.Param{{Name: "a", Shape: []int{2, 2}}})
				if err != nil {
					t.Fatal(err)
				}
				x := []T{1, 2, 3, -4}
				for i := range x {
					x[i] = T(math.Ldexp(float64(x[i]), exponent))
				}
				if err := o.Step(x, g); err != nil || !simd.Finite(x) {
					t.Errorf("%s from 2^%d: %v, %v", spec, exponent, x, err)
				}
			}
		}
	}
}

// TestFloorOfLeastUpdates: the floor lengthens the shortest possible update to its limit.
func TestFloorOfLeastUpdates(t *testing.T) {
	for _, spec := range []string{"sgd:lr=1+floor:0.5", "sgd:lr=1+floor:0.5,rows=true"} {
		for _, least := range []float64{5e-324, 1e-310, 1e-300} {
			x := []float64{3, 0, 0, 4}
			o := newOptimizer[float64](parse(t, spec), []param.Param{{Name: "w", Shape: []int{2, 2}}})
			if err := o.Step(x, []float64{0, least, least, 0}); err != nil {
				t.Fatal(err)
			}
			want := []float64{3, -1.5, -2, 4}
			if !strings.Contains(spec, "rows") {
				want[1], want[2] = -2.5/math.Sqrt2, -2.5/math.Sqrt2
			}
			if i := firstFar(x, want, 1e-12); i >= 0 {
				t.Errorf("%s: an update of %g leads to %v, want %v", spec, least, x, want)
			}
		}
	}
}
