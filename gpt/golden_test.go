package gpt

import (
	"encoding/json"
	"math"
	"os"
	"sync"
	"testing"

	"steepest/param"
)

// first holds PyTorch's results at the start of a model.
type first struct {
	Loss, Norm float64
	Gradients  map[string]struct {
		Norm    float64
		Entries []float64
	}
	LogitsNorm float64
	Stride     int
	Logits     []float64
}

// trajectory is ten steps of AdamW.
type trajectory struct{ Losses, Norms []float64 }

// golden is testdata/golden.json, written by testdata/golden.py.
type golden struct {
	Normal                [][]float32
	Exact, Speedrun       first
	Rounded, Autocast     first
	ExactTrajectory, Tiny trajectory
	Start                 map[string]struct {
		Norm    float64
		Entries []float32
	}
	Small first
}

var readGolden = sync.OnceValues(func() (*golden, error) {
	text, err := os.ReadFile("testdata/golden.json")
	if err != nil {
		return nil, err
	}
	g := new(golden)
	return g, json.Unmarshal(text, g)
})

func goldenOf(t *testing.T) *golden {
	t.Helper()
	g, err := readGolden()
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// tiny is the shape of the golden model, small that of GPT-2.
var tiny, small = Config{Vocab: 256, Context: 32, Layers: 2, Heads: 4, Width: 64}, must(Preset("gpt2"))

// speedrun is tiny with all parts of the speedrun, and a soft cap of the order of its scores.
var speedrun = func() Config {
	c := tiny
	c.Untied, c.RMSNorm, c.QKNorm, c.Rotary, c.SquaredReLU, c.Softcap = true, true, true, true, true, 0.5
	return c
}()

// smallStart returns the start of small for the seed 42.
var smallStart = sync.OnceValue(func() []float32 { return Start[float32](small, 42) })

func must[E any](v E, err error) E {
	if err != nil {
		panic(err)
	}
	return v
}

// exact returns the parameters of testdata/golden.py, to the bit.
func exact[T param.Float](c Config) []T {
	var x []T
	s := uint32(1)
	for _, p := range c.Params() {
		center := 0.0
		if p.Role == param.Gain {
			center = 1
		}
		for range p.Size() {
			s = s*1664525 + 1013904223
			x = append(x, T((float64(s>>8)*0x1p-24-0.5)*0.14+center))
		}
	}
	return x
}

// norm2 is the Euclidean length of v.
func norm2[T param.Float](v []T) float64 {
	sum := 0.0
	for _, e := range v {
		sum += float64(e) * float64(e)
	}
	return math.Sqrt(sum)
}

// within reports whether got is want to a relative tolerance.
func within(got, want, tolerance float64) bool { return math.Abs(got-want) <= tolerance*math.Abs(want) }

// each calls f with every tensor of a model and its part of x.
func each[T param.Float](params []param.Param, x []T, f func(p param.Param, part []T)) {
	for _, p := range params {
		f(p, x[:p.Size()])
		x = x[p.Size():]
	}
}
