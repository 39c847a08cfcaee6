package matrix

import (
	"cmp"
	"slices"

	"steepest/internal/gemm"
	"steepest/internal/scratch"
	"steepest/optim"
	"steepest/optim/internal/rescale"
	"steepest/optim/matfun"
	"steepest/param"
)

// slots returns the slots of the bases: the moments of the sides, their bases, and the units of the moments.
func (o InEigenbasis) slots() []optim.Slot {
	size := func(which int) func(param.Param) int {
		return func(p param.Param) int {
			count, _, _ := p.Matrices()
			n := o.orders(p)[which]
			return count * n * n
		}
	}
	return []optim.Slot{
		{Name: "left", Size: size(leftSide)}, {Name: "right", Size: size(rightSide)},
		{Name: "left-basis", Size: size(leftSide)}, {Name: "right-basis", Size: size(rightSide)},
		{Name: "units", Size: func(p param.Param) int {
			count, _, _ := p.Matrices()
			return 2 * count
		}},
	}
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

// flops returns the average operations of a step. Each side with a basis takes a symmetric product and turns, the products that turn a matrix
// to the bases or back. A change of the bases takes two more to turn m, the product of the power method, and a QR.
func (o InEigenbasis) flops(turns float64) func(param.Param) float64 {
	return forMatrices(func(rows, cols int) float64 {
		size := float64(rows) * float64(cols)
		total := 12 * size
		for _, n := range [2]int{rows, cols} {
			if min(rows, cols) == 1 || n > o.MaxOrder {
				continue
			}
			order := float64(n)
			total += float64((1+turns)*size*order) + float64(order*(float64(4*size)+float64(14./3*order*order)))/float64(o.BasisInterval)
		}
		return total
	})
}

// eigenbasis holds the bases of matrices, which are near the eigenvectors of Shampoo's moments, and the memory to follow them.
type eigenbasis[T param.Float] struct {
	InEigenbasis
	at       matrixState[T] // the state of the current matrix
	work     matfun.Workspace[T]
	product  kronecker[T]
	turned   []T // the update in the bases
	times    []T // AQ, the moments of a side times its basis
	estimate []T // estimates of the eigenvalues
	g        []T // the gradient in the unit
	order    []int
}

// matrixState is one matrix of a tensor with its state. The moments and the basis of a side are nil if it has none. The units are those of
// rescale.Follow, or for klBasis the mantissa and the exponent of its unit.
type matrixState[T param.Float] struct {
	rows, cols     int
	in, u          []T
	moments, basis [2][]T
	units          []T
	m, v           []T // averages in the bases, of the gradient and of its square; nil for none
}

// forMatrices calls f for each matrix, without its m and v.
func (e *eigenbasis[T]) forMatrices(t *optim.Tensor[T], f func(i int, s *matrixState[T]) error) error {
	count, rows, cols := t.Param.Matrices()
	for i := range count {
		s := &e.at
		*s = matrixState[T]{rows: rows, cols: cols, in: nth(t.In, i, rows*cols), u: nth(t.U, i, rows*cols), units: nth(t.S[unitSlot], i, 2)}
		for j, n := range e.orders(t.Param) {
			if n > 0 {
				s.moments[j], s.basis[j] = nth(t.S[j], i, n*n), nth(t.S[2+j], i, n*n)
			}
		}
		if err := f(i, s); err != nil {
			return err
		}
	}
	return nil
}

// nth returns part i of v, of n elements.
func nth[T param.Float](v []T, i, n int) []T { return v[i*n : (i+1)*n] }

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
	for i, n := range [2]int{s.rows, s.cols} {
		if a := s.moments[i]; a != nil {
			gemm.Syrk(true, i == rightSide, n, len(g)/n, T(1-e.ShampooBeta), g, s.cols, T(e.ShampooBeta), a, n)
		}
	}
	return g, unit
}

// turn sets y, which may be x, to x in the bases, or, if back is set, to the matrix that is x in the bases.
func (e *eigenbasis[T]) turn(y []T, s *matrixState[T], x []T, back bool) {
	e.product.between(y, s.cols, s.basis[leftSide], x, s.cols, s.basis[rightSide], s.rows, s.cols, back)
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

// follow improves the bases by a step of the power method. It sorts the vectors of a basis, and v with them, by their estimates of the
// eigenvalues.
func (e *eigenbasis[T]) follow(s *matrixState[T]) error {
	return e.improve(s, func(which, n int) {
		e.sort(s.basis[which], n)
		if s.v != nil {
			e.permute(s.v, s.cols, which)
		}
		permuteColumns(s.basis[which], e.times, e.order)
	})
}

// improve makes a step of the power method for each basis Q: it computes AQ for the moments A, lets arrange store AQ in Q, and orthonormalizes Q.
// m is turned to the new bases.
func (e *eigenbasis[T]) improve(s *matrixState[T], arrange func(which, n int)) error {
	if s.m != nil {
		e.turn(s.m, s, s.m, true)
	}
	for i, n := range [2]int{s.rows, s.cols} {
		q := s.basis[i]
		if q == nil {
			continue
		}
		e.times = scratch.Grow(e.times, n*n)
		gemm.Mirror(n, s.moments[i], n)
		gemm.Mul(false, false, n, n, n, 1, s.moments[i], n, q, n, 0, e.times, n)
		arrange(i, n)
		if err := e.work.QR(q, n, n); err != nil {
			return err
		}
	}
	if s.m != nil {
		e.turn(s.m, s, s.m, false)
	}
	return nil
}

// sort computes the order of the vectors of a basis by the estimates qⱼᵀAqⱼ of the eigenvalues of A, the largest first.
func (e *eigenbasis[T]) sort(q []T, n int) {
	e.estimate, e.order = scratch.Grow(e.estimate, n), scratch.Grow(e.order, n)
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
