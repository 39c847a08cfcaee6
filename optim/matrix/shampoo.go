package matrix

import (
	"math"

	"steepest/internal/gemm"
	"steepest/internal/scratch"
	"steepest/internal/simd"
	"steepest/internal/suggest"
	"steepest/optim"
	"steepest/optim/matfun"
	"steepest/optim/schedule"
	"steepest/param"
)

// Shampoo multiplies each side of a matrix by the root of its own second moments: L ← β₂L + GGᵀ, R ← β₂R + GᵀG,
// x ← x − αL^(−¼)·G·R^(−¼) (Gupta, Koren and Singer 2018, arXiv:1802.09568, algorithm 1). Where there is one side, as for a
// vector, the exponent is −½. Of a side that is too long the diagonal of the moments counts alone (section 5 there), so that a
// long vector gets AdaGrad. Where β₂ = 1 moments are sums; otherwise they are averages without the bias of the start. Defaults:
// α = 0.01, β₂ = 1, roots at every step, diagonals beyond 1200, and, by preset:
//
//	         β₁   ε      ridge           blocks of
//	lecture  0    1e-6   shift           the whole  the paper
//	meta     0.9  1e-12  shift-negative  1024       Distributed Shampoo: Shi et al. 2023, arXiv:2309.06497
//
// An ε of 0 stands for the pseudo-inverse, whose own ε is 0 if it is not given. The ridge of Newton's method is shift, and so is that
// of a diagonal. β₁ averages the gradient that is multiplied, without the bias of the start; L and R are of the gradient itself. A graft
// gives each block the length of another method's step (Agarwal et al. 2020, arXiv:2002.11803). One side alone has the exponent −½
// as well, unless it is given (Xie et al. 2025, arXiv:2503.10537; Distributed Shampoo keeps −¼).
type Shampoo struct {
	LR           schedule.Schedule       `help:"step size α"`
	Beta1        optim.Opt[float64]      `range:"0,1" help:"decay β₁ of the average gradient"`
	Beta2        optim.Opt[float64]      `range:"(0," help:"decay β₂ of the moments of the sides; 1 for sums"`
	Eps          optim.Opt[float64]      `range:"0," help:"ε of the ridge; 0 for the pseudo-inverse"`
	Ridge        optim.Opt[matfun.Ridge] `help:"how ε keeps the eigenvalues from 0"`
	Exponent     optim.Opt[float64]      `range:"(0," help:"exponent of the roots" open:"1/(2·sides)"`
	Sides        Sides                   `help:"both sides, or the left, right or shorter one alone"`
	RootInterval optim.Opt[int]          `range:"1," help:"steps from one computation of the roots to the next"`
	Start        optim.Opt[int]          `range:"1," help:"first step that uses them, the graft's steps before it"`
	Block        optim.Opt[int]          `range:"0," help:"order of the blocks that matrices are cut into; 0 for none"`
	MaxOrder     optim.Opt[int]          `range:"0," help:"order beyond which a side keeps its diagonal alone"`
	Root         matfun.RootMethod       `help:"how the roots are computed"`
	Graft        Graft                   `help:"method that gives the length of the step"`
	GraftBeta2   optim.Opt[float64]      `range:"0,1" help:"decay of the second moment of the graft"`
	GraftEps     optim.Opt[float64]      `range:"0," help:"ε of the graft"`
	Momentum     optim.Opt[float64]      `range:"0,1" help:"momentum μ of the steps"`
	Nesterov     bool                    `help:"look ahead of the momentum"`
	WeightDecay  optim.Opt[float64]      `range:"0," help:"decay λ"`
	Preset       ShampooPreset           `help:"reference to follow"`
}

// Chain is the multiplication, the decay, the momentum and the step size.
func (r Shampoo) Chain() optim.Chain {
	r = r.Resolved().(Shampoo)
	c := optim.Chain{PreconditionSides{
		Beta1: r.Beta1.Get(), Beta2: r.Beta2.Get(),
		Exponent: r.Exponent.Get(), Sides: r.Sides,
		RootInterval: r.RootInterval.Get(), Start: r.Start.Get(), Block: r.Block.Get(), MaxOrder: r.MaxOrder.Get(),
		Root:  matfun.Root{Method: r.Root, Eps: r.Eps.Get(), Ridge: r.Ridge.Get()},
		Graft: r.Graft, GraftBeta2: r.GraftBeta2.Get(), GraftEps: r.GraftEps.Get(),
	}}
	c = append(c, optim.Decay{Lambda: r.WeightDecay.Get()})
	if r.Momentum.Get() > 0 {
		c = append(c, optim.Trace{Mu: r.Momentum.Get(), Nesterov: r.Nesterov})
	}
	return append(c, optim.LearningRate{LR: r.LR})
}

