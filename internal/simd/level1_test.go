package simd

import (
	"fmt"
	"math"
	"math/big"
	"math/rand/v2"
	"slices"
	"testing"
)

// routine is a kernel of level 1 or 2 as the tests see it. It reads and writes the vectors v, of the lengths for m and n,
// and returns the sum if there is one.
type routine[T Float] struct {
	name    string
	lengths func(m, n, lda int) []int
	run     func(alpha T, m, n, lda int, v [][]T) float64
}

func level1[T Float]() []routine[T] {
	one := func(_, n, _ int) []int { return []int{n} }
	two := func(_, n, _ int) []int { return []int{n, n} }
	list := []routine[T]{
		{"Asum", one, func(_ T, _, _, _ int, v [][]T) float64 { return float64(Asum(v[0])) }},
		{"Axpy", two, func(a T, _, _, _ int, v [][]T) float64 { Axpy(a, v[0], v[1]); return 0 }},
		{"Dot", two, func(_ T, _, _, _ int, v [][]T) float64 { return float64(Dot(v[0], v[1])) }},
		{"Nrm2", one, func(_ T, _, _, _ int, v [][]T) float64 { return float64(Nrm2(v[0])) }},
		{"Scal", one, func(a T, _, _, _ int, v [][]T) float64 { Scal(a, v[0]); return 0 }},
	}
	if _, single := any(T(0)).(float32); single {
		list = append(list, routine[T]{"DotWide", two, func(_ T, _, _, _ int, v [][]T) float64 {
			return DotWide(any(v[0]).([]float32), any(v[1]).([]float32))
		}})
	}
	return list
}

func TestLevel1SameBits(t *testing.T) {
	eachImplementation(t, func(t *testing.T) {
		for _, n := range sizes() {
			for offset := range 4 {
				sameRoutine(t, level1[float32](), 0, n, 0, offset, uint64(n))
				sameRoutine(t, level1[float64](), 0, n, 0, offset, uint64(n))
			}
		}
	})
}

func FuzzLevel1(f *testing.F) {
	f.Add(uint16(1027), uint8(3), uint64(1))
	f.Fuzz(func(t *testing.T, n uint16, offset uint8, seed uint64) {
		for _, name := range Implementations() {
			restore := Select(name)
			sameRoutine(t, level1[float32](), 0, int(n%3000), 0, int(offset%16), seed)
			sameRoutine(t, level1[float64](), 0, int(n%3000), 0, int(offset%16), seed)
			restore()
		}
	})
}

// sameRoutine compares the current implementation with the portable one, on vectors that begin at an offset within larger arrays. The
// arrays must not change around these vectors.
func sameRoutine[T Float](t *testing.T, list []routine[T], m, n, lda, offset int, seed uint64) {
	t.Helper()
	r := rand.New(rand.NewPCG(seed, uint64(offset)))
	for _, k := range list {
		alpha := anyNumber[T](r)
		var got, want, gotPart, wantPart [][]T
		for i, length := range k.lengths(m, n, lda) {
			array := make([]T, offset+length+16)
			for j := range array {
				array[j] = anyNumber[T](r)
				if seed%2 == 0 { // sums that no special number hides
					array[j] = T(r.NormFloat64())
				}
			}
			got, want = append(got, array), append(want, slices.Clone(array))
			gotPart = append(gotPart, got[i][offset:offset+length:offset+length])
			wantPart = append(wantPart, want[i][offset:offset+length:offset+length])
		}
		sum := k.run(alpha, m, n, lda, gotPart)
		restore := Select(Portable)
		wantSum := k.run(alpha, m, n, lda, wantPart)
		restore()
		d := difference([][]float64{{sum}}, [][]float64{{wantSum}})
		if d += difference(got, want); d != "" {
			t.Fatalf("%s[%T], m = %d, n = %d, lda = %d, from %d, α = %v: %s", k.name, T(0), m, n, lda, offset, alpha, d)
		}
	}
}

// TestLevel1Order checks the order of the sums, with magnitudes for which another order would round differently.
func TestLevel1Order(t *testing.T) {
	eachImplementation(t, func(t *testing.T) {
		level1Order[float32](t)
		level1Order[float64](t)
	})
}

func level1Order[T Float](t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for _, n := range sizes() {
		x, y, magnitudes, products := make([]T, n), make([]T, n), make([]T, n), make([]T, n)
		for i := range x {
			x[i], y[i] = T(math.Exp(5*r.NormFloat64())), T(r.NormFloat64())
			magnitudes[i], products[i] = T(math.Abs(float64(y[i]))), x[i]*y[i]
		}
		if got, want := Dot(x, y), inOrder(products, 0, 1, laneCount(n, T(0))); got != want {
			t.Errorf("Dot[%T] of %d elements = %v, want %v", T(0), n, got, want)
		}
		if got, want := Asum(y), inOrder(magnitudes, 0, 1, laneCount(n, T(0))); got != want {
			t.Errorf("Asum[%T] of %d elements = %v, want %v", T(0), n, got, want)
		}
	}
}

// laneCount returns the number of partial sums for n terms.
func laneCount[T Float](n int, zero T) int {
	switch _, single := any(zero).(float32); {
	case n < 8:
		return 1
	case single:
		return 32
	default:
		return 16
	}
}

// inOrder sums in the documented order, written as a tree: the sum over a stride is the sum of two sums over twice the stride.
// At the last stride it is a sum from left to right.
func inOrder[T Float](terms []T, first, stride, last int) T {
	if stride < last {
		return inOrder(terms, first, 2*stride, last) + inOrder(terms, first+stride, 2*stride, last)
	}
	var sum T
	for i := first; i < len(terms); i += stride {
		sum += terms[i]
	}
	return sum
}

