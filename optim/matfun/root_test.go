package matfun

import (
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"runtime"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"steepest/internal/simd"
	"steepest/optim/internal/rescale"
)

// goldenRoots is testdata/roots.json, which the Python beside it writes.
type goldenRoots struct {
	Roots []struct {
		Source    string
		A, X      []float64
		Root      Root
		Tolerance float64
	}
	QR []struct {
		Rows, Cols int
		X, Q       []float64
	}
}

func readRoots(t *testing.T) (g goldenRoots) {
	t.Helper()
	data, err := os.ReadFile("testdata/roots.json")
	if err == nil {
		err = json.Unmarshal(data, &g)
	}
	if err != nil {
		t.Fatal(err)
	}
	return g
}

func TestGoldenRoots(t *testing.T) {
	eachImplementation(t, func(t *testing.T) {
		var w64 Workspace[float64]
		var w32 Workspace[float32]
		for i, c := range readRoots(t).Roots {
			n := int(math.Sqrt(float64(len(c.A))))
			x := make([]float64, n*n)
			residual, err := w64.InverseRoot(x, c.A, n, c.Root)
			if d := distance(x, c.X); err != nil || !(d <= c.Tolerance) {
				t.Errorf("%d: %s, %+v: off by %g, %v", i, c.Source, c.Root, d, err)
			}
			if !(residual <= 1e-7) {
				t.Errorf("%d: %s, %+v: the residual is %g", i, c.Source, c.Root, residual)
			}
			if c.Root.Method == ByNewton {
				if _, ok := w64.newtonRoot(x, c.A, n, c.Root); !ok {
					t.Errorf("%d: %s, %+v: Newton's method does not converge", i, c.Source, c.Root)
				}
			}
			if c.Tolerance > 1e-12 {
				continue // rounding to float32 changes the matrix too much
			}
			single := make([]float32, n*n)
			if _, err := w32.InverseRoot(single, to[float32](c.A), n, c.Root); err != nil || !(distance(single, c.X) <= 1e-5) {
				t.Errorf("%d: %s, %+v in float32: off by %g, %v", i, c.Source, c.Root, distance(single, c.X), err)
			}
		}
	})
}

// TestIntegerRoot is an example to do by hand: [5 4; 4 5] has the eigenvalues 9 and 1.
func TestIntegerRoot(t *testing.T) {
	for _, method := range []RootMethod{ByEigen, ByNewton} {
		x := []float64{5, 4, math.NaN(), 5} // the element below the diagonal is not read
		var w Workspace[float64]
		residual, err := w.InverseRoot(x, x, 2, Root{P: 2, Method: method})
		if want := []float64{2. / 3, -1. / 3, -1. / 3, 2. / 3}; err != nil || distance(x, want) > 1e-15 || residual > 1e-14 {
			t.Errorf("%v: %v, residual %g, %v", method, x, residual, err)
		}
	}
}

// positive returns a symmetric matrix of order n with eigenvalues from 1 down to 1/cond, and its power α.
func positive(r *rand.Rand, n int, cond, α float64) (a, power []float64) {
	q := orthogonal(r, n)
	f := func(α float64) []float64 {
		d := make([]float64, n*n)
		for i := range n {
			d[i*n+i] = math.Pow(cond, -α*float64(i)/float64(max(1, n-1)))
		}
		return multiply(multiply(transpose(q, n, n), d, n, n, n), q, n, n, n)
	}
	return f(1), f(α)
}

