package matfun

import (
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"steepest/internal/simd"
)

// normal returns a rows × cols matrix of normal random numbers.
func normal(r *rand.Rand, rows, cols int) []float64 {
	x := make([]float64, rows*cols)
	for i := range x {
		x[i] = r.NormFloat64()
	}
	return x
}

// orthogonal returns a random orthogonal matrix, by Gram and Schmidt's method applied twice.
func orthogonal(r *rand.Rand, n int) []float64 {
	q := normal(r, n, n)
	for i := range n {
		row := q[i*n:][:n]
		for range 2 {
			for j := range i {
				simd.Axpy(-simd.Dot(row, q[j*n:][:n]), q[j*n:][:n], row)
			}
		}
		simd.Scal(1/simd.Nrm2(row), row)
	}
	return q
}

// withSingularValues returns a random matrix with the given singular values.
func withSingularValues(r *rand.Rand, rows, cols int, σ ...float64) []float64 {
	s := make([]float64, rows*cols)
	for i, v := range σ {
		s[i*cols+i] = v
	}
	return multiply(multiply(orthogonal(r, rows), s, rows, rows, cols), orthogonal(r, cols), rows, cols, cols)
}

// multiply computes the product of an m × k and a k × n matrix by its definition.
func multiply(a, b []float64, m, k, n int) []float64 {
	c := make([]float64, m*n)
	for i := range m {
		for j := range n {
			for l := range k {
				c[i*n+j] += a[i*k+l] * b[l*n+j]
			}
		}
	}
	return c
}

func transpose[T simd.Float](x []T, rows, cols int) []T {
	t := make([]T, len(x))
	for i := range rows {
		for j := range cols {
			t[j*rows+i] = x[i*cols+j]
		}
	}
	return t
}

func to[T simd.Float](x []float64) []T {
	y := make([]T, len(x))
	convert(y, x)
	return y
}

// distance returns ‖x − y‖_F/‖y‖_F, or ‖x‖_F for y = 0.
func distance[T simd.Float](x []T, y []float64) float64 {
	var d float64
	for i, v := range x {
		d += (float64(v) - y[i]) * (float64(v) - y[i])
	}
	if norm := simd.SumSquares(y); norm > 0 {
		return math.Sqrt(d / norm)
	}
	return math.Sqrt(d)
}

// reference computes an Iteration by its definition, with plain loops in float64.
func reference(x []float64, rows, cols int, it *Iteration) []float64 {
	if rows > cols {
		return transpose(reference(transpose(x, rows, cols), cols, rows, it), cols, rows)
	}
	gram := func() []float64 { return multiply(x, transpose(x, rows, cols), rows, cols, rows) }
	x = slices.Clone(x)
	divide := func(row []float64, norm float64) {
		if it.Safety != 0 {
			norm *= it.Safety
		}
		if it.Floor {
			norm = max(norm, it.Eps)
		} else {
			norm += it.Eps
		}
		for j := range row {
			row[j] /= norm
		}
	}
	switch it.Norm {
	case Frobenius:
		divide(x, math.Sqrt(simd.SumSquares(x)))
	case Schatten4:
		divide(x, math.Sqrt(math.Sqrt(simd.SumSquares(gram()))))
	case AOL:
		a := gram()
		for i := range rows {
			divide(x[i*cols:][:cols], math.Sqrt(simd.Asum(a[i*rows:][:rows])))
		}
	}
	rounded := func(v []float64) []float64 {
		if it.Products == Full {
			return v
		}
		return bfloat16(v)
	}
	if it.Products == StoredBF16 {
		x = bfloat16(x)
	}
	for k := range it.steps() {
		p, h := it.Table.Step(k), rounded(x)
		a := multiply(h, transpose(h, rows, cols), rows, cols, rows)
		if it.Products == StoredBF16 {
			a = bfloat16(a)
		}
		ha := rounded(a)
		poly := multiply(ha, ha, rows, rows, rows)
		for i := range poly {
			poly[i] = p[1]*a[i] + p[2]*poly[i]
		}
		next := multiply(rounded(poly), h, rows, rows, cols)
		for i := range next {
			next[i] += p[0] * x[i]
		}
		if x = next; it.Products == StoredBF16 {
			x = bfloat16(x)
		}
	}
	return x
}

