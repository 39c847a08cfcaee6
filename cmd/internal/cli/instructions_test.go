package cli

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"steepest/internal/simd"
)

// TestResumeWithOtherInstructions: a run that continues with other instructions says so if its bits depend on them, and the result names
// the instructions that computed it.
func TestResumeWithOtherInstructions(t *testing.T) {
	all := simd.Implementations()
	if len(all) == 1 {
		t.Skip("there is one implementation here")
	}
	for _, c := range []struct {
		what string
		says bool
	}{
		{"adam --data heart-scale", false},
		{"adam --data heart-scale --hidden 3", true},
		{"steepest --data heart-scale", true},
	} {
		folder, path := filepath.Join(t.TempDir(), "run"), filepath.Join(t.TempDir(), "model.json")
		steps := func(name, count string, more ...string) string {
			defer simd.Select(name)()
			var out, text bytes.Buffer
			args := append(append([]string{"minimize"}, strings.Fields(c.what)...), "--steps", count, "--quiet", "--checkpoint", folder, "--model", path)
			if code := run(context.Background(), append(args, more...), &out, &text); code != 0 {
				t.Fatalf("%s: exit code %d, %s", c.what, code, &text)
			}
			return text.String()
		}
		steps(simd.Portable, "3")
		text := steps(all[len(all)-1], "6", "--resume")
		if said := strings.Contains(text, " portable and continues with "); said != c.says {
			t.Errorf("%s: with other instructions it says %q", c.what, text)
		}
		if text := steps(all[len(all)-1], "9", "--resume"); strings.Contains(text, "continues with ") {
			t.Errorf("%s: with the same instructions it says %q", c.what, text)
		}
		model, err := os.ReadFile(path)
		if err != nil || !strings.Contains(string(model), instructions()) {
			t.Errorf("%s: the model does not name %q, %v", c.what, instructions(), err)
		}
	}
}
