package objective

import (
	"math"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"steepest/data"
)

func factorization(t rapid.TB, a data.Matrix, rank int, opts ...Option) *Factorization[float64] {
	t.Helper()
	p, err := MatrixFactorization(a, rank, opts...)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// plainFactorization is the definition of the loss over entries (i, j) of a matrix.
func plainFactorization(a *data.Dense, entries [][2]int, x []float64, rank int, l2 float64) float64 {
	sum := 0.0
	for _, e := range entries {
		product := 0.0
		for k := range rank {
			product += x[e[0]*rank+k] * x[(a.Rows+e[1])*rank+k]
		}
		residual := product - a.Data[e[0]*a.Cols+e[1]]
		sum += residual * residual / 2 / float64(len(entries))
	}
	for _, v := range x {
		sum += l2 / 2 * v * v
	}
	return sum
}

// TestFactorization compares loss and gradient with the definition and its differences. The terms are all entries of a dense matrix, and the
// stored entries of a sparse one.
func TestFactorization(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		seed := rapid.Uint64().Draw(t, "seed")
		rows, cols := rapid.IntRange(1, 5).Draw(t, "rows"), rapid.IntRange(1, 5).Draw(t, "cols")
		rank := rapid.IntRange(1, 3).Draw(t, "rank")
		p := randomProblem(seed, rows, cols, 0.7)
		var m data.Matrix = p.dense
		var entries [][2]int
		sparse := rapid.Bool().Draw(t, "sparse") && p.sparse.NNZ() > 0
		for i := range rows {
			for j := range cols {
				if !sparse || p.dense.Row(i)[j] != 0 {
					entries = append(entries, [2]int{i, j})
				}
			}
		}
		if sparse {
			m = p.sparse
		}
		f := factorization(t, m, rank, L2(0.1))
		if f.Len() != len(entries) {
			t.Fatalf("%d terms, want %d", f.Len(), len(entries))
		}
		x, grad := randomVector(seed, f.dim(), 1), make([]float64, f.dim())
		batch := randomBatch(seed, f.Len(), 3)
		picked := [][2]int{entries[batch[0]], entries[batch[1]], entries[batch[2]]}
		if rapid.Bool().Draw(t, "full") {
			batch, picked = nil, entries
		}
		want := plainFactorization(p.dense, picked, x, rank, 0.1)
		if got := f.Grad(grad, x, batch); !near(got, want, 1e-14) || f.Loss(x, batch) != got {
			t.Errorf("loss %v, want %v", got, want)
		}
		for j, v := range x {
			const h = 1e-5
			x[j] = v + h
			above := plainFactorization(p.dense, picked, x, rank, 0.1)
			x[j] = v - h
			below := plainFactorization(p.dense, picked, x, rank, 0.1)
			x[j] = v
			if slope := (above - below) / (2 * h); math.Abs(grad[j]-slope) > 1e-8*(1+want) {
				t.Errorf("grad[%d] = %v, differences say %v", j, grad[j], slope)
			}
		}
	})
}

// TestFactorizationMinimizer: the gradient at the minimizer is 0. Descents from other points do not get below its value, and one reaches it.
func TestFactorizationMinimizer(t *testing.T) {
	p := randomProblem(51, 7, 5, 1)
	for _, rank := range []int{1, 2, 4, 6} {
		for _, l2 := range []float64{0, 0.01, 100} { // with the last one the origin is the minimizer
			f := factorization(t, p.dense, rank, L2(l2))
			x, value, ok := f.Minimizer()
			grad := make([]float64, len(x))
			if got := f.Grad(grad, x, nil); !ok || math.Abs(got-value) > 1e-14 || norm(grad) > 1e-15 {
				t.Errorf("rank %d, λ = %v: value %v, f = %v, ‖∇f‖ = %v", rank, l2, value, got, norm(grad))
			}
			y := randomVector(52, len(x), 0.3)
			step := 0.2 / max(1, l2)
			for range 30000 {
				f.Grad(grad, y, nil)
				axpy(y, -step, grad)
			}
			if got := f.Loss(y, nil); got < value-1e-14 || got > value+1e-9 {
				t.Errorf("rank %d, λ = %v: gradient descent ends at %v, the minimum is %v", rank, l2, got, value)
			}
		}
	}
	if _, _, ok := factorization(t, p.sparse, 2).Minimizer(); ok {
		t.Error("a minimizer of a matrix that is not known as a whole")
	}
}

func TestFactorizationConstants(t *testing.T) {
	f := factorization(t, randomProblem(53, 4, 3, 1).dense, 2)
	if c := f.Constants(); !math.IsInf(c.L, 1) || c.Convex || c.PL != 0 || c.Composite {
		t.Errorf("constants %+v", c)
	}
	if got, want := f.FLOPs(5), 3.*5*2+14; got != want {
		t.Errorf("FLOPs %v, want %v", got, want)
	}
}

func TestFactorizationErrors(t *testing.T) {
	one := &data.Dense{Rows: 1, Cols: 2, Data: []float64{1, 2}}
	for _, test := range []struct {
		a    data.Matrix
		rank int
		opt  Option
		want string
	}{
		{one, 0, L2(0), "rank 0 of 2 known entries"},
		{&data.CSR{Rows: 1, Cols: 2, Indptr: []int{0, 0}}, 1, L2(0), "rank 1 of 0 known entries"},
		{one, 1, L1(1), "no ℓ1 penalty"},
		{one, 1, L2(math.NaN()), "the L2 penalty is NaN"},
		{&data.Dense{Rows: 1, Cols: 2, Data: []float64{1, math.Inf(-1)}}, 1, L2(0), "x[0, 1] = -Inf: not a finite number"},
		{&data.Dense{Rows: 2, Cols: 2, Data: []float64{1}}, 1, L2(0), "1 values stored for a dense 2×2"},
		{&data.CSR{Rows: 1, Cols: 2, Indptr: []int{0, 1}, Indices: []uint32{2}, Values: []float64{1}}, 1, L2(0),
			"x[0, 2]: the matrix has 2 columns"},
		{struct{ data.Matrix }{one}, 1, L2(0), "neither a *data.Dense, a *data.CSR nor"},
	} {
		p, err := MatrixFactorization(test.a, test.rank, test.opt)
		if err == nil || p != nil || !strings.Contains(err.Error(), test.want) || !strings.HasPrefix(err.Error(), "objective: ") {
			t.Errorf("error %v, want one with %q", err, test.want)
		}
	}
}
