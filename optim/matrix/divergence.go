package matrix

import (
	"math"

	"steepest/internal/gemm"
	"steepest/internal/scratch"
	"steepest/internal/simd"
	"steepest/optim"
	"steepest/optim/internal/rescale"
	"steepest/optim/schedule"
	"steepest/param"
)

// KLSOAP is SOAP with the moments of the sides that are nearest to the gradients' moments in the Kullback–Leibler divergence. Each side is
// whitened by the other: L ← βL + (1−β)GR⁻¹Gᵀ/cols, R ← βR + (1−β)GᵀL⁻¹G/rows (Lin et al. 2025, arXiv:2509.03378). Eigenvalues are running
// averages in the bases, from λ₀, and bases are not sorted, as in the speedrun's third track (KL-SOAP-H, results 19 and 25, 2026). There
// λ₀ = 0.1 is absolute. Here gradients are in units of the root mean square of the first one, so that their scale does not matter. HeavyBall's
// KLSOAP and KLShampoo have no such averages: their eigenvalues are the diagonal of QᵀLQ. Defaults: those of SOAP, but β₂ = 0.9, and λ₀ = 0.1.
type KLSOAP struct {
	SOAP
	Initial optim.Opt[float64] `range:"(0," help:"initial eigenvalues λ₀ of the moments, relative to the root mean square of the first gradient"`
}

// Chain returns SOAP's chain with the moments of KL-SOAP.
func (r KLSOAP) Chain() optim.Chain {
	r = r.Resolved().(KLSOAP)
	c := r.SOAP.Chain()
	basis := c[0].(InEigenbasis)
	basis.Divergence = Divergence{Initial: r.Initial.Get()}
	c[0] = basis
	return c
}

// KLShampoo multiplies the average gradient by the inverse roots of the moments of KLSOAP, x ← x − α·L^(−½)·m̂·R^(−½) (Lin et al. 2025,
// arXiv:2509.03378). Vectors use Adam. Defaults: α = 0.003, β₁ = 0.95, β = 0.9, λ₀ = 0.1, λ = 0.01, bases every 10 steps, sides of up to
// 10000.
type KLShampoo struct {
	LR            schedule.Schedule  `help:"step size α"`
	Beta1         optim.Opt[float64] `range:"0,1" help:"decay β₁ of the average gradient"`
	ShampooBeta   optim.Opt[float64] `range:"0,1" help:"decay β of the moments of the sides"`
	Initial       optim.Opt[float64] `range:"(0," help:"initial eigenvalues λ₀ of the moments, relative to the root mean square of the first gradient"`
	WeightDecay   optim.Opt[float64] `range:"0," help:"decay λ"`
	BasisInterval optim.Opt[int]     `range:"1," help:"steps from one change of the bases to the next"`
	MaxOrder      optim.Opt[int]     `range:"0," help:"length of the longest side that has a basis"`
}

// Chain returns the average in the bases between the roots, the step size and the decay after it.
func (r KLShampoo) Chain() optim.Chain {
	r = r.Resolved().(KLShampoo)
	return optim.Chain{
		InEigenbasis{
			Beta1: r.Beta1.Get(), Beta2: r.ShampooBeta.Get(), ShampooBeta: r.ShampooBeta.Get(), Eps: 1e-8,
			BasisInterval: r.BasisInterval.Get(), MaxOrder: r.MaxOrder.Get(), Divergence: Divergence{Initial: r.Initial.Get(), Alone: true},
		},
		optim.LearningRate{LR: r.LR},
		optim.DecayAfter{Lambda: r.WeightDecay.Get()},
	}
}

// Divergence says that InEigenbasis uses the moments of KL-SOAP, with the initial eigenvalues Initial; 0 means the moments of SOAP. Alone
// divides by the roots of the eigenvalues instead of those of Adam's squares in the bases.
type Divergence struct {
	Initial float64
	Alone   bool
}

// mostInverse is the largest inverse root of an eigenvalue, as in the speedrun's code.
const mostInverse = 4000

// squaresSize returns the size of Adam's average square of a parameter.
func (o InEigenbasis) squaresSize(p param.Param) int {
	if o.Divergence.Alone && o.orders(p) != [2]int{} {
		return 0
	}
	return p.Size()
}

func (o InEigenbasis) valuesSize(which int) func(param.Param) int {
	return func(p param.Param) int {
		count, _, _ := p.Matrices()
		return count * o.orders(p)[which]
	}
}

