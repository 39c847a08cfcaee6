package gpt

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/maruel/safetensors"

	"steepest/internal/gemm"
	"steepest/internal/mapped"
	"steepest/param"
)

// The files of a folder of Hugging Face.
const (
	hfConfigFile = "config.json"
	hfModelFile  = "model.safetensors"
)

// hfPrefix is a prefix that some files put before the names of all tensors but the head.
const hfPrefix = "transformer."

// hfMaxHeader bounds the size of the header of a file of tensors and of the configuration, and so the memory for parsing. It is far above
// that of any GPT-2.
const hfMaxHeader = 4 << 20

// hfConfig is config.json. Missing fields have transformers' defaults, which are GPT-2's.
type hfConfig struct {
	Architectures     []string `json:"architectures"`
	ModelType         string   `json:"model_type"`
	Vocab             int      `json:"vocab_size"`
	Positions         int      `json:"n_positions"`
	Width             int      `json:"n_embd"`
	Layers            int      `json:"n_layer"`
	Heads             int      `json:"n_head"`
	Inner             *int     `json:"n_inner"`
	Activation        string   `json:"activation_function"`
	Epsilon           float64  `json:"layer_norm_epsilon"`
	Range             float64  `json:"initializer_range"`
	Scaled            bool     `json:"scale_attn_weights"`
	ScaledByLayer     bool     `json:"scale_attn_by_inverse_layer_idx"`
	CrossAttention    bool     `json:"add_cross_attention"`
	Tied              bool     `json:"tie_word_embeddings"`
	AttentionDropout  float64  `json:"attn_pdrop"`
	EmbeddingDropout  float64  `json:"embd_pdrop"`
	ResidualDropout   float64  `json:"resid_pdrop"`
	BeginningOfStream *int     `json:"bos_token_id"`
	EndOfStream       *int     `json:"eos_token_id"`
	Type              string   `json:"dtype,omitempty"`
}

func defaultHFConfig() hfConfig {
	end := 50256
	return hfConfig{
		Architectures: []string{"GPT2LMHeadModel"}, ModelType: "gpt2", Vocab: 50257, Positions: 1024, Width: 768, Layers: 12, Heads: 12,
		Activation: "gelu_new", Epsilon: normEps, Range: 0.02, Scaled: true, Tied: true, BeginningOfStream: &end, EndOfStream: &end,
	}
}

// parseHFConfig reads the shape of a model from config.json. The tensors may overrule what it says about a tied head.
func parseHFConfig(text []byte) (Config, error) {
	h := defaultHFConfig()
	if err := json.Unmarshal(text, &h); err != nil {
		return Config{}, fmt.Errorf("it is not the configuration of a model: %w", err)
	}
	c := Config{Vocab: h.Vocab, Context: h.Positions, Layers: h.Layers, Heads: h.Heads, Width: h.Width, Untied: !h.Tied}
	if h.ModelType != "gpt2" {
		return c, fmt.Errorf("the model is of the type %q, and only gpt2 is known", h.ModelType)
	}
	if err := c.Validate(); err != nil {
		return c, err
	}
	unknown := func(name string, value any) (Config, error) {
		return c, fmt.Errorf("%s is %v; this makes GPT-2 a network that is not known here", name, value)
	}
	switch {
	case h.Inner != nil && *h.Inner != 4*h.Width:
		return unknown("n_inner", *h.Inner)
	case h.Activation != "gelu_new" && h.Activation != "gelu_pytorch_tanh":
		return unknown("activation_function", h.Activation)
	case h.Epsilon != normEps:
		return unknown("layer_norm_epsilon", h.Epsilon)
	case !h.Scaled:
		return unknown("scale_attn_weights", h.Scaled)
	case h.ScaledByLayer:
		return unknown("scale_attn_by_inverse_layer_idx", h.ScaledByLayer)
	case h.CrossAttention:
		return unknown("add_cross_attention", h.CrossAttention)
	}
	return c, nil
}