// bfloat16 rounds to nearest, ties to even.
func bfloat16(v []float64) []float64 {
	out := make([]float64, len(v))
	for i, e := range v {
		fraction, exponent := math.Frexp(e)
		out[i] = math.Ldexp(math.RoundToEven(math.Ldexp(fraction, 8)), exponent-8)
	}
	return out
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

var shapes = [][2]int{{1, 1}, {1, 9}, {9, 1}, {2, 3}, {7, 7}, {33, 65}, {65, 33}, {70, 70}}

// some returns how many cases to run: all, or few in a short test.
func some(all, few int) int {
	if testing.Short() {
		return few
	}
	return all
}

// slope returns the largest factor by which the iteration magnifies a difference between singular values in [0, 1], and so a
// rounding error of the start.
func slope(it *Iteration) float64 {
	const points = 1 << 14
	var largest, before float64
	for i := 1; i <= points; i++ {
		y := it.Table.At(float64(i)/points, it.steps())
		largest, before = max(largest, math.Abs(y-before)*points), y
	}
	return largest
}

// TestReference compares every preset, in float64 and float32, with plain loops.
func TestReference(t *testing.T) {
	eachImplementation(t, func(t *testing.T) {
		var w64 Workspace[float64]
		var w32 Workspace[float32]
		r := rand.New(rand.NewPCG(1, 2))
		shapes := shapes[:some(len(shapes), 6)]
		for p := range Exact {
			it := p.Iteration()
			magnified := slope(it)
			for _, s := range shapes {
				g := normal(r, s[0], s[1])
				want := reference(g, s[0], s[1], it)
				got := slices.Clone(g)
				if err := w64.Iterate(got, s[0], s[1], it); err != nil || distance(got, want) > 0x1p-50*magnified {
					t.Errorf("%v, %v: %v, off by %g", p, s, err, distance(got, want))
				}
				single := to[float32](g)
				if err := w32.Iterate(single, s[0], s[1], it); err != nil || distance(single, want) > 0x1p-20*magnified {
					t.Errorf("%v, %v in float32: %v, off by %g", p, s, err, distance(single, want))
				}
			}
		}
	})
}

// TestOptions compares the norms and their options with plain loops, on matrices so small that ε matters.
func TestOptions(t *testing.T) {
	var w Workspace[float64]
	r := rand.New(rand.NewPCG(3, 4))
	for norm := range AOL + 1 {
		for _, it := range []Iteration{{}, {Eps: 1e-3}, {Eps: 0.1, Floor: true}, {Safety: 1.25, Eps: 0.01}, {Steps: 3}, {Steps: 9}} {
			it.Table, it.Norm = KellerJordan, norm
			for _, scale := range []float64{1, 1e-3, 1e-70, 1e70} {
				for _, s := range shapes[:some(len(shapes), 5)] {
					g := normal(r, s[0], s[1])
					simd.Scal(scale, g)
					want := reference(g, s[0], s[1], &it)
					if err := w.Iterate(g, s[0], s[1], &it); err != nil || distance(g, want) > 1e-12 {
						t.Errorf("%+v of %g·%v: %v, off by %g", it, scale, s, err, distance(g, want))
					}
				}
			}
		}
	}
}

// TestBF16IsExact uses matrices of ±⅛. Their sums are exact in float32 in the first step and nearly so in the second, so only
// the rounding of operands matters.
func TestBF16IsExact(t *testing.T) {
	eachImplementation(t, func(t *testing.T) {
		r := rand.New(rand.NewPCG(5, 6))
		for _, s := range [][2]int{{4, 16}, {16, 4}, {8, 8}} {
			for _, products := range []Precision{BF16, StoredBF16} {
				x := make([]float64, 64)
				for i := range x {
					x[i] = float64(2*r.IntN(2) - 1)
				}
				it := &Iteration{Table: Quintic, Steps: 2, Products: products}
				want := reference(x, s[0], s[1], it)
				var w32 Workspace[float32]
				single := to[float32](x)
				if err := w32.Iterate(single, s[0], s[1], it); err != nil || distance(single, want) > 0x1p-23 {
					t.Errorf("%v, %v: %v, %v, want %v", s, products, err, single, want)
				}
				var w64 Workspace[float64]
				if err := w64.Iterate(x, s[0], s[1], it); err != nil || distance(x, want) > 0x1p-23 {
					t.Errorf("%v, %v from float64: %v, %v, want %v", s, products, err, x, want)
				}
			}
		}
	})
}

// TestBF16 compares one step of each table, and all steps, with loops that round where the iteration does. The order of sums
// differs, so a few elements round to the other bfloat16 neighbor, and later steps magnify this.
func TestBF16(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 8))
	var w Workspace[float32]
	for p := range Preset(some(int(Exact), 1)) {
		for _, products := range []Precision{BF16, StoredBF16} {
			for steps, limit := range map[int]float64{1: 1e-3, p.Iteration().steps(): 0x1p-5} {
				it := *p.Iteration()
				it.Products, it.Steps = products, steps
				for _, s := range [][2]int{{33, 65}, {65, 33}, {48, 96}, {600, 40}} {
					g := to[float32](normal(r, s[0], s[1]))
					want := reference(to64(g), s[0], s[1], &it)
					if err := w.Iterate(g, s[0], s[1], &it); err != nil || distance(g, want) > limit {
						t.Errorf("%v, %v, %v, %d steps: %v, off by %g", p, products, s, steps, err, distance(g, want))
					}
				}
			}
		}
	}
}

