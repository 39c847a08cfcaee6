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

// Chain returns SOAP's chain in the bases of KL-SOAP.
func (r KLSOAP) Chain() optim.Chain {
	r = r.Resolved().(KLSOAP)
	c := r.SOAP.Chain()
	c[0] = InKLEigenbasis{InEigenbasis: c[0].(InEigenbasis), Initial: r.Initial.Get()}
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
		InKLEigenbasis{
			InEigenbasis: InEigenbasis{
				Beta1: r.Beta1.Get(), Beta2: r.ShampooBeta.Get(), ShampooBeta: r.ShampooBeta.Get(), Eps: 1e-8,
				BasisInterval: r.BasisInterval.Get(), MaxOrder: r.MaxOrder.Get(),
			},
			Initial: r.Initial.Get(), Alone: true,
		},
		optim.LearningRate{LR: r.LR},
		optim.DecayAfter{Lambda: r.WeightDecay.Get()},
	}
}

// InKLEigenbasis is the T of KLSOAP and KLShampoo: InEigenbasis with their moments of the sides.
type InKLEigenbasis struct {
	InEigenbasis
	// Initial is λ₀, above 0.
	Initial float64
	// Alone divides by the roots of the eigenvalues instead of those of Adam's squares in the bases.
	Alone bool
}

// Transform implements Transformer. Its state is that of InEigenbasis and the eigenvalues. If Alone is set, matrices with a basis have no v.
func (o InKLEigenbasis) Transform() optim.Transform {
	values := func(which int) func(param.Param) int {
		return func(p param.Param) int {
			count, _, _ := p.Matrices()
			return count * o.orders(p)[which]
		}
	}
	t := o.InEigenbasis.Transform()
	t.Slots[momentSlot+1].Size = func(p param.Param) int {
		if o.Alone && o.orders(p) != [2]int{} {
			return 0
		}
		return p.Size()
	}
	t.Slots = append(t.Slots, optim.Slot{Name: "left-values", Size: values(leftSide)}, optim.Slot{Name: "right-values", Size: values(rightSide)})
	t.FLOPs = o.flops(6) // it turns the gradient for each side once more
	t.Whole32 = func() optim.Whole[float32] {
		return (&klBasis[float32]{eigenbasis: eigenbasis[float32]{InEigenbasis: o.InEigenbasis}, initial: o.Initial}).transform
	}
	t.Whole64 = func() optim.Whole[float64] {
		return (&klBasis[float64]{eigenbasis: eigenbasis[float64]{InEigenbasis: o.InEigenbasis}, initial: o.Initial}).transform
	}
	return t
}

// klBasis is InKLEigenbasis with its memory.
type klBasis[T param.Float] struct {
	eigenbasis[T]
	initial float64
	coeffs  optim.Coeffs
	values  [2][]T // the eigenvalues of the current matrix
	inverse [2][]T // inverse roots of the eigenvalues
}

// mostInverse is the largest inverse root of an eigenvalue, as in the speedrun's code.
const mostInverse = 4000

func (e *klBasis[T]) transform(k int, c *optim.Coeffs, t *optim.Tensor[T]) error {
	return e.forMatrices(t, func(i int, s *matrixState[T]) error {
		s.m = nth(t.S[momentSlot], i, len(s.in))
		if v := t.S[momentSlot+1]; len(v) > 0 {
			s.v = nth(v, i, len(s.in))
		}
		for j, n := range e.orders(t.Param) {
			e.values[j] = nth(t.S[momentSlot+2+j], i, n)
		}
		if k == 0 {
			err := e.begin(s)
			clear(s.u)
			return err
		}
		return e.step(k, c, s)
	})
}

// begin sets the unit, the moments of the first gradient, the eigenvalues λ₀ and the bases.
func (e *klBasis[T]) begin(s *matrixState[T]) error {
	mantissa, exponent := 0.5, 0
	if norm, unit := rescale.Norm(s.in); norm > 0 {
		mantissa, exponent = math.Frexp(norm / math.Sqrt(float64(len(s.in))))
		exponent += math.Ilogb(unit)
	}
	s.units[0], s.units[1] = T(mantissa), T(exponent)
	g, _, _ := e.perUnit(s)
	for i, n := range [2]int{s.rows, s.cols} {
		if a := s.moments[i]; a != nil {
			gemm.Syrk(true, i == rightSide, n, len(g)/n, T(float64(n)/float64(len(g))), g, s.cols, 0, a, n)
		}
		for j := range e.values[i] {
			e.values[i][j] = T(e.initial)
		}
	}
	return e.eigenbasis.begin(s)
}

// perUnit returns the gradient in the unit by·2ᵉ, the root mean square of the first gradient.
func (e *klBasis[T]) perUnit(s *matrixState[T]) (g []T, by float64, exponent int) {
	by, exponent = float64(s.units[0]), int(s.units[1])
	e.g = scratch.Grow(e.g, len(s.in))
	rescale.Shift(e.g, s.in, -exponent)
	simd.Scal(T(1/by), e.g)
	return e.g, by, exponent
}

func (e *klBasis[T]) step(k int, c *optim.Coeffs, s *matrixState[T]) error {
	g, by, exponent := e.perUnit(s)
	for i, values := range e.values {
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
	e.turn(s.u, s, e.turned, true)
	e.whiten(s, g)
	if k%e.BasisInterval == 0 {
		return e.improve(s, func(which, _ int) { copy(s.basis[which], e.times) })
	}
	return nil
}

// average updates the eigenvalues with the squares of the gradient in the bases. The squares for one side are divided by the eigenvalues of
// the other side.
func (e *klBasis[T]) average(s *matrixState[T]) {
	keep, add := T(e.ShampooBeta), 1-e.ShampooBeta
	e.times = scratch.Grow(e.times, len(e.turned))
	for i, n := range [2]int{s.rows, s.cols} {
		values := e.values[i]
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
func (e *klBasis[T]) scale(x []T, s *matrixState[T], sides [2]bool) {
	for i := range s.rows {
		row := x[i*s.cols:][:s.cols]
		if sides[leftSide] && len(e.values[leftSide]) > 0 {
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
func (e *klBasis[T]) whiten(s *matrixState[T], g []T) {
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
