package data

import (
	"fmt"
	"math"
	"slices"
)

// Occurring returns the columns of a sparse matrix that have a stored value, in ascending order; nil if all columns have one,
// or if m is dense. The memory it takes depends on the number of stored values, not on the number of columns.
func Occurring(m Matrix) []uint32 {
	sparse, ok := m.(*CSR)
	if !ok || sparse.Cols <= manyColumns+len(sparse.Indices) {
		return partsOf(m).occurring()
	}
	columns := append([]uint32{}, sparse.Indices...)
	slices.Sort(columns)
	columns = slices.Compact(columns)
	if len(columns) == sparse.Cols {
		return nil
	}
	return columns
}

// manyColumns: a matrix with more columns than this plus its stored values is handled without a table of all columns.
const manyColumns = 1 << 20

// Select returns the matrix of the given columns of m, which must ascend. It shares the values of a sparse matrix all of whose values are kept.
func Select(m Matrix, columns []uint32) Matrix {
	switch m := m.(type) {
	case *Dense:
		out := &Dense{Rows: m.Rows, Cols: len(columns), Data: large[float64](m.Rows * len(columns))[:0]}
		for i := range m.Rows {
			row := m.Row(i)
			for _, j := range columns {
				out.Data = append(out.Data, row[j])
			}
		}
		return out
	case *CSR:
		place := placesOf(columns, m)
		kept := large[uint32](len(m.Indices))[:0]
		for _, j := range m.Indices {
			if to, ok := place(j); ok {
				kept = append(kept, to)
			}
		}
		if len(kept) == len(m.Indices) {
			return &CSR{Rows: m.Rows, Cols: len(columns), Indptr: m.Indptr, Indices: kept, Values: m.Values}
		}
		out := &CSR{Rows: m.Rows, Cols: len(columns), Indptr: make([]int, 1, m.Rows+1), Indices: kept[:0], Values: large[float64](len(kept))[:0]}
		for i := range m.Rows {
			indices, values := m.Row(i)
			for k, j := range indices {
				if to, ok := place(j); ok {
					out.Indices, out.Values = append(out.Indices, to), append(out.Values, values[k])
				}
			}
			out.Indptr = append(out.Indptr, len(out.Values))
		}
		return out
	case *Bytes:
		return Select(m.Dense(), columns)
	}
	panic(fmt.Sprintf("data: unknown matrix type %T", m))
}

// placesOf returns a function that finds the index of a column of m in columns.
func placesOf(columns []uint32, m *CSR) func(j uint32) (uint32, bool) {
	if m.Cols > manyColumns+len(m.Indices) {
		return func(j uint32) (uint32, bool) {
			to, ok := slices.BinarySearch(columns, j)
			return uint32(to), ok
		}
	}
	const none = math.MaxUint32
	table := slices.Repeat([]uint32{none}, m.Cols)
	for to, j := range columns {
		if int(j) < m.Cols {
			table[j] = uint32(to)
		}
	}
	return func(j uint32) (uint32, bool) { return table[j], table[j] != none }
}
