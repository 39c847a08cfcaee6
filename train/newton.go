package train

import (
	"errors"
	"math"

	"steepest/objective"
	"steepest/optim"
	"steepest/optim/rules"
	"steepest/optim/schedule"
	"steepest/param"
)

// NewtonSGD is the Newton-type method of Bach and Moulines 2013, arXiv:1306.2119, for linear models with a smooth loss. It is SGD
// with a constant step on the quadratic model of f around a center c, at the cost of SGD. The result is the average x̄ of the
// iterates:
//
//	x ← x − γ[∇fᵢ(c) + ∇²fᵢ(c)(x − c)].
//
// The online variant, used in their experiments, moves the center: c = x̄. Their theorem is about TwoPhase: the first half of the run,
// N steps, is averaged SGD with the step γ/(2√N); the second half starts from its average, which is then the center. On logistic
// regression the error falls like 1/k, whereas averaged SGD with a constant step stops at a floor. For least squares both are the
// same. The ℓ2 penalty is exact; an ℓ1 penalty is refused. Settings.Average must be open or uniform. Default: γ = 1/(2R²), or 1/R² for
// TwoPhase, where R² is the largest ‖aᵢ‖² plus λ₂.
type NewtonSGD struct {
	LR       schedule.Schedule `help:"step size γ" open:"1/(2R²)"`
	TwoPhase bool              `help:"averaged SGD first and then around its average, as proved, with γ = 1/R²"`
}

// Chain returns the step size alone, with the default 0.01 outside Minimize.
func (r NewtonSGD) Chain() optim.Chain { return rules.SGD{LR: r.LR}.Chain() }

// newton estimates the gradient of the quadratic model around a center.
type newton[T param.Float] struct {
	model   objective.LinearModel[T]
	average *averager[T]
	slopes  []T // of a batch
	first   int // steps of the first phase
	center  []T // of the second phase; nil for the running average
}

func newNewton[T param.Float](
	p objective.FiniteSum[T], r NewtonSGD, batch, steps int, average *averager[T],
) (*newton[T], schedule.Schedule, error) {
	model, ok := p.(objective.LinearModel[T])
	switch {
	case !ok || math.IsInf(smoothness(p), 1):
		return nil, nil, errors.New("train: the Newton-type method is for linear models with a smooth loss")
	case hasPenalty(p):
		return nil, nil, errors.New("train: the Newton-type method takes no ℓ1 penalty; SAGA and SVRG do")
	case average.Form != UniformAverage:
		return nil, nil, errors.New("train: the Newton-type method needs the uniform average")
	case r.TwoPhase && steps == math.MaxInt:
		return nil, nil, errors.New("train: two phases need to know the end; limit the steps or the epochs")
	}
	_, l2 := model.Penalties()
	e := &newton[T]{model: model, average: average, slopes: make([]T, batch*model.Outputs())}
	lr := r.LR
	if lr == nil {
		gamma := 1 / (model.SquaredRadius() + l2)
		if !r.TwoPhase {
			gamma /= 2
		}
		lr = schedule.Constant(gamma)
	}
	if r.TwoPhase {
		e.first, e.center = steps/2, make([]T, objective.Dim(p))
		lr = twoPhases{lr, e.first}
	}
	return e, lr, nil
}

func (e *newton[T]) estimate(k int, g, x []T, batch []uint32) cost {
	center := e.average.mean
	if e.center != nil {
		if k < e.first {
			return gradient(e.model, g, x, batch)
		}
		center = e.center
	}
	spent := costOf(e.model, batch)
	slopes := e.slopes[:spent.grads*e.model.Outputs()]
	e.model.ModelSlopes(slopes, x, center, batch)
	for j := range slopes {
		slopes[j] /= T(spent.grads)
	}
	clear(g)
	e.model.AddRidge(g, 1, x)
	e.model.AddSlopes(g, slopes, batch)
	return spent
}

// restart begins the second phase at the average of the first.
func (e *newton[T]) restart(k int, x []T) {
	if e.center != nil && k == e.first {
		copy(e.center, e.average.mean)
		copy(x, e.center)
		e.average.restart()
	}
}

func (e *newton[T]) name() string { return "newton" }

func (e *newton[T]) state() map[string][]T {
	if e.center == nil {
		return nil
	}
	return map[string][]T{"center": e.center}
}

// twoPhases divides the step sizes of the first n steps by 2√n.
type twoPhases struct {
	schedule.Schedule
	n int
}

func (s twoPhases) At(k int) float64 {
	gamma := s.Schedule.At(k)
	if k < s.n {
		gamma /= 2 * math.Sqrt(float64(s.n))
	}
	return gamma
}
