package matrix

import (
	"math"

	"steepest/internal/scratch"
	"steepest/internal/simd"
	"steepest/optim"
	"steepest/param"
)

// NorMuon is Muon that divides each row of the polar factor by the root of a running average of the row's mean square, and then scales the
// matrix back to its norm (Li et al. 2025, arXiv:2510.05491). Defaults: those of Muon, β₂ = 0.95 for the average, and rows. With the preset
// speedrun β₂ = 0.9, and columns are divided if there are more columns than rows.
type NorMuon struct {
	Muon
	Beta2  optim.Opt[float64] `range:"0,1" help:"decay β₂ of the average square of a row"`
	Longer optim.Opt[bool]    `help:"divide columns if there are more columns than rows"`
}

var _ optim.Router = NorMuon{}

// Chain returns Muon's chain with NormalizeNeurons after the polar factor.
func (r NorMuon) Chain() optim.Chain {
	r = r.Resolved().(NorMuon)
	return r.around(nil, optim.Chain{NormalizeNeurons{Beta: r.Beta2.Get(), Eps: 1e-10, Longer: r.Longer.Get()}})
}

// Routes sends the matrices to Chain and the rest to AdamW.
func (r NorMuon) Routes() optim.Routes { return r.routes("normuon", r.Chain()) }

// NormalizeNeurons divides each row of a matrix, the weights of one output of a layer, by the root of the running average
// v ← βv + (1−β)‖row‖²/cols, and then scales the matrix back to its norm (Li et al. 2025, arXiv:2510.05491, algorithm 1). The authors' code
// adds ε = 1e-10 to the root. With Longer it follows modded-nanogpt: it divides columns if there are more columns than rows, and ε is a lower
// bound of v.
type NormalizeNeurons struct {
	Beta   float64 `range:"0,1" help:"decay of the average square of a row"`
	Longer bool    `help:"divide columns if there are more columns than rows"`
	Eps    float64 `range:"(0," help:"ε added to the root; with longer, the smallest average"`
	Waits  bool    `help:"keep the average of a row while the row is 0"`
}

// Transform implements Transformer. Its state is v.
func (n NormalizeNeurons) Transform() optim.Transform {
	return optim.Transform{
		Name: "normuon",
		Slots: []optim.Slot{{Name: "v", Size: func(p param.Param) int {
			count, rows, cols := p.Matrices()
			if n.columns(rows, cols) {
				return count * cols
			}
			return count * rows
		}}},
		FLOPs:   perElement(3),
		Whole32: func() optim.Whole[float32] { return normalizeNeurons[float32](n) },
		Whole64: func() optim.Whole[float64] { return normalizeNeurons[float64](n) },
	}
}

func (n NormalizeNeurons) columns(rows, cols int) bool { return n.Longer && cols > rows }

func normalizeNeurons[T param.Float](n NormalizeNeurons) optim.Whole[T] {
	by := func(root float64) float64 { return 1 / (root + n.Eps) }
	if n.Longer {
		by = func(root float64) float64 { return 1 / max(root, math.Sqrt(n.Eps)) }
	}
	var squares []float64
	return func(_ int, _ *optim.Coeffs, t *optim.Tensor[T]) error {
		v := t.S[0]
		return t.ForMatrices(func(in, u []T, rows, cols int) error {
			columns, count := n.columns(rows, cols), rows
			if columns {
				count = cols
			}
			squares = scratch.Grow(squares, count)
			clear(squares)
			for i := range rows {
				row := in[i*cols : (i+1)*cols]
				if !columns {
					squares[i] = simd.SumSquares(row)
					continue
				}
				for j, e := range row {
					squares[j] += float64(float64(e) * float64(e))
				}
			}
			var before, after float64
			for i, square := range squares {
				if n.Waits && square == 0 {
					continue
				}
				v[i] += T((1 - n.Beta) * (square*float64(count)/float64(len(in)) - float64(v[i])))
				r := by(math.Sqrt(float64(v[i])))
				before, after = before+square, after+float64(r*r*square)
				squares[i] = r
			}
			back := math.Sqrt(before) * inverse(math.Sqrt(after))
			for i := range rows {
				row, to := in[i*cols:(i+1)*cols], u[i*cols:(i+1)*cols]
				if !columns {
					simd.Scale([]float64{back * squares[i]}, to, row, nil)
					continue
				}
				for j, e := range row {
					to[j] = T(back*squares[j]) * e
				}
			}
			v = v[count:]
			return nil
		})
	}
}
