package matfun

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// TestSVDOfFloat32 compares the decomposition by eigenvectors with LAPACK's and with its definition, for singular values of all sizes,
// also 0 and the size of rounding errors.
func TestSVDOfFloat32(t *testing.T) {
	r := rand.New(rand.NewPCG(71, 72))
	var w32 Workspace[float32]
	var w64 Workspace[float64]
	for _, s := range [][2]int{{1, 1}, {1, 5}, {5, 1}, {2, 2}, {7, 4}, {4, 7}, {60, 60}, {150, 70}, {70, 150}} {
		rows, cols := s[0], s[1]
		k := min(rows, cols)
		for _, least := range []float64{1, 1e-3, 1e-7, 1e-12, 0} {
			for _, scale := range []float64{1e-36, 1, 1e30} {
				σ := make([]float64, k)
				for i := range σ {
					σ[i] = scale * math.Pow(least, float64(i)/float64(max(1, k-1)))
				}
				x := to[float32](withSingularValues(r, rows, cols, σ...))
				before := slices.Clone(x)
				d, err := w32.SVD(x, rows, cols)
				if err != nil || !slices.Equal(x, before) {
					t.Fatalf("%v: %v, or x has changed", s, err)
				}
				want, err := w64.SingularValues(to64(x), rows, cols)
				if off := distance(d.S, want); err != nil || off > 0x1p-24 || !slices.IsSortedFunc(d.S, descending) || d.S[k-1] < 0 {
					t.Errorf("%v down to %v: the singular values are off by %g: %v, %v", s, least, off, d.S, err)
				}
				limit := float64(k) * 0x1p-48
				ut, v := transpose(d.U, rows, k), transpose(d.VT, k, cols)
				for name, e := range map[string]float64{
					"UᵀU": distanceFromIdentity(multiply(ut, d.U, k, rows, k), k),
					"VᵀV": distanceFromIdentity(multiply(d.VT, v, k, cols, k), k),
				} {
					if !(e <= limit) {
						t.Errorf("%v down to %v: %s − I is %g", s, least, name, e)
					}
				}
				for i := range k {
					for j := range d.VT[i*cols : (i+1)*cols] {
						d.VT[i*cols+j] *= d.S[i]
					}
				}
				if off := distance(multiply(d.U, d.VT, rows, k, cols), to64(x)); !(off <= 0x1p-24) {
					t.Errorf("%v down to %v: USVᵀ is off by %g", s, least, off)
				}
				only, err := w32.SingularValues(x, rows, cols)
				if err != nil || !slices.Equal(only, d.S) {
					t.Errorf("%v down to %v: %v without vectors, %v", s, least, only, err)
				}
			}
		}
	}
}

func descending(a, b float64) int { return int(math.Copysign(1, b-a)) }
