package objective

import (
	"gonum.org/v1/gonum/diff/fd"

	"steepest/param"
)

// Funcs makes a problem of functions: fᵢ and ∇fᵢ of D unknowns for i in [0, N).
type Funcs struct {
	// N is the number of terms; 0 means 1.
	N int
	// D is the number of unknowns.
	D int
	// Func returns fᵢ(x). It must not change x.
	Func func(x []float64, i int) float64
	// FuncGrad stores ∇fᵢ(x) in dst. It must not change x. Nil means central differences of Func, at 2D evaluations a term
	// and with about ten right digits.
	FuncGrad func(dst, x []float64, i int)
}

var _ FiniteSum[float64] = (*Funcs)(nil)

// Len returns the number of terms.
func (p *Funcs) Len() int { return max(p.N, 1) }

// Params returns the one tensor "x", of shape [D].
func (p *Funcs) Params() []param.Param { return []param.Param{{Name: "x", Shape: []int{p.D}}} }

// Loss returns the mean of fᵢ(x) over the batch.
func (p *Funcs) Loss(x []float64, batch []uint32) float64 {
	checkLen("x", x, p.D)
	b := checkBatch(batch, p.Len())
	var losses total
	for k := range b {
		losses.add(p.Func(x, term(batch, k)))
	}
	return losses.value() / float64(b)
}

// Grad stores the mean of ∇fᵢ(x) over the batch in dst and returns the mean of fᵢ(x).
func (p *Funcs) Grad(dst, x []float64, batch []uint32) float64 {
	checkLen("dst", dst, p.D)
	checkLen("x", x, p.D)
	b := checkBatch(batch, p.Len())
	p.grad(dst, x, term(batch, 0))
	if b > 1 {
		g := make([]float64, p.D)
		for k := 1; k < b; k++ {
			p.grad(g, x, term(batch, k))
			axpy(dst, 1, g)
		}
		scale(dst, 1/float64(b))
	}
	return p.Loss(x, batch)
}

func (p *Funcs) grad(dst, x []float64, i int) {
	if p.FuncGrad != nil {
		p.FuncGrad(dst, x, i)
		return
	}
	f := func(x []float64) float64 { return p.Func(x, i) }
	fd.Gradient(dst, f, x, &fd.Settings{Formula: fd.Central})
}

// FLOPs returns the size of the batch times D: what the terms cost is not known.
func (p *Funcs) FLOPs(batch int) float64 { return float64(batch) * float64(p.D) }
