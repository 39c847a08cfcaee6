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

// AddRowsBF16 adds rows of len(dst) bfloat16, which begin stride elements apart, to dst, one row after another.
func AddRowsBF16(dst []float32, src []BF16, stride, rows int) {
	if len(dst) == 0 || rows == 0 {
		return
	}
	_ = src[(rows-1)*stride+len(dst)-1]
	done := vectorAddRowsBF16(dst, src, stride, rows)
	for i := range rows {
		for j, v := range src[i*stride:][done:len(dst)] {
			dst[done+j] += widened(v)
		}
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

// MultiplyTilesRounded computes C ← AB + bias in bfloat16 for the A and B of b, where MultiplyBF16 multiplies tiles. b.C is not used; CRow is the distance
// between the rows of half.
func MultiplyTilesRounded(b *Block[float32], half []BF16, bias []float32, strips, rows, cols int) {
	_, _ = half[(strips*rows-1)*b.CRow+cols-1], bias[cols-1]
	b.checkOperands(strips, rows, cols)
	vectorMultiplyTilesRounded(b, half, bias, strips, rows, cols)
}

// WordsBF16 returns the memory of v as words of two elements, without an odd last element. It requires a little-endian processor.
func WordsBF16(v []BF16) []float32 {
	if len(v) < 2 {
		return nil
	}
	return unsafe.Slice((*float32)(unsafe.Pointer(&v[0])), len(v)/2)
}

// pair returns the word of two bfloat16.
func pair(low, high BF16) float32 { return math.Float32frombits(uint32(low) | uint32(high)<<16) }
