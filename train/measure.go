package train

import (
	"fmt"
	"math"
	"slices"

	"steepest/internal/suggest"
	"steepest/objective"
	"steepest/param"
)

// Measure is a quantity that an evaluation measures at the current point: the objective of the problem itself, or of another
// problem with the same unknowns, such as a held-out set.
type Measure struct {
	// Name names the measurement in a Point; "" is the problem's own objective.
	Name string

	sample      int // number of terms of the problem itself; 0 means all
	seed        uint64
	progressive bool
	of          any // a func(x []T) float64 in the precision of the run; nil for the problem itself
	held        any // the problem that is measured, if it is another one
}

// Whole measures F(x), penalty included, over all terms of the problem.
func Whole() Measure { return Measure{} }

// Sample measures F(x) over a fixed sample of terms of the problem, drawn without replacement by the seed. It is for problems with
// too many terms to measure all. A sample of all terms or more is Whole.
func Sample(terms int, seed uint64) Measure { return Measure{sample: terms, seed: seed} }

// HeldOut measures the mean loss of another problem with the same unknowns, such as a test set, without any term h.
func HeldOut[T param.Float](name string, p objective.FiniteSum[T]) Measure {
	if p == nil {
		panic("train: HeldOut needs a problem")
	}
	return Measure{Name: name, of: func(x []T) float64 { return p.Loss(x, nil) }, held: p}
}

// Quantity measures a function of x, such as an error rate on a test set. It must not change x.
func Quantity[T param.Float](name string, f func(x []T) float64) Measure {
	if f == nil {
		panic("train: Quantity needs a function")
	}
	return Measure{Name: name, of: f}
}

// Value is the result of a measurement.
type Value struct {
	Name  string  `json:"name"`
	Value float64 `json:"value"`
}

// measures holds the functions of Settings.Evaluate.
type measures[T param.Float] struct {
	funcs  []func(x []T) float64
	names  []string
	others []string // the names of all other measurements
	own    int      // index of the first measurement of the problem itself; −1 if there is none
	watch  int      // index of Settings.Watch; −1 if there is none

	problems []any        // the held-out problems
	progress *progress[T] // of Progressive; nil if it is not measured
}

// newMeasures fails if a measurement has another precision, or if two have the same name.
func newMeasures[T param.Float](p, sum objective.FiniteSum[T], s *Settings) (*measures[T], error) {
	m := &measures[T]{own: -1, watch: -1}
	for i, measure := range s.Evaluate {
		f, ok := measure.of.(func(x []T) float64)
		switch {
		case measure.progressive:
			m.progress = newProgress[T](p)
			f = m.progress.mean
		case measure.of == nil && m.own >= 0:
			return nil, fmt.Errorf("train: two measurements are of the problem itself")
		case measure.of == nil:
			f, m.own = own(p, sum, measure), i
		case !ok:
			return nil, fmt.Errorf("train: the measurement %q is of another precision than the run, whose x is a %T", measure.Name, []T(nil))
		}
		if slices.Contains(m.names, measure.Name) {
			return nil, fmt.Errorf("train: two measurements are called %q", measure.Name)
		}
		m.problems = append(m.problems, measure.held)
		m.names, m.funcs = append(m.names, measure.Name), append(m.funcs, f)
		if i != m.own {
			m.others = append(m.others, measure.Name)
		}
		if s.Watch != "" && s.Watch == measure.Name {
			m.watch = i
		}
	}
	if s.Watch != "" && m.watch < 0 {
		return nil, fmt.Errorf("train: Watch: %w", suggest.Unknown("measurement", s.Watch, m.names))
	}
	return m, nil
}

// own returns the objective of the problem over all terms or a sample of them. sum computes the means.
func own[T param.Float](p, sum objective.FiniteSum[T], m Measure) func(x []T) float64 {
	var batch []uint32
	if m.sample > 0 && m.sample < p.Len() {
		batch = NewBatches(ShuffleOnce, p.Len(), m.sample, m.seed).At(0)
	}
	return func(x []T) float64 {
		f := sum.Loss(x, batch)
		if c, ok := p.(objective.Composite[T]); ok {
			f += c.Penalty(x)
		}
		return f
	}
}

// at returns the problem's own value (NaN if it is not measured), the other values by name, and the watched value.
func (m *measures[T]) at(x []T) (loss float64, others []Value, watched float64) {
	loss, watched = math.NaN(), math.NaN()
	for i, f := range m.funcs {
		v := f(x)
		if i == m.own {
			loss = v
		} else {
			others = append(others, Value{m.names[i], v})
		}
		if i == m.watch {
			watched = v
		}
	}
	return loss, others, watched
}

// nonfinite returns the first held-out loss that is not finite, for a run that does not measure the problem itself.
func (m *measures[T]) nonfinite(values []Value) (v Value, ok bool) {
	for i, v := range values {
		if m.problems[i] != nil && (math.IsNaN(v.Value) || math.IsInf(v.Value, 0)) {
			return v, true
		}
	}
	return v, false
}
