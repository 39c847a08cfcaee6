package model

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math"
	"reflect"
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
	// Factors is a product U·Vᵀ of two matrices that approximates the scaled matrix of features.
	Factors Kind = "factors"
	// Point is a minimizer of a function. It cannot predict.
	Point Kind = "point"
)

// Model holds everything that predictions need.
type Model struct {
	Kind Kind
	// Loss is the name of the loss with which the model was fitted. It says what the scores mean.
	Loss string
	// Columns is the number of features. Names are their names; nil if the data had none.
	Columns int
	Names   []string
	// Source describes the columns of the CSV file from which the features were made, with the categories of columns of words; nil for
	// other data.
	Source *data.Columns
	// Hashing says how names became columns if the model was fitted to the text of Vowpal Wabbit; nil for other data.
	Hashing *data.VWOptions
	// ZeroBased says that the model was fitted to a LIBSVM file whose features are counted from 0.
	ZeroBased bool
	// Classes are the labels of the classes, in ascending order, and ClassNames their words if labels are words. Both are nil for a
	// model of values.
	Classes    data.Classes
	ClassNames []string
	// Features says how rows are scaled, and whether a 1 follows them.
	Features data.Features
	// Layers is the layout of a network.
	Layers nn.Config
	// Float32 says that the parameters are float32 numbers. A network then computes in float32.
	Float32 bool
	// Params are the parameters by name, row-major, in the order of x. A linear model has one matrix with a row for each score. If a
	// 1 follows the features, the last column belongs to it.
	Params []Param
	// StandardErrors are those of the parameters of a linear model, in the order of X; nil if none were computed.
	StandardErrors []float64
	// About describes the origin of the model: the problem, the method, the program. Predictions do not need it.
	About json.RawMessage
}

// Param is a parameter tensor.
type Param struct {
	Name   string    `json:"name"`
	Shape  []int     `json:"shape"`
	Values []float64 `json:"values"`
}

// X returns all parameters in one vector, as for a problem.
func (m *Model) X() []float64 {
	var x []float64
	for _, p := range m.Params {
		x = append(x, p.Values...)
	}
	return x
}

// inputs returns the number of inputs for a row.
func (m *Model) inputs() int {
	if m.Features.Intercept {
		return m.seen() + 1
	}
	return m.seen()
}

// seen returns the number of features that the model sees.
func (m *Model) seen() int {
	if m.Features.Kept != nil {
		return len(m.Features.Kept)
	}
	return m.Columns
}

// WithFeaturesOf returns the model with weights for the features of another model with the same number of columns. Models of sparse data
// have weights only for the features that occur; features that are new to this model get weights of 0. Other models are returned as they
// are.
func (m *Model) WithFeaturesOf(o *Model) *Model {
	if m.Kind != Linear && m.Kind != Network || m.Features.Intercept != o.Features.Intercept || slices.Equal(m.Features.Kept, o.Features.Kept) {
		return m
	}
	at := func(m *Model, k int) int {
		if m.Features.Kept != nil {
			return int(m.Features.Kept[k])
		}
		return k
	}
	old := make(map[int]int, m.seen())
	for k := range m.seen() {
		old[at(m, k)] = k
	}
	first := m.Params[0]
	n, width := m.inputs(), o.inputs()
	wide := Param{Name: first.Name, Shape: slices.Clone(first.Shape), Values: make([]float64, len(first.Values)/n*width)}
	wide.Shape[len(wide.Shape)-1] = width
	for row := range len(first.Values) / n {
		from, to := first.Values[row*n:(row+1)*n], wide.Values[row*width:(row+1)*width]
		for k := range o.seen() {
			if was, known := old[at(o, k)]; known {
				to[k] = from[was]
			}
		}
		if m.Features.Intercept {
			to[width-1] = from[n-1]
		}
	}
	out := *m
	out.Features, out.Columns, out.Params, out.StandardErrors = o.Features, o.Columns, append([]Param{wide}, m.Params[1:]...), nil
	return &out
}

