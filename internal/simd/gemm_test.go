package simd

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// layouts are the ways in which A may be stored: packed, by rows, and by columns.
var layouts = []struct {
	name      string
	distances func(rows, k int) (row, step int)
}{
	{"packed", func(_, _ int) (int, int) { return 1, 8 }},
	{"packed as float64 with AVX2", func(_, _ int) (int, int) { return 1, 4 }},
	{"by rows", func(_, k int) (int, int) { return k + 1, 1 }},
	{"by columns", func(rows, _ int) (int, int) { return 1, rows + 2 }},
}

// TestBlockIsExact multiplies whole numbers, whose products and sums are exact in any order. Every element must be right to the
// bit, and the memory around the block must not change.
func TestBlockIsExact(t *testing.T) {
	eachImplementation(t, func(t *testing.T) {
		blockIsExact[float32](t)
		blockIsExact[float64](t)
	})
}

func blockIsExact[T Float](t *testing.T) {
	r := rand.New(rand.NewPCG(3, 5))
	maxRows, maxCols := BlockShape[T]()
	for _, layout := range layouts {
		for rows := 1; rows <= maxRows; rows++ {
			for cols := 1; cols <= maxCols; cols++ {
				strips := 1 + r.IntN(3)
				k := []int{0, 1, 2, 3, 4, 5, 7, 8, 9, 31, 99, 100, 101, 103, 131}[r.IntN(15)]
				alpha, beta := T(r.IntN(4)-1), T(r.IntN(4)-1)
				aRow, aStep := layout.distances(rows, k)
				bStep := cols + r.IntN(3)
				if strings.HasPrefix(layout.name, "packed") {
					bStep = maxCols
				}
				b := Block[T]{K: k, ARow: aRow, AStep: aStep, BStep: bStep, CRow: cols + r.IntN(3), Alpha: alpha, Beta: beta}
				b.AStrip = max(0, (rows-1)*aRow+(k-1)*aStep+1) + r.IntN(3)
				b.A = wholeNumbers[T](r, strips*b.AStrip)
				b.B = wholeNumbers[T](r, max(0, (k-1)*b.BStep+cols))
				memory := wholeNumbers[T](r, (strips*rows-1)*b.CRow+cols+40)
				end := len(memory) - 20
				b.C = memory[20:end:end]
				if beta == 0 {
					b.C[0] = T(math.NaN())
				}
				want := slices.Clone(memory)
				for i := range strips * rows {
					for j := range cols {
						c := &want[20+i*b.CRow+j]
						sum := T(0)
						for p := range k {
							sum += b.A[i/rows*b.AStrip+i%rows*aRow+p*aStep] * b.B[p*b.BStep+j]
						}
						if beta == 0 {
							*c = alpha * sum
						} else {
							*c = beta**c + alpha*sum
						}
					}
				}
				b.Multiply(strips, rows, cols)
				for i := range memory {
					if memory[i] != want[i] {
						at := i - 20
						t.Fatalf("%T, A %s, %d strips of %d × %d × %d, α = %v, β = %v: element (%d, %d) is %v, want %v",
							alpha, layout.name, strips, rows, cols, k, alpha, beta, at/b.CRow, at%b.CRow, memory[i], want[i])
					}
				}
			}
		}
	}
}

func wholeNumbers[T Float](r *rand.Rand, n int) []T {
	v := make([]T, n)
	for i := range v {
		v[i] = T(r.IntN(17) - 8)
	}
	return v
}

// TestBlockRounding compares sums of random numbers with sums in about twice the precision.
func TestBlockRounding(t *testing.T) {
	eachImplementation(t, func(t *testing.T) {
		blockRounding[float32](t, 0x1p-24)
		blockRounding[float64](t, 0x1p-53)
	})
}

func blockRounding[T Float](t *testing.T, unit float64) {
	r := rand.New(rand.NewPCG(7, 11))
	rows, cols := BlockShape[T]()
	const k = 300
	b := Block[T]{K: k, ARow: 1, AStep: rows, BStep: cols, CRow: cols, Alpha: 1}
	b.A, b.B, b.C = make([]T, rows*k), make([]T, k*cols), make([]T, rows*cols)
	for i := range b.A {
		b.A[i] = T(r.NormFloat64())
	}
	for i := range b.B {
		b.B[i] = T(r.NormFloat64())
	}
	b.Multiply(1, rows, cols)
	for i := range rows {
		for j := range cols {
			var sum, rest, size float64 // Kahan's sum of products that FMA splits exactly
			for p := range k {
				x, y := float64(b.A[p*rows+i]), float64(b.B[p*cols+j])
				product := x * y
				term := product - rest
				next := sum + term
				rest = (next - sum) - term - math.FMA(x, y, -product)
				sum, size = next, size+math.Abs(product)
			}
			if got := float64(b.C[i*cols+j]); math.Abs(got-sum) > (k+1)*unit*size {
				t.Errorf("%T: element (%d, %d) is %v, want %v ± %v", b.Alpha, i, j, got, sum, (k+1)*unit*size)
			}
		}
	}
}

