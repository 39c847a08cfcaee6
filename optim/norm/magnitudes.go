package norm

import (
	"math"
	"slices"

	"steepest/internal/simd"
)

// lp returns ‖m‖_p of m ≥ 0. It divides m by its largest element before taking powers, so that these neither overflow nor
// underflow where it matters.
func lp(m []float64, p float64) float64 {
	if len(m) == 0 {
		return 0
	}
	largest := slices.Max(m)
	switch {
	case largest == 0 || math.IsInf(p, 1):
		return largest
	case p == 1:
		return simd.Asum(m)
	}
	var s float64
	for _, v := range m {
		s += math.Exp(p * math.Log(v/largest))
	}
	return largest * math.Pow(s, 1/p)
}

// dualize replaces m ≥ 0 by the w ≥ 0 with ‖w‖_p = 1 and ⟨w, m⟩ = ‖m‖_q, and returns ‖m‖_q. For this w ∝ m^(q−1), Hölder's
// inequality is an equality. w is 0 where m is 0. If p = 1, w is 1 at the first largest element and 0 elsewhere.
func dualize(m []float64, p float64) (dual float64) {
	if len(m) == 0 {
		return 0
	}
	largest := slices.Max(m)
	switch {
	case largest == 0:
		return 0
	case p == 1:
		first := slices.Index(m, largest)
		clear(m)
		m[first] = 1
		return largest
	case math.IsInf(p, 1):
		dual = simd.Asum(m)
		for i, v := range m {
			if v > 0 {
				m[i] = 1
			}
		}
		return dual
	}
	// With t = m^(q−1) = m^(1/(p−1)), Σtᵖ = Σtm = Σm^q. The exponent is computed as 1/(p−1), since q − 1 loses digits for large
	// p. t is computed only once, since two powers would differ for large q.
	var s float64
	for i, v := range m {
		v /= largest
		t := math.Exp(math.Log(v) / (p - 1))
		m[i] = t
		s += float64(t * v)
	}
	simd.Scal(math.Pow(s, -1/p), m)
	return largest * math.Pow(s, (p-1)/p)
}
