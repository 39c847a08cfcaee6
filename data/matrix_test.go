package data

import (
	"math"
	"testing"
)

func TestDensity(t *testing.T) {
	for _, c := range []struct {
		m    Matrix
		want float64
	}{
		{&Dense{}, 0},
		{&Dense{Rows: 2, Cols: 2, Data: []float64{0, 1, math.NaN(), 0}}, 0.5},
		{&CSR{Rows: 2, Cols: 2, Indptr: []int{0, 2, 2}, Indices: []uint32{0, 1}, Values: []float64{0, 1}}, 0.25},
	} {
		if got := Density(c.m); got != c.want {
			t.Errorf("Density(%v) = %v, want %v", c.m, got, c.want)
		}
	}
}

// TestSpan: a span holds its rows in order, for each kind of matrix, and may be empty.
func TestSpan(t *testing.T) {
	dense := &Dense{Rows: 4, Cols: 2, Data: []float64{1, 2, 3, 0, 0, 0, 7, 8}}
	sparse := &CSR{Rows: 4, Cols: 2, Indptr: []int{0, 2, 3, 3, 5}, Indices: []uint32{0, 1, 0, 0, 1}, Values: []float64{1, 2, 3, 7, 8}}
	small := &Bytes{Rows: 4, Cols: 2, Data: []byte{1, 2, 3, 0, 0, 0, 7, 8}}
	for lo := range 5 {
		for hi := lo; hi <= 4; hi++ {
			for _, m := range []Matrix{dense, sparse, small} {
				part := Span(m, lo, hi)
				if rows, cols := part.Dims(); rows != hi-lo || cols != 2 {
					t.Fatalf("%T: %d×%d, want %d×2", m, rows, cols, hi-lo)
				}
				for i := range hi - lo {
					for j, want := range dense.Row(lo + i) {
						if got := elementOf(part, i, j); got != want {
							t.Errorf("%T: rows %d to %d have %v at %d, %d, want %v", m, lo, hi, got, i, j, want)
						}
					}
				}
			}
		}
	}
}

// elementOf returns an element by what rowOf yields of its row.
func elementOf(m Matrix, i, j int) float64 {
	for at, v := range rowOf(m, i) {
		if at == j {
			return v
		}
	}
	return 0
}
