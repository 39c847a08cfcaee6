package theory

import (
	"fmt"
	"math"
	"math/big"
	"math/rand/v2"
	"slices"
	"testing"

	"steepest/data/datatest"
	"steepest/objective"
	"steepest/optim/schedule"
	"steepest/optimum"
	"steepest/train"
)

// bits is the precision of f*. Columns of a matrix may be dependent up to rounding, 2⁻⁵³, and columns of its Gram matrix up to the square of
// that. Elimination multiplies these factors over up to ten columns.
const bits = 2000

// TestCertificatesInExactArithmetic draws least squares problems of adversarial scale and finds f* in arithmetic of many bits. It checks
// each certificate, the second moments, and each bound whose hypotheses hold: on a run of gradient descent, and on the exact mean over all runs
// of SGD.
func TestCertificatesInExactArithmetic(t *testing.T) {
	count := datatest.Problems(t, 100)
	certified, real, held := 0, 0, 0
	for seed := range uint64(count) {
		h := draw(t, seed)
		o, err := optimum.Find(t.Context(), h.Linear)
		if err != nil {
			t.Fatal(err)
		}
		want, _ := h.least.Float64()
		if got, exact := objective.SecondMoment(h, make([]float64, h.d)), h.secondMoment(); math.Abs(got-exact) > 1e-12*exact {
			t.Errorf("%s: E‖∇fᵢ‖² = %v at 0, want %v", h.name, got, exact)
		}
		value, rounding := h.Enclosed(o.X)
		if off, _ := number(value).Sub(number(value), h.value(o.X)).Float64(); math.Abs(off) > rounding {
			t.Errorf("%s: F(x) = %v is %.3g off, which was to be %.3g at most", h.name, value, off, rounding)
		}
		if !o.Certified {
			continue
		}
		certified++
		off := h.value(o.X)
		off.Sub(off, h.least)
		excess, _ := off.Float64() // the exact F(X) − F*
		printed, _ := number(o.Value).Sub(number(o.Value), h.least).Float64()
		if math.Abs(printed) > o.Gap || excess > 2*o.Gap {
			t.Errorf("%s: F = %v, certified to %.3g, is %.3g off, at a point that is %.3g off, F* = %v", h.name, o.Value, o.Gap, printed, excess, want)
		}
		if o.Proof != optimum.Unproved {
			real++
		}
		held += h.holdBounds(t, train.Optimum{X: o.X, F: o.Value})
	}
	t.Logf("%d problems: %d certified, %d of them for real numbers; %d bounds hold", count, certified, real, held)
	if certified < count*2/3 || real < count*2/3 || held < 2*count {
		t.Error("too few: the certificates say nothing")
	}
}

// hostile is a problem with its data and f*.
type hostile struct {
	*objective.Linear[float64]
	name  string
	n, d  int
	a     []float64
	y     []float64
	l2    float64
	least *big.Float
}

// draw returns a problem with an adversarial matrix, sometimes with n < d or d = 1. Targets have any scale; some are a multiple of the
// first column, up to rounding.
func draw(t *testing.T, seed uint64) *hostile {
	random := rand.New(rand.NewPCG(seed, 99))
	h := &hostile{n: 1 + random.IntN(12), d: 1 + random.IntN(8)}
	h.y = make([]float64, h.n)
	h.name = fmt.Sprintf("seed %d, %d×%d", seed, h.n, h.d)
	signal, scale, offset := random.IntN(3), math.Pow(10, 12*random.Float64()-6), 0.0
	if random.IntN(5) == 0 {
		offset = 1e6
	}
	x := datatest.Adversarial(random, h.n, h.d, 1e-5)
	h.a = x.Data
	largest := 0.0 // the largest element of the first column
	for i := range h.n {
		largest = max(largest, math.Abs(x.Row(i)[0]))
	}
	for i := range h.y {
		if signal > 0 && largest > 0 {
			h.y[i] = scale * (x.Row(i)[0] / largest)
		}
		if signal < 2 {
			h.y[i] += scale * random.NormFloat64()
		}
		h.y[i] += offset
	}
	var penalties []objective.Option
	if random.IntN(4) == 0 {
		h.l2 = math.Pow(10, 10*random.Float64()-8)
		penalties = append(penalties, objective.L2(h.l2))
	}
	var err error
	if h.Linear, err = objective.LeastSquares(x, h.y, penalties...); err != nil {
		t.Fatal(err)
	}
	h.least = h.minimum()
	return h
}

func number(v float64) *big.Float { return new(big.Float).SetPrec(bits).SetFloat64(v) }

func product(a, b *big.Float) *big.Float { return new(big.Float).SetPrec(bits).Mul(a, b) }

