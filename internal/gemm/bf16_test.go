package gemm

import (
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"

	"steepest/internal/simd"
)

// TestTilesOfBF16 multiplies matrices of sizes around whole tiles, in one part of k and in several, with NaN between the rows and in the
// memory for packed operands.
func TestTilesOfBF16(t *testing.T) {
	eachImplementation(t, func(t *testing.T) {
		r := rand.New(rand.NewPCG(16, 17))
		nan := slices.Repeat([]simd.BF16{0x7fc0}, 96*256)
		for trans := range 4 {
			for _, s := range some([][3]int{{33, 31, 64}, {32, 64, 32}, {16, 48, 96}, {64, 65, 63}, {1, 32, 128}, {35, 1, 33}, {90, 70, 4160}, {300, 600, 256}}) {
				p := newProblem[float32](r, trans&2 != 0, trans&1 != 0, s[0], s[1], s[2])
				want := slices.Clone(p.c)
				p.mul(want)
				a, b := p.halves(float32(math.NaN()))
				MulBF16(true, true, 96, 96, 256, 1, nan, 96, nan, 256, 0, make([]float32, 96*96), 96)
				MulBF16(p.transA, p.transB, p.m, p.n, p.k, p.alpha, a, p.lda, b, p.ldb, p.beta, p.c, p.ldc)
				if !slices.Equal(p.c, want) {
					t.Errorf("%v is wrong", p)
				}
			}
		}
	})
}

// halves returns A and B in bfloat16, with the given number in the gaps between the rows.
func (p *problem[T]) halves(between float32) (a, b []simd.BF16) {
	half := func(v []T, trans bool, cols, rows, stride int) []simd.BF16 {
		if trans {
			cols = rows
		}
		single, h := make([]float32, len(v)), make([]simd.BF16, len(v))
		for i, e := range v {
			if single[i] = float32(e); i%stride >= cols {
				single[i] = between
			}
		}
		simd.RoundBF16(h, single)
		return h
	}
	return half(p.a, p.transA, p.k, p.m, p.lda), half(p.b, p.transB, p.n, p.k, p.ldb)
}

// TestSameBitsBF16 is TestSameBits for bfloat16.
func TestSameBitsBF16(t *testing.T) {
	eachImplementation(t, func(t *testing.T) {
		r := rand.New(rand.NewPCG(18, 19))
		for trans := range 4 {
			for _, s := range some([][3]int{{200, 150, 300}, {192, 320, 256}, {64, 300, 4200}}) {
				p := random(r, newProblem[float32](r, trans&2 != 0, trans&1 != 0, s[0], s[1], s[2]))
				a, b := p.halves(0)
				mul := func(m, n int, a, b []simd.BF16, c []float32) []float32 {
					MulBF16(p.transA, p.transB, m, n, p.k, p.alpha, a, p.lda, b, p.ldb, p.beta, c, p.ldc)
					return c
				}
				var want []float32
				for _, workers := range []int{1, 2, 3} {
					before := runtime.GOMAXPROCS(workers)
					got := mul(p.m, p.n, a, b, slices.Clone(p.c))
					runtime.GOMAXPROCS(before)
					if want == nil {
						want = got
					}
					if !slices.Equal(got, want) {
						t.Errorf("%v: %d workers change bits", p, workers)
					}
				}
				for range 20 {
					i, j := r.IntN(p.m), r.IntN(p.n)
					ai, bj := i*p.lda, j
					if p.transA {
						ai = i
					}
					if p.transB {
						bj = j * p.ldb
					}
					if c := mul(1, 1, a[ai:], b[bj:], []float32{p.c[i*p.ldc+j]}); c[0] != want[i*p.ldc+j] {
						t.Errorf("%v: element (%d, %d) alone is %v, among others %v", p, i, j, c[0], want[i*p.ldc+j])
					}
				}
			}
		}
	})
}

