package gpt

import (
	"fmt"
	"math"

	"steepest/internal/suggest"
)

// Config is the shape of a model.
type Config struct {
	// Vocab is the number of tokens, V.
	Vocab int
	// Context is the number of positions: the longest window.
	Context int
	// Layers, Heads and Width are L, H and C: the numbers of blocks, of heads in each block, and of elements of the stream between
	// blocks. Heads divides Width.
	Layers, Heads, Width int
	// Untied gives the model its own head, which starts at 0, instead of using the table of embeddings as the head.
	Untied bool

	// The fields below turn GPT-2 into the model of the speedrun (Jordan et al., modded-nanogpt, 2024). Each is independent of the others.
	// Files of Hugging Face and llm.c cannot store them.

	// RMSNorm divides by the root of the mean square, in place of a layer norm with gain and bias. 2⁻²³ is added to the mean, as in
	// PyTorch for float32.
	RMSNorm bool
	// QKNorm divides each query and key of a head by the root of its mean square.
	QKNorm bool
	// Rotary rotates queries and keys by angles that depend on their position (Su et al., RoFormer, 2021), in place of learned positions. At
	// position t, the pair of elements i of both halves of a head is rotated by t·10000^(−2i/d). A head has d elements, an even number.
	Rotary bool
	// SquaredReLU is max(x, 0)² in place of GELU (So et al., Primer, 2021).
	SquaredReLU bool
	// Softcap s, if not 0, limits the scores z: s·tanh(z/s).
	Softcap float64
}

// GPT2 reports whether the model is plain GPT-2, without any part of the speedrun.
func (c Config) GPT2() bool {
	return !c.RMSNorm && !c.QKNorm && !c.Rotary && !c.SquaredReLU && c.Softcap == 0
}

// presets are the published models, by the names that Hugging Face gives them.
var presets = []struct {
	name string
	Config
}{
	{"gpt2", Config{Vocab: 50257, Context: 1024, Layers: 12, Heads: 12, Width: 768}},
	{"gpt2-medium", Config{Vocab: 50257, Context: 1024, Layers: 24, Heads: 16, Width: 1024}},
	{"gpt2-large", Config{Vocab: 50257, Context: 1024, Layers: 36, Heads: 20, Width: 1280}},
	{"gpt2-xl", Config{Vocab: 50257, Context: 1024, Layers: 48, Heads: 25, Width: 1600}},
	{"distilgpt2", Config{Vocab: 50257, Context: 1024, Layers: 6, Heads: 12, Width: 768}},
}

// Preset returns the shape of a published model: gpt2 (124 million parameters), gpt2-medium (355), gpt2-large (774), gpt2-xl
// (1558), distilgpt2 (82).
func Preset(name string) (Config, error) {
	names := make([]string, len(presets))
	for i, p := range presets {
		names[i] = p.name
	}
	i, err := suggest.Index("model", name, names)
	if err != nil {
		return Config{}, fmt.Errorf("gpt: %w", err)
	}
	return presets[i].Config, nil
}

// mostParams bounds the number of parameters of a model, so that no size overflows. It is far more than any machine holds.
const mostParams = 1 << 40

// mostLayers bounds the number of layers, and so the number of names of parameters.
const mostLayers = 1 << 16

// Validate returns an error if the shape is not that of a model.
func (c Config) Validate() error {
	for _, n := range []struct {
		name        string
		value, most int
	}{
		{"vocabulary", c.Vocab, math.MaxInt32}, {"context", c.Context, math.MaxInt32}, {"number of layers", c.Layers, mostLayers},
		{"number of heads", c.Heads, math.MaxInt32}, {"width", c.Width, math.MaxInt32},
	} {
		if n.value < 1 || n.value > n.most {
			return fmt.Errorf("gpt: the %s is %d, want a number from 1 to %d", n.name, n.value, n.most)
		}
	}
	if c.Width%c.Heads != 0 {
		return fmt.Errorf("gpt: %d heads do not divide the width %d; each head takes a part of the same size", c.Heads, c.Width)
	}
	if c.Rotary && c.headWidth()%2 != 0 {
		return fmt.Errorf("gpt: a head has %d elements, and rotary positions turn pairs; take an even number", c.headWidth())
	}
	if !(c.Softcap >= 0) || math.IsInf(c.Softcap, 1) {
		return fmt.Errorf("gpt: the soft cap of scores is %v, want a number ≥ 0", c.Softcap)
	}
	v, t, l, w := float64(c.Vocab), float64(c.Context), float64(c.Layers), float64(c.Width)
	if n := w * (2*v + t + 12*l*w + 13*l); n > mostParams {
		return fmt.Errorf("gpt: a model of %.3g parameters is too large", n)
	}
	return nil
}

// headWidth returns the number of elements of a query, key or value of one head, C/H.
func (c Config) headWidth() int { return c.Width / c.Heads }

// size returns the number of parameters.
func (c Config) size() int {
	n := c.Vocab*c.Width + c.Layers*(12*c.Width+9)*c.Width
	if !c.RMSNorm {
		n += (4*c.Layers + 2) * c.Width
	}
	if !c.Rotary {
		n += c.Context * c.Width
	}
	if c.Untied {
		n += c.Vocab * c.Width
	}
	return n
}