// TestDotBound checks the error bound that the documentation states.
func TestDotBound(t *testing.T) {
	eachImplementation(t, func(t *testing.T) {
		for _, n := range []int{1, 5, 33, 1000} {
			dotBound[float32](t, n, 0x1p-24)
			dotBound[float64](t, n, 0x1p-53)
		}
	})
}

func dotBound[T Float](t *testing.T, n int, unit float64) {
	r := rand.New(rand.NewPCG(3, uint64(n)))
	for range 20 {
		x, y := make([]T, n), make([]T, n)
		exact, magnitude := new(big.Float).SetPrec(2000), 0.0
		for i := range x {
			x[i], y[i] = T(r.NormFloat64()), T(r.NormFloat64())
			product := new(big.Float).SetPrec(200).Mul(big.NewFloat(float64(x[i])), big.NewFloat(float64(y[i])))
			exact.Add(exact, product)
			magnitude += math.Abs(float64(x[i]) * float64(y[i]))
		}
		got := Dot(x, y)
		off, _ := new(big.Float).Sub(exact, big.NewFloat(float64(got))).Float64()
		k := float64(n/laneCount(n, x[0]) + 8)
		if bound := k * unit / (1 - k*unit) * magnitude; math.Abs(off) > bound {
			t.Errorf("Dot[%T] of %d elements is off by %g, more than %g", T(0), n, off, bound)
		}
	}
}

func TestNrm2(t *testing.T) {
	inf, nan := math.Inf(1), math.NaN()
	eachImplementation(t, func(t *testing.T) {
		for _, c := range []struct {
			x    []float64
			want float64
		}{
			{nil, 0},
			{[]float64{-3}, 3},
			{[]float64{3, -4}, 5},
			{[]float64{0, 0, 0}, 0},
			{[]float64{3e300, 4e300}, 5e300},
			{[]float64{0x3p-1074, 0x4p-1074}, 0x5p-1074},
			{[]float64{0x3p-540, 0x4p-540}, 0x5p-540},
			{[]float64{0x3p-1074, 4}, 4},
			{[]float64{0x3p-600, 0x4p-600, 1e-300}, 0x5p-600},
			{slices.Repeat([]float64{0x1p1020}, 64), 0x1p1023},
			{[]float64{math.MaxFloat64, math.MaxFloat64}, inf},
			{[]float64{1, -inf}, inf},
			{[]float64{1, nan}, nan},
			{[]float64{inf, nan, -inf}, nan},
			{[]float64{math.MaxFloat64, math.MaxFloat64, nan}, nan},
		} {
			if got := Nrm2(c.x); !near(got, c.want, 0x1p-52) {
				t.Errorf("Nrm2(%v) = %v, want %v", c.x, got, c.want)
			}
		}
		v := []float64{0.3, -0.7, 0.11, 1.3}
		norm := math.Sqrt(0.3*0.3 + 0.7*0.7 + 0.11*0.11 + 1.3*1.3)
		for exponent := -1000; exponent <= 1000; exponent += 8 { // through all that over- and underflows when it is squared
			scaled := make([]float64, len(v))
			for i, e := range v {
				scaled[i] = math.Ldexp(e, exponent)
			}
			if got, want := Nrm2(scaled), math.Ldexp(norm, exponent); !near(got, want, 0x1p-51) {
				t.Errorf("Nrm2 of numbers near 2^%d is %g, want %g", exponent, got, want)
			}
		}
		for _, scale := range []float32{1, 0x1p-149, 0x1p-100, 0x1p125} {
			if got, want := Nrm2([]float32{3 * scale, -4 * scale}), 5*scale; got != want {
				t.Errorf("Nrm2 of (3, −4) times %g = %g, want %g", scale, got, want)
			}
		}
	})
}

// near reports whether got equals want up to a relative error, or is the same special number.
func near(got, want, relative float64) bool {
	return got == want || math.IsNaN(got) && math.IsNaN(want) || math.Abs(got-want) <= relative*math.Abs(want)
}

func TestLevel1ShortVectorPanics(t *testing.T) {
	x, y := make([]float32, 9), make([]float32, 8)[:8:8]
	eachImplementation(t, func(t *testing.T) {
		for name, f := range map[string]func(){
			"Axpy": func() { Axpy(1, x, y) }, "Dot": func() { Dot(x, y) }, "DotWide": func() { DotWide(x, y) },
		} {
			if !panics(f) {
				t.Errorf("%s accepts a short vector", name)
			}
		}
	})
}

// BenchmarkLevel1 reports the bytes of the vectors per second.
func BenchmarkLevel1(b *testing.B) {
	for _, name := range Implementations() {
		b.Run(name, func(b *testing.B) {
			defer Select(name)()
			benchmarkLevel1(b, level1[float32](), 4)
			benchmarkLevel1(b, level1[float64](), 8)
		})
	}
}

func benchmarkLevel1[T Float](b *testing.B, list []routine[T], size int) {
	for _, k := range list {
		for _, n := range []int{8, 1000, 1000000} {
			b.Run(fmt.Sprintf("%s/%T/%d", k.name, T(0), n), func(b *testing.B) {
				var v [][]T
				for _, length := range k.lengths(0, n, 0) {
					v = append(v, slices.Repeat([]T{1}, length))
				}
				b.SetBytes(int64(n * size * len(v)))
				for b.Loop() {
					k.run(1, 0, n, 0, v)
				}
			})
		}
	}
}
