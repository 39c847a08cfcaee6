package gpt

import (
	"math"
	"slices"
	"strings"
	"testing"

	"steepest/param"
)

// TestGenerate: with keys and values kept, the tokens are those of whole passes, however the prompt is fed.
func TestGenerate(t *testing.T) {
	testGenerate[float32](t)
	testGenerate[float64](t)
}

func testGenerate[T param.Float](t *testing.T) {
	for _, c := range []Config{
		{Vocab: 97, Context: 150, Layers: 2, Heads: 2, Width: 16, Untied: true},
		{Vocab: 3, Context: 12, Layers: 1, Heads: 2, Width: 4}, // whose loops have no whole piece
		{Vocab: 97, Context: 70, Layers: 2, Heads: 2, Width: 16, RMSNorm: true, QKNorm: true, Rotary: true, SquaredReLU: true, Softcap: 0.3},
	} {
		x, first := slices.Clip(exact[T](c)), c.Context/2
		prompt := lcg(c.Vocab, first)
		for _, s := range []Sampling{{}, {Temperature: 1}, {Temperature: 0.3, TopK: 10, Seed: 7}, {Temperature: 2, TopP: 0.8, Seed: 3}, {Temperature: 1, TopK: 20, TopP: 0.5}} {
			text := slices.Clone(prompt)
			for token := range Generate(c, x, prompt, s) {
				scores := Logits(c, x, text)[(len(text)-1)*c.Vocab:]
				if want := Choose(s, scores, uint64(len(text)-first)); token != want {
					t.Fatalf("%+v: token %d is %d, and %d without the cache", s, len(text), token, want)
				}
				if text = append(text, token); len(text) == c.Context {
					break
				}
			}
			if len(text) != c.Context {
				t.Fatalf("%d tokens", len(text))
			}
		}
		whole := NewGenerator(c, x).Feed(prompt...)
		parts := NewGenerator(c, x)
		parts.Feed(prompt[:1]...)
		parts.Feed(prompt[1 : first-2]...)
		if got := parts.Feed(prompt[first-2:]...); norm2(difference(param.As[float64](got), param.As[float64](whole))) > 1e-5 {
			t.Error("the scores depend on how the prompt is fed")
		}
	}
}

// TestLongText: beyond the context, the last half of it alone is seen.
func TestLongText(t *testing.T) {
	c := Config{Vocab: 11, Context: 10, Layers: 1, Heads: 1, Width: 8}
	x, text := exact[float64](c), lcg(11, 40)
	g := NewGenerator(c, x)
	g.Feed(text[:10]...)
	got := g.Feed(text[10])
	if want := Logits(c, x, text[6:11])[4*11:]; norm2(difference(got, want)) > 1e-13 {
		t.Errorf("the scores are %v, want those after the last five tokens, %v", got, want)
	}
	got = NewGenerator(c, x).Feed(text...)
	if want := Logits(c, x, text[35:])[4*11:]; norm2(difference(got, want)) > 1e-13 {
		t.Errorf("the scores are %v, want those after the last five tokens, %v", got, want)
	}
}

// TestChoose holds the frequencies of tokens against their probabilities.
func TestChoose(t *testing.T) {
	scores := []float32{1, 3, float32(math.Inf(-1)), 2, 3, 0}
	for _, c := range []struct {
		s    Sampling
		kept []int // in any order
	}{
		{Sampling{}, []int{1}},
		{Sampling{Temperature: 1}, []int{0, 1, 3, 4, 5}},
		{Sampling{Temperature: 0.5, Seed: 1}, []int{0, 1, 3, 4, 5}},
		{Sampling{Temperature: 1, TopK: 1}, []int{1}},
		{Sampling{Temperature: 1, TopK: 3}, []int{1, 3, 4}},
		{Sampling{Temperature: 1, TopK: 100}, []int{0, 1, 3, 4, 5}},
		{Sampling{Temperature: 1, TopP: 0.38}, []int{1}}, // of probabilities 0.389, 0.389, 0.143, 0.053, 0.019
		{Sampling{Temperature: 1, TopP: 0.4}, []int{1, 4}},
		{Sampling{Temperature: 1, TopP: 0.93}, []int{0, 1, 3, 4}},
		{Sampling{Temperature: 1, TopK: 2, TopP: 0.49}, []int{1}}, // of 0.5 and 0.5
		{Sampling{Temperature: 1, TopP: 1}, []int{0, 1, 3, 4, 5}},
	} {
		if err := c.s.Validate(); err != nil {
			t.Error(err)
		}
		const draws = 20000
		counts, want, sum := make([]float64, len(scores)), make([]float64, len(scores)), 0.0
		for i := range draws {
			counts[Choose(c.s, scores, uint64(i))]++
		}
		for _, token := range c.kept {
			want[token] = math.Exp(float64(scores[token]) / max(c.s.Temperature, 1e-3))
			sum += want[token]
		}
		if c.s.Temperature == 0 {
			want[1], sum = 1, 1
		}
		for token, w := range want {
			p := w / sum
			if math.Abs(counts[token]-draws*p) > 5*math.Sqrt(draws*p*(1-p)) {
				t.Errorf("%+v: token %d comes %v times in %d, want %v", c.s, token, counts[token], draws, draws*p)
			}
		}
	}
}

func TestSamplingErrors(t *testing.T) {
	for want, s := range map[string]Sampling{
		"the temperature is -1": {Temperature: -1}, "the temperature is NaN": {Temperature: math.NaN()},
		"top-k is -2": {TopK: -2}, "top-p is 1.5": {TopP: 1.5}, "top-p is NaN": {TopP: math.NaN()},
	} {
		if err := s.Validate(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
}
