package norm_test

import (
	"encoding/binary"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"steepest/internal/simd"
	"steepest/optim/norm"
)

var (
	families  = []func(p float64) norm.Norm{norm.Lp, norm.Rows, norm.Columns, norm.Schatten}
	exponents = []float64{1, 1 + 0x1p-52, 1.0001, 1.3, 2, 3, 50, 1e6, 1e300, inf}
)

func everyNorm() (all []norm.Norm) {
	for _, family := range families {
		for _, p := range exponents {
			if n := family(p); !slices.Contains(all, n) {
				all = append(all, n)
			}
		}
	}
	return all
}

type matrix[T simd.Float] struct {
	data       []T
	rows, cols int
}

// drawMatrix draws a matrix of up to 7 rows and columns, of several difficult kinds.
func drawMatrix[T simd.Float](t *rapid.T) matrix[T] {
	largest, smallest := math.MaxFloat64, 0x1p-1074
	if _, ok := any(T(0)).(float32); ok {
		largest, smallest = math.MaxFloat32, 0x1p-149
	}
	rows, cols := rapid.IntRange(0, 7).Draw(t, "rows"), rapid.IntRange(0, 7).Draw(t, "cols")
	m := matrix[T]{make([]T, rows*cols), rows, cols}
	r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0))
	fill := func(f func(i, j int) float64) {
		for i := range m.data {
			m.data[i] = T(f(i/cols, i%cols))
		}
	}
	switch sort := rapid.SampledFrom([]string{
		"zero", "normal", "ties", "sparse", "rank one", "rank two", "tiny", "tiniest", "huge", "uneven", "uneven rows",
		"nearly singular",
	}).Draw(t, "sort"); sort {
	case "normal":
		fill(func(int, int) float64 { return r.NormFloat64() })
	case "ties":
		fill(func(int, int) float64 { return float64(r.IntN(3) - 1) })
	case "sparse":
		fill(func(int, int) float64 { return max(0, r.NormFloat64()-1) })
	case "rank one":
		fill(func(i, j int) float64 { return float64((i + 1) * (2*j - 5)) })
	case "rank two":
		fill(func(i, j int) float64 { return float64(i*i - 3*j) })
	case "tiny":
		fill(func(int, int) float64 { return r.NormFloat64() * smallest * 1e6 })
	case "tiniest":
		fill(func(int, int) float64 { return float64(r.IntN(5)-2) * smallest })
	case "huge":
		fill(func(int, int) float64 { return (2*r.Float64() - 1) * largest })
	case "uneven":
		fill(func(int, int) float64 { return r.NormFloat64() * math.Pow(largest/10, 2*r.Float64()-1) })
	case "uneven rows":
		fill(func(i, _ int) float64 { return r.NormFloat64() * math.Pow(largest/10, float64(i-3)/4) })
	case "nearly singular":
		fill(func(i, j int) float64 { return float64(i*j) + 1e-15*r.NormFloat64() })
	}
	return m
}

// TestCertificate: the certificate of an lmo holds for all norms and matrices, and LMO returns the dual norm.
func TestCertificate(t *testing.T) {
	t.Run("float64", func(t *testing.T) { testCertificate[float64](t, 1e-13) })
	t.Run("float32", func(t *testing.T) { testCertificate[float32](t, 1e-5) })
}

func testCertificate[T simd.Float](t *testing.T, tolerance float64) {
	norms := everyNorm()
	oracles := make([]norm.Oracle[T], len(norms)) // each oracle sees many matrices, so that memory left from one cannot hide an error in the next
	rapid.Check(t, func(t *rapid.T) {
		g := drawMatrix[T](t)
		for i, n := range norms {
			o := &oracles[i]
			o.Norm = n
			certify(t, o, g, tolerance)
		}
	})
}

