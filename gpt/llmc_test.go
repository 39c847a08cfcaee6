package gpt

import (
	"encoding/binary"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func FuzzLLMC(f *testing.F) {
	for _, precision := range []Precision{Float32, BFloat16} {
		c := Config{Vocab: 5, Context: 3, Layers: 2, Heads: 2, Width: 4}
		path := filepath.Join(f.TempDir(), "model.bin")
		if err := WriteLLMC(path, c, exact[float32](c), precision); err != nil {
			f.Fatal(err)
		}
		data, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		bounded(t, len(data), func() {
			if c, x, err := parseLLMC(data); err == nil && (len(x) != c.size() || c.Validate() != nil) {
				t.Fatalf("%+v with %d parameters", c, len(x))
			}
		})
	})
}

// TestLLMC compares the layout of a file with the description of the format: the sizes for GPT-2, and the places of numbers.
func TestLLMC(t *testing.T) {
	if got := llmcHeader + 4*(small.size()+(50304-50257)*768); got != 497904640 {
		t.Errorf("GPT-2 (124M) has %d bytes, want 497904640", got)
	}
	c := Config{Vocab: 5, Context: 3, Layers: 2, Heads: 2, Width: 4}
	x := make([]float32, c.size())
	for i := range x {
		x[i] = float32(i)
	}
	path := filepath.Join(t.TempDir(), "model.bin")
	if err := WriteLLMC(path, c, x, Float32); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []uint32{20240326, 3, 3, 5, 2, 2, 4, 128, 0} {
		if got := binary.LittleEndian.Uint32(data[4*i:]); got != want {
			t.Errorf("header %d is %d, want %d", i, got, want)
		}
	}
	w := newWeights[float32](c)
	w.of(x)
	number := func(i int) float32 { return math.Float32frombits(binary.LittleEndian.Uint32(data[llmcHeader+4*i:])) }
	const table = 128 * 4
	for i, want := range map[int]float32{
		0: w.wte[0], 19: w.wte[19], 20: 0, table - 1: 0, table: w.wpe[0], // wpe has 12 numbers,
		table + 12: w.blocks[0].norm1.gain[0], table + 16: w.blocks[1].norm1.gain[0], table + 20: w.blocks[0].norm1.bias[0],
		table + 28: w.blocks[0].qkv.w[0], table + 28 + 48: w.blocks[1].qkv.w[0], // as the gains and biases of both blocks 16
	} {
		if got := number(i); got != want {
			t.Errorf("number %d is %v, want %v", i, got, want)
		}
	}
	for want, change := range map[string]func(data []byte) []byte{
		"a model of llm.c has a header of 1024 bytes, and the file has 10":                                            func(d []byte) []byte { return d[:10] },
		"the file begins with 20240520, and a model of llm.c with 20240326":                                           header(0, 20240520),
		"the version of the file is 4; 3, of float32, and 5, of bfloat16, are known":                                  header(1, 4),
		"its header is damaged: gpt: the vocabulary is -1":                                                            header(3, math.MaxUint32),
		"its header is damaged: gpt: 3 heads do not divide the width 4":                                               header(5, 3),
		"its header is damaged: a table of 4 rows for 5 tokens":                                                       header(7, 4),
		"its header says a model of 5104 bytes, and the file has 5103; it is cut or damaged: fetch or write it again": func(d []byte) []byte { return d[:len(d)-1] },
		"its header says a model of 3064 bytes, and the file has 5104; it is cut or damaged: fetch or write it again": header(1, 5),
	} {
		if _, _, err := parseLLMC(change(slices.Clone(data))); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
}

// header changes a number of the header.
func header(i int, v uint32) func([]byte) []byte {
	return func(d []byte) []byte {
		binary.LittleEndian.PutUint32(d[4*i:], v)
		return d
	}
}
