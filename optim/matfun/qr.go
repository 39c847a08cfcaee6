package matfun

import (
	"fmt"
	"math"

	"steepest/internal/gemm"
	"steepest/internal/simd"
)

// QR replaces the rows × cols matrix x, rows ≥ cols, by the factor Q with orthonormal columns of x = QR, where R is upper
// triangular and its diagonal not negative, which makes Q unique if the columns of x are independent. If they are not, Q has
// other columns in their place. It is computed in float64, by Householder's reflectors. It fails, and leaves x alone, if x holds
// a NaN or an infinity.
func (w *Workspace[T]) QR(x []T, rows, cols int) error {
	if cols < 0 || rows < cols || len(x) != rows*cols {
		panic(fmt.Sprintf("matfun: %d elements for a %d × %d matrix of independent columns", len(x), rows, cols))
	}
	if len(x) == 0 {
		return nil
	}
	m := &w.qr
	m.lay(rows, cols)
	convert(m.a, x)
	a := m.a
	if _, _, err := measure(&a, a, rows, cols); err != nil {
		return err
	}
	m.factor(rows, cols)
	m.form(rows, cols)
	convert(x, a)
	return nil
}

// qr is the memory of QR.
type qr struct {
	a, v, // the matrix, and the vectors of its reflectors as rows
	tau, diagonal,
	t, // T of each block
	work []float64
	memory []float64 // all of them
}

// The reflectors of qrBlock columns are applied to the others at once. Within these, transposed, they are made and applied in
// blocks of qrPanel, and one by one within these.
const (
	qrBlock = 128
	qrPanel = 16
)

// lay lays out the memory.
func (m *qr) lay(rows, cols int) {
	a, t, work := rows*cols, cols*qrBlock, 2*max(cols, qrBlock)*qrBlock
	m.memory = grow(m.memory, 2*a+2*cols+t+work)
	rest := m.memory
	for _, part := range []struct {
		of   *[]float64
		size int
	}{{&m.a, a}, {&m.v, a}, {&m.tau, cols}, {&m.diagonal, cols}, {&m.t, t}, {&m.work, work}} {
		*part.of, rest = rest[:part.size], rest[part.size:]
	}
}

// block returns the reflectors of the columns from lo to hi, which are 0 above row lo.
func (m *qr) block(lo, hi, rows int) reflectors {
	return reflectors{m.v[lo*rows+lo:], rows, hi - lo, rows - lo, m.t[lo*qrBlock:]}
}

// factor makes the reflectors Hᵢ of H_cols … H₁A = R, and sets m.diagonal to that of R. All else of A is undefined afterwards.
func (m *qr) factor(rows, cols int) {
	for lo := 0; lo < cols; lo += qrBlock {
		hi := min(lo+qrBlock, cols)
		b := m.block(lo, hi, rows)
		transposed(b.v, rows, m.a[lo*cols+lo:], cols, b.n, b.k)
		b.factor(m.tau[lo:hi], m.diagonal[lo:hi], m.work)
		if hi < cols {
			b.apply(true, m.a[lo*cols+hi:], cols, cols-hi, m.work)
		}
	}
}

// factor replaces the columns that r.v holds by their reflectors, and makes T.
func (r *reflectors) factor(tau, diagonal, work []float64) {
	for lo := 0; lo < r.k; lo += qrPanel {
		hi := min(lo+qrPanel, r.k)
		for j := lo; j < hi; j++ {
			column := r.v[j*r.ld:][:r.n]
			tau[j], diagonal[j] = reflector(column[j:])
			clear(column[:j])
			if j+1 < hi {
				others, y := r.v[(j+1)*r.ld+j:], work[:hi-j-1]
				clear(y)
				simd.GemvN(-tau[j], others, r.ld, column[j:], y)
				simd.Ger(1, y, column[j:], others, r.ld)
			}
		}
		if hi < r.k {
			panel := reflectors{r.v[lo*r.ld+lo:], r.ld, hi - lo, r.n - lo, r.t}
			panel.compact(tau[lo:], work)
			panel.applyRows(r.v[hi*r.ld+lo:], r.k-hi, work)
		}
	}
	r.compact(tau, work)
}

// form sets A to the first columns of H₁ … H_cols, from the last block to the first, with the signs of m.diagonal.
func (m *qr) form(rows, cols int) {
	clear(m.a)
	for lo := (cols - 1) / qrBlock * qrBlock; lo >= 0; lo -= qrBlock {
		hi := min(lo+qrBlock, cols)
		b, a := m.block(lo, hi, rows), m.a[lo*cols+lo:]
		if hi < cols {
			b.apply(false, a[b.k:], cols, cols-hi, m.work)
		}
		// The first columns of I − VTVᵀ are those of I less VT·V₁ᵀ, with the first rows V₁ of V.
		gemm.Mul(false, false, b.k, b.k, b.k, 1, b.t, b.k, b.v, b.ld, 0, m.work, b.k)
		gemm.Mul(true, false, b.n, b.k, b.k, -1, b.v, b.ld, m.work, b.k, 0, a, cols)
		for i := range b.k {
			a[i*cols+i]++
		}
	}
	for j, d := range m.diagonal {
		m.diagonal[j] = math.Copysign(1, d)
	}
	scaleColumns(m.diagonal, m.a)
}
