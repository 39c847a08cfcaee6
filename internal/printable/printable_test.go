package printable

import (
	"math/rand/v2"
	"testing"

	"steepest/internal/mutate"
)

func TestText(t *testing.T) {
	for s, want := range map[string]string{
		"": "", "plain": "plain", "größe 漢字 ½": "größe 漢字 ½", "می\u200cخواهم": "می\u200cخواهم", "👩\u200d🔬": "👩\u200d🔬",
		"\x1b[31mred\x1b[0m": `\x1b[31mred\x1b[0m`, "a\nb\rc\td": `a\x0ab\x0dc\x09d`, "\a\b\x00\x7f": `\x07\x08\x00\x7f`,
		"\u009b31m": `\u009b31m`, "\x9b31m": `\x9b31m`, "abc\u202edef\u2066": `abc\u202edef\u2066`, "caf\xe9": `caf\xe9`,
		"\u200e\u200f\u061c\u2028\u2029": `\u200e\u200f\u061c\u2028\u2029`, "\ufeffa\u200bb\u00ad\u2060": `\ufeffa\u200bb\u00ad\u2060`,
		"\U000e0041": `\U000e0041`, "\u0600\u06dd١": "\u0600\u06dd١", "\u00a0\ue000": "\u00a0\ue000",
	} {
		if got := Text(s); got != want || Is(s) != (s == want) {
			t.Errorf("%q becomes %q, want %q", s, got, want)
		}
	}
	if got, want := Lines("a\x1b\n\tb\r\n"), "a\\x1b\n\tb\\x0d\n"; got != want {
		t.Errorf("lines become %q, want %q", got, want)
	}
}

var tricky = []string{"a", "\x1b[2J", "\u009b", "\x80", "\u202e", "\xff\xfe"}

func FuzzText(f *testing.F) {
	for _, s := range tricky {
		f.Add(s)
	}
	f.Fuzz(check)
}

func TestTextMutations(t *testing.T) {
	mutate.Try(t, "internal/printable/FuzzText", tricky, func(t *testing.T, s string, _ *rand.Rand) { check(t, s) })
}

func check(t *testing.T, s string) {
	if got := Text(s); !Is(got) {
		t.Fatalf("%q becomes %q, which would be changed again", s, got)
	}
}
