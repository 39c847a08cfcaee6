package lab

import (
	"context"
	"fmt"
	"math"
	"net/url"

	"steepest/optim/matfun"
)

// The number of singular values that the page follows, and the smallest one on a logarithmic scale.
const (
	singularPoints = 800
	smallest       = 1e-4
)

// singular is the effect of an iteration on singular values.
type singular struct {
	Presets []string `json:"presets"`
	// Table holds the coefficients a, b, c of aσ + bσ³ + cσ⁵ for each step.
	Table matfun.Table `json:"table"`
	// Sigma holds the singular values at the start, at most 1, and After[k] those after k steps.
	Sigma []float64   `json:"sigma"`
	After [][]float64 `json:"after"`
}

// singular answers with a preset of the iterations for polar factors. The iterations act on each singular value separately.
func (p *playground) singular(_ context.Context, q url.Values) (any, error) {
	var preset matfun.Preset
	if err := preset.UnmarshalText([]byte(shortened(q.Get("preset")))); err != nil {
		return nil, err
	}
	it := preset.Iteration()
	if it == nil {
		return nil, fmt.Errorf("%v is no iteration", preset)
	}
	var out singular
	for _, name := range preset.Names() {
		if _ = preset.UnmarshalText([]byte(name)); preset.Iteration() != nil {
			out.Presets = append(out.Presets, name)
		}
	}
	for i := range singularPoints {
		t := float64(i) / (singularPoints - 1)
		if q.Get("scale") == "log" {
			t = math.Pow(smallest, 1-t)
		}
		out.Sigma = append(out.Sigma, t)
	}
	steps := it.Steps
	if steps == 0 {
		steps = len(it.Table)
	}
	for k := range steps + 1 {
		after := make([]float64, len(out.Sigma))
		for i, s := range out.Sigma {
			after[i] = it.Table.At(s, k)
		}
		out.After = append(out.After, after)
		if k < steps {
			out.Table = append(out.Table, it.Table.Step(k))
		}
	}
	return out, nil
}
