package solver

import (
	"math"
	"math/rand/v2"
	"slices"

	"steepest/internal/gemm"
	"steepest/internal/parallel"
	"steepest/internal/simd"
	"steepest/objective"
)

// newton is Newton's method, proximal with an ℓ1 penalty. With the slopes u and curvatures h of the losses at the scores z, a step p solves
//
//	(Aᵀdiag(h)A/n + λ₂I) p = −(Aᵀu/n + λ₂x),   and δ = Ap.
//
// Then u + h∘δ is a dual point whose −Aᵀu/n is λ₂(x + p). In the gap between it and x + p the penalty has no slack, and the slack of the
// losses is of fourth order in δ. So the gap is as small as F(x + p) − F*.
type newton struct {
	*run
	x, z                       []float64
	slopes, curvatures         []float64
	nextX, nextZ               []float64
	nextSlopes, nextCurvatures []float64
	step, scoreStep, dual      []float64
	grad                       []float64
	solve                      func() // stores −H⁻¹∇F in step, and its scores in scoreStep
	partial                    bool   // the step is not near the end: it leaves out columns that violate optimality by more than the tolerance, or its solve is loose
	slow                       bool   // the last step has not divided the decrement by 4, so H is computed again
	hessian, factor            []float64
	parts                      [][]float64
}

const (
	armijo      = 1e-4
	maxHalvings = 60
	rounding    = 0x1p-50 // of F, relative
	patience    = 5       // steps that may lower neither F nor the gap
)

// A sample of 1/sampleShare of the rows is solved first, if it has sampleRows rows for each column, and recursively samples of it. The minimizer
// for a sample of m rows is about d/m above F*, near enough for full steps to converge at once.
const (
	sampleShare = 8
	sampleRows  = 8
)

func newNewton(r *run) *newton {
	vector := func() []float64 { return make([]float64, r.d) }
	scores := func() []float64 { return make([]float64, r.n*r.outputs) }
	s := &newton{
		run: r, x: vector(), z: scores(), slopes: scores(), curvatures: scores(), nextX: vector(), nextZ: scores(),
		nextSlopes: scores(), nextCurvatures: scores(), step: vector(), scoreStep: scores(), dual: scores(), grad: vector(),
	}
	if s.direct() {
		s.hessian, s.factor = make([]float64, r.d*r.d), make([]float64, r.d*r.d)
	}
	switch {
	case s.l1 > 0 && s.hessian != nil:
		s.solve = (&coordinateDescent{newton: s}).solve
	case s.l1 > 0:
		s.solve = newWorkingSets(s).solve
	case s.hessian != nil:
		s.solve = s.factorize
	default:
		s.solve = newConjugateGradient(s).solve
	}
	return s
}

// direct reports whether the Hessian as a matrix, with its factorization, costs less than the passes of conjugate gradients.
func (p *problem) direct() bool {
	if p.outputs > 1 || p.d > maxNewtonColumns {
		return false
	}
	d := float64(p.d)
	work := d * d * d / 6 / denseSpeed
	if p.dense != nil {
		work += float64(p.n) * d * d / 2 / denseSpeed
	} else {
		for i := range p.n {
			k := float64(p.rows.Indptr[i+1] - p.rows.Indptr[i])
			work += float64(k * k / 2)
		}
	}
	return work <= typicalIterations*2*float64(p.nnz())
}

const (
	maxNewtonColumns  = 2000
	denseSpeed        = 6  // multiply-adds of dense rows in the time of one of sparse rows
	typicalIterations = 16 // of conjugate gradients for a step
)

func (r *run) newton() {
	r.result.Method = "Newton"
	s := newNewton(r)
	if r.l1 > 0 {
		r.result.Method = "proximal Newton with coordinate descent"
		if (r.loss == objective.SquaredLoss{}) {
			r.result.Method = "coordinate descent"
		}
	}
	copy(s.x, r.result.X)
	if r.Start == nil {
		s.begin(rand.New(rand.NewPCG(r.Seed, 0)))
	}
	s.minimize()
}

// begin brings x near the minimizer by steps on a sample of the rows.
func (s *newton) begin(random *rand.Rand) {
	m := s.n / sampleShare
	if m < sampleRows*s.d {
		return
	}
	sub := *s.run
	sub.problem, _ = s.sample(random, m)
	sub.Progress = nil
	t := newNewton(&sub)
	t.begin(random)
	t.approach()
	copy(s.x, t.x)
	s.result.Passes += float64((sub.result.Passes - s.result.Passes) / sampleShare)
}