// TestBF16OfLarge compares two steps on matrices whose operands do not fit a cache with steps in float32, to the precision of bfloat16,
// and compares the results of different numbers of workers.
func TestBF16OfLarge(t *testing.T) {
	if testing.Short() {
		t.Skip("long")
	}
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	r := rand.New(rand.NewPCG(19, 20))
	sizes := [][2]int{{1000, 1050}, {1100, 1000}}
	if simd.Newest() == simd.Portable { // portable code is the same for large matrices
		sizes = [][2]int{{240, 300}}
	}
	for _, s := range sizes {
		g := to[float32](normal(r, s[0], s[1]))
		var first []float32
		for _, workers := range []int{1, 3} {
			runtime.GOMAXPROCS(workers)
			var w Workspace[float32]
			it := *Keller.Iteration()
			it.Steps, it.Products = 2, BF16
			got := slices.Clone(g)
			if err := w.Iterate(got, s[0], s[1], &it); err != nil {
				t.Fatal(err)
			}
			if first == nil {
				first = got
				it.Products = Full
				want := slices.Clone(g)
				if err := w.Iterate(want, s[0], s[1], &it); err != nil || distance(got, to64(want)) > 0x1p-11 {
					t.Errorf("%v: %v, off by %g", s, err, distance(got, to64(want)))
				}
			}
			if !slices.Equal(got, first) {
				t.Errorf("%v: %d workers change bits", s, workers)
			}
		}
	}
}

func to64[T simd.Float](x []T) []float64 {
	y := make([]float64, len(x))
	convert(y, x)
	return y
}

// TestConverges: an iteration that takes [10⁻³, 1] to 1 makes the singular values of a matrix 1, up to the rounding of its products,
// n·2⁻⁵³ for n terms. The residual agrees.
func TestConverges(t *testing.T) {
	r := rand.New(rand.NewPCG(9, 10))
	var w Workspace[float64]
	for _, p := range []Preset{Express, Paper, Schulz} {
		for _, s := range [][2]int{{40, 40}, {30, 100}, {100, 30}} {
			σ := make([]float64, min(s[0], s[1]))
			for i := range σ {
				σ[i] = math.Pow(0.004, float64(i)/float64(len(σ)-1))
			}
			rounding := float64(max(s[0], s[1])) * 0x1p-53
			g := withSingularValues(r, s[0], s[1], σ...)
			residual, err := w.Polar(g, s[0], s[1], p.Iteration())
			if err != nil || !(residual <= 2*math.Sqrt(float64(len(σ)))*rounding) {
				t.Errorf("%v, %v: residual %g, %v", p, s, residual, err)
			}
			after, err := w.SingularValues(g, s[0], s[1])
			for _, v := range after {
				if err != nil || math.Abs(v-1) > rounding {
					t.Errorf("%v, %v: singular value 1 + %g, %v", p, s, v-1, err)
				}
			}
		}
	}
}