// ReadHuggingFace reads a model from a folder of Hugging Face's transformers, with config.json and model.safetensors in float32,
// bfloat16 or float16. Names may begin with "transformer.". If a stored head differs from the table of embeddings, the model is Untied,
// whatever config.json says, as in transformers.
func ReadHuggingFace(folder string) (c Config, x []float32, err error) {
	at := func(name string, parse func(data []byte) error) error {
		path := filepath.Join(folder, name)
		return mapped.Read(path, func(data []byte) error {
			if err := parse(data); err != nil {
				return fmt.Errorf("gpt: %s: %w", path, err)
			}
			return nil
		})
	}
	err = at(hfConfigFile, func(data []byte) error {
		if len(data) > hfMaxHeader {
			return fmt.Errorf("it has %d bytes, and a configuration has some hundred", len(data))
		}
		c, err = parseHFConfig(data)
		return err
	})
	if err != nil {
		return c, nil, err
	}
	err = at(hfModelFile, func(data []byte) error {
		c, x, err = parseHFTensors(c, data)
		return err
	})
	if index := filepath.Join(folder, hfModelFile+".index.json"); errors.Is(err, os.ErrNotExist) {
		if _, missing := os.Stat(index); missing == nil {
			err = fmt.Errorf("gpt: %s: the model is cut into several files; save it in one, with a larger max_shard_size", index)
		}
	}
	return c, x, err
}

// parseHFTensors reads a model of a shape from the bytes of a file of tensors.
func parseHFTensors(c Config, data []byte) (Config, []float32, error) {
	tensors, err := hfTensors(data)
	if err != nil {
		return c, nil, err
	}
	table, ok := tensors["wte.weight"]
	head, own := tensors["lm_head.weight"]
	switch {
	case !ok:
		return c, nil, errors.New("the tensor wte.weight is missing; the file is not that of a GPT-2")
	case own:
		c.Untied = !sameNumbers(table, head)
	case c.Untied:
		return c, nil, errors.New("config.json says that the head is not the table of embeddings, and the tensor lm_head.weight is missing")
	}
	if len(tensors) < 12*c.Layers {
		return c, nil, fmt.Errorf("config.json says %d blocks, and there are %d tensors", c.Layers, len(tensors))
	}
	w := newWeights[float32](c)
	for _, p := range w.params {
		t, ok := tensors[p.Name]
		if !ok {
			return c, nil, fmt.Errorf("the tensor %s is missing", p.Name)
		}
		if want := hfShape(p); !slices.Equal(t.Shape, want) {
			return c, nil, fmt.Errorf("the tensor %s has the shape %d, and config.json says %d", p.Name, t.Shape, want)
		}
	}
	if len(tensors) > len(w.params) && !(own && !c.Untied && len(tensors) == len(w.params)+1) {
		for _, p := range w.params {
			delete(tensors, p.Name)
		}
		return c, nil, fmt.Errorf("the tensor %s is none of a GPT-2 of %d blocks", slices.Min(slices.Collect(maps.Keys(tensors))), c.Layers)
	}
	x, err := c.room()
	if err != nil {
		return c, nil, err
	}
	w.of(x)
	for i, p := range w.params {
		readTensor(*w.parts[i], p, tensors[p.Name])
	}
	return c, x, nil
}

// hfTensors returns the tensors of a file by the names of Config.Params. It leaves out the attention masks that some files contain.
func hfTensors(data []byte) (map[string]safetensors.Tensor, error) {
	if len(data) >= 8 {
		if n := binary.LittleEndian.Uint64(data); n > hfMaxHeader {
			return nil, fmt.Errorf("the file is not one of safetensors, or not of a GPT-2: its header would have %d bytes", n)
		}
	}
	file, err := safetensors.Parse(data)
	if err != nil {
		return nil, fmt.Errorf("the file is not one of safetensors, or damaged: %w", err)
	}
	tensors := make(map[string]safetensors.Tensor, len(file.Tensors))
	for _, t := range file.Tensors {
		name := strings.TrimPrefix(t.Name, hfPrefix)
		if strings.HasSuffix(name, ".attn.bias") || strings.HasSuffix(name, ".attn.masked_bias") {
			continue
		}
		if _, ok := precisionOf(t.DType); !ok {
			return nil, fmt.Errorf("the tensor %s is of %s; F32, BF16 and F16 are known", t.Name, t.DType)
		}
		if _, twice := tensors[name]; twice {
			return nil, fmt.Errorf("the tensor %s is there twice", name)
		}
		tensors[name] = t
	}
	return tensors, nil
}

// dtypes are the names of the precisions in a file.
var dtypes = []safetensors.DType{Float32: safetensors.F32, BFloat16: safetensors.BF16, float16: safetensors.F16}

func precisionOf(dtype safetensors.DType) (Precision, bool) {
	i := slices.Index(dtypes, dtype)
	return Precision(i), i >= 0
}

// sameNumbers reports whether two tensors of a file have the same shape and numbers.
func sameNumbers(a, b safetensors.Tensor) bool {
	if !slices.Equal(a.Shape, b.Shape) {
		return false
	}
	if a.DType == b.DType {
		return bytes.Equal(a.Data, b.Data)
	}
	var x, y [1]float32
	p, _ := precisionOf(a.DType)
	q, _ := precisionOf(b.DType)
	for i := range len(a.Data) / p.bytes() {
		p.decode(x[:], a.Data[i*p.bytes():])
		q.decode(y[:], b.Data[i*q.bytes():])
		if x != y {
			return false
		}
	}
	return true
}

