package solver

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"testing"

	"steepest/data"
	"steepest/data/datatest"
	"steepest/objective"
	"steepest/optimum"
)

// random returns a matrix that stores a share of normal numbers, and labels ±1 of a linear model with noise.
func random(seed uint64, n, d int, share float64) (*data.CSR, []float64) {
	r := rand.New(rand.NewPCG(seed, 0))
	truth, labels := make([]float64, d), make([]float64, n)
	for j := range truth {
		truth[j] = r.NormFloat64()
	}
	m := datatest.Sparse(r, n, d, share)
	for i := range labels {
		score := 2 * r.NormFloat64()
		columns, values := m.Row(i)
		for k, j := range columns {
			score += values[k] * truth[j]
		}
		labels[i] = math.Copysign(1, score)
	}
	return m, labels
}

// wide returns m with empty columns before its own, for methods for many columns.
func wide(m *data.CSR) *data.CSR {
	w := *m
	w.Cols += maxNewtonColumns
	w.Indices = slices.Clone(m.Indices)
	for k := range w.Indices {
		w.Indices[k] += maxNewtonColumns
	}
	return &w
}

var losses = []objective.Loss{
	objective.SquaredLoss{}, objective.HuberLoss{Delta: 0.7}, objective.LogisticLoss{}, objective.HingeLoss{}, objective.SquaredHingeLoss{},
}

