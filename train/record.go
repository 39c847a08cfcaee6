package train

import (
	"encoding/json"
	"fmt"
	"io"
	"math"

	"gonum.org/v1/gonum/optimize"
)

// Point holds the measurements of one evaluation.
type Point struct {
	// Step counts the steps made.
	Step int
	// Grads counts the evaluations of single gradients ∇fᵢ, and Epochs is Grads/n.
	Grads  int
	Epochs float64
	// FLOPs is the cost of the gradients, as FiniteSum counts it.
	FLOPs float64
	// Seconds is the time spent in gradients and steps, without evaluations.
	Seconds float64
	// Loss is the objective, penalty included, at the iterate or its average, as Settings.Evaluate measures it; NaN if it does not.
	Loss float64
	// Excess is Loss − F*, or the duality gap, which bounds it; NaN if neither is known.
	Excess float64
	// Distance is ‖x − x*‖₂; NaN if x* is not known.
	Distance float64
	// LR is the step size of the last step; NaN before the first.
	LR float64
	// Measured holds the other measurements of Settings.Evaluate, in order.
	Measured []Value
}

// MarshalJSON writes a point as an object with the names step, grads, epochs, flops, seconds, loss, excess, distance, lr and measured, which
// is itself an object. A loss that is not finite is null. excess, distance and lr are left out if they are unknown or not finite.
func (p Point) MarshalJSON() ([]byte, error) {
	measured := make(map[string]*float64)
	for _, v := range p.Measured {
		measured[v.Name] = finite(v.Value)
	}
	return json.Marshal(struct {
		Step     int                 `json:"step"`
		Grads    int                 `json:"grads"`
		Epochs   float64             `json:"epochs"`
		FLOPs    float64             `json:"flops"`
		Seconds  float64             `json:"seconds"`
		Loss     *float64            `json:"loss"`
		Excess   *float64            `json:"excess,omitempty"`
		Distance *float64            `json:"distance,omitempty"`
		LR       *float64            `json:"lr,omitempty"`
		Measured map[string]*float64 `json:"measured,omitempty"`
	}{p.Step, p.Grads, p.Epochs, p.FLOPs, p.Seconds, finite(p.Loss), finite(p.Excess), finite(p.Distance), finite(p.LR), measured})
}

// fields lists pointers to the numbers of the point, in the order of Numbers.
func (p *Point) fields() []any {
	f := []any{&p.Step, &p.Grads, &p.Epochs, &p.FLOPs, &p.Seconds, &p.Loss, &p.Excess, &p.Distance, &p.LR}
	for i := range p.Measured {
		f = append(f, &p.Measured[i].Value)
	}
	return f
}

// Numbers returns the point as numbers for PointOf. They are exact, since counts stay below 2⁵³.
func (p Point) Numbers() []float64 { return numbers(p.fields()) }

// PointOf is the inverse of Point.Numbers. measured holds the names of the other measurements. It panics if their number differs.
func PointOf(v []float64, measured []string) Point {
	var p Point
	for _, name := range measured {
		p.Measured = append(p.Measured, Value{Name: name})
	}
	fields := p.fields()
	if len(v) != len(fields) {
		panic(fmt.Sprintf("train: %d numbers for a point with %d other measurements", len(v), len(measured)))
	}
	set(fields, v)
	return p
}

func finite(v float64) *float64 {
	if math.IsInf(v, 0) || math.IsNaN(v) {
		return nil
	}
	return &v
}

// Recorder gets each point of a run when it is measured. An error ends the run.
type Recorder interface {
	Record(Point) error
}

// RecorderFunc turns a function into a Recorder.
type RecorderFunc func(Point) error

// Record calls f.
func (f RecorderFunc) Record(p Point) error { return f(p) }

// JSONL returns a Recorder that writes each point to w as a line of JSON.
func JSONL(w io.Writer) Recorder {
	e := json.NewEncoder(w)
	return RecorderFunc(func(p Point) error { return e.Encode(p) })
}

// Gonum returns a Recorder that passes the points on to one of gonum's, such as optimize.NewPrinter(): as major
// iterations with the value, the number of gradients and the run time, but without x.
func Gonum(r optimize.Recorder) (Recorder, error) {
	if err := r.Init(); err != nil {
		return nil, err
	}
	return RecorderFunc(func(p Point) error {
		stats := optimize.Stats{MajorIterations: p.Step, GradEvaluations: p.Grads, Runtime: seconds(p.Seconds)}
		return r.Record(&optimize.Location{F: p.Loss}, optimize.MajorIteration, &stats)
	}), nil
}
