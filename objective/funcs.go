package objective

import (
	"math"
	"slices"
	"sync"
	"unsafe"

	"steepest/internal/terms"
	"steepest/param"
)

// Funcs is a problem given by functions: fᵢ and ∇fᵢ of D unknowns for i in [0, N). Either Func or FuncGrad is enough; if both are
// set, Loss calls Func. They must not change x.
type Funcs[T param.Float] struct {
	// N is the number of terms; 0 means 1.
	N int
	// D is the number of unknowns. It may be omitted if Layout is set.
	D int
	// Layout lists the tensors in x, with their shapes and roles, by which methods for matrices choose parameters. Nil means one
	// tensor "x" of shape [D].
	Layout []param.Param
	// Func returns fᵢ(x).
	Func func(x []T, i int) float64
	// FuncGrad overwrites dst with ∇fᵢ(x) and returns fᵢ(x). Nil means central differences of Func, which take 2D more evaluations
	// per term and have about ten correct digits in float64.
	FuncGrad func(dst, x []T, i int) float64
	// Concurrent lets several goroutines call the functions at once, for the terms of a batch. The bits of the sum do not depend on
	// the number of goroutines.
	Concurrent bool

	scratch sync.Pool // of *scratch[T]
}

var (
	_ FiniteSum[float32] = (*Funcs[float32])(nil)
	_ FiniteSum[float64] = (*Funcs[float64])(nil)
)

// Len returns the number of terms.
func (p *Funcs[T]) Len() int { return max(p.N, 1) }

// Params returns Layout, or its default.
func (p *Funcs[T]) Params() []param.Param {
	switch {
	case p.Func == nil && p.FuncGrad == nil:
		panic("objective: Funcs needs Func or FuncGrad")
	case p.N < 0:
		panic("objective: Funcs needs N, the number of terms, of at least 0")
	case p.Layout != nil:
		return p.Layout
	case p.D < 1:
		panic("objective: Funcs needs D, the number of unknowns, or Layout")
	}
	return []param.Param{{Name: "x", Shape: []int{p.D}}}
}

// dim returns the length of x.
func (p *Funcs[T]) dim() int {
	if p.Layout != nil {
		return Dim(p)
	}
	return p.D
}

// Loss returns the mean of fᵢ(x) over the batch.
func (p *Funcs[T]) Loss(x []T, batch []uint32) float64 {
	checkLen("x", x, p.dim())
	b := checkBatch(batch, p.Len())
	return p.sum(nil, x, batch, b) / float64(b)
}

// Grad stores the mean of ∇fᵢ(x) over the batch in dst and returns the mean of fᵢ(x).
func (p *Funcs[T]) Grad(dst, x []T, batch []uint32) float64 {
	checkLen("dst", dst, p.dim())
	checkLen("x", x, p.dim())
	b := checkBatch(batch, p.Len())
	loss := p.sum(dst, x, batch, b) / float64(b)
	scale(dst, T(1/float64(b)))
	return loss
}

// sum returns Σ fᵢ over a batch of b terms and, unless dst is nil, stores Σ ∇fᵢ there.
func (p *Funcs[T]) sum(dst, x []T, batch []uint32, b int) float64 {
	chunks := 1
	if p.Concurrent {
		chunks = min(maxChunks, b)
	}
	s := working[T](&p.scratch, 2*chunks, 0)
	defer p.scratch.Put(s)
	if chunks == 1 {
		clear(dst)
		losses := p.add(dst, x, batch, 0, b, s.part(1, len(x)))
		return losses.value()
	}
	return p.sumChunks(dst, x, batch, b, chunks, s)
}

// sumChunks is a separate function because its closure makes parameters escape, which would cost small batches an allocation.
func (p *Funcs[T]) sumChunks(dst, x []T, batch []uint32, b, chunks int, s *scratch[T]) float64 {
	return s.sum(dst, chunks, func(g []T, c int) total {
		return p.add(g, x, batch, c*b/chunks, (c+1)*b/chunks, s.part(chunks+c, len(x)))
	})
}

// add returns Σ fᵢ over the indices lo to hi of the batch, and adds Σ ∇fᵢ to dst unless dst is nil. one is memory for a gradient.
func (p *Funcs[T]) add(dst, x []T, batch []uint32, lo, hi int, one []T) (losses total) {
	for k := lo; k < hi; k++ {
		losses.add(p.eval(one, x, terms.At(batch, k), dst != nil))
		if dst != nil {
			axpy(dst, 1, one)
		}
	}
	return losses
}

// eval returns fᵢ(x). If grad is set, it stores ∇fᵢ(x) in dst; otherwise it may use dst as scratch memory.
func (p *Funcs[T]) eval(dst, x []T, i int, grad bool) float64 {
	if p.FuncGrad != nil && (grad || p.Func == nil) {
		return p.FuncGrad(dst, x, i)
	}
	if grad {
		p.differences(dst, x, i)
	}
	return p.Func(x, i)
}

// differences stores central differences of fᵢ in dst. The step is the cube root of the precision of T, which balances the rounding
// error of f and the error from the third derivative, times max(1, |xⱼ|).
func (p *Funcs[T]) differences(dst, x []T, i int) {
	step := math.Cbrt(0x1p-52)
	if unsafe.Sizeof(T(0)) == 4 {
		step = math.Cbrt(0x1p-23)
	}
	y := slices.Clone(x)
	for j, v := range x {
		h := T(step * max(1, math.Abs(float64(v))))
		above, below := v+h, v-h
		y[j] = above
		rise := p.Func(y, i)
		y[j] = below
		rise -= p.Func(y, i)
		dst[j] = T(rise / float64(above-below))
		y[j] = v
	}
}

// FLOPs returns the size of the batch times D, since the cost of the functions is unknown.
func (p *Funcs[T]) FLOPs(batch int) float64 { return float64(batch) * float64(p.dim()) }