// outputs returns the number of scores of a row: one for each class, or one for each row of weights, depending on the loss.
func (m *Model) outputs() int {
	switch {
	case m.Loss == "softmax" || m.Loss == "one-hot" || m.Rest():
		return len(m.Classes)
	case m.Kind == Linear && len(m.Classes) == 0 && len(m.Params) == 1 && len(m.Params[0].Shape) == 2:
		return m.Params[0].Shape[0]
	}
	return 1
}

// Rest reports whether each class has a score that separates it from the rest, with a loss of margins (one-vs-rest).
func (m *Model) Rest() bool {
	return len(m.Classes) > 2 && losses[m.Loss] == margins
}

// check returns an error if the parts of a model do not fit together.
func (m *Model) check() error {
	if len(m.Params) == 0 {
		return errors.New("it has no parameters")
	}
	for _, p := range m.Params {
		if err := p.check(m.Float32); err != nil {
			return err
		}
	}
	switch m.Kind {
	case Linear, Network:
		return cmp.Or(m.checkColumns(), m.checkFeatures(), m.checkClasses(), m.checkSize(), m.checkErrors())
	case Factors:
		return cmp.Or(m.checkColumns(), m.checkFeatures(), m.checkSize())
	case Point:
		return nil
	}
	return suggest.Unknown("kind of model", string(m.Kind), []string{string(Linear), string(Network), string(Factors), string(Point)})
}

// checkColumns returns an error if the names of the features, or the description of their origin, do not fit their number.
func (m *Model) checkColumns() error {
	if m.Columns < 1 {
		return fmt.Errorf("it has %d features", m.Columns)
	}
	if n := len(m.Names); n != 0 && n != m.Columns {
		return fmt.Errorf("it has %d names for %d features", n, m.Columns)
	}
	if s := m.Source; s != nil {
		if err := s.Check(); err != nil {
			return err
		}
		if names := s.Names(); s.Width() != m.Columns || !slices.Equal(names, m.Names) {
			return fmt.Errorf("its %d features are not those of the columns that it names", m.Columns)
		}
	}
	if h := m.Hashing; h != nil {
		if resolved, err := h.Resolved(); err != nil || !reflect.DeepEqual(*h, resolved) || m.Columns != 1<<h.Bits {
			return fmt.Errorf("its names cannot be hashed to %d columns with %d bits", m.Columns, h.Bits)
		}
	}
	return nil
}

// checkFeatures returns an error if the features that the model sees, or their scaling, do not fit the columns.
func (m *Model) checkFeatures() error {
	f := m.Features
	for k, j := range f.Kept {
		if int(j) >= m.Columns || k > 0 && j <= f.Kept[k-1] {
			return errors.New("the features that it sees are not in ascending order")
		}
	}
	var shifts, scales, means int
	switch f.Scale {
	case "", data.UnitRows:
	case data.Largest:
		scales = m.seen()
	case data.Standard:
		shifts, scales = m.seen(), m.seen()
	default:
		return suggest.Unknown("scale", string(f.Scale), []string{string(data.Largest), string(data.Standard), string(data.UnitRows)})
	}
	if f.Means != nil {
		means = m.seen()
	}
	for _, list := range []struct {
		what   string
		values []float64
		want   int
	}{{"shifts", f.Scaling.Shift, shifts}, {"scales", f.Scaling.Scale, scales}, {"means", f.Means, means}} {
		if len(list.values) != list.want {
			return fmt.Errorf("it has %d %s for %d features of the scale %q", len(list.values), list.what, m.seen(), f.Scale)
		}
		for j, v := range list.values {
			if v-v != 0 || list.what == "scales" && v == 0 {
				return fmt.Errorf("%v is among its %s, at place %d", v, list.what, j+1)
			}
		}
	}
	return nil
}

