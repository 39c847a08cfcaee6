package objective

import (
	"math"
	"math/big"
	"math/rand/v2"
	"testing"

	"steepest/data"
	"steepest/data/datatest"
)

// TestConstantsInExactArithmetic draws least squares problems of adversarial scale and compares L, Mu and PL with arithmetic of 400 bits: columns
// between 1e-8 and 1e8, duplicated and nearly dependent ones, columns and rows of zeros, rare heavy rows, n < d and d = 1.
func TestConstantsInExactArithmetic(t *testing.T) {
	count := datatest.Problems(t, 100)
	known := 0
	for seed := range uint64(count) {
		random := rand.New(rand.NewPCG(seed, 77))
		n, d := 1+random.IntN(12), 1+random.IntN(8)
		a := datatest.Adversarial(random, n, d, 1e-9)
		p, err := LeastSquares(a, make([]float64, n))
		if err != nil {
			t.Fatal(err)
		}
		x := make([]float64, d)
		for j := range x {
			x[j] = random.NormFloat64() * math.Pow(10, 16*random.Float64()-8)
		}
		if off, bound := gradientError(p, a, x), gradRounding(p, x); !(off <= bound) {
			t.Errorf("seed %d, %d×%d: the gradient is %v off, more than %v", seed, n, d, off, bound)
		}
		c := p.Constants()
		gram := exactGram(a, d <= n)
		if !math.IsInf(c.L, 1) && !definite(shifted(withoutZeros(gram), c.L, -1)) {
			t.Errorf("seed %d, %d×%d: L = %v is below the largest eigenvalue", seed, n, d, c.L)
		}
		if c.Mu > 0 && (d > n || !definite(shifted(gram, -c.Mu, 1))) {
			t.Errorf("seed %d, %d×%d: Mu = %v is above the least eigenvalue", seed, n, d, c.Mu)
		}
		if c.PL > 0 {
			known++
			if !definite(shifted(withoutZeros(gram), -c.PL, 1)) {
				t.Errorf("seed %d, %d×%d: PL = %v is above the least eigenvalue that is not 0", seed, n, d, c.PL)
			}
		}
	}
	if t.Logf("μ is known of %d problems of %d", known, count); known < count/4 {
		t.Error("too few: the bounds say nothing")
	}
}

const bits = 400

func exact(v float64) *big.Float { return new(big.Float).SetPrec(bits).SetFloat64(v) }

// exactGram returns AᵀA/n or AAᵀ/n.
func exactGram(a *data.Dense, columns bool) [][]*big.Float {
	order, terms := a.Rows, a.Cols
	at := func(i, k int) float64 { return a.Data[i*a.Cols+k] }
	if columns {
		order, terms = a.Cols, a.Rows
		at = func(i, k int) float64 { return a.Data[k*a.Cols+i] }
	}
	g := make([][]*big.Float, order)
	for i := range g {
		for j := range order {
			sum := exact(0)
			for k := range terms {
				sum.Add(sum, new(big.Float).SetPrec(bits).Mul(exact(at(i, k)), exact(at(j, k))))
			}
			g[i] = append(g[i], sum.Quo(sum, exact(float64(a.Rows))))
		}
	}
	return g
}

// gradRounding returns the norm of the bounds on the rounding of the gradient.
func gradRounding(p *Linear[float64], x []float64) float64 {
	change := make([]float64, len(x))
	p.Rounding(change, x)
	return math.Sqrt(dot(change, change))
}

// gradientError returns the norm of the error in the gradient AᵀAx/n of least squares with targets 0.
func gradientError(p *Linear[float64], a *data.Dense, x []float64) float64 {
	grad, square := make([]float64, a.Cols), 0.0
	p.Grad(grad, x, nil)
	sums := make([]*big.Float, a.Cols)
	for j := range sums {
		sums[j] = exact(0)
	}
	for i := range a.Rows {
		score := exact(0)
		for j, v := range a.Row(i) {
			score.Add(score, new(big.Float).SetPrec(bits).Mul(exact(v), exact(x[j])))
		}
		for j, v := range a.Row(i) {
			sums[j].Add(sums[j], new(big.Float).SetPrec(bits).Mul(exact(v), score))
		}
	}
	for j, sum := range sums {
		off, _ := sum.Sub(sum.Quo(sum, exact(float64(a.Rows))), exact(grad[j])).Float64()
		square += off * off
	}
	return math.Sqrt(square)
}

// withoutZeros leaves out the rows and columns with a 0 on the diagonal.
func withoutZeros(g [][]*big.Float) (out [][]*big.Float) {
	for i, row := range g {
		if row[i].Sign() == 0 {
			continue
		}
		var kept []*big.Float
		for j, v := range row {
			if g[j][j].Sign() != 0 {
				kept = append(kept, v)
			}
		}
		out = append(out, kept)
	}
	return out
}

// shifted returns sign·G + shift·I.
func shifted(g [][]*big.Float, shift float64, sign float64) (out [][]*big.Float) {
	for i, row := range g {
		out = append(out, nil)
		for j, v := range row {
			e := new(big.Float).SetPrec(bits).Mul(v, exact(sign))
			if i == j {
				e.Add(e, exact(shift))
			}
			out[i] = append(out[i], e)
		}
	}
	return out
}

// definite reports whether a matrix is positive definite, by elimination in place.
func definite(g [][]*big.Float) bool {
	for k := range g {
		if g[k][k].Sign() <= 0 {
			return false
		}
		for i := k + 1; i < len(g); i++ {
			factor := new(big.Float).SetPrec(bits).Quo(g[i][k], g[k][k])
			for j := k; j < len(g); j++ {
				g[i][j].Sub(g[i][j], new(big.Float).SetPrec(bits).Mul(factor, g[k][j]))
			}
		}
	}
	return true
}
