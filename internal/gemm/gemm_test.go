package gemm

import (
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"sync"
	"testing"

	"steepest/internal/simd"
)

// problem is a product with matrices of its own.
type problem[T simd.Float] struct {
	transA, transB bool
	m, n, k        int
	alpha, beta    T
	a, b, c        []T
	lda, ldb, ldc  int
}

// newProblem makes matrices of whole numbers so small that no sum is rounded, whatever its order. Rows have gaps of up to two elements
// between them.
func newProblem[T simd.Float](r *rand.Rand, transA, transB bool, m, n, k int) *problem[T] {
	p := &problem[T]{transA: transA, transB: transB, m: m, n: n, k: k, alpha: T(r.IntN(4) - 1), beta: T(r.IntN(4) - 1)}
	matrix := func(trans bool, rows, cols int) ([]T, int) {
		if trans {
			rows, cols = cols, rows
		}
		stride := cols + r.IntN(3)
		v := make([]T, rows*stride)
		for i := range v {
			v[i] = T(r.IntN(9) - 4)
		}
		return v[:max(0, (rows-1)*stride+cols)], max(1, stride)
	}
	p.a, p.lda = matrix(transA, m, k)
	p.b, p.ldb = matrix(transB, k, n)
	p.c, p.ldc = matrix(false, m, n)
	return p
}

func (p *problem[T]) String() string {
	return fmt.Sprintf("%T, trans %v %v, %d × %d × %d, α = %v, β = %v, ld = %d, %d, %d",
		p.alpha, p.transA, p.transB, p.m, p.n, p.k, p.alpha, p.beta, p.lda, p.ldb, p.ldc)
}

func (p *problem[T]) mul(c []T) {
	Mul(p.transA, p.transB, p.m, p.n, p.k, p.alpha, p.a, p.lda, p.b, p.ldb, p.beta, c, p.ldc)
}

// reference computes C by its definition.
func (p *problem[T]) reference() []T {
	c := slices.Clone(p.c)
	for i := range p.m {
		for j := range p.n {
			var sum T
			for l := range p.k {
				a, b := i*p.lda+l, l*p.ldb+j
				if p.transA {
					a = l*p.lda + i
				}
				if p.transB {
					b = j*p.ldb + l
				}
				sum += p.a[a] * p.b[b]
			}
			c[i*p.ldc+j] = p.beta*c[i*p.ldc+j] + p.alpha*sum
		}
	}
	return c
}

// eachImplementation runs a test once for each implementation of the kernels.
func eachImplementation(t *testing.T, test func(t *testing.T)) {
	for _, name := range simd.Implementations() {
		t.Run(name, func(t *testing.T) {
			defer simd.Select(name)()
			test(t)
		})
	}
}

// lengths lie around the blocks of all implementations.
func lengths() []int {
	if testing.Short() {
		return []int{0, 1, 7, 16, 25, 49}
	}
	return []int{0, 1, 2, 3, 5, 6, 7, 8, 9, 13, 15, 16, 17, 23, 24, 25, 31, 33, 47, 48, 49, 65, 97, 101, 129}
}

func pick(r *rand.Rand) int {
	all := lengths()
	return all[r.IntN(len(all))]
}

// some returns the first of the list for a short test, and otherwise the whole list.
func some(all [][3]int) [][3]int {
	if testing.Short() {
		return all[:1]
	}
	return all
}

func TestMulIsExact(t *testing.T) {
	eachImplementation(t, func(t *testing.T) {
		mulIsExact[float32](t)
		mulIsExact[float64](t)
	})
}

func mulIsExact[T simd.Float](t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for _, m := range lengths() {
		for _, n := range lengths() {
			k := pick(r)
			exact(t, newProblem[T](r, r.IntN(2) == 0, r.IntN(2) == 0, m, n, k))
		}
	}
	for trans := range 4 { // these are packed, spread, and cut along k and along the rows
		for _, s := range some([][3]int{{131, 59, 157}, {40, 50, 1600}, {300, 33, 300}, {9, 700, 500}, {700, 9, 500}, {131, 259, 257}}) {
			exact(t, newProblem[T](r, trans&2 != 0, trans&1 != 0, s[0], s[1], s[2]))
		}
	}
}

