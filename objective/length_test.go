package objective_test

import (
	"math"
	"testing"

	"steepest/data"
	"steepest/objective"
)

// TestLengthHasTheUnitOfX: targets a thousand times as large make a length a thousand times as long, and features a thousandth.
func TestLengthHasTheUnitOfX(t *testing.T) {
	base := &data.Dense{Rows: 6, Cols: 2, Data: []float64{1, 2, -1, 0.5, 3, 1, -2, -1, 0, 1, 2, 2}}
	y := []float64{1, -1, 2, -2, 0.5, 1.5}
	length := func(a, b float64) float64 {
		x, targets := &data.Dense{Rows: 6, Cols: 2, Data: make([]float64, 12)}, make([]float64, 6)
		for i, v := range base.Data {
			x.Data[i] = a * v
		}
		for i, v := range y {
			targets[i] = b * v
		}
		p, err := objective.LeastSquares(x, targets)
		if err != nil {
			t.Fatal(err)
		}
		return objective.Length(p, make([]float64, 2), nil)
	}
	one := length(1, 1)
	for _, test := range []struct{ features, targets, want float64 }{
		{1, 1e3, 1e3}, {1, 1e-6, 1e-6}, {1, 1e6, 1e6}, {1e-3, 1, 1e3}, {1e4, 1, 1e-4}, {1e4, 1e4, 1}, {1e-40, 1e-60, 1e-20},
	} {
		if got := length(test.features, test.targets); math.Abs(got/(one*test.want)-1) > 1e-9 {
			t.Errorf("features × %v, targets × %v: length %v, want %v", test.features, test.targets, got, one*test.want)
		}
	}
}

// TestLength compares lengths with known ones: the distance to the minimum of a parabola, up to a power of ten, and 1 if no step decreases f.
func TestLength(t *testing.T) {
	parabola := objective.Quadratic(3, 1)
	for _, at := range []float64{1e-5, 1, 1e7} {
		if got := objective.Length(parabola, []float64{at, 0, 0}, nil); got != math.Pow10(int(math.Round(math.Log10(at/2)))) {
			t.Errorf("from %v: %v", at, got)
		}
	}
	if got := objective.Length(parabola, make([]float64, 3), nil); got != 1 {
		t.Errorf("from the minimum: %v, want 1", got)
	}
	if got := objective.Length(objective.Rosenbrock(), []float64{-1.2, 1}, nil); got != 0.1 {
		t.Errorf("Rosenbrock: %v, want 0.1", got)
	}
}
