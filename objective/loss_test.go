package objective

import (
	"math"
	"testing"

	"gonum.org/v1/gonum/mat"
	"pgregory.net/rapid"

	"steepest/data"
)

// TestLogisticAtAnyMargin compares with closed forms of the tails: e^{−m} for large margins m, and −m for very negative ones.
func TestLogisticAtAnyMargin(t *testing.T) {
	for _, y := range []float64{-1, 1} {
		for _, c := range []struct{ margin, value, probability float64 }{
			{0, math.Ln2, 0.5},
			{40, math.Exp(-40), math.Exp(-40)},
			{700, math.Exp(-700), math.Exp(-700)},
			{1e300, 0, 0},
			{-40, 40, 1},
			{-1e300, 1e300, 1},
		} {
			value, slope := LogisticLoss{}.Eval(c.margin*y, y)
			if !near(value, c.value, 1e-15) || !near(slope, -y*c.probability, 1e-15) {
				t.Errorf("margin %v: value %v, slope %v; want %v, %v", c.margin, value, slope, c.value, -y*c.probability)
			}
		}
	}
}

func TestSoftmaxAtAnyMargin(t *testing.T) {
	for _, c := range []struct {
		z     []float64
		label float64
		value float64
		slope []float64
	}{
		{[]float64{0, 0, 0}, 1, math.Log(3), []float64{1. / 3, -2. / 3, 1. / 3}},
		{[]float64{0, 700, 0}, 1, 2 * math.Exp(-700), []float64{math.Exp(-700), -2 * math.Exp(-700), math.Exp(-700)}},
		{[]float64{1e300, 0, -1e300}, 1, 1e300, []float64{1, -1, 0}},
		{[]float64{-1e300, 1e300, 1e300}, 2, math.Ln2, []float64{0, 0.5, -0.5}},
		{[]float64{1e300, 0, 0}, 0, 0, []float64{0, 0, 0}},
	} {
		z := append([]float64(nil), c.z...)
		if value := (softmax{3}).eval(z, c.label); !near(value, c.value, 1e-15) {
			t.Errorf("%v: value %v, want %v", c.z, value, c.value)
		}
		for k := range z {
			if !near(z[k], c.slope[k], 1e-15) {
				t.Errorf("%v: slope[%d] = %v, want %v", c.z, k, z[k], c.slope[k])
			}
		}
	}
}

func TestSoftmaxOfTwoClassesIsLogistic(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := rapid.Float64Range(-800, 800).Draw(t, "margin")
		z := []float64{m, 0}
		value := softmax{2}.eval(z, 0)
		want, slope := LogisticLoss{}.Eval(m, 1)
		if !near(value, want, 1e-15) || !near(z[0], slope, 1e-15) || z[1] != -z[0] {
			t.Fatalf("margin %v: %v, %v; logistic %v, %v", m, value, z, want, slope)
		}
	})
}

// TestFenchel checks the four formulas of each loss against each other: ℓ(z) + ℓ*(u) ≥ uz for all u, with equality at the
// slope u = ℓ'(z), and slopes that rise no faster than Curvature allows.
func TestFenchel(t *testing.T) {
	for _, m := range models {
		t.Run(m.name, func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				c := m.loss.outputs()
				y := rapid.Float64Range(-5, 5).Draw(t, "y")
				if m.loss.checkLabel(y) != nil {
					y = rapid.SampledFrom([]float64{-1, 1}).Draw(t, "sign")
				}
				if c > 1 {
					y = float64(rapid.IntRange(0, c-1).Draw(t, "class"))
				}
				scores := rapid.SliceOfN(rapid.Float64Range(-20, 20), c, c)
				z, w := scores.Draw(t, "z"), scores.Draw(t, "w")
				u, v := append([]float64(nil), z...), append([]float64(nil), w...)
				value := m.loss.eval(u, y)
				m.loss.eval(v, y)
				scale := 1 + math.Abs(value) + 20*float64(c)*(1+math.Abs(y))*(1+math.Abs(u[0]))
				if gap := value + m.loss.conjugate(u, y) - dot(u, z); math.Abs(gap) > 1e-14*scale {
					t.Fatalf("ℓ + ℓ* − uz = %v at the slope, want 0", gap)
				}
				if gap := value + m.loss.conjugate(v, y) - dot(v, z); gap < -1e-12*scale {
					t.Fatalf("ℓ + ℓ* − uz = %v < 0 at another slope", gap)
				}
				_, sup := m.loss.curvature()
				var rise, run float64
				for k := range z {
					rise += (u[k] - v[k]) * (u[k] - v[k])
					run += (z[k] - w[k]) * (z[k] - w[k])
				}
				if math.Sqrt(rise) > sup*math.Sqrt(run)*(1+1e-12)+1e-14 {
					t.Fatalf("slopes differ by %v over %v, curvature at most %v", math.Sqrt(rise), math.Sqrt(run), sup)
				}
			})
		})
	}
}

