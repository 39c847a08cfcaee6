package optim

import (
	"steepest/internal/simd"
	"steepest/param"
)

// Signs replaces the update by its signs, 0 for 0: the negative of the linear minimization oracle of the ℓ∞ ball.
type Signs struct{}

// Transform implements Transformer. It has no state.
func (Signs) Transform() Transform {
	return Transform{Name: "sign", Tile32: signs[float32], Tile64: signs[float64], kernel: true, Rest: &Rest{}}
}

func signs[T param.Float](_ *Coeffs, t *Tile[T]) { simd.Sign(t.U, t.In, t.take()) }

// SignOfAverage is Lion's T (Chen et al. 2023, arXiv:2302.06675, algorithm 2): the sign of β₁m + (1−β₁)u; then m ← β₂m + (1−β₂)u.
type SignOfAverage struct {
	Beta1 float64 `range:"0,1"`
	Beta2 float64 `range:"0,1"`
}

// Transform implements Transformer. Its state is m.
func (r SignOfAverage) Transform() Transform {
	return Transform{
		Name:  "lion",
		Slots: []Slot{{Name: "m"}},
		Begin: func(_ *Step, _ []float64, c *Coeffs) {
			*c = Coeffs{r.Beta1, 1 - r.Beta1, r.Beta2, 1 - r.Beta2}
		},
		Tile32: signOfAverage[float32], Tile64: signOfAverage[float64], kernel: true,
	}
}

func signOfAverage[T param.Float](c *Coeffs, t *Tile[T]) {
	simd.SignOfAverage(c[:], t.U, t.In, t.S[0], t.take())
}

// Normalize divides the update by its ℓ2 norm over all parameters; 0 stays 0. The result is the negative of the linear
// minimization oracle of the ℓ2 ball.
type Normalize struct{}

// Transform implements Transformer. It has no state.
func (Normalize) Transform() Transform {
	return Transform{
		Name:   "normalize",
		Sums:   []Sum{NormOfUpdate(true)},
		Fit:    func(_ param.Param, sums, _ []float64, _ float64, c *Coeffs) { c[0] = sums[0] },
		Tile32: divide[float32], Tile64: divide[float64], kernel: true,
	}
}

func divide[T param.Float](c *Coeffs, t *Tile[T]) { simd.Divide(c[:], t.U, t.In, t.take()) }

// ClipNorm scales the update down if its ℓ2 norm over all parameters is larger than Limit, as torch.nn.utils.clip_grad_norm_
// and optax.clip_by_global_norm do (torch adds 1e-6 to the norm; we do not). With Each, it clips each parameter separately.
type ClipNorm struct {
	Limit float64 `range:"0," help:"largest norm"`
	Each  bool    `help:"clip each parameter separately"`
}

// Transform implements Transformer. It has no state.
func (r ClipNorm) Transform() Transform {
	return Transform{
		Name: "clip-norm",
		Sums: []Sum{NormOfUpdate(!r.Each)},
		Fit: func(_ param.Param, sums, _ []float64, unit float64, c *Coeffs) {
			c[0] = unit
			if u := sums[0]; u > r.Limit/unit {
				c[0] = r.Limit / u
			}
		},
		Scales: true,
	}
}

// Clip moves every element of the update into [−Limit, Limit].
type Clip struct {
	Limit float64 `range:"0," help:"largest element"`
}

// Transform implements Transformer. It has no state.
func (r Clip) Transform() Transform {
	return Transform{
		Name:   "clip",
		Begin:  func(_ *Step, _ []float64, c *Coeffs) { c[0], c[1] = -r.Limit, r.Limit },
		Tile32: clip[float32], Tile64: clip[float64], kernel: true,
		Rest: &Rest{},
	}
}

func clip[T param.Float](c *Coeffs, t *Tile[T]) { simd.Clip(c[:], t.U, t.In, t.take()) }
