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
			return count * n.neurons(rows, cols)
		}}},
		FLOPs:   perElement(3),
		Whole32: func() optim.Whole[float32] { return (&normalizer[float32]{NormalizeNeurons: n}).transform },
		Whole64: func() optim.Whole[float64] { return (&normalizer[float64]{NormalizeNeurons: n}).transform },
	}
}

// columns reports whether the neurons of a matrix are its columns and not its rows.
func (n NormalizeNeurons) columns(rows, cols int) bool { return n.Longer && cols > rows }

// neurons returns the number of neurons of a matrix.
func (n NormalizeNeurons) neurons(rows, cols int) int {
	if n.columns(rows, cols) {
		return cols
	}
	return rows
}

// factor returns the factor of a neuron with the average v.
func (n NormalizeNeurons) factor(v float64) float64 {
	if n.Longer {
		return 1 / max(math.Sqrt(v), math.Sqrt(n.Eps))
	}
	return 1 / (math.Sqrt(v) + n.Eps)
}

// normalizer is NormalizeNeurons with its memory.
type normalizer[T param.Float] struct {
	NormalizeNeurons
	squares []float64 // ‖·‖² of the neurons
	factors []float64
}

func (n *normalizer[T]) transform(_ int, _ *optim.Coeffs, t *optim.Tensor[T]) error {
	v := t.S[0]
	return t.ForMatrices(func(in, u []T, rows, cols int) error {
		count := n.neurons(rows, cols)
		n.step(in, u, v[:count], rows, cols)
		v = v[count:]
		return nil
	})
}

func (n *normalizer[T]) step(in, u, v []T, rows, cols int) {
	n.square(in, rows, cols)
	n.factors = scratch.Grow(n.factors, len(v))
	var before, after float64 // squares of the norm
	for i, square := range n.squares {
		if n.Waits && square == 0 {
			n.factors[i] = 0
			continue
		}
		v[i] += T((1 - n.Beta) * (square*float64(len(v))/float64(len(in)) - float64(v[i])))
		r := n.factor(float64(v[i]))
		before, after = before+square, after+float64(r*r*square)
		n.factors[i] = r
	}
	back := math.Sqrt(before) * inverse(math.Sqrt(after))
	for i := range n.factors {
		n.factors[i] *= back
	}
	n.multiply(u, in, rows, cols)
}

// square stores the squares of the neurons of a matrix.
func (n *normalizer[T]) square(in []T, rows, cols int) {
	n.squares = scratch.Grow(n.squares, n.neurons(rows, cols))
	clear(n.squares)
	for i := range rows {
		row := in[i*cols:][:cols]
		if !n.columns(rows, cols) {
			n.squares[i] = simd.SumSquares(row)
			continue
		}
		for j, e := range row {
			n.squares[j] += float64(float64(e) * float64(e))
		}
	}
}

// multiply stores the neurons times their factors in u.
func (n *normalizer[T]) multiply(u, in []T, rows, cols int) {
	for i := range rows {
		row, to := in[i*cols:][:cols], u[i*cols:][:cols]
		if !n.columns(rows, cols) {
			simd.Scale(n.factors[i:i+1], to, row, nil)
			continue
		}
		for j, e := range row {
			to[j] = T(n.factors[j]) * e
		}
	}
}