func linear(t *testing.T, x data.Matrix, y []float64, loss objective.Loss, penalties ...objective.Option) *objective.Linear[float64] {
	t.Helper()
	p, err := objective.NewLinear(x, y, loss, penalties...)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// variants returns the rows plain, with an intercept, with weights, and with both.
func variants(rows *data.CSR) map[string]struct {
	rows    *data.CSR
	options []objective.Option
} {
	r := rand.New(rand.NewPCG(9, 0))
	weights := make([]float64, rows.Rows)
	for i := range weights {
		weights[i] = float64(r.IntN(4))
	}
	ones := data.AppendOnes(rows).(*data.CSR)
	type variant = struct {
		rows    *data.CSR
		options []objective.Option
	}
	return map[string]variant{
		"plain":     {rows, nil},
		"intercept": {ones, []objective.Option{objective.Intercept()}},
		"weights":   {rows, []objective.Option{objective.Weights(weights)}},
		"both":      {ones, []objective.Option{objective.Intercept(), objective.Weights(weights)}},
	}
}

// agree compares a run with the optimum: F(X) is the reported value, it is within the gap of F*, and the gap is within the tolerance.
func agree(t *testing.T, p *objective.Linear[float64], least, tolerance float64, options Options) Result {
	t.Helper()
	options.Tolerance = tolerance
	got, err := Fit(t.Context(), p, options)
	if err != nil {
		t.Fatal(err)
	}
	if value := objective.Value(p, got.X); math.Abs(got.Loss-value) > 1e-13*value {
		t.Errorf("a loss of %v is told, it is %v", got.Loss, value)
	}
	if excess := got.Loss - least; !got.Converged || excess > got.Gap+1e-12*least || excess < -1e-11*least || got.Gap > tolerance*got.Loss {
		t.Errorf("tolerance %g: F − F* = %v with a gap of %v, F* = %v, by %s: %s", tolerance, excess, got.Gap, least, got.Method, got.Status)
	}
	return got
}

// TestAgreesWithOptimum: for every loss, each method that supports it reaches the value of optimum.Find, and its gap is a bound.
func TestAgreesWithOptimum(t *testing.T) {
	rows, labels := random(1, 120, 15, 0.4)
	for name, v := range variants(rows) {
		for _, loss := range losses {
			for _, l2 := range []float64{1, 1.0 / 120, 1e-3} {
				options := append([]objective.Option{objective.L2(l2)}, v.options...)
				t.Run(fmt.Sprintf("%s/%T/%g", name, loss, l2), func(t *testing.T) {
					small := linear(t, v.rows, labels, loss, options...)
					want, err := optimum.Find(t.Context(), small)
					if err != nil {
						want.Value = agree(t, small, math.NaN(), 1e-10, Options{}).Loss
					}
					matrices := []data.Matrix{v.rows, datatest.Dense(v.rows), wide(v.rows)}
					for _, x := range matrices {
						for _, tolerance := range []float64{1e-3, 1e-10} {
							agree(t, linear(t, x, labels, loss, options...), want.Value, tolerance, Options{})
						}
					}
				})
			}
		}
	}
}

// TestSparsePenalties: with λ₁, alone and with λ₂, smooth losses reach the value of optimum.Find, and the same weights are 0.
func TestSparsePenalties(t *testing.T) {
	rows, labels := random(8, 120, 15, 0.4)
	for name, v := range variants(rows) {
		for _, loss := range losses {
			if loss == (objective.HingeLoss{}) {
				continue
			}
			for _, lambda := range [][2]float64{{0.1, 0}, {0.01, 0}, {0.03, 0.01}} {
				t.Run(fmt.Sprintf("%s/%T/%v", name, loss, lambda), func(t *testing.T) {
					options := append([]objective.Option{objective.L1(lambda[0]), objective.L2(lambda[1])}, v.options...)
					want, err := optimum.Find(t.Context(), linear(t, v.rows, labels, loss, options...))
					if err != nil {
						t.Fatal(err)
					}
					for _, x := range []data.Matrix{v.rows, datatest.Dense(v.rows), wide(v.rows)} {
						for _, tolerance := range []float64{1e-3, 1e-10} {
							got := agree(t, linear(t, x, labels, loss, options...), want.Value, tolerance, Options{})
							if len(got.X) != len(want.X) {
								got.X = got.X[maxNewtonColumns:]
							}
							for j, w := range want.X {
								if tolerance < 1e-9 && math.Abs(w-got.X[j]) > 1e-4 {
									t.Errorf("x[%d] = %v, want %v", j, got.X[j], w)
								}
							}
						}
					}
				})
			}
		}
	}
	hinge := linear(t, rows, labels, objective.HingeLoss{}, objective.L1(0.1))
	if _, err := Fit(t.Context(), hinge, Options{}); err == nil || !strings.Contains(err.Error(), "hinge loss needs") {
		t.Errorf("a hinge with an ℓ1 penalty: %v", err)
	}
}

// TestSeveralScores: softmax and several targets reach the value of optimum.Find.
func TestSeveralScores(t *testing.T) {
	rows, labels := random(6, 90, 6, 0.6)
	classes, targets := make([]int, len(labels)), &data.Dense{Rows: len(labels), Cols: 3}
	r := rand.New(rand.NewPCG(7, 0))
	for i, y := range labels {
		classes[i] = r.IntN(2)
		if y > 0 {
			classes[i] = 2
		}
		targets.Data = append(targets.Data, y, r.NormFloat64(), 2*y+r.NormFloat64())
	}
	for name, v := range variants(rows) {
		for _, l2 := range []float64{1, 0.01, 1e-4} {
			t.Run(fmt.Sprintf("%s/%g", name, l2), func(t *testing.T) {
				options := append([]objective.Option{objective.L2(l2)}, v.options...)
				softmax, err := objective.Softmax(v.rows, classes, 3, options...)
				if err != nil {
					t.Fatal(err)
				}
				several, err := objective.MultiOutput(v.rows, targets, options...)
				if err != nil {
					t.Fatal(err)
				}
				for _, p := range []*objective.Linear[float64]{softmax, several} {
					want, err := optimum.Find(t.Context(), p)
					if err != nil {
						t.Fatal(err)
					}
					for _, tolerance := range []float64{1e-3, 1e-10} {
						agree(t, p, want.Value, tolerance, Options{})
					}
				}
			})
		}
	}
}

// TestInteriorPoint: the interior point method alone comes from 0 to the value of dual coordinate descent, with an intercept and weights too.
func TestInteriorPoint(t *testing.T) {
	rows, labels := random(11, 400, 20, 0.5)
	for name, v := range variants(rows) {
		for _, l2 := range []float64{1, 1e-2, 1e-6} {
			t.Run(fmt.Sprintf("%s/%g", name, l2), func(t *testing.T) {
				options := append([]objective.Option{objective.L2(l2)}, v.options...)
				p := linear(t, v.rows, labels, objective.HingeLoss{}, options...)
				r, err := newRun(t.Context(), p, Options{Tolerance: 1e-9, MaxPasses: 200})
				if err != nil {
					t.Fatal(err)
				}
				r.interiorPoint()
				value := objective.Value(p, r.result.X)
				if got := r.result; !got.Converged || math.Abs(got.Loss-value) > 1e-13*value {
					t.Errorf("a loss of %v is told, it is %v, with a gap of %v after %v passes", got.Loss, value, got.Gap, got.Passes)
				}
				if l2 == 1e-6 {
					return // the other method would take long
				}
				want := agree(t, linear(t, wide(v.rows), labels, objective.HingeLoss{}, options...), math.NaN(), 1e-9, Options{})
				if apart := math.Abs(value - want.Loss); apart > want.Gap+r.result.Gap+1e-12*value {
					t.Errorf("F = %v with a gap of %v, and %v with a gap of %v", value, r.result.Gap, want.Loss, want.Gap)
				}
				if want.Method != "dual coordinate descent" {
					t.Errorf("the reference is %s", want.Method)
				}
			})
		}
	}
}

// TestHingeTail: with a small λ₂, where dual coordinate descent alone needs thousands of passes, Fit finishes by another method if columns are
// few, and by fewer rows if they are many.
func TestHingeTail(t *testing.T) {
	rows, labels := random(12, 600, 20, 0.5)
	for _, c := range []struct {
		x      *data.CSR
		l2     float64
		method string
		passes float64
	}{
		{rows, 1e-4, "dual coordinate descent, then an interior point method", 80},
		{wide(rows), 1e-2, "dual coordinate descent", 130},
	} {
		got := agree(t, linear(t, c.x, labels, objective.HingeLoss{}, objective.L2(c.l2)), math.NaN(), 1e-7, Options{})
		if got.Method != c.method || got.Passes > c.passes {
			t.Errorf("λ₂ = %v: %v passes by %s, want at most %v by %s", c.l2, got.Passes, got.Method, c.passes, c.method)
		}
	}
}

// TestStrongPenalty: a penalty that leaves little of the weights takes no more passes for the intercept, though the classes are not balanced,
// and the labels of least squares lie far from 0.
func TestStrongPenalty(t *testing.T) {
	rows, labels := random(4, 120, 15, 0.4)
	for i := range labels {
		labels[i] = 1
		if i%3 == 0 {
			labels[i] = -1
		}
	}
	ones := data.AppendOnes(rows).(*data.CSR)
	for _, loss := range losses {
		y := slices.Clone(labels)
		if loss == (objective.SquaredLoss{}) {
			for i := range y {
				y[i] += 100
			}
		}
		for _, l2 := range []float64{30, 1e3, 1e6} {
			t.Run(fmt.Sprintf("%T/%g", loss, l2), func(t *testing.T) {
				options := []objective.Option{objective.L2(l2), objective.Intercept()}
				few := agree(t, linear(t, ones, y, loss, options...), math.NaN(), 1e-9, Options{MaxPasses: 60})
				many := linear(t, wide(ones), y, loss, options...)
				if got := agree(t, many, few.Loss, 1e-6, Options{MaxPasses: 1000}); got.Method != "dual coordinate descent" {
					t.Errorf("the method is %s", got.Method)
				}
			})
		}
	}
}

// TestAnyProcessors: the bits do not depend on the number of processors.
func TestAnyProcessors(t *testing.T) {
	rows, labels := random(2, 3000, 60, 0.9)
	for _, loss := range losses {
		for _, x := range []data.Matrix{rows, datatest.Dense(rows), wide(rows)} {
			p := linear(t, x, labels, loss, objective.L2(0.05))
			var first []float64
			for _, workers := range []int{1, 2} {
				defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(workers))
				got, err := Fit(t.Context(), p, Options{})
				if err != nil {
					t.Fatal(err)
				}
				if first == nil {
					first = got.X
				} else if !slices.Equal(first, got.X) {
					t.Errorf("%T, %T: other bits with %d workers", loss, x, workers)
				}
			}
		}
	}
}

