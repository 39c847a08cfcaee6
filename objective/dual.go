package objective

import "math"

// With g(x) = λ₁‖x‖₁ + (λ₂/2)‖x‖², the primal problem is P(x) = (1/n) Σ ℓᵢ(⟨aᵢ, x⟩) + g(x), and its Fenchel dual is to
// maximize, over one uᵢ per score,
//
//	D(u) = −(1/n) Σ ℓᵢ*(uᵢ) − g*(−Aᵀu/n)  ≤  P(x).
//
// The gap P(x) − D(u) is the sum of the slacks of Fenchel's inequality in all terms. At the slopes uᵢ = ℓᵢ'(⟨aᵢ, x⟩) the losses have no
// slack. g does not contain an intercept, so the intercept's element of Aᵀu must be 0: the uᵢ add up to 0 for each score.

// Dual returns D(u), a lower bound on F for any u, n×C row-major. It returns −Inf outside the domain of the dual.
func (m *model) Dual(u []float64) float64 {
	p := m.exact
	c := p.loss.outputs()
	checkLen("u", u, p.n*c)
	v, own := make([]float64, p.dim()), make([]float64, c)
	var conjugates total
	for i := range p.n {
		slopes := u[i*c : (i+1)*c]
		for k, slope := range slopes {
			p.RowAxpy(v[k*p.d:(k+1)*p.d], -slope/float64(p.n), i)
		}
		copy(own, slopes)
		conjugates.add(p.conjugate(own, i))
	}
	if p.Intercept() && !balanced(u, c) {
		return math.Inf(-1)
	}
	return -conjugates.value()/float64(p.n) - p.penalty.conjugate(v)
}

// Gap returns F(x) − D(u) at the slopes u of x. With λ₂ alone it is ‖∇F(x)‖²/(2λ₂). With λ₁ alone, u is first scaled down into the domain
// of the dual; with an intercept, u is first balanced. If D(0) is higher than D(u), it replaces D(u): D(0) is the mean of the least values of the
// losses, which is 0 for the losses here. Without a penalty the gap is +Inf. The gap tends to 0 as x tends to the minimizer,
// except for the hinge loss, whose dual optimum has fractional slopes at the kinks, which x does not determine.
func (m *model) Gap(x []float64) float64 {
	p := m.exact
	checkLen("x", x, p.dim())
	v := make([]float64, p.dim()) // −Aᵀu/n
	var u []float64               // nil means the slopes of x
	if p.Intercept() {
		u = make([]float64, p.n*p.loss.outputs())
		p.Slopes(u, x, nil)
		p.Balance(u)
		p.AddSlopes(v, u, nil)
	} else {
		p.sum(v, x, nil, p.n)
	}
	largest := 0.0
	for j := range v {
		v[j] /= -float64(p.n)
		if p.penalty.takes(j) {
			largest = max(largest, math.Abs(v[j]))
		}
	}
	l1, l2 := p.Penalties()
	shrink := 1.0
	if l2 == 0 && largest > l1 {
		if l1 == 0 {
			return math.Inf(1)
		}
		shrink = l1 / largest
		for j := range v {
			v[j] = max(-l1, min(l1, shrink*v[j]))
		}
	}
	gap := p.penalty.gap(x, v)
	if u != nil || shrink < 1 {
		gap += lossGap(p, x, u, shrink)
	}
	return max(0, min(gap, Value[float64](p, x)-p.DualAtZero()))
}

// DualAtZero returns D(0), without the passes over the features that Dual takes: the mean of the least values of the losses.
func (m *model) DualAtZero() float64 {
	p := m.exact
	u := make([]float64, p.loss.outputs())
	var sum total
	for i := range p.n {
		clear(u)
		sum.add(p.conjugate(u, i))
	}
	return -sum.value() / float64(p.n)
}

