package solver

import (
	"math"
	"testing"
)

// TestDivergence: the bound is at most a tenth above the divergence, and above half the squared distance where rounding hides the divergence itself.
func TestDivergence(t *testing.T) {
	for _, p := range []float64{5e-324, 1e-310, 1e-300, 1e-17, 1e-3, 0.3, 0.5, 0.8, 1 - 1e-6, 1 - 0x1p-53} {
		for _, share := range []float64{-0.499, -0.3, -1e-2, 1e-2, 0.3, 0.499} {
			q := p + share*min(p, 1-p)
			bound, ok := divergence(q, p)
			if rounded := (q - p) / min(p, 1-p); math.Abs(rounded-share) > 1e-3*math.Abs(share) {
				continue // too few digits for this distance
			}
			exact := divergenceOf(q, p)
			if !ok || !(bound >= exact*(1-1e-9)) || bound > 1.1*exact {
				t.Errorf("q = %v, p = %v: the bound is %v, %v, and the divergence %v", q, p, bound, ok, exact)
			}
		}
		if bound, ok := divergence(p, p); ok && bound != 0 {
			t.Errorf("a divergence of %v from %v to itself", bound, p)
		}
		if _, ok := divergence(min(1, 3*p), p); ok && p < 0.4 {
			t.Errorf("a bound for %v and %v, which are far apart", 3*p, p)
		}
	}
	for _, p := range []float64{0, 1, math.NaN()} {
		if bound, ok := divergence(p, p); ok {
			t.Errorf("a bound of %v at %v", bound, p)
		}
	}
	for _, r := range []float64{1e-12, -1e-12} {
		if bound, _ := divergence(0.25+r, 0.25); math.Abs(bound/(r*r/2/(0.25*0.75))-1) > 1e-3 {
			t.Errorf("at a distance of %v the bound is %v", r, bound)
		}
	}
}

// divergenceOf returns q log(q/p) + (1−q) log((1−q)/(1−p)) as p·f(q/p − 1) + (1−p)·f((p−q)/(1−p)) with f(e) = (1+e) log(1+e) − e.
func divergenceOf(q, p float64) float64 {
	f := func(e float64) float64 {
		if math.Abs(e) < 1e-2 { // the sum of (−e)ᵏ/(k(k−1)) from k = 2
			sum, power := 0.0, e*e
			for k := 2.0; k < 12; k++ {
				sum += power / (k * (k - 1))
				power *= -e
			}
			return sum
		}
		return (1+e)*math.Log1p(e) - e
	}
	return p*f((q-p)/p) + (1-p)*f((p-q)/(1-p))
}