// TestCancelled: a run that is cancelled returns its best point and the cause.
func TestCancelled(t *testing.T) {
	rows, labels := random(3, 300, 20, 0.5)
	for _, x := range []data.Matrix{rows, wide(rows)} {
		p := linear(t, x, labels, objective.LogisticLoss{}, objective.L2(1e-4))
		cause := errors.New("enough")
		ctx, cancel := context.WithCancelCause(t.Context())
		var last Result
		got, err := Fit(ctx, p, Options{Tolerance: 1e-12, Progress: func(r Result) {
			last = r
			last.X = slices.Clone(r.X)
			cancel(cause)
		}})
		if err != cause || got.Converged || !slices.Equal(got.X, last.X) || got.Loss != last.Loss {
			t.Errorf("%v with a loss of %v, want %v with that last told, %v", err, got.Loss, cause, last.Loss)
		}
	}
}

// TestWarmStart: from the minimizer, a run only needs to find the certificate.
func TestWarmStart(t *testing.T) {
	rows, labels := random(4, 300, 20, 0.5)
	p := linear(t, rows, labels, objective.LogisticLoss{}, objective.L2(1e-3))
	cold, err := Fit(t.Context(), p, Options{Tolerance: 1e-9})
	if err != nil {
		t.Fatal(err)
	}
	warm, err := Fit(t.Context(), p, Options{Tolerance: 1e-9, Start: cold.X})
	if err != nil || !warm.Converged || warm.Passes > cold.Passes/2 {
		t.Errorf("%v passes from the minimizer, %v from 0: %v", warm.Passes, cold.Passes, err)
	}
}

