package cli

import (
	"slices"
	"testing"
)

func TestSplitWords(t *testing.T) {
	for text, want := range map[string][]string{
		" ":                                nil,
		"--data  rows.csv ":                {"--data", "rows.csv"},
		`--data="my rows.csv" --l2 '' x`:   {"--data=my rows.csv", "--l2", "", "x"},
		`'it'\''s' "say \"a\\b\"" C:\a\ b`: {"it's", `say "a\b"`, `C:\a b`},
		`--drop '"a,b",c\'`:                {"--drop", `"a,b",c\`},
	} {
		if got, err := splitWords(text); err != nil || !slices.Equal(got, want) {
			t.Errorf("%s: %q, %v, want %q", text, got, err, want)
		}
	}
	for _, text := range []string{`a "b`, `'`} {
		if got, err := splitWords(text); err == nil {
			t.Errorf("%s: %q, want an error", text, got)
		}
	}
}
