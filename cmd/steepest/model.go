package main

import (
	"fmt"
	"math"
	"strings"

	"gonum.org/v1/gonum/optimize"

	"steepest/train"
)

// outcome is the end of a run.
type outcome struct {
	Method    string      `json:"method"`
	Problem   problemJSON `json:"problem"`
	Objective real        `json:"objective"`
	Excess    *real       `json:"excess,omitempty"`
	Gap       *real       `json:"duality_gap,omitempty"`
	Accuracy  *real       `json:"accuracy,omitempty"`
	Status    string      `json:"status"`
	Steps     int         `json:"steps"`
	Epochs    real        `json:"epochs"`
	Grads     int         `json:"grads"`
	Seconds   real        `json:"seconds"`
	Version   string      `json:"version"`
}

var statuses = map[optimize.Status]string{
	train.EpochLimit:        "the epochs are spent",
	optimize.IterationLimit: "the steps are spent",
	optimize.RuntimeLimit:   "the time is spent",
	train.TargetReached:     "the target is reached",
	train.Diverged:          "diverged",
	train.Interrupted:       "interrupted",
}

func newOutcome(p *problem, spec string, r *train.Result[float64]) outcome {
	out := outcome{
		Method: spec, Problem: p.json(), Objective: real(r.Loss), Status: statuses[r.Status],
		Steps: r.Step, Epochs: real(r.Epochs), Grads: r.Grads, Seconds: real(r.Seconds), Version: version(),
	}
	if out.Status == "" {
		out.Status = r.Status.String()
	}
	if p.function != nil {
		out.Excess = pointer(real(r.Excess))
	}
	if p.linear != nil && r.Status != train.Diverged {
		if gap := p.linear.Gap(r.X); !math.IsInf(gap, 1) {
			out.Gap = pointer(real(gap))
		}
		if p.classes != nil {
			out.Accuracy = pointer(real(p.accuracy(r.X)))
		}
	}
	return out
}

func pointer(v real) *real { return &v }

// String writes the outcome as a summary for a reader.
func (o outcome) String() string {
	var b strings.Builder
	line := func(name, format string, args ...any) {
		fmt.Fprintf(&b, "%-12s %s\n", name, fmt.Sprintf(format, args...))
	}
	line("method", "%s", o.Method)
	line("problem", "%s", o.Problem.Name)
	line("objective", "%.10g", o.Objective)
	if o.Excess != nil {
		line("f − f*", "%.4g", *o.Excess)
	}
	if o.Gap != nil {
		line("f − f*", "at most %.4g, by the duality gap", *o.Gap)
	}
	if o.Accuracy != nil {
		line("accuracy", "%.2f %% of the %d rows it was fitted to", 100**o.Accuracy, o.Problem.Rows)
	}
	line("status", "%s", o.Status)
	line("steps", "%d", o.Steps)
	line("gradients", "%d, %.4g epochs", o.Grads, o.Epochs)
	line("time", "%.3f s", o.Seconds)
	return b.String()
}

// model is what predicting needs: the score of class c for features a is ⟨weights[c], scaled a⟩ + intercepts[c]. Two
// classes share one score, which is positive for the second.
type model struct {
	Format     string      `json:"format"`
	Outcome    outcome     `json:"outcome"`
	Classes    []float64   `json:"classes,omitempty"`
	ClassNames []string    `json:"class_names,omitempty"`
	Features   []string    `json:"features,omitempty"`
	Shift      []float64   `json:"shift,omitempty"`
	Scale      []float64   `json:"scale,omitempty"`
	Intercepts []float64   `json:"intercepts,omitempty"`
	Weights    [][]float64 `json:"weights,omitempty"`
	// X is the point found for a function.
	X []float64 `json:"x,omitempty"`
}

const modelFormat = "steepest linear model 1"

func newModel(p *problem, end outcome, x []float64) model {
	if p.linear == nil {
		return model{Format: "steepest point 1", Outcome: end, X: x}
	}
	m := model{
		Format: modelFormat, Outcome: end, Classes: p.classes, ClassNames: p.set.ClassNames, Features: p.set.Features,
		Shift: p.scaling.Shift, Scale: p.scaling.Scale,
	}
	for _, w := range p.weights(x) {
		if p.flags.Intercept {
			last := len(w) - 1
			m.Intercepts = append(m.Intercepts, w[last])
			w = w[:last]
		}
		m.Weights = append(m.Weights, w)
	}
	return m
}

// weights cuts x into the weights of each score.
func (p *problem) weights(x []float64) [][]float64 {
	d := p.linear.Params()[0].Shape[len(p.linear.Params()[0].Shape)-1]
	var rows [][]float64
	for ; len(x) > 0; x = x[d:] {
		rows = append(rows, x[:d:d])
	}
	return rows
}

// accuracy returns the share of the rows that the model puts into their class.
func (p *problem) accuracy(x []float64) float64 {
	weights := p.weights(x)
	indices, _ := p.classes.Indices(p.set.Y) // the classes come from these labels
	right := 0
	for i, class := range indices {
		if p.predict(weights, i) == class {
			right++
		}
	}
	return float64(right) / float64(len(indices))
}

// predict returns the index of the class that row i gets.
func (p *problem) predict(weights [][]float64, i int) int {
	if len(weights) == 1 {
		if p.linear.RowDot(i, weights[0]) > 0 {
			return 1
		}
		return 0
	}
	best, highest := 0, math.Inf(-1)
	for c, w := range weights {
		if score := p.linear.RowDot(i, w); score > highest {
			best, highest = c, score
		}
	}
	return best
}
