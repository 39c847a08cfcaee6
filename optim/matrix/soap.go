package matrix

import (
	"cmp"
	"math"
	"slices"

	"steepest/internal/gemm"
	"steepest/internal/scratch"
	"steepest/internal/simd"
	"steepest/optim"
	"steepest/optim/internal/rescale"
	"steepest/optim/matfun"
	"steepest/optim/schedule"
	"steepest/param"
)

// SOAP is Adam in the eigenbasis of Shampoo's moments (Vyas et al. 2024, arXiv:2409.11321, algorithm 3, as in the authors' code): with
// G' = Q_LᵀGQ_R, m ← β₁m + (1−β₁)G', v ← β₂v + (1−β₂)G'², x ← x − α·Q_L(m̂/√v̂)Q_Rᵀ, and then x ← x − αλx. The first step only sets the
// bases to the eigenvectors of the moments. Later one step of the power method updates them every few steps. Vectors use plain Adam,
// with ε added before the bias correction of v (EpsHat). Defaults: α = 0.003, β₁ = β₂ = 0.95, the moments' decay equal to β₂, ε = 1e-8,
// λ = 0.01, bases every 10 steps, sides of up to 10000.
type SOAP struct {
	LR            schedule.Schedule  `help:"step size α"`
	Beta1         optim.Opt[float64] `range:"0,1" help:"decay β₁ of the average gradient"`
	Beta2         optim.Opt[float64] `range:"0,1" help:"decay β₂ of the average square"`
	ShampooBeta   optim.Opt[float64] `range:"0,1" help:"decay of the moments of the sides"`
	Eps           optim.Opt[float64] `range:"0," help:"ε added to the root"`
	WeightDecay   optim.Opt[float64] `range:"0," help:"decay λ"`
	BasisInterval optim.Opt[int]     `range:"1," help:"steps from one change of the bases to the next"`
	MaxOrder      optim.Opt[int]     `range:"0," help:"length of the longest side that has a basis"`
	Biased        bool               `help:"no bias correction of the averages of the gradient and of its square"`
}

// Chain returns Adam in the bases, the step size and the decay after it.
func (r SOAP) Chain() optim.Chain {
	r = r.Resolved().(SOAP)
	return optim.Chain{
		InEigenbasis{
			Beta1: r.Beta1.Get(), Beta2: r.Beta2.Get(), ShampooBeta: r.ShampooBeta.Get(), Eps: r.Eps.Get(),
			BasisInterval: r.BasisInterval.Get(), MaxOrder: r.MaxOrder.Get(), Biased: r.Biased,
		},
		optim.LearningRate{LR: r.LR},
		optim.DecayAfter{Lambda: r.WeightDecay.Get()},
	}
}

// InEigenbasis is SOAP's T. Its fields have the same meaning as in SOAP.
type InEigenbasis struct {
	Beta1, Beta2, ShampooBeta, Eps float64
	BasisInterval, MaxOrder        int
	// Biased omits the bias correction of Adam's averages.
	Biased bool
	// Divergence chooses the moments of KL-SOAP and KL-Shampoo.
	Divergence Divergence
}

// Transform implements Transformer. Its state is the moments of the sides, their bases, Adam's moments in the bases, and the units of the moments.
func (o InEigenbasis) Transform() optim.Transform {
	left, right := o.sideSize(leftSide), o.sideSize(rightSide)
	slots := []optim.Slot{
		{Name: "left", Size: left}, {Name: "right", Size: right},
		{Name: "left-basis", Size: left}, {Name: "right-basis", Size: right},
		{Name: "m"}, {Name: "v", Size: o.squaresSize},
		{Name: "units", Size: func(p param.Param) int {
			count, _, _ := p.Matrices()
			return 2 * count
		}},
	}
	if o.Divergence.Initial > 0 {
		slots = append(slots, optim.Slot{Name: "left-values", Size: o.valuesSize(leftSide)}, optim.Slot{Name: "right-values", Size: o.valuesSize(rightSide)})
	}
	return optim.Transform{
		Name:  "soap",
		Slots: slots,
		Begin: func(s *optim.Step, _ []float64, c *optim.Coeffs) {
			if s.Age > 0 {
				optim.AdaptiveMoments{Beta1: o.Beta1, Beta2: o.Beta2, Eps: o.Eps, EpsPlace: optim.EpsHat, Biased: o.Biased}.
					Begin(&optim.Step{Age: s.Age - 1}, nil, c)
			}
		},
		Plan: func(p param.Param, _ *optim.Step, _ *optim.Coeffs, a *optim.Assignment) {
			if o.orders(p) == [2]int{} {
				a.Other = "adam"
			}
		},
		FLOPs:   forMatrices(o.flops),
		Whole32: func() optim.Whole[float32] { return (&eigenbasis[float32]{InEigenbasis: o}).transform },
		Whole64: func() optim.Whole[float64] { return (&eigenbasis[float64]{InEigenbasis: o}).transform },
	}
}

