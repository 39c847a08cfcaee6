package simd

import "math"

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

// InterleaveBF16 sets dst to the pairs (aᵢ, bᵢ), of which aᵢ is the lower half of a word, as dot products of pairs take them.
func InterleaveBF16(dst []uint32, a, b []BF16) {
	a, b = a[:len(dst)], b[:len(dst)]
	done := vectorInterleaveBF16(dst, a, b)
	for i := done; i < len(dst); i++ {
		dst[i] = uint32(a[i]) | uint32(b[i])<<16
	}
}