func certify[T simd.Float](t failer, o *norm.Oracle[T], g matrix[T], tolerance float64) {
	d, before := make([]T, len(g.data)), slices.Clone(g.data)
	dual, err := o.LMO(d, g.data, g.rows, g.cols)
	if err != nil {
		t.Fatalf("%v of %v: %v", o.Norm, g, err)
	}
	if !slices.Equal(g.data, before) {
		t.Fatalf("LMO of %v changes g = %v", o.Norm, before)
	}
	if gap, excess, err := o.Certify(g.data, d, g.rows, g.cols); err != nil {
		t.Fatalf("%v: gap %v, excess %v; %v of %v is %v", err, gap, excess, o.Norm, g, d)
	}
	if want, err := o.Dual(g.data, g.rows, g.cols); err != nil || dual != want && !near(dual, want, tolerance*want) {
		t.Fatalf("%v: %v of %v has the dual norm %v, and %v by LMO", err, o.Norm, g, want, dual)
	}
	if again, err := o.LMO(before, before, g.rows, g.cols); err != nil || again != dual || !slices.Equal(before, d) {
		t.Fatalf("%v: %v of %v is %v, and %v if it goes to g", err, o.Norm, g, d, before)
	}
	for i, v := range g.data {
		if v == 0 && o.Norm == norm.LInf && d[i] != 0 {
			t.Fatalf("lmo of 0 is %v", d[i])
		}
	}
}

type failer interface {
	Fatalf(format string, args ...any)
}

// FuzzLMO makes matrices from any bits. Matrices that are not finite are errors that change nothing. All others have a certificate.
func FuzzLMO(f *testing.F) {
	f.Add([]byte("two rows of floats of thirty-two bytes"), uint8(2), uint8(0), 3.0, true)
	f.Add([]byte{0, 0, 0x80, 0x7f, 0, 0, 0x80, 0x7f}, uint8(1), uint8(3), inf, true) // infinities
	f.Add([]byte{1, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xef, 0x7f}, uint8(1), uint8(1), 1.0, false)
	f.Fuzz(func(t *testing.T, bits []byte, rows, family uint8, p float64, single bool) {
		if !(p >= 1) {
			return
		}
		n := families[int(family)%len(families)](p)
		if single {
			var x []float32
			for ; len(bits) >= 4 && len(x) < 64; bits = bits[4:] {
				x = append(x, math.Float32frombits(binary.LittleEndian.Uint32(bits)))
			}
			fuzzLMO(t, n, x, int(rows), 1e-5)
		} else {
			var x []float64
			for ; len(bits) >= 8 && len(x) < 64; bits = bits[8:] {
				x = append(x, math.Float64frombits(binary.LittleEndian.Uint64(bits)))
			}
			fuzzLMO(t, n, x, int(rows), 1e-13)
		}
	})
}

func fuzzLMO[T simd.Float](t *testing.T, n norm.Norm, x []T, rows int, tolerance float64) {
	rows = min(max(rows, 1), max(len(x), 1))
	g := matrix[T]{x[:len(x)/rows*rows], rows, len(x) / rows}
	o := norm.Oracle[T]{Norm: n}
	if slices.ContainsFunc(g.data, func(v T) bool { return v-v != 0 }) {
		refuse(t, &o, g)
		return
	}
	certify(t, &o, g, tolerance)
}

// refuse fails unless all methods return an error for g and do not change their destination.
func refuse[T simd.Float](t failer, o *norm.Oracle[T], g matrix[T]) {
	dst := make([]T, len(g.data))
	for i := range dst {
		dst[i] = T(i)
	}
	before := slices.Clone(dst)
	_, value := o.Value(g.data, g.rows, g.cols)
	_, dual := o.Dual(g.data, g.rows, g.cols)
	_, lmo := o.LMO(dst, g.data, g.rows, g.cols)
	regularized := o.Regularized(dst, g.data, g.rows, g.cols, 1)
	normalized := o.Normalized(dst, g.data, g.rows, g.cols, 1)
	_, _, first := o.Certify(g.data, dst, g.rows, g.cols)
	_, _, second := o.Certify(dst, g.data, g.rows, g.cols)
	for i, err := range []error{value, dual, lmo, regularized, normalized, first, second} {
		if err == nil {
			t.Fatalf("method %d of %v takes %v", i, o.Norm, g)
		}
	}
	if !slices.Equal(dst, before) {
		t.Fatalf("an error of %v leaves %v, was %v", o.Norm, dst, before)
	}
}

func TestNotFinite(t *testing.T) {
	for _, n := range everyNorm() {
		for _, bad := range []float64{inf, -inf, math.NaN()} {
			for i := range 6 {
				g := matrix[float64]{[]float64{1, 2, 3, 4, 5, 6}, 2, 3}
				g.data[i] = bad
				o := norm.Oracle[float64]{Norm: n}
				refuse(t, &o, g)
				want := fmt.Sprintf("element (%d, %d) of the 2 × 3 matrix is %v", i/3, i%3, bad)
				if _, err := o.LMO(g.data, g.data, 2, 3); err.Error() != want {
					t.Errorf("%v, want %s", err, want)
				}
			}
		}
	}
}

