package norm_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"testing"

	"steepest/optim/matfun"
	"steepest/optim/norm"
)

// gaussian returns a matrix of normal elements. If deficient is set, the second half of the rows repeats the first.
func gaussian(rows, cols int, deficient bool) matrix[float64] {
	g := matrix[float64]{normal(rand.New(rand.NewPCG(5, 6)), rows*cols), rows, cols}
	if half := rows / 2 * cols; deficient {
		copy(g.data[half:], g.data[:half])
	}
	return g
}

func narrow(x []float64) []float32 {
	y := make([]float32, len(x))
	for i, v := range x {
		y[i] = float32(v)
	}
	return y
}

// TestLargeCertificates: rounding stays within the bounds of Certify for long sums and matrices of deficient rank.
func TestLargeCertificates(t *testing.T) {
	for _, shape := range [][2]int{{30, 50}, {50, 30}, {1, 10000}, {1000, 2}} {
		for _, deficient := range []bool{false, true} {
			g := gaussian(shape[0], shape[1], deficient)
			for _, n := range everyNorm() {
				certify(t, &norm.Oracle[float64]{Norm: n}, g, 1e-13)
				certify(t, &norm.Oracle[float32]{Norm: n}, matrix[float32]{narrow(g.data), g.rows, g.cols}, 1e-5)
			}
		}
	}
}

// TestCertifyRejects: Certify refuses points that are nearly, but not exactly, minimizers.
func TestCertifyRejects(t *testing.T) {
	g := gaussian(4, 5, false)
	for _, n := range everyNorm() {
		o := norm.Oracle[float64]{Norm: n}
		d, _ := lmo(t, n, g)
		longer := combine(1+1e-12, d, 0, d)
		if _, excess, err := o.Certify(g.data, longer.data, 4, 5); err == nil || !near(excess, 1e-12, 1e-14) {
			t.Errorf("%v: a step of the norm 1 + 10⁻¹² is taken, with excess %v", n, excess)
		}
		shorter := combine(1-1e-12, d, 0, d)
		if gap, _, err := o.Certify(g.data, shorter.data, 4, 5); err == nil || !near(gap, 1e-12, 1e-14) {
			t.Errorf("%v: a step of the norm 1 − 10⁻¹² is taken, with gap %v", n, gap)
		}
		opposite := combine(-1, d, 0, d)
		if gap, excess, err := o.Certify(g.data, opposite.data, 4, 5); err == nil || !near(gap, 2, 1e-13) || excess > 1e-13 {
			t.Errorf("%v: −lmo(g) is taken, with gap %v and excess %v", n, gap, excess)
		}
		aside := gaussian(5, 5, false) // the part of it with ⟨g, ·⟩ = 0 changes only the norm
		aside = matrix[float64]{aside.data[5:], 4, 5}
		aside = combine(10, aside, -10*inner(g, aside)/inner(g, g), g)
		outside := combine(1, d, 1, aside)
		if gap, excess, err := o.Certify(g.data, outside.data, 4, 5); err == nil || !near(gap, 0, 1e-13) || excess < 1 {
			t.Errorf("%v: a step outside of the ball is taken, with gap %v and excess %v", n, gap, excess)
		}
		if _, _, err := o.Certify(make([]float64, 20), d.data, 4, 5); err == nil {
			t.Errorf("%v: %v is taken for g = 0", n, d)
		}
	}
}

// TestLostSingularValues: Certify accepts results in which LMO has counted small singular values as 0.
func TestLostSingularValues(t *testing.T) {
	const n = 10
	g := matrix[float32]{make([]float32, n*n), n, n}
	for i := 0; i < n*n; i += n + 1 {
		g.data[i] = 0.9 * n * 0x1p-23
	}
	g.data[0] = 1
	o := norm.Oracle[float32]{Norm: norm.Spectral}
	certify(t, &o, g, 1e-4)
	d := make([]float32, n*n)
	if o.LMO(d, g.data, n, n); d[0] != -1 || d[n+1] != 0 {
		t.Errorf("%v of %v is %v", o.Norm, g, d)
	}
}

