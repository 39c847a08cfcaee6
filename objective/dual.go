package objective

import "math"

// With g(x) = λ₁‖x‖₁ + (λ₂/2)‖x‖², the primal problem is P(x) = (1/n) Σ ℓᵢ(⟨aᵢ, x⟩) + g(x), and its Fenchel dual is to
// maximize, over one uᵢ per score,
//
//	D(u) = −(1/n) Σ ℓᵢ*(uᵢ) − g*(−Aᵀu/n)  ≤  P(x).
//
// The gap P(x) − D(u) is the sum of what Fenchel's inequality leaves in each term. At the slopes uᵢ = ℓᵢ'(⟨aᵢ, x⟩) it
// leaves nothing in the losses.

// Dual returns D(u), a lower bound on F at any u, n×C row-major; −Inf outside the domain of the dual.
func (m *model) Dual(u []float64) float64 {
	p := m.exact
	c := p.loss.outputs()
	checkLen("u", u, p.n*c)
	v := make([]float64, p.dim())
	var conjugates total
	for i := range p.n {
		slopes := u[i*c : (i+1)*c]
		conjugates.add(p.loss.conjugate(slopes, p.labels[i]))
		for k, slope := range slopes {
			p.RowAxpy(v[k*p.d:(k+1)*p.d], -slope/float64(p.n), i)
		}
	}
	return -conjugates.value()/float64(p.n) - p.penalty.conjugate(v)
}

// Gap returns F(x) − D(u) at the slopes u of x. With λ₂ alone it is ‖∇F(x)‖²/(2λ₂); with λ₁ alone u is first scaled down
// to where the dual takes it; without a penalty the gap is +Inf. It tends to 0 as x tends to the minimizer, except for the
// hinge loss, whose dual optimum has fractional slopes at the kinks that x does not tell.
func (m *model) Gap(x []float64) float64 {
	p := m.exact
	checkLen("x", x, p.dim())
	v := make([]float64, p.dim()) // −Aᵀu/n
	p.sum(v, x, nil, p.n)
	largest := 0.0
	for j := range v {
		v[j] /= -float64(p.n)
		largest = max(largest, math.Abs(v[j]))
	}
	l1, l2 := p.Penalties()
	if l2 > 0 || largest <= l1 {
		return p.penalty.gap(x, v)
	}
	if l1 == 0 {
		return math.Inf(1)
	}
	shrink := l1 / largest
	for j := range v {
		v[j] = max(-l1, min(l1, shrink*v[j]))
	}
	return p.penalty.gap(x, v) + lossGap(p, x, shrink)
}

// lossGap returns (1/n) Σ ℓᵢ(zᵢ) + ℓᵢ*(uᵢ) − ⟨uᵢ, zᵢ⟩ at the slopes of x times shrink, for u.
func lossGap(p *Linear[float64], x []float64, shrink float64) float64 {
	c := p.loss.outputs()
	z, u := make([]float64, c), make([]float64, c)
	var sum total
	for i := range p.n {
		p.scores(z, x, i)
		copy(u, z)
		value := p.loss.eval(u, p.labels[i])
		for k := range u {
			u[k] *= shrink
		}
		sum.add(max(0, value+p.loss.conjugate(u, p.labels[i])-dot(u, z)))
	}
	return sum.value() / float64(p.n)
}

// SecondMoment returns (1/n) Σ ‖∇fᵢ(x)‖² without forming a gradient: with z and u the scores and slopes of row i,
// ‖∇fᵢ‖² = ‖u‖²‖aᵢ‖² + 2λ₂⟨u, z⟩ + λ₂²‖x‖².
func (m *model) SecondMoment(x []float64) float64 {
	p := m.exact
	checkLen("x", x, p.dim())
	l2 := p.penalty.l2
	z, u := make([]float64, p.loss.outputs()), make([]float64, p.loss.outputs())
	var sum total
	for i := range p.n {
		p.scores(z, x, i)
		copy(u, z)
		p.loss.eval(u, p.labels[i])
		_, a := p.Row(i)
		sum.add(dot(u, u)*dot(a, a) + 2*l2*dot(u, z))
	}
	return max(0, sum.value()/float64(p.n)+l2*l2*dot(x, x))
}
