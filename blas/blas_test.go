package blas_test

import (
	"cmp"
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"

	gonum "gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas64"
	reference "gonum.org/v1/gonum/blas/gonum"
	"gonum.org/v1/gonum/mat"

	"steepest/blas"
	"steepest/internal/simd"
)

var (
	transposes = []gonum.Transpose{gonum.NoTrans, gonum.Trans, gonum.ConjTrans}
	triangles  = []gonum.Uplo{gonum.Upper, gonum.Lower}
	shapes     = [][3]int{
		{0, 0, 0}, {0, 3, 2}, {3, 0, 2}, {2, 3, 0}, {1, 1, 1}, {1, 7, 3}, {7, 1, 5}, {3, 4, 2}, {5, 8, 9}, {13, 17, 19},
		{16, 16, 16}, {31, 33, 8}, {64, 65, 63}, {100, 5, 12}, {5, 100, 12}, {97, 101, 103},
	}
	ours       blas.Implementation
	theirs     reference.Implementation
	increments = [][2]int{{1, 1}, {1, 2}, {3, 1}, {2, 2}, {-1, 1}, {1, -2}, {-3, -1}}
)

// each calls test for all routines on a table of arguments.
func each[T simd.Float](test func(q routine[T], p arguments[T])) {
	for _, q := range list[T]() {
		for i, shape := range shapes {
			p := arguments[T]{m: shape[0], n: shape[1], k: shape[2], gap: i % 3}
			for _, factors := range [][2]T{{1, 0}, {2, 1}, {-3, 2}, {0, 3}, {0, 0}} {
				p.alpha, p.beta = factors[0], factors[1]
				for j, inc := range increments {
					if q.x == nil && j > 0 {
						break
					}
					p.incX, p.incY = inc[0], inc[1]
					for k := range 6 {
						if q.a == nil && k > 0 {
							break
						}
						p.tA, p.tB, p.ul = transposes[k%3], transposes[k/2], triangles[k%2]
						test(q, p)
					}
				}
			}
		}
	}
}

func TestExact(t *testing.T) {
	for _, name := range implementations() {
		t.Run(name, func(t *testing.T) {
			defer simd.Select(name)()
			each(func(q routine[float32], p arguments[float32]) {
				exact(t, q, p, single{ours}, single{theirs})
			})
			each(func(q routine[float64], p arguments[float64]) {
				exact(t, q, p, double{ours}, double{theirs})
			})
		})
	}
}

// implementations returns the implementations of the kernels; in short tests only the one that this processor uses.
func implementations() []string {
	if testing.Short() {
		return []string{simd.Newest()}
	}
	return simd.Implementations()
}

// exact compares ours with theirs on integers. Neither rounds them, so the results must be equal.
func exact[T simd.Float](t *testing.T, q routine[T], p arguments[T], ours, theirs routines[T]) {
	t.Helper()
	if q.name == "Nrm2" { // has a root
		return
	}
	p = q.fill(p, integer[T](rand.New(rand.NewPCG(1, uint64(p.m+100*p.n)))))
	got, want := p.change(same), p.change(same)
	if sum, wantSum := q.run(ours, got), q.asGonum(theirs, want); sum != wantSum {
		t.Fatalf("%s = %v, want %v", describe(q, p), sum, wantSum)
	}
	for i, v := range want.all() {
		if !slices.Equal(got.all()[i], v) {
			t.Fatalf("%s: operand %c is %v, want %v", describe(q, p), "abcxy"[i], got.all()[i], v)
		}
	}
}

func describe[T simd.Float](q routine[T], p arguments[T]) string {
	return fmt.Sprintf("%s[%T](ul %c, tA %c, tB %c, m %d, n %d, k %d, α %v, β %v, gap %d, incX %d, incY %d)", q.name, T(0), p.ul,
		p.tA, p.tB, p.m, p.n, p.k, p.alpha, p.beta, p.gap, p.incX, p.incY)
}

