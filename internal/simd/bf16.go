package simd

import (
	"math"
	"unsafe"
)

//go:generate go run -C _asm ./bf16 -dir ..

// BF16 is a bfloat16: the upper half of a float32, 8 bits of exponent and 7 of fraction.
type BF16 uint16

// RoundBF16 sets dst to src rounded to nearest, ties to even. A NaN stays one, quiet, with the upper bits of its payload;
// what is nearer to 2¹²⁸ than to the largest bfloat16 becomes infinite.
func RoundBF16(dst []BF16, src []float32) {
	src = src[:len(dst)]
	done := vectorRoundBF16(dst, src)
	for i, v := range src[done:] {
		bits := math.Float32bits(v)
		if v != v {
			dst[done+i] = BF16(bits>>16 | 0x40)
			continue
		}
		dst[done+i] = BF16((bits + 0x7fff + bits>>16&1) >> 16)
	}
}

// WidenBF16 sets dst to the numbers of src.
func WidenBF16(dst []float32, src []BF16) {
	src = src[:len(dst)]
	done := vectorWidenBF16(dst, src)
	for i, v := range src[done:] {
		dst[done+i] = math.Float32frombits(uint32(v) << 16)
	}
}

// HasBF16Products reports whether the processor multiplies bfloat16, as MultiplyBF16 needs it.
func HasBF16Products() bool { return hasBF16Products() }

// MultiplyBF16 is b.Multiply where the words of A and B are pairs of bfloat16, as PackBF16 makes them, K of them: a product of
// two pairs is the sum of the two products. Denormal numbers count as 0.
func MultiplyBF16(b *Block[float32], strips, rows, cols int) {
	b.check(strips, rows, cols)
	vectorMultiplyBF16(b, strips, rows, cols)
}

// The shape of the blocks of MultiplyTiles: rows and columns of C, of which A and B have room for all, and the number that K is a
// multiple of.
const (
	TileSide  = 32
	TileDepth = 16
)

// HasTiles reports whether the processor multiplies whole tiles of bfloat16, as MultiplyTiles needs it.
func HasTiles() bool { return hasTiles() }

// MultiplyTiles is MultiplyBF16 for up to 32 × 32 elements of C. A has an AStep of 1, A and B hold 32 rows and columns whatever the
// size of the block, and K is a multiple of 16 that zeros may fill up. The products of 32 k are summed, those of even and odd k
// for themselves, before they are added to the others.
func MultiplyTiles(b *Block[float32], strips, rows, cols int) {
	if b.K > 0 {
		_ = b.A[(strips-1)*b.AStrip+(TileSide-1)*b.ARow+b.K-1]
		_ = b.B[(b.K-1)*b.BStep+TileSide-1]
	}
	_ = b.C[(strips*rows-1)*b.CRow+cols-1]
	b.Beta += 0 // −0 counts as 0
	vectorMultiplyTiles(b, strips, rows, cols)
}

// PairsBF16 sets dst to the pairs of src, of which the last has a 0 if their number is odd.
func PairsBF16(dst []float32, src []BF16) {
	whole := len(src) / 2
	if whole > 0 {
		copy(dst[:whole], unsafe.Slice((*float32)(unsafe.Pointer(&src[0])), whole))
	}
	if whole < len(dst) {
		dst[whole] = pair(src[2*whole], 0)
	}
}

// PackBF16 sets word p*to+i of dst to the pair of src[i*from+2p] and src[i*from+2p+1] for i < rows and 2p < k; the pair of
// an odd last element has a 0. It undefines dst as said at Pad.
func PackBF16(dst []float32, to int, src []BF16, from, rows, k int) {
	done := vectorTransposeBF16(dst, to, src, from, rows, k/2)
	for i := 0; i < rows && 2*done < k; i++ {
		row := src[i*from:][:k]
		for p := done; 2*p+1 < k; p++ {
			dst[p*to+i] = pair(row[2*p], row[2*p+1])
		}
		if k%2 == 1 {
			dst[k/2*to+i] = pair(row[k-1], 0)
		}
	}
}

// PackColumnsBF16 sets word p*to+j of dst to the pair of src[2p*from+j] and src[(2p+1)*from+j] for j < cols and 2p < k; the pair
// of an odd last element has a 0. It undefines dst as said at Pad.
func PackColumnsBF16(dst []float32, to int, src []BF16, from, cols, k int) {
	for p := range k / 2 {
		low, high := src[2*p*from:][:cols], src[(2*p+1)*from:][:cols]
		words := dst[p*to:][:cols]
		done := vectorInterleaveBF16(words, low, high)
		for j := done; j < cols; j++ {
			words[j] = pair(low[j], high[j])
		}
	}
	if k%2 == 1 {
		for j, v := range src[(k-1)*from:][:cols] {
			dst[k/2*to+j] = pair(v, 0)
		}
	}
}

// pair is the word of two bfloat16.
func pair(low, high BF16) float32 { return math.Float32frombits(uint32(low) | uint32(high)<<16) }
