package cosine

import (
	"math"
	"testing"
)

func TestPi(t *testing.T) {
	for x, want := range map[float64]float64{0: 1, 0.5: 0, 1: -1, -1.5: 0, 2: 1, 1e300: 1, 1.0 / 3: 0.5, 0.25: math.Sqrt2 / 2, 0.75: -math.Sqrt2 / 2} {
		if got := Pi(x); math.Abs(got-want) > 2e-16 {
			t.Errorf("cos(%vπ) = %v, want %v", x, got, want)
		}
	}
	for k := range 1025 {
		x := float64(k) / 1024
		got, want := Pi(x), math.Cos(math.Pi*x)
		if math.Abs(got-want) > 4e-16 || Pi(-x) != got || Pi(2-x) != got || Pi(x+2) != got || Pi(1-x) != -got {
			t.Errorf("cos(%vπ) = %v, want %v", x, got, want)
		}
	}
}
