package objective

import (
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"steepest/data"
	"steepest/data/datatest"
)

// problem is a random data set in both storages, with labels for every kind of loss.
type problem struct {
	dense  *data.Dense
	sparse *data.CSR
	signs  []float64 // ±1
	reals  []float64
	labels []int // 0, 1, 2
	many   *data.Dense
}

const testClasses = 3

func randomProblem(seed uint64, n, d int, density float64) problem {
	r := rand.New(rand.NewPCG(seed, 0))
	p := problem{sparse: datatest.Sparse(r, n, d, density), signs: datatest.Signs(r, n)}
	p.dense = datatest.Dense(p.sparse)
	for range n {
		p.reals = append(p.reals, 2*r.NormFloat64())
		p.labels = append(p.labels, r.IntN(testClasses))
	}
	p.many = &data.Dense{Rows: n, Cols: testClasses, Data: randomVector(seed, n*testClasses, 2)}
	return p
}

// models lists every linear model, by name.
var models = []struct {
	name  string
	loss  loss // for the reference
	build func(x data.Matrix, p problem, opts ...Option) (*Linear[float64], error)
}{
	{"least squares", scalar{SquaredLoss{}}, func(x data.Matrix, p problem, opts ...Option) (*Linear[float64], error) {
		return LeastSquares(x, p.reals, opts...)
	}},
	{"huber", scalar{HuberLoss{0.7}}, func(x data.Matrix, p problem, opts ...Option) (*Linear[float64], error) {
		return Huber(x, p.reals, 0.7, opts...)
	}},
	{"logistic", scalar{LogisticLoss{}}, func(x data.Matrix, p problem, opts ...Option) (*Linear[float64], error) {
		return Logistic(x, p.signs, opts...)
	}},
	{"hinge", scalar{HingeLoss{}}, func(x data.Matrix, p problem, opts ...Option) (*Linear[float64], error) {
		return Hinge(x, p.signs, opts...)
	}},
	{"squared hinge", scalar{SquaredHingeLoss{}}, func(x data.Matrix, p problem, opts ...Option) (*Linear[float64], error) {
		return SquaredHinge(x, p.signs, opts...)
	}},
	{"softmax", softmax{testClasses}, func(x data.Matrix, p problem, opts ...Option) (*Linear[float64], error) {
		return Softmax(x, p.labels, testClasses, opts...)
	}},
	{"several targets", targets{&data.Dense{Rows: 3, Cols: 3, Data: []float64{1, -2, 0.5, 0, 4, -1, 3, 3, -3}}},
		func(x data.Matrix, p problem, opts ...Option) (*Linear[float64], error) {
			return MultiOutput(x, p.many, opts...)
		}},
}

// forModels runs f for every model over the dense matrix of p.
func forModels(t *testing.T, p problem, opts []Option, f func(t *testing.T, m *Linear[float64])) {
	t.Helper()
	for _, model := range models {
		t.Run(model.name, func(t *testing.T) { f(t, must(t)(model.build(p.dense, p, opts...))) })
	}
}

