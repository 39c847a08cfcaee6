// Package decimal reads and writes numbers as people and data files do. Data files, options of methods, schedules and flags all use this
// grammar.
package decimal

import (
	"encoding/binary"
	"math"
	"math/bits"
	"strconv"
)

// Text writes a number with the fewest digits that tell it from others, and a whole number below 2⁵³ without an exponent.
func Text(v float64) string {
	if v == math.Trunc(v) && math.Abs(v) < 1<<53 {
		return strconv.FormatFloat(v, 'f', -1, 64)
	}
	return strconv.FormatFloat(v, 'g', -1, 64)
}

// Parse returns the float64 nearest to a decimal number:
//
//	[+-] (digits [. [digits]] | . digits) [(e|E) [+-] digits]
//
// Other forms that Go accepts, such as 1_000, 0x1p-2, inf and nan, are not numbers here. A number beyond the range of float64 becomes
// infinite.
func Parse(text string) (v float64, ok bool) {
	v, n := Scan([]byte(text), 0, '.')
	if n == 0 || n < len(text) {
		return 0, false
	}
	return v, true
}

// ParseFinite is Parse, but rejects numbers beyond the range of float64.
func ParseFinite(text string) (v float64, ok bool) {
	v, ok = Parse(text)
	return v, ok && v-v == 0
}

// mostDigits is the number of digits that always fit a uint64. They are enough to tell float64s apart.
const mostDigits = 19

// Scan reads the longest number at the start of s[i:] and returns the index of its end, or i if there is none. point is the decimal point.
func Scan(s []byte, i int, point byte) (v float64, end int) {
	n, sign := i, uint64(0) // a minus is hard to predict, so there is no branch on it
	if n < len(s) {
		if s[n] == '-' {
			sign = 1
		}
		n += int(sign)
		if s[i] == '+' {
			n++
		}
	}
	first, m := n, uint64(0)
	for ; n < len(s) && s[n]-'0' <= 9; n++ { // most files have one or two digits here
		m = m*10 + uint64(s[n]-'0')
	}
	digits, exponent := n-first, 0
	if n < len(s) && s[n] == point {
		n++
		digits, exponent = digits-n, n
		for len(s)-n >= 8 {
			d := eight(s, n)
			if k := digitsOf(d); k < 8 {
				m = m*wholePowers[k] + join(d, k)
				n += k
				break
			}
			m = m*1e8 + join(d, 8)
			n += 8
		}
		for ; n < len(s) && s[n]-'0' <= 9; n++ { // digits at the end of s
			m = m*10 + uint64(s[n]-'0')
		}
		digits, exponent = digits+n, exponent-n
	}
	if digits == 0 {
		return 0, i
	}
	last := n
	if n < len(s) && s[n]|0x20 == 'e' {
		var e int
		e, n = scanExponent(s, n)
		exponent += e
	}
	switch {
	case digits > mostDigits:
		v = long(m, exponent, s[first:last], s[last:n], point)
	case digits <= 15 && -len(exactPowers) < exponent && exponent <= 0: // m is exact; its length is easier to predict than its size
		v = float64(int64(m)) / exactPowers[-exponent]
	default:
		v = rounded(m, exponent)
	}
	return math.Float64frombits(math.Float64bits(v) | sign<<63), n
}

// scanExponent reads the exponent with the letter s[n] and returns the index of its end, or n if there is none. After five digits it ignores
// the rest: the number is 0 or infinite anyway.
func scanExponent(s []byte, n int) (e, end int) {
	i, negative := n+1, false
	if i < len(s) && (s[i] == '-' || s[i] == '+') {
		negative = s[i] == '-'
		i++
	}
	first := i
	for ; i < len(s) && s[i]-'0' <= 9; i++ {
		if e < 10_000 {
			e = e*10 + int(s[i]-'0')
		}
	}
	if i == first {
		return 0, n
	}
	if negative {
		e = -e
	}
	return e, i
}

// wholePowers are the powers of ten up to 10⁸; at most 8 digits are read at once.
var wholePowers = [...]uint64{1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8}

// Digits reads up to 8 digits at the start of s[i:] and returns their value and number.
func Digits(s []byte, i int) (v uint64, n int) {
	if len(s)-i < 8 {
		return fewDigits(s[i:])
	}
	d := eight(s, i)
	n = digitsOf(d)
	return join(d, n), n
}

// Branches on the length of a number are hard to predict, so eight bytes are read as one word. The first byte that is not a digit gives
// the number of digits. A shift turns the other bytes into leading zeros. Then digits are joined to pairs, pairs to groups of four, and
// these to eight, each in one operation (Lemire, "Quickly parsing eight digits", 2018).
const each = 0x0101010101010101

// eight returns eight bytes from s[i] on, each minus '0'.
func eight(s []byte, i int) uint64 { return binary.LittleEndian.Uint64(s[i:i+8]) ^ '0'*each }

// digitsOf returns the number of digits before the first other byte, among eight bytes.
func digitsOf(d uint64) int {
	// A byte above 9 has its high bit set here; carries reach only bytes after it, which do not matter.
	return bits.TrailingZeros64((d|(d+(0x80-10)*each))&(0x80*each)) / 8
}

// join returns the number formed by the first n of eight digits.
func join(d uint64, n int) uint64 {
	d <<= 64 - 8*n
	d = d*10 + d>>8
	const pairs = 0x000000FF000000FF
	return ((d&pairs)*(100+1000000<<32) + (d>>16&pairs)*(1+10000<<32)) >> 32
}

// fewDigits is Digits, one byte at a time.
func fewDigits(s []byte) (v uint64, n int) {
	for n < min(8, len(s)) && s[n]-'0' <= 9 {
		v = v*10 + uint64(s[n]-'0')
		n++
	}
	return v, n
}
