package solver

import (
	"math"
	"math/rand/v2"

	"steepest/internal/simd"
)

// conjugateGradient solves for the step of Newton's method by products with the Hessian; each costs a pass. If a matrix of the order is small,
// the preconditioner is the Hessian of a sample of the rows, with the diagonal raised at least to that of the full Hessian. Otherwise it is
// that diagonal.
type conjugateGradient struct {
	*newton
	multiply                             func() // stores the product of the Hessian and the direction, and the scores of the direction
	residual, direction, product, solved []float64
	scoreDirection, bent                 []float64
	diagonal                             []float64
	sampled                              *newton // nil if the preconditioner is the diagonal
	taken                                []int   // the rows of the sample
}

// preconditionWork bounds the factor of a preconditioner, in passes.
const preconditionWork = 4

func newConjugateGradient(s *newton) *conjugateGradient {
	vector := func() []float64 { return make([]float64, s.d) }
	scores := func() []float64 { return make([]float64, s.n*s.outputs) }
	g := &conjugateGradient{
		newton: s, residual: vector(), direction: vector(), product: vector(), solved: vector(), scoreDirection: scores(), bent: scores(),
		diagonal: vector(),
	}
	g.multiply = g.products
	d, m := float64(s.d), s.n/sampleShare
	if s.outputs > 1 || s.d > maxNewtonColumns || m < 2*s.d || d*d*d/6/denseSpeed > preconditionWork*2*float64(s.nnz()) {
		return g
	}
	sub := *s.run
	sub.problem, g.taken = s.sample(rand.New(rand.NewPCG(s.Seed, 1)), m)
	g.sampled = &newton{run: &sub, curvatures: make([]float64, m), hessian: make([]float64, s.d*s.d), factor: make([]float64, s.d*s.d)}
	return g
}

// Forcing terms: the required ratio of the residual of a step to ∇F, in the norm of the preconditioner.
const (
	forcing       = 0.1
	maxIterations = 500 // of a step
)

func (s *conjugateGradient) solve() {
	s.precondition()
	s.descend(func(left float64) bool { return left <= forcing*forcing && s.certifiable() })
}

// descend iterates from 0 until done returns true. The argument of done is the square of the residual, relative to that of ∇F, both in the norm of
// the preconditioner.
func (s *conjugateGradient) descend(done func(left float64) bool) {
	clear(s.step)
	clear(s.scoreStep)
	for j, g := range s.grad {
		s.residual[j] = -g
	}
	s.divide()
	copy(s.direction, s.solved)
	square := simd.Dot(s.residual, s.solved)
	first := square
	for range maxIterations {
		if square == 0 || s.done() {
			return
		}
		s.multiply()
		curvature := simd.Dot(s.direction, s.product)
		if !(curvature > 0) {
			return
		}
		length := square / curvature
		simd.Axpy(length, s.direction, s.step)
		simd.Axpy(length, s.scoreDirection, s.scoreStep)
		simd.Axpy(-length, s.product, s.residual)
		s.divide()
		last := square
		square = simd.Dot(s.residual, s.solved)
		if done(square / first) {
			return
		}
		by := square / last
		for j, v := range s.solved {
			s.direction[j] = v + float64(by*s.direction[j])
		}
	}
}

// certifiable reports whether the residual is small enough. The residual adds to the gap of the step's dual point. It is small enough if that part is
// within the tolerance, or if the step is so long that other parts of the gap are larger.
func (s *conjugateGradient) certifiable() bool {
	value := s.result.Loss
	if math.IsInf(value, 1) || !s.near(-simd.Dot(s.grad, s.step), value) {
		return true
	}
	return s.l2 == 0 || simd.SumSquares(s.residual)/(2*s.l2) <= s.limit(value)/4
}

// cacheRows is the number of rows that a product reads twice, once for their scores, while they are in the cache.
const cacheRows = 64

// products is multiply for the Hessian over all columns.
func (s *conjugateGradient) products() {
	s.share(s.product, &s.parts, func(g []float64, lo, hi int) {
		for ; lo < hi; lo += cacheRows {
			end := min(lo+cacheRows, hi)
			s.scoreRows(s.scoreDirection, s.direction, lo, end)
			for i := lo; i < end; i++ {
				s.curveRow(s.bent, s.curvatures, s.scoreDirection, i)
			}
			s.addRows(g, s.bent, lo, end)
		}
	})
	for j, v := range s.product {
		s.product[j] = v / float64(s.n)
	}
	s.whole.AddRidge(s.product, 1, s.direction)
	s.result.Passes++
}

// precondition computes the preconditioner.
func (s *conjugateGradient) precondition() {
	c := s.outputs
	s.share(s.diagonal, &s.parts, func(g []float64, lo, hi int) {
		for i := lo; i < hi; i++ {
			columns, values := s.row(i)
			for k := range c {
				h := s.curvatures[i*c+k]
				if c > 1 && s.targets == nil {
					h *= 1 - h
				}
				if h *= s.weight(i); h == 0 {
					continue
				}
				g := g[k*s.columns : (k+1)*s.columns]
				for m, v := range values {
					j := m
					if columns != nil {
						j = int(columns[m])
					}
					g[j] += float64(h * float64(v*v))
				}
			}
		}
	})
	s.result.Passes += 0.5
	least := math.Inf(1)
	for j, v := range s.diagonal {
		if s.diagonal[j] = v / float64(s.n); !s.free(j) {
			s.diagonal[j] += s.l2
		}
		if s.diagonal[j] > 0 {
			least = min(least, s.diagonal[j])
		}
	}
	for j, v := range s.diagonal {
		if v == 0 { // a column of zeros without a penalty has no effect
			s.diagonal[j] = least
		}
	}
	if s.sampled == nil {
		return
	}
	for k, i := range s.taken {
		s.sampled.curvatures[k] = s.curvatures[i]
	}
	s.sampled.derive()
	for j, v := range s.diagonal {
		at := &s.sampled.hessian[j*s.d+j]
		*at = max(*at, v)
	}
	if !cholesky(s.sampled.factor, s.sampled.hessian, s.d, 0) {
		s.sampled = nil
	}
}

// divide stores the inverse of the preconditioner times the residual.
func (s *conjugateGradient) divide() {
	if s.sampled != nil {
		copy(s.solved, s.residual)
		solve(s.sampled.factor, s.d, s.solved)
		return
	}
	for j, r := range s.residual {
		s.solved[j] = r / s.diagonal[j]
	}
}
