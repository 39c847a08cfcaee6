package gpt

import (
	"encoding/json"
	"math"
	"os"
	"testing"
)

// TestAnswers compares the losses of endings and the chosen endings with transformers.
func TestAnswers(t *testing.T) {
	text, err := os.ReadFile("testdata/choices.json")
	if err != nil {
		t.Fatal(err)
	}
	var questions []struct {
		Context       []uint32
		Endings       [][]uint32
		Losses        [][]float64
		BySum, ByMean int
	}
	if err := json.Unmarshal(text, &questions); err != nil {
		t.Fatal(err)
	}
	if len(questions) != 40 {
		t.Fatalf("%d questions", len(questions))
	}
	c, x, err := ReadHuggingFace("testdata/hf/tied")
	if err != nil {
		t.Fatal(err)
	}
	differ := false
	g := NewGenerator(c, x)
	for i, q := range questions {
		bySum, byMean := g.Answer(q.Context, q.Endings)
		if bySum != q.BySum || byMean != q.ByMean {
			t.Errorf("question %d: endings %d and %d, and %d and %d by transformers", i, bySum, byMean, q.BySum, q.ByMean)
		}
		differ = differ || bySum != byMean
		for k, ending := range q.Endings {
			for j, loss := range g.Losses(ending...) {
				if math.Abs(loss-q.Losses[k][j]) > 1e-5 {
					t.Errorf("question %d: token %d of ending %d has the loss %v, and %v by transformers", i, j, k, loss, q.Losses[k][j])
				}
			}
		}
	}
	if !differ {
		t.Error("no question tells the sum from the mean")
	}
}

// TestLongAnswers: a context that is too long loses its beginning.
func TestLongAnswers(t *testing.T) {
	c := Config{Vocab: 11, Context: 7, Layers: 1, Heads: 2, Width: 8}
	x := exact[float64](c)
	context := lcg(c.Vocab, 30)
	for n := 1; n <= 9; n++ {
		ending := lcg(c.Vocab, n)
		g := NewGenerator(c, x)
		g.Answer(context, [][]uint32{ending})
		got := g.Losses(ending[:min(n, 7)]...)
		whole := append(append([]uint32{}, context...), ending[:min(n, 7)]...)
		whole = whole[len(whole)-8:]
		scores := Logits(c, x, whole[:7])
		for j, loss := range got {
			row := scores[(7-len(got)+j)*c.Vocab:][:c.Vocab]
			var sum float64
			for _, z := range row {
				sum += math.Exp(float64(z))
			}
			if want := math.Log(sum) - row[whole[8-len(got)+j]]; math.Abs(loss-want) > 1e-12 {
				t.Errorf("an ending of %d tokens: token %d has the loss %v, and %v in a whole pass", n, j, loss, want)
			}
		}
	}
}
