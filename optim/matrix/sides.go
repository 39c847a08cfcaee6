package matrix

import (
	"math"

	"steepest/internal/gemm"
	"steepest/internal/scratch"
	"steepest/internal/simd"
	"steepest/optim"
	"steepest/optim/internal/rescale"
	"steepest/optim/matfun"
	"steepest/param"
)

// PreconditionSides is Shampoo's T: it multiplies each block of a matrix by inverse roots of the second moments of its rows and of
// its columns, and optionally a tensor by one root for each dimension. It fails if a root fails. Its fields have the same meaning as
// in Shampoo, without defaults, except that Exponent = 0 means 1/(2·sides), and Block = 0 the whole matrix.
type PreconditionSides struct {
	Beta1, Beta2         float64
	Corrected            bool
	Exponent             float64
	Sides                Sides
	Tensors              bool
	RootInterval, Start  int
	Block, MaxOrder      int
	Root                 matfun.Root // without P
	Graft                Graft
	GraftBeta2, GraftEps float64
}

// BetweenRoots multiplies the update, for example a momentum, by inverse roots of its second moments on both sides: L ← βL + (1−β)uuᵀ,
// R ← βR + (1−β)uᵀu, u ← L^(−γ)·u·R^(−γ). Before a polar factor it is PMuon (the third track of the modded-nanogpt speedrun, result 18,
// 2026), whose roots come from a step of the power method.
type BetweenRoots struct {
	Exponent float64 `range:"(0,1000]" help:"exponent γ of the roots"`
	Beta     float64 `range:"0,1" help:"decay β of the moments"`
	Eps      float64 `range:"0," help:"ε that keeps the eigenvalues from 0, relative to the largest"`
	Interval int     `range:"1," help:"steps from one computation of the roots to the next"`
	MaxOrder int     `range:"0," help:"length of the longest side that has a root and not a diagonal"`
}

// Transform implements Transformer. Its state is that of PreconditionSides.
func (r BetweenRoots) Transform() optim.Transform {
	t := PreconditionSides{
		Beta2: r.Beta, Exponent: r.Exponent, RootInterval: r.Interval, MaxOrder: r.MaxOrder,
		Root: matfun.Root{Eps: r.Eps, Ridge: matfun.ShiftRelative},
	}.Transform()
	t.Name = "roots"
	return t
}

// Transform implements Transformer. Its state is the moments of the sides, their roots, and the units of both.
func (o PreconditionSides) Transform() optim.Transform {
	t := optim.Transform{
		Name: "shampoo",
		Slots: []optim.Slot{
			{Name: "left", Size: o.sideSize(leftSide)}, {Name: "right", Size: o.sideSize(rightSide)},
			{Name: "left-root", Size: o.sideSize(leftSide)}, {Name: "right-root", Size: o.sideSize(rightSide)},
			{Name: "units", Size: o.unitsSize},
		},
		Begin:   o.begin,
		FLOPs:   o.flops,
		Whole32: func() optim.Whole[float32] { return (&preconditioner[float32]{PreconditionSides: o}).transform },
		Whole64: func() optim.Whole[float64] { return (&preconditioner[float64]{PreconditionSides: o}).transform },
	}
	if o.Beta1 > 0 || o.Graft.adaptive() {
		t.Slots = append(t.Slots, optim.Slot{Name: "m"})
	}
	if o.Graft.adaptive() {
		t.Slots = append(t.Slots, optim.Slot{Name: "v"})
	}
	return t
}

// flops returns the average operations of a step for a parameter. Each side takes a symmetric product and a product with the root. In some
// steps it takes a root: 9n³ for the eigenvectors and n³ for a symmetric product.
func (o PreconditionSides) flops(p param.Param) float64 {
	total := 6 * float64(p.Size())
	o.forBlocks(p, func(b block) error {
		for _, s := range b.sides {
			if n := float64(s.order); s.order > 0 && !s.diagonal() {
				total += float64(n * (float64(3*b.rows*b.cols) + float64(10*n*n)/float64(max(1, o.RootInterval))))
			}
		}
		return nil
	})
	return total
}

// begin sets the coefficients of optim.AdaptiveMoments, which computes the average gradient and the graft's step.
func (o PreconditionSides) begin(s *optim.Step, _ []float64, c *optim.Coeffs) {
	optim.AdaptiveMoments{Beta1: o.Beta1, Beta2: o.GraftBeta2, Eps: o.GraftEps}.Begin(s, nil, c)
	switch o.Graft {
	case GraftAdaGrad:
		c[1], c[3], c[6] = 1, 1, 1
	case GraftRMSProp:
		c[6] = 1
	}
}