func TestOptions(t *testing.T) {
	rows, labels := random(5, 10, 3, 1)
	p := linear(t, rows, labels, objective.LogisticLoss{}, objective.L2(1))
	for _, c := range []struct {
		options Options
		says    string
	}{
		{Options{Tolerance: -1}, "the tolerance is -1"},
		{Options{Tolerance: 1}, "the tolerance is 1"},
		{Options{Tolerance: math.NaN()}, "the tolerance is NaN"},
		{Options{MaxPasses: -1}, "at most -1 passes"},
		{Options{Start: []float64{1}}, "a start of 1 numbers for a problem of 3"},
		{Options{Start: []float64{1, math.Inf(1), 1}}, "start[1] = +Inf"},
	} {
		if _, err := Fit(t.Context(), p, c.options); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%+v: %v, want one that says %q", c.options, err, c.says)
		}
	}
	got, err := Fit(t.Context(), p, Options{MaxPasses: 0.5, Tolerance: 1e-12})
	if err != nil || got.Converged || !strings.Contains(got.Status, "without reaching the tolerance") {
		t.Errorf("after half a pass: %v, %q", err, got.Status)
	}
}

// TestAdversarial: problems of adversarial scale are solved, or the run reports that it missed the tolerance. Nothing panics or hangs, and all
// results are finite.
func TestAdversarial(t *testing.T) {
	rows, labels := random(10, 60, 8, 0.7)
	full := datatest.Dense(rows)
	edit := func(change func(m *data.Dense)) *data.Dense {
		m := &data.Dense{Rows: full.Rows, Cols: full.Cols, Data: slices.Clone(full.Data)}
		change(m)
		return m
	}
	each := func(f func(i int, row []float64)) func(m *data.Dense) {
		return func(m *data.Dense) {
			for i := range m.Rows {
				f(i, m.Row(i))
			}
		}
	}
	for _, c := range []struct {
		name string
		x    *data.Dense
		must bool // whether the run must reach the tolerance
	}{
		{"equal columns", edit(each(func(_ int, row []float64) { row[1], row[2] = row[0], -row[0] })), true},
		{"nearly equal columns", edit(each(func(i int, row []float64) { row[1] = row[0] + 1e-9*row[2] })), true},
		{"empty rows", edit(each(func(i int, row []float64) {
			if i%3 == 0 {
				clear(row)
			}
		})), true},
		{"nothing", edit(each(func(_ int, row []float64) { clear(row) })), true},
		{"constant columns", edit(each(func(_ int, row []float64) { row[0], row[1] = 1, 7 })), true},
		{"equal rows", edit(each(func(_ int, row []float64) { copy(row, full.Row(0)) })), true},
		{"columns of other units", edit(each(func(_ int, row []float64) {
			for j := range row {
				row[j] *= math.Pow(10, float64(j-4))
			}
		})), false},
		{"tiny", edit(each(func(_ int, row []float64) {
			for j := range row {
				row[j] *= 1e-150
			}
		})), true},
		{"huge", edit(each(func(_ int, row []float64) {
			for j := range row {
				row[j] *= 1e150
			}
		})), false},
		{"squares out of range", edit(each(func(_ int, row []float64) {
			for j := range row {
				row[j] *= 1e155
			}
		})), false},
	} {
		for _, loss := range losses {
			for _, penalties := range [][]objective.Option{
				{objective.L2(0.1)}, {objective.L2(1e-12)}, {objective.L1(0.05)}, {objective.L1(0.01), objective.L2(0.1)},
			} {
				for _, x := range []data.Matrix{c.x, datatest.CSR(c.x), wide(datatest.CSR(c.x))} {
					p, err := objective.NewLinear(x, labels, loss, penalties...)
					if err != nil {
						t.Fatal(err)
					}
					l1, l2 := p.Penalties()
					if loss == (objective.HingeLoss{}) && l1 > 0 {
						continue
					}
					got, err := Fit(t.Context(), p, Options{MaxPasses: map[bool]float64{true: 5000, false: 300}[c.must && l1+l2 > 1e-3]})
					if err != nil {
						t.Fatalf("%s, %T: %v", c.name, loss, err)
					}
					value := objective.Value(p, got.X)
					if value != got.Loss && !(math.Abs(value-got.Loss) <= 1e-9*value) || got.Loss-got.Loss != 0 || !(got.Gap >= 0) {
						t.Errorf("%s, %T, λ = %g and %g, %T: F = %v, told are %v and a gap of %v", c.name, loss, l1, l2, x, value, got.Loss, got.Gap)
					}
					if c.must && l1+l2 > 1e-3 && !got.Converged {
						t.Errorf("%s, %T, λ = %g and %g, %T: %s, with a gap of %v", c.name, loss, l1, l2, x, got.Status, got.Gap)
					}
				}
			}
		}
	}
}

