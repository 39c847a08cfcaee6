package cli

import (
	"fmt"

	"steepest/data/tokens"
	"steepest/gpt"
	"steepest/internal/simd"
	"steepest/objective"
	"steepest/train"
)

// shapeFlags are the flags for the shape of the model.
type shapeFlags struct {
	Preset  string `group:"problem" placeholder:"NAME" set:"choices=gpt2, gpt2-medium, gpt2-large, gpt2-xl or distilgpt2" help:"A published shape: ${choices}."`
	Layers  int    `group:"problem" default:"4" placeholder:"N" help:"Blocks of the network (${default})."`
	Heads   int    `group:"problem" default:"4" placeholder:"N" help:"Attention heads in each block (${default})."`
	Width   int    `group:"problem" default:"128" placeholder:"N" help:"Elements of the vectors that run through the blocks, which the heads share (${default})."`
	Context int    `group:"problem" placeholder:"TOKENS" help:"Tokens of a window, and positions of a new model. Default: those of the model, or 128."`
}

// shape returns the shape of a new model and the encoding of its tokens. If the text decides them, the vocabulary is 0 and the encoding nil.
func (f *shapeFlags) shape() (shape gpt.Config, encoding *tokens.Encoding, err error) {
	if f.Preset == "" {
		shape = gpt.Config{Layers: f.Layers, Heads: f.Heads, Width: f.Width, Context: f.Context}
		if f.Context == 0 {
			shape.Context = 128
		}
		return shape, nil, nil
	}
	if shape, err = gpt.Preset(f.Preset); err != nil {
		return shape, nil, usage("", "--preset: %s", inFlags(err.Error()))
	}
	if f.Context > 0 {
		shape.Context = f.Context
	}
	encoding, err = tokens.EncodingOf(shape.Vocab)
	return shape, encoding, err
}

// productsFlags say how products of matrices are computed.
type productsFlags struct {
	Products string `group:"run" default:"float32" enum:"float32,bf16" placeholder:"TYPE" help:"Operands of the products of matrices: float32, or bf16, to which they, the scores and most activations are rounded, while parameters and sums stay in float32. It pays off with AMX; AVX512-BF16 without AMX was slower than float32 where it was measured (${default})."`
}

// language is a language model and the text that it learns from.
type language struct {
	shape   gpt.Config
	corpus  *corpus
	problem *gpt.NextToken[float32]
	held    *gpt.NextToken[float32] // nil if nothing is held out
	asked   *questions              // nil for none
}

// readLanguage reads a text as windows of length tokens; 0 stands for the context of the model. encoding is the encoding of the model, or nil.
func (f *corpusFlags) readLanguage(w *world, text, validation string, shape gpt.Config, encoding *tokens.Encoding, length int) (m language, err error) {
	if length == 0 {
		length = shape.Context
	}
	if m.corpus, err = f.readCorpus(w, text, validation, encoding, length); err != nil {
		return m, err
	}
	if m.shape = shape; shape.Vocab == 0 {
		m.shape.Vocab = m.corpus.encoding.Len()
	}
	m.problem, err = gpt.New[float32](m.shape, m.corpus.train, length)
	if err == nil && m.corpus.held != nil {
		m.held, err = gpt.New[float32](m.shape, m.corpus.held, length)
	}
	if err != nil {
		m.corpus.close()
		return m, usage("", "%s", inFlags(err.Error()))
	}
	if m.asked, err = f.questions(w, m.corpus.encoding); err != nil {
		m.corpus.close()
		return m, err
	}
	if m.held != nil {
		m.held.Recompute = true // only for its estimate of memory: it never computes gradients
	}
	return m, nil
}

// multiply sets how products of matrices are computed, also those of measurements.
func (m *language) multiply(f productsFlags) {
	m.problem.BF16 = f.Products == "bf16"
	if m.held != nil {
		m.held.BF16 = m.problem.BF16
	}
}

// products returns bf16 if the operands of products are rounded, otherwise "".
func (m *language) products() string {
	if m.problem.BF16 {
		return "bf16"
	}
	return ""
}

// instructions is the function instructions, but tells processors with AVX-512 that do not multiply bfloat16 from those that do, whose products of
// bfloat16 have other bits.
func (m *language) instructions() string {
	if m.problem.BF16 && simd.Newest() == "avx512" && !simd.HasBF16Products() {
		return instructions() + " without bf16"
	}
	return instructions()
}

// precision names the number formats of a run.
func (m *language) precision() string {
	if m.products() != "" {
		return "float32, products of bf16"
	}
	return "float32"
}

// measures returns the measurements: the loss on the held-out tokens, and the share of questions with a right answer.
func (m *language) measures() []train.Measure {
	list := []train.Measure{} // not nil, which would stand for the objective
	if m.held != nil {
		list = append(list, train.HeldOut("validation", objective.FiniteSum[float32](m.held)))
	}
	if m.asked != nil {
		list = append(list, m.asked.measure(m.shape))
	}
	return list
}

// heldHashes returns hashes of the data behind the measurements.
func (m *language) heldHashes() (map[string]string, error) {
	validation, err := m.corpus.hash(m.corpus.held)
	hashes := map[string]string{"validation": validation}
	if m.asked != nil {
		hashes["choices"] = m.asked.hash()
	}
	return hashes, err
}

// unreadable returns the error of a text that failed to be read.
func (m *language) unreadable() error {
	if m.held != nil && m.held.Err() != nil {
		return m.held.Err()
	}
	return m.problem.Err()
}

// model describes the shape.
func (m *language) model() string {
	c := m.shape
	return fmt.Sprintf("GPT-2, layers %d, heads %d, width %d, context %d, vocabulary %d (%s): %d parameters", c.Layers, c.Heads, c.Width, c.Context, c.Vocab, m.corpus.encoding.Name, objective.Dim(m.problem))
}

// text describes the corpus.
func (m *language) text() string {
	c := m.corpus
	text := fmt.Sprintf("%s: %d tokens in %d windows of %d", c.name, c.train.Len()*c.length, c.train.Len(), c.length)
	if c.held != nil {
		text += fmt.Sprintf(", and %d held out for validation", c.held.Len()*c.length)
	}
	return text
}