// TestRootOrders tries orders around the sizes of blocks. With both methods, the errors of the root and of the residual are the rounding
// error times the condition of A.
func TestRootOrders(t *testing.T) {
	r := rand.New(rand.NewPCG(21, 22))
	var w64 Workspace[float64]
	var w32 Workspace[float32]
	orders := []int{0, 1, 2, 3, 17, 64, 65, 130}
	for _, n := range orders[:some(len(orders), 5)] {
		for _, method := range []RootMethod{ByEigen, ByNewton} {
			for _, p := range []float64{1, 2, 4} {
				const cond = 100
				a, want := positive(r, n, cond, -1/p)
				root := Root{P: p, Method: method}
				x := make([]float64, n*n)
				residual, err := w64.InverseRoot(x, a, n, root)
				if limit := cond * float64(n+8) * 0x1p-51; err != nil || distance(x, want) > limit || residual > limit {
					t.Errorf("order %d, %+v: off by %g, residual %g, %v", n, root, distance(x, want), residual, err)
				}
				again := make([]float64, n*n)
				if err := w64.Root(again, a, n, root); err != nil || !slices.Equal(again, x) {
					t.Errorf("order %d, %+v: another root without the residual, %v", n, root, err)
				}
				for i := range n {
					for j := range i {
						if x[i*n+j] != x[j*n+i] {
							t.Fatalf("order %d, %+v: not symmetric at (%d, %d)", n, root, i, j)
						}
					}
				}
				single := make([]float32, n*n)
				residual, err = w32.InverseRoot(single, to[float32](a), n, root)
				if limit := cond * float64(n+8) * 0x1p-22; err != nil || distance(single, want) > limit || residual > limit {
					t.Errorf("order %d, %+v in float32: off by %g, residual %g, %v", n, root, distance(single, want), residual, err)
				}
			}
		}
	}
}

// TestRootScales: (cA)^(−1/P) = c^(−1/P)·A^(−1/P) for the largest and the smallest numbers.
func TestRootScales(t *testing.T) {
	r := rand.New(rand.NewPCG(23, 24))
	for _, root := range []Root{{P: 1}, {P: 2}, {P: 4}, {P: 2.5}, {P: 4, Method: ByNewton}, {P: 4, Ridge: ShiftRelative, Eps: 1e-6},
		{P: 4, Ridge: ShiftRelative, Eps: 1e-6, Method: ByNewton}, {P: 2, Ridge: PseudoInverse}} {
		a, _ := positive(r, 9, 50, 1)
		rootScales[float32](t, a, root, 1e-5, 1e-35, 1e-30, 1e-15, 1, 1e15, 1e30, 1e37)
		rootScales[float64](t, a, root, 1e-13, 1e-300, 1e-200, 1e-30, 1, 1e30, 1e200, 1e300)
	}
}

func rootScales[T simd.Float](t *testing.T, a []float64, root Root, limit float64, scales ...float64) {
	var w Workspace[T]
	want, x := make([]T, len(a)), make([]T, len(a))
	if _, err := w.InverseRoot(want, to[T](a), 9, root); err != nil {
		t.Fatal(err)
	}
	for _, scale := range scales {
		scaled := slices.Clone(a)
		simd.Scal(scale, scaled)
		residual, err := w.InverseRoot(x, to[T](scaled), 9, root)
		back := math.Pow(scale, 1/root.P)
		y := to64(x)
		simd.Scal(back, y)
		if err != nil || distance(y, to64(want)) > limit || !(residual < 1e-3) {
			t.Errorf("%T, %+v of a matrix times %g: off by %g, residual %g, %v", x[0], root, scale, distance(y, to64(want)), residual, err)
		}
	}
}

// TestTinyRoots: ε has the same meaning for matrices that are converted to another unit.
func TestTinyRoots(t *testing.T) {
	a := []float64{2e-40, 0, 0, 1e-40}
	var w Workspace[float64]
	for _, c := range []struct {
		root Root
		want float64
	}{
		{Root{P: 2, Eps: 1e-30}, 1e15},
		{Root{P: 2, Eps: 1e-30, Method: ByNewton}, 1e15},
		{Root{P: 2, Eps: 1e-30, Ridge: ShiftNegative}, 1e15},
		{Root{P: 2, Eps: 1e-30, Ridge: Clamp}, 1e15},
	} {
		x := make([]float64, 4)
		if _, err := w.InverseRoot(x, a, 2, c.root); err != nil || distance(x, []float64{c.want, 0, 0, c.want}) > 1e-9 {
			t.Errorf("%+v: %v, want %v, %v", c.root, x, c.want, err)
		}
	}
}

