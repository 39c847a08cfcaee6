package objective

import (
	"fmt"
	"math"
)

// loss is a Loss of several scores: z has one score per output of the model. A Loss is the case of one score.
type loss interface {
	// outputs returns the number of scores.
	outputs() int
	// eval returns ℓ(z, y) and replaces z by ∇ℓ, the derivatives in z.
	eval(z []float64, y float64) float64
	// model replaces z by ∇ℓ(z) + ∇²ℓ(z)·move, the derivatives of the quadratic model of ℓ around z.
	model(z, move []float64, y float64)
	// hessian stores ∇²ℓ at z in h, row-major.
	hessian(h, z []float64, y float64)
	// curvature bounds the eigenvalues of ∇²ℓ.
	curvature() (inf, sup float64)
	// slope bounds ‖∇ℓ‖.
	slope() float64
	conjugate(u []float64, y float64) float64
	checkLabel(y float64) error
}

// scalar adapts a Loss to a loss.
type scalar struct{ Loss }

func (s scalar) outputs() int { return 1 }

func (s scalar) eval(z []float64, y float64) (value float64) {
	value, z[0] = s.Eval(z[0], y)
	return value
}

func (s scalar) model(z, move []float64, y float64) {
	_, slope := s.Eval(z[0], y)
	z[0] = slope + float64(s.Second(z[0], y)*move[0])
}

func (s scalar) hessian(h, z []float64, y float64)        { h[0] = s.Second(z[0], y) }
func (s scalar) curvature() (inf, sup float64)            { return s.Curvature() }
func (s scalar) conjugate(u []float64, y float64) float64 { return s.Conjugate(u[0], y) }
func (s scalar) checkLabel(y float64) error               { return s.CheckLabel(y) }

func (s scalar) slope() float64 {
	if b, ok := s.Loss.(interface{ MaxSlope() float64 }); ok {
		return b.MaxSlope()
	}
	return math.Inf(1)
}

// softmax is the cross entropy −log p_y of the probabilities p_c = e^{z_c} / Σ e^{z_k}, at a class y.
type softmax struct{ classes int }

func (s softmax) outputs() int { return s.classes }

// The largest score is factored out of the sum of exponentials, which becomes 1 + (the other terms). With log1p, and with the
// slope of the true class computed as a sum instead of 1 − p_y, small losses keep their relative accuracy.
func (s softmax) eval(z []float64, y float64) float64 {
	label := int(y)
	top := label
	for c, score := range z {
		if score > z[top] {
			top = c
		}
	}
	peak, lead := z[top], z[top]-z[label]
	others := 0.0
	for c, score := range z {
		z[c] = math.Exp(score - peak)
		if c != top {
			others += z[c]
		}
	}
	wrong := 0.0
	for c := range z {
		z[c] /= 1 + others
		if c != label {
			wrong += z[c]
		}
	}
	z[label] = -wrong
	return lead + math.Log1p(others)
}

// ∇²ℓ = diag(p) − ppᵀ, with p read off the gradient p − e_y.
func (s softmax) hessian(h, z []float64, y float64) {
	s.eval(z, y)
	z[int(y)]++
	for i, p := range z {
		for j, q := range z {
			h[i*len(z)+j] = -p * q
		}
		h[i*len(z)+i] += p
	}
}

// ∇²ℓ·move = p ∘ (move − ⟨p, move⟩).
func (s softmax) model(z, move []float64, y float64) {
	s.eval(z, y)
	mean := move[int(y)] + dot(z, move)
	for c, m := range move {
		p := z[c]
		if c == int(y) {
			p++
		}
		z[c] += float64(p * (m - mean))
	}
}

// No eigenvalue exceeds ½: xᵀ(diag(p) − ppᵀ)x is the variance of a variable with the values x_c, which is at most a
// quarter of their squared range, and (x_c − x_k)² ≤ 2‖x‖².
func (softmax) curvature() (inf, sup float64) { return 0, 0.5 }

// With p_y = 1−q, ‖p − e_y‖² = q² + Σ_{c≠y} p_c² ≤ 2q².
func (softmax) slope() float64 { return math.Sqrt2 }

// The conjugate is the negative entropy of the probabilities q = u + e_y. A vector u counts as in the domain if it is up to
// rounding.
func (s softmax) conjugate(u []float64, y float64) float64 {
	const rounding = 1e-12
	value, sum := 0.0, 0.0
	for c, q := range u {
		if c == int(y) {
			q++
		}
		if q < -rounding {
			return math.Inf(1)
		}
		value += xlogx(max(q, 0))
		sum += q
	}
	if math.Abs(sum-1) > rounding {
		return math.Inf(1)
	}
	return value
}

func (s softmax) checkLabel(y float64) error {
	if y < 0 || y >= float64(s.classes) || y != math.Trunc(y) {
		return fmt.Errorf("not a class 0, 1, …, %d; data.ClassIndices numbers the labels of a file", s.classes-1)
	}
	return nil
}
