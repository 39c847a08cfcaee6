package theory

import (
	"fmt"
	"math"

	"steepest/optim/schedule"
	"steepest/train"
)

// Bound is a theorem applied to a run: its bound for each step, and whether its hypotheses hold.
type Bound struct {
	Theorem
	// Hypotheses are the conditions of the theorem, checked.
	Hypotheses []Hypothesis
	// Constants are the numbers in the statement.
	Constants []Constant
	// Step is the step size that the theorem recommends for the problem, and Average the average that belongs to it. Step is nil
	// if there is none, or if it cannot be computed before a run.
	Step    schedule.Schedule
	Average train.Average

	curve curve
	l     float64
}

// Quantity is a quantity that a theorem bounds. All are expectations over the batches.
type Quantity uint8

// The quantities.
const (
	// Excess is E f(x_k) − f* at the last iterate.
	Excess Quantity = iota
	// AverageExcess is E f(x̄_k) − f* at an average of x₀, …, x_{k−1}.
	AverageExcess
	// SquaredDistance is E‖x_k − x*‖².
	SquaredDistance
	// SquaredGradient is (1/k) Σ E‖∇f(x_t)‖² over t < k, an upper bound on min E‖∇f(x_t)‖².
	SquaredGradient
	// GradientNorm is (1/k) Σ E‖∇f(x_t)‖* over t < k, an upper bound on min E‖∇f(x_t)‖*, in the dual of the norm of the steps.
	GradientNorm
)

// String returns the quantity as a formula.
func (q Quantity) String() string {
	return [...]string{"E f(x_k) − f*", "E f(x̄_k) − f*", "E‖x_k − x*‖²", "(1/k) Σ E‖∇f(x_t)‖²", "(1/k) Σ E‖∇f(x_t)‖*"}[q]
}

// Form distinguishes a theorem as printed from a stronger statement under the same hypotheses.
type Form uint8

// The forms.
const (
	// Printed is the statement of the lecture or the paper.
	Printed Form = iota
	// Sharper is the result of its proof before it is simplified to a closed form: a recursion for any steps, with the second
	// moment of each step if a run has measured it.
	Sharper
)

// String returns the name of the form.
func (f Form) String() string { return [...]string{"printed", "sharper"}[f] }

// Verdict is the outcome of a check.
type Verdict uint8

// The verdicts.
const (
	// Unknown says that the fact is not known for the problem, or not before a run.
	Unknown Verdict = iota
	Held
	Broken
)

// String returns the verdict in a word.
func (v Verdict) String() string { return [...]string{"unknown", "held", "broken"}[v] }

// Hypothesis is a condition of a theorem, checked.
type Hypothesis struct {
	// Name is the condition, as in "α < 1/(2μ)".
	Name    string
	Verdict Verdict
	// Value is the number that was checked; NaN if there is none.
	Value float64
	// Text is a sentence about the result of the check.
	Text string
	// Setting says that the condition concerns the setup of the run (its method, steps, batches or average), not the problem or
	// the size of the step.
	Setting bool
}

// Constant is a number that enters a bound.
type Constant struct {
	Symbol string
	Value  float64
	Origin Origin
}

// Origin says where a constant comes from.
type Origin uint8

// The origins.
const (
	// Computed is a constant of the problem and its start, known before any run.
	Computed Origin = iota
	// Measured was measured along the run that is compared with the bound.
	Measured
	// Chosen is a setting of the run, such as its step size.
	Chosen
)

// String returns the origin in a word.
func (o Origin) String() string { return [...]string{"computed", "measured", "chosen"}[o] }

// String returns the constant as in "μ = 0.1 (computed)".
func (c Constant) String() string { return fmt.Sprintf("%s = %.4g (%v)", c.Symbol, c.Value, c.Origin) }

// Verdict returns Broken if a hypothesis is broken, otherwise Unknown if one is unknown, otherwise Held.
func (b *Bound) Verdict() Verdict {
	verdict := Held
	for _, h := range b.Hypotheses {
		switch {
		case h.Verdict == Broken:
			return Broken
		case h.Verdict == Unknown:
			verdict = Unknown
		}
	}
	return verdict
}

// Speaks reports whether the theorem applies to the run at all: whether no hypothesis on its settings is broken.
func (b *Bound) Speaks() bool {
	for _, h := range b.Hypotheses {
		if h.Setting && h.Verdict == Broken {
			return false
		}
	}
	return true
}

// Curve returns the bound at each of the steps, which must ascend. It is NaN at steps that the theorem does not cover, and
// everywhere if a constant is not known. The cost is that of the last step.
func (b *Bound) Curve(steps []int) []float64 {
	values := make([]float64, len(steps))
	if b.curve == nil {
		for i := range values {
			values[i] = math.NaN()
		}
		return values
	}
	b.curve(values, steps)
	return values
}

// At returns the bound at step k.
func (b *Bound) At(k int) float64 { return b.Curve([]int{k})[0] }

// ExcessCurve returns Curve as a bound on f − f*. A bound on the distance is converted by f(x) − f* ≤ (L/2)‖x − x*‖². For a
// bound on the gradient the result is NaN.
func (b *Bound) ExcessCurve(steps []int) []float64 {
	values, factor := b.Curve(steps), 1.0
	switch b.Of {
	case SquaredDistance:
		factor = b.l / 2
	case SquaredGradient, GradientNorm:
		factor = math.NaN()
	}
	for i := range values {
		values[i] *= factor
	}
	return values
}

// curve stores the bound at the steps, which ascend, in values.
type curve func(values []float64, steps []int)

// closed returns the curve of a formula.
func closed(at func(k float64) float64) curve {
	return func(values []float64, steps []int) {
		for i, k := range steps {
			values[i] = at(float64(k))
		}
	}
}

// recursion returns the curve of a value that step k changes from v to next(k, v).
func recursion(first float64, next func(k int, v float64) float64) curve {
	return walk(func() (func(int), func(int) float64) {
		v := first
		return func(k int) { v = next(k, v) }, func(int) float64 { return v }
	})
}

// walk returns the curve of a value of a state after k steps. begin returns two functions of a new state: step makes step k,
// value returns the value.
func walk(begin func() (step func(k int), value func(k int) float64)) curve {
	return func(values []float64, steps []int) {
		step, value := begin()
		made := 0
		for i, k := range steps {
			if k < made {
				panic(fmt.Sprintf("theory: step %d after step %d; want ascending steps", k, made))
			}
			for ; made < k; made++ {
				step(made)
			}
			values[i] = value(k)
		}
	}
}
