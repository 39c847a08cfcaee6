package data

import (
	"fmt"
	"math"
)

// Matrix is a data matrix A whose row i is the feature vector aᵢ of example i. It is a *Dense, a *CSR or a
// *Bytes; fast code has a type switch over the three.
type Matrix interface {
	// Dims returns the number of rows (examples) and columns (features).
	Dims() (rows, cols int)
	// NNZ returns the number of stored values: rows·cols of a dense matrix.
	NNZ() int
}

// Dense is a row-major matrix: the element of row i and column j is Data[i*Cols+j].
type Dense struct {
	Rows, Cols int
	Data       []float64 // length Rows·Cols
}

// Dims returns the number of rows and columns.
func (m *Dense) Dims() (rows, cols int) { return m.Rows, m.Cols }

// NNZ returns Rows·Cols.
func (m *Dense) NNZ() int { return len(m.Data) }

// Row returns row i as a view into Data.
func (m *Dense) Row(i int) []float64 { return m.Data[i*m.Cols : (i+1)*m.Cols : (i+1)*m.Cols] }

// CSR is a sparse matrix in compressed sparse row format: row i stores Values[Indptr[i]:Indptr[i+1]] in the columns
// Indices[Indptr[i]:Indptr[i+1]], which ascend strictly within the row and count from 0.
type CSR struct {
	Rows, Cols int
	Indptr     []int // length Rows+1
	Indices    []uint32
	Values     []float64
}

// Dims returns the number of rows and columns.
func (m *CSR) Dims() (rows, cols int) { return m.Rows, m.Cols }

// NNZ returns the number of stored values.
func (m *CSR) NNZ() int { return len(m.Values) }

// Row returns the columns and values stored in row i, as views.
func (m *CSR) Row(i int) (indices []uint32, values []float64) {
	lo, hi := m.Indptr[i], m.Indptr[i+1]
	return m.Indices[lo:hi:hi], m.Values[lo:hi:hi]
}

// Density returns the share of the elements of m that are stored and not zero, in [0, 1]; 0 for an empty matrix.
func Density(m Matrix) float64 {
	rows, cols := m.Dims()
	if rows == 0 || cols == 0 {
		return 0
	}
	nonzero := 0
	if small, ok := m.(*Bytes); ok {
		for _, v := range small.Data {
			if v != 0 {
				nonzero++
			}
		}
		return float64(nonzero) / float64(len(small.Data))
	}
	for _, v := range stored(m) {
		if v != 0 || math.IsNaN(v) {
			nonzero++
		}
	}
	return float64(nonzero) / (float64(rows) * float64(cols))
}

// Span returns the rows lo to hi of m as a matrix that shares memory with m.
func Span(m Matrix, lo, hi int) Matrix {
	switch m := m.(type) {
	case *Dense:
		return &Dense{Rows: hi - lo, Cols: m.Cols, Data: m.Data[lo*m.Cols : hi*m.Cols]}
	case *Bytes:
		return &Bytes{Rows: hi - lo, Cols: m.Cols, Data: m.Data[lo*m.Cols : hi*m.Cols], Divisors: m.Divisors}
	case *CSR:
		from, to := m.Indptr[lo], m.Indptr[hi]
		out := &CSR{Rows: hi - lo, Cols: m.Cols, Indptr: make([]int, 0, hi-lo+1), Indices: m.Indices[from:to], Values: m.Values[from:to]}
		for _, at := range m.Indptr[lo : hi+1] {
			out.Indptr = append(out.Indptr, at-from)
		}
		return out
	}
	panic(fmt.Sprintf("data: unknown matrix type %T", m))
}
