package solver

import (
	"slices"
	"strings"
	"testing"

	"steepest/objective"
)

// TestAcceleration: with a small λ₂ and many rows for each column in use, dual coordinate descent accelerates. It agrees with Newton's method on the
// columns in use, in far fewer passes than without acceleration.
func TestAcceleration(t *testing.T) {
	rows, labels := random(3, 3000, 30, 0.5)
	l2 := objective.L2(0.03 / float64(rows.Rows))
	for _, loss := range losses {
		if (loss == objective.HingeLoss{}) {
			continue // its slope jumps
		}
		for name, v := range variants(rows) {
			options, y := append(v.options, l2), slices.Clone(labels)
			if (loss == objective.SquaredLoss{}) && v.options != nil { // with an intercept, it is large
				for i := range y {
					y[i] += 10
				}
			}
			exact, err := Fit(t.Context(), linear(t, v.rows, y, loss, options...), Options{Tolerance: 1e-13})
			if err != nil {
				t.Fatal(err)
			}
			p := linear(t, wide(v.rows), y, loss, options...)
			for _, tolerance := range []float64{1e-3, 1e-7} {
				got := agree(t, p, exact.Loss, tolerance, Options{})
				if !strings.HasSuffix(got.Method, "accelerated") || got.Passes > 60 {
					t.Errorf("%T, %s: %.0f passes by %s", loss, name, got.Passes, got.Method)
				}
			}
		}
	}
}
