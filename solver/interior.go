package solver

import (
	"math"

	"steepest/internal/simd"
	"steepest/objective"
)

// interior is the interior point method for the hinge loss and few columns (Ferris, Munson, Interior-point methods for massive support vector
// machines, 2002), with the predictor and the corrector of Mehrotra (On the implementation of a primal-dual interior point method, 1992). As
// μ → 0, it follows the solution of
//
//	λ₂x = (1/n) Σ sᵢαᵢyᵢaᵢ,   m = 1 + r − ξ,   αr = βξ = μ,   α + β = 1,   all of α, β, r, ξ > 0,
//
// where m are the margins yz, and −yα the slopes of the losses. At μ = 0 the losses are ξ. A step of Newton's method on these equations is a step
// on smooth losses with the curvatures 1/(r/α + ξ/β), so it uses the same Hessians and factors.
type interior struct {
	*newton
	alpha, beta, over, under       []float64 // α, β, r, ξ
	alphaStep, overStep, underStep []float64
}

const (
	firstTarget = 1    // μ at the start
	boundary    = 0.99 // share of the longest possible step
	mostSteps   = 100  // 25 are common
	promising   = 10   // the gap is computed if the mean of αr and βξ is at most this multiple of the tolerance
)

func (r *run) interiorPoint() {
	vector := func() []float64 { return make([]float64, r.n) }
	s := interior{newNewton(r), vector(), vector(), vector(), vector(), vector(), vector(), vector()}
	copy(s.x, r.result.X)
	s.start()
	for i, z := range s.z { // α, β, r and ξ for the scores of x
		e := s.labels[i]*z - 1
		root := 2*firstTarget + math.Hypot(e, 2*firstTarget)
		least := 2 * firstTarget / (root + math.Abs(e)) // without cancellation
		s.alpha[i], s.beta[i] = 1-least, least
		if e > 0 {
			s.alpha[i], s.beta[i] = least, 1-least
		}
		s.over[i], s.under[i] = firstTarget/s.alpha[i], firstTarget/s.beta[i]
	}
	for k := range mostSteps {
		if s.done() {
			return
		}
		s.solve = s.factorize
		s.predict()
		before, after := s.complementarity(0), s.complementarity(s.longest())
		s.solve = s.substitute
		s.aim(math.Pow(after/before, 3) * before)
		value, gap := s.move(s.longest()), math.Inf(1)
		if s.complementarity(0) <= promising*s.limit(value) || k == mostSteps-1 {
			gap = s.certify()
		}
		s.saw(s.x, value, gap)
	}
}

// predict computes the step towards μ = 0.
func (s *interior) predict() {
	clear(s.alphaStep)
	clear(s.overStep)
	clear(s.underStep)
	s.aim(0)
}

// aim computes the step towards a μ. Products of the last computed step correct it to the second order.
func (s *interior) aim(target float64) {
	for i, a := range s.alpha {
		p := (target-float64(s.alphaStep[i]*s.overStep[i]))/a - s.over[i]
		q := (target+float64(s.alphaStep[i]*s.underStep[i]))/s.beta[i] - s.under[i]
		s.curvatures[i] = 1 / (s.over[i]/a + s.under[i]/s.beta[i])
		s.slopes[i] = -s.weight(i) * s.labels[i] * (a + float64(s.curvatures[i]*(p-q)))
		s.overStep[i], s.underStep[i] = p, q
	}
	s.direction()
	for i, a := range s.alpha {
		step := s.curvatures[i] * (s.overStep[i] - s.underStep[i] - float64(s.labels[i]*s.scoreStep[i]))
		s.alphaStep[i] = step
		s.overStep[i] -= float64(s.over[i] / a * step)
		s.underStep[i] += float64(s.under[i] / s.beta[i] * step)
	}
}

// longest returns the length of the step that stays in the domain, at most 1.
func (s *interior) longest() float64 {
	most := 1 / boundary
	for i, step := range s.alphaStep {
		if step < 0 {
			most = min(most, s.alpha[i]/-step)
		} else if step > 0 {
			most = min(most, s.beta[i]/step)
		}
		if step := s.overStep[i]; step < 0 {
			most = min(most, s.over[i]/-step)
		}
		if step := s.underStep[i]; step < 0 {
			most = min(most, s.under[i]/-step)
		}
	}
	return boundary * most
}

// complementarity returns the mean of αr and βξ after t steps.
func (s *interior) complementarity(t float64) float64 {
	sum := 0.0
	for i, step := range s.alphaStep {
		move := float64(t * step)
		sum += float64((s.alpha[i] + move) * (s.over[i] + float64(t*s.overStep[i])))
		sum += float64((s.beta[i] - move) * (s.under[i] + float64(t*s.underStep[i])))
	}
	return sum / float64(2*s.n)
}

// move makes t steps, and returns F there.
func (s *interior) move(t float64) float64 {
	simd.Axpy(t, s.step, s.x)
	simd.Axpy(t, s.scoreStep, s.z)
	simd.Axpy(t, s.overStep, s.over)
	simd.Axpy(t, s.underStep, s.under)
	simd.Axpy(t, s.alphaStep, s.alpha)
	simd.Axpy(-t, s.alphaStep, s.beta)
	return s.penalty(s.x) + s.rowsum(func(lo, hi int) (sum float64) {
		for i := lo; i < hi; i++ {
			loss, _ := objective.HingeLoss{}.Eval(s.z[i], s.labels[i])
			sum += float64(s.weight(i) * loss)
		}
		return sum
	})/float64(s.n)
}

// certify returns the gap at x.
func (s *interior) certify() float64 {
	for i, a := range s.alpha {
		s.dual[i] = -s.weight(i) * s.labels[i] * a
	}
	s.result.Passes += 0.5
	return s.gap(s.x, s.z, s.dual, s.grad)
}