// A block is a part of a matrix, or a whole tensor, that has its own roots.
type block struct {
	at, stride, rows, cols int
	index                  int
	tensor                 bool
	sides                  [maxDimensions]side
}

// maxDimensions is the largest number of dimensions of a tensor with a side for each.
const maxDimensions = 8

// A block has unitsSize numbers in the slot of units: the state of rescale.Follow for its moments, and the exponent e of their unit when
// the roots were computed.
const unitsSize = 3

// A side belongs to the rows or columns of a block, or to a dimension of a tensor. For a side, the block is an array of outer × order ×
// inner numbers, and the side is the middle dimension. Its moments are size elements of a slot: an order × order matrix, or a diagonal.
// order is 0 if the side is not preconditioned.
type side struct{ order, inner, slot, size, at int }

// The slots of the sides. The right one belongs to the columns, or to the last dimension.
const (
	leftSide = iota
	rightSide
)

// The slots after those of the sides' moments and roots.
const (
	unitSlot = 4 + iota
	momentSlot
)

// forBlocks calls f for every block of a tensor.
func (o PreconditionSides) forBlocks(p param.Param, f func(b block) error) error {
	count, rows, cols := p.Matrices()
	left, right := o.Sides.of(rows, cols)
	height, width := max(rows, 1), max(cols, 1)
	if o.Block > 0 {
		height, width = min(o.Block, height), min(o.Block, width)
	}
	b := block{stride: cols}
	if b.tensor = o.Tensors && b.dimensions(p); b.tensor {
		height, width = rows, cols
	}
	var used [2]int // of the slots
	for top := 0; top < count*rows; top += b.rows {
		b.rows = min(height, rows-top%rows)
		for at := 0; at < cols; at += b.cols {
			b.at, b.cols = top*cols+at, min(width, cols-at)
			if !b.tensor {
				b.sides[leftSide], b.sides[rightSide] = side{inner: b.cols}, side{inner: 1, slot: rightSide}
				if left {
					b.sides[leftSide].order = b.rows
				}
				if right {
					b.sides[rightSide].order = b.cols
				}
			}
			for i := range b.sides {
				s := &b.sides[i]
				if s.size = s.order; s.order <= o.MaxOrder {
					s.size *= s.order
				}
				s.at = used[s.slot]
				used[s.slot] += s.size
			}
			if err := f(b); err != nil {
				return err
			}
			b.index++
		}
	}
	return nil
}

// dimensions gives the block a side for each dimension longer than 1. It returns false unless p is a suitable tensor: with more than two
// dimensions, two or more of them longer than 1, and at most maxDimensions.
func (b *block) dimensions(p param.Param) bool {
	_, rows, cols := p.Matrices()
	if len(p.Shape) <= 2 || rows*cols == 0 {
		return false
	}
	n, inner := 0, rows*cols
	for i, order := range p.Shape {
		if i == 0 {
			order = rows
		}
		if inner /= order; order == 1 {
			continue
		}
		if n == maxDimensions {
			return false
		}
		b.sides[n] = side{order: order, inner: inner}
		n++
	}
	if n < 2 {
		return false
	}
	b.sides[n-1].slot = rightSide
	return true
}

// sideSize returns the size of the slot with the moments of all blocks on one side.
func (o PreconditionSides) sideSize(which int) func(param.Param) int {
	return func(p param.Param) (size int) {
		o.forBlocks(p, func(b block) error {
			for _, s := range b.sides {
				if s.slot == which {
					size += s.size
				}
			}
			return nil
		})
		return size
	}
}

// unitsSize returns the size of the slot of units.
func (o PreconditionSides) unitsSize(p param.Param) (size int) {
	o.forBlocks(p, func(block) error {
		size += unitsSize
		return nil
	})
	return size
}

// preconditioner is PreconditionSides with its memory.
type preconditioner[T param.Float] struct {
	PreconditionSides
	work    matfun.Workspace[T]
	product kronecker[T]
	average []T // of the gradient
	graft   []T // the graft's step
	moments []T // the bias-corrected moments of a side
	g       []T // the gradient of a block in the unit
	scaled  []T // its average
}

