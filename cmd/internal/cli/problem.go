package cli

import (
	"fmt"
	"strings"

	"steepest/model"
	"steepest/objective"
	"steepest/optimum"
	"steepest/train"
)

// problem is the problem of a command: a model on data, or a test function. Its methods answer all questions that depend on the kind of problem.
type problem interface {
	// sum returns the problem in float64, which constants, optima and theorems use, and single returns it in float32.
	sum() objective.FiniteSum[float64]
	single() (objective.FiniteSum[float32], error)
	// title names the problem in one line, and describe says what is minimized.
	title() string
	describe() string
	// traits returns how the problem is run and judged.
	traits() traits
	// start returns the default starting point of a run with a seed, and its name.
	start(seed uint64) (x []float64, text string)
	// json describes the problem in summaries.
	json() problemJSON
	// sample returns the data; nil for a function.
	sample() *sample
	// measures returns the measurements of an evaluation, for runs in float32 or float64: the objective, and the losses on held-out
	// rows.
	measures(single bool) ([]train.Measure, error)
	// saved returns the model with the parameters x.
	saved(x []float64) *model.Model
}

// traits says how a problem is run and judged.
type traits struct {
	// epochs is the default budget.
	epochs float64
	// whole says that the sum has one term, so each step uses the whole sum.
	whole bool
	// closed says that the minimizer is known in closed form. Then f − f* is always shown.
	closed bool
	// unsolvable says that the optimum, the duality gap and the constants of theorems cannot be computed.
	unsolvable bool
	// scattered says that each seed has another starting point.
	scattered bool
	// rotated says that every rotation of a minimizer is a minimizer, so that the distance from one has no meaning.
	rotated bool
}

// load makes the problem. The seed decides which rows --validation holds out.
func (f problemFlags) load(w *world, seed uint64) (problem, error) {
	if f.Function != "" {
		return f.newFunction()
	}
	if f.Data == "" {
		f.Data = "digits"
	}
	s, err := f.newSample(w, seed)
	switch {
	case err != nil:
		return nil, err
	case f.Rank != 0:
		return newFactors(s)
	case len(f.Hidden) > 0:
		return newNetwork(s)
	}
	return newLinear(s)
}

// modelError rewrites an error of objective or nn in terms of flags, which the user knows.
func modelError(err error) error {
	if what, tooLarge := strings.CutSuffix(err.Error(), ": too large for float32; scale the data"); tooLarge {
		return usage("give --precision float64, or --scale maxabs", "%s is too large for float32", inFlags(what))
	}
	return usage("check --l1 and --l2, and --hidden or --rank", "%s", inFlags(err.Error()))
}

// penalties returns the penalties as a suffix of the title.
func (f *problemFlags) penalties() (text string) {
	if l2 := f.l2(); l2 > 0 {
		text += fmt.Sprintf(", λ₂ = %g", l2)
	}
	if f.L1 > 0 {
		text += fmt.Sprintf(", λ₁ = %g", f.L1)
	}
	return text
}

// reference returns the optimum against which runs are measured.
func reference(p problem, best *optimum.Optimum) *train.Optimum {
	if p.traits().rotated {
		return &train.Optimum{F: best.Value}
	}
	return &train.Optimum{X: best.X, F: best.Value}
}
