package solver

import (
	"math"
	"math/rand/v2"
	"testing"

	"steepest/data"
	"steepest/internal/simd"
	"steepest/objective"
)

// TestCholesky: the factor of a random AᵀA has its product, and solves for a known vector, for orders around the block.
func TestCholesky(t *testing.T) {
	for _, d := range []int{1, 2, factorBlock - 1, factorBlock, factorBlock + 1, 3*factorBlock + 7} {
		r := rand.New(rand.NewPCG(uint64(d), 0))
		rows := make([][]float64, d+5)
		for i := range rows {
			rows[i] = make([]float64, d)
			for j := range rows[i] {
				rows[i][j] = r.NormFloat64()
			}
		}
		a, u := make([]float64, d*d), make([]float64, d*d)
		for i := range d {
			for j := range d {
				if a[i*d+j] = math.NaN(); j <= i {
					a[i*d+j] = 0
					for _, row := range rows {
						a[i*d+j] += row[i] * row[j]
					}
				}
			}
		}
		const ridge = 0.5
		if !cholesky(u, a, d, ridge) {
			t.Fatalf("order %d: no factor", d)
		}
		want, b := make([]float64, d), make([]float64, d)
		for j := range want {
			want[j] = r.NormFloat64()
		}
		for i := range d {
			for j := range i + 1 {
				sum := 0.0
				for k := range j + 1 {
					sum += u[k*d+i] * u[k*d+j]
				}
				h := a[i*d+j]
				if i == j {
					h += ridge
				}
				if math.Abs(sum-h) > 1e-12*float64(d) {
					t.Fatalf("order %d: element %d, %d of uᵀu is %v, want %v", d, i, j, sum, h)
				}
				if b[i] += h * want[j]; j < i {
					b[j] += h * want[i]
				}
			}
		}
		solve(u, d, b)
		simd.Axpy(-1, want, b)
		if worst := math.Sqrt(simd.SumSquares(b) / simd.SumSquares(want)); worst > 1e-11 {
			t.Errorf("order %d: a solution is wrong by %v", d, worst)
		}
		if a[d*d-1] = -1; cholesky(u, a, d, ridge) {
			t.Errorf("order %d: a factor of a matrix that is not positive definite", d)
		}
	}
}

// TestTinyCurvatures: two equal columns whose curvatures are near the least positive number leave no step, and the run ends.
func TestTinyCurvatures(t *testing.T) {
	x := &data.Dense{Rows: 2, Cols: 2, Data: []float64{1e-155, 1e-155, 1e-155, 1e-155}}
	got, err := Fit(t.Context(), linear(t, x, []float64{1, -1}, objective.LogisticLoss{}), Options{})
	if err != nil || math.Abs(got.Loss-math.Ln2) > 1e-15 {
		t.Errorf("a loss of %v, %v", got.Loss, err)
	}
}
