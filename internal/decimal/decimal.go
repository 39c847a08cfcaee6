// Package decimal reads numbers as people and data files write them. It is the one grammar of numbers: of data files, of the options
// of methods, of schedules and of flags.
package decimal

import (
	"errors"
	"strconv"
)

// Parse returns the float64 nearest to a decimal number:
//
//	[+-] (digits [. [digits]] | . digits) [(e|E) [+-] digits]
//
// What Go takes beside it, the underscores of 1_000, the hexadecimal 0x1p-2 and the words inf and nan, is no number. A number beyond
// the range of float64 is infinite.
func Parse(text string) (v float64, ok bool) {
	if !grammatical(text) {
		return 0, false
	}
	v, err := strconv.ParseFloat(text, 64)
	return v, err == nil || errors.Is(err, strconv.ErrRange)
}

// ParseFinite is Parse for numbers within the range of float64 alone.
func ParseFinite(text string) (v float64, ok bool) {
	v, ok = Parse(text)
	return v, ok && v-v == 0
}

func grammatical(text string) bool {
	rest := afterSign(text)
	whole := digits(rest)
	rest = rest[whole:]
	part := 0
	if len(rest) > 0 && rest[0] == '.' {
		part = digits(rest[1:])
		rest = rest[1+part:]
	}
	if whole+part == 0 {
		return false
	}
	if len(rest) > 0 && (rest[0] == 'e' || rest[0] == 'E') {
		rest = afterSign(rest[1:])
		return len(rest) > 0 && digits(rest) == len(rest)
	}
	return rest == ""
}

func afterSign(text string) string {
	if len(text) > 0 && (text[0] == '+' || text[0] == '-') {
		return text[1:]
	}
	return text
}

// digits returns how many digits text starts with.
func digits(text string) (n int) {
	for n < len(text) && text[n]-'0' <= 9 {
		n++
	}
	return n
}