// TestPublishedBand: five steps of Polar Express take the singular values of a matrix to [0.8589, 1.1411], to rounding.
func TestPublishedBand(t *testing.T) {
	r := rand.New(rand.NewPCG(11, 12))
	var w Workspace[float64]
	σ := make([]float64, 50)
	for i := range σ {
		σ[i] = math.Pow(0.003, float64(i)/49)
	}
	g := withSingularValues(r, 50, 60, σ...)
	if err := w.Iterate(g, 50, 60, Speedrun.Iteration()); err != nil {
		t.Fatal(err)
	}
	after, err := w.SingularValues(g, 50, 60)
	if err != nil || after[0] > 1.1411275 || after[49] < 0.8588725 {
		t.Errorf("the band is [%v, %v], %v", after[49], after[0], err)
	}
}

// TestExact makes matrices UΣVᵀ, of full and of lower rank, and compares with UVᵀ.
func TestExact(t *testing.T) {
	r := rand.New(rand.NewPCG(13, 14))
	var w64 Workspace[float64]
	var w32 Workspace[float32]
	for _, s := range shapes {
		for _, rank := range []int{min(s[0], s[1]), min(s[0], s[1]) / 2} {
			u, v := orthogonal(r, s[0]), orthogonal(r, s[1])
			σ, one := make([]float64, s[0]*s[1]), make([]float64, s[0]*s[1])
			for i := range rank {
				σ[i*s[1]+i], one[i*s[1]+i] = 0.5+r.Float64(), 1
			}
			product := func(d []float64) []float64 {
				return multiply(multiply(u, d, s[0], s[0], s[1]), v, s[0], s[1], s[1])
			}
			g, want := product(σ), product(one)
			single := to[float32](g)
			residual, err := w64.Polar(g, s[0], s[1], nil)
			if expected := math.Sqrt(float64(min(s[0], s[1]) - rank)); err != nil || distance(g, want) > 1e-13 || math.Abs(residual-expected) > 1e-12 {
				t.Errorf("%v of rank %d: off by %g, residual %g, %v", s, rank, distance(g, want), residual, err)
			}
			if err := w32.Iterate(single, s[0], s[1], nil); err != nil || distance(single, want) > 1e-6 {
				t.Errorf("%v of rank %d in float32: off by %g, %v", s, rank, distance(single, want), err)
			}
		}
	}
}

// matrix is a small matrix that rapid draws. Its elements are multiples of 1/64 below 4 in magnitude.
type matrix struct {
	x          []float64
	rows, cols int
}

func drawMatrix(t *rapid.T) matrix {
	rows, cols := rapid.IntRange(1, 12).Draw(t, "rows"), rapid.IntRange(1, 12).Draw(t, "cols")
	number := rapid.Map(rapid.IntRange(-255, 255), func(i int) float64 { return float64(i) / 64 })
	return matrix{rapid.SliceOfN(number, rows*cols, rows*cols).Draw(t, "x"), rows, cols}
}

func drawIteration(t *rapid.T) (*Iteration, string) {
	p := Preset(rapid.IntRange(0, int(Exact)).Draw(t, "preset"))
	if p == Exact {
		return nil, "exact"
	}
	it := *p.Iteration()
	it.Eps = 0
	return &it, p.String()
}

// conditioned reports whether no singular value is near 0, so that the polar factor does not magnify rounding errors.
func (m matrix) conditioned() bool {
	var w Workspace[float64]
	σ, err := w.SingularValues(m.x, m.rows, m.cols)
	return err == nil && σ[len(σ)-1] > 1e-2*σ[0]
}

func (m matrix) iterate(t *rapid.T, it *Iteration) []float64 {
	var w Workspace[float64]
	y := slices.Clone(m.x)
	if err := w.Iterate(y, m.rows, m.cols, it); err != nil {
		t.Fatal(err)
	}
	return y
}