// TestRelativeRootOfZero: a ridge relative to 0 gives a root of 0.
func TestRelativeRootOfZero(t *testing.T) {
	for _, root := range []Root{
		{P: 4, Eps: 1e-6, Ridge: ShiftRelative}, {P: 4, Eps: 1e-6, Ridge: ShiftRelative, Method: ByNewton}, {P: 4, Ridge: PseudoInverse},
	} {
		var w Workspace[float32]
		x := []float32{7, 7, 7, 7}
		if residual, err := w.InverseRoot(x, make([]float32, 4), 2, root); err != nil || residual != 0 || slices.Max(x) != 0 || slices.Min(x) != 0 {
			t.Errorf("%+v of 0: %v, residual %v, %v", root, x, residual, err)
		}
	}
}

// TestRootErrors: a matrix without a root gives an error that says why, and dst does not change.
func TestRootErrors(t *testing.T) {
	for _, c := range []struct {
		a    []float64
		root Root
		want string
	}{
		{[]float64{1, 1, 1, 1}, Root{P: 2}, "singular: its eigenvalues are"},
		{[]float64{0, 0, 0, 0}, Root{P: 4}, "singular: its eigenvalues are 0 to 0"},
		{[]float64{1, 0, 0, -0.5}, Root{P: 4, Eps: 0.1}, "not positive semi-definite: its eigenvalues are -0.5 to 1"},
		{[]float64{-1, 0, 0, -1}, Root{P: 4, Ridge: PseudoInverse}, "not positive semi-definite"},
		{[]float64{1, math.NaN(), 0, 1}, Root{P: 4}, "element (0, 1) of the 2 × 2 matrix is NaN"},
		{[]float64{1, 0, 0, math.Inf(1)}, Root{P: 4}, "element (1, 1) of the 2 × 2 matrix is +Inf"},
		{[]float64{1, 0, 0, math.SmallestNonzeroFloat64}, Root{P: 0.5}, "too large for float64"},
	} {
		for _, c.root.Method = range []RootMethod{ByEigen, ByNewton} {
			var w Workspace[float64]
			dst := []float64{7, 7, 7, 7}
			residual, err := w.InverseRoot(dst, c.a, 2, c.root)
			if err == nil || !strings.Contains(err.Error(), c.want) || residual == residual || dst[0] != 7 || dst[3] != 7 {
				t.Errorf("%v, %+v: %v, residual %v, %v; want %q", c.a, c.root, dst, residual, err, c.want)
			}
		}
	}
	var w Workspace[float32]
	if _, err := w.InverseRoot(make([]float32, 1), []float32{1e-30}, 1, Root{P: 0.5}); err == nil || !strings.Contains(err.Error(), "too large for float32") {
		t.Error(err)
	}
	for what, call := range map[string]func(){
		"order":        func() { w.InverseRoot(make([]float32, 4), make([]float32, 3), 2, Root{P: 1}) },
		"destination":  func() { w.InverseRoot(make([]float32, 3), make([]float32, 4), 2, Root{P: 1}) },
		"P = 0":        func() { w.InverseRoot(nil, nil, 0, Root{}) },
		"ε < 0":        func() { w.InverseRoot(nil, nil, 0, Root{P: 1, Eps: -1}) },
		"ε = NaN":      func() { w.InverseRoot(nil, nil, 0, Root{P: 1, Eps: math.NaN()}) },
		"eigen order":  func() { w.Eigen(make([]float32, 4), -2) },
		"QR of a wide": func() { w.QR(make([]float32, 6), 2, 3) },
	} {
		if !panics(call) {
			t.Errorf("%s is taken", what)
		}
	}
}

