package gpt

import (
	"fmt"
	"iter"
	"math"
	"math/rand/v2"
	"slices"

	"gonum.org/v1/gonum/floats"

	"steepest/internal/subnormal"
	"steepest/param"
)

// Generator is a model that continues a text. It keeps the keys and values of the tokens that it has seen, so that a new token costs a
// pass of that token alone.
type Generator[T param.Float] struct {
	w    *workspace[T]
	text []uint32 // the tokens whose keys and values are kept
}

// NewGenerator returns a generator that has seen no token. The parameters x must not change while it is in use.
func NewGenerator[T param.Float](c Config, x []T) *Generator[T] {
	g := newGenerator[T](c)
	g.w.weights.of(x)
	return g
}

// NewGeneratorBF16 returns a generator that has seen no token, with the weights of products and the embeddings of tokens rounded to
// bfloat16. The time of a token is the time to read these bytes, which are half as many. Everything else is in float32, so the scores are
// those of NewGenerator for the rounded parameters, to the bit. It does not keep x.
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

// Reset makes the generator forget all tokens.
func (g *Generator[T]) Reset() { g.text = nil }

// Feed appends at least one token to the text, all below V, and returns the scores of the next token. The slice is valid until the next
// call. When the text becomes longer than the context, the model sees only the last half context of it.
func (g *Generator[T]) Feed(tokens ...uint32) []T {
	w := g.w
	if len(tokens) == 0 {
		panic("gpt: no tokens; a text begins with the end-of-text token")
	}
	for _, token := range tokens {
		if int(token) >= w.Vocab {
			panic(fmt.Sprintf("gpt: token %d, want less than %d", token, w.Vocab))
		}
	}
	defer subnormal.Flush().Restore()
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
		softcap(w.scores.values[:w.Vocab], T(w.Softcap))
	}
	return w.scores.values[:w.Vocab]
}

// Losses returns −ln p of each of the tokens as a continuation of the text. It does not append them. There is at least one token, all are
// below V, and the text has at least one token. Text and tokens together are at most one token longer than the context.
func (g *Generator[T]) Losses(tokens ...uint32) []float64 {
	w, n := g.w, len(g.text)
	if n == 0 || len(tokens) == 0 || n+len(tokens) > w.Context+1 {
		panic(fmt.Sprintf("gpt: losses of %d tokens behind %d, for a context of %d", len(tokens), n, w.Context))
	}
	defer subnormal.Flush().Restore()
	w.past = n - 1 // the last token of the text predicts the first of the others
	w.reserve(1, len(tokens), false)
	copy(w.inputs, g.text[n-1:])
	copy(w.inputs[1:], tokens)
	copy(w.targets, tokens)
	w.forward()
	losses := make([]float64, len(tokens))
	w.judged(losses)
	return losses
}

// Answer returns which of several endings of a context the model prefers: bySum has the least sum of losses over its tokens, and byMean the
// least mean. These are the accuracy and the normalized accuracy of llm.c's HellaSwag. The first of equal endings wins. Neither the context
// nor an ending is empty. If both together are longer than the model's context, the context loses its beginning. The text of the
// generator is afterwards the context of the last ending.
func (g *Generator[T]) Answer(context []uint32, endings [][]uint32) (bySum, byMean int) {
	leastSum, leastMean := math.Inf(1), math.Inf(1)
	for i, ending := range endings {
		room := max(1, g.w.Context+1-len(ending))
		ending = ending[:min(len(ending), g.w.Context)]
		seen := context[max(0, len(context)-room):]
		if !slices.Equal(g.text, seen) {
			g.Reset()
			g.Feed(seen...)
		}
		sum := floats.SumCompensated(g.Losses(ending...))
		if sum < leastSum {
			bySum, leastSum = i, sum
		}
		if mean := sum / float64(len(ending)); mean < leastMean {
			byMean, leastMean = i, mean
		}
	}
	return bySum, byMean
}

// Sampling says how a token is chosen from the scores. The zero value takes the likeliest token.
type Sampling struct {
	// Temperature divides the scores: below 1 it favors likely tokens; 0 takes the likeliest one, and the first if there are several.
	Temperature float64
	// TopK restricts the choice to the K likeliest tokens; 0 means no limit.
	TopK int
	// TopP restricts it further to the smallest set of likeliest tokens whose probabilities add up to P (Holtzman et al., The Curious
	// Case of Neural Text Degeneration, 2020); 0 means no limit.
	TopP float64
	// Seed and the number of the token determine the random choice.
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

// Generate returns the endless sequence of tokens that follow a prompt. The first has the number 0.
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

// Choose returns token number i of a text, given its scores.
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
	return kept[0] // the sum was rounded up
}

// likeliest returns the likeliest tokens in descending order, ties in order of the tokens, until enough returns true. It uses a heap, so
// that taking a few of many needs no sorting.
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