func exact[T simd.Float](t *testing.T, p *problem[T]) {
	t.Helper()
	want := p.reference()
	if p.beta == 0 { // the old C does not matter
		for i := range p.m {
			for j := range p.n {
				p.c[i*p.ldc+j] = T(math.NaN())
			}
		}
	}
	p.mul(p.c)
	for i, v := range p.c {
		if v != want[i] {
			t.Fatalf("%v: element (%d, %d) is %v, want %v", p, i/p.ldc, i%p.ldc, v, want[i])
		}
	}
}

// TestMulBF16 compares with the product of the same numbers in float32, which has no rounding.
func TestMulBF16(t *testing.T) {
	eachImplementation(t, func(t *testing.T) {
		r := rand.New(rand.NewPCG(12, 13))
		for _, m := range lengths() {
			for _, n := range lengths() {
				mulBF16IsExact(t, newProblem[float32](r, r.IntN(2) == 0, r.IntN(2) == 0, m, n, pick(r)))
			}
		}
		for trans := range 4 {
			mulBF16IsExact(t, newProblem[float32](r, trans&2 != 0, trans&1 != 0, 70, 90, 3201))
		}
	})
}

func mulBF16IsExact(t *testing.T, p *problem[float32]) {
	t.Helper()
	want := slices.Clone(p.c)
	p.mul(want)
	a, b := make([]simd.BF16, len(p.a)), make([]simd.BF16, len(p.b))
	simd.RoundBF16(a, p.a)
	simd.RoundBF16(b, p.b)
	MulBF16(p.transA, p.transB, p.m, p.n, p.k, p.alpha, a, p.lda, b, p.ldb, p.beta, p.c, p.ldc)
	for i, v := range p.c {
		if v != want[i] {
			t.Fatalf("%v: element (%d, %d) is %v, want %v", p, i/p.ldc, i%p.ldc, v, want[i])
		}
	}
}

func FuzzMul(f *testing.F) {
	f.Add(uint64(1), uint16(17), uint16(33), uint16(65))
	f.Fuzz(func(t *testing.T, seed uint64, m, n, k uint16) {
		r := rand.New(rand.NewPCG(seed, 0))
		exact(t, newProblem[float32](r, r.IntN(2) == 0, r.IntN(2) == 0, int(m%300), int(n%300), int(k%600)))
		exact(t, newProblem[float64](r, r.IntN(2) == 0, r.IntN(2) == 0, int(m%300), int(n%300), int(k%600)))
	})
}

// random fills a problem's matrices with numbers whose sums round.
func random[T simd.Float](r *rand.Rand, p *problem[T]) *problem[T] {
	p.alpha, p.beta = 1.25, -0.75
	for _, v := range [][]T{p.a, p.b, p.c} {
		for i := range v {
			v[i] = T(r.NormFloat64())
		}
	}
	return p
}

// TestRounding compares float32 with float64, and the errors with the bound of a sum of K terms.
func TestRounding(t *testing.T) {
	eachImplementation(t, func(t *testing.T) {
		r := rand.New(rand.NewPCG(3, 4))
		const m, n, k = 50, 60, 700
		p := random(r, newProblem[float32](r, false, true, m, n, k))
		got := slices.Clone(p.c)
		p.mul(got)
		for i := range m {
			for j := range n {
				c := p.c[i*p.ldc+j]
				sum := float64(p.beta) * float64(c)
				size := math.Abs(sum)
				for l := range k {
					term := float64(p.alpha) * float64(p.a[i*p.lda+l]) * float64(p.b[j*p.ldb+l])
					sum, size = sum+term, size+math.Abs(term)
				}
				if e := math.Abs(float64(got[i*p.ldc+j]) - sum); e > (k+3)*0x1p-24*size {
					t.Errorf("element (%d, %d) is off by %g, of terms of size %g", i, j, e, size)
				}
			}
		}
	})
}