func (s *preconditioner[T]) transform(k int, c *optim.Coeffs, t *optim.Tensor[T]) error {
	step, start := k+1, max(1, s.Start)
	refresh := step == start || step > start && step%max(1, s.RootInterval) == 0
	average, graft := s.averages(c, t)
	return s.forBlocks(t.Param, func(b block) error {
		if err := s.observe(step, t, b, refresh); err != nil {
			return err
		}
		if step < start {
			copyRows(t.U[b.at:], b.stride, graft[b.at:], b.stride, b.rows, b.cols)
			return nil
		}
		want := length(b, graft) // before U, which may be the same memory
		s.multiply(t, average, b)
		if s.Graft != GraftNone {
			by := T(want / (length(b, t.U) + 1e-16)) // as Distributed Shampoo does
			for i := range b.rows {
				simd.Scal(by, t.U[b.at+i*b.stride:][:b.cols])
			}
		}
		return nil
	})
}

// averages returns the average gradient and the graft's step.
func (s *preconditioner[T]) averages(c *optim.Coeffs, t *optim.Tensor[T]) (average, graft []T) {
	average = t.In
	if len(t.S) > momentSlot {
		s.average = scratch.Grow(s.average, len(t.In))
		average = s.average
	}
	switch {
	case s.Graft.adaptive():
		s.graft = scratch.Grow(s.graft, len(t.In))
		simd.AdaptiveMoments(c[:], s.graft, t.In, t.S[momentSlot], t.S[momentSlot+1], nil)
		simd.Scale(c[4:], average, t.S[momentSlot], nil)
		return average, s.graft
	case s.Beta1 > 0:
		simd.Linear([]float64{c[0], c[2], c[4], 0}, average, t.In, t.S[momentSlot], nil)
	}
	return average, average
}

// observe adds the gradient of a block to the moments of its sides, and computes new roots if refresh is set.
func (s *preconditioner[T]) observe(step int, t *optim.Tensor[T], b block, refresh bool) error {
	units := t.S[unitSlot][b.index*unitsSize:][:unitsSize]
	g := part(b, t.In, &s.g)
	unit, change := rescale.Follow(units, s.Beta2, g)
	g = rescale.Per(g, unit, &s.g)
	for which, side := range b.sides {
		if side.order == 0 {
			continue
		}
		moments := t.S[side.slot][side.at:][:side.size]
		if change != 0 {
			rescale.Shift(moments, moments, -2*change)
		}
		s.accumulate(moments, g, side)
		if refresh {
			if err := s.root(t.S[2+side.slot][side.at:][:side.size], moments, step, unit, b, which); err != nil {
				return err
			}
		}
	}
	if refresh {
		units[2] = T(unit)
	}
	return nil
}

// accumulate adds the squares of a block's gradient to the moments of a side.
func (s *preconditioner[T]) accumulate(moments, g []T, side side) {
	new, old, n := T(1), T(s.Beta2), side.order
	if s.Beta2 < 1 {
		new = T(1 - s.Beta2)
	}
	switch {
	case side.diagonal():
		addSquares(moments, g, side.inner, old, new)
	case side.inner == 1:
		gemm.Syrk(true, true, n, len(g)/n, new, g, n, old, moments, n)
	default:
		for ; len(g) > 0; g, old = g[n*side.inner:], 1 {
			gemm.Syrk(true, false, n, side.inner, new, g, side.inner, old, moments, n)
		}
	}
}

// root computes the root of a side's moments, which are in units of 2^(2·unit).
func (s *preconditioner[T]) root(root, moments []T, step, unit int, b block, which int) error {
	s.moments = scratch.Grow(s.moments, len(moments))
	unbiased := 1.0
	if s.Corrected && s.Beta2 < 1 {
		unbiased = optim.Debias(s.Beta2, step-1)
	}
	simd.Scale([]float64{unbiased}, s.moments, moments, nil)
	e, r := s.exponent(b), s.Root
	if !r.Ridge.Relative() {
		r.Eps = math.Ldexp(r.Eps, -2*unit)
		if s.Root.Eps > 0 { // not the pseudo-inverse
			r.Eps = max(r.Eps, math.SmallestNonzeroFloat64)
		}
	}
	if b.sides[which].diagonal() {
		if r.Ridge.Relative() { // exact eigenvalues need no ridge
			r.Eps = 0
		}
		for i, v := range s.moments {
			if root[i] = 0; v > 0 {
				root[i] = T(math.Pow(float64(v)+r.Eps, -e))
			}
		}
		return nil
	}
	r.P = 1 / e
	return s.work.Root(root, s.moments, b.sides[which].order, r)
}

