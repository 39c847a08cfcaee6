package objective

import (
	"fmt"
	"math"

	"steepest/internal/simd"
	"steepest/param"
)

// Penalty is a term that a constructor adds to its problem: L1 or L2, or both for the elastic net.
type Penalty func(*penalty)

// L2 adds (λ/2)‖x‖² to each term fᵢ, λ ≥ 0.
func L2(lambda float64) Penalty { return func(p *penalty) { p.l2 = lambda } }

// L1 adds h(x) = λ‖x‖₁ to the sum, λ ≥ 0, to be handled by its proximal operator.
func L1(lambda float64) Penalty { return func(p *penalty) { p.l1 = lambda } }

// penalty is g(x) = l1·‖x‖₁ + (l2/2)·‖x‖².
type penalty struct{ l1, l2 float64 }

func (p penalty) check() error {
	for _, c := range []struct {
		name   string
		lambda float64
	}{{"L1", p.l1}, {"L2", p.l2}} {
		if !(c.lambda >= 0) || math.IsInf(c.lambda, 1) {
			return fmt.Errorf("objective: the %s penalty is %v, want a finite number that is not negative", c.name, c.lambda)
		}
	}
	return nil
}

// HalfSquare returns (λ/2)‖x‖², which over- or underflows only where it is itself beyond the range.
func HalfSquare[T param.Float](lambda float64, x []T) float64 {
	if lambda == 0 {
		return 0
	}
	if square := simd.SumSquares(x); !math.IsInf(square, 1) {
		return lambda / 2 * square
	}
	root := math.Sqrt(lambda/2) * simd.Norm(x)
	return root * root
}

// gap returns g(x) + g*(v) − ⟨x, v⟩ ≥ 0, what Fenchel's inequality leaves at x and v. It is a sum of terms that are not
// negative, so that nothing cancels near the optimum, where it is 0. Without l2 it is +Inf unless ‖v‖∞ ≤ l1.
func (p penalty) gap(x, v []float64) float64 {
	sum := 0.0
	for j, w := range x {
		s := softThreshold(v[j], p.l1)
		sum += float64(p.l1*math.Abs(w)) - float64(w*(v[j]-s))
		switch {
		case p.l2 > 0:
			r := w - s/p.l2
			sum += float64(p.l2 / 2 * r * r)
		case s != 0:
			return math.Inf(1)
		}
	}
	return sum
}

// conjugate returns g*(v) = ‖soft(v, l1)‖²/(2·l2); for l2 = 0, the indicator of ‖v‖∞ ≤ l1.
func (p penalty) conjugate(v []float64) float64 {
	sum := 0.0
	for _, e := range v {
		s := softThreshold(e, p.l1)
		sum += float64(s * s)
	}
	if sum == 0 {
		return 0
	}
	return sum / (2 * p.l2)
}

// softThreshold moves v toward 0 by t, and not past it: the proximal operator of t|·|.
func softThreshold(v, t float64) float64 {
	return math.Copysign(max(math.Abs(v)-t, 0), v)
}
