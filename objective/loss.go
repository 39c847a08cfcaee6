package objective

import (
	"errors"
	"math"
)

// Loss is a convex function ℓ(z, y) of a score z = ⟨a, x⟩ and a label y. Linear models differ only in their loss. A loss
// whose derivative in z is bounded may have a method MaxSlope() float64 that returns the bound.
type Loss interface {
	// Eval returns ℓ(z, y) and its derivative in z, or a subgradient at a kink.
	Eval(z, y float64) (value, slope float64)
	// Second returns the second derivative of ℓ in z, or one of its one-sided limits where it jumps.
	Second(z, y float64) float64
	// Curvature returns the infimum and the supremum of the second derivative over all z and y. The supremum is +Inf if
	// ℓ has a kink.
	Curvature() (inf, sup float64)
	// Conjugate returns ℓ*(u, y) = sup_z uz − ℓ(z, y), which is +Inf outside the closure of the slopes.
	Conjugate(u, y float64) float64
	// CheckLabel returns nil, or an error that says what y should have been.
	CheckLabel(y float64) error
}

var (
	_ Loss = SquaredLoss{}
	_ Loss = HuberLoss{}
	_ Loss = LogisticLoss{}
	_ Loss = HingeLoss{}
	_ Loss = SquaredHingeLoss{}
)

// SquaredLoss is ½(z−y)².
type SquaredLoss struct{}

// Eval returns ½r² and r = z−y.
func (SquaredLoss) Eval(z, y float64) (value, slope float64) { return (z - y) * (z - y) / 2, z - y }

// Second returns 1.
func (SquaredLoss) Second(z, y float64) float64 { return 1 }

// Curvature returns 1 and 1.
func (SquaredLoss) Curvature() (inf, sup float64) { return 1, 1 }

// Conjugate returns u²/2 + uy.
func (SquaredLoss) Conjugate(u, y float64) float64 { return float64(u*u/2) + float64(u*y) }

// CheckLabel takes any label.
func (SquaredLoss) CheckLabel(y float64) error { return nil }

// HuberLoss is ½r² for |r| ≤ Delta and Delta·(|r| − Delta/2) otherwise, with the residual r = z−y: least squares with slopes
// limited to ±Delta, so that outliers count less. Huber, Robust Estimation of a Location Parameter, 1964.
type HuberLoss struct {
	Delta float64 // positive
}

// Eval returns the loss, and its slope, which is r clipped to [−Delta, Delta].
func (h HuberLoss) Eval(z, y float64) (value, slope float64) {
	r := z - y
	if math.Abs(r) <= h.Delta {
		return r * r / 2, r
	}
	return h.Delta * (math.Abs(r) - float64(h.Delta/2)), math.Copysign(h.Delta, r)
}

// Second returns 1 for |r| ≤ Delta and 0 beyond.
func (h HuberLoss) Second(z, y float64) float64 {
	if math.Abs(z-y) <= h.Delta {
		return 1
	}
	return 0
}

// MaxSlope returns Delta.
func (h HuberLoss) MaxSlope() float64 { return h.Delta }

// Curvature returns 0 and 1.
func (HuberLoss) Curvature() (inf, sup float64) { return 0, 1 }

// Conjugate returns u²/2 + uy for |u| ≤ Delta.
func (h HuberLoss) Conjugate(u, y float64) float64 {
	if math.Abs(u) > h.Delta {
		return math.Inf(1)
	}
	return float64(u*u/2) + float64(u*y)
}

// CheckLabel takes any label.
func (HuberLoss) CheckLabel(y float64) error { return nil }

// LogisticLoss is log(1 + e^{−m}) at the margin m = yz, y = ±1.
type LogisticLoss struct{}

