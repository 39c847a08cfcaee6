package gpt

import (
	"encoding/binary"
	"fmt"
	"io"
	"strings"

	"steepest/internal/mapped"
	"steepest/param"
)

// The model files of llm.c: a header of 256 int32, then the tensors. Each tensor holds all blocks.
const (
	llmcMagic   = 20240326
	llmcFloat32 = 3 // versions
	llmcBF16    = 5
	llmcHeader  = 256 * 4
	llmcPadding = 128 // the rows of wte are padded to a multiple of it
)

// llmcTensors lists the tensors of a file in order. Names that begin with h. stand for the tensors of all blocks.
var llmcTensors = []string{
	"wte.weight", "wpe.weight", "h.ln_1.weight", "h.ln_1.bias", "h.attn.c_attn.weight", "h.attn.c_attn.bias",
	"h.attn.c_proj.weight", "h.attn.c_proj.bias", "h.ln_2.weight", "h.ln_2.bias", "h.mlp.c_fc.weight", "h.mlp.c_fc.bias",
	"h.mlp.c_proj.weight", "h.mlp.c_proj.bias", "ln_f.weight", "ln_f.bias",
}

// llmcParts returns the parts of x in the order of a file. The first is wte.
func llmcParts[T param.Float](w *weights[T]) (parts [][]T) {
	at := make(map[string]int)
	for i, p := range w.params {
		at[p.Name] = i
	}
	for _, name := range llmcTensors {
		rest, each := strings.CutPrefix(name, "h.")
		if !each {
			parts = append(parts, *w.parts[at[name]])
			continue
		}
		for l := range w.blocks {
			parts = append(parts, *w.parts[at[fmt.Sprintf("h.%d.%s", l, rest)]])
		}
	}
	return parts
}

// ReadLLMC reads a model of llm.c, in float32 (version 3) or bfloat16 (version 5). It drops the rows that pad the table of embeddings.
func ReadLLMC(path string) (c Config, x []float32, err error) {
	err = mapped.Read(path, func(data []byte) error {
		if c, x, err = parseLLMC(data); err != nil {
			return fmt.Errorf("gpt: %s: %w", path, err)
		}
		return nil
	})
	return c, x, err
}

// parseLLMC reads a model from the bytes of a file.
func parseLLMC(data []byte) (c Config, x []float32, err error) {
	if len(data) < llmcHeader {
		return c, nil, fmt.Errorf("a model of llm.c has a header of %d bytes, and the file has %d", llmcHeader, len(data))
	}
	h := func(i int) int { return int(int32(binary.LittleEndian.Uint32(data[4*i:]))) }
	if h(0) != llmcMagic {
		return c, nil, fmt.Errorf("the file begins with %d, and a model of llm.c with %d", h(0), llmcMagic)
	}
	precision := Float32
	switch h(1) {
	case llmcFloat32:
	case llmcBF16:
		precision = BFloat16
	default:
		return c, nil, fmt.Errorf("the version of the file is %d; 3, of float32, and 5, of bfloat16, are known", h(1))
	}
	c = Config{Context: h(2), Vocab: h(3), Layers: h(4), Heads: h(5), Width: h(6)}
	padded := h(7)
	if err := c.Validate(); err != nil {
		return c, nil, fmt.Errorf("its header is damaged: %w", err)
	}
	if padded < c.Vocab {
		return c, nil, fmt.Errorf("its header is damaged: a table of %d rows for %d tokens", padded, c.Vocab)
	}
	padding := (padded - c.Vocab) * c.Width * precision.bytes()
	if want := llmcHeader + c.size()*precision.bytes() + padding; len(data) != want {
		return c, nil, fmt.Errorf("its header says a model of %d bytes, and the file has %d; it is cut or damaged: fetch or write it again", want, len(data))
	}
	w := newWeights[float32](c)
	if x, err = c.room(); err != nil {
		return c, nil, err
	}
	w.of(x)
	data = data[llmcHeader:]
	for i, part := range llmcParts(w) {
		precision.decode(part, data)
		data = data[len(part)*precision.bytes():]
		if i == 0 {
			data = data[padding:]
		}
	}
	return c, x, nil
}

// WriteLLMC writes a model as a file of llm.c: version 3 for Float32, version 5 for BFloat16. It replaces an existing file. The table of
// embeddings is padded with rows of 0 to a multiple of 128, as in llm.c.
func WriteLLMC[T param.Float](path string, c Config, x []T, precision Precision) error {
	if !c.GPT2() {
		return fmt.Errorf("gpt: %s: llm.c's GPT-2 has none of the parts of the speedrun, and this model has", path)
	}
	if c.Untied {
		return fmt.Errorf("gpt: %s: a file of llm.c has no head beside the table of embeddings, and this model has one; write it for Hugging Face", path)
	}
	padded := pieces(c.Vocab, llmcPadding) * llmcPadding
	version := llmcFloat32
	if precision == BFloat16 {
		version = llmcBF16
	}
	w := newWeights[float32](c)
	w.of(param.As[float32](x))
	return writeFile(path, func(out io.Writer) error {
		header := make([]byte, llmcHeader)
		for i, v := range []int{llmcMagic, version, c.Context, c.Vocab, c.Layers, c.Heads, c.Width, padded} {
			binary.LittleEndian.PutUint32(header[4*i:], uint32(v))
		}
		if _, err := out.Write(header); err != nil {
			return err
		}
		for i, part := range llmcParts(w) {
			if err := writeNumbers(out, precision, part); err != nil {
				return err
			}
			if i == 0 {
				if _, err := out.Write(make([]byte, (padded-c.Vocab)*c.Width*precision.bytes())); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

// writeNumbers writes numbers a few at a time.
func writeNumbers(out io.Writer, precision Precision, v []float32) error {
	var raw []byte
	for len(v) > 0 {
		n := min(len(v), 1<<16)
		raw = precision.append(raw[:0], v[:n])
		if _, err := out.Write(raw); err != nil {
			return err
		}
		v = v[n:]
	}
	return nil
}
