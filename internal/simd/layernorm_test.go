package simd

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

func TestLayerNormIsTorch(t *testing.T) {
	eachImplementation(t, func(t *testing.T) {
		for _, c := range readGolden(t).LayerNorm {
			n := len(c.X)
			what := fmt.Sprintf("%d elements", n)
			y, dx, dgain, dbias := make([]float64, n), make([]float64, n), make([]float64, n), make([]float64, n)
			mean, r := LayerNorm(y, c.X, c.Gain, c.Bias, c.Eps)
			LayerNormGradient(dx, dgain, dbias, c.DY, c.X, c.Gain, mean, r)
			// If the mean is 10⁴ standard deviations, PyTorch loses four digits.
			tolerance := 1e-13 * (1 + math.Abs(mean)*r)
			mustBeNear(t, what+", y", y, c.Y, tolerance)
			mustBeNear(t, what+", dx", dx, c.DX, tolerance)
			mustBeNear(t, what+", dgain", dgain, c.DGain, tolerance)
			mustBeNear(t, what+", dbias", dbias, c.DBias, 0)
		}
	})
}

func TestLayerNormGradientIsSlope(t *testing.T) {
	eachImplementation(t, func(t *testing.T) {
		rapid.Check(t, func(t *rapid.T) {
			n := rapid.IntRange(1, 20).Draw(t, "n")
			draw := func(name string) []float64 { return rapid.SliceOfN(rapid.Float64Range(-2, 2), n, n).Draw(t, name) }
			x, gain, bias, dy := draw("x"), draw("gain"), draw("bias"), draw("dy")
			y := make([]float64, n)
			sum := func() (s float64) { // dy·y, whose derivatives by x, gain and bias LayerNormGradient computes
				LayerNorm(y, x, gain, bias, 0.1)
				for i, v := range y {
					s += dy[i] * v
				}
				return s
			}
			mean, r := LayerNorm(y, x, gain, bias, 0.1)
			dx, dgain, dbias := make([]float64, n), slices.Repeat([]float64{3}, n), slices.Repeat([]float64{4}, n)
			LayerNormGradient(dx, dgain, dbias, dy, x, gain, mean, r)
			for i := range n {
				for _, g := range []struct {
					name     string
					got      float64
					variable []float64
				}{{"dx", dx[i], x}, {"dgain", dgain[i] - 3, gain}, {"dbias", dbias[i] - 4, bias}} {
					slope := centralDifference(g.variable, i, 1e-4, sum)
					if !(math.Abs(g.got-slope) <= 1e-5) {
						t.Fatalf("%s of element %d is %v, the slope is %v", g.name, i, g.got, slope)
					}
				}
			}
		})
	})
}

// The moments of float32 are those of exact arithmetic to a unit, however large the mean, or the first element, is.
func TestLayerNormMoments(t *testing.T) {
	eachImplementation(t, func(t *testing.T) {
		for name, at := range map[string]func(i int) float64{
			"small":          func(i int) float64 { return float64(i%7) / 7 },
			"far from 0":     func(i int) float64 { return 1e5 + float64(i%7)/128 },
			"one far, first": func(i int) float64 { return float64(i%7)/7 + 1e6*float64(max(0, 1-i)) },
			"one far, last":  func(i int) float64 { return float64(i%7)/7 + 1e6*float64(max(0, i-766)) },
		} {
			x := make([]float32, 768)
			for i := range x {
				x[i] = float32(at(i))
			}
			mean, r := LayerNorm(make([]float32, 768), x, make([]float32, 768), make([]float32, 768), 1e-5)
			wantMean, wantR := twoPasses(x, 1e-5)
			if mean != float32(wantMean) || !(math.Abs(float64(r)/wantR-1) <= 0x1p-23) {
				t.Errorf("%s: mean %v and 1/deviation %v, want %v and %v", name, mean, r, wantMean, wantR)
			}
		}
	})
}

// twoPasses computes the moments by their definition.
func twoPasses(x []float32, eps float64) (mean, r float64) {
	for _, v := range x {
		mean += float64(v) / float64(len(x))
	}
	var variance float64
	for _, v := range x {
		variance += (float64(v) - mean) * (float64(v) - mean) / float64(len(x))
	}
	return mean, 1 / math.Sqrt(variance+eps)
}

func TestLayerNormOfConstantIsBias(t *testing.T) {
	eachImplementation(t, func(t *testing.T) {
		for _, v := range []float32{0, 0.1, -1e30} {
			x, gain, bias := slices.Repeat([]float32{v}, 77), randomVectors[float32](2, 77)[0], randomVectors[float32](2, 77)[1]
			y := make([]float32, 77)
			mean, r := LayerNorm(y, x, gain, bias, 0.25)
			if mean != v || r != 2 || !slices.Equal(y, bias) {
				t.Errorf("a row of %v has the mean %v, 1/deviation %v, and differs from the bias", v, mean, r)
			}
		}
	})
}

func TestLayerNormOfSpecialNumbers(t *testing.T) {
	eachImplementation(t, func(t *testing.T) {
		for _, special := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
			for at := range 11 {
				x, y := make([]float64, 11), make([]float64, 11)
				x[at] = special
				if LayerNorm(y, x, x, x, 1e-5); slices.ContainsFunc(y, func(v float64) bool { return v == v }) {
					t.Errorf("a row with %v at %d becomes %v, want NaN", special, at, y)
				}
			}
		}
	})
}