func TestBounds(t *testing.T) {
	for _, name := range implementations() {
		t.Run(name, func(t *testing.T) {
			defer simd.Select(name)()
			each(func(q routine[float32], p arguments[float32]) {
				bounded(t, q, p, 0x1p-24, single{ours}, single{theirs})
			})
			each(func(q routine[float64], p arguments[float64]) {
				bounded(t, q, p, 0x1p-53, double{ours}, double{theirs})
			})
		})
	}
}

// bounded compares ours with theirs on normal numbers. Both differ from the exact result by at most γ times the result for the magnitudes
// of the arguments, with γ = ku/(1 − ku) for sums of less than k terms and the unit roundoff u.
func bounded[T simd.Float](t *testing.T, q routine[T], p arguments[T], unit float64, ours, theirs routines[T]) {
	t.Helper()
	p = q.fill(p, normal[T](rand.New(rand.NewPCG(2, uint64(p.m+100*p.n)))))
	got, want, size := p.change(same), p.change(same), p.change(magnitude)
	k := unit * float64(p.m+p.n+p.k+10)
	gamma := 2 * k / (1 - k)
	sum, wantSum, sizeSum := q.run(ours, got), q.asGonum(theirs, want), q.asGonum(theirs, size)
	if !(math.Abs(sum-wantSum) <= gamma*sizeSum) {
		t.Fatalf("%s = %v, want %v", describe(q, p), sum, wantSum)
	}
	for i, v := range want.all() {
		for j, w := range v {
			if off := math.Abs(float64(got.all()[i][j]) - float64(w)); !(off <= gamma*float64(size.all()[i][j])) {
				t.Fatalf("%s: element %d of %c is off by %v", describe(q, p), j, "abcxy"[i], off)
			}
		}
	}
}

// largeOnes are arguments whose work several workers share. There are none for level 3, which package gemm tests.
func largeOnes[T simd.Float](q routine[T]) (all []arguments[T]) {
	p := arguments[T]{alpha: 2, beta: 3, incX: 1, incY: 1, tA: gonum.NoTrans}
	switch {
	case q.c != nil:
		return nil
	case q.a == nil:
		for _, p.n = range []int{1 << 19, 1<<19 + 1, 600011} {
			all = append(all, p)
		}
		return all
	}
	for _, p.tA = range transposes[:2] {
		p.m, p.n = 801, 700
		all = append(all, p)
		p.m, p.n = 140, 4500
		all = append(all, p)
	}
	return all
}

func TestExactWhenLarge(t *testing.T) {
	for _, q := range list[float32]() {
		for _, p := range largeOnes(q) {
			exact(t, q, p, single{ours}, single{theirs})
		}
	}
	for _, q := range list[float64]() {
		for _, p := range largeOnes(q) {
			exact(t, q, p, double{ours}, double{theirs})
		}
	}
}

// TestAnyWorkers compares the bits for several numbers of workers.
func TestAnyWorkers(t *testing.T) {
	for _, q := range list[float64]() {
		for _, p := range largeOnes(q) {
			anyWorkers(t, q, p)
		}
	}
}

func anyWorkers(t *testing.T, q routine[float64], p arguments[float64]) {
	t.Helper()
	p = q.fill(p, normal[float64](rand.New(rand.NewPCG(3, 4))))
	want := p.change(same)
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	wantSum := q.run(double{ours}, want)
	for _, workers := range []int{2, 3, 8} {
		runtime.GOMAXPROCS(workers)
		got := p.change(same)
		if sum := q.run(double{ours}, got); sum != wantSum {
			t.Errorf("%s = %v with %d workers, %v with one", describe(q, p), sum, workers, wantSum)
		}
		for i, v := range want.all() {
			if !slices.Equal(got.all()[i], v) {
				t.Errorf("%s: operand %c depends on the number of workers", describe(q, p), "abcxy"[i])
			}
		}
	}
}

