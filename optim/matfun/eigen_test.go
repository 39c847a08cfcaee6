package matfun

import (
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"steepest/internal/gemm"
	"steepest/internal/simd"
)

// eigenErrors returns ‖AV − VΛ‖_F/‖A‖_F and ‖VᵀV − I‖_F in units of n·2⁻⁵³. The matrix has elements near 1.
func eigenErrors(a []float64, d Eigen[float64], n int) (residual, orthogonality float64) {
	av, gram := make([]float64, n*n), make([]float64, n*n)
	gemm.Mul(false, false, n, n, n, 1, a, n, d.Vectors, n, 0, av, n)
	for i := range av {
		av[i] -= d.Vectors[i] * d.Values[i%n]
	}
	gemm.Mul(true, false, n, n, n, 1, d.Vectors, n, d.Vectors, n, 0, gram, n)
	u := float64(max(n, 1)) * 0x1p-53
	norm := simd.Nrm2(a)
	if norm == 0 {
		norm = 1
	}
	return simd.Nrm2(av) / norm / u, distanceFromIdentity(gram, n) / u
}

// decomposed checks a decomposition by its definition and returns it.
func decomposed(t *testing.T, what string, a []float64, n int) Eigen[float64] {
	t.Helper()
	var w Workspace[float64]
	d, err := w.Eigen(a, n)
	if err != nil || len(d.Values) != n || !slices.IsSorted(d.Values) {
		t.Fatalf("%s of order %d: %v, %v", what, n, d.Values, err)
	}
	if residual, orthogonality := eigenErrors(a, d, n); !(residual <= 4) || !(orthogonality <= 10) {
		t.Errorf("%s of order %d: the residual is %.3g units, VᵀV − I is %.3g", what, n, residual, orthogonality)
	}
	return d
}

// toeplitz returns the symmetric matrix with rows …, r₁, r₀, r₁, ….
func toeplitz(n int, r ...float64) []float64 {
	a := make([]float64, n*n)
	for k, v := range r {
		for i := k; i < n; i++ {
			a[i*n+i-k], a[(i-k)*n+i] = v, v
		}
	}
	return a
}

// withSpectrum returns QΛQᵀ with a random orthogonal Q.
func withSpectrum(r *rand.Rand, values ...float64) []float64 {
	n := len(values)
	q := orthogonal(r, n)
	scaled, a := slices.Clone(q), make([]float64, n*n)
	scaleColumns(values, scaled)
	gemm.Mul(false, true, n, n, n, 1, scaled, n, q, n, 0, a, n)
	for i := range n {
		for j := range i {
			a[i*n+j] = a[j*n+i]
		}
	}
	return a
}

// spectra returns matrices with known eigenvalues. Most are hard for divide and conquer.
var spectra = map[string]func(n int) []float64{
	"clustered": func(n int) []float64 { // around 1, 2 and 3
		v := make([]float64, n)
		for i := range v {
			v[i] = float64(1+i%3) + float64(i)*0x1p-52
		}
		return v
	},
	"clustered at 0": func(n int) []float64 {
		v := make([]float64, n)
		for i := range v {
			v[i] = 1e-14 * float64(i)
		}
		v[n-1] = 1
		return v
	},
	"geometric": func(n int) []float64 {
		v := make([]float64, n)
		for i := range v {
			v[i] = math.Pow(1e-16, float64(i)/float64(n))
		}
		return v
	},
	"of both signs": func(n int) []float64 {
		v := make([]float64, n)
		for i := range v {
			v[i] = float64(2*(i%2)-1) * float64(i/2)
		}
		return v
	},
	"a projection": func(n int) []float64 {
		v := make([]float64, n)
		for i := range n / 3 {
			v[i] = 1
		}
		return v
	},
}

// orders returns orders around the block sizes of the reduction, of the reflectors and of the undivided matrices.
func orders() []int {
	all := []int{95, 96, 97, 127, 128, 129, 130, 191, 193, 257, 300}
	for n := range 71 {
		all = append(all, n)
	}
	return all
}

