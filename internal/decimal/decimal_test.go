package decimal

import (
	"math"
	"math/rand/v2"
	"regexp"
	"slices"
	"strconv"
	"testing"

	"steepest/internal/mutate"
)

// notNumbers are texts that Go, Python or a spreadsheet takes for numbers, and data files do not.
var notNumbers = []string{
	"", " ", "+", "-", ".", "-.", "e5", ".e5", "1e", "1e+", "1e1.5", "1.2.3", "1,5", "1 000", " 1", "1 ", "--1", "+-1", "18_24", "1_0",
	"_1", "1_", "1e1_0", "0x1p-2", "0X1P4", "0x10", "0b1", "0o7", "1p4", "inf", "-Inf", "+inf", "infinity", "-Infinity", "nan", "NaN",
	"1f", "1d5", "1l", "½", "１", "1\x00", "\ufeff1", "1e５", "∞",
}

func TestParse(t *testing.T) {
	for _, text := range notNumbers {
		if v, ok := Parse(text); ok {
			t.Errorf("%q is %v", text, v)
		}
	}
	for text, want := range map[string]float64{
		"0": 0, "-0": math.Copysign(0, -1), "+1": 1, "1.": 1, ".5": 0.5, "-.5e-1": -0.05, "1E5": 1e5, "1e+5": 1e5, "007": 7,
		"1e400": math.Inf(1), "-1e400": math.Inf(-1), "1e-400": 0, "4.9e-324": 5e-324, "1e0000000001": 10,
		"9007199254740993": 9007199254740992,
	} {
		if v, ok := Parse(text); !ok || math.Float64bits(v) != math.Float64bits(want) {
			t.Errorf("%q is %v, %v, want %v", text, v, ok, want)
		}
		if _, ok := ParseFinite(text); ok != !math.IsInf(want, 0) {
			t.Errorf("%q is finite: %v", text, ok)
		}
	}
}

var grammar = regexp.MustCompile(`^[-+]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][-+]?[0-9]+)?$`)

func FuzzParse(f *testing.F) {
	for _, text := range tricky() {
		f.Add(text)
	}
	f.Fuzz(check)
}

func TestParseMutations(t *testing.T) {
	mutate.Try(t, "internal/decimal/FuzzParse", tricky(), func(t *testing.T, text string, _ *rand.Rand) { check(t, text) })
}

func tricky() []string {
	return slices.Concat(notNumbers, []string{"1", "-2.5e-3", "+.5", "5.", "1e400"})
}

func check(t *testing.T, text string) {
	v, ok := Parse(text)
	if want := grammar.MatchString(text); ok != want {
		t.Fatalf("%q is a number: %v, want %v", text, ok, want)
	}
	if !ok {
		return
	}
	if want, _ := strconv.ParseFloat(text, 64); math.Float64bits(v) != math.Float64bits(want) {
		t.Fatalf("%q is %v, want %v", text, v, want)
	}
}
