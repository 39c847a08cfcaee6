package objective

import "steepest/data"

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
	return dotSparse(indices, values, x)
}

// RowAxpy adds s·aᵢ to dst, of length d.
func (m rows) RowAxpy(dst []float64, s float64, i int) {
	if m.dense != nil {
		axpy(dst, s, m.dense.Row(i))
		return
	}
	indices, values := m.sparse.Row(i)
	axpySparse(dst, s, indices, values)
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

// dot returns Σ aⱼxⱼ. Four sums, combined in a fixed order, keep the adders busy: one sum would wait for each addition.
func dot(a, x []float64) float64 {
	var s0, s1, s2, s3 float64
	x = x[:len(a)]
	for len(a) >= 8 && len(x) >= 8 {
		s0 += a[0] * x[0]
		s1 += a[1] * x[1]
		s2 += a[2] * x[2]
		s3 += a[3] * x[3]
		s0 += a[4] * x[4]
		s1 += a[5] * x[5]
		s2 += a[6] * x[6]
		s3 += a[7] * x[7]
		a, x = a[8:], x[8:]
	}
	for j, v := range a {
		s0 += v * x[j]
	}
	return (s0 + s1) + (s2 + s3)
}

// axpy adds s·a to dst.
func axpy(dst []float64, s float64, a []float64) {
	dst = dst[:len(a)]
	for len(a) >= 8 && len(dst) >= 8 {
		dst[0] += s * a[0]
		dst[1] += s * a[1]
		dst[2] += s * a[2]
		dst[3] += s * a[3]
		dst[4] += s * a[4]
		dst[5] += s * a[5]
		dst[6] += s * a[6]
		dst[7] += s * a[7]
		a, dst = a[8:], dst[8:]
	}
	for j, v := range a {
		dst[j] += s * v
	}
}

// dotSparse returns Σ values[k]·x[indices[k]], in four sums.
func dotSparse(indices []uint32, values, x []float64) float64 {
	var s0, s1, s2, s3 float64
	indices = indices[:len(values)]
	for len(values) >= 4 && len(indices) >= 4 {
		s0 += values[0] * x[indices[0]]
		s1 += values[1] * x[indices[1]]
		s2 += values[2] * x[indices[2]]
		s3 += values[3] * x[indices[3]]
		values, indices = values[4:], indices[4:]
	}
	for k, v := range values {
		s0 += v * x[indices[k]]
	}
	return (s0 + s1) + (s2 + s3)
}

// axpySparse adds s·values[k] to dst[indices[k]].
func axpySparse(dst []float64, s float64, indices []uint32, values []float64) {
	indices = indices[:len(values)]
	for k, v := range values {
		dst[indices[k]] += s * v
	}
}