func TestEigenSpectra(t *testing.T) {
	r := rand.New(rand.NewPCG(51, 52))
	for _, n := range orders() {
		decomposed(t, "random", withSymmetry(normal(r, n, n), n), n)
		if n == 0 {
			continue
		}
		for what, spectrum := range spectra {
			want := spectrum(n)
			d := decomposed(t, what, withSpectrum(r, want...), n)
			slices.Sort(want)
			for i, v := range d.Values {
				if !(math.Abs(v-want[i]) <= float64(n+8)*0x1p-51*max(-want[0], want[n-1], 1e-300)) {
					t.Errorf("%s of order %d: eigenvalue %d is %v, want %v", what, n, i, v, want[i])
				}
			}
		}
	}
}

// withSymmetry copies the upper triangle to the lower.
func withSymmetry(a []float64, n int) []float64 {
	for i := range n {
		for j := range i {
			a[i*n+j] = a[j*n+i]
		}
	}
	return a
}

// TestEigenToeplitz: the second difference of order n has the eigenvalues 2 − 2cos(kπ/(n+1)) and vectors of sines.
func TestEigenToeplitz(t *testing.T) {
	for _, n := range orders() {
		d := decomposed(t, "the second difference", toeplitz(n, 2, -1), n)
		for k := range n {
			θ := float64(k+1) * math.Pi / float64(n+1)
			if want := 4 * math.Pow(math.Sin(θ/2), 2); !(math.Abs(d.Values[k]-want) <= float64(n+8)*0x1p-52) {
				t.Errorf("order %d: eigenvalue %d is %v, want %v", n, k, d.Values[k], want)
			}
			if n > 70 {
				continue // the gaps are smaller
			}
			var dot float64
			for i := range n {
				dot += d.Vectors[i*n+k] * math.Sin(float64(i+1)*θ) * math.Sqrt(2/float64(n+1))
			}
			if !(math.Abs(math.Abs(dot)-1) <= 1e-12) {
				t.Errorf("order %d: eigenvector %d has %v in the direction of the exact one", n, k, dot)
			}
		}
	}
}

// TestWilkinson decomposes W₂₁⁺, whose largest two eigenvalues agree to 14 digits (Wilkinson 1965, The algebraic eigenvalue problem,
// chapter 5, table 10), and ten copies of W₂₁⁺ joined by elements of 1e-7, whose eigenvalues are all clustered.
func TestWilkinson(t *testing.T) {
	wilkinson := func(copies int, glue float64) []float64 {
		n := 21 * copies
		a := toeplitz(n, 0, 1)
		for i := range n {
			a[i*n+i] = math.Abs(float64(i%21 - 10))
			if i%21 == 0 && i > 0 {
				a[i*n+i-1], a[(i-1)*n+i] = glue, glue
			}
		}
		return a
	}
	d := decomposed(t, "W₂₁⁺", wilkinson(1, 0), 21)
	for i, want := range map[int]float64{20: 10.746194182903393, 19: 10.746194182903322, 18: 9.210678647361332, 17: 9.210678647304919,
		1: 0.2538058170966782, 0: -1.1254415221199842} {
		if !(math.Abs(d.Values[i]-want) <= 1e-14) {
			t.Errorf("eigenvalue %d is %.17g, want %v", i, d.Values[i], want)
		}
	}
	for _, glue := range []float64{0, 1e-14, 1e-7} {
		decomposed(t, "glued W₂₁⁺", wilkinson(10, glue), 210)
	}
}

// TestEigenExact decomposes matrices with no rounding errors, or few.
func TestEigenExact(t *testing.T) {
	for _, n := range []int{1, 2, 31, 33, 65, 150} {
		decomposed(t, "zero", make([]float64, n*n), n)
		decomposed(t, "the identity", toeplitz(n, 1), n)
		diagonal := make([]float64, n*n)
		for i := range n {
			diagonal[i*n+i] = float64(i * 7 % n)
		}
		d := decomposed(t, "a diagonal", diagonal, n)
		for i, v := range d.Values {
			if want := float64(i); n%7 != 0 && v != want {
				t.Errorf("a diagonal of order %d: eigenvalue %d is %v", n, i, v)
			}
		}
		for _, v := range d.Vectors {
			if v != 0 && v != 1 {
				t.Errorf("a diagonal of order %d: an eigenvector has %v", n, v)
			}
		}
		ones := decomposed(t, "ones", slices.Repeat([]float64{1}, n*n), n)
		for i, v := range ones.Values { // n, and 0 for the rest
			want := 0.
			if i == n-1 {
				want = float64(n)
			}
			if !(math.Abs(v-want) <= float64(n)*float64(n)*0x1p-52) {
				t.Errorf("ones of order %d: eigenvalue %d is %v", n, i, v)
			}
		}
		whole := make([]float64, n*n)
		for i := range whole {
			whole[i] = float64((i/n + 1) * (i%n + 1) % 11)
		}
		decomposed(t, "whole numbers", whole, n)
	}
}

