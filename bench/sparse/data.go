package main

import (
	"math"
	"math/rand/v2"
	"slices"

	"steepest/data"
	"steepest/internal/simd"
)

// synthetic returns rows with the given number of entries, and labels drawn from a logistic model. The frequency of column j is about
// 1/(j+1), like that of words. The values are normal, so that a row's norm is about 1.
func synthetic(rows, cols, entries int) (*data.CSR, []float64) {
	r := rand.New(rand.NewPCG(1, 0))
	truth := make([]float64, cols)
	for j := range truth {
		truth[j] = 3 * r.NormFloat64()
	}
	m := &data.CSR{Rows: rows, Cols: cols, Indptr: []int{0}}
	labels := make([]float64, rows)
	for i := range rows {
		from := len(m.Indices)
		m.Indices = appendColumns(m.Indices, r, cols, entries)
		score := 0.0
		for _, j := range m.Indices[from:] {
			v := r.NormFloat64() / math.Sqrt(float64(entries))
			m.Values = append(m.Values, v)
			score += v * truth[j]
		}
		m.Indptr = append(m.Indptr, len(m.Values))
		labels[i] = -1
		if r.Float64() < 1/(1+math.Exp(-score)) {
			labels[i] = 1
		}
	}
	return m, labels
}

// appendColumns appends n different columns, ascending.
func appendColumns(to []uint32, r *rand.Rand, cols, n int) []uint32 {
	from := len(to)
	for len(to) < from+n {
		j := uint32(math.Pow(float64(cols), r.Float64())) - 1
		if at, found := slices.BinarySearch(to[from:], j); !found {
			to = slices.Insert(to, from+at, j)
		}
	}
	return to
}

// matrix is a CSR matrix of numbers of type T, with a label ±1 for each row.
type matrix[T simd.Float] struct {
	rows, cols int
	pointers   []int
	columns    []uint32
	values     []T
	labels     []T
}

// convert returns m in T, on large pages like the arrays of NumPy.
func convert[T simd.Float](m *data.CSR, labels []float64) matrix[T] {
	a := matrix[T]{m.Rows, m.Cols, m.Indptr, m.Indices, rounded[T](m.Values), rounded[T](labels)}
	simd.MoveToLargePages(a.pointers)
	simd.MoveToLargePages(a.columns)
	simd.MoveToLargePages(a.values)
	simd.MoveToLargePages(a.labels)
	return a
}

func rounded[T simd.Float](v []float64) []T {
	to := make([]T, len(v))
	for i, e := range v {
		to[i] = T(e)
	}
	return to
}

func (a matrix[T]) row(i uint32) (columns []uint32, values []T) {
	lo, hi := a.pointers[i], a.pointers[i+1]
	return a.columns[lo:hi], a.values[lo:hi]
}

// The numbers of steps by which memory is prefetched before its use. A row's pointers come first, because they say where it lies.
const (
	rowsAhead     = 4
	pointersAhead = 12
)

// prefetch asks for the memory that the steps soon after step t need.
func (a matrix[T]) prefetch(order []uint32, t int) {
	if t+pointersAhead < len(order) {
		simd.Prefetch(a.pointers[order[t+pointersAhead]:][:2])
	}
	if t+rowsAhead < len(order) {
		i := order[t+rowsAhead]
		columns, values := a.row(i)
		simd.Prefetch(columns)
		simd.Prefetch(values)
		simd.Prefetch(a.labels[i : i+1])
	}
}
