package objective

import (
	"errors"
	"fmt"
	"reflect"

	"steepest/data"
	"steepest/internal/simd"
	"steepest/param"
)

// rows are the rows aᵢ of a data matrix, dense or compressed, with values of type T.
type rows[T param.Float] struct {
	n, d    int
	values  []T
	indptr  []int    // nil for a dense matrix
	indices []uint32 // likewise
}

// open returns the rows of a matrix as views. It fails if the storage does not fit the dimensions.
func open(m data.Matrix) (rows[float64], error) {
	if v := reflect.ValueOf(m); v.Kind() == reflect.Pointer && v.IsNil() {
		return rows[float64]{}, errors.New("the data matrix is nil")
	}
	switch m := m.(type) {
	case *data.Dense:
		if len(m.Data) != m.Rows*m.Cols {
			return rows[float64]{}, fmt.Errorf("%d values stored for a dense %d×%d matrix", len(m.Data), m.Rows, m.Cols)
		}
		return rows[float64]{n: m.Rows, d: m.Cols, values: m.Data}, nil
	case *data.CSR:
		return rows[float64]{n: m.Rows, d: m.Cols, values: m.Values, indptr: m.Indptr, indices: m.Indices}, checkCSR(m)
	case *data.Bytes:
		return open(m.Dense())
	}
	return rows[float64]{}, errors.New("the data matrix is neither a *data.Dense, a *data.CSR nor a *data.Bytes")
}

func checkCSR(m *data.CSR) error {
	nnz := len(m.Values)
	if len(m.Indices) != nnz || len(m.Indptr) != m.Rows+1 || m.Indptr[0] != 0 || m.Indptr[m.Rows] != nnz {
		return errors.New("the row pointers of the CSR matrix do not fit its values")
	}
	for i := range m.Rows {
		if m.Indptr[i] > m.Indptr[i+1] {
			return fmt.Errorf("the row pointers of the CSR matrix descend at row %d", i)
		}
	}
	return nil
}

// checkRow returns an error for a column out of range and for a value that is not finite.
func (m *rows[T]) checkRow(i int) error {
	indices, values := m.Row(i)
	for k, v := range values {
		switch j := column(indices, k); {
		case j >= m.d:
			return fmt.Errorf("x[%d, %d]: the matrix has %d columns", i, j, m.d)
		case v-v != 0: // NaN or ±Inf
			return fmt.Errorf("x[%d, %d] = %v: not a finite number; drop or impute it", i, j, v)
		}
	}
	return nil
}

// single returns the rows rounded to float32, which share the columns. A value beyond its range is an error.
func (m *rows[T]) single() (rows[float32], error) {
	values := make([]float32, len(m.values))
	convert(values, m.values)
	return m.rounded(values)
}

// rounded is single with the rounded values.
func (m *rows[T]) rounded(values []float32) (rows[float32], error) {
	s := rows[float32]{n: m.n, d: m.d, values: values, indptr: m.indptr, indices: m.indices}
	for i := range s.n {
		indices, values := s.Row(i)
		_, exact := m.Row(i)
		for k, v := range values {
			if v-v != 0 {
				return s, fmt.Errorf("x[%d, %d] = %v: too large for float32; scale the data", i, column(indices, k), exact[k])
			}
		}
	}
	return s, nil
}

// RowDot returns ⟨aᵢ, x⟩, for x of length d.
func (m *rows[T]) RowDot(i int, x []T) T {
	indices, values := m.Row(i)
	if m.indptr == nil {
		return dot(values, x)
	}
	return simd.GatherDot(indices, values, x)
}

// RowAxpy adds s·aᵢ to dst, of length d.
func (m *rows[T]) RowAxpy(dst []T, s T, i int) {
	indices, values := m.Row(i)
	if m.indptr == nil {
		axpy(dst, s, values)
		return
	}
	simd.ScatterAxpy(s, indices, values, dst)
}

// Row returns the stored columns and values of row i, as views. The columns are nil for a dense row.
func (m *rows[T]) Row(i int) (indices []uint32, values []T) {
	if m.indptr == nil {
		return nil, m.values[i*m.d : (i+1)*m.d]
	}
	lo, hi := m.indptr[i], m.indptr[i+1]
	return m.indices[lo:hi], m.values[lo:hi]
}

// column returns the column of entry k of a row with these indices.
func column(indices []uint32, k int) int {
	if indices == nil {
		return k
	}
	return int(indices[k])
}

// dot returns Σ aⱼxⱼ.
func dot[T param.Float](a, x []T) T { return simd.Dot(a, x) }

// axpy adds s·a to dst.
func axpy[T param.Float](dst []T, s T, a []T) { simd.Axpy(s, a, dst) }

// scale multiplies v by s.
func scale[T param.Float](v []T, s T) { simd.Scal(s, v) }

// convert stores the numbers of src in dst, rounded to its type.
func convert[To, From param.Float](dst []To, src []From) {
	for j, v := range src {
		dst[j] = To(v)
	}
}