// TestEigenGraded: with elements from 1e-300 to 1e300 the errors are small compared with the largest element.
func TestEigenGraded(t *testing.T) {
	r := rand.New(rand.NewPCG(53, 54))
	var w Workspace[float64]
	for _, n := range []int{2, 5, 40, 100} {
		for what, exponent := range map[string]func(i int) float64{
			"falling": func(i int) float64 { return 150 - 300*float64(i)/float64(n-1) },
			"rising":  func(i int) float64 { return -150 + 300*float64(i)/float64(n-1) },
			"mixed":   func(i int) float64 { return -150 + 300*float64(i*7%n)/float64(n-1) },
			"large":   func(int) float64 { return 150 },
			"small":   func(int) float64 { return -150 },
		} {
			a := withSymmetry(normal(r, n, n), n)
			for i := range n {
				for j := range n {
					a[i*n+j] *= math.Pow(10, exponent(i)) * math.Pow(10, exponent(j))
				}
			}
			d, err := w.Eigen(a, n)
			if err != nil {
				t.Fatalf("%s of order %d: %v", what, n, err)
			}
			largest := max(-slices.Min(a), slices.Max(a))
			for i := range a {
				a[i] /= largest
			}
			for i := range d.Values {
				d.Values[i] /= largest
			}
			if residual, orthogonality := eigenErrors(a, d, n); !(residual <= 4) || !(orthogonality <= 10) {
				t.Errorf("%s of order %d: the residual is %.3g units, VᵀV − I is %.3g", what, n, residual, orthogonality)
			}
		}
	}
}

// TestEigenLowRank decomposes sums of GGᵀ over a few gradients, as optimizers have them.
func TestEigenLowRank(t *testing.T) {
	r := rand.New(rand.NewPCG(55, 56))
	for _, n := range []int{3, 40, 300} {
		for _, rank := range []int{1, 2, 17} {
			g := normal(r, n, rank)
			a := make([]float64, n*n)
			gemm.Mul(false, true, n, n, rank, 1, g, rank, g, rank, 0, a, n)
			d := decomposed(t, "a matrix of low rank", a, n)
			for _, v := range d.Values[:max(0, n-rank)] {
				if !(math.Abs(v) <= float64(n)*0x1p-53*d.Values[n-1]) {
					t.Errorf("order %d, rank %d: eigenvalue %v beside %v", n, rank, v, d.Values[n-1])
				}
			}
		}
	}
}

// TestEigenProperties: the eigenvalues of cA + sI are cλ + s for the eigenvalues λ of A; the sums of λ and λ² are the trace and ‖A‖_F².
func TestEigenProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 80).Draw(t, "n")
		r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0))
		a := withSymmetry(normal(r, n, n), n)
		for i := range a { // zeros, which split it, and equal elements
			if draw := r.IntN(4); draw == 0 {
				a[i] = math.Round(a[i])
			}
		}
		a = withSymmetry(a, n)
		c, s := rapid.Float64Range(0.5, 2).Draw(t, "c"), rapid.Float64Range(-3, 3).Draw(t, "s")
		var w Workspace[float64]
		d, err := w.Eigen(a, n)
		if err != nil {
			t.Fatal(err)
		}
		values := slices.Clone(d.Values)
		limit := float64(n+8) * 0x1p-50 * (simd.Nrm2(a) + 3)
		var trace float64
		for i := range n {
			trace += a[i*n+i] - values[i]
		}
		if math.Abs(trace) > limit*float64(n) || math.Abs(simd.Nrm2(values)-simd.Nrm2(a)) > limit {
			t.Fatalf("the trace is off by %g, the norm by %g", trace, simd.Nrm2(values)-simd.Nrm2(a))
		}
		simd.Scal(c, a)
		addToDiagonal(a, n, s)
		if d, err = w.Eigen(a, n); err != nil {
			t.Fatal(err)
		}
		for i, v := range d.Values {
			if math.Abs(v-c*values[i]-s) > limit {
				t.Fatalf("eigenvalue %d of %v·A + %v·I is %v, that of A %v", i, c, s, v, values[i])
			}
		}
	})
}

