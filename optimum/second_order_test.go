package optimum

import (
	"fmt"
	"math"
	"runtime"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"steepest/data"
	"steepest/objective"
)

// embedded returns an embedded data set with two classes, scaled and with a column of ones.
func embedded(t *testing.T, name string) (data.Matrix, []float64) {
	t.Helper()
	set, err := data.Load(name)
	if err != nil {
		t.Fatal(err)
	}
	scaling := data.MaxAbs(set.X)
	if _, dense := set.X.(*data.Dense); dense {
		if scaling, err = data.Standardize(set.X); err != nil {
			t.Fatal(err)
		}
	}
	x, err := scaling.Apply(set.X)
	if err != nil {
		t.Fatal(err)
	}
	signs, _, err := data.Binary(set.Y)
	if err != nil {
		t.Fatal(err)
	}
	return data.AppendOnes(x), signs
}

// TestSecondOrder compares the methods that use curvature with the plain first-order ones.
func TestSecondOrder(t *testing.T) {
	for _, c := range []struct {
		data   string
		loss   objective.Loss
		l1, l2 float64
	}{
		{"agaricus", objective.LogisticLoss{}, 5e-2, 0},
		{"agaricus", objective.HingeLoss{}, 0, 3e-1},
		{"heart-scale", objective.LogisticLoss{}, 1e-3, 0},
		{"heart-scale", objective.LogisticLoss{}, 1e-3, 1e-3},
		{"heart-scale", objective.HuberLoss{Delta: 0.1}, 1e-3, 0},
		{"heart-scale", objective.SquaredLoss{}, 1e-3, 0},
		{"heart-scale", objective.HingeLoss{}, 0, 1e-3},
		{"breast-cancer", objective.LogisticLoss{}, 1e-2, 0},
		{"breast-cancer", objective.SquaredHingeLoss{}, 1e-2, 0},
		{"breast-cancer", objective.HingeLoss{}, 0, 1e-2},
	} {
		t.Run(fmt.Sprintf("%s/%T,L1=%v,L2=%v", c.data, c.loss, c.l1, c.l2), func(t *testing.T) {
			x, signs := embedded(t, c.data)
			p, err := objective.NewLinear(x, signs, c.loss, objective.L1(c.l1), objective.L2(c.l2))
			if err != nil {
				t.Fatal(err)
			}
			o, method := find(t, p), "proximal Newton"
			var plain Optimum
			if c.l1 > 0 {
				plain = finish(t.Context(), p, proximal(t.Context(), p, p.Constants().L, make([]float64, len(o.X))))
			} else {
				method = "interior point"
				plain = finish(t.Context(), p, dualDescent(t.Context(), newDual(p), maxPasses(p)))
			}
			if !o.Certified || o.Method != method || 20*o.Iterations > plain.Iterations {
				t.Errorf("certified: %v by %s in %d steps, want %s", o.Certified, o.Method, o.Iterations, method)
			}
			if math.Abs(o.Value-plain.Value) > o.Gap+plain.Gap {
				t.Errorf("F* = %v ± %v, but %v ± %v by %s", o.Value, o.Gap, plain.Value, plain.Gap, plain.Method)
			}
			t.Logf("%d steps instead of %d, gap/F %.1e", o.Iterations, plain.Iterations, o.Gap/o.Value)
		})
	}
}

// TestDegenerate has few distinct values: equal, opposite and empty rows and columns, and sets with only one label.
func TestDegenerate(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n, d := rapid.IntRange(1, 12).Draw(t, "n"), rapid.IntRange(1, 6).Draw(t, "d")
		values := rapid.SliceOfN(rapid.SampledFrom([]float64{-1, 0, 1}), n*d, n*d).Draw(t, "x")
		x := &data.Dense{Rows: n, Cols: d, Data: values}
		signs := rapid.SliceOfN(rapid.SampledFrom([]float64{-1, 1}), n, n).Draw(t, "y")
		loss := rapid.SampledFrom([]objective.Loss{
			objective.HingeLoss{}, objective.LogisticLoss{}, objective.SquaredLoss{}, objective.SquaredHingeLoss{},
			objective.HuberLoss{Delta: 0.3},
		}).Draw(t, "loss")
		lambda := math.Pow(10, rapid.Float64Range(-2, 3).Draw(t, "log λ"))
		penalty := objective.L1(lambda)
		if loss == (objective.HingeLoss{}) {
			penalty = objective.L2(lambda)
		}
		p, err := objective.NewLinear(x, signs, loss, penalty)
		if err != nil {
			t.Fatal(err)
		}
		o, err := Find(t.Context(), p)
		if err != nil {
			t.Fatal(err)
		}
		if !o.Certified {
			t.Errorf("%+v", o)
		}
	})
}

// TestProcessors: one processor and four give the same bits.
func TestProcessors(t *testing.T) {
	x, signs := embedded(t, "agaricus")
	for _, c := range []struct {
		loss   objective.Loss
		l1, l2 float64
	}{{objective.LogisticLoss{}, 1e-3, 0}, {objective.HingeLoss{}, 0, 1e-1}} {
		p, err := objective.NewLinear(x, signs, c.loss, objective.L1(c.l1), objective.L2(c.l2))
		if err != nil {
			t.Fatal(err)
		}
		before := runtime.GOMAXPROCS(1)
		one := find(t, p)
		runtime.GOMAXPROCS(4)
		four := find(t, p)
		runtime.GOMAXPROCS(before)
		if !slices.Equal(one.X, four.X) {
			t.Errorf("%s: x* = %v and %v", one.Method, one.X, four.X)
		}
	}
}

// TestInteriorPointAlone runs no coordinate descent, which would hide the effect of rounding at small μ.
func TestInteriorPointAlone(t *testing.T) {
	x, signs := embedded(t, "agaricus")
	p, err := objective.Hinge(x, signs, objective.L2(1e-3))
	if err != nil {
		t.Fatal(err)
	}
	d := newDual(p)
	steps := interiorPoint(t.Context(), d)
	if relative := d.gap() / p.Loss(d.w, nil); relative > Tolerance || steps > 30 {
		t.Errorf("relative gap %.1e after %d steps", relative, steps)
	}
}

// TestAlmostDependentColumns has two columns that differ in one row, whose curvature vanishes as the weights grow.
func TestAlmostDependentColumns(t *testing.T) {
	x := &data.Dense{Rows: 4, Cols: 2, Data: []float64{1, 1, 0, -1, -1, -1, 0, 0}}
	p, err := objective.Logistic(x, []float64{-1, -1, -1, -1}, objective.L1(1e-6))
	if err != nil {
		t.Fatal(err)
	}
	if o := find(t, p); !o.Certified || o.Method != "proximal Newton" || o.Iterations > 20 {
		t.Errorf("%+v", o)
	}
}