// TestNewton checks where the method converges. Without a ridge, and with a condition beyond float32, the iteration's M goes to I,
// although XᵖA, which M should equal, does not.
func TestNewton(t *testing.T) {
	r := rand.New(rand.NewPCG(35, 36))
	var w64 Workspace[float64]
	var w32 Workspace[float32]
	for _, p := range []float64{1, 2, 4} {
		for _, c := range []struct {
			n    int
			cond float64
			ok32 bool
		}{{100, 1e4, true}, {2, 1e12, false}, {5, 1e12, false}} {
			a, want := positive(r, c.n, c.cond, -1/p)
			x := make([]float64, c.n*c.n)
			if _, ok := w64.newtonRoot(x, a, c.n, Root{P: p}); !ok || distance(x, want) > c.cond*float64(c.n)*0x1p-52 {
				t.Errorf("p = %v, %+v: converged %v, off by %g", p, c, ok, distance(x, want))
			}
			if _, ok := w32.newtonRoot(make([]float32, c.n*c.n), to[float32](a), c.n, Root{P: p}); ok != c.ok32 {
				t.Errorf("p = %v, %+v: converged in float32 %v", p, c, ok)
			}
		}
	}
}

// TestNearestRoot: fᵖ maps the interval to [low, high], and f is as far above 1 as below. If the cushion changes nothing, f is equal at
// both ends of the interval.
func TestNearestRoot(t *testing.T) {
	for _, p := range []float64{1, 2, 3, 4, 8} {
		for _, l := range []float64{1e-6, 0.01, 0.2, 0.3, 0.8} {
			const u = 1.25
			a, b, low, high := nearestRoot(p, l*u, u)
			f := func(m float64) float64 { return (a - b*m) * math.Pow(m, 1/p) }
			least, most := math.Inf(1), math.Inf(-1)
			for i := range 10001 {
				v := f(l * u * math.Pow(l, -float64(i)/10000))
				least, most = min(least, v), max(most, v)
			}
			if math.Abs(math.Pow(least, p)-low) > 1e-6*low || math.Abs(math.Pow(most, p)-high) > 1e-6*high || math.Abs(least+most-2) > 1e-6 {
				t.Errorf("p = %v takes [%v, %v] to [%v, %v], which says [%v, %v]", p, l*u, u, math.Pow(least, p), math.Pow(most, p), low, high)
			}
			if l >= rootCushion && math.Abs(f(u)-f(l*u)) > 1e-14 {
				t.Errorf("p = %v on [%v, %v] ends at %v and %v", p, l*u, u, f(l*u), f(u))
			}
		}
	}
	a, b, _, _ := nearestRoot(2, 0.25, 1) // m = σ²
	if cubic := minimaxCubic(0.5, 1); math.Abs(a-cubic[0]) > 1e-14 || math.Abs(b+cubic[1]) > 1e-14 {
		t.Errorf("p = 2 is %v, %v, the cubic of Polar Express %v", a, b, cubic)
	}
}

// TestFallback: where Newton's method fails, the result is that of the eigendecomposition.
func TestFallback(t *testing.T) {
	r := rand.New(rand.NewPCG(25, 26))
	a, _ := positive(r, 20, 1e11, 1)
	single := to[float32](a)
	var w Workspace[float32]
	for _, root := range []Root{{P: 4, Eps: 1e-9}, {P: 2.5, Eps: 0.1}, {P: 2, Eps: 0.1, Ridge: ShiftNegative}, {P: 2, Ridge: PseudoInverse}} {
		want, got := make([]float32, 400), make([]float32, 400)
		_, err := w.InverseRoot(want, single, 20, root)
		root.Method = ByNewton
		_, ok := w.newtonRoot(got, single, 20, root)
		_, err2 := w.InverseRoot(got, single, 20, root)
		if err != nil || err2 != nil || ok || !slices.Equal(got, want) {
			t.Errorf("%+v: %v, %v, converged %v, the same %v", root, err, err2, ok, slices.Equal(got, want))
		}
	}
}

// TestPseudoInverse: the root of AAᵀ of low rank acts on the columns of A alone, so ((AAᵀ)^(−1/2)A)ᵀ((AAᵀ)^(−1/2)A) = I for independent
// columns.
func TestPseudoInverse(t *testing.T) {
	r := rand.New(rand.NewPCG(27, 28))
	a := normal(r, 12, 5)
	x := multiply(a, transpose(a, 12, 5), 12, 5, 12)
	var w Workspace[float64]
	residual, err := w.InverseRoot(x, x, 12, Root{P: 2, Ridge: PseudoInverse})
	q := multiply(x, a, 12, 12, 5)
	if d := distanceFromIdentity(multiply(transpose(q, 12, 5), q, 5, 12, 5), 5); err != nil || d > 1e-12 || residual > 1e-12 {
		t.Errorf("off by %g, residual %g, %v", d, residual, err)
	}
	zero := make([]float64, 9)
	if residual, err := w.InverseRoot(zero, zero, 3, Root{P: 2, Ridge: PseudoInverse}); err != nil || simd.Asum(zero) != 0 || residual != 0 {
		t.Errorf("of 0: %v, residual %v, %v", zero, residual, err)
	}
}

