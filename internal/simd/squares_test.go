package simd

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// special are numbers that are rounded in ways of their own.
var special = []float32{float32(math.NaN()), math.Float32frombits(0xff800001), float32(math.Inf(1)), float32(math.Inf(-1)), 0, float32(math.Copysign(0, -1)),
	math.MaxFloat32, 1e-40, -1e-40, math.Float32frombits(0x007fffff), math.Float32frombits(0x00800000), math.Float32frombits(0x3f808000), math.Float32frombits(0x3f818000)}

// TestPackSquare packs squares of all shapes and compares each word with its two elements, rounded one at a time. Among the elements are
// NaN, infinities, zeros, ties and subnormal numbers. The rest of dst must not change.
func TestPackSquare(t *testing.T) {
	eachImplementation(t, func(t *testing.T) {
		packsSquares(t, func(v float32) float32 { return v })
		packsSquares(t, narrowed)
	})
}

// packsSquares packs squares of elements that the given function makes of numbers.
func packsSquares[E float32 | BF16](t *testing.T, element func(float32) E) {
	const canary = -99
	r := rand.New(rand.NewPCG(26, 27))
	for range 3000 {
		lines, k, gap := 1+r.IntN(SquareLines), 1+r.IntN(SquareDepth), r.IntN(3)
		if r.IntN(2) == 0 {
			k = SquareDepth
		}
		byRow, byLine := r.IntN(2) == 0, r.IntN(2) == 0
		words := 1 + r.IntN(SquareDepth/2)
		if byLine {
			words = SquareDepth / 2
		}
		rows, cols := lines, k // of src
		if !byRow {
			rows, cols = k, lines
		}
		src := make([]E, (rows-1)*(cols+gap)+cols)
		for i := range src {
			src[i] = element(float32(r.NormFloat64()))
			if r.IntN(10) == 0 {
				src[i] = element(special[r.IntN(len(special))])
			}
		}
		high, wide := lines, words // of dst
		if !byLine {
			high, wide = words, lines
		}
		to := wide + r.IntN(3)
		dst := slices.Repeat([]float32{canary}, high*to+1)
		PackSquare(dst[:(high-1)*to+wide], to, src, cols+gap, lines, k, words, byRow, byLine)
		rounded := func(i, p int) BF16 {
			if p >= k {
				return 0
			}
			at := i*(cols+gap) + p
			if !byRow {
				at = p*(cols+gap) + i
			}
			return asBF16(src[at])
		}
		for at, got := range dst {
			i, p := at/to, at%to
			inside := i < high && p < wide
			if !byLine {
				i, p = p, i
			}
			want := uint32(math.Float32bits(canary))
			if inside {
				want = uint32(rounded(i, 2*p)) | uint32(rounded(i, 2*p+1))<<16
			}
			if math.Float32bits(got) != want {
				t.Fatalf("%T: %d lines of %d (by row: %v) in %d words (by line: %v): word %d of line %d is %#x, want %#x",
					src, lines, k, byRow, words, byLine, p, i, math.Float32bits(got), want)
			}
		}
	}
}

// TestRoundBlock rounds blocks of all widths, and compares each element with its sum, rounded alone. The rest of dst must not change.
func TestRoundBlock(t *testing.T) {
	const canary = 0x4321
	eachImplementation(t, func(t *testing.T) {
		r := rand.New(rand.NewPCG(28, 29))
		for cols := 1; cols <= 100; cols++ {
			rows, to, from := 1+r.IntN(4), cols+r.IntN(3), cols+r.IntN(3)
			src, bias := make([]float32, rows*from), make([]float32, cols)
			for i := range src {
				src[i] = float32(r.NormFloat64())
			}
			for j := range bias {
				bias[j] = float32(r.IntN(3))
			}
			src[0] = special[r.IntN(len(special))]
			dst := slices.Repeat([]BF16{canary}, rows*to+1)
			RoundBlockBF16(dst[:(rows-1)*to+cols], to, src, from, rows, cols, bias)
			for at, got := range dst {
				i, j, want := at/to, at%to, BF16(canary)
				if i < rows && j < cols {
					want = narrowed(src[i*from+j] + bias[j])
				}
				if got != want {
					t.Fatalf("%d × %d: element (%d, %d) is %#x, want %#x", rows, cols, i, j, got, want)
				}
			}
		}
	})
}

// TestAddRowsBF16 adds rows of all widths around the vectors', and compares each column with its sum in order.
func TestAddRowsBF16(t *testing.T) {
	eachImplementation(t, func(t *testing.T) {
		r := rand.New(rand.NewPCG(30, 31))
		for cols := range 200 {
			rows, stride := r.IntN(5), cols+r.IntN(3)
			src, got := make([]BF16, rows*stride), make([]float32, cols)
			for i := range src {
				src[i] = narrowed(float32(r.NormFloat64()))
			}
			for j := range got {
				got[j] = float32(r.NormFloat64())
			}
			want := slices.Clone(got)
			for i := range rows {
				for j := range want {
					want[j] += widened(src[i*stride+j])
				}
			}
			AddRowsBF16(got, src, stride, rows)
			if !slices.Equal(got, want) {
				t.Fatalf("%d rows of %d: the sums are %v, want %v", rows, cols, got, want)
			}
		}
	})
}