// spoil are ways to make arguments wrong.
func spoil[T simd.Float]() []func(p *arguments[T]) {
	short := func(v []T) []T { return v[:max(0, len(v)-1)] }
	return []func(p *arguments[T]){
		func(*arguments[T]) {},
		func(p *arguments[T]) { p.ul = 'X' },
		func(p *arguments[T]) { p.tA = 'X' },
		func(p *arguments[T]) { p.tB = 'X' },
		func(p *arguments[T]) { p.m = -1 },
		func(p *arguments[T]) { p.n = -1 },
		func(p *arguments[T]) { p.k = -1 },
		func(p *arguments[T]) { p.m = 0 },
		func(p *arguments[T]) { p.n = 0 },
		func(p *arguments[T]) { p.k = 0 },
		func(p *arguments[T]) { p.lda-- },
		func(p *arguments[T]) { p.ldb-- },
		func(p *arguments[T]) { p.ldc-- },
		func(p *arguments[T]) { p.lda = 0 },
		func(p *arguments[T]) { p.incX = 0 },
		func(p *arguments[T]) { p.incY = 0 },
		func(p *arguments[T]) { p.incX = -1 },
		func(p *arguments[T]) { p.incX = 2 },
		func(p *arguments[T]) { p.incY = -2 },
		func(p *arguments[T]) { p.x = short(p.x) },
		func(p *arguments[T]) { p.y = short(p.y) },
		func(p *arguments[T]) { p.a = short(p.a) },
		func(p *arguments[T]) { p.b = short(p.b) },
		func(p *arguments[T]) { p.c = short(p.c) },
		func(p *arguments[T]) { p.alpha = 0 },
	}
}

// TestPanics makes arguments wrong in one or two ways. Two ways show the order of the checks.
func TestPanics(t *testing.T) {
	seen := make(map[any]bool)
	samePanics(t, seen, single{ours}, single{theirs})
	samePanics(t, seen, double{ours}, double{theirs})
	if len(seen) != 16 { // 15 messages and none
		t.Errorf("%d kinds of panic: %v", len(seen), seen)
	}
}

func samePanics[T simd.Float](t *testing.T, seen map[any]bool, ours, theirs routines[T]) {
	for _, q := range list[T]() {
		for _, tA := range transposes {
			p := arguments[T]{ul: gonum.Lower, tA: tA, tB: tA, m: 20, n: 30, k: 25, alpha: 1, beta: 1, incX: 1, incY: 1}
			p = q.fill(p, func() T { return 1 })
			for i, first := range spoil[T]() {
				for j, second := range spoil[T]() {
					p := p.change(same)
					first(&p)
					second(&p)
					got, want := recovered(func() { q.run(ours, p) }), recovered(func() { q.asGonum(theirs, p) })
					if seen[want] = true; got != want {
						t.Errorf("%s, made wrong in ways %d and %d, panics with %v, want %v", describe(q, p), i, j, got, want)
					}
				}
			}
		}
	}
}

func recovered(f func()) (value any) {
	defer func() { value = recover() }()
	f()
	return nil
}

// TestSpecialNumbers checks what the package comment says about NaN and Inf, for levels 2 and 3 with and without gaps.
func TestSpecialNumbers(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	for _, n := range []int{1, 20} {
		a, b := make([]float64, n*n), slices.Repeat([]float64{nan}, n*n)
		ones, y, c := slices.Repeat([]float64{1}, 2*n), slices.Repeat([]float64{nan}, 2*n), slices.Repeat([]float64{nan}, n*n)
		for _, inc := range []int{1, 2} {
			for _, tA := range transposes {
				ours.Dgemv(tA, n, n, 1, a, n, ones, inc, 0, y, inc)
				if y[0] != 0 || y[(n-1)*inc] != 0 {
					t.Errorf("Dgemv with β = 0 leaves %v", y)
				}
				ours.Dgemv(tA, n, n, 1, b, n, make([]float64, 2*n), inc, 0, y, inc)
				if y[0] == y[0] {
					t.Errorf("Dgemv of NaN and 0 is %v", y[0])
				}
				ours.Dgemv(tA, n, n, 0, b, n, ones, inc, 0, y, inc)
				if y[0] != 0 {
					t.Errorf("Dgemv with α = 0 is %v", y[0])
				}
				ours.Dgemm(tA, tA, n, n, n, 1, a, n, slices.Repeat([]float64{1}, n*n), n, 0, c, n)
				if c[0] != 0 || c[n*n-1] != 0 {
					t.Errorf("Dgemm with β = 0 leaves %v", c)
				}
				ours.Dgemm(tA, tA, n, n, n, 1, a, n, b, n, 0, c, n)
				if c[0] == c[0] {
					t.Errorf("Dgemm of 0 and NaN is %v", c[0])
				}
				ours.Dgemm(tA, tA, n, n, n, 0, b, n, b, n, 0, c, n)
				if c[0] != 0 {
					t.Errorf("Dgemm with α = 0 is %v", c[0])
				}
				ours.Dsyrk(gonum.Upper, tA, n, n, 0, b, n, 0, b, n)
				if b[0] != 0 {
					t.Errorf("Dsyrk with α = β = 0 is %v", b[0])
				}
				b[0] = nan
			}
		}
	}
	if got := ours.Dnrm2(2, []float64{inf, -inf}, 1); got != inf {
		t.Errorf("Dnrm2 of ±Inf is %v", got)
	}
	if got := ours.Ddot(2, []float64{inf, 1}, 1, []float64{0, 1}, 1); got == got {
		t.Errorf("Ddot with Inf·0 is %v", got)
	}
	if got := ours.Dnrm2(1<<20, slices.Repeat([]float64{0x1p1000}, 1<<20), 1); got != 0x1p1010 {
		t.Errorf("Dnrm2 of 2²⁰ times 2¹⁰⁰⁰ is %g, want %g", got, 0x1p1010)
	}
}