// TestRootProperties: Q·A^(−1/P)·Qᵀ is the root of QAQᵀ, A^(−1/P) commutes with A, and the root of a root is a root.
func TestRootProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 10).Draw(t, "n")
		r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0))
		a, _ := positive(r, n, rapid.Float64Range(1, 1e4).Draw(t, "cond"), 1)
		root := Root{P: float64(rapid.IntRange(1, 6).Draw(t, "p")), Method: RootMethod(rapid.IntRange(0, 1).Draw(t, "method"))}
		var w Workspace[float64]
		of := func(a []float64, root Root) []float64 {
			x := make([]float64, len(a))
			if _, err := w.InverseRoot(x, a, n, root); err != nil {
				t.Fatal(err)
			}
			return x
		}
		product := func(a, b []float64) []float64 { return multiply(a, b, n, n, n) }
		same := func(what string, got, want []float64) {
			if d := distance(got, want); d > 1e-9 {
				t.Fatalf("%s: off by %g", what, d)
			}
		}
		x, q := of(a, root), orthogonal(r, n)
		turn := func(a []float64) []float64 { return product(product(q, a), transpose(q, n, n)) }
		turned := turn(a)
		for i := range n { // the lower triangle is not read
			for j := range i {
				turned[i*n+j] = math.NaN()
			}
		}
		same("turned", of(turned, root), turn(x))
		same("commuted", product(x, a), product(a, x))
		same("twice", of(of(a, Root{P: root.P}), Root{P: 1}), of(of(a, Root{P: 1}), Root{P: root.P}))
	})
}

func TestEigen(t *testing.T) {
	r := rand.New(rand.NewPCG(29, 30))
	for _, n := range []int{0, 1, 2, 7, 64, 65, 150} {
		eigenOf[float64](t, normal(r, n, n), n)
		eigenOf[float32](t, to[float32](normal(r, n, n)), n)
	}
	eigenOf(t, []float64{2, 0, 0, 0, 2, 0, 0, 0, 2}, 3)
	eigenOf(t, make([]float64, 25), 5)
	eigenOf(t, []float64{1e300, 1e300, 0, -1e300}, 2)
	eigenOf(t, []float64{3e-300, 1e-300, 0, -1e-300}, 2)
	var w Workspace[float64]
	d, err := w.Eigen([]float64{0, 1, 1, 0}, 2)
	if h := math.Sqrt2 / 2; err != nil || distance(d.Values, []float64{-1, 1}) > 1e-15 || distance(d.Vectors, []float64{h, h, -h, h}) > 1e-15 {
		t.Errorf("of [0 1; 1 0]: %v, %v", d, err)
	}
	if _, err := w.Eigen([]float64{1, 2, 2, math.Inf(-1)}, 2); err == nil || err.Error() != "element (1, 1) of the 2 × 2 matrix is -Inf" {
		t.Error(err)
	}
}

