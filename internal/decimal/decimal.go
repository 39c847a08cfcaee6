// Package decimal reads numbers as people and data files write them. It is the one grammar of numbers: of data files, of the options
// of methods, of schedules and of flags.
package decimal

import (
	"encoding/binary"
	"math/bits"
)

// Parse returns the float64 nearest to a decimal number:
//
//	[+-] (digits [. [digits]] | . digits) [(e|E) [+-] digits]
//
// What Go takes beside it, the underscores of 1_000, the hexadecimal 0x1p-2 and the words inf and nan, is no number. A number beyond
// the range of float64 is infinite.
func Parse(text string) (v float64, ok bool) {
	v, n := Scan([]byte(text), '.')
	if n == 0 || n < len(text) {
		return 0, false
	}
	return v, true
}

// ParseFinite is Parse for numbers within the range of float64 alone.
func ParseFinite(text string) (v float64, ok bool) {
	v, ok = Parse(text)
	return v, ok && v-v == 0
}

// mostDigits are those that a uint64 always holds, and enough to tell float64s apart.
const mostDigits = 19

// Scan reads the longest number that s starts with, point being its decimal point, and returns how many bytes it took; 0 where there is no number.
func Scan(s []byte, point byte) (v float64, n int) {
	negative := false
	if len(s) > 0 && (s[0] == '-' || s[0] == '+') {
		negative = s[0] == '-'
		n = 1
	}
	first, m := n, uint64(0)
	for ; n < len(s) && s[n]-'0' <= 9; n++ { // one or two digits in most files
		m = m*10 + uint64(s[n]-'0')
	}
	digits, exponent := n-first, 0
	if n < len(s) && s[n] == point {
		start := n + 1
		m, n = scanPart(m, s, start)
		digits, exponent = digits+n-start, start-n
	}
	if digits == 0 {
		return 0, 0
	}
	end := n // of the digits
	if n < len(s) && s[n]|0x20 == 'e' {
		var e int
		e, n = scanExponent(s, n)
		exponent += e
	}
	if digits <= mostDigits {
		v = nearest(m, exponent)
	} else {
		v = long(m, exponent, s[first:end], s[end:n], point)
	}
	if negative {
		v = -v
	}
	return v, n
}

// scanPart appends the digits at s[n:] to those of m, and returns where they end. What m lacks is lost from above.
func scanPart(m uint64, s []byte, n int) (uint64, int) {
	for {
		part, places := Digits(s[n:])
		m = m*wholePowers[places] + part
		if n += places; places < 8 {
			return m, n
		}
	}
}

// scanExponent reads the exponent whose letter is s[n], and returns where it ends; n where there is none. Beyond five digits it stays
// at some number that is as good as the right one.
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

// wholePowers are those of ten up to 10⁸, the most places that Digits reads.
var wholePowers = [...]uint64{1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8}

// Digits reads the digits that s starts with, 8 at most, and returns how many there are.
//
// The length of numbers is hard to predict for a branch, so all eight bytes are read as one word: the first byte that
// is not a digit gives n, a shift turns the others into leading zeros, and then pairs of digits, of pairs and of
// quadruples are joined at once (Lemire, "Quickly parsing eight digits", 2018).
func Digits(s []byte) (v uint64, n int) {
	if len(s) < 8 {
		return fewDigits(s)
	}
	const each = 0x0101010101010101
	d := binary.LittleEndian.Uint64(s) ^ '0'*each
	// A byte above 9 has its high bit set here; carries reach only bytes after it, which do not matter.
	other := (d | (d + (0x80-10)*each)) & (0x80 * each)
	n = bits.TrailingZeros64(other) / 8
	d <<= 64 - 8*n
	d = d*10 + d>>8
	const pairs = 0x000000FF000000FF
	d = (d&pairs)*(100+1000000<<32) + (d>>16&pairs)*(1+10000<<32)
	return d >> 32, n
}

// fewDigits is Digits by one byte after the other.
func fewDigits(s []byte) (v uint64, n int) {
	for n < min(8, len(s)) && s[n]-'0' <= 9 {
		v = v*10 + uint64(s[n]-'0')
		n++
	}
	return v, n
}
