package optimum

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"strings"
	"testing"

	"gonum.org/v1/gonum/floats"

	"steepest/data"
	"steepest/data/datatest"
	"steepest/objective"
)

// golden is ../objective/testdata/golden.json, written by ../objective/testdata/golden.py.
type golden struct {
	Delta        float64
	A            [][]float64
	Signs, Reals []float64
	Labels       []int
	Cases        []struct {
		Model     string
		L1, L2    float64
		Minimizer []float64
		Minimum   float64
	}
}

// TestGolden compares with the minimizers of scikit-learn, NumPy and SciPy.
func TestGolden(t *testing.T) {
	text, err := os.ReadFile("../objective/testdata/golden.json")
	if err != nil {
		t.Fatal(err)
	}
	var g golden
	if err := json.Unmarshal(text, &g); err != nil {
		t.Fatal(err)
	}
	x := &data.Dense{Rows: len(g.A), Cols: len(g.A[0])}
	for _, row := range g.A {
		x.Data = append(x.Data, row...)
	}
	for _, c := range g.Cases {
		t.Run(fmt.Sprintf("%s/L1=%v,L2=%v", c.Model, c.L1, c.L2), func(t *testing.T) {
			build := map[string]func(opts ...objective.Option) (*objective.Linear[float64], error){
				"least squares": func(opts ...objective.Option) (*objective.Linear[float64], error) {
					return objective.LeastSquares(x, g.Reals, opts...)
				},
				"huber": func(opts ...objective.Option) (*objective.Linear[float64], error) {
					return objective.Huber(x, g.Reals, g.Delta, opts...)
				},
				"logistic": func(opts ...objective.Option) (*objective.Linear[float64], error) {
					return objective.Logistic(x, g.Signs, opts...)
				},
				"hinge": func(opts ...objective.Option) (*objective.Linear[float64], error) {
					return objective.Hinge(x, g.Signs, opts...)
				},
				"squared hinge": func(opts ...objective.Option) (*objective.Linear[float64], error) {
					return objective.SquaredHinge(x, g.Signs, opts...)
				},
				"softmax": func(opts ...objective.Option) (*objective.Linear[float64], error) {
					return objective.Softmax(x, g.Labels, 3, opts...)
				},
			}[c.Model]
			p, err := build(objective.L1(c.L1), objective.L2(c.L2))
			if err != nil {
				t.Fatal(err)
			}
			o := find(t, p)
			if !o.Certified {
				t.Errorf("not certified: %+v", o)
			}
			if o.Value > c.Minimum*(1+1e-13) || o.Value < c.Minimum*(1-1e-9) {
				t.Errorf("F* = %v, the reference has %v", o.Value, c.Minimum)
			}
			if !floats.EqualApprox(o.X, c.Minimizer, 1e-5) {
				t.Errorf("x* = %v, the reference has %v", o.X, c.Minimizer)
			}
			if grad := make([]float64, len(o.X)); o.Method == "Newton" {
				if p.Grad(grad, o.X, nil); floats.Norm(grad, 2) > 2e-15 {
					t.Errorf("‖∇f(x*)‖ = %v: Newton's method leaves no more than rounding", floats.Norm(grad, 2))
				}
			}
			t.Logf("%s, %d iterations, %s, gap %.1e", o.Method, o.Iterations, o.Status, o.Gap)
		})
	}
}

