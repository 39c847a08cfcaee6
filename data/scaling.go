package data

import (
	"errors"
	"fmt"
	"iter"
	"math"

	"steepest/internal/plural"
)

// ErrFills is the error of Standardize for a sparse matrix.
var ErrFills = errors.New("data: Standardize would fill a sparse matrix with values; scale it with MaxAbs")

// Scaling is a transformation of each column j of a matrix: x ↦ (x − Shift[j])/Scale[j].
type Scaling struct {
	Shift []float64 // nil: nothing is subtracted
	Scale []float64 // a divisor for each column, not 0
}

// Standardize returns the scaling that gives each column of m the mean 0 and the variance 1 (the mean square, without
// Bessel's correction, as scikit-learn's StandardScaler). A constant column becomes 0. A sparse matrix is answered by ErrFills,
// since its zeros would become values; use MaxAbs there. A column that is not finite or too large is a ColumnError.
func Standardize(m Matrix) (Scaling, error) { return partsOf(m).standardize() }

func (p parts) standardize() (s Scaling, err error) {
	if p.sparse {
		return s, ErrFills
	}
	s.Shift, s.Scale = p.moments()
	for j, deviation := range s.Scale {
		if !finite(s.Shift[j]) || !finite(deviation) {
			return Scaling{}, &ColumnError{Column: j, What: "is not finite or too large to standardize", Instead: "scale it with MaxAbs"}
		}
		if deviation == 0 {
			s.Scale[j] = 1
		}
	}
	return s, nil
}

// MaxAbs returns the scaling that gives each column of m the largest absolute value 1. Zeros stay zeros, so it suits
// sparse matrices. A column of zeros keeps its scale.
func MaxAbs(m Matrix) Scaling { return divisors(partsOf(m).largest()) }

// divisors returns the scaling of columns with these largest absolute values.
func divisors(largest []float64) Scaling {
	for j, v := range largest {
		if v == 0 {
			largest[j] = 1
		}
	}
	return Scaling{Scale: largest}
}

// Apply returns a transformed copy of m. For Bytes without a shift the result shares the bytes. It is an error if m has another number of
// columns than the matrix behind s, or is sparse while s has a Shift.
func (s Scaling) Apply(m Matrix) (Matrix, error) {
	if _, cols := m.Dims(); cols != len(s.Scale) {
		return nil, fmt.Errorf("data: the matrix has %s and the scaling %d; "+
			"read a LIBSVM test file with MinFeatures set to the training file's number", plural.Of(cols, "column"), len(s.Scale))
	}
	if _, sparse := m.(*CSR); sparse && s.Shift != nil {
		return nil, errors.New("data: a scaling that shifts would fill a sparse matrix with values; use one of MaxAbs")
	}
	if small, ok := m.(*Bytes); ok && s.Shift == nil && small.Divisors == nil {
		return &Bytes{Rows: small.Rows, Cols: small.Cols, Data: small.Data, Divisors: s.Scale}, nil
	}
	return mapValues(m, func(_, j int, v float64) float64 {
		if s.Shift != nil {
			v -= s.Shift[j]
		}
		return v / s.Scale[j]
	}), nil
}

// NormalizeRows returns m with each row divided by its Euclidean norm. A row of zeros does not change.
func NormalizeRows(m Matrix) Matrix {
	rows, _ := m.Dims()
	norms := make([]float64, rows)
	for i := range norms {
		norms[i] = norm(rowOf(m, i))
	}
	return mapValues(m, func(i, _ int, v float64) float64 { return v / norms[i] })
}

// norm returns the Euclidean norm of a row, given its columns and values; 1 for a row of zeros.
func norm(row iter.Seq2[int, float64]) (norm float64) {
	for _, v := range row {
		norm = math.Hypot(norm, v)
	}
	if norm == 0 {
		return 1
	}
	return norm
}

// mapValues returns m with each stored value v of row i and column j replaced by f(i, j, v).
func mapValues(m Matrix, f func(i, j int, v float64) float64) Matrix {
	switch m := m.(type) {
	case *Dense:
		out := &Dense{Rows: m.Rows, Cols: m.Cols, Data: large[float64](len(m.Data))}
		for i := range m.Rows {
			for j, v := range m.Row(i) {
				out.Data[i*m.Cols+j] = f(i, j, v)
			}
		}
		return out
	case *CSR:
		out := *m
		out.Values = large[float64](len(m.Values))
		for i := range m.Rows {
			for k := m.Indptr[i]; k < m.Indptr[i+1]; k++ {
				out.Values[k] = f(i, int(m.Indices[k]), m.Values[k])
			}
		}
		return &out
	case *Bytes:
		out := &Dense{Rows: m.Rows, Cols: m.Cols, Data: large[float64](len(m.Data))}
		for i := range m.Rows {
			for j := range m.Cols {
				out.Data[i*m.Cols+j] = f(i, j, m.At(i, j))
			}
		}
		return out
	}
	panic(fmt.Sprintf("data: unknown matrix type %T", m))
}

// AppendOnes returns m with an additional last column of ones, whose weight is the intercept of a linear model. It panics if a sparse m has
// more than 2³²−1 columns, since there is no index left.
func AppendOnes(m Matrix) Matrix {
	switch m := m.(type) {
	case *Dense:
		out := &Dense{Rows: m.Rows, Cols: m.Cols + 1, Data: large[float64](m.Rows * (m.Cols + 1))[:0]}
		for i := range m.Rows {
			out.Data = append(append(out.Data, m.Row(i)...), 1)
		}
		return out
	case *CSR:
		if m.Cols > math.MaxUint32 {
			panic(fmt.Sprintf("data: AppendOnes: %d columns leave no index for another", m.Cols))
		}
		n := len(m.Values) + m.Rows
		out := &CSR{Rows: m.Rows, Cols: m.Cols + 1, Indptr: make([]int, 1, m.Rows+1),
			Indices: large[uint32](n)[:0], Values: large[float64](n)[:0]}
		for i := range m.Rows {
			indices, values := m.Row(i)
			out.Indices = append(append(out.Indices, indices...), uint32(m.Cols))
			out.Values = append(append(out.Values, values...), 1)
			out.Indptr = append(out.Indptr, len(out.Values))
		}
		return out
	case *Bytes:
		return AppendOnes(m.Dense())
	}
	panic(fmt.Sprintf("data: unknown matrix type %T", m))
}
