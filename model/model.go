package model

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"steepest/data"
	"steepest/internal/suggest"
	"steepest/nn"
)

// Kind is a kind of model.
type Kind string

// The kinds.
const (
	// Linear has a row of weights for each score.
	Linear Kind = "linear"
	// Network is a network of package nn.
	Network Kind = "network"
	// Factors is a product U·Vᵀ of two matrices, which stands for the scaled matrix of features.
	Factors Kind = "factors"
	// Point is a point that minimizes a function; it predicts nothing.
	Point Kind = "point"
)

// Model is what predicting needs.
type Model struct {
	Kind Kind
	// Loss is the name of the loss that the model was fitted by, which says what its scores mean.
	Loss string
	// Columns is the number of features, and Names are theirs; nil where the data had none.
	Columns int
	Names   []string
	// Label is the name of the column of labels; "" where the data had none.
	Label string
	// Classes are the labels that the model tells apart, in ascending order, and ClassNames their words where labels are words.
	// Both are nil for a model of values.
	Classes    data.Classes
	ClassNames []string
	// Features says how rows are scaled, and whether a 1 follows them.
	Features data.Features
	// Layers is the layout of a network.
	Layers nn.Config
	// Float32 says that the parameters are numbers of float32, in which a network computes.
	Float32 bool
	// Params are the parameters by name, row-major, in the order of the model's own x. Those of a linear model are one matrix with
	// a row for each score, whose last column belongs to the 1 after the features if there is one.
	Params []Param
	// About says where the model comes from: the problem, the method, the program. Predicting does not need it.
	About json.RawMessage
}

// Param is a parameter tensor.
type Param struct {
	Name   string    `json:"name"`
	Shape  []int     `json:"shape"`
	Values []float64 `json:"values"`
}

// X returns all parameters one after the other, as a problem takes them.
func (m *Model) X() []float64 {
	var x []float64
	for _, p := range m.Params {
		x = append(x, p.Values...)
	}
	return x
}

// inputs returns the number of numbers that the model sees of a row.
func (m *Model) inputs() int {
	if m.Features.Intercept {
		return m.Columns + 1
	}
	return m.Columns
}

// outputs returns the number of scores of a row: one for each class where the loss has it so, or for each row of weights.
func (m *Model) outputs() int {
	switch {
	case m.Loss == "softmax" || m.Loss == "one-hot":
		return len(m.Classes)
	case m.Kind == Linear && len(m.Params) == 1 && len(m.Params[0].Shape) == 2:
		return m.Params[0].Shape[0]
	}
	return 1
}

// check returns why the parts of a model do not fit together.
func (m *Model) check() error {
	if len(m.Params) == 0 {
		return errors.New("it has no parameters")
	}
	for _, p := range m.Params {
		if err := p.check(); err != nil {
			return err
		}
	}
	scaling := m.Features.Scaling
	for _, list := range []struct {
		what string
		n    int
	}{{"names of features", len(m.Names)}, {"shifts", len(scaling.Shift)}, {"scales", len(scaling.Scale)}} {
		if list.n != 0 && list.n != m.Columns {
			return fmt.Errorf("it has %d %s for %d features", list.n, list.what, m.Columns)
		}
	}
	for j, v := range scaling.Scale {
		if v == 0 || v-v != 0 {
			return fmt.Errorf("feature %d has the scale %v", j+1, v)
		}
	}
	for j, v := range scaling.Shift {
		if v-v != 0 {
			return fmt.Errorf("feature %d has the shift %v", j+1, v)
		}
	}
	if n := len(m.ClassNames); n != 0 && n != len(m.Classes) {
		return fmt.Errorf("it has %d names for %d classes", n, len(m.Classes))
	}
	if !slices.IsSorted(m.Classes) {
		return errors.New("its classes are not in ascending order")
	}
	return m.checkSize()
}

// check returns why the values do not fill the shape, or are no finite numbers.
func (p Param) check() error {
	size := 1
	for _, n := range p.Shape {
		if n < 0 || n > 0 && size > len(p.Values)/n {
			return fmt.Errorf("the parameter %q of shape %v has %d values", p.Name, p.Shape, len(p.Values))
		}
		size *= n
	}
	if size != len(p.Values) {
		return fmt.Errorf("the parameter %q of shape %v has %d values", p.Name, p.Shape, len(p.Values))
	}
	for i, v := range p.Values {
		if v-v != 0 {
			return fmt.Errorf("the parameter %q has the value %v at place %d", p.Name, v, i)
		}
	}
	return nil
}

// checkSize compares the parameters with what the kind of model asks for.
func (m *Model) checkSize() error {
	have, want := 0, 0
	for _, p := range m.Params {
		have += len(p.Values)
	}
	for _, n := range append([]int{m.Columns, m.outputs()}, m.Layers.Hidden...) {
		if m.Kind != Point && (n < 0 || n > have) { // so that a false size takes no memory
			return fmt.Errorf("it has %d parameters, too few for %d features or outputs", have, n)
		}
	}
	switch m.Kind {
	case Linear:
		want = m.outputs() * m.inputs()
	case Network:
		layers, err := newNetwork[float64](m)
		if err != nil {
			return err
		}
		for _, q := range layers.Params() {
			want += q.Size()
		}
	case Factors:
		if len(m.Params) != 2 || len(m.Params[0].Shape) != 2 || len(m.Params[1].Shape) != 2 ||
			m.Params[0].Shape[1] != m.Params[1].Shape[1] || m.Params[1].Shape[0] != m.inputs() {
			return fmt.Errorf("its parameters are no product of two matrices for %d features", m.Columns)
		}
		return nil
	case Point:
		return nil
	default:
		return suggest.Unknown("kind of model", string(m.Kind), []string{string(Linear), string(Network), string(Factors), string(Point)})
	}
	if have != want {
		return fmt.Errorf("it has %d parameters, and %d are needed for %d features", have, want, m.Columns)
	}
	return nil
}