func find(t *testing.T, p objective.FiniteSum[float64]) Optimum {
	t.Helper()
	o, err := Find(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	if f := objective.Value(p, o.X); math.Abs(f-o.Value) > 1e-14*f+1e-30 || o.Gap < 0 {
		t.Fatalf("Value = %v, F(X) = %v, gap %v", o.Value, f, o.Gap)
	}
	return o
}

func randomSparse(seed uint64, n, d int, density float64) (*data.CSR, []float64) {
	r := rand.New(rand.NewPCG(seed, 0))
	return datatest.Sparse(r, n, d, density), datatest.Signs(r, n)
}

// TestBeyondNewton has more unknowns than the dense Hessian takes.
func TestBeyondNewton(t *testing.T) {
	x, signs := randomSparse(1, 400, 700, 0.02)
	p, err := objective.Logistic(x, signs, objective.L2(1e-3))
	if err != nil {
		t.Fatal(err)
	}
	if o := find(t, p); !o.Certified || o.Method != "L-BFGS" {
		t.Errorf("not certified: %v", o)
	}
	if p, err = objective.Logistic(x, signs, objective.L1(1e-3)); err != nil {
		t.Fatal(err)
	}
	if o := find(t, p); !o.Certified || o.Iterations > 2000 { // 11200 without momentum
		t.Errorf("certified: %v after %d steps", o.Certified, o.Iterations)
	}
	if p, err = objective.Hinge(x, signs, objective.L2(1e-3)); err != nil {
		t.Fatal(err)
	}
	if o := find(t, p); !o.Certified {
		t.Errorf("not certified: %v", o)
	}
}

// TestSeparableHasNoMinimizer has two rows that every x in a cone separates.
func TestSeparableHasNoMinimizer(t *testing.T) {
	x := &data.Dense{Rows: 3, Cols: 2, Data: []float64{1, 0, 1, 0.5, -1, 0.1}}
	p, err := objective.Logistic(x, []float64{1, 1, -1})
	if err != nil {
		t.Fatal(err)
	}
	o := find(t, p)
	if o.Certified || !strings.Contains(o.Status, "no minimizer") {
		t.Errorf("%+v", o)
	}
}

// TestInterpolation has F* = 0, where the tolerance cannot be relative, and no noise at the minimizer.
func TestInterpolation(t *testing.T) {
	x, signs := randomSparse(2, 20, 50, 0.5)
	p, err := objective.LeastSquares(x, signs)
	if err != nil {
		t.Fatal(err)
	}
	if o := find(t, p); !o.Certified || o.Value > 1e-20 || o.Noise > 1e-18 {
		t.Errorf("%+v", o)
	}
}

func TestFunctionIsLookedUp(t *testing.T) {
	f := objective.NoisyQuadratic([]float64{1, 3}, []float64{0.6, 0.8})
	if o := find(t, f); !o.Certified || o.Value != 0 || math.Abs(o.Noise-1) > 1e-15 {
		t.Errorf("%+v", o)
	}
}

// TestUncertifiedIsAdmitted: for a function without known constants, the optimum is not certified.
func TestUncertifiedIsAdmitted(t *testing.T) {
	p := &objective.Funcs[float64]{D: 2, Func: func(x []float64, _ int) float64 { return math.Cosh(x[0]-1) + math.Pow(x[1], 2) }}
	o := find(t, p)
	if o.Certified || !math.IsInf(o.Gap, 1) || math.Abs(o.Value-1) > 1e-10 {
		t.Errorf("%+v", o)
	}
}

func TestHingeWithoutL2IsAnError(t *testing.T) {
	p, err := objective.Hinge(&data.Dense{Rows: 1, Cols: 1, Data: []float64{1}}, []float64{1})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Find(t.Context(), p); err == nil || !strings.Contains(err.Error(), "add objective.L2") {
		t.Errorf("error %v", err)
	}
}

// TestFactorization: for a fully known matrix the least error is known. Here it comes from the smaller singular value.
func TestFactorization(t *testing.T) {
	a := &data.Dense{Rows: 2, Cols: 2, Data: []float64{3, 0, 0, 1}}
	p, err := objective.MatrixFactorization(a, 1)
	if err != nil {
		t.Fatal(err)
	}
	if o := find(t, p); !o.Certified || math.Abs(o.Value-1./8) > 1e-15 {
		t.Errorf("%+v, want the value 1/8", o)
	}
	part := &data.CSR{Rows: 1, Cols: 2, Indptr: []int{0, 1}, Indices: []uint32{0}, Values: []float64{1}}
	q, err := objective.MatrixFactorization(part, 1)
	if err != nil {
		t.Fatal(err)
	}
	if o, err := Find(t.Context(), q); err == nil {
		t.Errorf("%+v for a matrix with an unknown entry", o)
	}
}

// TestMultiOutput solves least squares with several targets. Its losses are small, but that separates nothing.
func TestMultiOutput(t *testing.T) {
	x, signs := randomSparse(9, 60, 8, 0.5)
	y := &data.Dense{Rows: 60, Cols: 2, Data: append(append([]float64(nil), signs...), signs...)}
	floats.Scale(0.1, y.Data)
	p, err := objective.MultiOutput(x, y)
	if err != nil {
		t.Fatal(err)
	}
	if o := find(t, p); !o.Certified || o.Method != "Newton" {
		t.Errorf("not certified: %+v", o)
	}
}

// tired is a context that is cancelled when it has been asked for a while.
type tired struct {
	context.Context
	asked, until int
}

func (c *tired) Err() error {
	if c.asked++; c.asked > c.until {
		return context.Canceled
	}
	return nil
}

// TestFindIsCancelled cancels each method in its first, second and fourth iteration. None continues.
func TestFindIsCancelled(t *testing.T) {
	x, signs := randomSparse(1, 400, 700, 0.02)
	small, smallSigns := randomSparse(3, 60, 8, 0.5)
	for _, test := range []struct {
		method string
		build  func(data.Matrix, []float64, ...objective.Option) (*objective.Linear[float64], error)
		x      data.Matrix
		y      []float64
		p      objective.Option
	}{
		{"L-BFGS", objective.Logistic, x, signs, objective.L2(1e-3)},
		{"Newton", objective.Logistic, small, smallSigns, objective.L2(1e-3)},
		{"proximal", objective.Logistic, x, signs, objective.L1(1e-3)},
		{"proximal Newton", objective.Logistic, small, smallSigns, objective.L1(1e-2)},
		{"dual coordinate descent", objective.Hinge, x, signs, objective.L2(1e-3)},
		{"interior point", objective.Hinge, small, smallSigns, objective.L2(1e-3)},
	} {
		p, err := test.build(test.x, test.y, test.p)
		if err != nil {
			t.Fatal(err)
		}
		if o := find(t, p); !strings.Contains(o.Method, test.method) {
			t.Errorf("%s is tried for %s", o.Method, test.method)
		}
		for _, until := range []int{0, 1, 3} {
			ctx := &tired{t.Context(), 0, until}
			if o, err := Find(ctx, p); err != context.Canceled || o.X != nil || ctx.asked > until+7 {
				t.Errorf("%s, cancelled at %d, asked %d times: %+v, %v", test.method, until, ctx.asked, o, err)
			}
		}
	}
}
