package objective

import (
	"math"
	"slices"
	"sync/atomic"
	"testing"

	"steepest/param"
)

// TestFuncsMeansTerms has three terms, a gradient by differences, and a batch with a repetition.
func TestFuncsMeansTerms(t *testing.T) {
	p := &Funcs[float64]{N: 3, D: 2, Func: func(x []float64, i int) float64 {
		return float64(i+1) * (x[0]*x[0] + math.Sin(x[1]))
	}}
	x, grad := []float64{2, 0.5}, make([]float64, 2)
	for _, c := range []struct {
		batch []uint32
		mean  float64
	}{{nil, 2}, {[]uint32{2}, 3}, {[]uint32{0, 2, 2}, 7. / 3}} {
		want := []float64{c.mean * 4, c.mean * math.Cos(0.5)}
		loss := p.Grad(grad, x, c.batch)
		if !near(loss, c.mean*(4+math.Sin(0.5)), 1e-15) || norm(difference(grad, want)) > 1e-8 {
			t.Errorf("batch %v: loss %v, gradient %v, want %v", c.batch, loss, grad, want)
		}
	}
	if !slices.Equal(x, []float64{2, 0.5}) {
		t.Errorf("x became %v", x)
	}
	if (&Funcs[float64]{D: 4}).Len() != 1 || Dim(p) != 2 {
		t.Error("wrong dimensions")
	}
}

// TestDifferences checks the step of the differences: f has a scale far from 1, and x in float32 has few digits.
func TestDifferences(t *testing.T) {
	p := &Funcs[float64]{D: 2, Func: func(x []float64, _ int) float64 { return x[0]*x[0]/1e18 + math.Exp(x[1]) }}
	grad := make([]float64, 2)
	p.Grad(grad, []float64{1e9, -1}, nil)
	if !near(grad[0], 2e-9, 1e-9) || !near(grad[1], math.Exp(-1), 1e-9) {
		t.Errorf("gradient %v", grad)
	}
	narrow := &Funcs[float32]{D: 1, Func: func(x []float32, _ int) float64 { return math.Exp(float64(x[0])) }}
	slope := make([]float32, 1)
	narrow.Grad(slope, []float32{-1}, nil)
	if !near(float64(slope[0]), math.Exp(-1), 1e-4) {
		t.Errorf("slope %v in float32", slope[0])
	}
}

// TestFuncsEvaluatesOnce counts calls: Grad makes one of FuncGrad for each term, and Loss one of Func, or of FuncGrad without it.
func TestFuncsEvaluatesOnce(t *testing.T) {
	var values, grads int
	p := &Funcs[float64]{N: 4, D: 1,
		Func: func(x []float64, i int) float64 { values++; return x[0] },
		FuncGrad: func(dst, x []float64, i int) float64 {
			grads++
			dst[0] = 1
			return x[0]
		}}
	grad := []float64{9}
	if f := p.Grad(grad, []float64{3}, []uint32{0, 1, 1}); f != 3 || grad[0] != 1 || values != 0 || grads != 3 {
		t.Errorf("Grad: %v, %v after %d and %d calls", f, grad, values, grads)
	}
	if f := p.Loss([]float64{3}, nil); f != 3 || values != 4 || grads != 3 {
		t.Errorf("Loss: %v after %d and %d calls", f, values, grads)
	}
	p.Func = nil
	if f := p.Loss([]float64{3}, nil); f != 3 || grads != 7 {
		t.Errorf("Loss without Func: %v after %d calls", f, grads)
	}
}

// TestFuncsConcurrent: the bits do not depend on the number of processors, and up to rounding the result is the sum in order.
func TestFuncsConcurrent(t *testing.T) {
	var calls atomic.Int64
	p := &Funcs[float32]{N: 100, D: 3, FuncGrad: func(dst, x []float32, i int) float64 {
		calls.Add(1)
		for j, v := range x {
			dst[j] = float32(math.Sin(float64(i+j))) * v
		}
		return math.Cos(float64(i))
	}}
	x := []float32{1, -0.3, 7}
	for _, batch := range [][]uint32{nil, {4}, {8, 8, 3}, randomBatch(80, 100, 77)} {
		want, grad := make([]float32, 3), make([]float32, 3)
		p.Concurrent = false
		loss := p.Grad(want, x, batch)
		p.Concurrent = true
		checkSameBits(t, p, x, batch)
		calls.Store(0)
		if f := p.Grad(grad, x, batch); math.Abs(f-loss) > 1e-15 || calls.Load() != int64(checkBatch(batch, 100)) {
			t.Errorf("batch %v: loss %v by %d calls, one after the other %v", batch, f, calls.Load(), loss)
		}
		for j := range grad {
			if math.Abs(float64(grad[j]-want[j])) > 1e-6 {
				t.Errorf("batch %v: gradient %v, one after the other %v", batch, grad, want)
			}
		}
		if f := p.Loss(x, batch); math.Abs(f-loss) > 1e-15 {
			t.Errorf("batch %v: Loss %v, want %v", batch, f, loss)
		}
	}
}

func TestFuncsLayout(t *testing.T) {
	layout := []param.Param{{Name: "w", Shape: []int{2, 3}, Role: param.Hidden}, {Name: "b", Shape: []int{2}, Role: param.Bias}}
	p := &Funcs[float64]{Layout: layout, Func: func(x []float64, _ int) float64 { return x[7] }}
	grad := make([]float64, 8)
	if p.Grad(grad, make([]float64, 8), nil); Dim(p) != 8 || p.Params()[1].Role != param.Bias || !near(grad[7], 1, 1e-9) || p.FLOPs(2) != 16 {
		t.Errorf("layout %v, gradient %v", p.Params(), grad)
	}
	if q := (&Funcs[float64]{D: 4, Func: p.Func}).Params(); len(q) != 1 || q[0].Name != "x" || !slices.Equal(q[0].Shape, []int{4}) {
		t.Errorf("default layout %v", q)
	}
}
