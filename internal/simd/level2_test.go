package simd

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"unsafe"
)

func level2[T Float]() []routine[T] {
	matrix := func(m, n, lda int) int { return max(0, (m-1)*lda+n) }
	list := []routine[T]{
		{"GemvN", func(m, n, lda int) []int { return []int{matrix(m, n, lda), n, m} },
			func(alpha T, _, _, lda int, v [][]T) float64 { GemvN(alpha, v[0], lda, v[1], v[2]); return 0 }},
		{"GemvT", func(m, n, lda int) []int { return []int{matrix(m, n, lda), m, n} },
			func(alpha T, _, _, lda int, v [][]T) float64 { GemvT(alpha, v[0], lda, v[1], v[2]); return 0 }},
		{"Ger", func(m, n, lda int) []int { return []int{m, n, matrix(m, n, lda)} },
			func(alpha T, _, _, lda int, v [][]T) float64 { Ger(alpha, v[0], v[1], v[2], lda); return 0 }},
	}
	if _, single := any(T(0)).(float32); single {
		list = append(list, routine[T]{"GemvNBF16", func(m, n, lda int) []int { return []int{(matrix(m, n, lda) + 1) / 2, n, m} },
			func(alpha T, m, n, lda int, v [][]T) float64 {
				GemvNBF16(float32(alpha), lastBF16(any(v[0]).([]float32), matrix(m, n, lda)), lda, any(v[1]).([]float32), any(v[2]).([]float32))
				return 0
			}})
	}
	return list
}

// lastBF16 returns the last n bfloat16 of words that hold two each.
func lastBF16(words []float32, n int) []BF16 {
	return unsafe.Slice((*BF16)(unsafe.Pointer(unsafe.SliceData(words))), 2*len(words))[2*len(words)-n:]
}

// TestGemvNBF16 compares products of bfloat16 with products of the same numbers in float32.
func TestGemvNBF16(t *testing.T) {
	eachImplementation(t, func(t *testing.T) {
		r := rand.New(rand.NewPCG(7, 8))
		for _, n := range []int{0, 1, 7, 8, 9, 15, 16, 31, 768, 771} {
			const m = 7
			half, a, x := make([]BF16, m*n), make([]float32, m*n), make([]float32, n)
			for i := range half {
				half[i] = BF16(r.Uint32())&0x807f | BF16(120+r.UintN(14))<<7
			}
			for i := range x {
				x[i] = float32(r.NormFloat64())
			}
			WidenBF16(a, half)
			got, want := []float32{1, 2, 3, 4, 5, 6, 7}, []float32{1, 2, 3, 4, 5, 6, 7}
			GemvNBF16(-0.7, half, n, x, got)
			GemvN(-0.7, a, n, x, want)
			if !slices.Equal(got, want) {
				t.Errorf("n = %d: %v, want %v", n, got, want)
			}
		}
	})
}

func TestLevel2SameBits(t *testing.T) {
	eachImplementation(t, func(t *testing.T) {
		for m := range 10 {
			for _, n := range append(sizes()[:40], 63, 64, 65, 1025) {
				sameRoutine(t, level2[float32](), m, n, n+m%3, m%4, uint64(n))
				sameRoutine(t, level2[float64](), m, n, n+m%3, m%4, uint64(n))
			}
		}
	})
}

func FuzzLevel2(f *testing.F) {
	f.Add(uint8(7), uint16(1027), uint8(3), uint64(1))
	f.Fuzz(func(t *testing.T, m uint8, n uint16, gap uint8, seed uint64) {
		for _, name := range Implementations() {
			restore := Select(name)
			sameRoutine(t, level2[float32](), int(m%40), int(n%1200), int(n%1200)+int(gap%20), int(gap%16), seed)
			sameRoutine(t, level2[float64](), int(m%40), int(n%1200), int(n%1200)+int(gap%20), int(gap%16), seed)
			restore()
		}
	})
}

// TestLevel2Order computes what each kernel documents, element by element.
func TestLevel2Order(t *testing.T) {
	eachImplementation(t, func(t *testing.T) {
		level2Order[float32](t)
		level2Order[float64](t)
	})
}

func level2Order[T Float](t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	random := func(n int) []T {
		v := make([]T, n)
		for i := range v {
			v[i] = T(r.NormFloat64())
		}
		return v
	}
	const alpha, m, n, lda = 0.3, 7, 21, 23
	a, long, short := random(m*lda), random(n), random(m)
	byRow, byColumn, outer := slices.Clone(short), slices.Clone(long), slices.Clone(a)
	for i := range m {
		products := make([]T, n)
		for j := range n {
			products[j] = a[i*lda+j] * long[j]
			step := alpha * short[i]
			byColumn[j] += T(step * a[i*lda+j])
			outer[i*lda+j] += T(step * long[j])
		}
		byRow[i] += T(alpha * inOrder(products, 0, 1, 8))
	}
	got := [][]T{slices.Clone(short), slices.Clone(long), slices.Clone(a)}
	GemvN(alpha, a, lda, long, got[0])
	GemvT(alpha, a, lda, short, got[1])
	Ger(alpha, short, long, got[2], lda)
	if d := difference(got, [][]T{byRow, byColumn, outer}); d != "" {
		t.Errorf("GemvN, GemvT, Ger of %T: %s", T(0), d)
	}
}

func TestLevel2ShortMatrixPanics(t *testing.T) {
	eachImplementation(t, func(t *testing.T) {
		for _, k := range level2[float64]() {
			for short := range 3 {
				if k.name != "Ger" && short != 0 || k.name == "Ger" && short != 2 {
					continue
				}
				var v [][]float64
				for _, length := range k.lengths(5, 9, 10) {
					v = append(v, make([]float64, length))
				}
				v[short] = v[short][: len(v[short])-1 : len(v[short])-1]
				if !panics(func() { k.run(1, 5, 9, 10, v) }) {
					t.Errorf("%s accepts a short matrix", k.name)
				}
			}
		}
	})
}

// BenchmarkLevel2 reports the bytes of the matrix per second.
func BenchmarkLevel2(b *testing.B) {
	for _, name := range Implementations() {
		b.Run(name, func(b *testing.B) {
			defer Select(name)()
			benchmarkLevel2(b, level2[float32](), 4)
			benchmarkLevel2(b, level2[float64](), 8)
		})
	}
}

func benchmarkLevel2[T Float](b *testing.B, list []routine[T], size int) {
	for _, k := range list {
		for _, n := range []int{8, 64, 1000} {
			b.Run(fmt.Sprintf("%s/%T/%d", k.name, T(0), n), func(b *testing.B) {
				var v [][]T
				for _, length := range k.lengths(n, n, n) {
					v = append(v, slices.Repeat([]T{1}, length))
				}
				bytes := n * n * size
				if k.name == "GemvNBF16" {
					bytes /= 2
				}
				b.SetBytes(int64(bytes))
				for b.Loop() {
					k.run(1e-9, n, n, n, v)
				}
			})
		}
	}
}
