package decimal

import (
	"bytes"
	"math"
	"math/bits"
	"strconv"
)

// exactPowers are the powers of ten that float64 holds exactly.
var exactPowers = [...]float64{1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22}

// mostExact is the largest whole number up to which float64 holds all.
const mostExact = 1 << 53

// Nearest returns the float64 nearest to m·10^q. If both factors are exact, their rounded product or quotient is the right result (Clinger,
// "How to read floating point numbers accurately", 1990).
func Nearest(m uint64, q int) float64 {
	if m <= mostExact {
		if 0 <= q && q < len(exactPowers) {
			return float64(m) * exactPowers[q]
		} else if q < 0 && -q < len(exactPowers) {
			return float64(m) / exactPowers[-q]
		}
	}
	return rounded(m, q)
}

// The parts of a float64.
const (
	fractionBits = 52
	bias         = 1023
	infinite     = 0x7FF
)

// rounded returns the float64 nearest to m·10^q. The product of m and the highest 128 bits of 5^q determines the bits of the result and
// how to round. The lower 64 of the 128 bits are needed only if the low bits of the first product are all ones (Lemire, "Number parsing
// at a gigabyte per second", 2021; Mushtak and Lemire, "Fast number parsing without fallback", 2023, prove that 128 bits are enough).
func rounded(m uint64, q int) float64 {
	if m == 0 || q < leastPower {
		return 0
	} else if q > mostPower {
		return math.Inf(1)
	}
	zeros := bits.LeadingZeros64(m)
	m <<= zeros
	five := &powers[q-leastPower]
	high, low := bits.Mul64(m, five[0])
	const spare = 64 - (fractionBits + 3) // bits of high below those of the result
	if high&(1<<spare-1) == 1<<spare-1 {
		more, _ := bits.Mul64(m, five[1])
		var carry uint64
		low, carry = bits.Add64(low, more, 0)
		high += carry
	}
	top := int(high >> 63)
	shift := top + spare
	fraction := high >> shift                            // with the leading one, and one more bit for rounding
	exponent := (217706*q)>>16 + 63 + top - zeros + bias // ⌊q·log₂10⌋ plus the position of the leading bit of m
	if exponent <= 0 {                                   // subnormal
		if exponent <= -63 {
			return 0
		}
		fraction >>= 1 - exponent
		fraction = (fraction + fraction&1) >> 1
		return math.Float64frombits(fraction) // 1<<52 is the smallest of the normal ones
	}
	if low <= 1 && -4 <= q && q <= 23 && fraction&3 == 1 && fraction<<shift == high {
		fraction-- // halfway between two: to the even one
	}
	fraction = (fraction + fraction&1) >> 1
	if fraction == 1<<(fractionBits+1) {
		fraction >>= 1
		exponent++
	}
	if exponent >= infinite {
		return math.Inf(1)
	}
	return math.Float64frombits(uint64(exponent)<<fractionBits | fraction&(1<<fractionBits-1))
}

// long returns the float64 nearest to a number of more than 19 digits, including leading zeros. If at most 19 digits follow the zeros, the number
// is m·10^q. Otherwise the first 19 digits decide, unless a boundary between two results lies beyond them; then strconv decides.
func long(m uint64, q int, digits, exponent []byte, point byte) float64 {
	rest := bytes.TrimLeft(digits, "0"+string(rune(point)))
	most := mostDigits
	if at := bytes.IndexByte(rest, point); 0 <= at && at <= most {
		most++
	}
	if len(rest) <= most {
		return Nearest(m, q)
	}
	m = 0
	for _, c := range rest[:most] {
		if c != point {
			m = m*10 + uint64(c-'0')
		}
	}
	lost := len(rest) - most
	if bytes.IndexByte(rest[most:], point) >= 0 {
		lost--
	}
	if v := Nearest(m, q+lost); v == Nearest(m+1, q+lost) {
		return v
	}
	text := bytes.Replace(digits, []byte{point}, []byte{'.'}, 1)
	v, _ := strconv.ParseFloat(string(append(text, exponent...)), 64) // an infinite one comes with an error
	return v
}
