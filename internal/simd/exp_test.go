package simd

import (
	"math"
	"slices"
	"testing"
)

// curve is a function of one number with the error bounds of its kernel.
type curve struct {
	name   string
	run32  func(dst, x []float32)
	run64  func(dst, x []float64)
	exact  func(x float64) float64 // to a few units of float64
	bounds []bound
	limits [2]float64 // at −Inf and +Inf
}

// bound is an error bound for x ≥ from, up to the previous bound: a number of units in the last place, which may grow with x²,
// or a distance in units of 2⁻²⁴ for float32 and 2⁻⁵³ for float64.
type bound struct{ from, ulps, square, distance float64 }

var lowest = math.Inf(-1)

var curves = []curve{
	{"Exp", Exp[float32], Exp[float64], math.Exp, []bound{{lowest, 1.1, 0, 0}}, [2]float64{0, math.Inf(1)}},
	{"Tanh", Tanh[float32], Tanh[float64], math.Tanh, []bound{{lowest, 2.7, 0, 0}}, [2]float64{-1, 1}},
	{"Sigmoid", Sigmoid[float32], Sigmoid[float64], exactSigmoid, []bound{{lowest, 2.5, 0, 0}}, [2]float64{0, 1}},
	{"Softplus", Softplus[float32], Softplus[float64], func(x float64) float64 {
		return max(x, 0) + math.Log1p(math.Exp(-math.Abs(x)))
	}, []bound{{lowest, 3, 0, 0}}, [2]float64{0, math.Inf(1)}},
	{"GELU", GELU[float32], GELU[float64], func(x float64) float64 {
		return x * exactSigmoid(geluInner(x))
	}, []bound{{-1, 3.1, 0, 0}, {lowest, 0, 4, 0}}, [2]float64{0, math.Inf(1)}},
	{"GELUGradient", geluSlopes[float32], geluSlopes[float64], func(x float64) float64 {
		s := exactSigmoid(geluInner(x))
		return s + x*2*math.Sqrt(2/math.Pi)*(1+3*0.044715*x*x)*s*exactSigmoid(-geluInner(x))
	}, []bound{{-0.5, 4, 0, 0}, {-1.5, 0, 0, 1.6}, {lowest, 0, 5, 0}}, [2]float64{0, 1}},
}

func exactSigmoid(x float64) float64 {
	e := math.Exp(-math.Abs(x))
	if x < 0 {
		return e / (1 + e)
	}
	return 1 / (1 + e)
}

// geluInner is 2u.
func geluInner(x float64) float64 { return 2 * math.Sqrt(2/math.Pi) * (x + 0.044715*x*x*x) }

func geluSlopes[T Float](dst, x []T) { GELUGradient(dst, slices.Repeat([]T{1}, len(x)), x) }

// tolerance returns how far a result may be from the exact one at x. ulp is a unit in the last place of the exact result.
func (c curve) tolerance(x, ulp, unit float64) float64 {
	for _, b := range c.bounds {
		if x >= b.from {
			return max((b.ulps+b.square*x*x)*ulp, b.distance*unit)
		}
	}
	panic("no bound")
}

// TestCurves tests float32 numbers over the whole range, and every number near the ends of intervals.
func TestCurves(t *testing.T) {
	var x []float32
	stride := uint64(1009)
	if testing.Short() {
		stride = 65537
	}
	for bits := uint64(0); bits < 1<<32; bits += stride {
		x = append(x, math.Float32frombits(uint32(bits)))
	}
	for _, edge := range []float32{
		0, 0x1p-149, 0x1p-126, 0x1p-25, math.Sqrt2 - 1, 0.5 * math.Ln2, 1, 9.01, 10, 11, 88.72284, 89, 87.33655, 103.97208, 104,
		math.MaxFloat32, float32(math.Inf(1)),
	} {
		for near := -300; near <= 300; near++ {
			v := math.Float32frombits(math.Float32bits(edge) + uint32(near))
			x = append(x, v, -v)
		}
	}
	got, other := make([]float32, len(x)), make([]float32, len(x))
	for _, c := range curves {
		c.run32(got, x)
		for i, v := range x {
			if !c.near32(got[i], v) {
				t.Fatalf("%s(%v) = %v, want %v", c.name, v, got[i], c.exact(float64(v)))
			}
		}
		eachImplementation(t, func(t *testing.T) {
			c.run32(other, x)
			if d := difference([][]float32{other}, [][]float32{got}); d != "" {
				t.Errorf("%s: %s", c.name, d)
			}
		})
	}
}

