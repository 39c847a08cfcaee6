package cli

import (
	"fmt"
	"slices"

	"steepest/data"
	"steepest/model"
	"steepest/nn"
	"steepest/objective"
	"steepest/param"
	"steepest/train"
)

// network is a network on data.
type network struct {
	*nn.MLP[float64]
	config nn.Config
	data   *sample
}

func newNetwork(s *sample) (problem, error) {
	f := &s.flags
	c := nn.Config{Hidden: f.Hidden, LayerNorm: f.LayerNorm, NoBias: f.NoBias, L2: f.l2()}
	if err := c.Activation.UnmarshalText([]byte(f.Activation)); err != nil {
		return nil, usage("", "--activation: %w", err)
	}
	switch {
	case f.L1 != 0:
		return nil, usage("drop --l1, or --hidden for a linear model", "a network takes no --l1")
	case s.target.name == "one-hot":
		return nil, usage("--loss softmax is for networks", "a network takes no --loss one-hot")
	}
	_, in := s.x.Dims()
	unknowns := 0.0
	for _, width := range append(slices.Clone(f.Hidden), s.target.scores()) {
		unknowns += float64(in) * float64(width)
		in = width
	}
	if err := refuseUnknowns("--hidden", unknowns); err != nil {
		return nil, err
	}
	p, err := networkOn[float64](s.x, s.target, s.set, c)
	if err != nil {
		return nil, modelError(err)
	}
	return network{p, c, s}, nil
}

// networkOn returns the network on prepared features and the labels of a set.
func networkOn[T param.Float](x data.Matrix, t target, set *data.Set, c nn.Config) (*nn.MLP[T], error) {
	indices, numbers, err := t.labels(set)
	switch {
	case err != nil:
		return nil, err
	case t.loss == nil:
		return nn.NewClassifier[T](x, indices, len(t.classes), c)
	}
	return nn.NewMLP[T](x, numbers, t.loss, c)
}

func (p network) sum() objective.FiniteSum[float64] { return p.MLP }
func (p network) sample() *sample                   { return p.data }

func (p network) single() (objective.FiniteSum[float32], error) {
	return networkOn[float32](p.data.x, p.data.target, p.data.set, p.config)
}

func (p network) traits() traits {
	return traits{epochs: 20, unsolvable: true, scattered: true}
}

// layers formats the widths of the layers, such as 2 → 64 → 1.
func (p network) layers() string {
	_, in := p.data.x.Dims()
	text := fmt.Sprint(in)
	for _, q := range p.Params() {
		if len(q.Shape) == 2 {
			text += fmt.Sprintf(" → %d", q.Shape[0])
		}
	}
	return text
}

func (p network) title() string {
	f := &p.data.flags
	return fmt.Sprintf("%s: %s, %s %s%s", p.data.set.Name, f.Loss, p.layers(), f.Activation, f.penalties())
}

func (p network) describe() string {
	f := &p.data.flags
	text := fmt.Sprintf("%s, λ₂ = %g, λ₁ = %g, %d unknowns", f.Loss, f.l2(), f.L1, objective.Dim(p.sum()))
	if f.Loss == "huber" {
		text += fmt.Sprintf(", δ = %g", f.Delta)
	}
	text += fmt.Sprintf(", network %s, %s", p.layers(), f.Activation)
	if f.LayerNorm {
		text += ", layer norm"
	}
	if f.NoBias {
		text += ", no biases"
	}
	return text
}

func (p network) start(seed uint64) ([]float64, string) {
	return p.Start(seed), "uniform in ±1/√inputs"
}

func (p network) json() problemJSON {
	f := &p.data.flags
	out := p.data.json(objective.Dim(p.sum()))
	out.Hidden, out.Activation, out.LayerNorm, out.NoBias = f.Hidden, f.Activation, f.LayerNorm, f.NoBias
	return out
}

func (p network) measures(single bool) ([]train.Measure, error) {
	c := p.config
	c.L2 = 0
	return p.data.measures(func(h *heldOut) (train.Measure, error) {
		if single {
			return heldNetwork[float32](h, p.data.target, c)
		}
		return heldNetwork[float64](h, p.data.target, c)
	})
}

func heldNetwork[T param.Float](h *heldOut, t target, c nn.Config) (train.Measure, error) {
	p, err := networkOn[T](h.x, t, h.set, c)
	if err != nil {
		return train.Measure{}, err
	}
	return train.HeldOut(h.name, p), nil
}

func (p network) saved(x []float64) *model.Model {
	m := p.data.model(model.Network)
	m.Layers, m.Params = p.config, cut(x, p.Params())
	return m
}