// TestSeparable: if a plane separates the classes and there is no penalty, the losses and their curvatures fall to 0, which no point
// attains. Fit ends when F is 0 up to rounding.
func TestSeparable(t *testing.T) {
	x := &data.Dense{Rows: 6, Cols: 3, Data: []float64{1, 2, 1, 2, 3, 1, 3, 0, 1, 0, 4, 1, 4, 1, 1, 1, 0, 1}}
	labels := []float64{-1, 1, -1, 1, 1, -1}
	for _, loss := range []objective.Loss{objective.LogisticLoss{}, objective.SquaredHingeLoss{}} {
		for _, m := range []data.Matrix{x, datatest.CSR(x), wide(datatest.CSR(x))} {
			p := linear(t, m, labels, loss)
			got, err := Fit(t.Context(), p, Options{})
			if err != nil || !got.Converged || !(got.Loss <= 1e-12*objective.Value(p, make([]float64, objective.Dim(p)))) || got.Passes > 1000 {
				t.Errorf("%T, %T: F = %v after %v passes, %q, %v", loss, m, got.Loss, got.Passes, got.Status, err)
			}
		}
	}
}

// TestWorkingSets: many columns, with dense and with rare values.
func TestWorkingSets(t *testing.T) {
	if testing.Short() {
		t.Skip("the reference takes long")
	}
	for _, test := range []struct {
		n, d  int
		share float64 // of the values that are stored
	}{{300, 2001, 0.3}, {300, 2500, 0.0012}} {
		rows, labels := random(5, test.n, test.d, test.share)
		for _, loss := range []objective.Loss{objective.SquaredLoss{}, objective.LogisticLoss{}} {
			for _, l2 := range []float64{0, 1e-3} {
				p := linear(t, data.AppendOnes(rows), labels, loss, objective.L1(0.3/float64(test.n)), objective.L2(l2), objective.Intercept())
				best, err := optimum.Find(t.Context(), p)
				if err != nil {
					t.Fatal(err)
				}
				agree(t, p, best.Value, 1e-9, Options{})
			}
		}
	}
}

// TestModelOfSet: slopes, products with the Hessian and the value of the model over a working set agree with dense matrices, after the set has
// grown and weights have moved. The model is minimized over the intercept.
func TestModelOfSet(t *testing.T) {
	rows, labels := random(6, 400, 2100, 0.2)
	weights := make([]float64, len(labels))
	for i := range weights {
		weights[i] = 1 + float64(i%2)
	}
	p := linear(t, data.AppendOnes(rows), labels, objective.LogisticLoss{}, objective.L1(1e-3), objective.L2(0.1), objective.Intercept(), objective.Weights(weights))
	r, err := newRun(t.Context(), p, Options{})
	if err != nil {
		t.Fatal(err)
	}
	s := newNewton(r)
	c := newWorkingSets(s)
	s.start()
	hessian := func(j, k int) float64 {
		h := 0.0
		for i := range r.n {
			h += r.weight(i) * s.curvatures[i] * at(r, i, j) * at(r, i, k) / float64(r.n)
		}
		if j == k && !r.free(j) {
			h += r.l2
		}
		return h
	}
	last := r.d - 1
	for _, size := range []int{leastSet / 2, leastSet} {
		clear(s.grad)
		s.grad[last] = 0.7
		for j := range size {
			s.grad[r.d-2-10*j] = float64(j + 1)
		}
		c.choose()
		c.scale()
		if m := len(c.set); m != size || c.partial {
			t.Fatalf("the set has %d columns, partial: %v; want %d, false", m, c.partial, size)
		}
		for k, j := range c.set {
			c.move(k, float64(k%3-1))
			c.signed.diagonal[k], c.signed.direction[k] = c.diagonal[k], float64(j%7)
		}
		c.signed.diagonal[1], c.signed.direction[1] = math.Inf(1), 0
		c.multiply()
		flat, moved, turned := hessian(last, last), s.grad[last], 0.0
		for b, k := range c.set {
			moved += hessian(last, k) * c.to[b]
			turned += hessian(last, k) * c.signed.direction[b]
		}
		intercept, turn := -moved/flat, -turned/flat // the minimizers of the model, and of its quadratic part along the direction
		value := intercept * s.grad[last] / 2        // the slope there is 0
		for a, j := range c.set {
			moved, product := hessian(j, last)*intercept, hessian(j, last)*turn
			for b, k := range c.set {
				h := hessian(j, k)
				moved += h * c.to[b]
				product += h * c.signed.direction[b]
			}
			if got, want := c.slopeAt(a), s.grad[j]+moved; math.Abs(got-want) > 1e-12 {
				t.Errorf("%d columns: the slope in column %d is %v, want %v", size, j, got, want)
			}
			if got := c.signed.product[a]; a != 1 && math.Abs(got-product) > 1e-12 || a == 1 && got != 0 {
				t.Errorf("%d columns: the product in column %d is %v, want %v", size, j, got, product)
			}
			value += c.to[a]*(s.grad[j]+moved/2) + r.l1*math.Abs(c.to[a])
		}
		if got := c.model(); math.Abs(got-value) > 1e-12*math.Abs(value) {
			t.Errorf("%d columns: the model is %v, want %v", size, got, value)
		}
	}
}

