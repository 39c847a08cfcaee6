package cli

import (
	"fmt"

	"steepest/model"
	"steepest/objective"
	"steepest/optimum"
	"steepest/train"
)

// problem is what is minimized: a model on data, or a test function. It answers by itself whatever depends on its kind.
type problem interface {
	// sum returns the problem, of which constants, optima and theorems are asked, and single returns it in float32.
	sum() objective.FiniteSum[float64]
	single() (objective.FiniteSum[float32], error)
	// title names the problem in a line, and describe says what is minimized.
	title() string
	describe() string
	// traits say how the problem is run and judged.
	traits() traits
	// start returns the point where a run with a seed begins if nobody asks for another, and what to call it.
	start(seed uint64) (x []float64, text string)
	// json describes the problem in summaries.
	json() problemJSON
	// sample returns the data; nil for a function.
	sample() *sample
	// measures returns what an evaluation measures, for runs in float32 or in float64: the objective and the losses on what is held
	// out.
	measures(single bool) ([]train.Measure, error)
	// saved returns the model with the parameters x.
	saved(x []float64) *model.Model
}

// traits are how a problem is run and judged.
type traits struct {
	// epochs is the budget if none is given.
	epochs float64
	// whole says that a step takes the whole sum, which is one term.
	whole bool
	// closed says that the minimizer is known in closed form, so that f − f* is shown without being asked for.
	closed bool
	// unsolvable says that neither the optimum nor a duality gap can be known, nor the constants of theorems.
	unsolvable bool
	// scattered says that each seed starts elsewhere.
	scattered bool
	// rotated says that a minimizer comes with all its rotations, so that the distance from one says nothing.
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

// modelError makes an error of objective or nn speak of the flags, which are all that the reader knows.
func modelError(err error) error {
	return usage("check --l1 and --l2, and --hidden or --rank", "%s", inFlags(err.Error()))
}

// penalties writes the penalties behind a title.
func (f *problemFlags) penalties() (text string) {
	if l2 := f.l2(); l2 > 0 {
		text += fmt.Sprintf(", λ₂ = %g", l2)
	}
	if f.L1 > 0 {
		text += fmt.Sprintf(", λ₁ = %g", f.L1)
	}
	return text
}

// reference is what runs are measured against.
func reference(p problem, best *optimum.Optimum) *train.Optimum {
	if p.traits().rotated {
		return &train.Optimum{F: best.Value}
	}
	return &train.Optimum{X: best.X, F: best.Value}
}
