package gpt

import (
	"encoding/binary"
	"math"

	"steepest/internal/simd"
)

// Precision is how a file stores numbers. All are little-endian.
type Precision uint8

// The precisions.
const (
	// Float32 is IEEE 754 float32, which stores x exactly.
	Float32 Precision = iota
	// BFloat16 is the upper half of a float32. Numbers are rounded to nearest, ties to even.
	BFloat16
	// float16 is IEEE 754 float16, which is read but not written.
	float16
)

// bytes returns the size of a number.
func (p Precision) bytes() int {
	if p == Float32 {
		return 4
	}
	return 2
}

// decode stores the numbers of raw in dst.
func (p Precision) decode(dst []float32, raw []byte) {
	for i := range dst {
		switch p {
		case Float32:
			dst[i] = math.Float32frombits(binary.LittleEndian.Uint32(raw[4*i:]))
		case BFloat16:
			dst[i] = math.Float32frombits(uint32(binary.LittleEndian.Uint16(raw[2*i:])) << 16)
		case float16:
			dst[i] = widen(binary.LittleEndian.Uint16(raw[2*i:]))
		}
	}
}

// append adds the bytes of numbers to raw.
func (p Precision) append(raw []byte, v []float32) []byte {
	var half [256]simd.BF16
	for len(v) > 0 {
		n := min(len(v), len(half))
		if p == Float32 {
			for _, e := range v[:n] {
				raw = binary.LittleEndian.AppendUint32(raw, math.Float32bits(e))
			}
		} else {
			simd.RoundBF16(half[:n], v[:n])
			for _, e := range half[:n] {
				raw = binary.LittleEndian.AppendUint16(raw, uint16(e))
			}
		}
		v = v[n:]
	}
	return raw
}

// IsBF16 reports whether all numbers are bfloat16, so that rounding changes none.
func IsBF16(x []float32) bool {
	for _, v := range x {
		if math.Float32bits(v)&0xffff != 0 {
			return false
		}
	}
	return true
}

// widen returns the number of a float16: a sign, 5 bits of exponent and 10 of fraction.
func widen(h uint16) float32 {
	sign, exponent, fraction := uint32(h>>15)<<31, uint32(h>>10&31), uint32(h&1023)
	switch exponent {
	case 0: // 0 and subnormal numbers
		v := float32(fraction) * 0x1p-24
		return math.Float32frombits(math.Float32bits(v) | sign)
	case 31: // infinities and NaN
		exponent = 255 - 112
	}
	return math.Float32frombits(sign | (exponent+112)<<23 | fraction<<13)
}
