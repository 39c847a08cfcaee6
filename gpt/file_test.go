package gpt

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestRead: a folder is read in the format of Hugging Face and a file in that of llm.c. The error for anything else names it.
func TestRead(t *testing.T) {
	c := Config{Vocab: 5, Context: 3, Layers: 2, Heads: 2, Width: 4}
	x, dir := exact[float32](c), t.TempDir()
	folder, file, text := filepath.Join(dir, "model"), filepath.Join(dir, "model.bin"), filepath.Join(dir, "text")
	if err := WriteHuggingFace(folder, c, x, Float32); err != nil {
		t.Fatal(err)
	}
	if err := WriteLLMC(file, c, x, Float32); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(text, []byte("words"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{folder, file} {
		if got, y, err := Read(path); err != nil || got != c || !slices.Equal(x, y) {
			t.Errorf("%s: %+v, %v", path, got, err)
		}
	}
	for path, want := range map[string]string{
		filepath.Join(folder, hfModelFile):  "is a part of a model; name its folder, " + folder,
		filepath.Join(folder, hfConfigFile): "is a part of a model; name its folder, " + folder,
		dir:                                 "config.json: no such file",
		text:                                "a model of llm.c has a header of 1024 bytes, and the file has 5",
		text + "x":                          "no such file",
	} {
		if _, _, err := Read(path); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", path, err, want)
		}
	}
	defer func(f func() float64) { available = f }(available)
	available = func() float64 { return 4*float64(c.size()) - 1 }
	for _, path := range []string{folder, file} {
		if _, _, err := Read(path); err == nil || !strings.Contains(err.Error(), "its parameters take") {
			t.Errorf("%s is read where there is no memory: %v", path, err)
		}
	}
}
