package matfun

import (
	"fmt"

	lapackgonum "gonum.org/v1/gonum/lapack/gonum"
)

// qr is the memory of QR.
type qr struct{ a, tau, work []float64 }

// QR replaces the rows × cols matrix x, rows ≥ cols, by the factor Q with orthonormal columns of x = QR, where R is upper
// triangular and its diagonal not negative, which makes Q unique if the columns of x are independent. If they are not, Q has
// other columns in their place. It is computed in float64, by LAPACK's dgeqrf and dorgqr in gonum's translation. It fails, and
// leaves x alone, if x holds a NaN or an infinity.
func (w *Workspace[T]) QR(x []T, rows, cols int) error {
	if cols < 0 || rows < cols || len(x) != rows*cols {
		panic(fmt.Sprintf("matfun: %d elements for a %d × %d matrix of independent columns", len(x), rows, cols))
	}
	if len(x) == 0 {
		return nil
	}
	m := &w.qr
	m.a, m.tau, m.work = grow(m.a, len(x)), grow(m.tau, 2*cols), grow(m.work, 1)
	tau, signs := m.tau[:cols], m.tau[cols:]
	convert(m.a, x)
	a := m.a
	if _, _, err := measure(&a, a, rows, cols); err != nil {
		return err
	}
	lapack64 := lapackgonum.Implementation{}
	lapack64.Dgeqrf(rows, cols, a, cols, tau, m.work, -1)
	m.work = grow(m.work, int(m.work[0]))
	lapack64.Dgeqrf(rows, cols, a, cols, tau, m.work, len(m.work))
	for j := range signs {
		if signs[j] = 1; a[j*cols+j] < 0 {
			signs[j] = -1
		}
	}
	lapack64.Dorgqr(rows, cols, cols, a, cols, tau, m.work, len(m.work))
	scaleColumns(signs, a)
	convert(x, a)
	return nil
}