// TestSpectral: the oracle is −1 times the polar factor, to the bit, exact or by an iteration, and the dual norm is −⟨g, d⟩ for this d.
func TestSpectral(t *testing.T) {
	for _, preset := range []matfun.Preset{matfun.Exact, matfun.Express, matfun.Keller} {
		for _, shape := range [][2]int{{30, 50}, {50, 30}, {1, 9}, {9, 1}, {40, 40}} {
			for _, c := range []float64{1, 1e-300, 1e300} {
				g := gaussian(shape[0], shape[1], true)
				g = combine(c, g, 0, g)
				o := norm.Oracle[float64]{Norm: norm.Spectral, Iteration: preset.Iteration()}
				d := slices.Clone(g.data)
				dual, err := o.LMO(d, d, g.rows, g.cols)
				if err != nil {
					t.Fatal(err)
				}
				var work matfun.Workspace[float64]
				polar := combine(-1, g, 0, g)
				if err := work.Iterate(polar.data, g.rows, g.cols, preset.Iteration()); err != nil {
					t.Fatal(err)
				}
				for i, v := range polar.data {
					if !near(d[i], v, 1e-14) {
						t.Fatalf("%v, %v: lmo(G) is %v at %d, the polar factor of −G %v", preset, shape, d[i], i, v)
					}
				}
				want, _ := o.Dual(g.data, g.rows, g.cols)
				got := -inner(g, matrix[float64]{data: d})
				if !near(dual, got, 1e-13*want) {
					t.Errorf("%v, %v: the dual norm is %v, −⟨g, d⟩ is %v", preset, shape, dual, got)
				}
				if preset != matfun.Keller && !near(dual, want, 1e-13*want) {
					t.Errorf("%v, %v: the dual norm is %v, want %v", preset, shape, dual, want)
				}
			}
		}
	}
}

func TestDivergence(t *testing.T) {
	it := matfun.Iteration{Table: matfun.Table{{1e200, 1e200, 1e200}}}
	o := norm.Oracle[float64]{Norm: norm.Spectral, Iteration: &it}
	x := []float64{1, 2, 3, 4}
	_, err := o.LMO(x, x, 2, 2)
	if err == nil || !strings.Contains(err.Error(), "diverges") || !slices.Equal(x, []float64{1, 2, 3, 4}) {
		t.Errorf("%v, and x = %v", err, x)
	}
}

// TestRange: norms beyond float64 are +Inf but have an lmo, and steps beyond T are errors.
func TestRange(t *testing.T) {
	g := []float64{1.5e308, -1.5e308}
	for _, n := range []norm.Norm{norm.LInf, norm.L2, norm.Lp(3), norm.MaxRow, norm.MaxColumn, norm.Spectral} {
		o := norm.Oracle[float64]{Norm: n}
		d := make([]float64, 2)
		dual, err := o.LMO(d, g, 1, 2)
		if _, _, uncertain := o.Certify(g, d, 1, 2); err != nil || uncertain != nil || dual != inf {
			t.Errorf("%v: dual norm %v, %v, %v, want +Inf", n, dual, err, uncertain)
		}
		x := []float64{1, 2}
		const want = "norm: a step of length +Inf is beyond the range of float64"
		if err := o.Regularized(x, g, 1, 2, 1); err == nil || err.Error() != want || !slices.Equal(x, []float64{1, 2}) {
			t.Errorf("%v: %v, and x = %v", n, err, x)
		}
	}
	o := norm.Oracle[float32]{Norm: norm.LInf}
	x := []float32{1, 2}
	if err := o.Regularized(x, []float32{3e38, 1}, 1, 2, 2); err == nil || x[0] != 1 || x[1] != 2 {
		t.Errorf("%v, and x = %v", err, x)
	}
	if err := o.Normalized(x, []float32{3e38, -1}, 1, 2, 2); err != nil || x[0] != -1 || x[1] != 4 {
		t.Errorf("%v, and x = %v", err, x)
	}
}

