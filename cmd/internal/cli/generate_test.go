package cli

import (
	"bytes"
	"math"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"steepest/data/tokens"
	"steepest/gpt"
)

// TestTypewriter: the output is the text, for every way to cut it into tokens. On a terminal, characters are written whole, and bytes that are
// no characters or control the terminal are escaped.
func TestTypewriter(t *testing.T) {
	e, err := tokens.NewEncoding("bytes")
	if err != nil {
		t.Fatal(err)
	}
	for text, shown := range map[string]string{
		"": "", "plain\n": "plain\n", "größe 漢字 ½": "größe 漢字 ½\n", "👩‍🔬": "👩‍🔬\n", "a\tb": "a\tb\n",
		"\x1b[2Jx": "\\x1b[2Jx\n", "\xe6\xbc": "\\xe6\\xbc\n", "\xe6\xbcA": "\\xe6\\xbcA\n", "\xff\xfe\n": "\\xff\\xfe\n", "\xf0\x9f\x94\xf0\x9f\x94\xac": "\\xf0\\x9f\\x94🔬\n",
		"\u202eabc": "\\u202eabc\n", "\x80\x80\x80\x80\x80": "\\x80\\x80\\x80\\x80\\x80\n",
	} {
		for _, step := range []int{1, 2, 3, 100} {
			for _, tty := range []bool{false, true} {
				var out pieces
				w := &typewriter{to: terminal{screen: &screen{out: &out}, tty: tty}}
				for rest := []byte(text); len(rest) > 0; {
					n := min(step, len(rest))
					for _, b := range rest[:n] {
						if err := w.write(e, uint32(b)); err != nil {
							t.Fatal(err)
						}
					}
					rest = rest[n:]
				}
				if err := w.end(); err != nil {
					t.Fatal(err)
				}
				want := shown
				if !tty {
					if want = text; text != "" && !strings.HasSuffix(text, "\n") {
						want += "\n"
					}
				}
				if got := strings.Join(out, ""); got != want {
					t.Errorf("%q, terminal %v: %q, want %q", text, tty, got, want)
				}
				for _, piece := range out {
					if utf8.ValidString(text) && !utf8.ValidString(piece) {
						t.Errorf("%q: a piece is %q", text, piece)
					}
				}
			}
		}
	}
}

// pieces holds the text of each write.
type pieces []string

func (p *pieces) Write(b []byte) (int, error) {
	*p = append(*p, string(b))
	return len(b), nil
}

// TestDamagedModel: a model whose scores are NaN is refused.
func TestDamagedModel(t *testing.T) {
	c := gpt.Config{Vocab: 257, Context: 16, Layers: 1, Heads: 2, Width: 4}
	for _, v := range []float64{math.NaN(), math.Inf(1)} {
		x := gpt.Start[float32](c, 1)
		x[256*4] = float32(v)
		path := filepath.Join(t.TempDir(), "model.bin")
		if err := gpt.WriteLLMC(path, c, x, gpt.Float32); err != nil {
			t.Fatal(err)
		}
		var out, messages bytes.Buffer
		if code := run(t.Context(), []string{"generate", path}, &out, &messages); code != exitData || !strings.Contains(messages.String(), "the model gives a token the score NaN") {
			t.Errorf("exit code %d: %s", code, messages.String())
		}
	}
}
