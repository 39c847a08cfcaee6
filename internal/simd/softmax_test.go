package simd

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

func TestCrossEntropyIsTorch(t *testing.T) {
	eachImplementation(t, func(t *testing.T) {
		for _, c := range readGolden(t).CrossEntropy {
			what := fmt.Sprintf("%d logits", len(c.X))
			p, gradient := make([]float64, len(c.X)), slices.Clone(c.X)
			Softmax(p, c.X)
			mustBeNear(t, what+", softmax", p, c.Softmax, 1e-14)
			mustBeNear(t, what+", loss", []float64{CrossEntropy(c.X, c.Target)}, []float64{c.Loss}, 1e-14)
			loss := CrossEntropyGradient(gradient, c.Target, c.Scale)
			mustBeNear(t, what+", loss with gradient", []float64{loss}, []float64{c.Loss}, 1e-14)
			mustBeNear(t, what+", gradient", gradient, c.Gradient, 1e-14)
		}
	})
}

// drawLogits draws 1 to 3000 numbers of all magnitudes that float32 handles well.
func drawLogits[T Float](t *rapid.T) []T {
	spread := rapid.SampledFrom([]float64{1e-3, 1, 30, 300}).Draw(t, "spread")
	r := rapid.Uint64().Draw(t, "seed")
	x := make([]T, rapid.IntRange(1, 3000).Draw(t, "n"))
	for i := range x {
		r = r*6364136223846793005 + 1442695040888963407
		x[i] = T(spread * (float64(r>>33)/(1<<30) - 1))
	}
	return x
}

func TestSoftmaxSumsToOne(t *testing.T) {
	eachImplementation(t, func(t *testing.T) {
		rapid.Check(t, sumsToOne[float32])
		rapid.Check(t, sumsToOne[float64])
	})
}

func sumsToOne[T Float](t *rapid.T) {
	x := drawLogits[T](t)
	p := make([]T, len(x))
	Softmax(p, x)
	var sum float64
	for _, v := range p {
		if !(v >= 0 && v <= 1) {
			t.Fatalf("a probability is %v", v)
		}
		sum += float64(v)
	}
	// Scaling rounds a probability twice, so the sum is off by at most a unit of T.
	if unit := unitOf[T](); !(math.Abs(sum-1) <= unit) {
		t.Fatalf("the probabilities of %d logits sum to 1 + %v", len(x), sum-1)
	}
}

// unitOf is the distance from 1 to the next T.
func unitOf[T Float]() float64 {
	if T(1+0x1p-52) == 1 {
		return 0x1p-23
	}
	return 0x1p-52 * 64 // the sum itself, in float64, has an error of its own
}

// Adding a power of 2 that fits all logits needs no rounding, so no bit of the result may change.
func TestSoftmaxIgnoresShift(t *testing.T) {
	eachImplementation(t, func(t *testing.T) {
		rapid.Check(t, func(t *rapid.T) {
			x := drawLogits[float32](t)
			for i, v := range x {
				x[i] = float32(math.Round(float64(v)*16) / 16)
			}
			class := rapid.IntRange(0, len(x)-1).Draw(t, "class")
			shifted := slices.Clone(x)
			for i := range shifted {
				shifted[i] += 1024
			}
			loss, shiftedLoss := CrossEntropyGradient(x, class, 1), CrossEntropyGradient(shifted, class, 1)
			if d := difference([][]float32{shifted}, [][]float32{x}); d != "" || loss != shiftedLoss {
				t.Fatalf("logits larger by 1024 have the loss %v, want %v; %s", shiftedLoss, loss, d)
			}
		})
	})
}

func TestCrossEntropyGradientIsSlope(t *testing.T) {
	eachImplementation(t, func(t *testing.T) {
		rapid.Check(t, func(t *rapid.T) {
			x := rapid.SliceOfN(rapid.Float64Range(-20, 20), 1, 40).Draw(t, "x")
			class := rapid.IntRange(0, len(x)-1).Draw(t, "class")
			gradient := slices.Clone(x)
			loss := CrossEntropyGradient(gradient, class, 3)
			if forward := CrossEntropy(x, class); forward != loss {
				t.Fatalf("the loss is %v with its gradient and %v without", loss, forward)
			}
			for i := range x {
				slope := 3 * centralDifference(x, i, 1e-4, func() float64 { return CrossEntropy(x, class) })
				if !(math.Abs(gradient[i]-slope) <= 1e-7) {
					t.Fatalf("element %d of the gradient is %v, the slope is %v", i, gradient[i], slope)
				}
			}
		})
	})
}

// centralDifference returns the slope of f along xᵢ, with an error of order h².
func centralDifference(x []float64, i int, h float64, f func() float64) float64 {
	at := x[i]
	x[i] = at + h
	above := f()
	x[i] = at - h
	below := f()
	x[i] = at
	return (above - below) / (2 * h)
}

func TestSoftmaxOfSpecialLogits(t *testing.T) {
	inf, nan := math.Inf(1), math.NaN()
	all := func(v float64) []float64 { return slices.Repeat([]float64{v}, 3) }
	eachImplementation(t, func(t *testing.T) {
		for _, c := range []struct {
			x, softmax, gradient []float64 // the gradient at class 1
			loss                 float64
		}{
			{[]float64{0, -inf, 0}, []float64{0.5, 0, 0.5}, []float64{0.5, -1, 0.5}, inf},
			{[]float64{-inf, 7, -inf}, []float64{0, 1, 0}, []float64{0, 0, 0}, 0},
			{[]float64{3e38, 3e38, -3e38}, []float64{0.5, 0.5, 0}, []float64{0.5, -0.5, 0}, math.Ln2},
			{all(-inf), all(nan), all(nan), nan},
			{[]float64{0, inf, 0}, all(nan), all(nan), nan},
			{[]float64{inf, 0, -inf}, all(nan), all(nan), nan},
			{[]float64{nan, 0, 0}, all(nan), all(nan), nan},
			{[]float64{0, 0, nan}, all(nan), all(nan), nan},
		} {
			specialLogits[float32](t, c.x, c.softmax, c.gradient, c.loss)
			specialLogits[float64](t, c.x, c.softmax, c.gradient, c.loss)
		}
	})
}

func specialLogits[T Float](t *testing.T, x, softmax, gradient []float64, loss float64) {
	p, g := narrow[T](x), narrow[T](x)
	losses := []float64{CrossEntropy(p, 1), CrossEntropyGradient(g, 1, 1)}
	Softmax(p, p)
	if d := difference([][]float64{losses}, [][]float64{{loss, loss}}); d != "" {
		t.Errorf("losses of %v at 1: %s", x, d)
	}
	if d := difference([][]T{p, g}, [][]T{narrow[T](softmax), narrow[T](gradient)}); d != "" {
		t.Errorf("softmax and gradient of %v at 1: %s", x, d)
	}
}

func narrow[T Float](v []float64) []T {
	n := make([]T, len(v))
	for i, e := range v {
		n[i] = T(e)
	}
	return n
}