// minimum returns f*. It eliminates the columns of the data from the Gram matrix of data and targets. The last element then is 2nf*.
func (h *hostile) minimum() *big.Float {
	order := h.d + 1
	at := func(i, j int) *big.Float {
		if j == h.d {
			return number(h.y[i])
		}
		return number(h.a[i*h.d+j])
	}
	g := make([][]*big.Float, order)
	first := make([]*big.Float, order) // the diagonal
	for j := range g {
		for k := range order {
			sum := number(0)
			if j == k && j < h.d {
				sum = product(number(h.l2), number(float64(h.n)))
			}
			for i := range h.n {
				sum.Add(sum, product(at(i, j), at(i, k)))
			}
			g[j] = append(g[j], sum)
		}
		first[j] = number(0).Copy(g[j][j])
	}
	for k := range h.d {
		if limit := product(first[k], new(big.Float).SetMantExp(number(1), -bits*3/4)); g[k][k].Cmp(limit) <= 0 {
			continue // depends on the columns before
		}
		for i := k + 1; i < order; i++ {
			factor := new(big.Float).SetPrec(bits).Quo(g[i][k], g[k][k])
			for j := k; j < order; j++ {
				g[i][j].Sub(g[i][j], product(factor, g[k][j]))
			}
		}
	}
	return g[h.d][h.d].Quo(g[h.d][h.d], number(2*float64(h.n)))
}

// value returns F(x).
func (h *hostile) value(x []float64) *big.Float {
	sum := number(0)
	for i := range h.n {
		r := number(-h.y[i])
		for j, w := range x {
			r.Add(r, product(number(h.a[i*h.d+j]), number(w)))
		}
		sum.Add(sum, product(r, r))
	}
	sum.Quo(sum, number(float64(h.n)))
	for _, w := range x {
		sum.Add(sum, product(number(h.l2), product(number(w), number(w))))
	}
	return sum.Quo(sum, number(2))
}

// secondMoment returns (1/n) Σ yᵢ²‖aᵢ‖², the second moment of the gradients at 0.
func (h *hostile) secondMoment() float64 {
	sum := number(0)
	for i, y := range h.y {
		for _, v := range h.a[i*h.d : (i+1)*h.d] {
			s := product(number(y), number(v))
			sum.Add(sum, product(s, s))
		}
	}
	moment, _ := sum.Quo(sum, number(float64(h.n))).Float64()
	return moment
}

// holdBounds compares all bounds whose hypotheses hold with the exact mean of f − f* over all runs. It returns the number of these bounds.
func (h *hostile) holdBounds(t *testing.T, best train.Optimum) (held int) {
	facts := New(h, make([]float64, h.d), &best)
	for _, c := range []struct {
		batch, steps int
		alpha        float64
	}{{0, 4, 1 / facts.L}, {0, 4, 0.25 / facts.L}, {1, 2, 0.25 / facts.LMax}, {1, 2, 0.5 / facts.LMax}} {
		if math.IsInf(c.alpha, 1) {
			continue // no data
		}
		means, trace := h.runs(c.batch, c.steps, c.alpha)
		run := Run{Rule: sgd(schedule.Constant(c.alpha)), Settings: train.Settings{Batch: c.batch, Steps: c.steps}, Trace: trace}
		for _, b := range Bounds(facts, run) {
			if b.Verdict() != Held {
				continue
			}
			held++
			steps := make([]int, c.steps+1)
			for k := range steps {
				steps[k] = k
			}
			for k, bound := range b.ExcessCurve(steps) {
				if rounding := 1e-12 * (math.Abs(best.F) + means[0]); bound < means[k]*(1-1e-9)-rounding {
					t.Errorf("%s: %s, α = %.3g, batch %d, is %v at step %d, below the mean %v", h.name, b.Name, c.alpha, c.batch, bound, k, means[k])
				}
			}
		}
	}
	return held
}

// runs returns the mean of f − f* and of E‖g‖² at each step over all runs of SGD from 0.
func (h *hostile) runs(batch, steps int, alpha float64) (means []float64, trace Trace) {
	points := [][]float64{make([]float64, h.d)}
	for k := 0; ; k++ {
		mean, moment := 0.0, 0.0
		for _, x := range points {
			off := h.value(x)
			excess, _ := off.Sub(off, h.least).Float64()
			mean += excess / float64(len(points))
		}
		if means = append(means, mean); k == steps {
			return means, trace
		}
		var next [][]float64
		for _, x := range points {
			for i := range h.n {
				terms := []uint32{uint32(i)}
				if batch == 0 {
					terms = nil
				}
				g, y := make([]float64, h.d), slices.Clone(x)
				h.Grad(g, x, terms)
				square := 0.0
				for j, v := range g {
					square += v * v
					y[j] -= alpha * v
				}
				if next = append(next, y); batch == 0 {
					moment += square
					break
				}
				moment += square / float64(h.n)
			}
		}
		trace = append(trace, moment/float64(len(points)))
		points = next
	}
}
