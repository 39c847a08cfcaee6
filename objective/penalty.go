package objective

import (
	"fmt"
	"math"

	"steepest/internal/simd"
	"steepest/param"
)

// Option is an option of a constructor: the penalties L1 and L2 (both for the elastic net), Intercept, Weights.
type Option func(*options)

type options struct {
	penalty
	intercept bool
	weights   []float64 // as given; nil if there are none
}

// L2 adds (λ/2)‖x‖² to each term fᵢ, λ ≥ 0.
func L2(lambda float64) Option { return func(o *options) { o.l2 = lambda } }

// L1 adds h(x) = λ‖x‖₁ to the sum, λ ≥ 0, to be handled by its proximal operator.
func L1(lambda float64) Option { return func(o *options) { o.l1 = lambda } }

// Intercept says that the last column of the data holds ones (data.AppendOnes). The last weight of each score is then its intercept,
// which no penalty takes.
func Intercept() Option { return func(o *options) { o.intercept = true } }

// Weights gives row i the weight wᵢ ≥ 0: F is then Σ wᵢℓᵢ/Σ wᵢ plus the penalties. A weight of 2 counts the row twice, a weight of 0
// omits it.
func Weights(w []float64) Option { return func(o *options) { o.weights = w } }

// penalty is g(x) = l1·‖x‖₁ + (l2/2)·‖x‖² over the first kept of every width elements of x: all, or all but the intercepts.
type penalty struct {
	l1, l2      float64
	width, kept int
}

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

// halfSquare returns (l2/2)‖x‖².
func halfSquare[T param.Float](p penalty, x []T) (sum float64) {
	if p.l2 == 0 {
		return 0
	}
	for ; len(x) > 0; x = x[p.width:] {
		sum += HalfSquare(p.l2, x[:p.kept])
	}
	return sum
}

// addRidge adds s·l2·x to dst.
func addRidge[T param.Float](p penalty, dst []T, s T, x []T) {
	if p.l2 == 0 {
		return
	}
	for ; len(x) > 0; dst, x = dst[p.width:], x[p.width:] {
		axpy(dst[:p.kept], s*T(p.l2), x[:p.kept])
	}
}

// takes reports whether the penalties take element j.
func (p penalty) takes(j int) bool { return j%p.width < p.kept }

// HalfSquare returns (λ/2)‖x‖². It over- or underflows only if the result itself is beyond the range.
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

// gap returns g(x) + g*(v) − ⟨x, v⟩ ≥ 0, the slack of Fenchel's inequality at x and v. It is a sum of nonnegative terms, so that
// nothing cancels near the optimum, where it is 0. Without l2 it is +Inf unless ‖v‖∞ ≤ l1. The v of an intercept must be 0 and counts
// as 0.
func (p penalty) gap(x, v []float64) float64 {
	sum := 0.0
	for j, w := range x {
		if !p.takes(j) {
			continue
		}
		s := simd.SoftThreshold(v[j], p.l1)
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

// conjugate returns g*(v) = ‖soft(v, l1)‖²/(2·l2), or, for l2 = 0, the indicator of ‖v‖∞ ≤ l1. The v of an intercept counts as 0.
func (p penalty) conjugate(v []float64) float64 {
	sum := 0.0
	for j, e := range v {
		if !p.takes(j) {
			continue
		}
		s := simd.SoftThreshold(e, p.l1)
		sum += float64(s * s)
	}
	if sum == 0 {
		return 0
	}
	return sum / (2 * p.l2)
}
