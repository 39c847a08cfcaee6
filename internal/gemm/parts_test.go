package gemm

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"steepest/internal/simd"
)

// newInParts returns a product of random numbers that is computed in parts.
func newInParts(t *testing.T, r *rand.Rand, transA, transB bool, m, n, k int) *problem[float32] {
	t.Helper()
	if !simd.HasPartProducts() {
		t.Skip("no tiles of bfloat16")
	}
	p := random(r, newProblem[float32](r, transA, transB, m, n, k))
	if !p.inParts() {
		t.Fatalf("%v is not computed by parts", p)
	}
	return p
}

// at returns elements of op(A) and op(B).
func (p *problem[T]) at(i, l, j int) (a, b *T) {
	ai, bi := i*p.lda+l, l*p.ldb+j
	if p.transA {
		ai = l*p.lda + i
	}
	if p.transB {
		bi = j*p.ldb + l
	}
	return &p.a[ai], &p.b[bi]
}

// compare compares C with sums in float64. An error may be units·2⁻²⁴ times the sum of the magnitudes of the terms, plus the error of a
// sum of denormal numbers.
func (p *problem[T]) compare(t *testing.T, units float64) {
	t.Helper()
	before := slices.Clone(p.c)
	p.mul(p.c)
	for i := range p.m {
		for j := range p.n {
			sum := float64(p.beta) * float64(before[i*p.ldc+j])
			size := math.Abs(sum)
			for l := range p.k {
				a, b := p.at(i, l, j)
				term := float64(p.alpha) * float64(*a) * float64(*b)
				sum, size = sum+term, size+math.Abs(term)
			}
			got, want := float64(p.c[i*p.ldc+j]), sum
			if math.Abs(sum) > math.MaxFloat32 {
				want = math.Copysign(math.Inf(1), sum)
			}
			switch {
			case want != want || math.IsInf(want, 0):
				if got != want && (got == got || want == want) {
					t.Fatalf("%v: element (%d, %d) is %v, want %v", p, i, j, got, want)
				}
			case !(math.Abs(got-want) <= units*0x1p-24*size+float64(p.k)*0x1p-149):
				t.Fatalf("%v: element (%d, %d) is %v, want %v, %.2f units", p, i, j, got, want, math.Abs(got-want)/size*0x1p24)
			}
		}
	}
}

// TestPartsRound: sums in parts have smaller errors than plain sums, whose bound is k units.
func TestPartsRound(t *testing.T) {
	r := rand.New(rand.NewPCG(20, 21))
	for trans := range 4 {
		for _, s := range some([][3]int{{200, 210, 300}, {250, 400, 65}, {130, 130, 1700}}) {
			newInParts(t, r, trans&2 != 0, trans&1 != 0, s[0], s[1], s[2]).compare(t, 8)
		}
	}
}

// TestPartsOfSpecialNumbers puts a number that has no right parts among numbers that have.
func TestPartsOfSpecialNumbers(t *testing.T) {
	r := rand.New(rand.NewPCG(22, 23))
	inf, nan := float32(math.Inf(1)), float32(math.NaN())
	for _, special := range [][]float32{{inf}, {-inf, inf}, {nan}, {math.MaxFloat32}, {0x1p124}, {0x1p-149, 0x1.8p-130}, {0x1p-110}, {0}, {inf, nan, 0, 0x1p-140}} {
		for trans := range 4 {
			if testing.Short() && trans > 0 {
				break
			}
			p := newInParts(t, r, trans&2 != 0, trans&1 != 0, 230, 200, 130)
			p.alpha, p.beta = 1, float32(trans%2)
			for i := range p.b { // so that no sum of some of the terms overflows
				p.b[i] /= 16
			}
			for i := range 6 {
				a, b := p.at(r.IntN(p.m), r.IntN(p.k), r.IntN(p.n))
				if i%2 == 0 {
					*a = special[r.IntN(len(special))]
				} else {
					*b = special[r.IntN(len(special))] / 16
				}
			}
			p.compare(t, 130)
		}
	}
}

// TestPartsOfAllSizes scales rows of A and columns of B by powers of 2, so that only some blocks can be computed in parts. The products
// stay in the range of float32.
func TestPartsOfAllSizes(t *testing.T) {
	r := rand.New(rand.NewPCG(24, 25))
	for trans := range 4 {
		p := newInParts(t, r, trans&2 != 0, trans&1 != 0, 260, 250, 140)
		p.alpha, p.beta = 1, 0
		for i := range p.m {
			e := r.IntN(180) - 120
			for l := range p.k {
				a, _ := p.at(i, l, 0)
				*a = float32(math.Ldexp(float64(*a), e))
			}
		}
		for j := range p.n {
			e := r.IntN(150) - 100
			for l := range p.k {
				_, b := p.at(0, l, j)
				*b = float32(math.Ldexp(float64(*b), e))
			}
		}
		p.compare(t, 140)
	}
}
