package optim

import (
	"math"

	"steepest/internal/scratch"
	"steepest/internal/simd"
	"steepest/param"
)

// NorMuon is Muon whose polar factor is divided, row by row, by the root of a running average of the row's mean square, and
// brought back to its norm (Li et al. 2025, arXiv:2510.05491). Defaults: those of Muon, β₂ = 0.95 for the average, and rows;
// speedrun β₂ = 0.9, and the longer side.
type NorMuon struct {
	Muon
	Beta2  Option `range:"0,1" help:"decay β₂ of the average square of a row"`
	Longer Switch `help:"divide columns instead where they are more than the rows"`
}

var _ Router = NorMuon{}

// Chain is that of Muon with NormalizeNeurons after the polar factor.
func (r NorMuon) Chain() Chain {
	r = r.Resolved().(NorMuon)
	return r.chain(NormalizeNeurons(r.Beta2.value, r.Longer == On))
}

// Routes give the matrices to Chain and the rest to AdamW.
func (r NorMuon) Routes() Routes { return r.routes("normuon", r.Chain()) }

// NormalizeNeurons divides each row of a matrix, which makes one output of a layer, by the root of the running average
// v ← βv + (1−β)‖row‖²/cols, and then scales the matrix back to its norm (Li et al. 2025, arXiv:2510.05491, algorithm 1). With
// longer it divides the columns of a matrix that has more of them than rows, as modded-nanogpt does.
func NormalizeNeurons(beta float64, longer bool) Transform {
	n := neurons{beta, longer}
	return Transform{
		Name: "normuon",
		Slots: []Slot{{Name: "v", Size: func(p param.Param) int {
			count, rows, cols := p.Matrices()
			if n.columns(rows, cols) {
				return count * cols
			}
			return count * rows
		}}},
		Whole32: func() Whole[float32] { return normalizeNeurons[float32](n) },
		Whole64: func() Whole[float64] { return normalizeNeurons[float64](n) },
	}
}

type neurons struct {
	beta   float64
	longer bool
}

func (n neurons) columns(rows, cols int) bool { return n.longer && cols > rows }

func normalizeNeurons[T param.Float](n neurons) Whole[T] {
	const eps = 1e-10
	inverse := func(root float64) float64 { return 1 / (root + eps) } // as in the authors' code
	if n.longer {
		inverse = func(root float64) float64 { return 1 / max(root, math.Sqrt(eps)) } // as in modded-nanogpt's
	}
	var squares []float64
	return func(_ int, _ *Coeffs, t *Tensor[T]) error {
		v := t.S[0]
		return t.forMatrices(func(in, u []T, rows, cols int) error {
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
					squares[j] += float64(e) * float64(e)
				}
			}
			var before, after float64
			for i, square := range squares {
				v[i] += T((1 - n.beta) * (square*float64(count)/float64(len(in)) - float64(v[i])))
				r := inverse(math.Sqrt(float64(v[i])))
				before, after = before+square, after+r*r*square
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
