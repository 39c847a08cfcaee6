package objective

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"testing"

	"steepest/data"
)

// golden is testdata/golden.json, written by testdata/golden.py.
type golden struct {
	Delta        float64
	A            [][]float64
	Signs, Reals []float64
	Labels       []int
	Cases        []goldenCase
}

type goldenCase struct {
	Model     string
	L1, L2    float64
	X         []float64
	Loss      float64
	Grad      []float64
	Minimizer []float64
	Minimum   float64
}

func (g *golden) build(c goldenCase) (*Linear[float64], error) {
	m := &data.Dense{Rows: len(g.A), Cols: len(g.A[0])}
	for _, row := range g.A {
		m.Data = append(m.Data, row...)
	}
	opts := []Option{L1(c.L1), L2(c.L2)}
	switch c.Model {
	case "least squares":
		return LeastSquares(m, g.Reals, opts...)
	case "huber":
		return Huber(m, g.Reals, g.Delta, opts...)
	case "logistic":
		return Logistic(m, g.Signs, opts...)
	case "hinge":
		return Hinge(m, g.Signs, opts...)
	case "squared hinge":
		return SquaredHinge(m, g.Signs, opts...)
	case "softmax":
		return Softmax(m, g.Labels, 3, opts...)
	}
	return nil, fmt.Errorf("golden.json has a model %q", c.Model)
}

// TestGolden compares loss and gradient with JAX, and checks that no point is better than scikit-learn's minimizer by more
// than the gap there.
func TestGolden(t *testing.T) {
	text, err := os.ReadFile("testdata/golden.json")
	if err != nil {
		t.Fatal(err)
	}
	var g golden
	if err := json.Unmarshal(text, &g); err != nil {
		t.Fatal(err)
	}
	for _, c := range g.Cases {
		t.Run(fmt.Sprintf("%s/L1=%v,L2=%v", c.Model, c.L1, c.L2), func(t *testing.T) {
			lin := must(t)(g.build(c))
			grad := make([]float64, len(c.X))
			if loss := lin.Grad(grad, c.X, nil); !near(loss, c.Loss, 1e-14) {
				t.Errorf("loss %v, JAX has %v", loss, c.Loss)
			}
			for j := range grad {
				if math.Abs(grad[j]-c.Grad[j]) > 1e-14 {
					t.Errorf("grad[%d] = %v, JAX has %v", j, grad[j], c.Grad[j])
				}
			}
			if f := Value(lin, c.Minimizer); !near(f, c.Minimum, 1e-14) {
				t.Errorf("F = %v at the minimizer, want %v", f, c.Minimum)
			}
			if gap := lin.Gap(c.Minimizer); c.Model != "hinge" && c.L1+c.L2 > 0 && gap > 1e-9 {
				t.Errorf("gap %v at the minimizer of scikit-learn", gap)
			}
		})
	}
}
