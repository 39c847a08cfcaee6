package gpt

import (
	"fmt"
	"iter"
	"math"
	"math/rand/v2"
	"slices"

	"steepest/param"
)

// Generator is a model in the course of a text. It keeps the keys and values of the tokens that it has seen, so that one more costs a
// pass of one.
type Generator[T param.Float] struct {
	w    *workspace[T]
	text []uint32 // whose keys and values are there
}

// NewGenerator returns a generator that has seen no token. The parameters x must not change while it is in use.
func NewGenerator[T param.Float](c Config, x []T) *Generator[T] {
	g := newGenerator[T](c)
	g.w.weights.of(x)
	return g
}

// NewGeneratorBF16 returns a generator that has seen no token, and has the weights of products and the embeddings of tokens rounded to
// bfloat16: half the bytes, which a token waits for. All else is in float32, so that the scores are those of NewGenerator for the rounded
// parameters, to the bit. It keeps nothing of x.
func NewGeneratorBF16(c Config, x []float32) *Generator[float32] {
	g := newGenerator[float32](c)
	g.w.weights.ofBF16(x)
	return g
}

func newGenerator[T param.Float](c Config) *Generator[T] {
	g := &Generator[T]{w: newWorkspace[T](c)}
	for range c.Layers {
		g.w.caches = append(g.w.caches, keysValues[T]{make([]T, c.Context*c.Width), make([]T, c.Context*c.Width)})
	}
	return g
}

// Reset makes the generator one that has seen no token.
func (g *Generator[T]) Reset() { g.text = nil }

// Feed appends tokens to the text, at least one, all below V, and returns the scores of the one that comes next, which the next call
// changes. Where the text becomes longer than the context, the last half of the context alone is seen.
func (g *Generator[T]) Feed(tokens ...uint32) []T {
	w := g.w
	if len(tokens) == 0 {
		panic("gpt: no token to begin with; a text begins with that of the end of one")
	}
	for _, token := range tokens {
		if int(token) >= w.Vocab {
			panic(fmt.Sprintf("gpt: token %d, want less than %d", token, w.Vocab))
		}
	}
	w.past = len(g.text)
	g.text = append(g.text, tokens...)
	if len(g.text) > w.Context {
		g.text = slices.Clone(g.text[len(g.text)-max(1, w.Context/2):])
		w.past = 0
	}
	tokens = g.text[w.past:]
	w.reserve(1, len(tokens), false)
	copy(w.inputs, tokens)
	w.forward()
	w.score(len(tokens)-1, len(tokens))
	if w.Softcap != 0 {
		softcap(w.scores[:w.Vocab], T(w.Softcap))
	}
	return w.scores[:w.Vocab]
}

// Sampling says how a token is chosen by the scores. The zero value takes the likeliest.
type Sampling struct {
	// Temperature divides the scores: below 1 it favors likely tokens; 0 takes the likeliest, of equals the first.
	Temperature float64
	// TopK leaves the choice among the K likeliest tokens; 0 is no limit.
	TopK int
	// TopP leaves it then among the fewest whose probabilities reach P together (Holtzman et al., The Curious Case of Neural Text
	// Degeneration, 2020); 0 is no limit.
	TopP float64
	// Seed decides, with the number of the token, which it is.
	Seed uint64
}

// Validate returns an error where a setting is out of its range.
func (s Sampling) Validate() error {
	switch {
	case !(s.Temperature >= 0) || math.IsInf(s.Temperature, 1):
		return fmt.Errorf("gpt: the temperature is %v, want a number ≥ 0", s.Temperature)
	case s.TopK < 0:
		return fmt.Errorf("gpt: top-k is %d, want a number ≥ 0", s.TopK)
	case !(s.TopP >= 0 && s.TopP <= 1):
		return fmt.Errorf("gpt: top-p is %v, want a number from 0 to 1", s.TopP)
	}
	return nil
}

// Generate returns the tokens that follow a prompt, without an end. The first has the number 0.
func Generate[T param.Float](c Config, x []T, prompt []uint32, s Sampling) iter.Seq[uint32] {
	return func(yield func(uint32) bool) {
		g := NewGenerator(c, x)
		next := prompt
		for i := uint64(0); ; i++ {
			token := Choose(s, g.Feed(next...), i)
			if !yield(token) {
				return
			}
			next = []uint32{token}
		}
	}
}

// Choose returns the token with number i of a text, by its scores.
func Choose[T param.Float](s Sampling, scores []T, i uint64) uint32 {
	best, kept := 0, make([]uint32, len(scores))
	for token, z := range scores {
		kept[token] = uint32(token)
		if z > scores[best] {
			best = token
		}
	}
	if s.Temperature == 0 {
		return uint32(best)
	}
	if s.TopK > 0 {
		n := 0
		kept = likeliest(scores, kept, func(uint32) bool { n++; return n == s.TopK })
	}
	weights, total := make([]float64, len(scores)), 0.0
	for _, token := range kept {
		weights[token] = math.Exp((float64(scores[token]) - float64(scores[best])) / s.Temperature)
		total += weights[token]
	}
	if s.TopP > 0 && s.TopP < 1 {
		most := s.TopP * total
		total = 0
		kept = likeliest(scores, kept, func(token uint32) bool { total += weights[token]; return total >= most })
	}
	u := rand.New(rand.NewPCG(s.Seed, i)).Float64() * total
	for _, token := range kept {
		if u -= weights[token]; u < 0 {
			return token
		}
	}
	return kept[0] // where the sum was rounded up
}

// likeliest returns the likeliest of some tokens, the first of equals before the others, until there are enough. It makes a heap of them,
// so that few of many take no sorting.
func likeliest[T param.Float](scores []T, heap []uint32, enough func(token uint32) bool) (kept []uint32) {
	before := func(a, b uint32) bool { return scores[a] > scores[b] || scores[a] == scores[b] && a < b }
	sink := func(at int) {
		for child := 2*at + 1; child < len(heap); child = 2*at + 1 {
			if child+1 < len(heap) && before(heap[child+1], heap[child]) {
				child++
			}
			if !before(heap[child], heap[at]) {
				return
			}
			heap[at], heap[child] = heap[child], heap[at]
			at = child
		}
	}
	for at := len(heap)/2 - 1; at >= 0; at-- {
		sink(at)
	}
	for len(heap) > 0 {
		kept = append(kept, heap[0])
		if enough(heap[0]) {
			break
		}
		last := len(heap) - 1
		heap[0], heap = heap[last], heap[:last]
		sink(0)
	}
	return kept
}
