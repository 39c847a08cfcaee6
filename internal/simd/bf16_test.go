package simd

import (
	"math"
	"testing"
)

// TestWidenBF16 goes through all bfloat16.
func TestWidenBF16(t *testing.T) {
	eachImplementation(t, func(t *testing.T) {
		src, dst := make([]BF16, 1<<16), make([]float32, 1<<16)
		for i := range src {
			src[i] = BF16(i)
		}
		WidenBF16(dst, src)
		for i, v := range dst {
			if math.Float32bits(v) != uint32(i)<<16 {
				t.Fatalf("%#04x widens to %#08x", i, math.Float32bits(v))
			}
		}
	})
}

// TestRoundBF16 compares about every seventh float32, and all numbers near ties, with the nearer of the two neighbors.
func TestRoundBF16(t *testing.T) {
	stride := uint32(7919)
	if testing.Short() {
		stride *= 10
	}
	eachImplementation(t, func(t *testing.T) {
		var src []float32
		for bits := uint32(0); bits < -stride; bits += stride {
			src = append(src, math.Float32frombits(bits))
		}
		for top := range uint32(1 << 16) {
			for _, low := range []uint32{0, 1, 0x7fff, 0x8000, 0x8001, 0xffff} {
				src = append(src, math.Float32frombits(top<<16|low))
			}
		}
		dst := make([]BF16, len(src))
		RoundBF16(dst, src)
		for i, v := range src {
			if !roundsTo(v, dst[i]) {
				t.Fatalf("%v = %#08x rounds to %#04x", v, math.Float32bits(v), uint16(dst[i]))
			}
		}
	})
}

// roundsTo decides by distances, in float64, whether b is v rounded to nearest, ties to even.
func roundsTo(v float32, b BF16) bool {
	got := bf16(b)
	switch {
	case v != v:
		return got != got && b&0x40 != 0 && math.Signbit(got) == math.Signbit(float64(v))
	case math.IsInf(float64(v), 0) || v == 0:
		return uint32(b)<<16 == math.Float32bits(v)
	}
	distance := math.Abs(got - float64(v))
	for _, other := range []BF16{b - 1, b + 1} {
		if b&0x7fff == 0 && other == b-1 || other&0x7fff > 0x7f80 { // no neighbor of the same sign
			continue
		}
		if d := math.Abs(bf16(other) - float64(v)); d < distance || d == distance && b&1 == 1 {
			return false
		}
	}
	return math.Signbit(got) == math.Signbit(float64(v))
}

// bf16 returns b as a number. For infinity it returns 2¹²⁸, the number after the largest, as rounding sees it.
func bf16(b BF16) float64 {
	v := float64(math.Float32frombits(uint32(b) << 16))
	if math.IsInf(v, 0) {
		return math.Copysign(0x1p128, v)
	}
	return v
}