// TestSameBits compares products of several workers with products of one worker, and each element with the product of its row and column
// alone. Products in parts are compared among workers only.
func TestSameBits(t *testing.T) {
	eachImplementation(t, func(t *testing.T) {
		sameBits(t, func(p *problem[float32]) bool { return !p.inParts() })
		sameBits(t, func(*problem[float64]) bool { return true })
	})
}

// inParts reports whether a product is computed in parts of bfloat16.
func (p *problem[T]) inParts() bool {
	q := product[T]{m: p.m, n: p.n, k: p.k, c: p.c}
	return q.partsPay()
}

func sameBits[T simd.Float](t *testing.T, alone func(*problem[T]) bool) {
	r := rand.New(rand.NewPCG(5, 6))
	sizes := some([][3]int{{200, 50, 100}, {160, 18, 150}, {200, 150, 300}, {64, 1000, 1600}, {1000, 40, 257}, {330, 290, 850}})
	if simd.Lanes[T]() == 1 { // portable code is slow
		sizes = sizes[:1]
	}
	for trans := range 4 {
		for _, s := range sizes {
			p := random(r, newProblem[T](r, trans&2 != 0, trans&1 != 0, s[0], s[1], s[2]))
			for range 10 { // numbers whose parts do not suit
				p.a[r.IntN(len(p.a))], p.b[r.IntN(len(p.b))] = 0x1p-110, 0x1p-120
			}
			var want []T
			for _, workers := range []int{1, 2, 3, 5} {
				before := runtime.GOMAXPROCS(workers)
				got := slices.Clone(p.c)
				p.mul(got)
				runtime.GOMAXPROCS(before)
				if want == nil {
					want = got
				}
				if !slices.Equal(got, want) {
					t.Errorf("%v: %d workers change bits", p, workers)
				}
			}
			for range 20 {
				i, j := r.IntN(p.m), r.IntN(p.n)
				c := []T{p.c[i*p.ldc+j]}
				ai, bj := i*p.lda, j
				if p.transA {
					ai = i
				}
				if p.transB {
					bj = j * p.ldb
				}
				Mul(p.transA, p.transB, 1, 1, p.k, p.alpha, p.a[ai:], p.lda, p.b[bj:], p.ldb, p.beta, c, 1)
				if alone(p) && c[0] != want[i*p.ldc+j] {
					t.Errorf("%v: element (%d, %d) alone is %v, among others %v", p, i, j, c[0], want[i*p.ldc+j])
				}
			}
		}
	}
}

func TestSyrk(t *testing.T) {
	eachImplementation(t, func(t *testing.T) {
		syrk[float32](t)
		syrk[float64](t)
	})
}

// syrk compares the bits of one triangle with those of Mul, and the other triangle with its old content.
func syrk[T simd.Float](t *testing.T) {
	r := rand.New(rand.NewPCG(7, 8))
	for _, n := range append(lengths(), 200) {
		for option := range 4 {
			upper, trans := option&1 != 0, option&2 != 0
			p := random(r, newProblem[T](r, trans, !trans, n, n, 1+r.IntN(300)))
			got, full := slices.Clone(p.c), slices.Clone(p.c)
			Mul(trans, !trans, n, n, p.k, p.alpha, p.a, p.lda, p.a, p.lda, p.beta, full, p.ldc)
			Syrk(upper, trans, n, p.k, p.alpha, p.a, p.lda, p.beta, got, p.ldc)
			p.triangle(t, upper, got, full)
		}
	}
}