// TestSecular: up to rounding, f is 0 at the roots, and the roots lie between the poles.
func TestSecular(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		k := rapid.IntRange(1, 40).Draw(t, "k")
		seed := rapid.Uint64().Draw(t, "seed")
		smallest := rapid.Float64Range(-8, 0).Draw(t, "z")
		closest := rapid.Float64Range(-8, 0).Draw(t, "gap")
		checkSecular(t, k, seed, smallest, closest)
	})
	checkSecular(t, 28, 0x13, -1.5, -7.96875) // where taking turns between the two kinds of steps does not end
}

func checkSecular(t failer, k int, seed uint64, smallest, closest float64) {
	r := rand.New(rand.NewPCG(seed, 0))
	q := secular{make([]float64, k), make([]float64, k), math.Exp(6 * r.NormFloat64())}
	for i := range k {
		q.z[i] = math.Pow(10, smallest*r.Float64())
		if i > 0 {
			q.d[i] = q.d[i-1] + math.Pow(10, closest*r.Float64())
		}
	}
	simd.Scal(1/simd.Nrm2(q.z), q.z)
	for j := range k {
		o, τ := q.root(j)
		lo, hi := q.d[j]-q.d[o], q.rho*(1+0x1p-50)
		if j+1 < k {
			hi = q.d[j+1] - q.d[o]
		}
		if !(lo < τ && τ <= hi) {
			t.Fatalf("root %d is %v from pole %d, outside of (%v, %v)", j, τ, o, lo, hi)
		}
		if v := q.at(o, τ, max(0, min(j, k-2))); !(math.Abs(v.f) <= 4*0x1p-52*v.err) {
			t.Fatalf("f is %v at root %d, its rounding errors at most %v", v.f, j, 0x1p-52*v.err)
		}
	}
}

// failer is a test or a property.
type failer interface {
	Fatalf(format string, args ...any)
}

// TestReduction checks that the tridiagonal matrix is QᵀAQ, and compares the product of bands with plain loops.
func TestReduction(t *testing.T) {
	r := rand.New(rand.NewPCG(57, 58))
	for _, n := range []int{1, 2, 3, 33, 48, 49, 130, 200} {
		a := withSymmetry(normal(r, n, n), n)
		var m tridiagonal[float64]
		v := slices.Clone(a)
		m.reduce(v, n)
		q, qt, product := toeplitz(n, 1), make([]float64, n*n), make([]float64, n*n)
		m.back(v, q)
		gemm.Mul(true, false, n, n, n, 1, q, n, a, n, 0, qt, n)
		gemm.Mul(false, false, n, n, n, 1, qt, n, q, n, 0, product, n)
		for i := range n {
			for j := range n {
				var want float64
				switch j - i {
				case 0:
					want = m.d[i]
				case 1:
					want = m.e[i]
				case -1:
					want = m.e[j]
				}
				if got := product[i*n+j]; !(math.Abs(got-want) <= float64(n)*0x1p-49) {
					t.Fatalf("order %d: QᵀAQ has %v at (%d, %d), want %v", n, got, i, j, want)
				}
			}
		}
	}
}

// TestDividedBits compares the bits of several numbers of workers, for an order with several products at the same time.
func TestDividedBits(t *testing.T) {
	r := rand.New(rand.NewPCG(61, 62))
	const n = 400
	a := normal(r, n, n)
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	var want []float64
	for _, workers := range []int{1, 2, 3} {
		runtime.GOMAXPROCS(workers)
		var w Workspace[float64]
		d, err := w.Eigen(a, n)
		if err != nil {
			t.Fatal(err)
		}
		got := append(slices.Clone(d.Values), d.Vectors...)
		if want == nil {
			want = got
		}
		if !slices.Equal(got, want) {
			t.Errorf("%d workers change bits", workers)
		}
	}
}