// Eval returns log(1 + e^{−m}) and −y/(1 + e^m). Both branches exponentiate a number that is not positive: nothing
// overflows, and a probability as small as e^{−|m|} keeps its relative accuracy.
func (LogisticLoss) Eval(z, y float64) (value, slope float64) {
	m := float64(y * z)
	e := math.Exp(-math.Abs(m))
	if m >= 0 {
		return math.Log1p(e), -y * e / (1 + e)
	}
	return math.Log1p(e) - m, -y / (1 + e)
}

// Second returns p(1−p) with p = 1/(1 + e^{−z}).
func (LogisticLoss) Second(z, y float64) float64 {
	e := math.Exp(-math.Abs(z))
	return e / ((1 + e) * (1 + e))
}

// MaxSlope returns 1.
func (LogisticLoss) MaxSlope() float64 { return 1 }

// Curvature returns 0 and ¼.
func (LogisticLoss) Curvature() (inf, sup float64) { return 0, 0.25 }

// Conjugate returns the negative entropy p log p + (1−p) log(1−p) of the probability p = −uy.
func (LogisticLoss) Conjugate(u, y float64) float64 {
	p := float64(-u * y)
	if p < 0 || p > 1 {
		return math.Inf(1)
	}
	return float64(xlogx(p)) + float64(xlogx(1-p))
}

// CheckLabel takes ±1.
func (LogisticLoss) CheckLabel(y float64) error { return checkSign(y) }

// HingeLoss is max(0, 1−m) at the margin m = yz, y = ±1. At the kink m = 1 its slope is 0.
type HingeLoss struct{}

// Eval returns the loss, and the slope −y where m < 1, else 0.
func (HingeLoss) Eval(z, y float64) (value, slope float64) {
	if m := float64(y * z); m < 1 {
		return 1 - m, -y
	}
	return 0, 0
}

// Second returns 0.
func (HingeLoss) Second(z, y float64) float64 { return 0 }

// MaxSlope returns 1.
func (HingeLoss) MaxSlope() float64 { return 1 }

// Curvature returns 0 and +Inf, for the kink.
func (HingeLoss) Curvature() (inf, sup float64) { return 0, math.Inf(1) }

// Conjugate returns uy for −uy in [0, 1].
func (HingeLoss) Conjugate(u, y float64) float64 {
	if p := -u * y; p < 0 || p > 1 {
		return math.Inf(1)
	}
	return u * y // y = 1/y
}

// CheckLabel takes ±1.
func (HingeLoss) CheckLabel(y float64) error { return checkSign(y) }

// SquaredHingeLoss is ½max(0, 1−m)² at the margin m = yz, y = ±1. The factor ½ makes its curvature 1, as for SquaredLoss.
// LIBLINEAR and scikit-learn omit this factor.
type SquaredHingeLoss struct{}

// Eval returns the loss, and the slope −y·max(0, 1−m).
func (SquaredHingeLoss) Eval(z, y float64) (value, slope float64) {
	if short := 1 - float64(y*z); short > 0 {
		return short * short / 2, -y * short
	}
	return 0, 0
}

// Second returns 1 where m < 1, else 0.
func (SquaredHingeLoss) Second(z, y float64) float64 {
	if y*z < 1 {
		return 1
	}
	return 0
}

// Curvature returns 0 and 1.
func (SquaredHingeLoss) Curvature() (inf, sup float64) { return 0, 1 }

// Conjugate returns u²/2 + uy for uy ≤ 0.
func (SquaredHingeLoss) Conjugate(u, y float64) float64 {
	if -u*y < 0 {
		return math.Inf(1)
	}
	return float64(u*u/2) + float64(u*y)
}

// CheckLabel takes ±1.
func (SquaredHingeLoss) CheckLabel(y float64) error { return checkSign(y) }

func checkSign(y float64) error {
	if y != 1 && y != -1 {
		return errors.New("neither −1 nor +1; data.Binary maps two classes to them")
	}
	return nil
}

// xlogx returns p log p, extended continuously to p = 0.
func xlogx(p float64) float64 {
	if p == 0 {
		return 0
	}
	return p * math.Log(p)
}