// eigenOf checks that A = VΛVᵀ and VᵀV = I up to rounding, the order of the eigenvalues, and the signs of the vectors.
func eigenOf[T simd.Float](t *testing.T, a []T, n int) {
	t.Helper()
	full := to64(a)
	var largest float64
	for i := range n {
		for j := range n {
			full[i*n+j] = float64(a[min(i, j)*n+max(i, j)])
			largest = max(largest, math.Abs(full[i*n+j]))
			if i > j {
				a[i*n+j] = T(math.NaN())
			}
		}
	}
	before := slices.Clone(a)
	var w Workspace[T]
	d, err := w.Eigen(a, n)
	if err != nil || len(d.Values) != n || len(d.Vectors) != n*n || !slices.IsSorted(d.Values) || !slices.EqualFunc(a, before, same) {
		t.Fatalf("order %d: %v, %v", n, d.Values, err)
	}
	if largest == 0 {
		largest = 1
	}
	vectors := to64(d.Vectors)
	scaled := slices.Clone(vectors)
	for i := range scaled {
		scaled[i] *= d.Values[i%n] / largest
	}
	for i := range full {
		full[i] /= largest
	}
	vt, limit := transpose(vectors, n, n), 4*float64(n)*rescale.Epsilon[T]()
	if e := distance(multiply(scaled, vt, n, n, n), full); e > limit {
		t.Errorf("order %d: VΛVᵀ is off by %g", n, e)
	}
	if e := distanceFromIdentity(multiply(vt, vectors, n, n, n), n); e > limit*math.Sqrt(float64(n)) {
		t.Errorf("order %d: VᵀV is off by %g", n, e)
	}
	for j := range n {
		v := vt[j*n:][:n]
		if v[slices.IndexFunc(v, func(e float64) bool { return math.Abs(e) == max(slices.Max(v), -slices.Min(v)) })] < 0 {
			t.Errorf("order %d: the sign of %v", n, v)
		}
	}
}

// same reports whether two numbers are equal or both NaN.
func same[T simd.Float](a, b T) bool { return a == b || a != a && b != b }

func TestQR(t *testing.T) {
	var w64 Workspace[float64]
	var w32 Workspace[float32]
	for _, c := range readRoots(t).QR {
		x, single := slices.Clone(c.X), to[float32](c.X)
		if err := w64.QR(x, c.Rows, c.Cols); err != nil || distance(x, c.Q) > 1e-14 {
			t.Errorf("%d × %d: off by %g, %v", c.Rows, c.Cols, distance(x, c.Q), err)
		}
		if err := w32.QR(single, c.Rows, c.Cols); err != nil || distance(single, c.Q) > 1e-6 {
			t.Errorf("%d × %d in float32: off by %g, %v", c.Rows, c.Cols, distance(single, c.Q), err)
		}
	}
	r := rand.New(rand.NewPCG(31, 32))
	for _, s := range [][2]int{{0, 0}, {3, 0}, {1, 1}, {40, 40}, {200, 70}, {33, 32}} {
		for _, scale := range []float64{1, 1e-300, 1e300} {
			x := normal(r, s[0], s[1])
			simd.Scal(scale, x)
			q := slices.Clone(x)
			if err := w64.QR(q, s[0], s[1]); err != nil {
				t.Fatal(err)
			}
			orthonormal(t, q, s[0], s[1])
			simd.Scal(1/scale, x)
			factor := multiply(transpose(q, s[0], s[1]), x, s[1], s[0], s[1])
			for i := range s[1] {
				for j := range i + 1 {
					if v := factor[i*s[1]+j]; i == j && v <= 0 || i > j && math.Abs(v) > 1e-13 {
						t.Fatalf("%v: R has %v at (%d, %d)", s, v, i, j)
					}
				}
			}
		}
	}
	deficient := multiply(normal(r, 9, 2), normal(r, 2, 5), 9, 2, 5)
	for _, x := range [][]float64{deficient, make([]float64, 45), slices.Repeat([]float64{1}, 45)} {
		if err := w64.QR(x, 9, 5); err != nil {
			t.Fatal(err)
		}
		orthonormal(t, x, 9, 5)
	}
	bad := []float64{1, 2, math.NaN(), 4}
	if err := w64.QR(bad, 2, 2); err == nil || err.Error() != "element (1, 0) of the 2 × 2 matrix is NaN" || bad[0] != 1 {
		t.Errorf("%v, %v", bad, err)
	}
}

func orthonormal(t *testing.T, q []float64, rows, cols int) {
	t.Helper()
	if d := distanceFromIdentity(multiply(transpose(q, rows, cols), q, cols, rows, cols), cols); !(d <= 1e-13) {
		t.Errorf("%d × %d: QᵀQ is off by %g", rows, cols, d)
	}
}