func must(t testing.TB) func(*Linear[float64], error) *Linear[float64] {
	return func(p *Linear[float64], err error) *Linear[float64] {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
}

func randomVector(seed uint64, d int, size float64) []float64 {
	r := rand.New(rand.NewPCG(seed, 1))
	v := make([]float64, d)
	for j := range v {
		v[j] = size * r.NormFloat64()
	}
	return v
}

func randomBatch(seed uint64, n, b int) []uint32 {
	r := rand.New(rand.NewPCG(seed, 2))
	batch := make([]uint32, b)
	for k := range batch {
		batch[k] = uint32(r.IntN(n))
	}
	return batch
}

// reference is the definition of Grad, with plain loops over a dense matrix.
func reference(p *Linear[float64], a *data.Dense, x []float64, batch []uint32) (loss float64, grad []float64) {
	_, l2 := p.Penalties()
	grad = make([]float64, len(x))
	c, d := len(x)/a.Cols, a.Cols
	if batch == nil {
		for i := range a.Rows {
			batch = append(batch, uint32(i))
		}
	}
	for _, i := range batch {
		z := make([]float64, c)
		for k := range z {
			for j := range d {
				z[k] += a.Data[int(i)*d+j] * x[k*d+j]
			}
		}
		loss += p.loss.eval(z, p.labels[i])
		for k := range z {
			for j := range d {
				grad[k*d+j] += z[k] * a.Data[int(i)*d+j]
			}
		}
	}
	loss /= float64(len(batch))
	for j := range grad {
		grad[j] = grad[j]/float64(len(batch)) + l2*x[j]
		loss += l2 / 2 * x[j] * x[j]
	}
	return loss, grad
}

func TestGradMatchesReference(t *testing.T) {
	p := randomProblem(1, 61, 37, 0.3)
	for _, model := range models {
		for _, m := range []data.Matrix{p.dense, p.sparse} {
			lin := must(t)(model.build(m, p, L2(0.1), L1(0.2)))
			x := randomVector(2, Dim[float64](lin), 1)
			for _, batch := range [][]uint32{nil, {5}, {7, 7, 3}, randomBatch(3, 61, 50)} {
				t.Run(fmt.Sprintf("%s/%T/%d", model.name, m, len(batch)), func(t *testing.T) {
					grad := randomVector(4, len(x), 1) // must be overwritten
					loss := lin.Grad(grad, x, batch)
					wantLoss, wantGrad := reference(lin, p.dense, x, batch)
					if !near(loss, wantLoss, 1e-14) {
						t.Errorf("loss %v, want %v", loss, wantLoss)
					}
					if got := lin.Loss(x, batch); got != loss {
						t.Errorf("Loss = %v but Grad returns %v", got, loss)
					}
					for j := range grad {
						if math.Abs(grad[j]-wantGrad[j]) > 1e-13 {
							t.Fatalf("grad[%d] = %v, want %v", j, grad[j], wantGrad[j])
						}
					}
				})
			}
		}
	}
}

// near reports whether a and b agree to a relative tolerance.
func near(a, b, tol float64) bool { return math.Abs(a-b) <= tol*max(math.Abs(a), math.Abs(b)) }

// TestGradMatchesDifferences compares with central differences of Loss, away from the kinks of a loss.
func TestGradMatchesDifferences(t *testing.T) {
	p := randomProblem(5, 40, 6, 1)
	for _, size := range []float64{0.01, 1, 30} {
		forModels(t, p, []Option{L2(0.05)}, func(t *testing.T, lin *Linear[float64]) {
			x := randomVector(6, lin.dim(), size)
			grad := make([]float64, len(x))
			lin.Grad(grad, x, nil)
			for j := range x {
				const h = 1e-6
				y := slices.Clone(x)
				y[j] = x[j] + h
				up := lin.Loss(y, nil)
				y[j] = x[j] - h
				down := lin.Loss(y, nil)
				if want := (up - down) / (2 * h); math.Abs(grad[j]-want) > 2e-8*max(1, up) {
					t.Errorf("size %v: grad[%d] = %v, differences give %v", size, j, grad[j], want)
				}
			}
		})
	}
}

func TestHessMatchesDifferencesOfGrad(t *testing.T) {
	p := randomProblem(7, 40, 5, 0.8)
	for _, model := range models {
		for _, m := range []data.Matrix{p.dense, p.sparse} {
			t.Run(fmt.Sprintf("%s/%T", model.name, m), func(t *testing.T) {
				lin := must(t)(model.build(m, p, L2(0.05)))
				x := randomVector(8, lin.dim(), 0.5)
				checkHess(t, lin, x)
			})
		}
	}
}

// TestSameBits: the bits do not depend on the number of processors, for batches that are cut into chunks and for smaller ones.
func TestSameBits(t *testing.T) {
	p := randomProblem(9, 3000, 150, 0.5)
	for _, model := range models {
		for _, m := range []data.Matrix{p.dense, p.sparse} {
			lin := must(t)(model.build(m, p, L2(0.1)))
			x := randomVector(10, lin.dim(), 0.1)
			for _, batch := range [][]uint32{nil, randomBatch(11, 3000, 2500), randomBatch(12, 3000, 8)} {
				t.Run(fmt.Sprintf("%s/%T/%d", model.name, m, len(batch)), func(t *testing.T) {
					want := make([]float64, len(x))
					var wantLoss float64
					for _, procs := range []int{1, 2, 3, 8} {
						before := runtime.GOMAXPROCS(procs)
						grad := make([]float64, len(x))
						loss := lin.Grad(grad, x, batch)
						runtime.GOMAXPROCS(before)
						if procs == 1 {
							want, wantLoss = grad, loss
						}
						if loss != wantLoss || !slices.Equal(grad, want) {
							t.Errorf("GOMAXPROCS=%d changes the bits", procs)
						}
					}
					if lin.chunks(len(batch)) > 1 != (len(batch) > 8) && batch != nil {
						t.Errorf("a batch of %d is cut into %d chunks", len(batch), lin.chunks(len(batch)))
					}
					_, ref := reference(lin, p.dense, x, batch)
					for j := range ref {
						if math.Abs(want[j]-ref[j]) > 1e-12 {
							t.Fatalf("grad[%d] = %v, want %v", j, want[j], ref[j])
						}
					}
				})
			}
		}
	}
}

// TestUnbiased checks that the mean over all batches of one term is the full gradient.
func TestUnbiased(t *testing.T) {
	p := randomProblem(13, 50, 8, 0.6)
	forModels(t, p, []Option{L2(0.3)}, func(t *testing.T, lin *Linear[float64]) {
		x := randomVector(14, lin.dim(), 1)
		full, mean, one := make([]float64, len(x)), make([]float64, len(x)), make([]float64, len(x))
		loss, meanLoss := lin.Grad(full, x, nil), 0.0
		for i := range 50 {
			meanLoss += lin.Grad(one, x, []uint32{uint32(i)}) / 50
			axpy(mean, 1.0/50, one)
		}
		for j := range full {
			if math.Abs(full[j]-mean[j]) > 1e-13 {
				t.Errorf("grad[%d] = %v, the mean of the terms is %v", j, full[j], mean[j])
			}
		}
		if !near(loss, meanLoss, 1e-13) {
			t.Errorf("loss %v, the mean of the terms is %v", loss, meanLoss)
		}
	})
}

func TestFLOPs(t *testing.T) {
	p := randomProblem(18, 100, 20, 0.25)
	dense := must(t)(Logistic(p.dense, p.signs))
	if got := dense.FLOPs(7); got != 2*20*7+20 {
		t.Errorf("dense: FLOPs(7) = %v, want 2db + d = 300", got)
	}
	sparse := must(t)(Logistic(p.sparse, p.signs))
	if got, want := sparse.FLOPs(100), 2*float64(p.sparse.NNZ())+20; got != want {
		t.Errorf("sparse: FLOPs(100) = %v, want 2·nnz + d = %v", got, want)
	}
	soft := must(t)(Softmax(p.dense, p.labels, 3))
	if got := soft.FLOPs(7); got != 3*300 {
		t.Errorf("softmax: FLOPs(7) = %v, want 900", got)
	}
}

func TestKernelsMatchLoops(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		number := rapid.Float64Range(-1e3, 1e3)
		n := rapid.IntRange(0, 70).Draw(t, "n")
		a := rapid.SliceOfN(number, n, n).Draw(t, "a")
		x := rapid.SliceOfN(number, n, n).Draw(t, "x")
		s := number.Draw(t, "s")
		var want, size float64
		sum := slices.Clone(x)
		for j := range a {
			want += a[j] * x[j]
			size += math.Abs(a[j] * x[j])
			sum[j] += s * a[j]
		}
		if got := dot(a, x); math.Abs(got-want) > 1e-14*size {
			t.Fatalf("dot = %v, want %v", got, want)
		}
		axpy(x, s, a)
		if !slices.Equal(x, sum) {
			t.Fatalf("axpy = %v, want %v", x, sum)
		}
	})
}

