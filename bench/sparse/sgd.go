package main

import (
	"math"

	"steepest/internal/simd"
)

// model is logistic regression by stochastic gradient descent on (1/n) Σ log(1 + exp(−yᵢ⟨aᵢ, w⟩)) + (λ₂/2)‖w‖². It keeps
// w as scale·v, so that the penalty, which shrinks all of w, costs a product a step (Bottou 2012, section 5.1).
type model[T simd.Float] struct {
	v     []T
	scale float64
	l2    float64
	steps float64 // t₀ and those made since
}

// smallestScale is the scale below which v takes it over, so that v cannot overflow.
const smallestScale = 1e-6

// newModel begins like SGDClassifier with learning_rate="optimal": the step size is 1/(λ₂t), and t₀ makes the first one
// λ₂^−¼, the size of typical weights.
func newModel[T simd.Float](cols int, l2 float64) *model[T] {
	return &model[T]{v: make([]T, cols), scale: 1, l2: l2, steps: 1 / (math.Pow(l2, -0.25) * l2)}
}

// epoch makes a step for each row, in the given order. It prefetches memory while the processor waits for the exponential.
func (m *model[T]) epoch(a matrix[T], order []uint32) {
	for t, i := range order {
		columns, values := a.row(i)
		y := float64(a.labels[i])
		margin := y * m.scale * float64(simd.GatherDot(columns, values, m.v))
		a.prefetch(order, t)
		size := 1 / (m.l2 * m.steps)
		m.shrink(max(0, 1-size*m.l2))
		simd.ScatterAxpy(T(size*y/((1+math.Exp(margin))*m.scale)), columns, values, m.v)
		m.steps++
	}
}

// shrink is w ← by·w.
func (m *model[T]) shrink(by float64) {
	if m.scale *= by; m.scale < smallestScale {
		for j := range m.v {
			m.v[j] *= T(m.scale)
		}
		m.scale = 1
	}
}

// coefficients returns w.
func (m *model[T]) coefficients() []float64 {
	w := make([]float64, len(m.v))
	for j, e := range m.v {
		w[j] = m.scale * float64(e)
	}
	return w
}
