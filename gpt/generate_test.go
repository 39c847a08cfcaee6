package gpt

import (
	"math"
	"slices"
	"strings"
	"testing"

	"steepest/internal/simd"
	"steepest/param"
)

// TestGenerate: with stored keys and values, the tokens are those of whole passes, in whatever parts the prompt is given.
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

// TestGenerateBF16: with weights in bfloat16 the scores are those of the rounded parameters, to the bit, whether the tokens come one by one
// or together. Only weights of products and embeddings of tokens are rounded.
func TestGenerateBF16(t *testing.T) {
	for _, c := range []Config{
		{Vocab: 97, Context: 150, Layers: 2, Heads: 2, Width: 16},
		{Vocab: 97, Context: 30, Layers: 1, Heads: 3, Width: 33, Untied: true}, // whose rows end within a vector
		{Vocab: 97, Context: 70, Layers: 2, Heads: 2, Width: 16, RMSNorm: true, QKNorm: true, Rotary: true, SquaredReLU: true, Softcap: 0.3},
	} {
		x := exact[float32](c)
		rounded, at := slices.Clone(x), 0
		for _, p := range c.Params() {
			part := rounded[at:][:p.Size()]
			if at += p.Size(); len(p.Shape) == 2 && p.Name != "wpe.weight" {
				half := make([]simd.BF16, len(part))
				simd.RoundBF16(half, part)
				simd.WidenBF16(part, half)
			}
		}
		if slices.Equal(x, rounded) || IsBF16(rounded) {
			t.Error("nothing is rounded, or everything")
		}
		half, whole := NewGeneratorBF16(c, x), NewGenerator(c, rounded)
		text := lcg(c.Vocab, c.Context)
		clear(x) // is not kept
		for lo, hi := 0, 1; lo < len(text); lo, hi = hi, min(2*hi+1, hi+20, len(text)) {
			got, want := slices.Clone(half.Feed(text[lo:hi]...)), whole.Feed(text[lo:hi]...)
			if !slices.Equal(got, want) {
				t.Fatalf("%+v: after tokens %d to %d the scores are %v, want %v", c, lo, hi, got, want)
			}
			got, want = half.Feed(1), whole.Feed(1)
			if !slices.Equal(got, want) {
				t.Fatalf("%+v: after %d tokens and one more the scores are %v, want %v", c, hi, got, want)
			}
			if got, want := half.Losses(1, 2), whole.Losses(1, 2); !slices.Equal(got, want) {
				t.Fatalf("%+v: after %d tokens and one more the losses are %v, want %v", c, hi, got, want)
			}
		}
	}
}

// TestIsBF16 tries numbers with one bit more than a bfloat16 has, at every place.
func TestIsBF16(t *testing.T) {
	x := []float32{0, 1, -1.5, 0x1p-133, float32(math.Inf(1)), 255}
	if !IsBF16(x) || !IsBF16(nil) {
		t.Error("bfloat16 are not told")
	}
	for i := range x {
		y := slices.Clone(x)
		if y[i] = math.Float32frombits(math.Float32bits(x[i]) | 0x8000); IsBF16(y) {
			t.Errorf("%v counts as bfloat16", y[i])
		}
	}
}

// TestReset: a generator that is reset behaves like a new one.
func TestReset(t *testing.T) {
	c := Config{Vocab: 11, Context: 10, Layers: 1, Heads: 1, Width: 8}
	x, text := exact[float64](c), lcg(11, 8)
	g := NewGenerator(c, x)
	g.Feed(text...)
	g.Reset()
	if got, want := g.Feed(text[:5]...), NewGenerator(c, x).Feed(text[:5]...); !slices.Equal(got, want) {
		t.Errorf("the scores are %v, want %v", got, want)
	}
}

// TestLongText: when the text exceeds the context, the model sees only the last half context.
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

// TestChoose compares the frequencies of tokens with their probabilities.
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