// TestDecompositionBits compares the bits of several numbers of workers.
func TestDecompositionBits(t *testing.T) {
	r := rand.New(rand.NewPCG(33, 34))
	n := some(200, 100)
	a, _ := positive(r, n, 1000, 1)
	single, tall := to[float32](a), normal(r, 300, n)
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	var want [][]float64
	for _, workers := range []int{1, 3} {
		runtime.GOMAXPROCS(workers)
		var w64 Workspace[float64]
		var w32 Workspace[float32]
		d, err := w64.Eigen(a, n)
		if err != nil {
			t.Fatal(err)
		}
		got := [][]float64{slices.Clone(d.Values), slices.Clone(d.Vectors)}
		for _, root := range []Root{{P: 4}, {P: 4, Method: ByNewton}, {P: 2, Method: ByNewton, Ridge: ShiftRelative, Eps: 1e-6}} {
			x, y := make([]float64, n*n), make([]float32, n*n)
			residual, err := w64.InverseRoot(x, a, n, root)
			residual32, err32 := w32.InverseRoot(y, single, n, root)
			if err != nil || err32 != nil {
				t.Fatal(err, err32)
			}
			got = append(got, x, to64(y), []float64{residual, residual32})
		}
		q := slices.Clone(tall)
		if err := w64.QR(q, 300, n); err != nil {
			t.Fatal(err)
		}
		got = append(got, q)
		if want == nil {
			want = got
		}
		for i := range got {
			if !slices.Equal(got[i], want[i]) {
				t.Errorf("%d workers change bits of result %d", workers, i)
			}
		}
	}
}

func TestRootNames(t *testing.T) {
	for i, name := range ridgeNames {
		var r Ridge
		if err := r.UnmarshalText([]byte(name)); err != nil || int(r) != i || r.String() != name {
			t.Errorf("%q reads as %v, %v", name, r, err)
		}
	}
	for i, name := range rootMethodNames {
		var m RootMethod
		if err := m.UnmarshalText([]byte(name)); err != nil || int(m) != i || m.String() != name {
			t.Errorf("%q reads as %v, %v", name, m, err)
		}
	}
	if err := new(Ridge).UnmarshalText([]byte("shiftt")); err == nil || fmt.Sprint(err) != `unknown ridge "shiftt"; did you mean "shift"?` {
		t.Error(err)
	}
}

// FuzzInverseRoot makes the upper triangle of a matrix from any bits: the result is an error or a finite root.
func FuzzInverseRoot(f *testing.F) {
	f.Add([]byte("\x00\x00\x80?\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x80?"), uint8(4), uint8(0))
	f.Add([]byte("\x00\x00\xa0@\x00\x00\x80@\x00\x00\x80@\x00\x00\xa0@"), uint8(2), uint8(5))
	f.Add([]byte("inverse roots of symmetric matrices, by eigenvalues and Newton's"), uint8(3), uint8(7))
	f.Fuzz(func(t *testing.T, data []byte, p, options uint8) {
		n := int(math.Sqrt(float64(len(data) / 4)))
		a := make([]float32, n*n)
		for i := range a {
			a[i] = math.Float32frombits(uint32(data[4*i]) | uint32(data[4*i+1])<<8 | uint32(data[4*i+2])<<16 | uint32(data[4*i+3])<<24)
		}
		root := Root{P: float64(p%33) / 4, Method: RootMethod(options & 1), Ridge: Ridge(options >> 1 % 5), Eps: float64(options>>4) / 1000}
		if root.P == 0 {
			return
		}
		var w Workspace[float32]
		x := slices.Repeat([]float32{7}, n*n)
		residual, err := w.InverseRoot(x, a, n, root)
		if err != nil {
			if n > 0 && x[0] != 7 || residual == residual {
				t.Fatalf("%+v of %v: %v, %v, %v", root, a, x, residual, err)
			}
			return
		}
		if slices.ContainsFunc(x, func(v float32) bool { return v-v != 0 }) || residual-residual != 0 {
			t.Fatalf("%+v of %v: %v, residual %v", root, a, x, residual)
		}
	})
}