// TestCurvatureIsAttained finds the point and the direction in which each bound on the second derivative is an equality.
func TestCurvatureIsAttained(t *testing.T) {
	for _, c := range []struct {
		loss      loss
		z         []float64
		y         float64
		direction []float64 // of length 1
	}{
		{scalar{SquaredLoss{}}, []float64{3}, 1, []float64{1}},
		{scalar{HuberLoss{0.5}}, []float64{3.2}, 3, []float64{1}},
		{scalar{LogisticLoss{}}, []float64{0}, -1, []float64{1}},
		{scalar{SquaredHingeLoss{}}, []float64{0}, 1, []float64{1}},
		{softmax{3}, []float64{5, 5, -1000}, 1, []float64{math.Sqrt2 / 2, -math.Sqrt2 / 2, 0}},
		{targets{&data.Dense{Rows: 1, Cols: 2, Data: []float64{1, 2}}}, []float64{3, 4}, 0, []float64{0.6, 0.8}},
	} {
		k := len(c.z)
		h, second := make([]float64, k*k), 0.0
		c.loss.hessian(h, c.z, c.y)
		for i, v := range c.direction {
			second += v * dot(h[i*k:(i+1)*k], c.direction)
		}
		if _, sup := c.loss.curvature(); !near(second, sup, 1e-15) {
			t.Errorf("%#v: second derivative %v, the bound is %v", c.loss, second, sup)
		}
	}
}

func TestConjugateOutsideItsDomain(t *testing.T) {
	for _, c := range []struct {
		loss loss
		u    []float64
		y    float64
	}{
		{scalar{LogisticLoss{}}, []float64{0.1}, 1},
		{scalar{LogisticLoss{}}, []float64{-1.1}, 1},
		{scalar{HingeLoss{}}, []float64{1.1}, -1},
		{scalar{SquaredHingeLoss{}}, []float64{0.1}, 1},
		{scalar{HuberLoss{2}}, []float64{-2.1}, 0},
		{softmax{2}, []float64{0.5, 0.5}, 0},
		{softmax{2}, []float64{0.5, -0.5}, 0},
	} {
		if got := c.loss.conjugate(c.u, c.y); !math.IsInf(got, 1) {
			t.Errorf("%#v: conjugate(%v, %v) = %v, want +Inf", c.loss, c.u, c.y, got)
		}
	}
}

func checkHess(t *testing.T, lin *Linear[float64], x []float64) {
	t.Helper()
	hess := mat.NewSymDense(len(x), randomVector(99, len(x)*len(x), 1)) // must be overwritten
	lin.Hess(hess, x)
	up, down := make([]float64, len(x)), make([]float64, len(x))
	for j := range x {
		const h = 1e-6
		y := append([]float64(nil), x...)
		y[j] = x[j] + h
		lin.Grad(up, y, nil)
		y[j] = x[j] - h
		lin.Grad(down, y, nil)
		for k := range x {
			if want := (up[k] - down[k]) / (2 * h); math.Abs(hess.At(j, k)-want) > 1e-8 {
				t.Fatalf("H[%d,%d] = %v, differences of the gradient give %v", j, k, hess.At(j, k), want)
			}
		}
	}
}