func TestProx(t *testing.T) {
	p := randomProblem(19, 10, 4, 1)
	lin := must(t)(LeastSquares(p.dense, p.reals, L1(0.5), L2(3)))
	x := []float64{2, -0.3, 0, -7}
	if got := lin.Penalty(x); !near(got, 4.65, 1e-15) {
		t.Errorf("Penalty = %v, want 4.65", got)
	}
	g := []float64{1, 1, 1, 1}
	lin.AddSubgradient(g, x)
	if !slices.Equal(g, []float64{1.5, 0.5, 1, 0.5}) {
		t.Errorf("AddSubgradient gives %v", g)
	}
	lin.Prox(x, 2)
	if !slices.Equal(x, []float64{1, 0, 0, -6}) {
		t.Errorf("Prox gives %v", x)
	}
	smooth := must(t)(LeastSquares(p.dense, p.reals))
	smooth.Prox(x, 2)
	if smooth.Penalty(x) != 0 || !slices.Equal(x, []float64{1, 0, 0, -6}) || smooth.Constants().Composite {
		t.Error("a problem without L1 has a term h")
	}
}

func TestBadData(t *testing.T) {
	one := &data.Dense{Rows: 2, Cols: 2, Data: []float64{1, 2, 3, 4}}
	two := []float64{1, 2}
	csr := func(rows int, indptr []int, column uint32) *data.CSR {
		return &data.CSR{Rows: rows, Cols: 2, Indptr: indptr, Indices: []uint32{column}, Values: []float64{1}}
	}
	for _, c := range []struct {
		want string
		err  func() (*Linear[float64], error)
	}{
		{"y[1] = 0: neither −1 nor +1; data.Binary", func() (*Linear[float64], error) { return Logistic(one, []float64{1, 0}) }},
		{"y[0] = 2: neither", func() (*Linear[float64], error) { return Hinge(one, []float64{2, 1}) }},
		{"y[0] = -1: not a class", func() (*Linear[float64], error) { return Softmax(one, []int{-1, 0}, 3) }},
		{"y[1] = 3: not a class 0, 1, …, 2; data.ClassIndices", func() (*Linear[float64], error) { return Softmax(one, []int{1, 3}, 3) }},
		{"y[1] = NaN: not a finite number", func() (*Linear[float64], error) {
			return LeastSquares(one, []float64{1, math.NaN()})
		}},
		{"3 labels for 2 rows", func() (*Linear[float64], error) { return LeastSquares(one, []float64{1, 2, 3}) }},
		{"matrix is 0×2", func() (*Linear[float64], error) { return LeastSquares(&data.Dense{Cols: 2}, nil) }},
		{"3 values stored for a dense 2×2", func() (*Linear[float64], error) {
			return LeastSquares(&data.Dense{Rows: 2, Cols: 2, Data: []float64{1, 2, 3}}, two)
		}},
		{"x[1, 0] = +Inf: not a finite", func() (*Linear[float64], error) {
			return LeastSquares(&data.Dense{Rows: 2, Cols: 1, Data: []float64{1, math.Inf(1)}}, two)
		}},
		{"x[0, 5]: the matrix has 2 columns", func() (*Linear[float64], error) { return LeastSquares(csr(1, []int{0, 1}, 5), two[:1]) }},
		{"row pointers", func() (*Linear[float64], error) { return LeastSquares(csr(1, []int{0, 2}, 1), two[:1]) }},
		{"descend at row 1", func() (*Linear[float64], error) { return LeastSquares(csr(2, []int{0, 2, 1}, 1), two) }},
		{"the L2 penalty is -1", func() (*Linear[float64], error) { return LeastSquares(one, []float64{1, 2}, L2(-1)) }},
		{"the L1 penalty is NaN", func() (*Linear[float64], error) { return LeastSquares(one, []float64{1, 2}, L1(math.NaN())) }},
		{"Huber's delta is 0", func() (*Linear[float64], error) { return Huber(one, []float64{1, 2}, 0) }},
		{"softmax over 1 classes", func() (*Linear[float64], error) { return Softmax(one, []int{0, 0}, 1) }},
		{"0 values stored for targets of 2×0", func() (*Linear[float64], error) { return MultiOutput(one, &data.Dense{Rows: 2}) }},
		{"y[1, 0] = NaN: not a finite", func() (*Linear[float64], error) {
			return MultiOutput(one, &data.Dense{Rows: 2, Cols: 1, Data: []float64{1, math.NaN()}})
		}},
		{"1 labels for 2 rows", func() (*Linear[float64], error) {
			return MultiOutput(one, &data.Dense{Rows: 1, Cols: 1, Data: []float64{1}})
		}},
		{"neither a *data.Dense, a *data.CSR nor", func() (*Linear[float64], error) { return LeastSquares(struct{ data.Matrix }{one}, []float64{1, 2}) }},
	} {
		p, err := c.err()
		if err == nil || p != nil || !strings.Contains(err.Error(), c.want) ||
			!strings.HasPrefix(err.Error(), "objective: ") {
			t.Errorf("error %v, want one with %q", err, c.want)
		}
	}
}

