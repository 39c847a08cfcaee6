// Package datatest makes the rows on which the tests of several packages stand: random ones, adversarial ones, and the embedded sets.
package datatest

import (
	"math"
	"math/rand/v2"
	"os"
	"strconv"
	"testing"

	"steepest/data"
)

// Load returns an embedded data set.
func Load(t testing.TB, name string) *data.Set {
	t.Helper()
	set, err := data.Load(name)
	if err != nil {
		t.Fatal(err)
	}
	return set
}

// Sparse returns a matrix that stores a share of its elements, which are normal numbers.
func Sparse(r *rand.Rand, rows, cols int, share float64) *data.CSR {
	m := &data.CSR{Rows: rows, Cols: cols, Indptr: []int{0}}
	for range rows {
		for j := range cols {
			if r.Float64() < share {
				m.Indices, m.Values = append(m.Indices, uint32(j)), append(m.Values, r.NormFloat64())
			}
		}
		m.Indptr = append(m.Indptr, len(m.Values))
	}
	return m
}

// Signs returns n labels, ±1 with equal probability.
func Signs(r *rand.Rand, n int) []float64 {
	labels := make([]float64, n)
	for i := range labels {
		labels[i] = float64(2*r.IntN(2) - 1)
	}
	return labels
}

// Dense returns a matrix with all of its zeros.
func Dense(m *data.CSR) *data.Dense {
	to := &data.Dense{Rows: m.Rows, Cols: m.Cols, Data: make([]float64, m.Rows*m.Cols)}
	for i := range m.Rows {
		columns, values := m.Row(i)
		for k, j := range columns {
			to.Row(i)[j] = values[k]
		}
	}
	return to
}

// CSR returns a matrix without its zeros.
func CSR(m *data.Dense) *data.CSR {
	to := &data.CSR{Rows: m.Rows, Cols: m.Cols, Indptr: []int{0}}
	for i := range m.Rows {
		for j, v := range m.Row(i) {
			if v != 0 {
				to.Indices, to.Values = append(to.Indices, uint32(j)), append(to.Values, v)
			}
		}
		to.Indptr = append(to.Indptr, len(to.Values))
	}
	return to
}

// Adversarial returns a matrix whose columns have scales between 1e-8 and 1e8. Some columns are 0, ±1 in their unit, constant, large in the
// first row alone, a copy of the column before them, or differ from it by normal numbers times near.
func Adversarial(r *rand.Rand, rows, cols int, near float64) *data.Dense {
	m := &data.Dense{Rows: rows, Cols: cols, Data: make([]float64, rows*cols)}
	for j := range cols {
		unit, kind := math.Pow(10, 16*r.Float64()-8), r.IntN(8)
		for i := range rows {
			v := r.NormFloat64()
			switch {
			case kind == 0:
				v = 0
			case kind == 1 && j > 0:
				v = m.Row(i)[j-1] / unit
			case kind == 2 && j > 0:
				v = m.Row(i)[j-1]/unit + near*v
			case kind == 3:
				v = math.Copysign(1, v)
			case kind == 4 && i > 0:
				v *= 1e-6
			case kind == 5:
				v = 1 / unit
			}
			m.Row(i)[j] = unit * v
		}
	}
	return m
}

// Problems returns how many random problems a test in exact arithmetic tries: usual, or the number in STEEPEST_TEST_PROBLEMS.
func Problems(t testing.TB, usual int) int {
	t.Helper()
	text := os.Getenv("STEEPEST_TEST_PROBLEMS")
	if text == "" {
		return usual
	}
	count, err := strconv.Atoi(text)
	if err != nil {
		t.Fatal(err)
	}
	return count
}
