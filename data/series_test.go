package data

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// TestSeries compares a series of several pieces with a slice to which the same elements are appended. The number of elements is unknown, or it
// is expected to be too small, right or too large.
func TestSeries(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	lengths := []int{0, 1, fewElements, fewElements + 1, leastPiece / 8, leastPiece, 3 * leastPiece}
	for trial := range 4 * len(lengths) {
		n, expected := lengths[trial/4], []float64{0, 0.3, 1, 3}[trial%4]
		var s series[float64]
		var want []float64
		late := trial%8 > 3 // after some elements
		if !late {
			s.expect(expected * float64(n))
		}
		for len(want) < n {
			more := make([]float64, min(n-len(want), 1+r.IntN(1+n/8)))
			for i := range more {
				more[i] = r.Float64()
			}
			s.append(more)
			want = append(want, more...)
			if late {
				s.expect(expected * float64(n))
				late = false
			}
		}
		if s.n != n {
			t.Fatalf("a series of %d elements says %d", n, s.n)
		}
		if trial%8 <= 3 && expected >= 1 && s.pieces != nil {
			t.Errorf("%d elements have %d pieces, although %g times as many were expected", n, len(s.pieces), expected)
		}
		got := s.slice()
		if cap(got) > n*4/3+fewElements {
			t.Errorf("%d elements have room for %d", n, cap(got))
		}
		if !slices.Equal(got, want) || s.n != 0 || s.pieces != nil {
			t.Errorf("%d elements come back as %d others", n, len(got))
		}
	}
}