// TestFirstOfTies: with p = 1 the first of the largest magnitudes takes all.
func TestFirstOfTies(t *testing.T) {
	g := matrix[float64]{[]float64{0, 3, 4, -4, 0, 3, 3, 4, 0}, 3, 3} // all rows and columns but the last have the length 5
	for n, want := range map[norm.Norm][]float64{
		norm.L1:         {0, 0, -1, 0, 0, 0, 0, 0, 0},
		norm.Rows(1):    {0, -0.6, -0.8, 0, 0, 0, 0, 0, 0},
		norm.Columns(1): {0, 0, 0, 0.8, 0, 0, -0.6, 0, 0},
	} {
		if d, _ := lmo(t, n, g); distance(d, matrix[float64]{data: want}) > 1e-15 {
			t.Errorf("%v of %v is %v, want %v", n, g, d, want)
		}
	}
}

// TestSameBits: the bits do not depend on the number of processors.
func TestSameBits(t *testing.T) {
	g := gaussian(130, 170, false)
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	for _, n := range []norm.Norm{norm.LInf, norm.Lp(3), norm.MaxRow, norm.MaxColumn, norm.Spectral, norm.Schatten(3)} {
		runtime.GOMAXPROCS(1)
		want, dual := lmo(t, n, g)
		for _, procs := range []int{2, 3} {
			runtime.GOMAXPROCS(procs)
			if d, again := lmo(t, n, g); again != dual || !slices.Equal(d.data, want.data) {
				t.Errorf("%v: %d processors make other bits", n, procs)
			}
		}
	}
}

// The lmo of a gradient in four norms: those of sign descent, normalized descent, Scion's RowNorm and spectral descent.
func ExampleOracle() {
	g := []float64{3, 4, 12, -5}
	d := make([]float64, 4)
	for _, n := range []norm.Norm{norm.MaxEntry, norm.Frobenius, norm.MaxRow, norm.Spectral} {
		o := norm.Oracle[float64]{Norm: n}
		dual, err := o.LMO(d, g, 2, 2)
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Printf("%-9v ‖g‖* = %5.2f   lmo(g) = %5.2f\n", n, dual, d)
	}
	// Output:
	// linf      ‖g‖* = 24.00   lmo(g) = [-1.00 -1.00 -1.00  1.00]
	// l2        ‖g‖* = 13.93   lmo(g) = [-0.22 -0.29 -0.86  0.36]
	// rows      ‖g‖* = 18.00   lmo(g) = [-0.60 -0.80 -0.92  0.38]
	// spectral  ‖g‖* = 17.89   lmo(g) = [-0.45 -0.89 -0.89  0.45]
}

func ExampleNorm() {
	var n norm.Norm
	for _, text := range []string{"spectral", "lp(1.5)", "rows", "frobenius", "spektral"} {
		if err := n.UnmarshalText([]byte(text)); err != nil {
			fmt.Println(err)
			continue
		}
		fmt.Println(n, "has the dual", n.Dual())
	}
	// Output:
	// spectral has the dual nuclear
	// lp(1.5) has the dual lp(3)
	// rows has the dual rows(1)
	// l2 has the dual l2
	// unknown norm "spektral"; did you mean "spectral"?
}

func BenchmarkLMO(b *testing.B) {
	const rows, cols = 256, 768
	g := narrow(gaussian(rows, cols, false).data)
	d := make([]float32, len(g))
	for _, n := range []norm.Norm{
		norm.LInf, norm.L2, norm.L1, norm.Lp(3), norm.MaxRow, norm.MaxColumn, norm.Spectral, norm.Nuclear,
	} {
		b.Run(n.String(), func(b *testing.B) { benchmark(b, &norm.Oracle[float32]{Norm: n}, d, g, rows, cols) })
	}
	b.Run("spectral by keller", func(b *testing.B) {
		o := norm.Oracle[float32]{Norm: norm.Spectral, Iteration: matfun.Keller.Iteration()}
		benchmark(b, &o, d, g, rows, cols)
	})
}

func benchmark(b *testing.B, o *norm.Oracle[float32], d, g []float32, rows, cols int) {
	b.SetBytes(int64(4 * len(g)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := o.LMO(d, g, rows, cols); err != nil || math.IsNaN(float64(d[0])) {
			b.Fatal(err)
		}
	}
}
