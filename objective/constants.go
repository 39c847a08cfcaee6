package objective

import (
	"math"
	"math/rand/v2"

	"gonum.org/v1/gonum/mat"

	"steepest/internal/simd"
)

const (
	maxGramOrder    = 500   // beyond, no eigenvalues of the Gram matrix
	maxGramWork     = 2e9   // multiply-adds to form it
	gramRounding    = 1e-12 // taken for the relative error of its eigenvalues
	maxLanczosSteps = 256
)

// Constants returns the constants of f, computed from the data at the first call. With the eigenvalues of AᵀA/n, and the
// bounds ℓ₀ ≤ ℓ″ ≤ ℓ₁ of the loss, they are
//
//	L = ℓ₁ λmax(AᵀA/n) + λ₂,   LMax = ℓ₁ max ‖aᵢ‖² + λ₂,   Mu = ℓ₀ λmin(AᵀA/n) + λ₂,
//
// and PL takes for λmin the smallest eigenvalue that is not zero. Here ℓ₁ is 1 for least squares, Huber and the squared
// hinge, ¼ for logistic, ½ for softmax and +Inf for the hinge; ℓ₀ is 1 for least squares and 0 otherwise. Where ‖ℓ′‖ is at
// most s, which is 1 for logistic and the hinge, √2 for softmax and δ for Huber, Variance is s²·mean ‖aᵢ‖², and SecondMoment
// is the same if λ₂ = 0; both are +Inf otherwise.
//
// When the smaller of n and d is at most 500, the eigenvalues are exact to 1e-12 λmax, and rounded up in L and down in Mu and
// PL. Beyond, Lanczos' method finds L to a relative 1e-6, rounded up, and Mu and PL are λ₂.
func (m *model) Constants() Constants { return m.constants() }

func computeConstants(p *Linear[float64]) Constants {
	inf, sup := p.loss.curvature()
	l1, l2 := p.Penalties()
	s := spectrumOf(&p.rows)
	largest, mean := p.rowSquares()
	c := Constants{L: sup*s.max + l2, LMax: sup*largest + l2, Mu: inf*s.min + l2, Convex: true, Composite: l1 > 0}
	c.Variance = p.loss.slope() * p.loss.slope() * mean
	if c.SecondMoment = c.Variance; l2 > 0 {
		c.SecondMoment = math.Inf(1)
	}
	c.PL = c.Mu
	if c.Mu == 0 {
		c.PL = inf * s.minPositive
	}
	return c
}

// rowSquares returns the maximum and the mean of ‖aᵢ‖².
func (m *rows[T]) rowSquares() (largest, mean float64) {
	var sum total
	for i := range m.n {
		_, v := m.Row(i)
		square := simd.SumSquares(v)
		largest = max(largest, square)
		sum.add(square)
	}
	return largest, sum.value() / float64(m.n)
}

// spectrum holds bounds on the eigenvalues of AᵀA/n: max from above, the others from below, 0 where unknown.
type spectrum struct{ max, min, minPositive float64 }

func spectrumOf(m *rows[float64]) spectrum {
	g := gram(m)
	if g == nil {
		return spectrum{max: lanczos(m)}
	}
	var eigen mat.EigenSym
	if !eigen.Factorize(g, false) {
		panic("objective: the eigenvalues of the Gram matrix did not converge")
	}
	values := eigen.Values(nil) // ascending
	largest := values[len(values)-1]
	rounding := gramRounding * largest
	s := spectrum{max: largest + rounding}
	for _, v := range values {
		if v > 2*rounding {
			s.minPositive = v - rounding
			break
		}
	}
	if m.d <= m.n && values[0] > 2*rounding {
		s.min = s.minPositive
	}
	return s
}

// gram returns AᵀA/n, or AAᵀ/n, which has the same eigenvalues but for zeros, if that is smaller; nil if it takes too
// much to form.
func gram(m *rows[float64]) *mat.SymDense {
	order := min(m.n, m.d)
	if order > maxGramOrder || float64(order)*float64(len(m.values)) > maxGramWork {
		return nil
	}
	g := make([]float64, order*order)
	if m.d <= m.n {
		for i := range m.n {
			m.addOuter(g, order, 1/float64(m.n), i)
		}
	} else {
		row := make([]float64, m.d)
		for i := range m.n {
			clear(row)
			m.RowAxpy(row, 1/float64(m.n), i)
			for k := range m.n {
				g[i*order+k] = m.RowDot(k, row)
			}
		}
	}
	return mat.NewSymDense(order, g)
}

// lanczos returns the largest eigenvalue of AᵀA/n, which is the Hessian of least squares with labels 0, by Lanczos' method
// from a random vector of a fixed seed. It adds the residual and 1e-6 to the largest Ritz value, which is a bound from
// below. Lost orthogonality only repeats eigenvalues, so nothing is done about it. (Golub, Van Loan, Matrix
// Computations, 10.1 and 10.3.)
func lanczos(m *rows[float64]) float64 {
	a := &Linear[float64]{rows: *m, model: model{labels: make([]float64, m.n), loss: scalar{SquaredLoss{}}}}
	random := rand.New(rand.NewPCG(1, 2))
	v, before, w := make([]float64, m.d), make([]float64, m.d), make([]float64, m.d)
	for j := range v {
		v[j] = random.NormFloat64()
	}
	scale(v, 1/math.Sqrt(dot(v, v)))
	var diagonal, off []float64
	beta := 0.0
	for steps := 1; ; steps++ {
		a.Grad(w, v, nil)
		axpy(w, -beta, before)
		alpha := dot(w, v)
		axpy(w, -alpha, v)
		beta = math.Sqrt(dot(w, w))
		diagonal, off = append(diagonal, alpha), append(off, beta)
		last := beta == 0 || steps == min(m.d, maxLanczosSteps)
		if last || steps&(steps-1) == 0 {
			ritz, residual := largestRitz(diagonal, off)
			if last || residual <= 1e-7*ritz {
				return (ritz + residual) * (1 + 1e-6)
			}
		}
		scale(w, 1/beta)
		v, before, w = w, v, before
	}
}

// largestRitz returns the largest eigenvalue of the tridiagonal matrix of a Lanczos run, and how far from it the nearest
// eigenvalue of the full matrix can be.
func largestRitz(diagonal, off []float64) (ritz, residual float64) {
	k := len(diagonal)
	t := mat.NewSymDense(k, nil)
	for i, alpha := range diagonal {
		t.SetSym(i, i, alpha)
		if i+1 < k {
			t.SetSym(i, i+1, off[i])
		}
	}
	var eigen mat.EigenSym
	if !eigen.Factorize(t, true) {
		panic("objective: the eigenvalues of the Lanczos matrix did not converge")
	}
	var vectors mat.Dense
	eigen.VectorsTo(&vectors)
	return eigen.Values(nil)[k-1], off[k-1] * math.Abs(vectors.At(k-1, k-1))
}
