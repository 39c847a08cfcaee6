package gpt

import (
	"context"
	"fmt"
	"math"
	"testing"

	"steepest/methods"
	"steepest/objective"
	"steepest/optim"
	"steepest/optim/rules"
	"steepest/optim/schedule"
	"steepest/param"
	"steepest/train"
)

// recorder keeps the losses of a run.
type recorder struct{ losses []float64 }

func (r *recorder) Record(p train.Point) error {
	r.losses = append(r.losses, p.Loss)
	return nil
}

// adamW is the method of the golden trajectories: matrices decay, and the gradient is clipped.
var adamW = optim.Prepared{
	Rule: rules.AdamW{
		Adam: rules.Adam{
			LR: schedule.Constant(1e-3), Beta1: optim.Set(0.9), Beta2: optim.Set(0.95), Eps: optim.Set(1e-8), EpsPlace: optim.Set(optim.EpsOutside),
		},
		WeightDecay: optim.Set(0.1), Skip: func(p param.Param) bool { return len(p.Shape) < 2 },
	},
	Preparation: optim.Preparation{ClipNorm: optim.Set(1.0)},
}

// TestTrajectory compares ten steps of AdamW with PyTorch's. From our own start they differ by the rounding of its numbers, and by the
// 1e-6 that PyTorch adds to the norm when it clips.
func TestTrajectory(t *testing.T) {
	g := goldenOf(t)
	testTrajectory(t, exact[float64](tiny), g.ExactTrajectory, 1e-12)
	testTrajectory(t, exact[float32](tiny), g.ExactTrajectory, 5e-6)
	testTrajectory(t, Start[float64](tiny, 42), g.Tiny, 1e-7)
	testTrajectory(t, Start[float32](tiny, 42), g.Tiny, 5e-6)
}

func testTrajectory[T param.Float](t *testing.T, x []T, want trajectory, tolerance float64) {
	t.Helper()
	p, record := problem[T](t, tiny, 2, 32), new(recorder)
	r, err := train.New[T](p, x, adamW, train.Settings{Steps: 9, EvaluateEvery: 1, Recorder: record})
	if err != nil {
		t.Fatal(err)
	}
	grad := make([]T, len(x))
	for k := range want.Norms {
		p.Grad(grad, r.X(), nil)
		if got := norm2(grad); !within(got, want.Norms[k], 4*tolerance) {
			t.Errorf("%T, step %d: the norm of the gradient is %.16g, PyTorch has %.16g", *new(T), k, got, want.Norms[k])
		}
		if k < 9 {
			if err := r.Evaluate(); err != nil {
				t.Fatal(err)
			}
			if err := r.Step(); err != nil {
				t.Fatal(err)
			}
		}
	}
	if _, err := r.Finish(context.Background(), nil); err != nil {
		t.Fatal(err)
	}
	for k, loss := range want.Losses {
		if got := record.losses[k]; !within(got, loss, tolerance) {
			t.Errorf("%T, step %d: the loss is %.16g, PyTorch has %.16g", *new(T), k, got, loss)
		}
	}
}

// TestMethods trains a small model on a text in which the next token follows from the last two, by methods of the table.
func TestMethods(t *testing.T) {
	c := Config{Vocab: 12, Context: 16, Layers: 1, Heads: 2, Width: 32}
	text := []uint8{0, 1}
	for len(text) < 801 {
		n := len(text)
		text = append(text, (text[n-1]+3*text[n-2]+1)%12)
	}
	for _, spec := range []string{"adamw:lr=1e-2", "muon:lr=0.05"} {
		m, _, err := methods.Parse(spec)
		if err != nil {
			t.Fatal(err)
		}
		p := must(New[float32](c, Cut(text, 16), 16))
		result, err := train.Minimize(context.Background(), objective.FiniteSum[float32](p), Start[float32](c, 1), m.Rule, train.Settings{Batch: 8, Steps: 60, EvaluateEvery: 60})
		if err != nil {
			t.Fatal(err)
		}
		if first, last := math.Log(12), result.Loss; !(last < 0.7*first) {
			t.Errorf("%s: the loss is %.3f, and %.3f at the start", spec, last, first)
		}
	}
}

// failing is a text whose later windows cannot be read.
type failing struct {
	Windows
	from int
}

func (f failing) At(dst []uint32, i int) error {
	if i >= f.from {
		return fmt.Errorf("window %d: input/output error", i)
	}
	return f.Windows.At(dst, i)
}

// TestUnreadable: if the text cannot be read, or has another vocabulary, no step is made, and Err says why.
func TestUnreadable(t *testing.T) {
	x := exact[float32](tiny)
	for _, c := range []struct {
		windows Windows
		want    string
	}{
		{failing{Cut(lcg(256, 1000), 8), 5}, "window 5: input/output error"},
		{Cut([]uint16{1, 2, 3, 256, 5, 6, 7, 8, 9}, 8), "gpt: token 3 of window 0 is 256, and the vocabulary has 256; the text was made for another one"},
		{Cut([]int{1, 2, 3, 4, -5, 6, 7, 8, 9}, 8), "gpt: the token at place 4 is -5; tokens are numbers from 0 to 2³²−1"},
	} {
		p := must(New[float32](tiny, c.windows, 8))
		r, err := train.New[float32](p, x, adamW, train.Settings{Steps: 3, Evaluate: []train.Measure{train.Whole()}})
		if err != nil {
			t.Fatal(err)
		}
		if err := r.Step(); err == nil || r.K() != 0 {
			t.Errorf("a step was made: %v", err)
		}
		if err := p.Err(); err == nil || err.Error() != c.want {
			t.Errorf("the error is %v, want %s", err, c.want)
		}
	}
}

// TestNew: invalid problems are refused.
func TestNew(t *testing.T) {
	for _, c := range []struct {
		tokens, length int
		want           string
	}{
		{100, 33, "gpt: windows of 33 tokens for a context of 32, want from 1 to 32"},
		{100, 0, "gpt: windows of 0 tokens for a context of 32, want from 1 to 32"},
		{32, 32, "gpt: the text has no window of 32 tokens and the one before them; give more text, or shorter windows"},
		{0, 32, "gpt: the text has no window of 32 tokens and the one before them; give more text, or shorter windows"},
	} {
		if _, err := New[float32](tiny, Cut(lcg(256, c.tokens), max(1, c.length)), c.length); err == nil || err.Error() != c.want {
			t.Errorf("%d tokens, %d: %v, want %s", c.tokens, c.length, err, c.want)
		}
	}
	if _, err := New[float32](tiny, nil, 32); err == nil || err.Error() != "gpt: there are no windows of a text" {
		t.Errorf("nil windows: %v", err)
	}
}
