package matfun

import (
	"fmt"
	"math"
	"slices"

	"steepest/internal/gemm"
	"steepest/internal/scratch"
	"steepest/internal/simd"
	"steepest/optim/internal/rescale"
)

// QR replaces the rows × cols matrix x, rows ≥ cols, by the factor Q of x = QR. Q has orthonormal columns; R is upper triangular
// with a nonnegative diagonal. If the columns of x are independent, Q is unique. Otherwise Q has other columns in place of the
// dependent ones. A row of zeros in x is one in Q, unless such a new column has a 1 there. QR uses Householder reflectors. It
// fails, and leaves x unchanged, if x holds a NaN or an infinity.
func (w *Workspace[T]) QR(x []T, rows, cols int) error {
	if cols < 0 || rows < cols || len(x) != rows*cols {
		panic(fmt.Sprintf("matfun: %d elements for a %d × %d matrix of independent columns", len(x), rows, cols))
	}
	if len(x) == 0 {
		return nil
	}
	m := &w.qr
	if m.nonzero = nonzeroRows(m.nonzero, x, rows, cols); len(m.nonzero) < rows {
		return w.sparseQR(x, rows, cols)
	}
	m.lay(rows, cols)
	copy(m.a, x)
	a := m.a
	if _, _, _, err := rescale.Matrix(a, cols, &m.a); err != nil {
		return err
	}
	m.factor(rows, cols)
	m.form(rows, cols)
	copy(x, a)
	return nil
}

// sparseQR does QR for a matrix with rows of zeros: it factors the nonzero rows. If these are fewer than the columns, it factors only as
// many columns, and each remaining column gets a 1 in a row of zeros.
func (w *Workspace[T]) sparseQR(x []T, rows, cols int) error {
	m := &w.qr
	kept, memory := m.nonzero, m.small
	m.nonzero, m.small = nil, nil // since the other rows may have rows of zeros
	defer func() { m.nonzero, m.small = kept, memory }()
	if _, _, _, err := rescale.Matrix(x, cols, &memory); err != nil {
		return err
	}
	height, width := len(kept), min(len(kept), cols)
	memory = scratch.Grow(memory, height*width)
	small := memory
	for i, row := range kept {
		copy(small[i*width:][:width], x[row*cols:])
	}
	if err := w.QR(small, height, width); err != nil {
		return err
	}
	clear(x)
	next := width
	for i := range rows {
		switch at, found := slices.BinarySearch(kept, i); {
		case found:
			copy(x[i*cols:], small[at*width:][:width])
		case next < cols:
			x[i*cols+next] = 1
			next++
		}
	}
	return nil
}

// qr holds the memory of QR.
type qr[T simd.Float] struct {
	a, v, // the matrix, and the vectors of its reflectors as rows
	tau, diagonal,
	t, // T of each block
	work []T
	memory  []T   // all of them
	width   int   // of a block
	nonzero []int // the rows that are not all zeros
	small   []T   // those rows
}

// A block of columns is factored before its reflectors are applied to all others. It has an eighth of the columns, within these bounds:
// wider blocks give faster products but more operations. Within a block, stored transposed, one half is factored and applied to the
// other, recursively, down to qrPanel columns.
const (
	qrLeast = 32
	qrMost  = 256
	qrPanel = 16
)

// lay lays out the memory.
func (m *qr[T]) lay(rows, cols int) {
	m.width = min(max(qrLeast, cols/8/qrPanel*qrPanel), qrMost)
	a, t, work := rows*cols, cols*m.width, 2*max(cols, m.width)*m.width
	m.memory = scratch.Grow(m.memory, 2*a+2*cols+t+work)
	rest := m.memory
	for _, part := range []struct {
		of   *[]T
		size int
	}{{&m.a, a}, {&m.v, a}, {&m.tau, cols}, {&m.diagonal, cols}, {&m.t, t}, {&m.work, work}} {
		*part.of, rest = rest[:part.size], rest[part.size:]
	}
}

// block returns the reflectors of the columns lo to hi. Their vectors are 0 above row lo.
func (m *qr[T]) block(lo, hi, rows int) reflectors[T] {
	return reflectors[T]{m.v[lo*rows+lo:], rows, hi - lo, rows - lo, m.t[lo*m.width:]}
}

// factor computes the reflectors Hᵢ of H_cols … H₁A = R, and sets m.diagonal to the diagonal of R. It destroys A.
func (m *qr[T]) factor(rows, cols int) {
	for lo := 0; lo < cols; lo += m.width {
		hi := min(lo+m.width, cols)
		b := m.block(lo, hi, rows)
		gemm.Transpose(b.v, rows, m.a[lo*cols+lo:], cols, b.n, b.k)
		b.factor(m.tau[lo:hi], m.diagonal[lo:hi], m.work)
		if hi < cols {
			b.apply(true, m.a[lo*cols+hi:], cols, cols-hi, m.work)
		}
	}
}

// factor replaces the columns in r.v by their reflectors, and computes T (Elmroth and Gustavson 2000, Applying recursion to serial and
// parallel QR factorization).
func (r *reflectors[T]) factor(tau, diagonal, work []T) {
	if r.k <= qrPanel {
		r.factorPanel(tau, diagonal, work)
	} else {
		first := *r
		first.k = (r.k/2 + qrPanel - 1) / qrPanel * qrPanel
		first.factor(tau, diagonal, work)
		second := reflectors[T]{r.v[first.k*(r.ld+1):], r.ld, r.k - first.k, r.n - first.k, r.t}
		first.applyRows(r.v[first.k*r.ld:], second.k, work)
		second.factor(tau[first.k:], diagonal[first.k:], work)
		for j := first.k; j < r.k; j++ {
			clear(r.v[j*r.ld:][:first.k])
		}
	}
	r.compact(tau, work)
}

// factorPanel computes and applies the reflectors one by one.
func (r *reflectors[T]) factorPanel(tau, diagonal, work []T) {
	for j := range r.k {
		column := r.v[j*r.ld:][:r.n]
		v := column[j:]
		tau[j], diagonal[j] = reflector(v)
		clear(column[:j])
		if j+1 < r.k {
			others, y := r.v[(j+1)*r.ld+j:], work[:r.k-j-1]
			clear(y)
			simd.GemvN(-tau[j], others, r.ld, v, y)
			simd.Ger(1, y, v, others, r.ld)
		}
	}
}

// form sets A to the first columns of H₁ … H_cols, from the last block to the first, with the signs of m.diagonal.
func (m *qr[T]) form(rows, cols int) {
	clear(m.a)
	for lo := (cols - 1) / m.width * m.width; lo >= 0; lo -= m.width {
		hi := min(lo+m.width, cols)
		b, a := m.block(lo, hi, rows), m.a[lo*cols+lo:]
		if hi < cols {
			b.apply(false, a[b.k:], cols, cols-hi, m.work)
		}
		// The first columns of I − VTVᵀ are the first columns of I minus VT·V₁ᵀ. V₁ is the first rows of V.
		gemm.Mul(false, false, b.k, b.k, b.k, 1, b.t, b.k, b.v, b.ld, 0, m.work, b.k)
		gemm.Mul(true, false, b.n, b.k, b.k, -1, b.v, b.ld, m.work, b.k, 0, a, cols)
		for i := range b.k {
			a[i*cols+i]++
		}
	}
	for j, d := range m.diagonal {
		m.diagonal[j] = T(math.Copysign(1, float64(d)))
	}
	scaleColumns(m.diagonal, m.a)
}
