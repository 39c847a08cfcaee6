package simd

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// eachBF16 runs a test once for each implementation that multiplies bfloat16.
func eachBF16(t *testing.T, test func(t *testing.T, maxRows, maxCols, step int)) {
	eachImplementation(t, func(t *testing.T) {
		if !HasBF16Products() {
			t.Skip("no products of bfloat16")
		}
		rows, cols, step := BlockShapeBF16()
		test(t, rows, cols, step)
	})
}

// TestBlockBF16IsExact is TestBlockIsExact for pairs of bfloat16.
func TestBlockBF16IsExact(t *testing.T) {
	eachBF16(t, func(t *testing.T, maxRows, maxCols, step int) {
		r := rand.New(rand.NewPCG(1, 2))
		for rows := 1; rows <= maxRows; rows++ {
			for cols := 1; cols <= maxCols; cols++ {
				for _, scales := range [][2]float32{{1, 0}, {float32(r.IntN(4) - 1), float32(r.IntN(4) - 1)}} {
					blockBF16IsExact(t, r, step*r.IntN(6), 1+r.IntN(3), rows, cols, scales[0], scales[1])
				}
			}
		}
	})
}

func blockBF16IsExact(t *testing.T, r *rand.Rand, k, strips, rows, cols int, alpha, beta float32) {
	t.Helper()
	b := Block[float32]{K: k, ARow: k + r.IntN(3), AStep: 1, BStep: cols + r.IntN(3), CRow: cols + r.IntN(3), Alpha: alpha, Beta: beta}
	b.AStrip = rows*b.ARow + r.IntN(3)
	pairs := func(n int) ([]float32, []float32) {
		numbers, half := wholeNumbers[float32](r, 2*n), make([]BF16, 2*n)
		RoundBF16(half, numbers)
		return numbers, WordsBF16(half)
	}
	x, a := pairs(strips * b.AStrip)
	y, bs := pairs(max(0, (k-1)*b.BStep+cols))
	b.A, b.B = a, bs
	memory := wholeNumbers[float32](r, (strips*rows-1)*b.CRow+cols+40)
	end := len(memory) - 20
	b.C = memory[20:end:end]
	if beta == 0 {
		b.C[0] = float32(math.NaN())
	}
	want := slices.Clone(memory)
	for i := range strips * rows {
		for j := range cols {
			c := &want[20+i*b.CRow+j]
			if beta == 0 {
				*c = 0
			}
			*c *= beta
			for p := range k {
				at, bt := i/rows*b.AStrip+i%rows*b.ARow+p, p*b.BStep+j
				*c += alpha * (x[2*at]*y[2*bt] + x[2*at+1]*y[2*bt+1])
			}
		}
	}
	MultiplyBF16(&b, strips, rows, cols)
	for i := range memory {
		if memory[i] != want[i] {
			at := i - 20
			t.Fatalf("%d strips of %d × %d × %d, α = %v, β = %v: element (%d, %d) is %v, want %v",
				strips, rows, cols, k, alpha, beta, at/b.CRow, at%b.CRow, memory[i], want[i])
		}
	}
}

// TestBlockBF16AmongGoroutines computes products while the scheduler moves goroutines and the garbage collector stops them.
func TestBlockBF16AmongGoroutines(t *testing.T) {
	eachBF16(t, func(t *testing.T, rows, cols, step int) {
		t.Run("", func(t *testing.T) { // ends after the parallel tests inside
			for i := range 8 {
				t.Run("", func(t *testing.T) {
					t.Parallel()
					r := rand.New(rand.NewPCG(3, uint64(i)))
					for range 200 {
						blockBF16IsExact(t, r, step*(1+r.IntN(8)), 2, rows, cols, 1, 1)
					}
				})
			}
		})
	})
}

// TestBlockBF16Special: NaN, infinity and overflow appear in the result, denormal numbers count as 0, and other rows are not affected.
func TestBlockBF16Special(t *testing.T) {
	eachBF16(t, func(t *testing.T, rows, cols, step int) {
		inf := float32(math.Inf(1))
		for _, c := range []struct{ a, b, want float32 }{
			{float32(math.NaN()), 1, float32(math.NaN())}, {inf, 1, inf}, {inf, 0, float32(math.NaN())}, {-inf, 2, -inf},
			{0x1p100, 0x1p100, inf}, {0x1p-130, 0x1p100, 0}, {0x1p-100, 0x1p-100, 0}, {0x1p-126, 0x1p126, 1},
		} {
			a, b := make([]BF16, 2*rows*step), make([]BF16, 2*step*cols)
			RoundBF16(a[2*step:][:1], []float32{c.a}) // row 1, the first k
			for j := range cols {
				RoundBF16(b[2*j:][:1], []float32{c.b})
			}
			block := Block[float32]{K: step, A: WordsBF16(a), ARow: step, AStep: 1, B: WordsBF16(b), BStep: cols,
				C: slices.Repeat([]float32{7}, rows*cols), CRow: cols, Alpha: 1}
			MultiplyBF16(&block, 1, rows, cols)
			for at, v := range block.C {
				want := float32(0)
				if at/cols == 1 {
					want = c.want
				}
				if v != want && (v == v || want == want) {
					t.Fatalf("%v · %v: element (%d, %d) is %v, want %v", c.a, c.b, at/cols, at%cols, v, want)
				}
			}
		}
	})
}

// BenchmarkBlockBF16 is BenchmarkBlock for pairs of bfloat16.
func BenchmarkBlockBF16(b *testing.B) {
	for _, name := range Implementations() {
		b.Run(name, func(b *testing.B) {
			defer Select(name)()
			if !HasBF16Products() {
				b.Skip("no products of bfloat16")
			}
			const k = 192
			rows, cols, _ := BlockShapeBF16()
			block := Block[float32]{K: k, A: make([]float32, rows*k), ARow: k, AStep: 1, B: make([]float32, cols*k), BStep: cols,
				C: make([]float32, rows*cols), CRow: cols, Alpha: 1}
			for b.Loop() {
				MultiplyBF16(&block, 1, rows, cols)
			}
			b.ReportMetric(float64(4*k*rows*cols)*float64(b.N)/float64(b.Elapsed().Nanoseconds()), "GFLOP/s")
		})
	}
}