// at returns the value in row i and column j.
func at(r *run, i, j int) float64 {
	columns, values := r.row(i)
	if k, found := slices.BinarySearch(columns, uint32(j)); found {
		return values[k]
	}
	return 0
}

// TestRareColumns: where columns with values in few rows change their curvatures by a large factor, the Hessian is computed again, although most
// curvatures stay.
func TestRareColumns(t *testing.T) {
	const n, d, rare = 10000, 100, 3
	r := rand.New(rand.NewPCG(7, 0))
	rows, labels := datatest.Sparse(r, n, d, 0.02), make([]float64, n)
	m := &data.CSR{Rows: n, Cols: d + rare, Indptr: []int{0}}
	for i := range n {
		lo, hi := rows.Indptr[i], rows.Indptr[i+1]
		m.Indices, m.Values = append(m.Indices, rows.Indices[lo:hi]...), append(m.Values, rows.Values[lo:hi]...)
		labels[i] = float64(2*r.IntN(2) - 1)
		if i < 60 {
			m.Indices, m.Values = append(m.Indices, uint32(d+i%rare)), append(m.Values, 4+r.Float64())
			labels[i] = 1
		}
		m.Indptr = append(m.Indptr, len(m.Indices))
	}
	p := linear(t, m, labels, objective.LogisticLoss{}, objective.L1(1e-6))
	fit, err := Fit(t.Context(), p, Options{Tolerance: 1e-9})
	if err != nil {
		t.Fatal(err)
	}
	if !fit.Converged || fit.Passes > 60 {
		t.Errorf("converged: %v after %v passes", fit.Converged, fit.Passes)
	}
}

// doubled is (z−y)², a loss of the caller's own type.
type doubled struct{ objective.SquaredLoss }

func (doubled) Eval(z, y float64) (value, slope float64) { return (z - y) * (z - y), 2 * (z - y) }
func (doubled) Second(z, y float64) float64              { return 2 }
func (doubled) Curvature() (inf, sup float64)            { return 2, 2 }
func (doubled) Conjugate(u, y float64) float64           { return float64(u*u/4) + float64(u*y) }

// TestLossOfTheCaller: a loss of the caller's own type with many columns. Dual coordinate descent has no step for this loss.
func TestLossOfTheCaller(t *testing.T) {
	rows, labels := random(1, 120, 15, 0.4)
	half, err := Fit(t.Context(), linear(t, wide(rows), labels, objective.SquaredLoss{}, objective.L2(0.5)), Options{Tolerance: 1e-10})
	if err != nil {
		t.Fatal(err)
	}
	agree(t, linear(t, wide(rows), labels, doubled{}, objective.L2(1)), 2*half.Loss, 1e-9, Options{})
}

// TestOneTarget: least squares with one target and many columns has one score and no loss of a score.
func TestOneTarget(t *testing.T) {
	rows, labels := random(1, 120, 15, 0.4)
	p, err := objective.MultiOutput(wide(rows), &data.Dense{Rows: 120, Cols: 1, Data: labels}, objective.L2(0.5))
	if err != nil {
		t.Fatal(err)
	}
	same, err := Fit(t.Context(), linear(t, wide(rows), labels, objective.SquaredLoss{}, objective.L2(0.5)), Options{Tolerance: 1e-10})
	if err != nil {
		t.Fatal(err)
	}
	agree(t, p, same.Loss, 1e-9, Options{})
}