// near32 reports whether got is within the bounds of c at x.
func (c curve) near32(got, x float32) bool {
	switch {
	case x != x:
		return got != got
	case math.IsInf(float64(x), -1):
		return float64(got) == c.limits[0]
	case math.IsInf(float64(x), 1):
		return float64(got) == c.limits[1]
	}
	g, want := float64(got), c.exact(float64(x))
	if math.IsInf(g, 1) {
		g = max(want, 0x1p128)
	}
	return g == want || math.Abs(g-want) <= c.tolerance(float64(x), unitInLastPlace32(want), 0x1p-24)
}

// unitInLastPlace32 returns the distance between float32 numbers around v, also if they are subnormal.
func unitInLastPlace32(v float64) float64 {
	return math.Ldexp(1, max(math.Ilogb(v), -126)-23)
}

func TestCurvesOfFloat64(t *testing.T) {
	eachImplementation(t, func(t *testing.T) {
		exact := readGolden(t).Curves
		for _, c := range curves {
			if len(exact[c.name]) < 100 {
				t.Fatalf("%d golden points of %s", len(exact[c.name]), c.name)
			}
			for _, point := range exact[c.name] {
				x, want := point[0], point[1]
				got := []float64{0}
				c.run64(got, []float64{x})
				ulp := math.Ldexp(1, math.Ilogb(want)-52)
				if !(math.Abs(got[0]-want) <= c.tolerance(x, ulp, 0x1p-53)) {
					t.Errorf("%s(%v) = %v, want %v", c.name, x, got[0], want)
				}
			}
		}
	})
}

// TestCurvesEverywhere64 compares on a fine grid with formulas in package math, which themselves may be off by two units.
func TestCurvesEverywhere64(t *testing.T) {
	eachImplementation(t, func(t *testing.T) {
		var x []float64
		for v := -800.0; v < 800; v += 0.0317 {
			x = append(x, v, v/40, v*v*v*1e-20)
		}
		got := make([]float64, len(x))
		for _, c := range curves {
			c.run64(got, x)
			for i, v := range x {
				want := c.exact(v)
				ulp := math.Ldexp(1, max(math.Ilogb(want), -1022)-52)
				if got[i] != want && !(math.Abs(got[i]-want) <= 2*c.tolerance(v, ulp, 0x1p-53)+2*ulp) {
					t.Fatalf("%s(%v) = %v, want %v", c.name, v, got[i], want)
				}
			}
		}
	})
}

func TestCurvesOfSpecialNumbers64(t *testing.T) {
	eachImplementation(t, func(t *testing.T) {
		for _, c := range curves {
			got := make([]float64, 5)
			c.run64(got, []float64{math.Inf(-1), math.Inf(1), math.NaN(), math.MaxFloat64, -math.MaxFloat64})
			if got[0] != c.limits[0] || got[1] != c.limits[1] || got[2] == got[2] {
				t.Errorf("%s of −Inf, +Inf and NaN is %v, want %v and NaN", c.name, got[:3], c.limits)
			}
			if got[3] != min(got[1], math.MaxFloat64) && got[3] != got[1] || got[4] != got[0] {
				t.Errorf("%s of the largest and the smallest number is %v", c.name, got[3:])
			}
		}
	})
}

// Odd functions keep the sign of 0. GELU keeps the sign of a result that underflows to 0.
func TestCurvesKeepSignOfZero(t *testing.T) {
	minusZero := math.Copysign(0, -1)
	eachImplementation(t, func(t *testing.T) {
		x := []float64{0, minusZero, minusZero, math.Inf(-1)}
		Tanh(x[:2], x[:2])
		GELU(x[2:], x[2:])
		if d := difference([][]float64{x}, [][]float64{{0, minusZero, minusZero, minusZero}}); d != "" {
			t.Error("tanh of 0 and −0, GELU of −0 and −Inf:", d)
		}
	})
}
