package decimal

import (
	"strconv"
	"strings"
)

// mostZeros are those that Whole appends at most.
const mostZeros = 40

// Whole writes a whole number that has an exponent without it, 2.5e3 as 2500. Any other text stays as it is.
func Whole(text string) string {
	at := strings.IndexAny(text, "eE")
	if _, ok := Parse(text); !ok || at < 0 {
		return text
	}
	whole, fraction, _ := strings.Cut(text[:at], ".")
	exponent, err := strconv.Atoi(text[at+1:])
	digits, zeros := whole+fraction, exponent-len(fraction)
	if err != nil || zeros > mostZeros {
		return text
	}
	if zeros >= 0 {
		return digits + strings.Repeat("0", zeros)
	}
	kept := max(0, len(digits)+zeros)
	if strings.Trim(digits[kept:], "0") != "" || strings.Trim(digits[:kept], "+-") == "" {
		return text
	}
	return digits[:kept]
}
