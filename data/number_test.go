package data

import (
	"math"
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"

	"steepest/internal/decimal"
	"steepest/internal/mutate"
)

// checkNumber compares scanNumber with decimal.Parse on a word, alone and followed by more text.
func checkNumber(t interface{ Fatalf(string, ...any) }, word string) {
	want, ok := decimal.Parse(word)
	wantN := len(word)
	if !ok {
		wantN = 0
	}
	for _, tail := range []string{"", " 7:1234567890", "\n12345678", "# 12345678", "\t"} {
		got, n := scanNumber([]byte(word+tail), 0)
		if n != wantN || math.Float64bits(got) != math.Float64bits(want) {
			t.Fatalf("scanNumber(%q) = %v, %d; decimal.Parse says %v, %d", word+tail, got, n, want, wantN)
		}
	}
}

var trickyNumbers = []string{"0", "-0", "+1", "1.", ".5", ".", "-", "", "+-1", "1.5.2", "12345678", "123456789", "1234567.12345678",
	"0.12345678", "0.123456789", "9007199254740992", "9007199254740993", "90071992.54740993", "0.00000001", "1e5", "1E-5",
	"1e400", "1e-400", "4.9e-324", "2.2250738585072011e-308", "inf", "-Inf", "nan", "0x1p-2", "1_000", "99999999.99999999",
	"8.5", "9.5:", "/", ":", "0.1a", "1e", "00000000001", "0.3", "18446744073709551617", "184467440738.00000001", "1844674407370955161700000000.5", "5e-324", "179769313486231570000000000000000000000"}

func TestScanNumber(t *testing.T) {
	for _, word := range trickyNumbers {
		checkNumber(t, word)
	}
}

func TestScanNumberAgreesWithDecimal(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		checkNumber(t, rapid.StringMatching(`[-+]?[0-9]{0,9}(\.[0-9]{0,10})?(e[-+]?[0-9]{1,3})?`).Draw(t, "word"))
	})
}

func FuzzScanNumber(f *testing.F) {
	for _, word := range trickyNumbers {
		f.Add(word)
	}
	f.Fuzz(func(t *testing.T, word string) {
		checkNumber(t, word[:wordEnd([]byte(word))])
	})
}

func TestScanNumberMutations(t *testing.T) {
	mutate.Try(t, "data/FuzzScanNumber", trickyNumbers, func(t *testing.T, word string, _ *rand.Rand) {
		checkNumber(t, word[:wordEnd([]byte(word))])
	})
}