// TestShare: the gap as a share of F* counts a rounding of the loss, and has no bound if F* may be 0.
func TestShare(t *testing.T) {
	for _, c := range []struct{ loss, gap, want float64 }{
		{0, 0, 0}, {1, 0, 0x1p-52 / (1 - 0x1p-52)}, {1, 0.5, (0.5 + 0x1p-52) / (0.5 - 0x1p-52)}, {1, 1, math.Inf(1)}, {1e-12, 6e-13, 1.5},
		{0, 1e-20, math.Inf(1)}, {1, math.Inf(1), math.Inf(1)}, {math.Inf(1), math.Inf(1), math.Inf(1)},
	} {
		if got := Share(c.loss, c.gap); !(got == c.want || math.Abs(got-c.want) < 1e-12*c.want) {
			t.Errorf("Share(%g, %g) = %g, want %g", c.loss, c.gap, got, c.want)
		}
	}
}

// TestGapOfTinyPenalties: with tiny penalties, also after a few passes, the gap bounds the distance to the minimum of an accurate run, and is at
// most F.
func TestGapOfTinyPenalties(t *testing.T) {
	m, labels := random(31, 300, 20, 1)
	for _, loss := range []objective.Loss{objective.LogisticLoss{}, objective.SquaredHingeLoss{}, objective.SquaredLoss{}, objective.HuberLoss{Delta: 1}} {
		for _, options := range [][]objective.Option{{objective.L2(1e-9)}, {objective.L1(1e-9)}, {objective.L1(1e-9), objective.L2(1e-9)}} {
			p, err := objective.NewLinear(m, labels, loss, options...)
			if err != nil {
				t.Fatal(err)
			}
			best, err := Fit(t.Context(), p, Options{Tolerance: 1e-10})
			if err != nil {
				t.Fatal(err)
			}
			for _, passes := range []float64{1, 10, 100} {
				var seen []Result
				r, err := Fit(t.Context(), p, Options{Tolerance: 1e-10, MaxPasses: passes, Progress: func(r Result) { seen = append(seen, r) }})
				if err != nil {
					t.Fatal(err)
				}
				if r.Gap > r.Loss {
					t.Fatalf("%T after %v passes: F = %v with a gap of %v at the end", loss, r.Passes, r.Loss, r.Gap)
				}
				for _, r := range append(seen, r) {
					if r.Gap > r.Loss && !math.IsInf(r.Gap, 1) || r.Gap < (r.Loss-best.Loss)*(1-1e-9)-1e-13 {
						t.Fatalf("%T after %v passes: F = %v with a gap of %v, and F* = %v", loss, r.Passes, r.Loss, r.Gap, best.Loss)
					}
				}
			}
		}
	}
}

// TestTinyLassoIsCertified: columns that nearly depend on one another leave a violation of the order of λ₁, which the dual point of project repairs.
func TestTinyLassoIsCertified(t *testing.T) {
	set, err := data.Load("breast-cancer")
	if err != nil {
		t.Fatal(err)
	}
	for _, l1 := range []float64{1e-6, 1e-9} {
		p, err := objective.NewLinear(set.X, set.Y, objective.SquaredLoss{}, objective.L1(l1))
		if err != nil {
			t.Fatal(err)
		}
		r, err := Fit(t.Context(), p, Options{})
		if err != nil || !r.Converged {
			t.Errorf("λ₁ = %v: F = %v with a gap of %v after %v passes: %s, %v", l1, r.Loss, r.Gap, r.Passes, r.Status, err)
		}
	}
}

// TestStandardErrorsInUnits: the units of a column only scale its error.
func TestStandardErrorsInUnits(t *testing.T) {
	m, labels := random(32, 200, 3, 1)
	var want []float64
	for _, unit := range []float64{1, 1e9, 1e-9} {
		scaled := &data.Dense{Rows: m.Rows, Cols: 3, Data: make([]float64, 3*m.Rows)}
		x := make([]float64, 3)
		for i := range m.Rows {
			columns, values := m.Row(i)
			for k, j := range columns {
				scaled.Row(i)[j] = values[k]
			}
			scaled.Row(i)[1] *= unit
		}
		x[0], x[1], x[2] = 0.5, -0.25/unit, 0.125
		for _, loss := range []objective.Loss{objective.LogisticLoss{}, objective.SquaredLoss{}} {
			p, err := objective.NewLinear(scaled, labels, loss)
			if err != nil {
				t.Fatal(err)
			}
			got, err := StandardErrors(p, x, 200)
			if err != nil {
				t.Fatalf("unit %v: %v", unit, err)
			}
			got[1] *= unit
			if want = append(want, got...); len(want) > 6 { // of both losses in the first unit
				for j, v := range got {
					if w := want[len(want)-9+j]; math.Abs(v-w) > 1e-9*w {
						t.Errorf("unit %v, %T: the error of weight %d is %v, want %v", unit, loss, j, v, w)
					}
				}
			}
		}
	}
}