// TestScores: scores are products of rows and weights, also for other rows than those of the problem.
func TestScores(t *testing.T) {
	p := randomProblem(19, 6, 3, 0.7)
	lin := must(t)(Softmax(randomProblem(20, 9, 3, 1).dense, randomProblem(20, 9, 3, 1).labels, testClasses))
	x := randomVector(21, 9, 1)
	for _, m := range []data.Matrix{p.dense, p.sparse} {
		for k, got := range lin.Scores(x, m) {
			want := 0.0
			for j, v := range p.dense.Row(k / 3) {
				want += v * x[k%3*3+j]
			}
			if math.Abs(got-want) > 1e-15 {
				t.Errorf("%T: score %d is %v, want %v", m, k, got, want)
			}
		}
	}
	if n := len(lin.Scores(x, p.sparse)); n != 18 {
		t.Errorf("%d scores of 6 rows, want 18", n)
	}
}

func TestContractPanics(t *testing.T) {
	p := randomProblem(20, 10, 4, 1)
	lin := must(t)(LeastSquares(p.dense, p.reals))
	x, dst := make([]float64, 4), make([]float64, 4)
	for want, f := range map[string]func(){
		"objective: len(x) = 3, want 4":                                     func() { lin.Loss(x[:3], nil) },
		"objective: the rows have 3 columns, want 4":                        func() { lin.Scores(x, &data.Dense{Rows: 1, Cols: 3}) },
		"objective: len(dst) = 3, want 4":                                   func() { lin.Grad(dst[:3], x, nil) },
		"objective: batch index 10, want less than 10":                      func() { lin.Grad(dst, x, []uint32{0, 10}) },
		"objective: the mean over an empty batch; nil stands for all terms": func() { lin.Loss(x, []uint32{}) },
	} {
		func() {
			defer func() {
				if got := recover(); got != want {
					t.Errorf("panic %v, want %v", got, want)
				}
			}()
			f()
		}()
	}
}

