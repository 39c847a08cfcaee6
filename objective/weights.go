package objective

import (
	"fmt"
	"math"
)

// shares returns the weights divided by their mean, or nil if all are equal. The error names an invalid weight.
func shares(weights []float64, n int) ([]float64, error) {
	if len(weights) != n {
		return nil, fmt.Errorf("%d weights for %d rows", len(weights), n)
	}
	var sum total
	alike := true
	for i, w := range weights {
		if !(w >= 0) || math.IsInf(w, 1) {
			return nil, fmt.Errorf("the weight of row %d is %v, want a finite number that is not negative", i, w)
		}
		sum.add(w)
		alike = alike && w == weights[0]
	}
	mean := sum.value() / float64(n)
	switch {
	case !(mean > 0) || math.IsInf(mean, 1):
		return nil, fmt.Errorf("the weights have the mean %v, want a finite number > 0", mean)
	case alike:
		return nil, nil
	}
	shares := make([]float64, n)
	for i, w := range weights {
		shares[i] = w / mean
	}
	return shares, nil
}

// weight returns sᵢ.
func (m *model) weight(i int) float64 {
	if m.weights == nil {
		return 1
	}
	return m.weights[i]
}

// eval returns sᵢℓ(z) for row i and replaces z by the derivatives.
func (m *model) eval(z []float64, i int) float64 {
	value := m.loss.eval(z, m.labels[i])
	if m.weights == nil {
		return value
	}
	s := m.weights[i]
	for c := range z {
		z[c] *= s
	}
	return s * value
}

// quadratic replaces z by the derivatives, at z + move, of the quadratic model of sᵢℓ around z.
func (m *model) quadratic(z, move []float64, i int) {
	m.loss.model(z, move, m.labels[i])
	if m.weights != nil {
		scale(z, m.weights[i])
	}
}

// hessian stores sᵢ∇²ℓ at z in h.
func (m *model) hessian(h, z []float64, i int) {
	m.loss.hessian(h, z, m.labels[i])
	if m.weights != nil {
		scale(h, m.weights[i])
	}
}

// conjugate returns (sᵢℓ)*(u) = sᵢℓ*(u/sᵢ); for a weight of 0 it is the conjugate of the function 0. It changes u. If rounding moves u/sᵢ
// across the end of its interval, it is moved back inside.
func (m *model) conjugate(u []float64, i int) float64 {
	switch s := m.weight(i); s {
	case 1:
		return m.loss.conjugate(u, m.labels[i])
	case 0:
		for _, v := range u {
			if v != 0 {
				return math.Inf(1)
			}
		}
		return 0
	default:
		for c := range u {
			u[c] = u[c] / s * (1 - 0x1p-52)
		}
		return float64(s * m.loss.conjugate(u, m.labels[i]))
	}
}