// diagonal reports whether the moments are a diagonal.
func (s side) diagonal() bool { return s.size < s.order*s.order }

// addSquares sets d ← βd + w·diag(GGᵀ) for G of outer × len(d) × inner numbers. Its rows are the middle dimension.
func addSquares[T param.Float](d, g []T, inner int, beta, w T) {
	for i := range d {
		d[i] *= beta
	}
	for len(g) > 0 {
		for i := range d {
			for _, v := range g[:inner] {
				d[i] += T(w * v * v)
			}
			g = g[inner:]
		}
	}
}

// exponent returns the exponent of the roots of a block.
func (s *preconditioner[T]) exponent(b block) float64 {
	if s.Exponent > 0 {
		return s.Exponent
	}
	return 1 / (2 * float64(b.count()))
}

// count returns the number of sides that have a root.
func (b block) count() (n int) {
	for _, s := range b.sides {
		if s.order > 0 {
			n++
		}
	}
	return n
}

// multiply sets a block of the update to the roots times the block of the average gradient.
func (s *preconditioner[T]) multiply(t *optim.Tensor[T], average []T, b block) {
	unit := int(t.S[unitSlot][b.index*unitsSize+2])
	x := rescale.Per(part(b, average, &s.scaled), unit, &s.scaled)
	if b.tensor {
		s.multiplyTensor(t, x, b)
	} else {
		s.multiplyMatrix(t, x, b)
	}
	if power := 1 - float64(2*float64(b.count())*s.exponent(b)); unit != 0 && power != 0 { // of the unit, in the product
		for i := range b.rows {
			simd.Scal(T(math.Exp2(power*float64(unit))), t.U[b.at+i*b.stride:][:b.cols])
		}
	}
}

// multiplyMatrix sets a block of the update to x between two roots.
func (s *preconditioner[T]) multiplyMatrix(t *optim.Tensor[T], x []T, b block) {
	var roots, scales [2][]T
	for i, side := range b.sides[:2] {
		switch root := t.S[2+i][side.at:][:side.size]; {
		case side.order == 0:
		case side.diagonal():
			scales[i] = root
		default:
			roots[i] = root
		}
	}
	s.product.between(t.U[b.at:], b.stride, roots[leftSide], x, b.cols, roots[rightSide], b.rows, b.cols, false)
	for i := range b.rows {
		row := t.U[b.at+i*b.stride:][:b.cols]
		if d := scales[leftSide]; d != nil {
			simd.Scal(d[i], row)
		}
		for j, v := range scales[rightSide] {
			row[j] *= v
		}
	}
}

// multiplyTensor sets the update to x times a root along each dimension in turn.
func (s *preconditioner[T]) multiplyTensor(t *optim.Tensor[T], x []T, b block) {
	u := t.U[b.at:][:len(x)]
	copy(u, x)
	for _, side := range b.sides[:b.count()] {
		root, n := t.S[2+side.slot][side.at:][:side.size], side.order
		switch {
		case side.diagonal():
			for at := 0; at < len(u); at += side.inner {
				simd.Scal(root[at/side.inner%n], u[at:][:side.inner])
			}
		case side.inner == 1:
			s.product.between(u, n, nil, u, n, root, len(u)/n, n, false)
		default:
			for at := 0; at < len(u); at += n * side.inner {
				s.product.between(u[at:], side.inner, root, u[at:], side.inner, nil, n, side.inner, false)
			}
		}
	}
}

// part returns a block of x as contiguous numbers. If it is not contiguous in x, it is copied to memory, which grows if need be.
func part[T param.Float](b block, x []T, memory *[]T) []T {
	if b.cols == b.stride || b.rows == 1 {
		return x[b.at:][:b.rows*b.cols]
	}
	*memory = scratch.Grow(*memory, b.rows*b.cols)
	copyRows(*memory, b.cols, x[b.at:], b.stride, b.rows, b.cols)
	return *memory
}

// length returns the Frobenius norm of a block of x.
func length[T param.Float](b block, x []T) float64 {
	var square float64
	for i := range b.rows {
		square += simd.SumSquares(x[b.at+i*b.stride:][:b.cols])
	}
	return math.Sqrt(square)
}
