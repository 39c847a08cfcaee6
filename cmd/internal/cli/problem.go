package cli

import (
	"fmt"
	"math"

	"steepest/data"
	"steepest/internal/suggest"
	"steepest/nn"
	"steepest/objective"
	"steepest/optimum"
	"steepest/train"
)

// problem is what is minimized: a model on data, which is linear, a network or a product of factors, or a test function.
type problem struct {
	objective.FiniteSum[float64]
	flags    problemFlags // with the loss and the name of the data filled in
	name     string
	function *objective.Function // nil for data

	set     *data.Set
	density float64
	classes data.Classes                      // nil unless the loss is for classes
	scaling data.Scaling                      // of maxabs and standard
	x       data.Matrix                       // the prepared features
	linear  *objective.Linear[float64]        // nil for another model
	network *nn.MLP[float64]                  // likewise
	factors *objective.Factorization[float64] // likewise
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
	if err := p.fitScaling(); err != nil {
		return nil, err
	}
	if p.x, err = p.prepare(set.X); err != nil {
		return nil, err
	}
	return p, p.model()
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
	if f.isNetwork() {
		return nil, usage("drop one of them", "--hidden makes a network of data, and --function needs none")
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

// fitScaling reads --scale.
func (p *problem) fitScaling() (err error) {
	switch p.flags.Scale {
	case "none", "unit":
	case "maxabs":
		p.scaling = data.MaxAbs(p.set.X)
	case "standard":
		if p.scaling, err = data.Standardize(p.set.X); err != nil {
			return badData("--scale maxabs keeps zeros",
				"--scale standard: %s is sparse, and its zeros would become values", p.name)
		}
	default:
		names := []string{"none", "maxabs", "standard", "unit"}
		return usage("", "--scale: %w", suggest.Unknown("scaling", p.flags.Scale, names))
	}
	return nil
}

// prepare makes what the model sees of features.
func (p *problem) prepare(x data.Matrix) (data.Matrix, error) {
	switch {
	case p.flags.Scale == "unit":
		x = data.NormalizeRows(x)
	case p.scaling.Scale != nil:
		scaled, err := p.scaling.Apply(x)
		if err != nil {
			return nil, err
		}
		x = scaled
	}
	if p.flags.Intercept {
		x = data.AppendOnes(x)
	}
	return x, nil
}

// model makes the model on the prepared features.
func (p *problem) model() error {
	f := &p.flags
	if f.Rank != 0 {
		return p.factorize()
	}
	t, err := p.target()
	if err != nil {
		return err
	}
	config := nn.Config{Hidden: f.Hidden, LayerNorm: f.LayerNorm, NoBias: f.NoBias, L2: f.l2()}
	if err := config.Activation.UnmarshalText([]byte(f.Activation)); err != nil {
		return usage("", "--activation: %w", err)
	}
	switch {
	case !f.isNetwork():
		p.linear, err = t.linear(p.x, objective.L2(f.l2()), objective.L1(f.L1))
		p.FiniteSum = p.linear
	case f.L1 != 0:
		return usage("drop --l1, or --hidden for a linear model", "a network takes no --l1")
	case t.oneHot:
		return usage("--loss softmax is for networks", "a network takes no --loss one-hot")
	default:
		p.network, err = t.network(p.x, config)
		p.FiniteSum = p.network
	}
	if err != nil {
		return modelError(err)
	}
	return nil
}

// factorize makes the problem of --rank.
func (p *problem) factorize() (err error) {
	f := &p.flags
	if f.Loss != "" || f.isNetwork() {
		return usage("drop one of them", "--rank looks at the features alone, and --loss and --hidden at labels")
	}
	p.factors, err = objective.MatrixFactorization(p.x, f.Rank, objective.L2(f.l2()), objective.L1(f.L1))
	if err != nil {
		return modelError(err)
	}
	p.FiniteSum = p.factors
	return nil
}

// modelError makes an error of objective or nn speak of the flags, which are all that the reader knows.
func modelError(err error) error {
	return usage("check --l1 and --l2, and --hidden or --rank", "%s", inFlags(err.Error()))
}

// scores returns what the model says of each row of prepared features, and the number of scores of a row.
func (p *problem) scores(x []float64, rows data.Matrix) (scores []float64, outputs int) {
	model := p.FiniteSum.(interface {
		Scores(x []float64, rows data.Matrix) []float64
	})
	n, _ := rows.Dims()
	scores = model.Scores(x, rows)
	return scores, len(scores) / n
}

// layers writes the widths of the layers, such as 2 → 64 → 1.
func (p *problem) layers() string {
	_, in := p.x.Dims()
	text := fmt.Sprint(in)
	for _, q := range p.network.Params() {
		if len(q.Shape) == 2 {
			text += fmt.Sprintf(" → %d", q.Shape[0])
		}
	}
	return text
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
	if p.factors != nil {
		title = fmt.Sprintf("%s: product of rank %d", p.name, p.flags.Rank)
	}
	if p.flags.isNetwork() {
		title += fmt.Sprintf(", %s %s", p.layers(), p.flags.Activation)
	}
	if l2 := p.flags.l2(); l2 > 0 {
		title += fmt.Sprintf(", λ₂ = %g", l2)
	}
	if p.flags.L1 > 0 {
		title += fmt.Sprintf(", λ₁ = %g", p.flags.L1)
	}
	return title
}

// reference is what runs are measured against. A minimizer of factors comes with all its rotations, so that the distance from one
// says nothing.
func (p *problem) reference(best *optimum.Optimum) *train.Optimum {
	if p.factors != nil {
		return &train.Optimum{F: best.Value}
	}
	return &train.Optimum{X: best.X, F: best.Value}
}