func (m matrix) transposed() matrix { return matrix{transpose(m.x, m.rows, m.cols), m.cols, m.rows} }

// TestProperties: the factor of the transpose is the transpose of the factor. Scaling by a power of 2 changes no bit, scaling by
// another factor only rounding. U(QGP) = Q·U(G)·P for orthogonal Q and P, except with AOL.
func TestProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := drawMatrix(t)
		it, name := drawIteration(t)
		if !m.conditioned() {
			return
		}
		const rounding = 1e-10 // after the steepest iteration has magnified it
		want := m.iterate(t, it)
		same := func(what string, got []float64, limit float64) {
			t.Helper()
			if d := distance(got, want); d > limit {
				t.Fatalf("%s, %s: off by %g", name, what, d)
			}
		}
		aol := it != nil && it.Norm == AOL
		if back := m.transposed(); !aol || m.rows != m.cols { // AOL scales the rows of a square matrix
			same("transposed", transpose(back.iterate(t, it), back.rows, back.cols), rounding)
		}

		scaled := matrix{slices.Clone(m.x), m.rows, m.cols}
		simd.Scal(math.Ldexp(1, rapid.IntRange(-400, 400).Draw(t, "power")), scaled.x)
		if it != nil {
			same("times a power of 2", scaled.iterate(t, it), 0)
		}
		simd.Scal(math.Pi, scaled.x)
		same("times π", scaled.iterate(t, it), rounding)

		if aol {
			return
		}
		r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0))
		q, p := orthogonal(r, m.rows), orthogonal(r, m.cols)
		turn := func(x []float64) []float64 {
			return multiply(multiply(q, x, m.rows, m.rows, m.cols), p, m.rows, m.cols, m.cols)
		}
		turned := matrix{turn(m.x), m.rows, m.cols}
		want = turn(want)
		same("turned", turned.iterate(t, it), rounding)
	})
}

// TestScaleFloat32 scales matrices of float32 so that squares overflow or vanish.
func TestScaleFloat32(t *testing.T) {
	r := rand.New(rand.NewPCG(15, 16))
	var w Workspace[float32]
	g := to[float32](normal(r, 20, 30))
	for p := range Exact {
		for _, products := range []Precision{Full, BF16, StoredBF16} {
			it := *p.Iteration()
			it.Eps, it.Products = 0, products
			want := slices.Clone(g)
			if err := w.Iterate(want, 20, 30, &it); err != nil {
				t.Fatal(err)
			}
			for _, power := range []int{-110, -64, 64, 100, 125} {
				got := slices.Clone(g)
				simd.Scal(float32(math.Ldexp(1, power)), got)
				if err := w.Iterate(got, 20, 30, &it); err != nil || !slices.Equal(got, want) {
					t.Errorf("%v, %v: a factor of 2^%d changes bits, %v", p, products, power, err)
				}
			}
		}
	}
}

// TestDegenerate: zero stays zero, singular matrices keep their null spaces, empty matrices are no error, and denormal numbers do not
// count as 0.
func TestDegenerate(t *testing.T) {
	for p := range Exact + 1 {
		degenerate[float32](t, p, math.SmallestNonzeroFloat32)
		degenerate[float64](t, p, math.SmallestNonzeroFloat64)
	}
}

func degenerate[T simd.Float](t *testing.T, p Preset, smallest T) {
	var w Workspace[T]
	it := p.Iteration()
	for _, s := range append(shapes, [2]int{0, 0}, [2]int{0, 3}, [2]int{3, 0}) {
		zero := make([]T, s[0]*s[1])
		residual, err := w.Polar(zero, s[0], s[1], it)
		if want := math.Sqrt(float64(min(s[0], s[1]))); err != nil || simd.Asum(zero) != 0 || residual != want {
			t.Errorf("%v of 0, %v, becomes %v, residual %v, %v", p, s, zero, residual, err)
		}
		for _, v := range []T{1, smallest, -3 * smallest, 1e30} {
			x := slices.Repeat([]T{v}, s[0]*s[1])
			if err := w.Iterate(x, s[0], s[1], it); err != nil {
				t.Errorf("%v of %v everywhere, %v: %v", p, v, s, err)
			}
			for _, e := range x {
				if e != x[0] && math.Abs(float64(e-x[0])) > 1e-5 || p < Exact && it.Eps == 0 && p != Turbo && (e > 0) != (v > 0) {
					t.Fatalf("%v of %v everywhere, %v: %v", p, v, s, x)
				}
			}
		}
	}
}

