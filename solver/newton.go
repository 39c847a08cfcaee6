package solver

import (
	"math"

	"steepest/internal/gemm"
	"steepest/internal/parallel"
	"steepest/internal/simd"
	"steepest/objective"
)

// newton minimizes a smooth F with a Hessian as a matrix. With the slopes u and curvatures h of the losses at the scores z, a step p solves
//
//	(Aᵀdiag(h)A/n + λ₂I) p = −(Aᵀu/n + λ₂x),   and δ = Ap.
//
// Then u + h∘δ is a dual point whose −Aᵀu/n is λ₂(x + p). Of the gap between it and x + p the penalty leaves nothing, and the losses what
// is of fourth order in δ; so the gap is as small as F(x + p) − F*.
type newton struct {
	*run
	x, z                       []float64
	slopes, curvatures         []float64
	nextX, nextZ               []float64
	nextSlopes, nextCurvatures []float64
	step, scoreStep, dual      []float64
	grad, hessian, factor      []float64
	parts                      [][]float64
}

const (
	armijo      = 1e-4
	maxHalvings = 60
)

func (r *run) newton() {
	r.result.Method = "Newton"
	vector := func() []float64 { return make([]float64, r.d) }
	scores := func() []float64 { return make([]float64, r.n) }
	s := newton{
		run: r, x: vector(), z: scores(), slopes: scores(), curvatures: scores(), nextX: vector(), nextZ: scores(),
		nextSlopes: scores(), nextCurvatures: scores(), step: vector(), scoreStep: scores(), dual: scores(), grad: vector(),
		hessian: make([]float64, r.d*r.d), factor: make([]float64, r.d*r.d),
	}
	copy(s.x, r.result.X)
	s.minimize()
}

func (s *newton) minimize() {
	loss := s.losses(s.z, s.slopes, s.curvatures)
	s.origin = loss
	if s.Start != nil {
		s.scores(s.z, s.x)
		loss = s.losses(s.z, s.slopes, s.curvatures)
		s.result.Passes += 0.5
	}
	value := loss + s.penalty(s.x)
	for {
		s.derive()
		ridge := 0.0
		for !cholesky(s.factor, s.hessian, s.d, ridge) {
			ridge = max(4*ridge, 1e-14*s.largestCurvature())
		}
		for j, g := range s.grad {
			s.step[j] = -g
		}
		solve(s.factor, s.d, s.step)
		s.scores(s.scoreStep, s.step)
		s.result.Passes += 0.5
		decrement := -simd.Dot(s.grad, s.step)
		next, ok := s.search(value, decrement)
		if decrement/2 <= 4*math.Sqrt(s.Tolerance)*value || !ok {
			s.certify(next)
		} else {
			s.saw(s.nextX, next, math.Inf(1))
		}
		if !ok && !s.result.Converged {
			s.result.Status = "rounding leaves no step that lowers the loss"
			return
		}
		s.x, s.nextX, s.z, s.nextZ, value = s.nextX, s.x, s.nextZ, s.z, next
		s.slopes, s.nextSlopes, s.curvatures, s.nextCurvatures = s.nextSlopes, s.slopes, s.nextCurvatures, s.curvatures
		if s.done() {
			return
		}
	}
}

// search halves the step until F falls enough, and stores the point it comes to in next…. It returns false with the point where it began if
// rounding is all that is left.
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
		if next <= value-armijo*t*decrement {
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

// certify looks at the gap between the next point and the dual point of the step.
func (s *newton) certify(value float64) {
	for i, u := range s.slopes {
		s.dual[i] = s.clip(u+float64(s.curvatures[i]*s.scoreStep[i]), s.labels[i])
	}
	s.combine(s.grad, s.dual)
	for j, g := range s.grad {
		s.grad[j] = -g / float64(s.n)
	}
	s.result.Passes += 0.5
	s.saw(s.nextX, value, s.fenchel(s.nextZ, s.dual)+s.penaltyGap(s.nextX, s.grad))
}

// derive stores the gradient and the lower triangle of the Hessian.
func (s *newton) derive() {
	d, n := s.d, float64(s.n)
	s.combine(s.grad, s.slopes)
	for j, g := range s.grad {
		s.grad[j] = g/n + float64(s.l2*s.x[j])
	}
	if s.dense != nil {
		s.denseHessian()
	} else {
		s.share(s.hessian, &s.parts, s.addOuter)
	}
	for k, h := range s.hessian {
		s.hessian[k] = h / n
	}
	for j := range d {
		s.hessian[j*d+j] += s.l2
	}
	s.result.Passes += 0.5
}

// addOuter adds Σ hᵢaᵢaᵢᵀ over sparse rows to the lower triangle of g.
func (s *newton) addOuter(g []float64, lo, hi int) {
	for i := lo; i < hi; i++ {
		h := s.curvatures[i]
		if h == 0 {
			continue
		}
		columns, values := s.rows.Row(i)
		for k, v := range values {
			if v == 0 {
				continue
			}
			v *= h
			row := g[int(columns[k])*s.d:][:columns[k]+1]
			values := values[:k+1]
			for m, j := range columns[:k+1] {
				row[j] += float64(v * values[m])
			}
		}
	}
}

// denseRows are the rows of √h∘A that are multiplied at a time.
const denseRows = 256

func (s *newton) denseHessian() {
	clear(s.hessian)
	scaled := make([]float64, min(denseRows, s.n)*s.d)
	for lo := 0; lo < s.n; lo += denseRows {
		hi := min(lo+denseRows, s.n)
		parallel.For(hi-lo, func(_, k int) {
			root := math.Sqrt(s.curvatures[lo+k])
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

// clip returns the number nearest to u that is a slope of the loss, of those to which Conjugate is finite.
func (p *problem) clip(u, y float64) float64 {
	lo, hi := domain(p.loss, y)
	return max(lo, min(hi, u))
}

// domain returns the ends of the slopes of a loss at label y.
func domain(loss objective.Loss, y float64) (lo, hi float64) {
	switch l := loss.(type) {
	case objective.LogisticLoss, objective.HingeLoss:
		return min(0, -y), max(0, -y)
	case objective.SquaredHingeLoss:
		if y > 0 {
			return math.Inf(-1), 0
		}
		return 0, math.Inf(1)
	case objective.HuberLoss:
		return -l.Delta, l.Delta
	}
	return math.Inf(-1), math.Inf(1)
}

// cholesky stores the lower factor of a + ridge·I in l, both of order d, and says whether there is one.
func cholesky(l, a []float64, d int, ridge float64) bool {
	for i := range d {
		row := l[i*d:][:d]
		for j := range i {
			other := l[j*d:][:d]
			row[j] = (a[i*d+j] - simd.Dot(row[:j], other[:j])) / other[j]
		}
		square := a[i*d+i] + ridge - simd.Dot(row[:i], row[:i])
		if !(square > 0) || math.IsInf(square, 1) {
			return false
		}
		row[i] = math.Sqrt(square)
	}
	return true
}

// solve replaces b by (llᵀ)⁻¹b.
func solve(l []float64, d int, b []float64) {
	for i := range d {
		b[i] = (b[i] - simd.Dot(l[i*d:][:i], b[:i])) / l[i*d+i]
	}
	for i := d - 1; i >= 0; i-- {
		b[i] /= l[i*d+i]
		simd.Axpy(-b[i], l[i*d:][:i], b[:i])
	}
}
