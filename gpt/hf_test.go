package gpt

import (
	"bytes"
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/maruel/safetensors"
	"pgregory.net/rapid"
)

// TestTransformers: models in folders of transformers have the scores that transformers computes.
func TestTransformers(t *testing.T) {
	text, err := os.ReadFile("testdata/hf.json")
	if err != nil {
		t.Fatal(err)
	}
	var golden struct {
		Tokens []uint32
		Logits map[string][][]float64
	}
	if err := json.Unmarshal(text, &golden); err != nil {
		t.Fatal(err)
	}
	if len(golden.Logits) != 5 {
		t.Fatalf("%d folders", len(golden.Logits))
	}
	for name, want := range golden.Logits {
		c, x, err := ReadHuggingFace("testdata/hf/" + name)
		if err != nil {
			t.Fatal(err)
		}
		if c != (Config{Vocab: 11, Context: 7, Layers: 2, Heads: 2, Width: 8, Untied: name == "untied"}) {
			t.Errorf("%s: %+v", name, c)
		}
		got := Logits(c, x, golden.Tokens)
		for i, row := range want {
			for j, w := range row {
				if g := float64(got[i*11+j]); math.Abs(g-w) > 1e-5 {
					t.Errorf("%s: score (%d, %d) is %v, and %v in transformers", name, i, j, g, w)
				}
			}
		}
	}
}

// TestFiles: models are read as they were written, in each format that can hold them.
func TestFiles(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		c, _, _ := shape(rt)
		c = Config{Vocab: c.Vocab, Context: c.Context, Layers: c.Layers, Heads: c.Heads, Width: c.Width, Untied: c.Untied}
		x := exact[float32](c)
		precision := rapid.SampledFrom([]Precision{Float32, BFloat16}).Draw(rt, "precision")
		want := slices.Clone(x)
		if precision == BFloat16 {
			precision.decode(want, precision.append(nil, x))
		}
		folder, err := os.MkdirTemp(t.TempDir(), "")
		if err != nil {
			rt.Fatal(err)
		}
		path := filepath.Join(folder, "hf")
		if err := WriteHuggingFace(path, c, x, precision); err != nil {
			rt.Fatal(err)
		}
		if got, y, err := ReadHuggingFace(path); err != nil || got != c || !slices.Equal(y, want) {
			rt.Fatalf("Hugging Face: %v, %+v", err, got)
		}
		path = filepath.Join(folder, "model.bin")
		if err := WriteLLMC(path, c, x, precision); c.Untied {
			if err == nil || !strings.Contains(err.Error(), "this model has one") {
				rt.Fatalf("a head of its own: %v", err)
			}
			return
		} else if err != nil {
			rt.Fatal(err)
		}
		if got, y, err := ReadLLMC(path); err != nil || got != c || !slices.Equal(y, want) {
			rt.Fatalf("llm.c: %v, %+v", err, got)
		}
	})
}

// TestTiedByValues: a head is tied to the table of embeddings exactly if their numbers are equal, whatever config.json says.
func TestTiedByValues(t *testing.T) {
	c := Config{Vocab: 5, Context: 3, Layers: 1, Heads: 1, Width: 4, Untied: true}
	x := exact[float32](c)
	for _, same := range []bool{false, true} {
		for _, said := range []bool{false, true} {
			for _, half := range []bool{false, true} { // the head in bfloat16, which holds its numbers
				for i := range x {
					x[i] = float32(i % 7)
				}
				if same {
					copy(x[len(x)-20:], x[:20])
				}
				file := hfFile(c, x, Float32)
				for i, tensor := range file.Tensors {
					if half && tensor.Name == "lm_head.weight" {
						file.Tensors[i].DType, file.Tensors[i].Data = safetensors.BF16, BFloat16.append(nil, x[len(x)-20:])
					}
				}
				given := c
				given.Untied = !said
				got, y, err := parseHFTensors(given, serialized(t, file))
				if err != nil || got.Untied == same || len(y) != got.size() || y[0] != x[0] {
					t.Errorf("same %v, tied %v: untied is %v, %v", same, said, got.Untied, err)
				}
			}
		}
	}
}