func TestNotFinite(t *testing.T) {
	for p := range Exact + 1 {
		for _, products := range []Precision{Full, BF16, StoredBF16} {
			it := p.Iteration()
			if it != nil {
				copied := *it
				it, copied.Products = &copied, products
			}
			notFinite[float32](t, p, it)
			notFinite[float64](t, p, it)
		}
	}
}

func notFinite[T simd.Float](t *testing.T, p Preset, it *Iteration) {
	var w Workspace[T]
	for _, bad := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
		for at := range 6 {
			x := []T{1, 2, 3, 4, 5, 6}
			x[at] = T(bad)
			before := slices.Clone(x)
			residual, err := w.Polar(x, 2, 3, it)
			want := fmt.Sprintf("element (%d, %d) of the 2 × 3 matrix is %v", at/3, at%3, bad)
			if err == nil || err.Error() != want || residual == residual {
				t.Errorf("%v: %v, residual %v, want %q", p, err, residual, want)
			}
			for i, v := range x {
				if v != before[i] && (v == v || before[i] == before[i]) {
					t.Errorf("%v: an error changes %v to %v", p, before, x)
				}
			}
		}
	}
}

func TestDiverges(t *testing.T) {
	var w Workspace[float32]
	err := w.Iterate([]float32{1, 0, 0, 1}, 2, 2, &Iteration{Table: Table{{0, 0, 1e9}}, Steps: 9})
	if err == nil || !strings.Contains(err.Error(), "2 × 2 matrix diverges") {
		t.Error(err)
	}
}

func TestContract(t *testing.T) {
	var w Workspace[float64]
	for what, call := range map[string]func(){
		"elements": func() { w.Iterate(make([]float64, 5), 2, 3, nil) },
		"rows":     func() { w.Iterate(nil, -1, 0, nil) },
		"table":    func() { w.Iterate(make([]float64, 6), 2, 3, &Iteration{}) },
		"steps":    func() { w.Iterate(make([]float64, 6), 2, 3, &Iteration{Table: Cubic, Steps: -1}) },
		"apply":    func() { w.Apply(Odd{}, make([]float64, 6), make([]float64, 5), make([]float64, 6), 2, 3) },
		"sum":      func() { w.IterateSum(make([]float64, 5), make([]float64, 6), nil, 2, 3, Keller.Iteration()) },
		"weights":  func() { w.IterateSum(make([]float64, 6), make([]float64, 6), TenthPower, 2, 3, Keller.Iteration()) },
	} {
		if !panics(call) {
			t.Errorf("wrong %s are taken", what)
		}
	}
}

// TestSum: IterateSum returns the sum of the iterates of plain loops, and X with the bits of Iterate.
func TestSum(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 5))
	weights := []float64{0.5, -0.25, 2}
	for _, s := range [][2]int{{7, 9}, {12, 5}, {4, 4}} {
		for _, preset := range []Preset{Keller, TwelveQuintic, Turbo} {
			it := preset.Iteration()
			x := normal(r, s[0], s[1])
			got, sum, want := slices.Clone(x), make([]float64, len(x)), make([]float64, len(x))
			for k, weight := range weights {
				first := *it
				if first.Steps = k; k == 0 {
					first.Table, first.Steps = Table{{1, 0, 0}}, 1
				}
				simd.Axpy(weight, reference(x, s[0], s[1], &first), want)
			}
			var w Workspace[float64]
			if err := w.IterateSum(sum, got, weights, s[0], s[1], it); err != nil {
				t.Fatal(err)
			}
			if d := distance(sum, want); !(d < 1e-13) {
				t.Errorf("%v, %v: the sum is off by %v", preset, s, d)
			}
			if err := w.Iterate(x, s[0], s[1], it); err != nil || !slices.Equal(got, x) {
				t.Errorf("%v, %v: other iterates than without a sum: %v", preset, s, err)
			}
		}
	}
}

