package cli

import (
	"io"
	"strings"
	"testing"
	"unicode/utf8"

	"steepest/methods"
)

// TestMethodsFit: the description of every method and every link fits into 100 columns, and into a terminal of 80. A chain has no spaces at which
// it could be broken.
func TestMethodsFit(t *testing.T) {
	names := []string{""}
	for _, m := range methods.All() {
		names = append(names, m.Name)
	}
	for _, l := range methods.Links() {
		names = append(names, l.Name)
	}
	for _, name := range names {
		for _, width := range []int{100, 80} {
			var out strings.Builder
			w := newWorld(t.Context(), nil, &out, io.Discard)
			if width != 100 {
				w.stdout.width = width
			}
			if err := (&methodsCmd{Name: name}).Run(w); err != nil {
				t.Fatal(err)
			}
			for line := range strings.Lines(out.String()) {
				if n := utf8.RuneCountInString(strings.TrimRight(line, "\n")); n > width && !strings.HasPrefix(line, "As a chain: ") {
					t.Errorf("methods %s: %d columns of %d: %s", name, n, width, line)
				}
			}
			if strings.Contains(out.String(), "Not shown") {
				t.Errorf("methods %s leaves columns out:\n%s", name, out.String())
			}
		}
	}
}
