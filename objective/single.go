package objective

import (
	"fmt"
	"sync"
)

// Single returns p in float32. A Linear or a Factorization becomes a *Linear[float32] or a *Factorization[float32] with a float32
// copy of the data, half as large; it keeps p for constants and gaps. It is an error if a number is too large for float32. Other
// problems are evaluated in float64 and their gradients are rounded. They are Analytic if p is; for a Composite, Single fails.
func Single(p FiniteSum[float64]) (FiniteSum[float32], error) {
	switch p := p.(type) {
	case interface {
		single() (FiniteSum[float32], error)
	}:
		return p.single()
	case Composite[float64]:
		return nil, fmt.Errorf("objective: %T has a term h, which cannot be rounded to float32; implement it in that type", p)
	case Analytic:
		return &roundedAnalytic{rounded{FiniteSum: p.(FiniteSum[float64])}, p}, nil
	}
	return &rounded{FiniteSum: p}, nil
}

// rounded is a problem in float32 that is evaluated in float64.
type rounded struct {
	FiniteSum[float64]
	vectors sync.Pool // of *[]float64
}

type roundedAnalytic struct {
	rounded
	Analytic
}

// widened returns x in float64, in memory from the pool, which the caller must put back.
func (p *rounded) widened(x []float32) *[]float64 {
	v, _ := p.vectors.Get().(*[]float64)
	if v == nil || len(*v) != len(x) {
		v = new(make([]float64, len(x)))
	}
	convert(*v, x)
	return v
}

// Loss returns the mean of fᵢ(x) over the batch.
func (p *rounded) Loss(x []float32, batch []uint32) float64 {
	wide := p.widened(x)
	defer p.vectors.Put(wide)
	return p.FiniteSum.Loss(*wide, batch)
}

// Grad stores the mean of ∇fᵢ(x) over the batch in dst, rounded, and returns the mean of fᵢ(x).
func (p *rounded) Grad(dst, x []float32, batch []uint32) float64 {
	wide, grad := p.widened(x), p.widened(dst)
	defer p.vectors.Put(wide)
	defer p.vectors.Put(grad)
	loss := p.FiniteSum.Grad(*grad, *wide, batch)
	convert(dst, *grad)
	return loss
}
