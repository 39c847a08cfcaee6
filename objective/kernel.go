package objective

import (
	"steepest/data"
	"steepest/internal/simd"
)

// rows is a data.Matrix opened for the two operations that a linear model needs of a row aᵢ.
type rows struct {
	dense  *data.Dense // nil for a sparse matrix
	sparse *data.CSR
}

func open(m data.Matrix) rows {
	dense, _ := m.(*data.Dense)
	sparse, _ := m.(*data.CSR)
	return rows{dense, sparse}
}

// RowDot returns ⟨aᵢ, x⟩, for x of length d.
func (m rows) RowDot(i int, x []float64) float64 {
	if m.dense != nil {
		return dot(m.dense.Row(i), x)
	}
	indices, values := m.sparse.Row(i)
	return simd.GatherDot(indices, values, x)
}

// RowAxpy adds s·aᵢ to dst, of length d.
func (m rows) RowAxpy(dst []float64, s float64, i int) {
	if m.dense != nil {
		axpy(dst, s, m.dense.Row(i))
		return
	}
	indices, values := m.sparse.Row(i)
	simd.ScatterAxpy(s, indices, values, dst)
}

// Row returns what row i stores, as views; the columns are nil for a dense row.
func (m rows) Row(i int) (indices []uint32, values []float64) {
	if m.dense != nil {
		return nil, m.dense.Row(i)
	}
	return m.sparse.Row(i)
}

// column returns the column of entry k of a row with these indices.
func column(indices []uint32, k int) int {
	if indices == nil {
		return k
	}
	return int(indices[k])
}

// dot returns Σ aⱼxⱼ.
func dot(a, x []float64) float64 { return simd.Dot(a, x) }

// axpy adds s·a to dst.
func axpy(dst []float64, s float64, a []float64) { simd.Axpy(s, a, dst) }