// moderate draws a matrix of several rows and columns, without ties and far from singular. There lmo is a continuous function, so
// tolerances of the size of n·ε suffice for all norms.
func moderate(t *rapid.T) matrix[float64] {
	rows, cols := rapid.IntRange(1, 7).Draw(t, "rows"), rapid.IntRange(1, 7).Draw(t, "cols")
	r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))
	m := matrix[float64]{normal(r, rows*cols), rows, cols}
	for i := 0; i < min(rows, cols); i++ {
		m.data[i*cols+i] += float64(10 * (i + 1))
	}
	return m
}

func normal(r *rand.Rand, n int) []float64 {
	x := make([]float64, n)
	for i := range x {
		x[i] = r.NormFloat64()
	}
	return x
}

// lmo returns lmo(g) and ‖g‖*.
func lmo(t failer, n norm.Norm, g matrix[float64]) (matrix[float64], float64) {
	d := matrix[float64]{make([]float64, len(g.data)), g.rows, g.cols}
	dual, err := (&norm.Oracle[float64]{Norm: n}).LMO(d.data, g.data, g.rows, g.cols)
	if err != nil {
		t.Fatalf("%v", err)
	}
	return d, dual
}

func value(t failer, n norm.Norm, x matrix[float64]) float64 {
	v, err := (&norm.Oracle[float64]{Norm: n}).Value(x.data, x.rows, x.cols)
	if err != nil {
		t.Fatalf("%v", err)
	}
	return v
}

func inner(x, y matrix[float64]) (s float64) {
	for i, v := range x.data {
		s += v * y.data[i]
	}
	return s
}

// combine returns ax + by.
func combine(a float64, x matrix[float64], b float64, y matrix[float64]) matrix[float64] {
	z := matrix[float64]{make([]float64, len(x.data)), x.rows, x.cols}
	for i, v := range x.data {
		z.data[i] = a*v + b*y.data[i]
	}
	return z
}

func distance(x, y matrix[float64]) (d float64) {
	for i, v := range x.data {
		d = max(d, math.Abs(v-y.data[i]))
	}
	return d
}

// TestOptimality: no point of the unit sphere is better than lmo(g), no other point makes the objectives of the two steps smaller, and
// these objectives have the values of the theory.
func TestOptimality(t *testing.T) {
	norms := everyNorm()
	rapid.Check(t, func(t *rapid.T) {
		g := moderate(t)
		n := rapid.SampledFrom(norms).Draw(t, "norm")
		α := rapid.Float64Range(0.01, 10).Draw(t, "alpha")
		r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 2))
		x := matrix[float64]{normal(r, len(g.data)), g.rows, g.cols}
		d, dual := lmo(t, n, g)

		o := norm.Oracle[float64]{Norm: n}
		regularized, normalized := combine(1, x, 0, x), combine(1, x, 0, x)
		if err := o.Regularized(regularized.data, g.data, g.rows, g.cols, α); err != nil {
			t.Fatalf("%v", err)
		}
		if err := o.Normalized(normalized.data, g.data, g.rows, g.cols, α); err != nil {
			t.Fatalf("%v", err)
		}
		penalized := func(y matrix[float64]) float64 {
			step := combine(1, y, -1, x)
			size := value(t, n, step)
			return inner(g, step) + size*size/(2*α)
		}
		rounding := 1e-12 * (1 + α) * (1 + dual*dual)
		least := penalized(regularized)
		if !near(least, -α*dual*dual/2, rounding) {
			t.Fatalf("the regularized step of %v takes the objective to %v, want −α‖g‖*²/2 = %v", n, least, -α*dual*dual/2)
		}
		step := combine(1, normalized, -1, x)
		if size := value(t, n, step); !near(size, α, 1e-12*(1+α)) || !near(inner(g, step), -α*dual, rounding) {
			t.Fatalf("the normalized step of %v has the norm %v, want %v, and gains %v, want %v",
				n, size, α, inner(g, step), -α*dual)
		}
		for range 10 {
			y := matrix[float64]{normal(r, len(g.data)), g.rows, g.cols}
			if r.IntN(2) == 0 {
				y = combine(1, d, 0.1, y) // near the best
			}
			y = combine(1/value(t, n, y), y, 0, y)
			if got := inner(g, y); got < -dual-rounding {
				t.Fatalf("%v: ⟨g, %v⟩ = %v for g = %v is less than −‖g‖* = %v", n, y, got, g, -dual)
			}
			if got := penalized(combine(1, regularized, math.Exp(-r.ExpFloat64()), y)); got < least-rounding {
				t.Fatalf("%v: %v is less than the objective %v of the regularized step for g = %v", n, got, least, g)
			}
		}
	})
}

