package objective

import (
	"math"
	"math/rand/v2"

	"gonum.org/v1/gonum/mat"

	"steepest/internal/simd"
)

const (
	maxGramOrder    = 500 // the largest order of a Gram matrix whose eigenvalues are computed
	maxGramWork     = 2e9 // the largest number of multiply-adds to form it
	maxLanczosSteps = 256
)

// Constants returns the constants of f, computed from the data at the first call. With the eigenvalues of AᵀA/n, and the
// bounds ℓ₀ ≤ ℓ″ ≤ ℓ₁ of the loss, they are
//
//	L = ℓ₁ λmax(AᵀA/n) + λ₂,   LMax = ℓ₁ max ‖aᵢ‖² + λ₂,   Mu = ℓ₀ λmin(AᵀA/n) + λ₂,
//
// PL is like Mu, with the smallest nonzero eigenvalue in place of λmin. This eigenvalue is used only if rounding cannot confuse it with 0:
// if the nonzero columns, or the rows, are certainly independent. Otherwise PL is λ₂. ℓ₁ is 1 for least squares, Huber and the squared
// hinge, ¼ for logistic, ½ for softmax and +Inf for the hinge. ℓ₀ is 1 for least squares and 0 otherwise. If ‖ℓ′‖ ≤ s (s = 1 for logistic
// and the hinge, √2 for softmax, δ for Huber), Variance is s²·mean ‖aᵢ‖², and SecondMoment is the same if λ₂ = 0. Otherwise they are +Inf.
//
// With weights, a row counts as √sᵢ·aᵢ, and as sᵢ·aᵢ in Variance. With an intercept, λ₂ adds no curvature in its direction. Then Mu is the
// larger of ℓ₀ λmin(AᵀA/n) and ℓ₀λ₂/(ℓ₀ mean ‖aᵢ‖² + λ₂). The latter holds since mean (⟨aᵢ, w⟩ + b)² ≥ (⟨ā, w⟩ + b)² by Jensen's inequality,
// and determinant divided by trace is a lower bound of the quadratic form ℓ₀(⟨ā, w⟩ + b)² + λ₂‖w‖². With ℓ₀ = 0, Mu and PL are 0: as b grows,
// a loss of margins is unbounded, but its slope is bounded.
//
// If the smaller of n and d is at most 500, the eigenvalues are rounded by their error bounds: up in L, down in Mu and PL. Otherwise
// Lanczos' method finds L to a relative 1e-6, rounded up, and Mu and PL are λ₂. L is +Inf if squares of the data overflow.
func (m *model) Constants() Constants { return m.constants() }

func computeConstants(p *Linear[float64]) Constants {
	inf, sup := p.loss.curvature()
	l1, l2 := p.Penalties()
	rows, unit := inUnit(p.rows)
	_, mean := rows.rowSquares(squared(p.weights))
	weighted := rows.weighted(p.weights)
	s := spectrumOf(&weighted)
	largest, average := rows.rowSquares(p.weights)
	c := Constants{
		L: inUnits(sup*s.max, unit) + l2, LMax: inUnits(sup*largest, unit) + l2, Mu: inUnits(inf*s.min, unit),
		Convex: true, Composite: l1 > 0,
	}
	switch {
	case !p.Intercept():
		c.Mu += l2
	case l2 > 0 && inf > 0:
		c.Mu = max(c.Mu, inf*l2/(inUnits(inf*average, unit)+l2)*(1-0x1p-40))
	}
	c.Variance = inUnits(p.loss.slope()*p.loss.slope()*mean, unit)
	if c.SecondMoment = c.Variance; l2 > 0 {
		c.SecondMoment = math.Inf(1)
	}
	c.PL = c.Mu
	if c.Mu == 0 {
		c.PL = inUnits(inf*s.minPositive, unit)
	}
	return c
}

// inUnit returns the rows in a unit, a power of 2. It is 1 unless products of values may leave the range of float64.
func inUnit(m rows[float64]) (rows[float64], float64) {
	var largest float64
	for _, v := range m.values {
		largest = max(largest, math.Abs(v))
	}
	_, e := math.Frexp(largest)
	if largest == 0 || -100 < e && e < 100 {
		return m, 1
	}
	unit := math.Ldexp(1, max(-1000, min(1000, e)))
	values := m.values
	m.values = make([]float64, len(values))
	for i, v := range values {
		m.values[i] = v / unit
	}
	return m, unit
}

// inUnits returns a product of two numbers that are in the unit, or +Inf if it is beyond the range.
func inUnits(product, unit float64) float64 { return float64(product * unit * unit) }

// weighted returns the rows √sᵢ·aᵢ, or the rows themselves if shares is nil.
func (m *rows[T]) weighted(shares []float64) rows[T] {
	out := *m
	if shares == nil {
		return out
	}
	out.values = make([]T, len(m.values))
	copy(out.values, m.values)
	for i, s := range shares {
		_, values := out.Row(i)
		scale(values, T(math.Sqrt(s)))
	}
	return out
}

// squared returns the squares of the weights, or nil for nil.
func squared(weights []float64) (squares []float64) {
	for _, w := range weights {
		squares = append(squares, w*w)
	}
	return squares
}

