package cli

import (
	"fmt"
	"math"
	"strings"

	"gonum.org/v1/gonum/floats"
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
	if r.Status == train.Diverged {
		return out
	}
	if p.linear != nil {
		if gap := p.linear.Gap(r.X); !math.IsInf(gap, 1) {
			out.Gap = pointer(real(gap))
		}
	}
	if p.classes != nil {
		out.Accuracy = pointer(real(p.accuracy(r.X)))
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

// model is what predicting needs: the score of class c for features a is ⟨weights[c], scaled a⟩ + intercepts[c], or what the
// network's layers make of the scaled a, with a 1 after it if ones. Two classes share one score, which is positive for the
// second. Of factors, the product U·Vᵀ is the scaled matrix.
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
	// Ones and Tensors are of a network, whose activation stands in the outcome, or of factors.
	Ones    bool     `json:"ones,omitempty"`
	Tensors []tensor `json:"tensors,omitempty"`
	// X is the point found for a function.
	X []float64 `json:"x,omitempty"`
}

// tensor is a parameter of a network or a factor, row-major.
type tensor struct {
	Name   string    `json:"name"`
	Shape  []int     `json:"shape"`
	Values []float64 `json:"values"`
}

const (
	linearFormat  = "steepest linear model 1"
	networkFormat = "steepest network 1"
	factorsFormat = "steepest factors 1"
	pointFormat   = "steepest point 1"
)

func newModel(p *problem, end outcome, x []float64) model {
	if p.set == nil {
		return model{Format: pointFormat, Outcome: end, X: x}
	}
	m := model{
		Format: linearFormat, Outcome: end, Classes: p.classes, ClassNames: p.set.ClassNames, Features: p.set.Features,
		Shift: p.scaling.Shift, Scale: p.scaling.Scale,
	}
	if p.linear == nil {
		m.Format, m.Ones = networkFormat, p.flags.Intercept
		if p.factors != nil {
			m.Format = factorsFormat
		}
		for _, q := range p.Params() {
			m.Tensors = append(m.Tensors, tensor{q.Name, q.Shape, x[:q.Size()]})
			x = x[q.Size():]
		}
		return m
	}
	_, d := p.x.Dims()
	for ; len(x) > 0; x = x[d:] {
		w := x[:d:d]
		if p.flags.Intercept {
			m.Intercepts = append(m.Intercepts, w[d-1])
			w = w[:d-1]
		}
		m.Weights = append(m.Weights, w)
	}
	return m
}

// accuracy returns the share of the rows that the model puts into their class.
func (p *problem) accuracy(x []float64) float64 {
	indices, _ := p.classes.Indices(p.set.Y) // the classes come from these labels
	scores, outputs := p.scores(x, p.x)
	right := 0
	for i, class := range indices {
		if predict(scores[i*outputs:(i+1)*outputs]) == class {
			right++
		}
	}
	return float64(right) / float64(len(indices))
}

// predict returns the index of the class that scores speak for.
func predict(scores []float64) int {
	if len(scores) > 1 {
		return floats.MaxIdx(scores)
	}
	if scores[0] > 0 {
		return 1
	}
	return 0
}
