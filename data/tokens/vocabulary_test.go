package tokens

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestEncodingOf(t *testing.T) {
	for vocabulary, want := range map[int]string{
		257: "bytes", 320: "bytes", 384: "bytes", 50257: "gpt2", 50304: "gpt2",
		0: "", 256: "", 385: "", 50256: "", 50305: "", 32000: "", 100277: "", -1: "",
	} {
		e, err := EncodingOf(vocabulary)
		switch {
		case want == "" && (err == nil || !strings.Contains(err.Error(), "gpt2 has 50257 tokens and bytes 257")):
			t.Errorf("%d: %v, %v", vocabulary, e, err)
		case want != "" && (err != nil || e.Name != want):
			t.Errorf("%d: %v, %v, want %s", vocabulary, e, err, want)
		}
	}
}

// TestCheckFolder: folders with GPT-2's tokens are accepted, and folders with other tokens are refused.
func TestCheckFolder(t *testing.T) {
	for _, test := range []struct{ encoding, file, text, want string }{
		{"gpt2", "none", "", ""},
		{"gpt2", "vocab.json", `{"!": 0, "Ġthe": 262, "Ċ": 198, "<|endoftext|>": 50256}`, ""},
		{"gpt2", "tokenizer.json", `{"version": "1.0", "model": {"type": "BPE", "vocab": {"Ġthe": 262, "âĢĶ": 960}, "merges": []}}`, ""},
		{"bytes", "vocab.json", `{"a": 97, "Ġ": 32, "Ā": 0, "ÿ": 255, "<|endoftext|>": 256}`, ""},
		{"gpt2", "vocab.json", `{"Ġthe": 263}`, `token 263 is "Ġthe", and not as in the encoding gpt2`},
		{"gpt2", "vocab.json", `{"<s>": 0}`, `token 0 is "<s>"`},
		{"gpt2", "vocab.json", `{"<pad>": 50257}`, `token 50257 is "<pad>"`},
		{"bytes", "vocab.json", `{"!": 0}`, `token 0 is "!"`},
		{"gpt2", "tokenizer.json", `{"model": {"vocab": {"▁the": 262}}}`, `token 262 is "▁the"`},
		{"gpt2", "tokenizer.json", `{"model": {"vocab": [["▁the", -2.5]]}}`, "is no vocabulary of a tokenizer"},
		{"gpt2", "vocab.json", "[", "is no vocabulary of a tokenizer"},
	} {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, test.file), []byte(test.text), 0o600); err != nil {
			t.Fatal(err)
		}
		e, err := NewEncoding(test.encoding)
		if err != nil {
			t.Fatal(err)
		}
		err = e.CheckFolder(dir)
		if test.want == "" && err != nil || test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)) {
			t.Errorf("%s with %s: %v, want %q", test.text, test.encoding, err, test.want)
		}
	}
	path := filepath.Join(t.TempDir(), "vocab.json")
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(path, largestTokenizer+1); err != nil {
		t.Fatal(err)
	}
	if err := gpt2().CheckFolder(filepath.Dir(path)); err == nil || !strings.Contains(err.Error(), "has more than") {
		t.Errorf("a file of 64 MiB: %v", err)
	}
}