// TestNorm: norms are norms, and the dual of the dual of a norm is the norm.
func TestNorm(t *testing.T) {
	norms := everyNorm()
	rapid.Check(t, func(t *rapid.T) {
		x := moderate(t)
		n := rapid.SampledFrom(norms).Draw(t, "norm")
		y := matrix[float64]{normal(rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 3)), len(x.data)), x.rows, x.cols}
		a := rapid.Float64Range(-10, 10).Draw(t, "a")
		ofX, ofY := value(t, n, x), value(t, n, y)
		if sum := value(t, n, combine(1, x, 1, y)); sum > (ofX+ofY)*(1+1e-14) {
			t.Fatalf("%v: ‖x + y‖ = %v > %v + %v", n, sum, ofX, ofY)
		}
		if got := value(t, n, combine(a, x, 0, x)); !near(got, math.Abs(a)*ofX, 1e-13*got) {
			t.Fatalf("%v: ‖%vx‖ = %v, want %v", n, a, got, math.Abs(a)*ofX)
		}
		if got := value(t, n.Dual().Dual(), x); !near(got, ofX, 1e-13*ofX) {
			t.Fatalf("%v is the value of %v, and %v of the dual of its dual, %v", ofX, n, got, n.Dual().Dual())
		}
	})
}

// TestLimits: the ℓp oracle tends to the sign as p → ∞, since 0 ≤ 1 − (m/max m)^(1/(p−1)) ≤ log(max m/m)/(p − 1) and the norm of n ones
// is n^(1/p). As p → 1 it tends to the largest magnitude alone. The other families behave in the same way.
func TestLimits(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := moderate(t)
		for i, family := range families {
			limit, _ := lmo(t, family(inf), g)
			for _, p := range []float64{1e3, 1e6, 1e9, 1e12, 1e300} {
				d, _ := lmo(t, family(p), g)
				if far := distance(d, limit); far > 50/p+1e-14 {
					t.Fatalf("%v of %v is %v away from %v", family(p), g, far, family(inf))
				}
			}
			limit, _ = lmo(t, family(1), g)
			if d, _ := lmo(t, family(1+0x1p-52), g); i > 0 && distance(d, limit) > 1e-12 {
				t.Fatalf("%v of %v is %v, want %v", family(1+0x1p-52), g, d, limit)
			}
		}
		d, _ := lmo(t, norm.Lp(1e300), g)
		for i, v := range g.data {
			if want := -math.Copysign(1, v); d.data[i] != want {
				t.Fatalf("lp(1e300) of %v is %v, want %v", v, d.data[i], want)
			}
		}
	})
}

// TestEquivariance: lmo(QGP) = Q·lmo(G)·P for Q and P that do not change the norm: permutations for entries, a permutation Q and a
// rotation P for rows, the reverse for columns, and rotations for singular values.
func TestEquivariance(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := moderate(t)
		p := rapid.SampledFrom(exponents).Draw(t, "p")
		r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 4))
		if p < 1.1 {
			p = 1.1 // the directions of nearly equal magnitudes are not continuous at 1
		}
		for i, isometries := range [][2]func(*rand.Rand, int) matrix[float64]{
			{permutation, permutation}, {permutation, rotation}, {rotation, permutation}, {rotation, rotation},
		} {
			left, right, n := isometries[0](r, g.rows), isometries[1](r, g.cols), families[i](p)
			got, dual := lmo(t, n, product(product(left, g), right))
			d, want := lmo(t, n, g)
			if far := distance(got, product(product(left, d), right)); far > 1e-11 || !near(dual, want, 1e-13*want) {
				t.Fatalf("%v of %v: lmo(QGP) is %v from Q·lmo(G)·P, dual norms %v and %v", n, g, far, dual, want)
			}
			if v := value(t, n, product(product(left, g), right)); !near(v, value(t, n, g), 1e-13*v) {
				t.Fatalf("%v of %v: ‖QGP‖ = %v, ‖G‖ = %v", n, g, v, value(t, n, g))
			}
		}
	})
}