func serialized(t testing.TB, file *safetensors.File) []byte {
	var b bytes.Buffer
	if err := file.Serialize(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// TestHFErrors: other models than GPT-2 are refused with the reason.
func TestHFErrors(t *testing.T) {
	c := Config{Vocab: 5, Context: 3, Layers: 1, Heads: 1, Width: 4}
	x := exact[float32](c)
	tensors := func(change func(f *safetensors.File)) func(Config) ([]byte, Config) {
		return func(c Config) ([]byte, Config) {
			file := hfFile(c, x, Float32)
			change(file)
			return serialized(t, file), c
		}
	}
	at := func(f *safetensors.File, name string) *safetensors.Tensor {
		return &f.Tensors[slices.IndexFunc(f.Tensors, func(t safetensors.Tensor) bool { return t.Name == "transformer."+name })]
	}
	for want, make := range map[string]func(Config) ([]byte, Config){
		"the tensor wte.weight is missing; the file is not that of a GPT-2": tensors(func(f *safetensors.File) { at(f, "wte.weight").Name = "x" }),
		"the tensor h.0.mlp.c_fc.bias is missing":                           tensors(func(f *safetensors.File) { at(f, "h.0.mlp.c_fc.bias").Name = "x" }),
		"the tensor h.1.ln_1.weight is none of a GPT-2 of 1 blocks": tensors(func(f *safetensors.File) {
			f.Tensors = append(f.Tensors, safetensors.Tensor{Name: "h.1.ln_1.weight", DType: safetensors.F32, Shape: []uint64{1}, Data: []byte{0, 0, 0, 0}})
		}),
		"the tensor h.0.mlp.c_fc.weight has the shape [16 4], and config.json says [4 16]": tensors(func(f *safetensors.File) {
			at(f, "h.0.mlp.c_fc.weight").Shape = []uint64{16, 4}
		}),
		"the tensor transformer.wpe.weight is of I32; F32, BF16 and F16 are known": tensors(func(f *safetensors.File) { at(f, "wpe.weight").DType = safetensors.I32 }),
		"the tensor wpe.weight is there twice": tensors(func(f *safetensors.File) {
			twice := *at(f, "wpe.weight")
			twice.Name = "wpe.weight"
			f.Tensors = append(f.Tensors, twice)
		}),
		"config.json says 100000 blocks, and there are 16 tensors": func(c Config) ([]byte, Config) {
			data := serialized(t, hfFile(c, x, Float32))
			c.Layers = 100000
			return data, c
		},
		"config.json says that the head is not the table of embeddings, and the tensor lm_head.weight is missing": func(c Config) ([]byte, Config) {
			data := serialized(t, hfFile(c, x, Float32))
			c.Untied = true
			return data, c
		},
		"the file is not one of safetensors, or damaged: invalid header: too small (3 bytes)":                    func(c Config) ([]byte, Config) { return []byte("abc"), c },
		"the file is not one of safetensors, or not of a GPT-2: its header would have 7597414702928717923 bytes": func(c Config) ([]byte, Config) { return []byte("checkpoint"), c },
		"metadata incomplete buffer": func(c Config) ([]byte, Config) { return serialized(t, hfFile(c, x, Float32))[:2000], c },
	} {
		data, config := make(c)
		if _, _, err := parseHFTensors(config, data); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
}

func TestHFConfigErrors(t *testing.T) {
	for text, want := range map[string]string{
		`{}`:                                        "",
		`{"n_inner": 3072}`:                         "",
		`[1]`:                                       "it is not the configuration of a model",
		`{"n_layer": "twelve"}`:                     "it is not the configuration of a model",
		`{"model_type": "llama"}`:                   `the model is of the type "llama", and only gpt2 is known`,
		`{"n_head": 7}`:                             "7 heads do not divide the width 768",
		`{"n_layer": -1}`:                           "the number of layers is -1",
		`{"n_inner": 100}`:                          "n_inner is 100; this makes GPT-2",
		`{"activation_function": "relu"}`:           "activation_function is relu; this makes GPT-2",
		`{"layer_norm_epsilon": 1e-6}`:              "layer_norm_epsilon is 1e-06; this makes GPT-2",
		`{"scale_attn_weights": false}`:             "scale_attn_weights is false; this makes GPT-2",
		`{"add_cross_attention": true}`:             "add_cross_attention is true; this makes GPT-2",
		`{"scale_attn_by_inverse_layer_idx": true}`: "scale_attn_by_inverse_layer_idx is true; this makes GPT-2",
	} {
		c, err := parseHFConfig([]byte(text))
		if want == "" && (err != nil || c != small) || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%s: %+v, %v, want %s", text, c, err, want)
		}
	}
}

// TestHFFolders: errors name the file, and no file is overwritten.
func TestHFFolders(t *testing.T) {
	folder := t.TempDir()
	if _, _, err := ReadHuggingFace(folder); err == nil || !strings.Contains(err.Error(), "config.json") {
		t.Errorf("an empty folder: %v", err)
	}
	if err := WriteHuggingFace(folder, tiny, exact[float32](tiny), Float32); err == nil || !strings.Contains(err.Error(), "is there already") {
		t.Errorf("a folder that is there: %v", err)
	}
	text, err := os.ReadFile("testdata/hf/tied/config.json")
	if err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string][]byte{"config.json": text, "model.safetensors.index.json": nil} {
		if err := os.WriteFile(filepath.Join(folder, name), content, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	if _, _, err := ReadHuggingFace(folder); err == nil || !strings.Contains(err.Error(), "the model is cut into several files") {
		t.Errorf("a model in several files: %v", err)
	}
}

// TestWiden compares all numbers of float16 with their definition.
func TestWiden(t *testing.T) {
	for h := range 1 << 16 {
		sign, exponent, fraction := 1-2*float64(h>>15), h>>10&31, float64(h&1023)
		want := sign * (1 + fraction/1024) * math.Exp2(float64(exponent-15))
		switch {
		case exponent == 0:
			want = sign * fraction / 1024 * math.Exp2(-14)
		case exponent == 31 && fraction == 0:
			want = math.Inf(int(sign))
		case exponent == 31:
			want = math.NaN()
		}
		got := float64(widen(uint16(h)))
		if math.Float64bits(got) != math.Float64bits(want) && !(got != got && want != want) {
			t.Fatalf("%#04x is %v, want %v", h, got, want)
		}
	}
}

func FuzzHuggingFace(f *testing.F) {
	for _, name := range []string{"tied", "untied", "bfloat16", "float16", "bare"} {
		config, err := os.ReadFile(filepath.Join("testdata/hf", name, "config.json"))
		if err != nil {
			f.Fatal(err)
		}
		model, err := os.ReadFile(filepath.Join("testdata/hf", name, "model.safetensors"))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(config, model)
	}
	f.Fuzz(func(t *testing.T, config, model []byte) {
		bounded(t, len(config)+len(model), func() {
			if c, err := parseHFConfig(config); err == nil {
				if c, x, err := parseHFTensors(c, model); err == nil && (len(x) != c.size() || c.Validate() != nil) {
					t.Fatalf("%+v with %d parameters", c, len(x))
				}
			}
		})
	})
}

// bounded fails if f allocates more than twice the size of its input plus 64 MiB.
func bounded(t *testing.T, input int, f func()) {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	if n := after.TotalAlloc - before.TotalAlloc; n > uint64(2*input+64<<20) {
		t.Fatalf("%d bytes were allocated for %d", n, input)
	}
}
