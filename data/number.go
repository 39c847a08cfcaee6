package data

import (
	"bytes"
	"strings"

	"steepest/internal/decimal"
)

// scanNumber reads the number that s[i:] starts with, up to the end of the word, and returns where it ends; i where there
// is no number. It may be infinite.
func scanNumber(s []byte, i int) (v float64, end int) {
	if v, end = decimal.Scan(s, i, '.'); end < len(s) && !endsWord[s[end]] {
		return 0, i
	}
	return v, end
}

// powersOfTen are those up to 10⁸.
var powersOfTen = [...]uint64{1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8}

// mostDigits are those of an index, leading zeros among them.
const mostDigits = 16

// scanIndex reads the whole number of at most mostDigits digits that s[i:] starts with, and returns where it ends.
func scanIndex(s []byte, i int) (v uint64, end int) {
	v, n := decimal.Digits(s, i)
	if n == 8 {
		low, more := decimal.Digits(s, i+8)
		v = v*powersOfTen[more] + low
		n += more
	}
	return v, i + n
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