// lossGap returns (1/n) Σ ℓᵢ(zᵢ) + ℓᵢ*(uᵢ) − ⟨uᵢ, zᵢ⟩ for u = shrink·dual. A nil dual means the slopes of x.
func lossGap(p *Linear[float64], x, dual []float64, shrink float64) float64 {
	c := p.loss.outputs()
	z, u := make([]float64, c), make([]float64, c)
	var sum total
	for i := range p.n {
		p.scores(z, x, i)
		copy(u, z)
		value := p.eval(u, i)
		if dual != nil {
			copy(u, dual[i*c:])
		}
		for k := range u {
			u[k] *= shrink
		}
		product := dot(u, z)
		sum.add(max(0, value+p.conjugate(u, i)-product))
	}
	return sum.value() / float64(p.n)
}

// balanced reports whether the sum of each of c columns is 0, up to rounding.
func balanced(u []float64, c int) bool {
	for k := range c {
		sum, size := 0.0, 0.0
		for i := k; i < len(u); i += c {
			sum, size = sum+u[i], size+math.Abs(u[i])
		}
		if math.Abs(sum) > 1e-12*size {
			return false
		}
	}
	return true
}

// Balance moves slopes, n×C, into the domain of the dual of a problem with an intercept: each column then adds up to 0, and each row
// stays in its domain. It changes nothing if they are balanced, as at the minimizer.
//
// For a loss of one score, the domain is an interval that contains 0. So the positive or the negative slopes, whichever sum is larger, are
// scaled down. For softmax, slopes are sᵢ(qᵢ − e_y) with probabilities qᵢ. If a class has more probability than rows, each row gives up the
// same share of it, which goes to the classes that have less, in proportion to their deficit.
func (m *model) Balance(u []float64) {
	c := m.loss.outputs()
	sums, probability := make([]float64, c), make([]float64, c) // Σ sᵢuᵢ, and Σ sᵢqᵢ
	_, several := m.loss.(softmax)
	if !several {
		for k := range c {
			balanceSigns(u[k:], c)
		}
		return
	}
	for i, y := range m.labels {
		for k, v := range u[i*c : (i+1)*c] {
			sums[k] += v
			probability[k] += v
		}
		probability[int(y)] += m.weight(i)
	}
	lack := 0.0
	for _, s := range sums {
		lack -= min(s, 0)
	}
	if lack == 0 {
		return
	}
	for i, y := range m.labels {
		row, given := u[i*c:(i+1)*c], 0.0
		for k, s := range sums {
			if s > 0 {
				q := row[k]
				if k == int(y) {
					q += m.weight(i)
				}
				gives := s / probability[k] * q
				row[k] -= gives
				given += gives
			}
		}
		for k, s := range sums {
			row[k] -= min(s, 0) / lack * given
		}
	}
}

// balanceSigns scales the positive or the negative numbers among every c-th element, so that these elements add up to 0.
func balanceSigns(u []float64, c int) {
	above, below := 0.0, 0.0
	for i := 0; i < len(u); i += c {
		above, below = above+max(u[i], 0), below-min(u[i], 0)
	}
	for i := 0; i < len(u); i += c {
		switch {
		case u[i] > 0 && above > below:
			u[i] *= below / above
		case u[i] < 0 && below > above:
			u[i] *= above / below
		}
	}
}

// SecondMoment returns (1/n) Σ ‖∇fᵢ(x)‖² without forming a gradient. With the scores z and slopes u of row i,
// ‖∇fᵢ‖² = ‖u‖²‖aᵢ‖² + 2λ₂⟨u, z⟩ + λ₂²‖x‖². The last two terms leave out intercepts, in z and in x.
func (m *model) SecondMoment(x []float64) float64 {
	p := m.exact
	checkLen("x", x, p.dim())
	l2 := p.penalty.l2
	z, u := make([]float64, p.loss.outputs()), make([]float64, p.loss.outputs())
	var sum total
	for i := range p.n {
		p.scores(z, x, i)
		copy(u, z)
		p.eval(u, i)
		if p.Intercept() {
			for c := range z {
				z[c] -= x[(c+1)*p.d-1]
			}
		}
		_, a := p.Row(i)
		sum.add(dot(u, u)*dot(a, a) + 2*l2*dot(u, z))
	}
	square := 0.0
	for at := 0; at < len(x); at += p.penalty.width {
		square += dot(x[at:at+p.penalty.kept], x[at:at+p.penalty.kept])
	}
	return max(0, sum.value()/float64(p.n)+l2*l2*square)
}
