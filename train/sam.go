package train

import (
	"math"

	"steepest/internal/simd"
	"steepest/objective"
	"steepest/optim"
	"steepest/optim/rules"
	"steepest/optim/schedule"
	"steepest/param"
)

// SAM is sharpness-aware minimization (Foret et al. 2021, arXiv:2010.01412, algorithm 1): SGD with the gradient at the nearby point where
// the loss over the batch is largest, to first order: x ← x − α∇f_B(x + ρ∇f_B(x)/‖∇f_B(x)‖). It takes two gradients of each term of the
// batch. Adaptive measures distances in units of x (Kwon et al. 2021, arXiv:2102.11600): the point is x + ρx²g/‖xg‖. If the gradient is
// 0, the point is x. pytorch_optimizer adds 1e-12 to the norm. Defaults: α = 0.01, ρ = 0.05, no momentum.
type SAM struct {
	LR       schedule.Schedule  `help:"step size α"`
	Rho      optim.Opt[float64] `range:"0," help:"radius ρ in which the loss is largest"`
	Adaptive bool               `help:"radius in units of x: ASAM"`
	Momentum optim.Opt[float64] `range:"0,1" help:"momentum μ"`
}

// Chain returns the chain of SGD, with momentum if there is one.
func (r SAM) Chain() optim.Chain {
	r = r.Resolved().(SAM)
	if mu := r.Momentum; mu.Get() > 0 {
		return rules.HeavyBall{LR: r.LR, Momentum: mu}.Chain()
	}
	return rules.SGD{LR: r.LR}.Chain()
}

// Resolved returns r with its defaults filled in.
func (r SAM) Resolved() optim.Rule {
	r.LR = schedule.OrConstant(r.LR, 0.01)
	r.Rho, r.Momentum = r.Rho.Fill(0.05), r.Momentum.Fill(0)
	return r
}

// expense returns the number of gradients that a step takes for each term of its batch.
func (r SAM) expense(int, int) float64 { return 2 }

// sharp estimates the gradient at the nearby point where the loss of the batch is largest.
type sharp[T param.Float] struct {
	objective.FiniteSum[T]
	rho      float64
	adaptive bool
	point    []T
}

func newSharp[T param.Float](p objective.FiniteSum[T], r SAM) *sharp[T] {
	return &sharp[T]{p, r.Resolved().(SAM).Rho.Get(), r.Adaptive, make([]T, objective.Dim(p))}
}

func (e *sharp[T]) estimate(_ int, g, x []T, batch []uint32) cost {
	spent := gradient(e.FiniteSum, g, x, batch)
	copy(e.point, g)
	if e.adaptive {
		for i, v := range x {
			e.point[i] *= v
		}
	}
	by := 0.0
	if norm := simd.Norm(e.point); norm > 0 {
		by = e.rho / norm
	}
	for i, v := range x {
		toward := float64(float64(e.point[i]) * by)
		if e.adaptive {
			toward = float64(toward * float64(v))
		}
		e.point[i] = T(float64(v) + toward)
	}
	if math.IsInf(by, 1) { // the norm is so small that its inverse is out of range: x stays
		copy(e.point, x)
	}
	spent.add(gradient(e.FiniteSum, g, e.point, batch))
	return spent
}

func (e *sharp[T]) name() string          { return "sam" }
func (e *sharp[T]) state() map[string][]T { return nil }
