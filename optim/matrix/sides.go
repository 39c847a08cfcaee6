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
	Exponent float64 `range:"(0,1]" help:"exponent γ of the roots"`
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
	for b := range o.blocks(p) {
		for _, s := range b.sides {
			if n := float64(s.order); s.order > 0 && !s.diagonal() {
				total += float64(n * (float64(3*b.rows*b.cols) + float64(10*n*n)/float64(max(1, o.RootInterval))))
			}
		}
	}
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
	for b := range s.blocks(t.Param) {
		unit := s.observe(t, b)
		if refresh {
			if err := s.roots(step, unit, t, b); err != nil {
				return err
			}
		}
		if step < start {
			copyRows(t.U[b.at:], b.stride, graft[b.at:], b.stride, b.rows, b.cols)
			continue
		}
		want := length(b, graft) // before U, which may be the same memory
		s.multiply(t, average, b)
		if s.Graft != GraftNone {
			by := T(want / (length(b, t.U) + 1e-16)) // as Distributed Shampoo does
			for i := range b.rows {
				simd.Scal(by, t.U[b.at+i*b.stride:][:b.cols])
			}
		}
	}
	return nil
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

// observe adds the gradient of a block to the moments of its sides. It returns the exponent of the unit of the gradient.
func (s *preconditioner[T]) observe(t *optim.Tensor[T], b block) (unit int) {
	g := part(b, t.In, &s.g)
	unit, change := rescale.Follow(t.S[unitSlot][b.index*unitsSize:][:unitsSize], s.Beta2, g)
	g = rescale.Per(g, unit, &s.g)
	for _, side := range b.sides {
		if side.order == 0 {
			continue
		}
		moments := t.S[side.slot][side.at:][:side.size]
		if change != 0 {
			rescale.Shift(moments, moments, -2*change)
		}
		s.accumulate(moments, g, side)
	}
	return unit
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

// roots computes the roots of a block's moments, which are in units of 2^(2·unit).
func (s *preconditioner[T]) roots(step, unit int, t *optim.Tensor[T], b block) error {
	unbiased := 1.0
	if s.Corrected && s.Beta2 < 1 {
		unbiased = optim.Debias(s.Beta2, step-1)
	}
	r := s.Root
	r.P = 1 / s.exponent(b)
	if !r.Ridge.Relative() {
		r.Eps = math.Ldexp(r.Eps, -2*unit)
		if s.Root.Eps > 0 { // not the pseudo-inverse
			r.Eps = max(r.Eps, math.SmallestNonzeroFloat64)
		}
	}
	for _, side := range b.sides {
		if side.order == 0 {
			continue
		}
		moments, root := t.S[side.slot][side.at:][:side.size], t.S[2+side.slot][side.at:][:side.size]
		s.moments = scratch.Grow(s.moments, len(moments))
		simd.Scale([]float64{unbiased}, s.moments, moments, nil)
		if side.diagonal() {
			s.diagonalRoot(root, r, -s.exponent(b))
		} else if err := s.work.Root(root, s.moments, side.order, r); err != nil {
			return err
		}
	}
	t.S[unitSlot][b.index*unitsSize+2] = T(unit)
	return nil
}

// diagonalRoot computes the root of moments that are a diagonal. Its exact eigenvalues need no relative ridge.
func (s *preconditioner[T]) diagonalRoot(root []T, r matfun.Root, power float64) {
	if r.Ridge.Relative() {
		r.Eps = 0
	}
	for i, v := range s.moments {
		if root[i] = 0; v > 0 {
			root[i] = T(math.Pow(float64(v)+r.Eps, power))
		}
	}
}

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
