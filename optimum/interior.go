package optimum

import (
	"context"
	"math"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"
)

const (
	maxInteriorSteps = 200
	toBoundary       = 0.99 // a step goes this share of the way to the nearest bound
	roundingRatio    = 100  // of gap to μ; it is 2 without rounding errors
	regularization   = 1e-7 // δ, as a share of the largest diagonal element of the dual Hessian
)

// interiorPoint solves the dual of the hinge loss, up to rounding, and returns the number of steps. It is Mehrotra's
// predictor-corrector method, with a linear system whose order is only that of w (Ferris, Munson 2002). With slacks
// s, t ≥ 0, a solution has the margins mᵢ = 1 + sᵢ − tᵢ and the products pᵢsᵢ = 0 and (1−pᵢ)tᵢ = 0. A step is Newton's step
// on these equations, with products μ > 0 in place of 0; μ tends to 0.
func interiorPoint(ctx context.Context, d *dual) (steps int) {
	q := newInterior(d)
	last := math.Inf(1)
	for ; steps < maxInteriorSteps && ctx.Err() == nil; steps++ {
		d.refresh()
		gap, mu := d.gap(), q.products(0)
		rounded := gap > last/2 && gap > roundingRatio*mu
		if rounded || gap <= precision(d, d.Loss(d.w, nil))/2 || !q.factorize() {
			break
		}
		last = gap
		clear(q.dp)
		q.direction(0)
		predicted := q.products(q.longest())
		ratio := predicted / mu
		q.direction(ratio * ratio * predicted)
		q.move(toBoundary * q.longest())
	}
	return steps
}

// interior is the state of interiorPoint; dual has p and w.
type interior struct {
	*dual
	q, s, t    []float64 // q = 1−p, which keeps its digits where p is almost 1
	dp, ds, dt []float64 // the direction
	delta      float64
	factor     mat.Cholesky
}

// newInterior returns the center of the box, with slacks that fit the margins there.
func newInterior(d *dual) *interior {
	n := d.Len()
	q := &interior{dual: d, q: make([]float64, n), s: make([]float64, n), t: make([]float64, n),
		dp: make([]float64, n), ds: make([]float64, n), dt: make([]float64, n)}
	for i := range n {
		q.p[i], q.q[i] = 0.5, 0.5
		_, a := q.Row(i)
		q.delta = max(q.delta, regularization*q.unit*floats.Dot(a, a))
	}
	q.refresh()
	for i := range n {
		excess := q.margin(i) - 1
		q.s[i], q.t[i] = 1+max(0, excess), 1+max(0, -excess)
	}
	return q
}

// weight returns θᵢ, the inverse of the diagonal element of Δpᵢ after Δsᵢ and Δtᵢ are eliminated. At a row whose pᵢ ends
// between its bounds it would grow like 1/μ, and so would rounding errors. δ prevents this: it adds (δ/2)‖Δp‖² to a step and
// does not change the solution (Friedlander, Orban 2012).
func (q *interior) weight(i int) float64 { return 1 / (q.s[i]/q.p[i] + q.t[i]/q.q[i] + q.delta) }

// factorize factorizes nλI + Σ θᵢaᵢaᵢᵀ, the matrix for Δw, and reports whether it could.
func (q *interior) factorize() bool {
	order := len(q.w)
	matrix := mat.NewSymDense(order, nil)
	g := matrix.RawSymmetric()
	for i := range q.p {
		theta := q.weight(i)
		for j, v := range entries(q.Linear, i) {
			if v != 0 {
				q.RowAxpy(g.Data[j*g.Stride:][:order], theta*v, i)
			}
		}
	}
	for j := range order {
		g.Data[j*g.Stride+j] += 1 / q.unit
	}
	return q.factor.Factorize(matrix)
}

// direction computes the Newton direction toward products μ. It subtracts the products of the current direction (the
// corrector).
func (q *interior) direction(mu float64) {
	dw := make([]float64, len(q.w))
	for i, p := range q.p {
		q.ds[i] = mu - p*q.s[i] - q.dp[i]*q.ds[i]
		q.dt[i] = mu - q.q[i]*q.t[i] + q.dp[i]*q.dt[i]
		q.dp[i] = 1 - q.margin(i) + q.s[i] - q.t[i] + q.ds[i]/p - q.dt[i]/q.q[i]
		q.RowAxpy(dw, q.weight(i)*q.labels[i]*q.dp[i], i)
	}
	v := mat.NewVecDense(len(dw), dw)
	_ = q.factor.SolveVecTo(v, v) // its only error, a bad condition, is normal at the end of an interior point method
	for i, p := range q.p {
		q.dp[i] = q.weight(i) * (q.dp[i] - q.labels[i]*q.RowDot(i, dw))
		q.ds[i] = (q.ds[i] - q.s[i]*q.dp[i]) / p
		q.dt[i] = (q.dt[i] + q.t[i]*q.dp[i]) / q.q[i]
	}
}

// longest returns the longest step, of at most 1, that keeps p, q, s and t from falling below 0.
func (q *interior) longest() float64 {
	steepest := 1.0
	for i, dp := range q.dp {
		steepest = max(steepest, -dp/q.p[i], dp/q.q[i], -q.ds[i]/q.s[i], -q.dt[i]/q.t[i])
	}
	return 1 / steepest
}

// products returns the mean of ps and qt after a step of the given length.
func (q *interior) products(step float64) float64 {
	sum := 0.0
	for i, dp := range q.dp {
		sum += (q.p[i]+step*dp)*(q.s[i]+step*q.ds[i]) + (q.q[i]-step*dp)*(q.t[i]+step*q.dt[i])
	}
	return sum / float64(2*len(q.dp))
}

func (q *interior) move(step float64) {
	for i, dp := range q.dp {
		q.p[i] = min(1, q.p[i]+step*dp)
		q.q[i] -= step * dp
		q.s[i] += step * q.ds[i]
		q.t[i] += step * q.dt[i]
	}
}