// TestBytes: a linear model on bytes has the same bits as on the same numbers in float64.
func TestBytes(t *testing.T) {
	small := &data.Bytes{Rows: 4, Cols: 3, Data: []uint8{1, 0, 255, 7, 9, 0, 3, 4, 200, 0, 0, 1}, Divisors: []float64{7, 9, 255}}
	y := []float64{1, -1, 1, -1}
	p, q := must(t)(Logistic(small, y, L2(0.1))), must(t)(Logistic(small.Dense(), y, L2(0.1)))
	x := []float64{0.3, -2, 1}
	a, b := make([]float64, 3), make([]float64, 3)
	if f, g := p.Grad(a, x, nil), q.Grad(b, x, nil); f != g || !slices.Equal(a, b) || !slices.Equal(p.Scores(x, small), q.Scores(x, small.Dense())) {
		t.Errorf("loss %v and gradient %v on bytes, %v and %v on numbers", f, a, g, b)
	}
}

// TestCopiesOfGradients: the copies of a gradient take at most 128 MiB, or there are three.
func TestCopiesOfGradients(t *testing.T) {
	for d, want := range map[int]int{1000: 32, 1 << 19: 32, 1 << 20: 16, 1 << 22: 4, 1 << 28: 4} {
		if got := chunksOf(60_000_000, d, 1e12); got != want {
			t.Errorf("gradients of %d elements are summed in %d chunks, want %d", d, got, want)
		}
	}
	if got := chunksOf(60_000_000, 1<<22, 1<<20); got != 1 {
		t.Errorf("little work is cut into %d chunks", got)
	}
}
