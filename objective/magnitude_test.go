package objective

import (
	"math"
	"testing"

	"steepest/data"
)

// TestDataOfEveryMagnitude: constants are proportional to the square of the data, until it is beyond the range.
func TestDataOfEveryMagnitude(t *testing.T) {
	values := []float64{1, 2, -1, 0.5, 3, 1, 0.25, -2}
	var want Constants
	for e := 0; e <= 1020; e += 30 {
		for _, at := range []int{e, -e} {
			x := &data.Dense{Rows: 4, Cols: 2}
			for _, v := range values {
				x.Data = append(x.Data, math.Ldexp(v, at))
			}
			p, err := LeastSquares(x, []float64{1, 2, 3, 4})
			if err != nil {
				t.Fatal(err)
			}
			c := p.Constants()
			if e == 0 {
				want = c
			}
			for _, pair := range [][2]float64{{c.L, want.L}, {c.LMax, want.LMax}, {c.Mu, want.Mu}, {c.PL, want.PL}} {
				exact := math.Ldexp(pair[1], 2*at)
				if got := pair[0]; got != exact && !(math.Abs(got/exact-1) < 1e-9) && exact > 0x1p-1022 {
					t.Errorf("data times 2^%d: %v, want %v", at, got, exact)
				}
			}
		}
	}
}

// TestPenaltyOfEveryMagnitude: the ridge is (λ/2)‖x‖² if this is in the range, and 0 if λ is 0.
func TestPenaltyOfEveryMagnitude(t *testing.T) {
	for _, lambda := range []float64{0, 2e-10, 1e-3} {
		x := []float64{3e154, 4e154}
		got := HalfSquare(lambda, x)
		if exact := lambda / 2 * 5e154 * 5e154; math.Abs(got-exact) > 1e-12*exact {
			t.Errorf("λ = %v: %v, want %v", lambda, got, exact)
		}
	}
	p, err := LeastSquares(&data.Dense{Rows: 1, Cols: 2, Data: []float64{1, -1}}, []float64{0})
	if err != nil {
		t.Fatal(err)
	}
	x, g := []float64{1e200, 1e200}, make([]float64, 2)
	if f := p.Loss(x, nil); f != 0 {
		t.Errorf("f = %v without a penalty, want 0", f)
	}
	if f := p.Grad(g, x, nil); f != 0 || g[0] != 0 || g[1] != 0 {
		t.Errorf("f = %v with the gradient %v, want 0", f, g)
	}
}