// ShampooPreset is the reference that a Shampoo follows where its own fields leave things open.
type ShampooPreset uint8

// The references.
const (
	ShampooLecture ShampooPreset = iota
	ShampooMeta
)

var shampooPresetNames = []string{"lecture", "meta"}

// String returns the preset's name in lower case, as UnmarshalText reads it.
func (p ShampooPreset) String() string { return shampooPresetNames[p] }

// UnmarshalText reads a preset by its name.
func (p *ShampooPreset) UnmarshalText(text []byte) error {
	return suggest.Value(p, "value", text, shampooPresetNames)
}

// Names returns the names of all presets.
func (ShampooPreset) Names() []string { return shampooPresetNames }

// shampooDefaults are the rows of the table at Shampoo.
var shampooDefaults = [...]struct {
	beta1, eps float64
	ridge      matfun.Ridge
	block      int
}{
	ShampooLecture: {0, 1e-6, matfun.Shift, 0},
	ShampooMeta:    {0.9, 1e-12, matfun.ShiftNegative, 1024},
}

// Graft is a method whose step gives the length to that of another.
type Graft uint8

// The grafts.
const (
	GraftNone Graft = iota
	// GraftSGD is the average gradient.
	GraftSGD
	// GraftAdaGrad divides it by the root of the sum of squares.
	GraftAdaGrad
	// GraftRMSProp divides it by the root of the average square.
	GraftRMSProp
	// GraftAdam divides it by the root of the average square without the bias of the start.
	GraftAdam
)

var graftNames = []string{"none", "sgd", "adagrad", "rmsprop", "adam"}

// String returns the name in lower case, as UnmarshalText reads it.
func (g Graft) String() string { return graftNames[g] }

// UnmarshalText reads a graft by its name.
func (g *Graft) UnmarshalText(text []byte) error { return suggest.Value(g, "value", text, graftNames) }

// adaptive tells whether the graft keeps a second moment.
func (g Graft) adaptive() bool { return g >= GraftAdaGrad }

// Sides says which sides of a matrix are multiplied by a root. L, on the left, is of the rows.
type Sides uint8

// The sides.
const (
	BothSides Sides = iota
	LeftSide
	RightSide
	// ShorterSide is the one whose root costs less; the left one of two that are equal.
	ShorterSide
)

var sidesNames = []string{"both", "left", "right", "shorter"}

// String returns the name in lower case, as UnmarshalText reads it.
func (s Sides) String() string { return sidesNames[s] }

// UnmarshalText reads sides by their name.
func (s *Sides) UnmarshalText(text []byte) error { return suggest.Value(s, "value", text, sidesNames) }

// of returns the sides of a matrix. A vector has one side whatever is chosen, and a number as well.
func (s Sides) of(rows, cols int) (left, right bool) {
	switch {
	case cols <= 1:
		return true, false
	case rows == 1:
		return false, true
	case s == ShorterSide:
		return rows <= cols, rows > cols
	}
	return s != RightSide, s != LeftSide
}

// PreconditionSides is Shampoo's T: it multiplies each block of a matrix by inverse roots of the second moments of its rows and
// of its columns. It fails where a root does. Its fields have the meaning that they have in Shampoo. All of them are taken as
// they stand, but that an Exponent of 0 is 1/(2·sides), and a Block of 0 the whole matrix.
type PreconditionSides struct {
	Beta1, Beta2         float64
	Exponent             float64
	Sides                Sides
	RootInterval, Start  int
	Block, MaxOrder      int
	Root                 matfun.Root // but for P
	Graft                Graft
	GraftBeta2, GraftEps float64
}