func TestBlockTooShort(t *testing.T) {
	eachImplementation(t, func(t *testing.T) {
		for _, short := range []string{"A", "B", "C"} {
			b := Block[float32]{K: 3, A: make([]float32, 8), ARow: 3, AStep: 1, B: make([]float32, 11), BStep: 4,
				C: make([]float32, 11), CRow: 5, Alpha: 1}
			switch short {
			case "A":
				b.A = make([]float32, 10)[:5:5]
			case "B":
				b.B = make([]float32, 20)[:10:10]
			case "C":
				b.C = make([]float32, 20)[:7:7]
			}
			if !panics(func() { b.Multiply(1, 2, 3) }) {
				t.Errorf("a short %s is accepted", short)
			}
		}
	})
}

func TestTransposeAndCopyBands(t *testing.T) {
	eachImplementation(t, func(t *testing.T) {
		transposeAndCopyBands[float32](t)
		transposeAndCopyBands[float64](t)
	})
}

// transposeAndCopyBands checks the elements, and that nothing is written outside the padded rows.
func transposeAndCopyBands[T Float](t *testing.T) {
	const canary = -99
	pad := Pad[T]()
	for n := range 52 {
		for _, k := range []int{0, 1, 2, 3, 4, 5, 8, 11, 16, 19, 35} {
			padded := (n + pad - 1) / pad * pad
			to := max(1, padded) + n%3
			one := max(0, k-1)*to + padded
			check := func(name string, dst []T, bands, band int, want func(b, i, p int) T) {
				for at, got := range dst {
					b, p, i := at/band, at%band/to, at%band%to
					switch {
					case b < bands && p < k && i < n:
						if got != want(b, i, p) {
							t.Fatalf("%s[%T] of %d × %d: (%d, %d) of band %d is %v, want %v", name, got, n, k, i, p, b, got, want(b, i, p))
						}
					case b >= bands || p >= k || i >= padded:
						if got != canary {
							t.Fatalf("%s[%T] of %d × %d wrote %v outside, at (%d, %d) of band %d", name, got, n, k, got, i, p, b)
						}
					}
				}
			}

			dst := slices.Repeat([]T{canary}, one+pad)
			from := k + n%2
			Transpose(dst[:one:one], to, counting[T](max(0, (n-1)*from+k)), from, n, k)
			check("Transpose", dst, 1, len(dst), func(_, i, p int) T { return T(i*from + p + 1) })

			const bands = 3
			band := one + k%4 + 1
			dst = slices.Repeat([]T{canary}, 2*band+one+pad)
			from = bands*n + k%2
			CopyBands(dst[:2*band+one:2*band+one], to, band, counting[T](max(0, (k-1)*from+bands*n)), from, n, bands, k)
			check("CopyBands", dst, bands, band, func(b, i, p int) T { return T(p*from + b*n + i + 1) })
		}
	}
}

// counting returns 1, 2, …, n.
func counting[T Float](n int) []T {
	v := make([]T, n)
	for i := range v {
		v[i] = T(i + 1)
	}
	return v
}

// BenchmarkBlock measures the peak of the kernels: the largest block, with operands in the first-level cache.
func BenchmarkBlock(b *testing.B) {
	for _, name := range Implementations() {
		b.Run(name, func(b *testing.B) {
			defer Select(name)()
			benchmarkBlock[float32](b)
			benchmarkBlock[float64](b)
		})
	}
}

func benchmarkBlock[T Float](b *testing.B) {
	const k = 128
	b.Run(fmt.Sprintf("%T", T(0)), func(b *testing.B) {
		rows, cols := BlockShape[T]()
		block := Block[T]{K: k, A: make([]T, 8*k), ARow: 1, AStep: 8, B: make([]T, cols*k), BStep: cols,
			C: make([]T, rows*cols), CRow: cols, Alpha: 1}
		for b.Loop() {
			block.Multiply(1, rows, cols)
		}
		b.ReportMetric(float64(2*k*rows*cols)*float64(b.N)/float64(b.Elapsed().Nanoseconds()), "GFLOP/s")
	})
}
