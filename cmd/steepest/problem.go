package main

import (
	"fmt"
	"math"

	"steepest/data"
	"steepest/internal/suggest"
	"steepest/objective"
)

// problem is what is minimized: a linear model on data, or a test function.
type problem struct {
	objective.FiniteSum[float64]
	flags    problemFlags // with the loss and the name of the data filled in
	name     string
	linear   *objective.Linear   // nil for a function
	function *objective.Function // nil for data
	set      *data.Set
	density  float64
	classes  data.Classes // nil unless the loss is for classes
	scaling  data.Scaling // of maxabs and standard
}

// load makes the problem.
func (f problemFlags) load() (*problem, error) {
	if f.Function != "" {
		return f.loadFunction()
	}
	if f.Data == "" {
		f.Data = "digits"
	}
	set, err := f.open(f.Data)
	if err != nil {
		return nil, err
	}
	p := &problem{flags: f, name: set.Name, set: set, density: data.Density(set.X)}
	x, err := p.scale(set.X)
	if err != nil {
		return nil, err
	}
	if f.Intercept {
		x = data.AppendOnes(x)
	}
	if p.linear, err = p.model(x); err != nil {
		return nil, err
	}
	p.FiniteSum = p.linear
	return p, nil
}

var functions = map[string]func() *objective.Function{
	"rosenbrock": objective.Rosenbrock,
	"beale":      objective.Beale,
	"himmelblau": objective.Himmelblau,
	"booth":      objective.Booth,
	"ripple":     objective.Ripple,
}

func (f problemFlags) loadFunction() (*problem, error) {
	if f.Data != "" {
		return nil, usage("give one of them", "--data and --function exclude each other")
	}
	p := &problem{flags: f, name: f.Function}
	if make, ok := functions[f.Function]; ok {
		p.function = make()
	} else if f.Function == "quadratic" && f.Kappa >= 1 && !math.IsInf(f.Kappa, 1) {
		p.function = objective.Quadratic(2, f.Kappa)
	} else if f.Function == "quadratic" {
		return nil, usage("", "--kappa: a condition number is at least 1, and %v is not", f.Kappa)
	} else {
		names := []string{"rosenbrock", "beale", "himmelblau", "booth", "ripple", "quadratic"}
		return nil, usage("", "--function: %w", suggest.Unknown("function", f.Function, names))
	}
	p.FiniteSum = p.function
	return p, nil
}

// scale prepares the features as --scale says.
func (p *problem) scale(x data.Matrix) (data.Matrix, error) {
	switch p.flags.Scale {
	case "none":
		return x, nil
	case "unit":
		return data.NormalizeRows(x), nil
	case "maxabs":
		p.scaling = data.MaxAbs(x)
	case "standard":
		var err error
		if p.scaling, err = data.Standardize(x); err != nil {
			return nil, badData("--scale maxabs keeps zeros",
				"--scale standard: %s is sparse, and its zeros would become values", p.name)
		}
	default:
		names := []string{"none", "maxabs", "standard", "unit"}
		return nil, usage("", "--scale: %w", suggest.Unknown("scaling", p.flags.Scale, names))
	}
	return p.scaling.Apply(x)
}

// model makes the linear model of --loss on prepared features.
func (p *problem) model(x data.Matrix) (*objective.Linear, error) {
	f := &p.flags
	indices, classes := data.ClassIndices(p.set.Y)
	if f.Loss == "" {
		f.Loss = defaultLoss(classes)
	}
	penalties := []objective.Option{objective.L2(f.L2), objective.L1(f.L1)}
	var m *objective.Linear
	var err error
	switch f.Loss {
	case "least-squares":
		m, err = objective.LeastSquares(x, p.set.Y, penalties...)
	case "huber":
		m, err = objective.Huber(x, p.set.Y, f.Delta, penalties...)
	case "softmax":
		p.classes = classes
		m, err = objective.Softmax(x, indices, len(classes), penalties...)
	case "logistic", "hinge", "squared-hinge":
		p.classes = classes
		m, err = p.binary(x, penalties)
	default:
		names := []string{"logistic", "softmax", "least-squares", "hinge", "squared-hinge", "huber"}
		return nil, usage("", "--loss: %w", suggest.Unknown("loss", f.Loss, names))
	}
	if err != nil {
		return nil, modelError(err)
	}
	return m, nil
}

// modelError strips the package from an error of objective, whose reader knows the flags only.
func modelError(err error) error {
	if known, ok := err.(*failure); ok {
		return known
	}
	return usage("check --l1, --l2 and --delta", "%s", inFlags(err.Error()))
}

// binary makes a model of two classes.
func (p *problem) binary(x data.Matrix, penalties []objective.Option) (*objective.Linear, error) {
	signs, err := p.classes.Signs(p.set.Y)
	if err != nil {
		return nil, badData("--loss softmax takes any number of classes, --loss least-squares any labels",
			"the loss %s needs two classes, and %s has %d distinct labels", p.flags.Loss, p.name, len(p.classes))
	}
	loss := map[string]objective.Loss{
		"logistic": objective.LogisticLoss{}, "hinge": objective.HingeLoss{}, "squared-hinge": objective.SquaredHingeLoss{},
	}[p.flags.Loss]
	return objective.NewLinear(x, signs, loss, penalties...)
}

// defaultLoss is the loss that labels suggest.
func defaultLoss(classes data.Classes) string {
	whole := true
	for _, c := range classes {
		whole = whole && c == math.Trunc(c)
	}
	switch {
	case len(classes) == 2:
		return "logistic"
	case whole && len(classes) >= 3 && len(classes) <= 100:
		return "softmax"
	}
	return "least-squares"
}

// title names the problem in a line.
func (p *problem) title() string {
	if p.function != nil {
		if p.name == "quadratic" {
			return fmt.Sprintf("quadratic, condition number %g", p.flags.Kappa)
		}
		return p.function.Name
	}
	title := fmt.Sprintf("%s: %s", p.name, p.flags.Loss)
	if p.flags.L2 > 0 {
		title += fmt.Sprintf(", λ₂ = %g", p.flags.L2)
	}
	if p.flags.L1 > 0 {
		title += fmt.Sprintf(", λ₁ = %g", p.flags.L1)
	}
	return title
}
