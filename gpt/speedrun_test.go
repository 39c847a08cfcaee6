package gpt

import (
	"math"
	"path/filepath"
	"strings"
	"testing"

	"steepest/param"
)

// TestSpeedrunParams: there are no positions and no gains and biases of norms. The head begins at 0, so all tokens have the same
// probability.
func TestSpeedrunParams(t *testing.T) {
	size := 0
	for _, p := range speedrun.Params() {
		size += p.Size()
		if p.Role == param.Gain || strings.Contains(p.Name, "ln_") || p.Name == "wpe.weight" {
			t.Errorf("%s is there", p.Name)
		}
	}
	if size != speedrun.size() {
		t.Errorf("the tensors have %d elements, and the model has %d", size, speedrun.size())
	}
	p := problem[float64](t, speedrun, 2, 32)
	if loss := p.Loss(Start[float64](speedrun, 1), nil); !within(loss, math.Log(256), 1e-14) {
		t.Errorf("the loss at the start is %v, want that of equal chances, %v", loss, math.Log(256))
	}
}

// TestSpeedrunFiles: the formats of other programs cannot describe the model, so it is not written.
func TestSpeedrunFiles(t *testing.T) {
	for _, change := range []func(c *Config){
		func(c *Config) { c.RMSNorm = true }, func(c *Config) { c.QKNorm = true }, func(c *Config) { c.Rotary = true },
		func(c *Config) { c.SquaredReLU = true }, func(c *Config) { c.Softcap = 15 },
	} {
		c := Config{Vocab: 5, Context: 3, Layers: 1, Heads: 1, Width: 4}
		change(&c)
		path, x := filepath.Join(t.TempDir(), "model"), exact[float32](c)
		for _, err := range []error{WriteHuggingFace(path, c, x, Float32), WriteLLMC(path, c, x, Float32)} {
			if err == nil || !strings.Contains(err.Error(), "parts of the speedrun, and this model has") {
				t.Errorf("%+v: %v", c, err)
			}
		}
	}
}