// flops returns the average operations of a step for a matrix. Each side with a basis takes a symmetric product and two products to turn the
// gradient there and back. A change of the bases takes two more to turn m, the product of the power method, and a QR. KL-SOAP and KL-Shampoo
// turn once more.
func (o InEigenbasis) flops(rows, cols int) float64 {
	size := float64(rows) * float64(cols)
	total := 12 * size
	for _, n := range [2]int{rows, cols} {
		if min(rows, cols) == 1 || n > o.MaxOrder {
			continue
		}
		order, turns := float64(n), 4.
		if o.Divergence.Initial > 0 {
			turns = 6
		}
		total += float64((1+turns)*size*order) + float64(order*(float64(4*size)+float64(14./3*order*order)))/float64(o.BasisInterval)
	}
	return total
}

// orders returns the orders of the two bases of a tensor's matrices; 0 means no basis.
func (o InEigenbasis) orders(p param.Param) (orders [2]int) {
	_, rows, cols := p.Matrices()
	for i, n := range [2]int{rows, cols} {
		if min(rows, cols) > 1 && n <= o.MaxOrder {
			orders[i] = n
		}
	}
	return orders
}

func (o InEigenbasis) sideSize(which int) func(param.Param) int {
	return func(p param.Param) int {
		count, _, _ := p.Matrices()
		n := o.orders(p)[which]
		return count * n * n
	}
}

// eigenbasis is InEigenbasis with its memory.
type eigenbasis[T param.Float] struct {
	InEigenbasis
	at       matrixState[T] // the state of the current matrix
	work     matfun.Workspace[T]
	product  kronecker[T]
	turned   []T // the update in the bases
	times    []T // AQ, the moments of a side times its basis
	estimate []T // estimates of the eigenvalues
	g        []T // the gradient in the unit
	coeffs   optim.Coeffs
	order    []int
	inverse  [2][]T // inverse roots of the eigenvalues, for KL-SOAP and KL-Shampoo
}

func (e *eigenbasis[T]) transform(k int, c *optim.Coeffs, t *optim.Tensor[T]) error {
	return e.forMatrices(t, func(s *matrixState[T], at, end int) error { return e.step(k, c, s, t.In[at:end], t.U[at:end]) })
}

// forMatrices calls f for each matrix, with its state and its range of elements.
func (e *eigenbasis[T]) forMatrices(t *optim.Tensor[T], f func(s *matrixState[T], at, end int) error) error {
	count, rows, cols := t.Param.Matrices()
	orders, size := e.orders(t.Param), rows*cols
	for i := range count {
		at := &e.at
		*at = matrixState[T]{rows: rows, cols: cols}
		for j, n := range orders {
			if n > 0 {
				at.moments[j], at.basis[j] = t.S[j][i*n*n:(i+1)*n*n], t.S[2+j][i*n*n:(i+1)*n*n]
			}
		}
		if at.units = t.S[6][2*i : 2*i+2]; len(t.S[4]) > 0 {
			at.m = t.S[4][i*size : (i+1)*size]
		}
		if len(t.S[5]) > 0 {
			at.v = t.S[5][i*size : (i+1)*size]
		}
		if e.Divergence.Initial > 0 {
			at.values = [2][]T{t.S[7][i*orders[0] : (i+1)*orders[0]], t.S[8][i*orders[1] : (i+1)*orders[1]]}
		}
		if err := f(at, i*size, (i+1)*size); err != nil {
			return err
		}
	}
	return nil
}

// matrixState is the state of one matrix. The moments and the basis of a side are nil if it has none. The units are those of
// rescale.Follow.
type matrixState[T param.Float] struct {
	rows, cols     int
	moments, basis [2][]T
	m, v           []T // m is nil for DivideInEigenbasis
	units          []T
	values         [2][]T // the eigenvalues of KL-SOAP and KL-Shampoo
}

func (e *eigenbasis[T]) step(k int, c *optim.Coeffs, s *matrixState[T], g, u []T) error {
	if e.Divergence.Initial > 0 {
		return e.stepOfDivergence(k, c, s, g, u)
	}
	g, unit := e.enter(s, g)
	if k == 0 {
		clear(u)
		return e.begin(s)
	}
	e.turned = scratch.Grow(e.turned, len(g))
	e.turn(e.turned, s, g, false)
	e.coeffs = *c
	e.coeffs[8] = math.Ldexp(c[8], -unit) // ε
	simd.AdaptiveMoments(e.coeffs[:], e.turned, e.turned, s.m, s.v, nil)
	e.turn(u, s, e.turned, true)
	if k%e.BasisInterval == 0 {
		return e.follow(s)
	}
	return nil
}

