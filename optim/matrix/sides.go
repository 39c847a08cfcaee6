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

// PreconditionSides is Shampoo's T: it multiplies each block of a matrix by inverse roots of the second moments of its rows and
// of its columns. It fails where a root does. Its fields have the meaning that they have in Shampoo. All of them are taken as
// they stand, but that an Exponent of 0 is 1/(2·sides), and a Block of 0 the whole matrix.
type PreconditionSides struct {
	Beta1, Beta2         float64
	Corrected            bool
	Exponent             float64
	Sides                Sides
	RootInterval, Start  int
	Block, MaxOrder      int
	Root                 matfun.Root // but for P
	Graft                Graft
	GraftBeta2, GraftEps float64
}

// Transform keeps the moments of the sides, their roots, and the units of both.
func (o PreconditionSides) Transform() optim.Transform {
	t := optim.Transform{
		Name: "shampoo",
		Slots: []optim.Slot{
			{Name: "left", Size: o.sideSize(leftSide)}, {Name: "right", Size: o.sideSize(rightSide)},
			{Name: "left-root", Size: o.sideSize(leftSide)}, {Name: "right-root", Size: o.sideSize(rightSide)},
			{Name: "units", Size: o.unitsSize},
		},
		Begin:   o.begin,
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

// begin sets the coefficients of optim.AdaptiveMoments, which makes the average gradient and the graft's step.
func (o PreconditionSides) begin(s *optim.Step, _ []float64, c *optim.Coeffs) {
	optim.AdaptiveMoments{Beta1: o.Beta1, Beta2: o.GraftBeta2, Eps: o.GraftEps}.Begin(s, nil, c)
	switch o.Graft {
	case GraftAdaGrad:
		c[1], c[3], c[6] = 1, 1, 1
	case GraftRMSProp:
		c[6] = 1
	}
}

// A block is the part of a tensor that is multiplied by itself.
type block struct {
	at, stride, rows, cols int
	index                  int
	sides                  [2]side
}

// A block has unitsSize numbers of the slot of units: those of rescale.Follow for its moments, and the e of their unit when the roots
// were made.
const unitsSize = 3

// A side is that of the rows or of the columns of a block. Its moments are size elements of the slot: an order × order matrix, a
// diagonal, or nothing, with order 0, if the side is left alone.
type side struct{ order, size, at int }

const (
	leftSide = iota
	rightSide
)

// The slots behind those of the sides' moments and roots.
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
	for top := 0; top < count*rows; top += b.rows {
		b.rows = min(height, rows-top%rows)
		for at := 0; at < cols; at += b.cols {
			b.at, b.cols = top*cols+at, min(width, cols-at)
			b.sides[leftSide].order, b.sides[rightSide].order = b.rows, b.cols
			if !left {
				b.sides[leftSide].order = 0
			}
			if !right {
				b.sides[rightSide].order = 0
			}
			for i, s := range b.sides {
				b.sides[i].size = s.order
				if s.order <= o.MaxOrder {
					b.sides[i].size *= s.order
				}
			}
			if err := f(b); err != nil {
				return err
			}
			b.index++
			for i, s := range b.sides {
				b.sides[i].at += s.size
			}
		}
	}
	return nil
}

// sideSize returns the size of the slot with the moments of all blocks on one side.
func (o PreconditionSides) sideSize(which int) func(param.Param) int {
	return func(p param.Param) (size int) {
		o.forBlocks(p, func(b block) error {
			size += b.sides[which].size
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
	moments []T // those of a side, without bias
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

// observe adds the gradient of a block to the moments of its sides, and makes their roots anew if refresh is set.
func (s *preconditioner[T]) observe(step int, t *optim.Tensor[T], b block, refresh bool) error {
	units := t.S[unitSlot][b.index*unitsSize:][:unitsSize]
	g := part(b, t.In, &s.g)
	unit, change := rescale.Follow(units, s.Beta2, g)
	g = rescale.Per(g, unit, &s.g)
	for which, side := range b.sides {
		if side.order == 0 {
			continue
		}
		moments := t.S[which][side.at:][:side.size]
		if change != 0 {
			rescale.Shift(moments, moments, -2*change)
		}
		s.accumulate(moments, g, b, which)
		if refresh {
			if err := s.root(t.S[2+which][side.at:][:side.size], moments, step, unit, b, which); err != nil {
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
func (s *preconditioner[T]) accumulate(moments, g []T, b block, which int) {
	new, n := 1.0, b.sides[which].order
	if s.Beta2 < 1 {
		new = 1 - s.Beta2
	}
	if b.sides[which].diagonal() {
		addSquares(moments, g, b, which, T(s.Beta2), T(new))
	} else {
		gemm.Syrk(true, which == rightSide, n, b.rows*b.cols/n, T(new), g, b.cols, T(s.Beta2), moments, n)
	}
}

// root makes the root of a side's moments, which are in units of 2^(2·unit).
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
		if s.Root.Eps > 0 { // and not the pseudo-inverse
			r.Eps = max(r.Eps, math.SmallestNonzeroFloat64)
		}
	}
	if b.sides[which].diagonal() {
		if r.Ridge.Relative() { // which exact eigenvalues do not need
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

// diagonal tells whether the moments are a diagonal.
func (s side) diagonal() bool { return s.size < s.order*s.order }

// addSquares sets d ← βd + w·diag(GGᵀ), or that of GᵀG.
func addSquares[T param.Float](d, g []T, b block, which int, beta, w T) {
	for i := range d {
		d[i] *= beta
	}
	for i := range b.rows {
		for j, v := range g[i*b.cols:][:b.cols] {
			if which == leftSide {
				d[i] += T(w * v * v)
			} else {
				d[j] += T(w * v * v)
			}
		}
	}
}

// exponent returns that of the roots of a block.
func (s *preconditioner[T]) exponent(b block) float64 {
	if s.Exponent > 0 {
		return s.Exponent
	}
	if b.sides[leftSide].order > 0 && b.sides[rightSide].order > 0 {
		return 1. / 4
	}
	return 1. / 2
}

// multiply sets a block of the update to the roots times that of the average gradient.
func (s *preconditioner[T]) multiply(t *optim.Tensor[T], average []T, b block) {
	var roots, scales [2][]T
	sides := 0
	for i, side := range b.sides {
		switch root := t.S[2+i][side.at:][:side.size]; {
		case side.order == 0:
			continue
		case side.diagonal():
			scales[i] = root
		default:
			roots[i] = root
		}
		sides++
	}
	unit := int(t.S[unitSlot][b.index*unitsSize+2])
	x := rescale.Per(part(b, average, &s.scaled), unit, &s.scaled)
	s.product.between(t.U[b.at:], b.stride, roots[leftSide], x, b.cols, roots[rightSide], b.rows, b.cols, false)
	for i := range b.rows {
		row := t.U[b.at+i*b.stride:][:b.cols]
		if d := scales[leftSide]; d != nil {
			simd.Scal(d[i], row)
		}
		for j, v := range scales[rightSide] {
			row[j] *= v
		}
		if power := 1 - float64(2*float64(sides)*s.exponent(b)); unit != 0 && power != 0 { // of the unit, in the product
			simd.Scal(T(math.Exp2(power*float64(unit))), row)
		}
	}
}

// part returns a block of x in one piece, in memory, which grows if need be, where it does not lie so.
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
