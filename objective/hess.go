package objective

import (
	"fmt"

	"gonum.org/v1/gonum/mat"
)

// Hess stores ∇²f(x) = (1/n) Σ ∇²ℓᵢ ⊗ aᵢaᵢᵀ + λ₂I in dst, whose order is len(x). Where ℓ″ jumps, it takes a one-sided limit.
func (m *model) Hess(dst *mat.SymDense, x []float64) {
	p := m.exact
	checkLen("x", x, p.dim())
	if order := dst.SymmetricDim(); order != p.dim() {
		panic(fmt.Sprintf("objective: the Hessian is of order %d, want %d", order, p.dim()))
	}
	h := dst.RawSymmetric()
	c := p.loss.outputs()
	for r := range p.dim() {
		clear(h.Data[r*h.Stride:][:h.N])
	}
	z, curvature := make([]float64, c), make([]float64, c*c)
	for i := range p.n {
		p.scores(z, x, i)
		p.hessian(curvature, z, i)
		for k, s := range curvature {
			if block := h.Data[k/c*p.d*h.Stride+k%c*p.d:]; k%c >= k/c {
				p.addOuter(block, h.Stride, s/float64(p.n), i)
			}
		}
	}
	for r := range p.dim() {
		if p.penalty.takes(r) {
			h.Data[r*h.Stride+r] += p.penalty.l2
		}
	}
}

// addOuter adds s·aᵢaᵢᵀ to the matrix g of the given stride.
func (m *rows[T]) addOuter(g []T, stride int, s T, i int) {
	if s == 0 {
		return
	}
	indices, values := m.Row(i)
	for k, v := range values {
		if v != 0 {
			m.RowAxpy(g[column(indices, k)*stride:][:m.d], s*v, i)
		}
	}
}
