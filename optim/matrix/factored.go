package matrix

import (
	"math"

	"steepest/internal/scratch"
	"steepest/internal/simd"
	"steepest/optim"
	"steepest/optim/internal/rescale"
	"steepest/param"
)

// FactoredSquares divides by the root of a running average V of squares, of which it stores only the row means r and the column means c:
// Vᵢⱼ ≈ rᵢcⱼ/mean(r), Adafactor's T (Shazeer and Stern 2018, arXiv:1804.04235, algorithm 4). The decay of the average in step t is
// min(Beta, 1 − t^(−Rate)), which is 0 in the first step. For vectors, and for matrices with a side shorter than MinSide, it stores V itself.
// r and c take rows + cols numbers. Where the divisor is 0, the update is 0.
type FactoredSquares struct {
	Rate    float64 `range:"(0," help:"exponent of the decay of the average, 1 − t^(−rate)"`
	Beta    float64 `range:"(0,1]" help:"largest decay of the average"`
	Eps     float64 `range:"0," help:"ε added to squares, or a floor"`
	Floor   bool    `help:"ε is the least root mean square, not added to squares"`
	MinSide int     `range:"0," help:"least side of a matrix that is factored"`
}

// Transform implements Transformer. Its state is r and c, or V, and the unit that they are in.
func (r FactoredSquares) Transform() optim.Transform {
	sized := func(factored func(count, rows, cols int) int, plain bool) func(param.Param) int {
		return func(p param.Param) int {
			switch count, rows, cols := p.Matrices(); {
			case r.factors(p):
				return factored(count, rows, cols)
			case plain:
				return p.Size()
			}
			return 0
		}
	}
	return optim.Transform{
		Name: "factored",
		Slots: []optim.Slot{
			{Name: "rows", Size: sized(func(count, rows, _ int) int { return count * rows }, false)},
			{Name: "cols", Size: sized(func(count, _, cols int) int { return count * cols }, false)},
			{Name: "v", Size: sized(func(_, _, _ int) int { return 0 }, true)},
			{Name: "unit", Size: func(param.Param) int { return 2 }},
		},
		Begin: func(s *optim.Step, _ []float64, c *optim.Coeffs) {
			c[0] = min(r.Beta, 1-math.Pow(float64(s.Age+1), -r.Rate))
		},
		FLOPs:   perElement(7),
		Whole32: func() optim.Whole[float32] { return (&factored[float32]{FactoredSquares: r}).transform },
		Whole64: func() optim.Whole[float64] { return (&factored[float64]{FactoredSquares: r}).transform },
	}
}

// factors reports whether the average of a parameter's squares is factored.
func (r FactoredSquares) factors(p param.Param) bool {
	count, rows, cols := p.Matrices()
	return len(p.Shape) >= 2 && count*rows*cols == p.Size() && min(rows, cols) >= r.MinSide
}

// factored is FactoredSquares with its memory.
type factored[T param.Float] struct {
	FactoredSquares
	g       []T       // the gradient in the unit
	squares []float64 // sums over the rows of a column
	inverse []float64 // of the roots of the column means
}

func (f *factored[T]) transform(_ int, c *optim.Coeffs, t *optim.Tensor[T]) error {
	rows, cols, v, keep := t.S[0], t.S[1], t.S[2], c[0]
	unit, change := rescale.Follow(t.S[3], keep, t.In)
	if change != 0 {
		for _, squares := range t.S[:3] {
			rescale.Shift(squares, squares, -2*change)
		}
	}
	g := rescale.Per(t.In, unit, &f.g)
	add, floor := ldexp(f.Eps, -2*unit), floors{}
	if f.Floor {
		add, floor = 0, floors{mean: add, root: ldexp(f.Eps, -unit)}
	}
	if !f.factors(t.Param) {
		for i, e := range g {
			square := float64(float64(e) * float64(e))
			v[i] += T((1 - keep) * (square - float64(v[i])))
			t.U[i] = T(float64(e) * inverse(max(math.Sqrt(float64(v[i])+add), floor.root)))
		}
		return nil
	}
	count, m, n := t.Param.Matrices()
	for i := range count {
		at := i * m * n
		f.divide(t.U[at:at+m*n], g[at:at+m*n], rows[i*m:][:m], cols[i*n:][:n], keep, add, floor)
	}
	return nil
}

// floors are lower bounds: of the mean of all squares, and of the root by which a gradient is divided.
type floors struct{ mean, root float64 }

// divide updates the means with the squares of the matrix g, and sets u to g divided by the root of V.
func (f *factored[T]) divide(u, g, rows, cols []T, keep, add float64, floor floors) {
	n, mean := len(cols), 0.0
	f.squares, f.inverse = scratch.Grow(f.squares, n), scratch.Grow(f.inverse, n)
	clear(f.squares)
	for i := range rows {
		row := g[i*n:][:n]
		rows[i] += T((1 - keep) * (simd.SumSquares(row)/float64(n) - float64(rows[i])))
		mean += float64(rows[i])
		for j, e := range row {
			f.squares[j] += float64(float64(e) * float64(e))
		}
	}
	mean = max(mean/float64(len(rows))+add, floor.mean)
	for j, square := range f.squares {
		cols[j] += T((1 - keep) * (square/float64(len(rows)) - float64(cols[j])))
		f.inverse[j] = inverse(math.Sqrt(float64(cols[j]) + add))
	}
	most := math.Inf(1)
	if floor.root > 0 {
		most = 1 / floor.root
	}
	for i, r := range rows {
		by := inverse(math.Sqrt((float64(r) + add) * inverse(mean)))
		to := u[i*n:][:n]
		for j, e := range g[i*n:][:n] {
			to[j] = T(float64(e) * min(by*f.inverse[j], most))
		}
	}
}

// inverse returns 1/x, or 0 for x = 0.
func inverse(x float64) float64 {
	if x == 0 {
		return 0
	}
	return 1 / x
}

// ldexp returns x·2ᵉ, capped so that products of two such numbers do not overflow.
func ldexp(x float64, e int) float64 { return min(math.Ldexp(x, e), 0x1p+1000) }
