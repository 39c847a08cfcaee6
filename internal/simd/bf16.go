package simd

import (
	"math"
	"unsafe"
)

//go:generate go run -C _asm ./bf16 -dir ..

// BF16 is a bfloat16: the upper half of a float32, 8 bits of exponent and 7 of fraction.
type BF16 uint16

// RoundBF16 sets dst to src rounded to nearest, ties to even. A NaN becomes a quiet NaN with the upper bits of its payload. A number
// nearer to 2¹²⁸ than to the largest bfloat16 becomes infinite.
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

// HasBF16Products reports whether the processor multiplies bfloat16, which MultiplyBF16 requires.
func HasBF16Products() bool { return hasBF16Products() }

// BlockShapeBF16 returns the largest block of C that MultiplyBF16 takes. K must be a multiple of step. If step is not 1, the processor
// multiplies tiles, and A must be stored by rows: AStep = 1.
func BlockShapeBF16() (rows, cols, step int) { return vectorBlockBF16() }

// MultiplyBF16 is b.Multiply for A and B whose words are pairs of bfloat16, as PackBF16 makes them; K counts words. The product of
// two pairs is the sum of their two products. Tiles sum 16 pairs, even and odd elements apart, before they add to C. Denormal numbers
// count as 0.
func MultiplyBF16(b *Block[float32], strips, rows, cols int) {
	b.check(strips, rows, cols)
	vectorMultiplyBF16(b, strips, rows, cols)
}

// WordsBF16 returns the memory of v as words of two elements, without an odd last element. It requires a little-endian processor.
func WordsBF16(v []BF16) []float32 {
	if len(v) < 2 {
		return nil
	}
	return unsafe.Slice((*float32)(unsafe.Pointer(&v[0])), len(v)/2)
}

// PairsBF16 sets dst to the pairs of src. An odd last element is paired with 0. It requires a little-endian processor.
func PairsBF16(dst []float32, src []BF16) {
	if copy(dst, WordsBF16(src)) < len(dst) {
		dst[len(src)/2] = pair(src[len(src)-1], 0)
	}
}

// PackBF16 sets word p*to+i of dst to the pair of src[i*from+2p] and src[i*from+2p+1] for i < rows and 2p < k. An odd last element is
// paired with 0. The padding of dst becomes undefined (see Pad).
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

// PackColumnsBF16 sets word p*to+j of dst to the pair of src[2p*from+j] and src[(2p+1)*from+j] for j < cols and 2p < k. An odd last
// element is paired with 0. The padding of dst becomes undefined (see Pad).
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

// pair returns the word of two bfloat16.
func pair(low, high BF16) float32 { return math.Float32frombits(uint32(low) | uint32(high)<<16) }
