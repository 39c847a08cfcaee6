package simd

import (
	"math"
	"math/rand/v2"
	"testing"
)

// tiles is a product of whole numbers so small that nothing is rounded, with canaries around C.
func tiles(t *testing.T, r *rand.Rand, k, strips, rows, cols int, alpha, beta float32) {
	t.Helper()
	const canary = 1e30
	pairs := (k + 31) / 32 * 16
	numbers := make([]float32, (strips*TileSide+TileSide)*2*pairs)
	for i := range numbers {
		numbers[i] = float32(r.IntN(9) - 4)
	}
	half := make([]BF16, len(numbers))
	RoundBF16(half, numbers)
	word := func(i, p int) float32 { // the pair of elements 2p and 2p+1 of row i, or 0 beyond k
		var two [2]BF16
		for j := range two {
			if 2*p+j < k {
				two[j] = half[i*2*pairs+2*p+j]
			}
		}
		return pair(two[0], two[1])
	}
	b := Block[float32]{K: pairs, ARow: pairs, AStep: 1, AStrip: TileSide * pairs, BStep: TileSide, CRow: cols + 3, Alpha: alpha, Beta: beta}
	b.A, b.B = make([]float32, strips*TileSide*pairs), make([]float32, pairs*TileSide)
	for i := range strips * TileSide {
		for p := range pairs {
			b.A[i*pairs+p] = word(i, p)
		}
	}
	for j := range TileSide {
		for p := range pairs {
			b.B[p*TileSide+j] = word(strips*TileSide+j, p)
		}
	}
	b.C = make([]float32, strips*rows*b.CRow)
	for i := range b.C {
		b.C[i] = canary
		if i%b.CRow < cols {
			b.C[i] = float32(r.IntN(9) - 4)
			if beta == 0 {
				b.C[i] = float32(math.NaN())
			}
		}
	}
	want := append([]float32(nil), b.C...)
	for i := range strips * rows {
		for j := range cols {
			var sum float32
			for l := range k {
				sum += numbers[(i/rows*TileSide+i%rows)*2*pairs+l] * numbers[(strips*TileSide+j)*2*pairs+l]
			}
			at := i*b.CRow + j
			if want[at] *= beta; beta == 0 {
				want[at] = 0
			}
			want[at] += alpha * sum
		}
	}
	MultiplyTiles(&b, strips, rows, cols)
	for at, v := range b.C {
		if v != want[at] {
			t.Fatalf("K = %d, %d × %d × %d, α = %v, β = %v: element (%d, %d) is %v, want %v", k, strips, rows, cols, alpha, beta, at/b.CRow, at%b.CRow, v, want[at])
		}
	}
}

func TestTiles(t *testing.T) {
	if !HasTiles() {
		t.Skip("the processor has no tiles")
	}
	r := rand.New(rand.NewPCG(1, 2))
	for _, k := range []int{0, 1, 2, 31, 32, 33, 100, 256} {
		for _, strips := range []int{1, 2, 3} {
			for rows := 1; rows <= TileSide; rows += 1 + r.IntN(7) {
				for cols := 1; cols <= TileSide; cols += 1 + r.IntN(5) {
					tiles(t, r, k, strips, rows, cols, float32(r.IntN(4)-1), float32(r.IntN(3)-1))
				}
			}
			tiles(t, r, k, strips, TileSide, TileSide, 1, 0)
		}
	}
}

// TestTilesAmongGoroutines lets the scheduler move goroutines and the collector stop them while tiles are in use.
func TestTilesAmongGoroutines(t *testing.T) {
	if !HasTiles() {
		t.Skip("the processor has no tiles")
	}
	for range 8 {
		t.Run("", func(t *testing.T) {
			t.Parallel()
			r := rand.New(rand.NewPCG(3, 4))
			for range 200 {
				tiles(t, r, 64+r.IntN(200), 2, TileSide, TileSide, 1, 1)
			}
		})
	}
}

// BenchmarkTiles is the peak of the kernel.
func BenchmarkTiles(b *testing.B) {
	if !HasTiles() {
		b.Skip("the processor has no tiles")
	}
	const k = 208
	block := Block[float32]{K: k, A: make([]float32, TileSide*k), ARow: k, AStep: 1, B: make([]float32, TileSide*k), BStep: TileSide,
		C: make([]float32, TileSide*TileSide), CRow: TileSide, Alpha: 1}
	for b.Loop() {
		MultiplyTiles(&block, 1, TileSide, TileSide)
	}
	b.ReportMetric(float64(4*k*TileSide*TileSide)*float64(b.N)/float64(b.Elapsed().Nanoseconds()), "GFLOP/s")
}
