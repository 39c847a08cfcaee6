package objective

import (
	"fmt"
	"math"
	"runtime"
	"slices"
	"strings"
	"testing"

	"steepest/data"
)

// rounding bounds the relative error of a sum of some hundred terms in float32.
const rounding = 1e-5

func single(t testing.TB, p FiniteSum[float64]) FiniteSum[float32] {
	t.Helper()
	s, err := Single(p)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// randomSingle is a random vector in both types.
func randomSingle(seed uint64, d int, size float64) (narrow []float32, wide []float64) {
	narrow, wide = make([]float32, d), make([]float64, d)
	convert(narrow, randomVector(seed, d, size))
	convert(wide, narrow)
	return narrow, wide
}

// offBy returns the norm of the difference of two vectors.
func offBy(got []float32, want []float64) float64 {
	wide := make([]float64, len(got))
	convert(wide, got)
	return norm(difference(wide, want))
}

// forSingles runs f for every model over either storage, in both types.
func forSingles(t *testing.T, p problem, f func(t *testing.T, single *Linear[float32], double *Linear[float64])) {
	t.Helper()
	for _, model := range models {
		for _, m := range []data.Matrix{p.dense, p.sparse} {
			t.Run(fmt.Sprintf("%s/%T", model.name, m), func(t *testing.T) {
				double := must(t)(model.build(m, p, L2(0.1), L1(0.2)))
				f(t, single(t, double).(*Linear[float32]), double)
			})
		}
	}
}

// TestSingleAgrees compares losses, gradients and slopes with those of float64 at the same point.
func TestSingleAgrees(t *testing.T) {
	p := randomProblem(60, 400, 37, 0.3)
	forSingles(t, p, func(t *testing.T, single *Linear[float32], double *Linear[float64]) {
		x, wide := randomSingle(61, double.dim(), 1)
		center, wideCenter := randomSingle(62, double.dim(), 1)
		for _, batch := range [][]uint32{nil, {5}, {7, 7, 3}, randomBatch(63, 400, 50)} {
			grad, want := make([]float32, len(x)), make([]float64, len(x))
			loss, wantLoss := single.Grad(grad, x, batch), double.Grad(want, wide, batch)
			if !near(loss, wantLoss, rounding) || loss != single.Loss(x, batch) {
				t.Errorf("loss %v, in float64 %v", loss, wantLoss)
			}
			if off := offBy(grad, want); off > rounding*norm(want) {
				t.Errorf("batch of %d: the gradient is off by %v of %v", len(batch), off, norm(want))
			}
			n := checkBatch(batch, 400) * double.Outputs()
			slopes, wantSlopes := make([]float32, n), make([]float64, n)
			single.Slopes(slopes, x, batch)
			double.Slopes(wantSlopes, wide, batch)
			if off := offBy(slopes, wantSlopes); off > rounding*norm(wantSlopes) {
				t.Errorf("batch of %d: the slopes are off by %v of %v", len(batch), off, norm(wantSlopes))
			}
			clear(grad)
			clear(want)
			single.AddSlopes(grad, slopes, batch)
			double.AddSlopes(want, wantSlopes, batch)
			if off := offBy(grad, want); off > rounding*norm(want) {
				t.Errorf("batch of %d: what slopes add is off by %v of %v", len(batch), off, norm(want))
			}
			single.ModelSlopes(slopes, x, center, batch)
			double.ModelSlopes(wantSlopes, wide, wideCenter, batch)
			if off := offBy(slopes, wantSlopes); off > rounding*norm(wantSlopes) {
				t.Errorf("batch of %d: the model's slopes are off by %v of %v", len(batch), off, norm(wantSlopes))
			}
		}
		scores, wantScores := single.Scores(x, p.sparse), double.Scores(wide, p.sparse)
		if !slices.Equal(scores, wantScores) {
			t.Error("scores are not those of the same weights in float64")
		}
	})
}

// TestSingleGradMatchesDifferences compares with differences away from kinks. Their steps are so long that the rounding of scores does not matter.
func TestSingleGradMatchesDifferences(t *testing.T) {
	p := randomProblem(64, 40, 6, 1)
	forSingles(t, p, func(t *testing.T, single *Linear[float32], double *Linear[float64]) {
		if _, sup := single.loss.curvature(); math.IsInf(sup, 1) {
			return // the hinge, whose steps cross kinks
		}
		x, _ := randomSingle(65, single.dim(), 0.5)
		grad := make([]float32, len(x))
		single.Grad(grad, x, nil)
		for j := range x {
			const h = 1. / 128
			y := slices.Clone(x)
			y[j] = x[j] + h
			up, above := single.Loss(y, nil), y[j]
			y[j] = x[j] - h
			if want := (up - single.Loss(y, nil)) / float64(above-y[j]); math.Abs(float64(grad[j])-want) > 1e-3 {
				t.Errorf("grad[%d] = %v, differences give %v", j, grad[j], want)
			}
		}
	})
}

// TestSingleSameBits: the bits do not depend on the number of processors, for batches that are cut into chunks and for smaller ones.
func TestSingleSameBits(t *testing.T) {
	forSingles(t, randomProblem(66, 3000, 150, 0.5), func(t *testing.T, single *Linear[float32], _ *Linear[float64]) {
		x, _ := randomSingle(67, single.dim(), 0.1)
		for _, batch := range [][]uint32{nil, randomBatch(68, 3000, 8)} {
			checkSameBits(t, single, x, batch)
		}
		if single.chunks(3000) == 1 {
			t.Error("a whole pass is one chunk")
		}
	})
}

// checkSameBits compares gradients over a batch with different numbers of processors.
func checkSameBits(t *testing.T, p FiniteSum[float32], x []float32, batch []uint32) {
	t.Helper()
	want := make([]float32, len(x))
	wantLoss := p.Grad(want, x, batch)
	for _, procs := range []int{1, 2, 3, 8} {
		before := runtime.GOMAXPROCS(procs)
		grad := make([]float32, len(x))
		loss := p.Grad(grad, x, batch)
		runtime.GOMAXPROCS(before)
		if loss != wantLoss || !slices.Equal(grad, want) {
			t.Errorf("GOMAXPROCS=%d changes the bits", procs)
		}
	}
}

func TestSingleProx(t *testing.T) {
	p := randomProblem(69, 10, 4, 1)
	lin := single(t, must(t)(LeastSquares(p.dense, p.reals, L1(0.5)))).(*Linear[float32])
	x, g := []float32{2, -0.25, 0, -7}, []float32{1, 1, 1, 1}
	if got := lin.Penalty(x); got != 4.625 {
		t.Errorf("Penalty = %v, want 4.625", got)
	}
	lin.AddSubgradient(g, x)
	lin.Prox(x, 2)
	if !slices.Equal(g, []float32{1.5, 0.5, 1, 0.5}) || !slices.Equal(x, []float32{1, 0, 0, -6}) {
		t.Errorf("AddSubgradient gives %v, Prox %v", g, x)
	}
}

// TestSingleTheory: constants and gaps are those of the problem in float64.
func TestSingleTheory(t *testing.T) {
	p := randomProblem(70, 60, 5, 0.8)
	forSingles(t, p, func(t *testing.T, single *Linear[float32], double *Linear[float64]) {
		_, x := randomSingle(71, double.dim(), 1)
		if single.Constants() != double.Constants() || single.Gap(x) != double.Gap(x) || single.LMax() != double.LMax() ||
			single.SecondMoment(x) != double.SecondMoment(x) || single.Len() != 60 || single.FLOPs(3) != double.FLOPs(3) {
			t.Error("theory is not that of float64")
		}
	})
}

func TestSingleFactorization(t *testing.T) {
	p := randomProblem(72, 9, 7, 0.6)
	for _, m := range []data.Matrix{p.dense, p.sparse} {
		double := factorization(t, m, 2, L2(0.1))
		narrow := single(t, double).(*Factorization[float32])
		x, wide := randomSingle(73, double.dim(), 1)
		for _, batch := range [][]uint32{nil, {3, 3, 1}} {
			grad, want := make([]float32, len(x)), make([]float64, len(x))
			loss, wantLoss := narrow.Grad(grad, x, batch), double.Grad(want, wide, batch)
			if !near(loss, wantLoss, rounding) || offBy(grad, want) > rounding*norm(want) {
				t.Errorf("%T: loss %v, in float64 %v; the gradient is off by %v", m, loss, wantLoss, offBy(grad, want))
			}
		}
	}
	x, f, ok := factorization(t, p.dense, 2).Minimizer()
	got, value, found := single(t, factorization(t, p.dense, 2)).(*Factorization[float32]).Minimizer()
	if !ok || !found || !near(f, value, rounding) || !near(norm(x), norm(got), rounding) {
		t.Errorf("minimum %v, in float64 %v", value, f)
	}
}

// TestSingleFunction: a function in float32 is the function in float64 at the same point, with its gradient rounded.
func TestSingleFunction(t *testing.T) {
	for _, f := range functions() {
		s := single(t, f)
		x, wide := randomSingle(74, f.D, 2)
		grad, want := make([]float32, f.D), make([]float64, f.D)
		loss, rounded := s.Grad(grad, x, nil), make([]float32, f.D)
		if wantLoss := f.Grad(want, wide, nil); loss != wantLoss || s.Loss(x, nil) != wantLoss {
			t.Errorf("%s: loss %v, want %v", f.Name, loss, wantLoss)
		}
		if convert(rounded, want); !slices.Equal(grad, rounded) {
			t.Errorf("%s: gradient %v, want %v", f.Name, grad, want)
		}
		if a, ok := s.(Analytic); !ok || a.Constants() != f.Constants() {
			t.Errorf("%s: other constants", f.Name)
		}
	}
	if _, ok := single(t, &Funcs[float64]{D: 1, Func: func([]float64, int) float64 { return 0 }}).(Analytic); ok {
		t.Error("functions without constants have some in float32")
	}
}

func TestSingleErrors(t *testing.T) {
	large := &data.Dense{Rows: 2, Cols: 2, Data: []float64{1, 2, 1e39, 1e-60}}
	csr := &data.CSR{Rows: 2, Cols: 9, Indptr: []int{0, 1, 2}, Indices: []uint32{3, 5}, Values: []float64{1, -1e300}}
	for want, p := range map[string]FiniteSum[float64]{
		"objective: x[1, 0] = 1e+39: too large for float32":  must(t)(LeastSquares(large, []float64{1, 2})),
		"objective: x[1, 5] = -1e+300: too large for":        must(t)(LeastSquares(csr, []float64{1, 2})),
		"objective: x[1, 0] = 1e+39: too large for float32;": factorization(t, large, 1),
		"has a term h": struct{ Composite[float64] }{},
	} {
		if s, err := Single(p); s != nil || err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want one with %q", err, want)
		}
	}
	small := &data.Dense{Rows: 1, Cols: 1, Data: []float64{1e-60}}
	if s := single(t, must(t)(LeastSquares(small, []float64{1}))); s.Loss([]float32{1}, nil) != 0.5 {
		t.Error("a number too small for float32 is not 0")
	}
}
