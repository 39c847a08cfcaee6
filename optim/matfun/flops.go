package matfun

import "steepest/optim/internal/rescale"

// FLOPs returns the number of operations for the polar factor of a rows × cols matrix. A symmetric product counts half. With Gram, the
// count is that of float32. A nil Iteration is the singular value decomposition, at 6m²n + 20m³ for the shorter side m (Golub and Van Loan,
// Matrix Computations, 2013, section 8.6).
func (it *Iteration) FLOPs(rows, cols int) float64 {
	m, n := float64(min(rows, cols)), float64(max(rows, cols))
	if it == nil {
		return m * m * float64(6*max(rows, cols)+20*min(rows, cols))
	}
	small, step := float64(m*m*m), float64(m*m*n) // half of a product of small matrices, and of one with X
	if !it.onGram(rows, cols) {
		return float64(it.steps()) * (float64(3*step) + small)
	}
	total, first, grown := float64(3*step), true, rescale.Epsilon[float32]()/2
	for k := range it.steps() {
		total += small
		if !first {
			total += small
		}
		switch first, grown = false, it.grown(k, grown); {
		case k == it.steps()-1:
		case it.restarts(k, grown):
			total += float64(3 * step)
			first, grown = true, rescale.Epsilon[float32]()/2
		default:
			total += float64(2 * small)
		}
	}
	return total
}
