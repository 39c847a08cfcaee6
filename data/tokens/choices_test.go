package tokens

import (
	"encoding/binary"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"steepest/data"
)

// TestChoices compares the questions from HellaSwag's lines with those of an evaluation file that tiktoken made.
func TestChoices(t *testing.T) {
	e := gpt2()
	lines, err := ReadChoices("testdata/choices.jsonl", e)
	if err != nil {
		t.Fatal(err)
	}
	file, err := ReadChoices("testdata/choices.bin", e)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(lines, file) {
		t.Errorf("the lines make %d, and the file is %d", lines.questions, file.questions)
	}
	if lines.Len() != 3 {
		t.Fatalf("%d questions", lines.Len())
	}
	for i, want := range []struct {
		context, ending string
		endings, right  int
	}{
		{"A ray of light falls on a prism. It", " is refracted into colors.", 4, 0},
		{"Descent goes down the hill:", " naïve café, 1234567 steps.", 2, 1},
		{"[header] How to choose a step [title] Halve it. [step]", " Double it.", 5, 4},
	} {
		context, endings, right := lines.Question(i)
		text := func(tokens []uint32) string {
			b, err := e.Decode(nil, tokens...)
			if err != nil {
				t.Fatal(err)
			}
			return string(b)
		}
		if text(context) != want.context || len(endings) != want.endings || right != want.right || text(endings[right]) != want.ending {
			t.Errorf("question %d: %q, %d endings, of which %d is right: %q", i, text(context), len(endings), right, text(endings[right]))
		}
	}
}

// TestBadChoices: an error names the fault of a file and its place.
func TestBadChoices(t *testing.T) {
	good, err := os.ReadFile("testdata/choices.bin")
	if err != nil {
		t.Fatal(err)
	}
	with := func(change func(b []byte)) string {
		b := append([]byte{}, good...)
		change(b)
		return string(b)
	}
	put := func(word int, v uint16) string {
		return with(func(b []byte) { binary.LittleEndian.PutUint16(b[headerBytes+2*word:], v) })
	}
	for text, want := range map[string]string{
		"":                                "no question",
		with(func(b []byte) { b[4] = 2 }): "version of the evaluation is 2",
		with(func(b []byte) { b[8] = 4 }): "4 questions, and the file ends within number 3",
		with(func(b []byte) { b[8] = 2 }): "2 questions, and more follow",
		string(good[:500]):                "ends within it",
		string(good[:len(good)-1]):        "ends within question 2",
		string(good[:headerBytes+3]):      "ends within number 0",
		put(0, 7):                         "question 0 begins with 7",
		put(2, 1):                         "want 65535, its bytes and 0",
		put(3, 4):                         "right ending 4 of 4",
		put(5, 0):                         "part 0",
		put(5, 900):                       "part 0",
		put(6, 50257):                     "token 50257, and the encoding gpt2 has 50257",
		put(4, 3):                         "goes on",
		`{"ctx": "a", "endings": ["b"], "label": 1}`:                                    ":1: the label is \"1\", and there are 1 endings",
		"\n" + `{"ctx": "a", "endings": ["b"]}`:                                         ":2: the label is \"\"",
		`{"ctx": "", "endings": ["b"], "label": 0}`:                                     ":1: the context is empty",
		`{"ctx": "a", "endings": ["b"], "label": -1}`:                                   ":1: the label is \"-1\"",
		`{"ctx": "a", "endings": ["b"], "label": 0`:                                     ":1: the line is no question",
		`{"ctx": "` + strings.Repeat("x y", 40000) + `", "endings": ["b"], "label": 0}`: "more than fit into the format",
	} {
		path := filepath.Join(t.TempDir(), "choices")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		var parse *data.ParseError
		if _, err := ReadChoices(path, gpt2()); !errors.As(err, &parse) || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
}

// FuzzChoices: no file makes ReadChoices panic, and every question that it returns is complete.
func FuzzChoices(f *testing.F) {
	for _, path := range []string{"testdata/choices.bin", "testdata/choices.jsonl"} {
		text, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	path := filepath.Join(f.TempDir(), "choices")
	f.Fuzz(func(t *testing.T, text []byte) {
		if err := os.WriteFile(path, text, 0o600); err != nil {
			t.Fatal(err)
		}
		e := byteLevel()
		c, err := ReadChoices(path, e)
		if err != nil {
			return
		}
		for i := range c.Len() {
			context, endings, right := c.Question(i)
			if len(context) == 0 || right >= len(endings) {
				t.Fatalf("question %d: %d, %d, %d", i, context, endings, right)
			}
			for _, part := range append(endings, context) {
				for _, token := range part {
					if int(token) >= e.Len() {
						t.Fatalf("question %d: token %d", i, token)
					}
				}
			}
		}
	})
}