// TestUse: after Use, gonum multiplies with this package. The product shows it, because gonum's own skips a zero times NaN.
func TestUse(t *testing.T) {
	product := func() float64 {
		var c mat.Dense
		c.Mul(mat.NewDense(2, 2, []float64{0, 1, 1, 1}), mat.NewDense(2, 2, []float64{math.NaN(), 1, 1, 1}))
		return c.At(0, 0)
	}
	defer blas64.Use(blas64.Implementation())
	if got := product(); got != 1 {
		t.Fatalf("gonum's product is %v, want 1", got)
	}
	blas64.Use(blas.Implementation{})
	if got := product(); got == got {
		t.Errorf("the product is %v, want NaN", got)
	}
}

// TestCallsDoNotAllocate: calls for vectors without gaps that one worker handles.
func TestCallsDoNotAllocate(t *testing.T) {
	var r routines[float32] = single{ours}
	for _, q := range list[float32]() {
		if q.c != nil { // multiplication has scratch memory
			continue
		}
		p := arguments[float32]{m: 40, n: 50, alpha: 1, beta: 1, incX: 1, incY: 1, tA: gonum.Trans}
		p = q.fill(p, func() float32 { return 0 })
		if n := testing.AllocsPerRun(10, func() { q.run(r, p) }); n != 0 {
			t.Errorf("%s allocates %v times", q.name, n)
		}
	}
}

func FuzzExact(f *testing.F) {
	f.Add(uint8(1), uint8(7), uint8(0), int8(1), int8(-2), uint8(3), uint8(5))
	f.Add(uint8(48), uint8(97), uint8(255), int8(1), int8(1), uint8(0), uint8(11))
	f.Fuzz(func(t *testing.T, m, n, k uint8, incX, incY int8, gap, flags uint8) {
		for _, name := range simd.Implementations() {
			restore := simd.Select(name)
			fuzzed(t, int(m), int(n), int(k), int(incX), int(incY), int(gap), int(flags), single{ours}, single{theirs})
			fuzzed(t, int(m), int(n), int(k), int(incX), int(incY), int(gap), int(flags), double{ours}, double{theirs})
			restore()
		}
	})
}

func fuzzed[T simd.Float](t *testing.T, m, n, k, incX, incY, gap, flags int, ours, theirs routines[T]) {
	for _, q := range list[T]() {
		exact(t, q, arguments[T]{
			m: m, n: n, k: k, alpha: 2, beta: T(flags % 4), gap: gap % 20,
			incX: cmp.Or(incX%4, 1), incY: cmp.Or(incY%4, 1),
			tA: transposes[flags%3], tB: transposes[flags/3%3], ul: triangles[flags/9%2],
		}, ours, theirs)
	}
}
