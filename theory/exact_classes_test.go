package theory

import (
	"fmt"
	"math"
	"math/big"
	"math/rand/v2"
	"testing"

	"steepest/data"
	"steepest/data/datatest"
	"steepest/objective"
	"steepest/optimum"
)

// TestCertificatesOfClassesInExactArithmetic draws logistic and squared hinge problems with columns of different scale, with an ℓ2 penalty of any
// size or none. It compares F* and its gap with the result of Newton's method in arithmetic of many bits, started at the point found.
func TestCertificatesOfClassesInExactArithmetic(t *testing.T) {
	count := datatest.Problems(t, 30)
	proofs := map[optimum.Proof]int{}
	for seed := range uint64(count) {
		random := rand.New(rand.NewPCG(seed, 5))
		c := &classes{n: 2 + random.IntN(20), d: 1 + random.IntN(4), logistic: seed%2 == 0}
		for range c.d {
			c.scale = append(c.scale, math.Pow(10, 8*random.Float64()-4))
		}
		x := &data.Dense{Rows: c.n, Cols: c.d}
		for range c.n {
			for _, s := range c.scale {
				x.Data = append(x.Data, s*random.NormFloat64())
			}
			c.y = append(c.y, float64(2*random.IntN(2)-1))
		}
		c.x = x
		if random.IntN(3) > 0 {
			c.l2 = math.Pow(10, 10*random.Float64()-8)
		}
		loss := objective.Loss(objective.SquaredHingeLoss{})
		if c.logistic {
			loss = objective.LogisticLoss{}
		}
		p, err := objective.NewLinear(x, c.y, loss, objective.L2(c.l2))
		if err != nil {
			t.Fatal(err)
		}
		o, err := optimum.Find(t.Context(), p)
		if err != nil {
			t.Fatal(err)
		}
		name := fmt.Sprintf("seed %d, %T, %d×%d, λ₂ = %.3g", seed, loss, c.n, c.d, c.l2)
		point := make([]*big.Float, c.d)
		for j, v := range o.X {
			point[j] = number(v)
		}
		value, rounding := p.Enclosed(o.X)
		at, _, _ := c.at(point)
		if off, _ := number(value).Sub(number(value), at).Float64(); math.Abs(off) > rounding {
			t.Errorf("%s: F(x) = %v is %.3g off, which was to be %.3g at most", name, value, off, rounding)
		}
		if !o.Certified {
			continue
		}
		least, ok := c.minimum(point)
		if !ok {
			continue // flat, or at a kink of the slope
		}
		proofs[o.Proof]++
		if off, _ := number(o.Value).Sub(number(o.Value), least).Float64(); math.Abs(off) > o.Gap {
			t.Errorf("%s: F = %v, certified to %.3g by %v, is %.3g off", name, o.Value, o.Gap, o.Proof, off)
		}
	}
	t.Logf("%d problems: %d proved by duality, %d by curvature", count, proofs[optimum.Duality], proofs[optimum.Curvature])
	if proofs[optimum.Duality] < count/2 || proofs[optimum.Curvature] < count/20 || proofs[optimum.Unproved] > 0 {
		t.Error("too few: the certificates say nothing")
	}
}

// classes is a problem of two classes.
type classes struct {
	n, d     int
	x        *data.Dense
	y, scale []float64
	l2       float64
	logistic bool
}

// at returns F, ∇F and ∇²F at x.
func (c *classes) at(x []*big.Float) (value *big.Float, grad []*big.Float, hess [][]*big.Float) {
	value = number(0)
	for j := range c.d {
		w := product(number(c.l2), x[j])
		value.Add(value, product(product(w, x[j]), number(0.5)))
		grad, hess = append(grad, w), append(hess, nil)
		for k := range c.d {
			hess[j] = append(hess[j], number(0))
			if j == k {
				hess[j][k].SetFloat64(c.l2)
			}
		}
	}
	one := number(1)
	for i, y := range c.y {
		m := number(0)
		for j, a := range c.x.Row(i) {
			m.Add(m, product(number(y*a), x[j]))
		}
		short := number(0).Sub(one, m)
		loss, slope, second := product(product(short, short), number(0.5)), number(0).Neg(short), one // derivatives in m
		if c.logistic {
			e := exponential(number(0).Neg(m))
			sum := number(0).Add(one, e)
			p := number(0).Quo(e, sum)
			loss, slope, second = logarithm(sum), number(0).Neg(p), product(p, number(0).Sub(one, p))
		} else if short.Sign() <= 0 {
			continue
		}
		value.Add(value, loss.Quo(loss, number(float64(c.n))))
		for j, a := range c.x.Row(i) {
			share := number(0).Quo(number(y*a), number(float64(c.n)))
			grad[j].Add(grad[j], product(share, slope))
			for k, b := range c.x.Row(i) {
				hess[j][k].Add(hess[j][k], product(product(share, number(y*b)), second))
			}
		}
	}
	return value, grad, hess
}

// minimum returns F*, by Newton's method from a point.
func (c *classes) minimum(x []*big.Float) (least *big.Float, ok bool) {
	for range 12 {
		value, grad, hess := c.at(x)
		decrement := number(0)
		for k := range c.d { // eliminates
			if hess[k][k].Sign() <= 0 {
				return nil, false
			}
			for i := k + 1; i < c.d; i++ {
				factor := number(0).Quo(hess[i][k], hess[k][k])
				for j := k; j < c.d; j++ {
					hess[i][j].Sub(hess[i][j], product(factor, hess[k][j]))
				}
				grad[i].Sub(grad[i], product(factor, grad[k]))
			}
			decrement.Add(decrement, number(0).Quo(product(grad[k], grad[k]), hess[k][k]))
		}
		if decrement.Cmp(product(value, new(big.Float).SetMantExp(number(1), -300))) <= 0 {
			return value, true
		}
		step := make([]*big.Float, c.d)
		for k := c.d - 1; k >= 0; k-- {
			step[k] = grad[k]
			for j := k + 1; j < c.d; j++ {
				step[k].Sub(step[k], product(hess[k][j], step[j]))
			}
			step[k].Quo(step[k], hess[k][k])
			x[k] = number(0).Sub(x[k], step[k])
		}
	}
	return nil, false
}

// exponential returns e^v, by the series of e^{v/2^k}.
func exponential(v *big.Float) *big.Float {
	k := max(0, v.MantExp(nil)+40)
	small := number(0).SetMantExp(v, -k)
	sum, term := number(1), number(1)
	for i := 1; term.Sign() != 0 && term.MantExp(nil) > -bits; i++ {
		term = number(0).Quo(product(term, small), number(float64(i)))
		sum.Add(sum, term)
	}
	for range k {
		sum = product(sum, sum)
	}
	return sum
}

// logarithm returns log v for v ≥ 1, by Halley's method on e^w = v.
func logarithm(v *big.Float) *big.Float {
	mantissa := new(big.Float)
	exponent := v.MantExp(mantissa)
	m, _ := mantissa.Float64()
	w := number(math.Log(m) + float64(exponent)*math.Ln2)
	for range 5 {
		e := exponential(w)
		step := number(0).Quo(number(0).Sub(v, e), number(0).Add(v, e))
		w.Add(w, step.Add(step, step))
	}
	return w
}