// enter converts the moments to the unit 2ᵉ of the next gradient and adds the gradient to the moments of the sides. It returns the gradient in
// this unit, and e.
func (e *eigenbasis[T]) enter(s *matrixState[T], g []T) ([]T, int) {
	unit, change := rescale.Follow(s.units, max(e.ShampooBeta, e.Beta2), g)
	if change != 0 {
		for _, squares := range [][]T{s.moments[leftSide], s.moments[rightSide], s.v} {
			rescale.Shift(squares, squares, -2*change)
		}
		rescale.Shift(s.m, s.m, -change)
	}
	g = rescale.Per(g, unit, &e.g)
	e.observe(s, g)
	return g, unit
}

// turn sets y, which may be x, to x in the bases, or, if back is set, to the matrix that is x in the bases.
func (e *eigenbasis[T]) turn(y []T, s *matrixState[T], x []T, back bool) {
	e.product.between(y, s.cols, s.basis[leftSide], x, s.cols, s.basis[rightSide], s.rows, s.cols, back)
}

// observe adds the gradient to the moments of the sides.
func (e *eigenbasis[T]) observe(s *matrixState[T], g []T) {
	beta := T(e.ShampooBeta)
	for i, n := range [2]int{s.rows, s.cols} {
		if a := s.moments[i]; a != nil {
			gemm.Syrk(true, i == rightSide, n, len(g)/n, T(1-e.ShampooBeta), g, s.cols, beta, a, n)
		}
	}
}

// begin sets the bases to the eigenvectors of the moments, the largest eigenvalue first.
func (e *eigenbasis[T]) begin(s *matrixState[T]) error {
	for i, n := range [2]int{s.rows, s.cols} {
		q := s.basis[i]
		if q == nil {
			continue
		}
		eigen, err := e.work.Eigen(s.moments[i], n)
		if err != nil {
			return err
		}
		copy(q, eigen.Vectors)
		for at := 0; at < len(q); at += n {
			slices.Reverse(q[at:][:n])
		}
	}
	return nil
}

// follow improves the bases by a step of the power method, orthonormalizes them, and turns m to the new bases. SOAP sorts the vectors of a
// basis, and v with them, by their estimates of the eigenvalues.
func (e *eigenbasis[T]) follow(s *matrixState[T]) error {
	if s.m != nil {
		e.turn(s.m, s, s.m, true)
	}
	for i, n := range [2]int{s.rows, s.cols} {
		q := s.basis[i]
		if q == nil {
			continue
		}
		if e.Divergence.Initial > 0 {
			e.power(s.moments[i], q, n)
			copy(q, e.times)
		} else {
			e.sort(s.moments[i], q, n)
			if s.v != nil {
				e.permute(s.v, s.cols, i)
			}
			permuteColumns(q, e.times, e.order)
		}
		if err := e.work.QR(q, n, n); err != nil {
			return err
		}
	}
	if s.m != nil {
		e.turn(s.m, s, s.m, false)
	}
	return nil
}

// sort computes AQ, and the order of the vectors of a basis by the estimates qⱼᵀAqⱼ of the eigenvalues of A, the largest first.
func (e *eigenbasis[T]) sort(moments, q []T, n int) {
	e.estimate, e.order = scratch.Grow(e.estimate, n), scratch.Grow(e.order, n)
	e.power(moments, q, n)
	clear(e.estimate)
	for at := 0; at < len(q); at += n {
		for j, v := range q[at:][:n] {
			e.estimate[j] += T(v * e.times[at+j])
		}
	}
	for j := range e.order {
		e.order[j] = j
	}
	slices.SortStableFunc(e.order, func(i, j int) int { return cmp.Compare(e.estimate[j], e.estimate[i]) })
}

// power sets e.times to AQ for the moments A of a side and its basis Q.
func (e *eigenbasis[T]) power(moments, q []T, n int) {
	e.times = scratch.Grow(e.times, n*n)
	gemm.Mirror(n, moments, n)
	gemm.Mul(false, false, n, n, n, 1, moments, n, q, n, 0, e.times, n)
}

// permute puts the rows of v, or its columns for the right side, into the order.
func (e *eigenbasis[T]) permute(v []T, cols, which int) {
	e.turned = scratch.Grow(e.turned, len(v))
	copy(e.turned, v)
	if which == rightSide {
		permuteColumns(v, e.turned, e.order)
		return
	}
	for i, from := range e.order {
		copy(v[i*cols:][:cols], e.turned[from*cols:])
	}
}

// permuteColumns sets dst to src with its columns in the order.
func permuteColumns[T param.Float](dst, src []T, order []int) {
	for at := 0; at < len(src); at += len(order) {
		row := src[at:][:len(order)]
		for j, from := range order {
			dst[at+j] = row[from]
		}
	}
}