// TestMulByBF16 compares products of float32 by bfloat16 with products of float32 alone.
func TestMulByBF16(t *testing.T) {
	eachImplementation(t, func(t *testing.T) {
		r := rand.New(rand.NewPCG(20, 21))
		for trans := range 4 {
			for _, s := range some([][3]int{{1, 1, 1}, {200, 150, 300}, {3, 70, 33}}) {
				p := random(r, newProblem[float32](r, trans&2 != 0, trans&1 != 0, s[0], s[1], s[2]))
				_, half := p.halves(0)
				b, got, want := make([]float32, len(half)), slices.Clone(p.c), slices.Clone(p.c)
				simd.WidenBF16(b, half)
				Mul(p.transA, p.transB, p.m, p.n, p.k, p.alpha, p.a, p.lda, b, p.ldb, p.beta, want, p.ldc)
				MulByBF16(p.transA, p.transB, p.m, p.n, p.k, p.alpha, p.a, p.lda, half, p.ldb, p.beta, got, p.ldc)
				if !slices.Equal(got, want) {
					t.Errorf("%v is wrong", p)
				}
			}
		}
	})
}

// TestMulRounded compares MulRounded and MulBiasRounded with MulBF16, for operands that are rounded before and operands that are not, with one
// worker and with several. There is NaN between the rows and in the memory for packed operands.
func TestMulRounded(t *testing.T) {
	eachImplementation(t, func(t *testing.T) {
		r := rand.New(rand.NewPCG(22, 23))
		nan := Rounded{Single: slices.Repeat([]float32{float32(math.NaN())}, 96*256), Stride: 96, Transposed: true}
		for trans := range 4 {
			for i, s := range some([][3]int{{90, 70, 161}, {1, 1, 1}, {3, 70, 33}, {33, 31, 64}, {64, 65, 63}, {200, 150, 300}, {300, 600, 256}, {90, 70, 4161}}) {
				p := random(r, newProblem[float32](r, trans&2 != 0, trans&1 != 0, s[0], s[1], s[2]))
				halfA, halfB := p.halves(float32(math.NaN()))
				poison(p.a, p.lda, map[bool]int{false: p.k, true: p.m}[p.transA])
				poison(p.b, p.ldb, map[bool]int{false: p.n, true: p.k}[p.transB])
				want := slices.Clone(p.c)
				MulBF16(p.transA, p.transB, p.m, p.n, p.k, p.alpha, halfA, p.lda, halfB, p.ldb, p.beta, want, p.ldc)
				bias := make([]float32, p.n)
				for j := range bias {
					bias[j] = float32(r.NormFloat64())
				}
				a, b := Rounded{Single: p.a, Stride: p.lda, Transposed: p.transA}, Rounded{Single: p.b, Stride: p.ldb, Transposed: p.transB}
				if (i+trans)&2 != 0 {
					a.Single, a.Half = nil, halfA
				}
				if (i+trans)&1 != 0 {
					b.Single, b.Half = nil, halfB
				}
				for workers, bias := range map[int][]float32{1: bias, 3: nil} {
					got, before := slices.Clone(p.c), runtime.GOMAXPROCS(workers)
					MulRounded(96, 96, 256, 1, nan, Rounded{Single: nan.Single, Stride: 256, Transposed: true}, 0, make([]float32, 96*96), 96)
					MulRounded(p.m, p.n, p.k, p.alpha, a, b, p.beta, got, p.ldc)
					if !slices.Equal(got, want) {
						t.Errorf("%v with %d workers has other bits", p, workers)
					}
					p.checkBiasRounded(t, a, b, bias)
					runtime.GOMAXPROCS(before)
				}
			}
		}
	})
}

// TestUnpackedShares divides products whose A needs no packing, whatever the shape, among workers.
func TestUnpackedShares(t *testing.T) {
	eachImplementation(t, func(t *testing.T) {
		r := rand.New(rand.NewPCG(24, 25))
		const k = 128
		for _, s := range [][2]int{{500, 24}, {500, 200}, {200, 500}, {700, 690}} {
			m, n := s[0], s[1]
			a, b := Rounded{Half: make([]simd.BF16, m*k), Stride: k}, Rounded{Single: make([]float32, n*k), Stride: k, Transposed: true}
			for i := range a.Half {
				simd.RoundBF16(a.Half[i:i+1], []float32{float32(r.IntN(9) - 4)})
			}
			for i := range b.Single {
				b.Single[i] = float32(r.IntN(9) - 4)
			}
			var want []float32
			for workers := 1; workers <= 4; workers++ {
				before, got := runtime.GOMAXPROCS(workers), make([]float32, m*n)
				MulRounded(m, n, k, 1, a, b, 0, got, n)
				runtime.GOMAXPROCS(before)
				if want == nil {
					want = got
				}
				if !slices.Equal(got, want) {
					t.Errorf("%d × %d with %d workers is wrong", m, n, workers)
				}
			}
		}
	})
}