// readTensor stores the numbers of a tensor of a file in its part of x.
func readTensor(part []float32, p param.Param, t safetensors.Tensor) {
	precision, _ := precisionOf(t.DType)
	if !turned(p) {
		precision.decode(part, t.Data)
		return
	}
	outputs, inputs := p.Shape[0], p.Shape[1]
	rows := make([]float32, min(inputs, turnedRows)*outputs)
	for lo := 0; lo < inputs; lo += turnedRows {
		n := min(turnedRows, inputs-lo)
		precision.decode(rows[:n*outputs], t.Data[lo*outputs*precision.bytes():])
		gemm.Transpose(part[lo:], inputs, rows, outputs, n, outputs)
	}
}

// turnedRows is the number of rows of a tensor that are transposed at a time.
const turnedRows = 64

// WriteHuggingFace writes a model as a folder that Hugging Face's transformers reads, with config.json and model.safetensors. The
// folder must not exist; it is created completely or not at all.
func WriteHuggingFace[T param.Float](folder string, c Config, x []T, precision Precision) (err error) {
	if !c.GPT2() {
		return fmt.Errorf("gpt: %s: Hugging Face's GPT-2 has none of the parts of the speedrun, and this model has", folder)
	}
	if _, err := os.Lstat(folder); err == nil {
		return fmt.Errorf("gpt: %s is there already; remove it, or give another name", folder)
	}
	temporary, err := os.MkdirTemp(filepath.Dir(folder), filepath.Base(folder)+".*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			os.RemoveAll(temporary)
		}
	}()
	text, err := json.MarshalIndent(hfConfigOf(c, precision), "", "  ")
	if err != nil {
		return err
	}
	err = writeFile(filepath.Join(temporary, hfConfigFile), func(w io.Writer) error {
		_, err := w.Write(append(text, '\n'))
		return err
	})
	if err != nil {
		return err
	}
	file := hfFile(c, param.As[float32](x), precision)
	if err := writeFile(filepath.Join(temporary, hfModelFile), file.Serialize); err != nil {
		return err
	}
	if err := os.Chmod(temporary, 0o777&^0o022); err != nil {
		return err
	}
	return os.Rename(temporary, folder)
}

// hfConfigOf returns the config.json of a model.
func hfConfigOf(c Config, precision Precision) hfConfig {
	h := defaultHFConfig()
	h.Vocab, h.Positions, h.Layers, h.Heads, h.Width, h.Tied = c.Vocab, c.Context, c.Layers, c.Heads, c.Width, !c.Untied
	h.Type = "float32"
	if precision == BFloat16 {
		h.Type = "bfloat16"
	}
	if c.Vocab <= *h.EndOfStream {
		h.BeginningOfStream, h.EndOfStream = nil, nil
	}
	return h
}

// hfFile returns the tensors of a model in the order of their names, as transformers writes them.
func hfFile(c Config, x []float32, precision Precision) *safetensors.File {
	w := newWeights[float32](c)
	w.of(x)
	file := &safetensors.File{Metadata: map[string]string{"format": "pt"}}
	for i, p := range w.params {
		part := *w.parts[i]
		if turned(p) {
			outputs, inputs := p.Shape[0], p.Shape[1]
			part = make([]float32, len(part))
			gemm.Transpose(part, outputs, *w.parts[i], inputs, outputs, inputs)
		}
		name := p.Name
		if p.Role != param.Head {
			name = hfPrefix + name
		}
		raw := precision.append(make([]byte, 0, len(part)*precision.bytes()), part)
		file.Tensors = append(file.Tensors, safetensors.Tensor{Name: name, DType: dtypes[precision], Shape: hfShape(p), Data: raw})
	}
	slices.SortFunc(file.Tensors, func(a, b safetensors.Tensor) int { return cmp.Compare(a.Name, b.Name) })
	return file
}

// hfShape returns the shape of a tensor in a file. Files store the weights of blocks as [inputs, outputs].
func hfShape(p param.Param) []uint64 {
	shape := make([]uint64, len(p.Shape))
	for i, n := range p.Shape {
		shape[i] = uint64(n)
	}
	if turned(p) {
		slices.Reverse(shape)
	}
	return shape
}

// turned reports whether a file stores the transpose of a tensor.
func turned(p param.Param) bool { return p.Role == param.Hidden }
