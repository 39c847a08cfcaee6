package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"steepest/internal/simd"
)

// stepsWith runs minimize with a processor that has the instruction sets up to the newest one named, and returns its messages.
func stepsWith(t *testing.T, newest string, args ...string) string {
	t.Helper()
	defer simd.Select(newest)()
	var out, text bytes.Buffer
	if code := run(context.Background(), append([]string{"minimize", "--quiet"}, args...), &out, &text); code != 0 {
		t.Fatalf("%q: exit code %d, %s", args, code, &text)
	}
	return text.String()
}

// TestResumeKeepsInstructions: a run resumes with the instructions it began with if its bits depend on them, so that its bits are those of a run
// without a break. With --instructions it takes the ones that are named, and says so.
func TestResumeKeepsInstructions(t *testing.T) {
	newest := simd.Newest()
	if newest == simd.Portable {
		t.Skip("there is one implementation here")
	}
	for _, c := range []struct {
		what    string
		depends bool
	}{
		{"adam --data heart-scale", false},
		{"adam --data digits --hidden 32", true},
		{"muon --data digits", true},
	} {
		model := func(name string) []byte {
			text, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			var m struct{ Parameters json.RawMessage }
			if err := json.Unmarshal(text, &m); err != nil || m.Parameters == nil {
				t.Fatalf("%s: %v", text, err)
			}
			return m.Parameters
		}
		dir := t.TempDir()
		whole, other := filepath.Join(dir, "whole.json"), filepath.Join(dir, "other.json")
		path, folder := filepath.Join(dir, "model.json"), filepath.Join(dir, "run")
		what := strings.Fields(c.what)
		stepsWith(t, newest, append(what, "--steps", "6", "--model", whole, "--instructions", "portable")...)
		stepsWith(t, newest, append(what, "--steps", "6", "--model", other)...)
		what = append(what, "--checkpoint", folder, "--model", path)
		stepsWith(t, newest, append(what, "--steps", "3", "--instructions", "portable")...)
		text := stepsWith(t, newest, append(what, "--steps", "6", "--resume")...)
		if said := strings.Contains(text, "began with portable instructions, and continues with them"); said != c.depends {
			t.Errorf("%s: it says %q", c.what, text)
		}
		if !bytes.Equal(model(path), model(whole)) {
			t.Errorf("%s: a break and other instructions by default have changed the model", c.what)
		}
		if differs := !bytes.Equal(model(other), model(whole)); differs != c.depends {
			t.Errorf("%s: that %s and portable instructions give different bits is %v", c.what, newest, differs)
		}
		text = stepsWith(t, newest, append(what, "--steps", "9", "--resume", "--instructions", newest)...)
		if said := strings.Contains(text, " portable and continues with "); said != c.depends {
			t.Errorf("%s: with other instructions it says %q", c.what, text)
		}
		if saved, err := os.ReadFile(path); err != nil || !strings.Contains(string(saved), instructions()) {
			t.Errorf("%s: the model does not name %q, %v", c.what, instructions(), err)
		}
	}
}

// TestResumeWithoutInstructions: where a processor lacks the instructions of a run, the run continues with others, and says so.
func TestResumeWithoutInstructions(t *testing.T) {
	for _, c := range []struct{ was, is string }{{"amd64 abacus", instructions()}, {instructions(), instructions() + " without bf16"}} {
		was, now := fmt.Appendf(nil, `{"instructions":%q}`, c.was), fmt.Appendf(nil, `{"instructions":%q}`, c.is)
		var text bytes.Buffer
		w := newWorld(context.Background(), nil, io.Discard, &text)
		if kept := w.keepInstructions(was, now); !bytes.Equal(kept, now) {
			t.Errorf("it keeps %s", kept)
		}
		if !strings.Contains(text.String(), "computed with "+c.was+" and continues with "+c.is) {
			t.Errorf("it says %q", &text)
		}
	}
}

// TestAutoInstructions: auto chooses one of the sets of this processor, and says which; a set that it lacks is refused.
func TestAutoInstructions(t *testing.T) {
	sets := simd.Implementations()
	text := stepsWith(t, sets[len(sets)-1], "adam", "--data", "heart-scale", "--steps", "1", "--instructions", "auto")
	if !regexp.MustCompile(`^--instructions auto: (` + strings.Join(sets, "|") + `),`).MatchString(text) {
		t.Errorf("it says %q", text)
	}
	var out, errors bytes.Buffer
	if code := run(context.Background(), strings.Fields("minimize adam --data heart-scale --instructions abacus"), &out, &errors); code != exitUsage ||
		!strings.Contains(errors.String(), strings.Join(sets, ", ")) {
		t.Errorf("exit code %d, %q", code, &errors)
	}
}
