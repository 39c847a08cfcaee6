package data

import (
	"math"
	"math/rand/v2"
	"testing"
)

// TestStandardizeParts: rows of several parts have the moments of plain sums over the column, even if the squares overflow or underflow.
func TestStandardizeParts(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 1))
	for _, unit := range []float64{1, 0x1p-600, 0x1p+600} {
		m := &Dense{Rows: 2*partRows + 7, Cols: 1}
		sum, squares := 0.0, 0.0
		for range m.Rows {
			v := 3 + r.NormFloat64()
			m.Data = append(m.Data, v*unit)
			sum += v
		}
		mean := sum / float64(m.Rows)
		for _, v := range m.Data {
			squares += (v/unit - mean) * (v/unit - mean)
		}
		want := math.Sqrt(squares / float64(m.Rows))
		s, err := Standardize(m)
		if err != nil || math.Abs(s.Shift[0]/unit-mean) > 1e-12 || math.Abs(s.Scale[0]/unit-want) > 1e-12 {
			t.Errorf("in units of %v: %+v, %v; want %v and %v", unit, s, err, mean, want)
		}
	}
}