// The targets of losses.
const (
	values  = iota
	margins // of two classes, or of each class and the rest
	classes // with a score for each
)

// losses maps the names of losses to their targets.
var losses = map[string]int{
	"least-squares": values, "huber": values, "logistic": margins, "hinge": margins, "squared-hinge": margins, "softmax": classes, "one-hot": classes,
}

// checkClasses returns an error if the classes do not fit the loss.
func (m *Model) checkClasses() error {
	want, known := losses[m.Loss]
	switch n := len(m.Classes); {
	case !known:
		return suggest.Unknown("loss", m.Loss, slices.Sorted(maps.Keys(losses)))
	case want == values && n != 0, want == margins && (n < 2 || n > 2 && m.Kind != Linear), want == classes && n < 1:
		return fmt.Errorf("it has %d classes for the loss %s", n, m.Loss)
	case m.ClassNames != nil && len(m.ClassNames) != n:
		return fmt.Errorf("it has %d names for %d classes", len(m.ClassNames), n)
	}
	for i, c := range m.Classes {
		if c-c != 0 || i > 0 && c <= m.Classes[i-1] {
			return errors.New("its classes are not in ascending order")
		}
	}
	return nil
}

// check returns an error if the values do not fill the shape or are not finite.
func (p Param) check(single bool) error {
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
		if v-v != 0 || single && float64(float32(v)) != v {
			return fmt.Errorf("the parameter %q has the value %v at place %d", p.Name, v, i)
		}
	}
	return nil
}

// checkSize checks that the parameters fit the kind of model.
func (m *Model) checkSize() error {
	have := 0
	for _, p := range m.Params {
		have += len(p.Values)
	}
	for _, n := range append([]int{m.inputs(), m.outputs()}, m.Layers.Hidden...) {
		if n < 1 || n > have { // a false size must not allocate memory
			return fmt.Errorf("it has %d parameters, too few for %d features or outputs", have, n)
		}
	}
	switch m.Kind {
	case Linear:
		flat, rows := []int{m.inputs()}, []int{m.outputs(), m.inputs()}
		if shape := m.Params[0].Shape; len(m.Params) != 1 || !slices.Equal(shape, rows) && !(m.outputs() == 1 && slices.Equal(shape, flat)) {
			return fmt.Errorf("its weights have the shape %v, and %v is needed", shape, rows)
		}
		return nil
	case Network:
		return m.checkLayers()
	}
	u, v := m.Params[0].Shape, m.Params[len(m.Params)-1].Shape
	if len(m.Params) != 2 || len(u) != 2 || len(v) != 2 || u[1] != v[1] || v[0] != m.inputs() {
		return fmt.Errorf("its parameters are no product of two matrices for %d features", m.Columns)
	}
	return nil
}

// checkErrors checks that there is a standard error for each weight.
func (m *Model) checkErrors() error {
	if m.StandardErrors == nil {
		return nil
	}
	if n := len(m.X()); m.Kind != Linear || len(m.StandardErrors) != n {
		return fmt.Errorf("it has %d standard errors for %d weights of a linear model", len(m.StandardErrors), n)
	}
	for j, v := range m.StandardErrors {
		if !(v >= 0) || math.IsInf(v, 1) {
			return fmt.Errorf("%v is among its standard errors, at place %d", v, j+1)
		}
	}
	return nil
}

// checkLayers checks that the parameters fit the layers of a network.
func (m *Model) checkLayers() error {
	if int(m.Layers.Activation) > int(nn.GELU) {
		return fmt.Errorf("its activation is %d", m.Layers.Activation)
	}
	layers, err := newNetwork[float64](m)
	if err != nil {
		return err
	}
	want := layers.Params()
	for i, p := range m.Params {
		if len(m.Params) != len(want) || p.Name != want[i].Name || !slices.Equal(p.Shape, want[i].Shape) {
			return errors.New("its parameters are not those of its layers")
		}
	}
	return nil
}
