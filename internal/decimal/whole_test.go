package decimal

import (
	"math/big"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestWhole(t *testing.T) {
	for text, want := range map[string]string{
		"1e9": "1000000000", "1E+3": "1000", "-2.5e3": "-2500", "+.5e1": "+5", "120e-1": "12", "1.20e1": "12", "1e0": "1", "18446744073709551615e0": "18446744073709551615",
		"7": "7", "12.0": "12.0", "1e-1": "1e-1", "1.25e1": "1.25e1", "0.1e-1": "0.1e-1", "1e41": "1e41", "1e999999999999999999999": "1e999999999999999999999",
		"e5": "e5", "1e": "1e", "1_0e2": "1_0e2", "0x1e2": "0x1e2", "full": "full", "": "", "-.0e0": "-.0e0", "three": "three",
	} {
		if got := Whole(text); got != want {
			t.Errorf("%q is %q, want %q", text, got, want)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringMatching(`[+-]?[0-9]{1,4}(\.[0-9]{0,4})?[eE][+-]?[0-9]`).Draw(t, "text")
		exact, ok := new(big.Rat).SetString(text)
		if !ok {
			t.Fatalf("%q is no number", text)
		}
		got := Whole(text)
		if whole, ok := new(big.Int).SetString(got, 10); ok != (exact.IsInt() && !strings.ContainsAny(got, "eE")) || ok && whole.Cmp(exact.Num()) != 0 {
			t.Fatalf("%q is %q", text, got)
		}
		if v, _ := exact.Float64(); exact.IsInt() && v != 0 && strings.ContainsAny(got, "eE") {
			t.Fatalf("%q is whole, and stays", text)
		}
	})
}
