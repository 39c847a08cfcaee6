package cli

import (
	"slices"
	"strings"
	"testing"
)

func TestSplitNames(t *testing.T) {
	for text, want := range map[string][]string{
		"a":                  {"a"},
		"a,b c, d":           {"a", "b c", "d"},
		`"a,b",c`:            {"a,b", "c"},
		`c, "a,b"`:           {"c", "a,b"},
		`"5"" disk",-1`:      {`5" disk`, "-1"},
		"\"two\nlines\",c":   {"two\nlines", "c"},
		`back\slash,a\,b`:    {`back\slash`, `a\`, "b"},
		"\"no=2,yes=1\",x=3": {"no=2,yes=1", "x=3"},
	} {
		if got, err := splitNames(text); err != nil || !slices.Equal(got, want) {
			t.Errorf("%s: %q, %v, want %q", text, got, err, want)
		}
	}
	for text, want := range map[string]string{
		`a"b,c`:   "the quote in front of b,c is out of place",
		`"a"b",c`: `the quote in front of b",c is out of place`,
		`x,"a,b`:  "the quote has no end",
		`u"`:      "the quote at the end is out of place",
		"a\nb":    "more than one line",
	} {
		if got, err := splitNames(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %q, %v, want %s", text, got, err, want)
		}
	}
}