// stepOfDivergence is step for KL-SOAP and KL-Shampoo.
func (e *eigenbasis[T]) stepOfDivergence(k int, c *optim.Coeffs, s *matrixState[T], g, u []T) error {
	if k == 0 {
		mantissa, exponent := 0.5, 0
		if norm, unit := rescale.Norm(g); norm > 0 {
			mantissa, exponent = math.Frexp(norm / math.Sqrt(float64(len(g))))
			exponent += math.Ilogb(unit)
		}
		s.units[0], s.units[1] = T(mantissa), T(exponent)
	}
	by, exponent := float64(s.units[0]), int(s.units[1])
	e.g = scratch.Grow(e.g, len(g))
	rescale.Shift(e.g, g, -exponent)
	simd.Scal(T(1/by), e.g)
	g = e.g
	if k == 0 {
		clear(u)
		for i, n := range [2]int{s.rows, s.cols} {
			if a := s.moments[i]; a != nil {
				gemm.Syrk(true, i == rightSide, n, len(g)/n, T(float64(n)/float64(len(g))), g, s.cols, 0, a, n)
			}
			for j := range s.values[i] {
				s.values[i][j] = T(e.Divergence.Initial)
			}
		}
		return e.begin(s)
	}
	for i, values := range s.values {
		e.inverse[i] = scratch.Grow(e.inverse[i], len(values))
		for j, v := range values {
			e.inverse[i][j] = min(T(inverse(math.Sqrt(float64(v)))), mostInverse)
		}
	}
	e.turned = scratch.Grow(e.turned, len(g))
	e.turn(e.turned, s, g, false)
	e.average(s)
	if s.v == nil {
		simd.Linear([]float64{e.Beta1, 1 - e.Beta1, c[4], 0}, e.turned, e.turned, s.m, nil)
		e.scale(e.turned, s, [2]bool{true, true})
	} else {
		e.coeffs = *c
		e.coeffs[8] = math.Ldexp(c[8], -exponent) / by // ε
		simd.AdaptiveMoments(e.coeffs[:], e.turned, e.turned, s.m, s.v, nil)
	}
	e.turn(u, s, e.turned, true)
	e.whiten(s, g)
	if k%e.BasisInterval == 0 {
		return e.follow(s)
	}
	return nil
}

// average updates the eigenvalues with the squares of the gradient in the bases. The squares for one side are divided by the eigenvalues of
// the other side.
func (e *eigenbasis[T]) average(s *matrixState[T]) {
	keep, add := T(e.ShampooBeta), 1-e.ShampooBeta
	e.times = scratch.Grow(e.times, len(e.turned))
	for i, n := range [2]int{s.rows, s.cols} {
		values := s.values[i]
		if len(values) == 0 {
			continue
		}
		copy(e.times, e.turned)
		e.scale(e.times, s, [2]bool{i == rightSide, i == leftSide})
		for j := range values {
			values[j] *= keep
		}
		weight := T(add * float64(n) / float64(len(e.turned)))
		for at, v := range e.times {
			j := at / s.cols
			if i == rightSide {
				j = at % s.cols
			}
			values[j] += T(weight * T(v*v))
		}
	}
}

// scale divides the rows of x, its columns or both by the roots of the eigenvalues.
func (e *eigenbasis[T]) scale(x []T, s *matrixState[T], sides [2]bool) {
	for i := range s.rows {
		row := x[i*s.cols:][:s.cols]
		if sides[leftSide] && len(s.values[leftSide]) > 0 {
			simd.Scal(e.inverse[leftSide][i], row)
		}
		if sides[rightSide] {
			for j, v := range e.inverse[rightSide] {
				row[j] *= v
			}
		}
	}
}

// whiten adds the gradient, whitened by the other side, to the moments of each side.
func (e *eigenbasis[T]) whiten(s *matrixState[T], g []T) {
	e.times = scratch.Grow(e.times, len(g))
	for i, n := range [2]int{s.rows, s.cols} {
		a := s.moments[i]
		if a == nil {
			continue
		}
		left, right := s.basis[leftSide], s.basis[rightSide]
		if i == leftSide {
			left = nil
		} else {
			right = nil
		}
		e.product.between(e.times, s.cols, left, g, s.cols, right, s.rows, s.cols, false)
		e.scale(e.times, s, [2]bool{i == rightSide, i == leftSide})
		weight := (1 - e.ShampooBeta) * float64(n) / float64(len(g))
		gemm.Syrk(true, i == rightSide, n, len(g)/n, T(weight), e.times, s.cols, T(e.ShampooBeta), a, n)
	}
}
