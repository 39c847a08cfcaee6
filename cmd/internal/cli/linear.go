package cli

import (
	"fmt"

	"steepest/data"
	"steepest/model"
	"steepest/objective"
	"steepest/train"
)

// linear is a linear model on data.
type linear struct {
	*objective.Linear[float64]
	data *sample
}

func newLinear(s *sample) (problem, error) {
	f := &s.flags
	options := append(s.options(), objective.L2(f.l2()), objective.L1(f.L1))
	p, err := linearOn(s.x, s.target, s.set, options...)
	if err != nil {
		return nil, modelError(err)
	}
	return linear{p, s}, nil
}

// options returns the options of a linear model that depend on the data.
func (s *sample) options() (list []objective.Option) {
	if s.flags.Intercept {
		list = append(list, objective.Intercept())
	}
	if s.weights != nil {
		list = append(list, objective.Weights(s.weights))
	}
	return list
}

// linearOn returns the linear model on prepared features and the labels of a set.
func linearOn(x data.Matrix, t target, set *data.Set, options ...objective.Option) (*objective.Linear[float64], error) {
	indices, numbers, err := t.labels(set)
	switch {
	case err != nil:
		return nil, err
	case t.name == "one-hot":
		y := &data.Dense{Rows: len(indices), Cols: len(t.classes), Data: make([]float64, len(indices)*len(t.classes))}
		for i, class := range indices {
			y.Row(i)[class] = 1
		}
		return objective.MultiOutput(x, y, options...)
	case t.loss == nil:
		return objective.Softmax(x, indices, len(t.classes), options...)
	}
	return objective.NewLinear(x, numbers, t.loss, options...)
}

func (p linear) sum() objective.FiniteSum[float64] { return p.Linear }
func (p linear) traits() traits                    { return traits{epochs: 20} }
func (p linear) sample() *sample                   { return p.data }

func (p linear) single() (objective.FiniteSum[float32], error) { return p.data.rounded(p.Linear) }

// rounded returns a linear model on the rows in float32.
func (r *seen) rounded(p *objective.Linear[float64]) (objective.FiniteSum[float32], error) {
	if r.single != nil {
		return objective.SingleOf(p, r.single)
	}
	return objective.Single(p)
}

func (p linear) title() string {
	return fmt.Sprintf("%s: %s%s", p.data.set.Name, p.data.target.name, p.data.flags.penalties())
}

func (p linear) describe() string {
	f := &p.data.flags
	text := fmt.Sprintf("%s, λ₂ = %g, λ₁ = %g, %d unknowns", f.Loss, f.l2(), f.L1, objective.Dim(p.sum()))
	if f.Loss == "huber" {
		text += fmt.Sprintf(", δ = %g", f.Delta)
	}
	return text
}

func (p linear) start(seed uint64) ([]float64, string) {
	return noise(p, objective.Length(p.sum(), make([]float64, objective.Dim(p.sum())), typicalRows(p.sum().Len())), seed)
}

// typicalRows returns 64 runs of 1,024 consecutive rows, spread evenly over n rows: a disk reads runs fast. It returns nil, which stands for
// all rows, if n is not larger.
func typicalRows(n int) (rows []uint32) {
	const runs, length = 64, 1024
	if n <= runs*length {
		return nil
	}
	for run := range runs {
		first := run * (n - length) / (runs - 1)
		for i := range length {
			rows = append(rows, uint32(first+i))
		}
	}
	return rows
}

func (p linear) json() problemJSON { return p.data.json(objective.Dim(p.sum())) }

func (p linear) measures(single bool) ([]train.Measure, error) {
	return p.data.measures(func(h *heldOut) (train.Measure, error) {
		held, err := linearOn(h.x, p.data.target, h.set)
		if err != nil || !single {
			return train.HeldOut(h.name, held), err
		}
		narrow, err := h.rounded(held)
		if err != nil {
			return train.Measure{}, err
		}
		return train.HeldOut(h.name, narrow), nil
	})
}

func (p linear) saved(x []float64) *model.Model {
	m := p.data.model(model.Linear)
	m.Params = cut(x, p.Params())
	return m
}
