// Package cosine computes cosines whose bits do not depend on whether the compiler fuses x·y + z. The bits of package math do.
package cosine

import "math"

// Pi returns cos(πx), within two units in the last place for |x| up to 1; it is exact at multiples of ½.
func Pi(x float64) float64 {
	r, sign := math.Mod(math.Abs(x), 2), 1.0
	if r > 1 {
		r = 2 - r
	}
	if r > 0.5 {
		r, sign = 1-r, -1
	}
	if r > 0.25 { // cos(πr) = sin(π/2 − πr)
		y := math.Pi * (0.5 - r)
		return sign * y * series(y*y, 1)
	}
	y := math.Pi * r
	return sign * series(y*y, 0)
}

// series returns 1 − y²/((n+1)(n+2))·(1 − y²/((n+3)(n+4))·(…)) for y² up to (π/4)²: the cosine for n = 0, and the sine by y for n = 1.
func series(square float64, n int) float64 {
	sum := 1.0
	for k := n + 16; k > n; k -= 2 {
		sum = 1 - float64(square/float64(k*(k-1))*sum)
	}
	return sum
}
