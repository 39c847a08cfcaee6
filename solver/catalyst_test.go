package solver

import (
	"math"
	"slices"
	"strings"
	"testing"

	"steepest/internal/simd"
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

// TestSlowAcceleration: where acceleration would be slow, because λ₂ is tiny beside the rows, or is slow, because a few rows are much longer than
// others, Newton's method takes over.
func TestSlowAcceleration(t *testing.T) {
	newton, both := "dual coordinate descent, then Newton's method", "dual coordinate descent, accelerated, then Newton's method"
	for _, of := range []struct {
		loss         objective.Loss
		long, others float64 // times which the rows are multiplied; one of 30 is long
		l2           float64 // times n
		method       string
	}{
		{objective.LogisticLoss{}, 1, 1, 1e-3, newton}, // 15 columns
		{objective.HuberLoss{Delta: 0.7}, 300, 300, 1e-3, newton},
		{objective.LogisticLoss{}, 300, 300, 1e-3, newton},
		{objective.SquaredHingeLoss{}, 300, 300, 1e-3, newton},
		{objective.HuberLoss{Delta: 0.7}, 10, 0.1, 0.3, both},
		{objective.SquaredHingeLoss{}, 10, 0.1, 0.01, both},
	} {
		rows, labels := random(6, 300, 15, 0.5)
		for i := range rows.Rows {
			by := of.others
			if i%30 == 0 {
				by = of.long
			}
			_, values := rows.Row(i)
			simd.Scal(by, values)
		}
		l2 := objective.L2(of.l2 / float64(rows.Rows))
		exact := agree(t, linear(t, rows, labels, of.loss, l2), math.NaN(), 1e-12, Options{})
		got := agree(t, linear(t, wide(rows), labels, of.loss, l2), exact.Loss, 1e-8, Options{})
		if got.Method != of.method || got.Passes > 1000 {
			t.Errorf("%T, rows times %v and %v: %.0f passes by %s", of.loss, of.long, of.others, got.Passes, got.Method)
		}
	}
}
