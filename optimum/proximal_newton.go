package optimum

import (
	"context"
	"math"
	"slices"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"steepest/objective"
)

const (
	maxSweeps        = 1000
	sweepsPerSolve   = 20
	relativeDecrease = 1e-24 // decrease of a sweep, relative to the first: below it the model is minimized up to rounding
	relativeRidge    = 1e-12 // of L, added to the Hessian: a weight without curvature would go to infinity
	sufficient       = 1e-4  // share of the predicted decrease that a step must bring
)

// proximalNewton minimizes a linear model with an ℓ1 penalty from x (Lee, Sun, Saunders 2014, Algorithm 1; for logistic
// regression, newGLMNET of Yuan, Ho, Lin 2012). A step keeps the penalty, replaces everything else, with curvature up to l, by its
// quadratic model at x, and searches along the line to the minimizer of the model. It may end short of the tolerance.
func proximalNewton(ctx context.Context, p *objective.Linear[float64], l float64, x []float64) Optimum {
	d := len(x)
	next, grad, hess := make([]float64, d), make([]float64, d), mat.NewSymDense(d, nil)
	o := Optimum{X: x, Gap: math.Inf(1), Method: "proximal Newton", Status: "duality gap below the tolerance"}
	for ; o.Iterations < maxNewtonSteps && ctx.Err() == nil; o.Iterations++ {
		value := p.Grad(grad, x, nil) + p.Penalty(x)
		if p.Gap(x) <= precision(p, value)/2 {
			break
		}
		p.Hess(hess, x)
		for j := range d {
			hess.SetSym(j, j, hess.At(j, j)+relativeRidge*l)
		}
		step := minimizeModel(mat.DenseCopyOf(hess), grad, x, thresholds(p))
		floats.AddTo(next, x, step)
		predicted := floats.Dot(grad, step) + p.Penalty(next) - p.Penalty(x)
		rounding := 0x1p-50 * math.Abs(value)
		for t := 1.0; objective.Value(p, next) > value+sufficient*t*predicted+rounding; t /= 2 {
			floats.AddScaledTo(next, x, t/2, step)
		}
		copy(x, next)
	}
	return o
}

// thresholds returns λ₁ for each weight, and 0 for an intercept.
func thresholds(p *objective.Linear[float64]) []float64 {
	l1, _ := p.Penalties()
	d := objective.Dim(p)
	t := slices.Repeat([]float64{l1}, d)
	for end := d / p.Outputs(); p.Intercept() && end <= d; end += d / p.Outputs() {
		t[end-1] = 0
	}
	return t
}

// model is ⟨g, s⟩ + ½⟨s, Hs⟩ + Σ λ₁ⱼ|xⱼ+sⱼ| at the step s. It keeps r = g + Hs.
type model struct {
	h       *mat.Dense
	l1      []float64
	x, s, r []float64
}

// minimizeModel returns the step that minimizes the model. Coordinate descent finds the nonzero weights. Since it is slow if
// columns are almost dependent, the linear system for these weights is solved too.
func minimizeModel(h *mat.Dense, g, x, l1 []float64) (step []float64) {
	m := &model{h, l1, x, make([]float64, len(g)), slices.Clone(g)}
	first := m.sweep()
	for sweep := 1; sweep < maxSweeps; sweep++ {
		if sweep%sweepsPerSolve == 0 {
			m.solve()
		}
		if m.sweep() <= relativeDecrease*first {
			break
		}
	}
	return m.s
}

func (m *model) add(j int, move float64) {
	m.s[j] += move
	floats.AddScaled(m.r, move, m.h.RawRowView(j))
}

// sweep minimizes over each sⱼ in turn and returns Σ HⱼⱼΔsⱼ², at most twice the decrease. A weight that stays zero costs
// almost nothing, so no active set is needed.
func (m *model) sweep() (decrease float64) {
	for j := range m.s {
		w, curvature := m.x[j]+m.s[j], m.h.At(j, j)
		z := w - m.r[j]/curvature
		move := math.Copysign(max(math.Abs(z)-m.l1[j]/curvature, 0), z) - w
		if move != 0 {
			m.add(j, move)
			decrease += curvature * move * move
		}
	}
	return decrease
}

// solve moves toward the minimizer of the model over the nonzero weights with fixed signs, until the first of them becomes
// zero.
func (m *model) solve() {
	var support []int
	var slope []float64
	for j, s := range m.s {
		if w := m.x[j] + s; w != 0 {
			support = append(support, j)
			slope = append(slope, -m.r[j]-math.Copysign(m.l1[j], w))
		}
	}
	if support == nil {
		return
	}
	sub := mat.NewSymDense(len(support), nil)
	for a, j := range support {
		for b, k := range support[:a+1] {
			sub.SetSym(a, b, m.h.At(j, k))
		}
	}
	var factor mat.Cholesky
	v := mat.NewVecDense(len(slope), slope)
	if !factor.Factorize(sub) || factor.SolveVecTo(v, v) != nil {
		return
	}
	length := 1.0
	for a, j := range support {
		if share := -(m.x[j] + m.s[j]) / slope[a]; share > 0 && m.l1[j] > 0 {
			length = min(length, share)
		}
	}
	for a, j := range support {
		m.add(j, length*slope[a])
	}
}