// TestTriangle computes triangles of products that are not symmetric. It compares their bits with those of Mul, or of MulBF16 for
// bfloat16, and the other triangle with its old content.
func TestTriangle(t *testing.T) {
	eachImplementation(t, func(t *testing.T) {
		r := rand.New(rand.NewPCG(14, 15))
		for _, n := range append(lengths(), 200) {
			for option := range 8 {
				upper, transA, transB := option&1 != 0, option&2 != 0, option&4 != 0
				p := random(r, newProblem[float32](r, transA, transB, n, n, 1+r.IntN(300)))
				got, full := slices.Clone(p.c), slices.Clone(p.c)
				p.mul(full)
				MulTriangle(upper, transA, transB, n, p.k, p.alpha, p.a, p.lda, p.b, p.ldb, p.beta, got, p.ldc)
				p.triangle(t, upper, got, full)

				a := make([]simd.BF16, len(p.a))
				simd.RoundBF16(a, p.a)
				copy(got, p.c)
				copy(full, p.c)
				MulBF16(transA, !transA, n, n, p.k, p.alpha, a, p.lda, a, p.lda, p.beta, full, p.ldc)
				SyrkBF16(upper, transA, n, p.k, p.alpha, a, p.lda, p.beta, got, p.ldc)
				p.triangle(t, upper, got, full)
			}
		}
	})
}

// triangle compares one triangle of got with the same triangle of full, and the other triangle with C.
func (p *problem[T]) triangle(t *testing.T, upper bool, got, full []T) {
	t.Helper()
	for at, v := range got {
		i, j := at/p.ldc, at%p.ldc
		want := p.c[at]
		if j < p.n && (upper && j >= i || !upper && j <= i) {
			want = full[at]
		}
		if v != want {
			t.Fatalf("upper %v, %v: element (%d, %d) is %v, want %v", upper, p, i, j, v, want)
		}
	}
}

// TestSpecial: with α = 0 no operand is read. Otherwise a NaN or an infinity reaches every element whose sum contains it.
func TestSpecial(t *testing.T) {
	eachImplementation(t, func(t *testing.T) {
		nan := float32(math.NaN())
		a, b := slices.Repeat([]float32{nan}, 35), slices.Repeat([]float32{1}, 70)
		c := slices.Repeat([]float32{3}, 50)
		Mul(false, false, 5, 10, 7, 0, a, 7, b, 10, 2, c, 10)
		if !slices.Equal(c, slices.Repeat([]float32{6}, 50)) {
			t.Errorf("α = 0, β = 2 make 3 to %v", c)
		}
		a = slices.Repeat([]float32{0}, 35)
		b[3*10+4] = float32(math.Inf(1))
		Mul(false, false, 5, 10, 7, 1, a, 7, b, 10, 0, c, 10)
		for i, v := range c {
			if isNaN := v != v; isNaN != (i%10 == 4) {
				t.Errorf("element (%d, %d) of a product with 0·∞ in column 4 is %v", i/10, i%10, v)
			}
		}
	})
}

// TestAtTheSameTime runs products in many goroutines, which must not share their memory.
func TestAtTheSameTime(t *testing.T) {
	var all sync.WaitGroup
	for seed := range uint64(20) {
		all.Go(func() {
			r := rand.New(rand.NewPCG(seed, 11))
			for range 5 {
				p := newProblem[float64](r, true, true, 90+r.IntN(40), 90+r.IntN(40), 90+r.IntN(40))
				want := p.reference()
				p.mul(p.c)
				if !slices.Equal(p.c, want) {
					t.Errorf("%v is wrong beside others", p)
				}
			}
		})
	}
	all.Wait()
}

func BenchmarkMul(b *testing.B) {
	for _, n := range []int{16, 64, 256, 1024} {
		for trans, name := range []string{"NN", "NT", "TN", "TT"} {
			b.Run(fmt.Sprintf("%d/%s", n, name), func(b *testing.B) {
				x, y, z := make([]float32, n*n), make([]float32, n*n), make([]float32, n*n)
				for b.Loop() {
					Mul(trans&2 != 0, trans&1 != 0, n, n, n, 1, x, n, y, n, 0, z, n)
				}
				b.ReportMetric(2*float64(n*n*n)*float64(b.N)/float64(b.Elapsed().Nanoseconds()), "GFLOP/s")
			})
		}
	}
}