// TestTransposition: rows are the columns of the transpose, to the bit.
func TestTransposition(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := drawMatrix[float64](t)
		p := rapid.SampledFrom(exponents).Draw(t, "p")
		d, dual := lmo(t, norm.Rows(p), g)
		turned, again := lmo(t, norm.Columns(p), transposed(g))
		if p == 2 {
			return // both are Frobenius, which sums in the order of the memory
		}
		if dual != again || !slices.Equal(transposed(d).data, turned.data) {
			t.Fatalf("rows(%v) of %v: %v, %v; columns of the transpose: %v, %v", p, g, d, dual, turned, again)
		}
	})
}

// TestScale: lmo(cg) = lmo(g) for c > 0, to the bit for powers of 2, and ‖cg‖* = c‖g‖*.
func TestScale(t *testing.T) {
	norms := everyNorm()
	rapid.Check(t, func(t *rapid.T) {
		g := moderate(t)
		c := math.Ldexp(1, rapid.IntRange(-900, 900).Draw(t, "log2 c"))
		for _, n := range norms {
			d, dual := lmo(t, n, g)
			scaled, times := lmo(t, n, combine(c, g, 0, g))
			if !slices.Equal(d.data, scaled.data) || times != c*dual {
				t.Fatalf("%v: lmo(%vg) = %v, %v, want %v, %v", n, c, scaled, times, d, c*dual)
			}
		}
	})
}

func permutation(r *rand.Rand, n int) matrix[float64] {
	m := matrix[float64]{make([]float64, n*n), n, n}
	for i, j := range r.Perm(n) {
		m.data[i*n+j] = float64(2*r.IntN(2) - 1)
	}
	return m
}

// rotation is a product of reflections I − 2vvᵀ/‖v‖².
func rotation(r *rand.Rand, n int) matrix[float64] {
	q := permutation(r, n)
	for range n {
		v := matrix[float64]{normal(r, n), n, 1}
		q = combine(1, q, -2/inner(v, v), product(v, product(transposed(v), q)))
	}
	return q
}

func product(a, b matrix[float64]) matrix[float64] {
	c := matrix[float64]{make([]float64, a.rows*b.cols), a.rows, b.cols}
	for i := range a.rows {
		for j := range b.cols {
			for k := range a.cols {
				c.data[i*b.cols+j] += a.data[i*a.cols+k] * b.data[k*b.cols+j]
			}
		}
	}
	return c
}

func transposed(a matrix[float64]) matrix[float64] {
	b := matrix[float64]{make([]float64, len(a.data)), a.cols, a.rows}
	for i := range a.rows {
		for j := range a.cols {
			b.data[j*a.rows+i] = a.data[i*a.cols+j]
		}
	}
	return b
}

// TestRadius: no minimizer is longer than the radius, and the longest ones have its length: those with equal magnitudes for p > 2, and those with
// one magnitude for p < 2.
func TestRadius(t *testing.T) {
	hadamard := []float64{1, 1, 1, 1, 1, -1, 1, -1, 1, 1, -1, -1, 1, -1, -1, 1} // orthogonal rows and columns of one length
	entry := []float64{0, 0, 0, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0}
	for _, n := range everyNorm() {
		o := norm.Oracle[float64]{Norm: n}
		rapid.Check(t, func(t *rapid.T) {
			m := drawMatrix[float64](t)
			d := make([]float64, len(m.data))
			if _, err := o.LMO(d, m.data, m.rows, m.cols); err != nil {
				t.Fatal(err)
			}
			if got, most := simd.Norm(d), n.Radius(m.rows, m.cols); got > most*(1+1e-12) {
				t.Fatalf("‖d‖₂ is %v in the norm %v, above %v", got, n, most)
			}
		})
		longest := 0.0
		for _, g := range [][]float64{hadamard, entry} {
			d := make([]float64, 16)
			if _, err := o.LMO(d, g, 4, 4); err != nil {
				t.Fatal(err)
			}
			longest = max(longest, simd.Norm(d))
		}
		if want := n.Radius(4, 4); math.Abs(longest/want-1) > 1e-12 {
			t.Errorf("‖d‖₂ is %v in the norm %v, want %v", longest, n, want)
		}
	}
}