// Transform keeps the moments of the sides and their roots.
func (o PreconditionSides) Transform() optim.Transform {
	t := optim.Transform{
		Name: "shampoo",
		Slots: []optim.Slot{
			{Name: "left", Size: o.sideSize(leftSide)}, {Name: "right", Size: o.sideSize(rightSide)},
			{Name: "left-root", Size: o.sideSize(leftSide)}, {Name: "right-root", Size: o.sideSize(rightSide)},
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
	sides                  [2]side
}

// A side is that of the rows or of the columns of a block. Its moments are size elements of the slot: an order × order matrix, a
// diagonal, or nothing, with order 0, if the side is left alone.
type side struct{ order, size, at int }

const (
	leftSide = iota
	rightSide
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

// preconditioner is PreconditionSides with its memory.
type preconditioner[T param.Float] struct {
	PreconditionSides
	work    matfun.Workspace[T]
	product kronecker[T]
	average []T // of the gradient
	graft   []T // the graft's step
	moments []T // those of a side, without bias
}

func (s *preconditioner[T]) transform(k int, c *optim.Coeffs, t *optim.Tensor[T]) error {
	step, start := k+1, max(1, s.Start)
	refresh := step == start || step > start && step%max(1, s.RootInterval) == 0
	average, graft := s.averages(c, t)
	return s.forBlocks(t.Param, func(b block) error {
		for i := range b.sides {
			if err := s.observe(step, t, b, i, refresh); err != nil {
				return err
			}
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
	if len(t.S) > 4 {
		s.average = scratch.Grow(s.average, len(t.In))
		average = s.average
	}
	switch {
	case s.Graft.adaptive():
		s.graft = scratch.Grow(s.graft, len(t.In))
		simd.AdaptiveMoments(c[:], s.graft, t.In, t.S[4], t.S[5], nil)
		simd.Scale(c[4:], average, t.S[4], nil)
		return average, s.graft
	case s.Beta1 > 0:
		simd.Linear([]float64{c[0], c[2], c[4], 0}, average, t.In, t.S[4], nil)
	}
	return average, average
}

// observe adds the gradient of a block to the moments of a side, and makes their root anew if refresh is set.
func (s *preconditioner[T]) observe(step int, t *optim.Tensor[T], b block, which int, refresh bool) error {
	side := b.sides[which]
	n := side.order
	if n == 0 {
		return nil
	}
	moments, root := t.S[which][side.at:][:side.size], t.S[2+which][side.at:][:side.size]
	new := 1.0
	if s.Beta2 < 1 {
		new = 1 - s.Beta2
	}
	if side.diagonal() {
		addSquares(moments, t.In, b, which, T(s.Beta2), T(new))
	} else {
		gemm.Syrk(true, which == rightSide, n, b.rows*b.cols/n, T(new), t.In[b.at:], b.stride, T(s.Beta2), moments, n)
	}
	if !refresh {
		return nil
	}
	s.moments = scratch.Grow(s.moments, side.size)
	unbiased := 1.0
	if s.Beta2 < 1 {
		unbiased = optim.Debias(s.Beta2, step-1)
	}
	simd.Scale([]float64{unbiased}, s.moments, moments, nil)
	e := s.exponent(b)
	if side.diagonal() {
		eps := s.Root.Eps
		if s.Root.Ridge == matfun.PseudoInverse {
			eps = 0
		}
		for i, v := range s.moments {
			if root[i] = 0; v > 0 {
				root[i] = T(math.Pow(float64(v)+eps, -e))
			}
		}
		return nil
	}
	r := s.Root
	r.P = 1 / e
	return s.work.Root(root, s.moments, n, r)
}

// diagonal tells whether the moments are a diagonal.
func (s side) diagonal() bool { return s.size < s.order*s.order }

// addSquares sets d ← βd + w·diag(GGᵀ), or that of GᵀG.
func addSquares[T param.Float](d, g []T, b block, which int, beta, w T) {
	for i := range d {
		d[i] *= beta
	}
	for i := range b.rows {
		for j, v := range g[b.at+i*b.stride:][:b.cols] {
			if which == leftSide {
				d[i] += w * v * v
			} else {
				d[j] += w * v * v
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
	for i, side := range b.sides {
		switch root := t.S[2+i][side.at:][:side.size]; {
		case side.order == 0:
		case side.diagonal():
			scales[i] = root
		default:
			roots[i] = root
		}
	}
	s.product.between(t.U[b.at:], b.stride, roots[leftSide], average[b.at:], b.stride, roots[rightSide], b.rows, b.cols, false)
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

// length returns the Frobenius norm of a block of x.
func length[T param.Float](b block, x []T) float64 {
	var square float64
	for i := range b.rows {
		square += simd.SumSquares(x[b.at+i*b.stride:][:b.cols])
	}
	return math.Sqrt(square)
}