// rowSquares returns the maximum and the mean of ‖aᵢ‖², each multiplied by the weight of the row unless weights is nil.
func (m *rows[T]) rowSquares(weights []float64) (largest, mean float64) {
	var sum total
	for i := range m.n {
		_, v := m.Row(i)
		square := simd.SumSquares(v)
		if weights != nil {
			square *= weights[i]
		}
		largest = max(largest, square)
		sum.add(square)
	}
	return largest, sum.value() / float64(m.n)
}

// spectrum holds bounds on the eigenvalues of AᵀA/n: an upper bound for max, lower bounds for the others, 0 if unknown.
type spectrum struct{ max, min, minPositive float64 }

// spectrumOf bounds the eigenvalues by those of the Gram matrix G of A's columns, or of its rows if they are fewer. With terms products in
// an inner product, rounding changes an entry by at most γ√(g_ii g_jj), γ = (terms + 2)·2⁻⁵³, and the eigenvalues of a matrix of order k by
// about 10k·2⁻⁵³ of the largest (Higham 2002, equation 3.5; Golub and Van Loan, 8.1). So an eigenvalue close to 0 may be 0, and then there is
// no bound for the smallest positive one.
//
// Columns in different units make G ill-conditioned even if they are independent. The matrix C = D⁻¹GD⁻¹, scaled to a unit diagonal, does not
// have this problem, and λmin(G) ≥ λmin(C)·min g_ii.
func spectrumOf(m *rows[float64]) spectrum {
	g, zeros := gram(m)
	if g == nil {
		return spectrum{max: lanczos(m)}
	}
	order := g.SymmetricDim()
	if order == 0 {
		return spectrum{}
	}
	least, trace := math.Inf(1), 0.0
	scaled := mat.NewSymDense(order, nil)
	for i := range order {
		least, trace = min(least, g.At(i, i)), trace+g.At(i, i)
		for j := range i + 1 {
			scaled.SetSym(i, j, g.At(i, j)/math.Sqrt(g.At(i, i))/math.Sqrt(g.At(j, j)))
		}
	}
	if math.IsInf(trace, 1) {
		return spectrum{max: trace}
	}
	rounding := float64(max(m.n, m.d)+10*order+8) * 0x1p-53
	direct := eigenvalues(g)
	s := spectrum{max: direct[order-1] + float64(rounding*trace)}
	if least < 0x1p-960 {
		return s // squares may have underflowed
	}
	if certain := eigenvalues(scaled)[0] - rounding*float64(order); certain > 0 {
		s.minPositive = max(direct[0]-rounding*trace, certain*least*(1-rounding))
	}
	if m.d <= m.n && zeros == 0 {
		s.min = s.minPositive
	}
	return s
}

// eigenvalues returns the eigenvalues of a matrix in ascending order.
func eigenvalues(g *mat.SymDense) []float64 {
	var eigen mat.EigenSym
	if !eigen.Factorize(g, false) {
		panic("objective: the eigenvalues of the Gram matrix did not converge")
	}
	return eigen.Values(nil)
}

// gram returns AᵀA/n, or AAᵀ/n if that is smaller; both have the same nonzero eigenvalues. It leaves out the columns or rows that are 0
// and returns their number. It returns nil if the matrix is too expensive to form.
func gram(m *rows[float64]) (g *mat.SymDense, zeros int) {
	order := min(m.n, m.d)
	if order > maxGramOrder || float64(order)*float64(len(m.values)) > maxGramWork {
		return nil, 0
	}
	full := make([]float64, order*order)
	if m.d <= m.n {
		for i := range m.n {
			m.addOuter(full, order, 1/float64(m.n), i)
		}
	} else {
		row := make([]float64, m.d)
		for i := range m.n {
			clear(row)
			m.RowAxpy(row, 1/float64(m.n), i)
			for k := range m.n {
				full[i*order+k] = m.RowDot(k, row)
			}
		}
	}
	kept := m.nonzero(order)
	if len(kept) == 0 {
		return new(mat.SymDense), order
	}
	g = mat.NewSymDense(len(kept), nil)
	for i, row := range kept {
		for j, col := range kept[:i+1] {
			g.SetSym(i, j, full[min(row, col)*order+max(row, col)])
		}
	}
	return g, order - len(kept)
}

// nonzero returns the nonzero columns, or the nonzero rows if there are fewer rows than columns. order is the smaller of both numbers.
func (m *rows[T]) nonzero(order int) (kept []int) {
	holds := make([]bool, order)
	for i := range m.n {
		columns, values := m.Row(i)
		for k, v := range values {
			switch {
			case v == 0:
			case m.d > m.n:
				holds[i] = true
			case columns == nil:
				holds[k] = true
			default:
				holds[columns[k]] = true
			}
		}
	}
	for i, held := range holds {
		if held {
			kept = append(kept, i)
		}
	}
	return kept
}

// lanczos returns an upper bound of the largest eigenvalue of AᵀA/n, by Lanczos' method from a random vector with a fixed seed.
// The largest Ritz value is a lower bound, so the residual and 1e-6 are added. Loss of orthogonality only repeats
// eigenvalues, so nothing is done about it (Golub, Van Loan, Matrix Computations, 10.1 and 10.3).
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