// TestSameBits compares the bits of several numbers of workers, and of a Batch and a Workspace.
func TestSameBits(t *testing.T) {
	sameBits[float32](t)
	sameBits[float64](t)
}

func sameBits[T simd.Float](t *testing.T) {
	r := rand.New(rand.NewPCG(17, 18))
	var matrices, want []stored[T]
	for _, s := range [][2]int{{150, 200}, {5, 9}, {200, 70}, {0, 4}, {130, 130}, {1, 80}, {600, 40}} {
		matrices = append(matrices, stored[T]{to[T](normal(r, s[0], s[1])), s[0], s[1]})
	}
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	presets := []Preset{Keller, Turbo, Exact}
	for _, p := range presets[:some(len(presets), 1)] {
		for _, products := range []Precision{Full, BF16} {
			it := p.Iteration()
			if it != nil {
				copied := *it
				it, copied.Products = &copied, products
			}
			want = nil
			for _, workers := range []int{1, 3} {
				runtime.GOMAXPROCS(workers)
				var w Workspace[T]
				single, batch := cloned(matrices), cloned(matrices)
				for _, m := range single {
					if err := w.Iterate(m.data, m.rows, m.cols, it); err != nil {
						t.Fatal(err)
					}
				}
				if want == nil {
					want = single
				}
				var b Batch[T]
				if err := b.Do(len(batch), func(w *Workspace[T], i int) error {
					return w.Iterate(batch[i].data, batch[i].rows, batch[i].cols, it)
				}); err != nil {
					t.Fatal(err)
				}
				for i := range want {
					if !slices.Equal(single[i].data, want[i].data) || !slices.Equal(batch[i].data, want[i].data) {
						t.Errorf("%v, %v: matrix %d has other bits with %d workers or in a batch", p, products, i, workers)
					}
				}
			}
		}
	}
}

type stored[T simd.Float] struct {
	data       []T
	rows, cols int
}

func cloned[T simd.Float](matrices []stored[T]) []stored[T] {
	all := slices.Clone(matrices)
	for i := range all {
		all[i].data = slices.Clone(all[i].data)
	}
	return all
}

// FuzzIterate makes a matrix from any bits. The result is an error, or finite and near the unit ball.
func FuzzIterate(f *testing.F) {
	f.Add([]byte("\x00\x00\x80?\x00\x00\x00\xc0\x01\x00\x00\x00\xff\xff\x7f\x7f"), uint8(2), uint8(0))
	f.Add([]byte("steepest descent in the spectral norm"), uint8(3), uint8(7))
	f.Add([]byte("0000"), uint8(1), uint8(CANS)) // rounding makes σ larger than 1, and then the iteration diverges
	f.Fuzz(func(t *testing.T, data []byte, rows, preset uint8) {
		p := Preset(preset) % (Exact + 1)
		n, m := len(data)/4, max(1, int(rows%16))
		x := make([]float32, n/m*m)
		for i := range x {
			x[i] = math.Float32frombits(uint32(data[4*i]) | uint32(data[4*i+1])<<8 | uint32(data[4*i+2])<<16 | uint32(data[4*i+3])<<24)
		}
		finite := !slices.ContainsFunc(x, func(v float32) bool { return v-v != 0 })
		for _, products := range []Precision{Full, BF16, StoredBF16} {
			it := p.Iteration()
			if it != nil {
				copied := *it
				it, copied.Products = &copied, products
			}
			var w Workspace[float32]
			y := slices.Clone(x)
			residual, err := w.Polar(y, m, n/m, it)
			if err == nil && !finite || err != nil && finite && (p != CANS || products == Full) {
				t.Fatalf("%v, %v of %v: %v", p, products, x, err)
			}
			if err == nil && !(residual <= 2*math.Sqrt(float64(min(m, n/m)))) {
				t.Fatalf("%v, %v of %v: %v, residual %v", p, products, x, y, residual)
			}
		}
	})
}
