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