// approach makes steps until their predicted decrease is below d/n, relative to F: the minimizer for these rows is about as far from F*. If F has
// fallen below d/n of its first value, these rows may be separable although all rows are not, and their minimizer may be infinite.
func (s *newton) approach() {
	value := s.start()
	share := float64(s.d) / float64(s.n)
	enough := share * value
	for !s.done() {
		decrement := s.direction()
		next, ok := s.search(value, decrement)
		if !ok {
			return
		}
		value = s.advance(next)
		if decrement/2 <= share*value || value <= enough {
			return
		}
	}
}

// minimize makes steps until the run is done. If a tiny ℓ1 penalty alone has no certificate then, there is one more dual point.
func (s *newton) minimize() {
	s.descend()
	if s.l1 > 0 && s.l2 == 0 && s.hessian != nil && !s.result.Converged && s.ctx.Err() == nil {
		s.project()
	}
}

// project certifies the best point by the dual point u + h∘Ap, where Hp = v − v' moves −Aᵀu/n from v to the nearest v' in the domain of the dual.
// Scaling u down moves it as far as the largest element of v demands, which for a tiny λ₁ is far.
func (s *newton) project() {
	copy(s.x, s.result.X)
	value := s.start()
	copy(s.nextX, s.x)
	copy(s.nextZ, s.z)
	s.combine(s.grad, s.slopes)
	for j, g := range s.grad {
		v := -g / float64(s.n)
		if s.grad[j] = -v; !s.free(j) {
			s.grad[j] = max(-s.l1, min(s.l1, v)) - v
		}
	}
	s.factorize()
	s.certify(value)
}

// descend makes steps until the run is done.
func (s *newton) descend() {
	value, idle, last := s.start(), 0, math.Inf(1)
	if !(value <= s.result.Loss) { // a sample has led away from the minimizer
		copy(s.x, s.result.X)
		value = s.start()
	}
	for !s.done() {
		decrement := s.direction()
		s.slow, last = decrement > last/4, decrement
		next, ok := s.search(value, decrement)
		gap := s.result.Gap
		if s.near(decrement, value) && !s.partial || !ok {
			s.certify(next)
		} else {
			s.saw(s.nextX, next, math.Inf(1))
		}
		if idle++; next < value-float64(rounding*value) || s.result.Gap < 0.9*gap {
			idle = 0
		}
		if (!ok || idle == patience) && !s.result.Converged {
			s.result.Status = "rounding leaves no step that lowers the loss or the gap"
			return
		}
		value = s.advance(next)
	}
}

// near reports whether a step with this decrement may reach the tolerance, given the quadratic convergence of Newton's method.
func (s *newton) near(decrement, value float64) bool {
	return decrement/2 <= 4*math.Sqrt(s.Tolerance)*value
}

// start computes the scores, slopes and curvatures at x, and returns F(x).
func (s *newton) start() float64 {
	if slices.ContainsFunc(s.x, func(w float64) bool { return w != 0 }) {
		s.scores(s.z, s.x)
		s.result.Passes += 0.5
	} else {
		clear(s.z)
	}
	return s.losses(s.z, s.slopes, s.curvatures) + s.penalty(s.x)
}

// direction computes the step from x, and returns −⟨∇f, p⟩ for the smooth f, minus the change of the ℓ1 penalty.
func (s *newton) direction() (decrement float64) {
	s.combine(s.grad, s.slopes)
	for j, g := range s.grad {
		s.grad[j] = g / float64(s.n)
	}
	s.whole.AddRidge(s.grad, 1, s.x)
	s.result.Passes += 0.5
	s.solve()
	decrement = -simd.Dot(s.grad, s.step)
	if s.l1 > 0 {
		copy(s.nextX, s.x)
		simd.Axpy(1, s.step, s.nextX)
		decrement -= s.whole.Penalty(s.nextX) - s.whole.Penalty(s.x)
	}
	return decrement
}

// factorize solves for the step by a Cholesky factorization. If the Hessian has left the range of numbers, there is no step.
func (s *newton) factorize() {
	s.derive()
	least := 1e-14 * s.largestCurvature() // of a ridge; 0 if the curvatures are near the least positive number
	if !(least > 0) || math.IsInf(least, 1) {
		clear(s.step)
		clear(s.scoreStep)
		return
	}
	ridge := 0.0
	for !cholesky(s.factor, s.hessian, s.d, ridge) {
		ridge = max(4*ridge, least)
	}
	s.substitute()
}

