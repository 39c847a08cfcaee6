package objective

import (
	"math"
	"slices"
	"testing"

	"steepest/data"
	"steepest/param"
)

// TestMultiOutputIsLeastSquaresForEachTarget: each row of weights has the gradient of least squares for its target.
func TestMultiOutputIsLeastSquaresForEachTarget(t *testing.T) {
	p := randomProblem(41, 30, 5, 0.6)
	all := must(t)(MultiOutput(p.sparse, p.many, L2(0.2)))
	x := randomVector(42, all.dim(), 1)
	grad, want := make([]float64, len(x)), make([]float64, len(x))
	batch, sum := []uint32{3, 3, 17, 29}, 0.0
	for c := range testClasses {
		y := make([]float64, 30)
		for i := range y {
			y[i] = p.many.Row(i)[c]
		}
		one := must(t)(LeastSquares(p.sparse, y, L2(0.2)))
		sum += one.Grad(want[c*5:(c+1)*5], x[c*5:(c+1)*5], batch)
		if one.Constants() != all.Constants() {
			t.Errorf("constants %+v, those of a target are %+v", all.Constants(), one.Constants())
		}
	}
	if f := all.Grad(grad, x, batch); !near(f, sum, 1e-15) {
		t.Errorf("loss %v, the targets add up to %v", f, sum)
	}
	for j := range x {
		if math.Abs(grad[j]-want[j]) > 1e-15 {
			t.Errorf("grad[%d] = %v, want %v", j, grad[j], want[j])
		}
	}
	if all.Targets() != p.many || must(t)(LeastSquares(p.dense, p.reals)).Targets() != nil {
		t.Error("Targets are not those of the problem")
	}
}

// TestMatricesAreSeenAsSuch: methods for matrices update the weights of models with several scores, and the factors.
func TestMatricesAreSeenAsSuch(t *testing.T) {
	p := randomProblem(43, 10, 4, 1)
	factors, err := MatrixFactorization(p.dense, 2)
	if err != nil {
		t.Fatal(err)
	}
	for _, q := range []FiniteSum[float64]{
		must(t)(Softmax(p.dense, p.labels, 3)), must(t)(MultiOutput(p.dense, p.many)), factors,
	} {
		for _, tensor := range q.Params() {
			if count, rows, cols := tensor.Matrices(); len(tensor.Shape) != 2 || count != 1 || rows*cols != tensor.Size() ||
				tensor.Role != param.None {
				t.Errorf("%T: parameter %+v", q, tensor)
			}
		}
	}
	if shape := must(t)(Softmax(p.dense, p.labels, 3)).Params()[0].Shape; !slices.Equal(shape, []int{3, 4}) {
		t.Errorf("the weights of softmax have the shape %v, want [3 4]", shape)
	}
	if shape := must(t)(MultiOutput(p.dense, &data.Dense{Rows: 10, Cols: 1, Data: p.reals})).Params()[0].Shape; len(shape) != 1 {
		t.Errorf("the weights for one target have the shape %v, want a vector", shape)
	}
}