// TestWiden widens a matrix and its transpose, whose rows have gaps between them: heads of queries have. The gaps are left out.
func TestWiden(t *testing.T) {
	const rows, cols, stride = 130, 70, 200
	src, half, want := make([]float32, rows*stride), make([]simd.BF16, rows*stride), []float32(nil)
	for i := range src {
		src[i] = float32(i % 251)
	}
	for i := range rows {
		want = append(want, src[i*stride:][:cols]...)
	}
	simd.RoundBF16(half, src)
	for _, o := range []operand[float32]{{data: src, rounds: true}, {half: half}} {
		var memory []float32
		w := wides.New().(*wide)
		o.stride = stride
		byColumn := w.widen(&memory, o, cols, rows)
		if o.byRow = true; byColumn.stride != cols || byColumn.byRow || !slices.Equal(byColumn.data, want) {
			t.Errorf("the transpose has %d elements, %d from row to row", len(byColumn.data), byColumn.stride)
		}
		if byRow := w.widen(&memory, o, rows, cols); byRow.stride != cols || !byRow.byRow || !slices.Equal(byRow.data, want) {
			t.Errorf("the matrix has %d elements, %d from row to row", len(byRow.data), byRow.stride)
		}
	}
}

// checkBiasRounded compares MulBiasRounded with MulRounded and a loop that adds the bias. The sums of a long product may differ, since
// MulRounded adds them in several visits. Numbers between the rows of C must not change.
func (p *problem[T]) checkBiasRounded(t *testing.T, a, b Rounded, bias []float32) {
	t.Helper()
	const canary = 0x1234
	number := func(v simd.BF16) float64 { return float64(math.Float32frombits(uint32(v) << 16)) }
	sums, rounded := make([]float32, p.m*p.ldc), slices.Repeat([]simd.BF16{canary}, p.m*p.ldc)
	MulRounded(p.m, p.n, p.k, 1, a, b, 0, sums, p.ldc)
	MulBiasRounded(p.m, p.n, p.k, a, b, bias, rounded[:(p.m-1)*p.ldc+p.n], p.ldc)
	for at, got := range rounded {
		j, want := at%p.ldc, []simd.BF16{canary}
		if j < p.n {
			if bias != nil {
				sums[at] += bias[j]
			}
			simd.RoundBF16(want, sums[at:at+1])
		}
		if got != want[0] && (j >= p.n || p.k < depth || math.Abs(number(got)-number(want[0])) > math.Abs(number(got))/128+1e-4) {
			t.Fatalf("%v: element (%d, %d) is %#x, want %#x", p, at/p.ldc, j, got, want[0])
		}
	}
}

// poison sets what is between rows of cols elements to NaN.
func poison(v []float32, stride, cols int) {
	for i := range v {
		if i%stride >= cols {
			v[i] = float32(math.NaN())
		}
	}
}

// BenchmarkMulBF16 is BenchmarkMul for bfloat16.
func BenchmarkMulBF16(b *testing.B) {
	for _, n := range []int{64, 256, 768, 1024, 2048} {
		for trans, name := range []string{"NN", "NT", "TN", "TT"} {
			b.Run(fmt.Sprintf("%d/%s", n, name), func(b *testing.B) {
				x, y, z := make([]simd.BF16, n*n), make([]simd.BF16, n*n), make([]float32, n*n)
				for b.Loop() {
					MulBF16(trans&2 != 0, trans&1 != 0, n, n, n, 1, x, n, y, n, 0, z, n)
				}
				b.ReportMetric(2*float64(n*n*n)*float64(b.N)/float64(b.Elapsed().Nanoseconds()), "GFLOP/s")
			})
		}
	}
}
