package data

import (
	"bytes"
	"strings"

	"steepest/internal/decimal"
)

// scanNumber reads the word at the start of s[i:] as a number, and returns the end of the word, or i if it is not a number. The number may be infinite.
func scanNumber(s []byte, i int) (v float64, end int) {
	if v, end = decimal.Scan(s, i, '.'); end < len(s) && !endsWord[s[end]] {
		return 0, i
	}
	return v, end
}

// powersOfTen are the powers of ten up to 10⁸.
var powersOfTen = [...]uint64{1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8}

// mostDigits is the largest number of digits of an index, including leading zeros.
const mostDigits = 16

// scanIndex reads the whole number of at most mostDigits digits at the start of s[i:], and returns its end.
func scanIndex(s []byte, i int) (v uint64, end int) {
	v, n := decimal.Digits(s, i)
	if n == 8 {
		low, more := decimal.Digits(s, i+8)
		v = v*powersOfTen[more] + low
		n += more
	}
	return v, i + n
}

// endsWord says which bytes end a word in a LIBSVM file: blanks, the end of the line, and the # of a comment.
var endsWord = [256]bool{' ': true, '\t': true, '\r': true, '\v': true, '\f': true, '\n': true, '#': true}

// skipBlanks returns the first position from i on that is not a blank or part of a comment. The byte there may be '\n'.
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

// wordEnd returns the length of the word at the start of s.
func wordEnd(s []byte) int {
	i := 0
	for i < len(s) && !endsWord[s[i]] {
		i++
	}
	return i
}

// saysNotFinite reports whether a word is NaN or infinite, by name or because the number is too large.
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