// substitute solves for the step by the factor.
func (s *newton) substitute() {
	for j, g := range s.grad {
		s.step[j] = -g
	}
	solve(s.factor, s.d, s.step)
	s.scores(s.scoreStep, s.step)
	s.result.Passes += 0.5
}

// advance makes the next point the current point.
func (s *newton) advance(next float64) float64 {
	s.x, s.nextX, s.z, s.nextZ = s.nextX, s.x, s.nextZ, s.z
	s.slopes, s.nextSlopes, s.curvatures, s.nextCurvatures = s.nextSlopes, s.slopes, s.nextCurvatures, s.curvatures
	return next
}

// search halves the step until F falls enough, and stores the resulting point in next…. If only rounding is left, it returns false and the
// point where it began.
func (s *newton) search(value, decrement float64) (next float64, ok bool) {
	t := 1.0
	for range maxHalvings {
		for j, w := range s.x {
			s.nextX[j] = w + float64(t*s.step[j])
		}
		for i, z := range s.z {
			s.nextZ[i] = z + float64(t*s.scoreStep[i])
		}
		next = s.losses(s.nextZ, s.nextSlopes, s.nextCurvatures) + s.penalty(s.nextX)
		if next <= value-float64(armijo*t*decrement)+float64(rounding*value) {
			return next, true
		}
		t /= 2
	}
	copy(s.nextX, s.x)
	copy(s.nextZ, s.z)
	copy(s.nextSlopes, s.slopes)
	copy(s.nextCurvatures, s.curvatures)
	return value, false
}

// certify computes the gap between the next point and the dual point of the step.
func (s *newton) certify(value float64) {
	s.linearize()
	s.result.Passes += 0.5
	s.saw(s.nextX, value, s.gap(s.nextX, s.nextZ, s.dual, s.grad))
}

// linearize stores in dual the slopes after the step for the quadratic models of the losses.
func (s *newton) linearize() {
	s.curve(s.dual, s.curvatures, s.scoreStep)
	simd.Axpy(1, s.slopes, s.dual)
}

// derive computes the lower triangle of the Hessian.
func (s *newton) derive() {
	d, n := s.d, float64(s.n)
	if s.dense != nil {
		s.denseHessian()
	} else {
		s.share(s.hessian, &s.parts, s.addOuter)
	}
	simd.Scal(1/n, s.hessian)
	for j := range d {
		if !s.free(j) {
			s.hessian[j*d+j] += s.l2
		}
	}
	s.result.Passes += 0.5
}

// addOuter adds Σ hᵢaᵢaᵢᵀ over sparse rows to the lower triangle of g, two of its rows at a time.
func (s *newton) addOuter(g []float64, lo, hi int) {
	d := s.d
	for i := lo; i < hi; i++ {
		h := s.weight(i) * s.curvatures[i]
		if h == 0 {
			continue
		}
		columns, values := s.rows.Row(i)
		k := len(values) - 1
		for ; k > 0; k -= 2 {
			a, b := int(columns[k-1]), int(columns[k])
			rowA, rowB := g[a*d:][:a+1], g[b*d:][:b+1]
			valueA, valueB := h*values[k-1], h*values[k]
			before := values[:k]
			for m, j := range columns[:k] {
				v := before[m]
				rowA[j] += float64(valueA * v)
				rowB[j] += float64(valueB * v)
			}
			rowB[b] += float64(valueB * values[k])
		}
		if k == 0 {
			g[int(columns[0])*(d+1)] += float64(h * values[0] * values[0])
		}
	}
}

// denseRows is the number of rows of √h∘A that are multiplied at a time.
const denseRows = 256

func (s *newton) denseHessian() {
	clear(s.hessian)
	scaled := make([]float64, min(denseRows, s.n)*s.d)
	for lo := 0; lo < s.n; lo += denseRows {
		hi := min(lo+denseRows, s.n)
		parallel.For(hi-lo, func(_, k int) {
			root := math.Sqrt(s.weight(lo+k) * s.curvatures[lo+k])
			for j, v := range s.dense.Row(lo + k) {
				scaled[k*s.d+j] = root * v
			}
		})
		gemm.Syrk(false, true, s.d, hi-lo, 1, scaled, s.d, 1, s.hessian, s.d)
	}
}

func (s *newton) largestCurvature() float64 {
	largest := 0.0
	for j := range s.d {
		largest = max(largest, s.hessian[j*s.d+j])
	}
	return largest
}
