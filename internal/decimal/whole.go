package decimal

import (
	"strconv"
	"strings"
)

// mostZeros is the largest number of zeros that Whole appends.
const mostZeros = 40

// Whole writes a whole number with an exponent without it: 2.5e3 becomes 2500. It returns any other text unchanged.
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