// TestStandardErrorsOfSeparatedClasses: without a penalty there is no minimizer, and so no error.
func TestStandardErrorsOfSeparatedClasses(t *testing.T) {
	for l2, want := range map[float64]string{0: "separate the classes perfectly", 1: "<nil>"} {
		p, err := objective.NewLinear(&data.Dense{Rows: 4, Cols: 1, Data: []float64{-2, -1, 1, 3}}, []float64{-1, -1, 1, 1}, objective.LogisticLoss{}, objective.L2(l2))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := StandardErrors(p, []float64{2}, 4); !strings.Contains(fmt.Sprint(err), want) {
			t.Errorf("λ₂ = %v: %v, want %s", l2, err, want)
		}
	}
}

// TestSeparableSample fits rows of which a few have the other label, without a penalty. A sample without any of them has its minimizer at
// infinity, where the rest of the rows has no minimizer nearby.
func TestSeparableSample(t *testing.T) {
	const n, odd = 4096, 2
	x, y := &data.Dense{Rows: n, Cols: 1, Data: make([]float64, n)}, make([]float64, n)
	for i := range n {
		x.Data[i] = float64(1 - 2*(i%2))
		if y[i] = x.Data[i]; i < odd {
			y[i] = -y[i]
		}
	}
	p := float64(odd) / n
	want := -float64(p*math.Log(p)) - float64((1-p)*math.Log(1-p))
	for seed := range uint64(20) {
		got, err := Fit(t.Context(), linear(t, x, y, objective.LogisticLoss{}), Options{Seed: seed})
		if err != nil || !got.Converged || math.Abs(got.Loss-want) > 1e-6*want || got.Passes > 40 {
			t.Errorf("seed %d: a loss of %v after %v passes, %q, %v; want %v", seed, got.Loss, got.Passes, got.Status, err, want)
		}
	}
}

// TestFarFromZero: moving the columns far from 0 changes only the intercept, and takes about as many passes.
func TestFarFromZero(t *testing.T) {
	for _, cols := range []int{20, 2100} { // with the Hessian, and with working sets
		r := rand.New(rand.NewPCG(8, 0))
		near := &data.Dense{Rows: 200, Cols: cols + 1, Data: make([]float64, 200*(cols+1))}
		y, weights := make([]float64, near.Rows), make([]float64, near.Rows)
		for i := range y {
			row := near.Row(i)
			for j := range row {
				row[j] = float64(r.IntN(1024)-512) / 256 // exact after it has moved
			}
			row[cols] = 1
			y[i] = math.Copysign(1, row[0]-row[1]+0.3*r.NormFloat64()+0.5)
			weights[i] = 1 + float64(r.IntN(3))
		}
		far := &data.Dense{Rows: near.Rows, Cols: near.Cols, Data: slices.Clone(near.Data)}
		for i := range y {
			for j := range cols {
				far.Row(i)[j] += 4096 * float64(1+j%3)
			}
		}
		for _, loss := range []objective.Loss{objective.LogisticLoss{}, objective.SquaredLoss{}, objective.SquaredHingeLoss{}, objective.HuberLoss{Delta: 0.7}} {
			options := []objective.Option{objective.L1(0.02), objective.L2(0.01), objective.Intercept(), objective.Weights(weights)}
			want, err := Fit(t.Context(), linear(t, near, y, loss, options...), Options{Tolerance: 1e-9})
			if err != nil {
				t.Fatal(err)
			}
			got, err := Fit(t.Context(), linear(t, far, y, loss, options...), Options{Tolerance: 1e-9})
			if err != nil || !got.Converged || math.Abs(got.Loss-want.Loss) > 2e-9*want.Loss || got.Passes > 4*want.Passes {
				t.Errorf("%d columns, %T: a loss of %v after %v passes, %q, %v; want %v after %v", cols, loss, got.Loss, got.Passes, got.Status, err, want.Loss, want.Passes)
			}
		}
	}
}
