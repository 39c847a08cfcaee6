package optim

import (
	"steepest/internal/simd"
	"steepest/param"
)

// DifferenceMoments is Adan's T (Xie et al. 2022, arXiv:2208.06677, algorithm 1): Adam with a Nesterov momentum computed from differences of
// gradients. With d = u − u₋, at first 0, it is m ← β₁m + (1−β₁)u, n ← β₂n + (1−β₂)d, v ← β₃v + (1−β₃)(u + wd)²,
// u ← (m̂ + wn̂)/(√(v̂ + EpsRoot) + ε). The authors take w = β₂, optax takes w = 1 − β₂.
type DifferenceMoments struct {
	Beta1   float64 `range:"0,1"`
	Beta2   float64 `range:"0,1"`
	Beta3   float64 `range:"0,1"`
	Weight  float64 `range:"0,"`
	Eps     float64 `range:"0,"`
	EpsRoot float64 `range:"0,"`
}

// Transform implements Transformer. Its state is m, n, v and u₋.
func (r DifferenceMoments) Transform() Transform {
	return Transform{
		Name:  "adan",
		Slots: []Slot{{Name: "m"}, {Name: "n"}, {Name: "v"}, {Name: "before"}},
		Begin: func(s *Step, _ []float64, c *Coeffs) {
			*c = Coeffs{r.Beta1, 1 - r.Beta1, r.Beta2, 1 - r.Beta2, r.Beta3, 1 - r.Beta3,
				Debias(r.Beta1, s.Age), r.Weight * Debias(r.Beta2, s.Age), Debias(r.Beta3, s.Age), r.EpsRoot, r.Eps, r.Weight, 1}
			if s.Age == 0 {
				c[12] = 0
			}
		},
		Tile32: differenceMoments[float32], Tile64: differenceMoments[float64], kernel: true,
	}
}

func differenceMoments[T param.Float](c *Coeffs, t *Tile[T]) {
	simd.DifferenceMoments(c[:], t.U, t.In, t.S[0], t.S[1], t.S[2], t.S[3], t.take())
}

// Extrapolate is u ← u + γ(u − u₋), where u₋ is the previous u, at first 0. MARS reduces the variance of gradients by this correction (Yuan et
// al. 2024, arXiv:2411.10438, equation 2.3). Here u₋ is the previous gradient, not the gradient of the same batch at the previous point.
type Extrapolate struct {
	Gamma float64 `range:"0," help:"factor γ of the difference of gradients"`
}

// Transform implements Transformer. Its state is u₋.
func (r Extrapolate) Transform() Transform {
	return Transform{
		Name:   "extrapolate",
		Slots:  []Slot{{Name: "before"}},
		Begin:  func(s *Step, _ []float64, c *Coeffs) { c[0] = r.Gamma },
		Tile32: extrapolate[float32], Tile64: extrapolate[float64], kernel: true,
	}
}

func extrapolate[T param.Float](c *Coeffs, t *Tile[T]) {
	simd.Extrapolate(c[:], t.U, t.In, t.S[0], t.take())
}
