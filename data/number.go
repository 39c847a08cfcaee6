package data

import (
	"bytes"
	"encoding/binary"
	"math/bits"
	"strings"

	"steepest/internal/decimal"
)

// The powers of ten up to 10⁸, the most places that scanDigits reads at once.
var (
	wholePowers = [...]uint64{1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8}
	powersOfTen = [...]float64{1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8}
)

// scanNumber reads the number that s starts with, up to the end of the word, and returns how many bytes it took; 0
// where there is no number. The value is the float64 nearest to the decimal, as by decimal.Parse; it may be infinite.
//
// Most numbers in files are short. Where the digits make an integer m ≤ 2⁵³ and the point stands k places from the
// right, m and 10ᵏ are exact, so that the one rounding of m/10ᵏ is the right one (Clinger, "How to read floating point
// numbers accurately", 1990). Everything else goes to decimal.Parse.
func scanNumber(s []byte) (v float64, n int) {
	negative := false
	if len(s) > 0 && (s[0] == '-' || s[0] == '+') {
		negative = s[0] == '-'
		n = 1
	}
	first, places, m := n, 0, uint64(0)
	for ; n < len(s) && s[n]-'0' <= 9; n++ { // one or two digits in most files
		m = m*10 + uint64(s[n]-'0')
	}
	whole := n - first
	if n < len(s) && s[n] == '.' {
		var part uint64
		part, places = scanDigits(s[n+1:])
		m = m*wholePowers[places] + part
		n += 1 + places
	}
	// Up to eight digits on each side of the point cannot overflow m.
	if whole+places == 0 || whole > 8 || m > 1<<53 || n < len(s) && !endsWord[s[n]] {
		return scanLongNumber(s)
	}
	v = float64(m)
	if places > 0 {
		v /= powersOfTen[places]
	}
	if negative {
		v = -v
	}
	return v, n
}

// mostDigits are those of an index, leading zeros among them.
const mostDigits = 16

// scanIndex reads the whole number of at most mostDigits digits that s starts with, and returns how many digits there are.
func scanIndex(s []byte) (v uint64, n int) {
	v, n = scanDigits(s)
	if n == 8 {
		low, more := scanDigits(s[8:])
		v = v*wholePowers[more] + low
		n += more
	}
	return v, n
}

// scanDigits reads the digits that s starts with, 8 at most, and returns how many there are.
//
// The length of numbers is hard to predict for a branch, so all eight bytes are read as one word: the first byte that
// is not a digit gives n, a shift turns the others into leading zeros, and then pairs of digits, of pairs and of
// quadruples are joined at once (Lemire, "Quickly parsing eight digits", 2018).
func scanDigits(s []byte) (v uint64, n int) {
	if len(s) < 8 {
		return scanFewDigits(s)
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

// scanFewDigits is scanDigits by one byte after the other.
func scanFewDigits(s []byte) (v uint64, n int) {
	for n < min(8, len(s)) && s[n]-'0' <= 9 {
		v = v*10 + uint64(s[n]-'0')
		n++
	}
	return v, n
}

// scanLongNumber is scanNumber without the fast path.
func scanLongNumber(s []byte) (v float64, n int) {
	word := s[:wordEnd(s)]
	v, ok := decimal.Parse(string(word))
	if !ok {
		return 0, 0
	}
	return v, len(word)
}

// endsWord tells which bytes end a word of a LIBSVM file: blanks, the end of the line, and the # of a comment.
var endsWord = [256]bool{' ': true, '\t': true, '\r': true, '\v': true, '\f': true, '\n': true, '#': true}

// skipBlanks returns the first position from i on that holds neither a blank nor a part of a comment, but perhaps '\n'.
func skipBlanks(s []byte, i int) int {
	for i < len(s) && endsWord[s[i]] && s[i] != '\n' {
		if s[i] == '#' {
			if end := bytes.IndexByte(s[i:], '\n'); end >= 0 {
				return i + end
			}
			return len(s)
		}
		i++
	}
	return i
}

// wordEnd returns the length of the word that s starts with.
func wordEnd(s []byte) int {
	i := 0
	for i < len(s) && !endsWord[s[i]] {
		i++
	}
	return i
}

// saysNotFinite reports whether a word stands for NaN or an infinity, by name or by its size.
func saysNotFinite(word string) bool {
	v, ok := decimal.Parse(word)
	if ok {
		return !finite(v)
	}
	switch strings.ToLower(strings.TrimLeft(word, "+-")) {
	case "nan", "inf", "infinity":
		return true
	}
	return false
}

// finite reports whether v is neither infinite nor NaN.
func finite(v float64) bool { return v-v == 0 }
