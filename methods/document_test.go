package methods

import (
	"os"
	"strings"
	"testing"
)

// TestDocumentIsFresh: docs/methods.md is the current output of Document.
func TestDocumentIsFresh(t *testing.T) {
	var want strings.Builder
	if err := Document(&want); err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile("../docs/methods.md")
	if err != nil || string(got) != want.String() {
		t.Errorf("docs/methods.md is stale (%v); run go run ./cmd/steepest methods --markdown > methods.md && mv methods.md docs/methods.md", err)
	}
}

// TestDocumentNamesAll: every method has a line in the table of its family and a section with all of its options.
func TestDocumentNamesAll(t *testing.T) {
	var b strings.Builder
	if err := Document(&b); err != nil {
		t.Fatal(err)
	}
	for _, m := range All() {
		_, section, ok := strings.Cut(b.String(), "\n## "+m.Name+"\n")
		section, _, _ = strings.Cut(section, "\n## ")
		if !ok || !strings.Contains(b.String(), "| [`"+m.Name+"`](#"+m.Name+") | ") {
			t.Errorf("%s has no line or no section", m.Name)
		}
		for _, f := range m.Presets()[0].Fields {
			if !strings.Contains(section, "| `"+f.Name+"` | ") {
				t.Errorf("the section of %s lacks the option %s", m.Name, f.Name)
			}
		}
	}
}
