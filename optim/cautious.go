package optim

import (
	"steepest/internal/simd"
	"steepest/internal/suggest"
	"steepest/param"
)

// Cautious sets the elements of the update to 0 that oppose the gradient (u·g ≤ 0) and scales up the others in return, for each parameter
// separately (Liang et al. 2024, arXiv:2411.16085, algorithm 1). It belongs after a momentum and before decay.
type Cautious struct {
	Scale CautiousScale `help:"factor of the kept elements: paper, d/(n+1) of n among d elements, or share, 1/max(n/d, 0.001)"`
}

// CautiousScale is the factor by which Cautious multiplies the n of d elements that it keeps.
type CautiousScale uint8

// The factors.
const (
	// CautiousPaper is d/(n+1), as in the paper and in pytorch_optimizer.
	CautiousPaper CautiousScale = iota
	// CautiousShare is 1/max(n/d, 0.001), as in timm and in the authors' later code.
	CautiousShare
)

var cautiousScaleNames = []string{"paper", "share"}

// String returns the name in lower case, as UnmarshalText reads it.
func (s CautiousScale) String() string { return cautiousScaleNames[s] }

// UnmarshalText reads a factor by its name.
func (s *CautiousScale) UnmarshalText(text []byte) error {
	return suggest.Value(s, "value", text, cautiousScaleNames)
}

// Names returns the names of all values.
func (CautiousScale) Names() []string { return cautiousScaleNames }

// Transform implements Transformer. It has no state.
func (r Cautious) Transform() Transform {
	return Transform{
		Name: "cautious",
		Sums: []Sum{{Tile32: countAgreeing[float32], Tile64: countAgreeing[float64]}},
		Fit: func(p param.Param, sums, _ []float64, _ float64, c *Coeffs) {
			if d := float64(p.Size()); r.Scale == CautiousShare {
				c[0] = 1 / max(sums[0]/d, 0.001)
			} else {
				c[0] = d / (sums[0] + 1)
			}
		},
		Tile32: agreeing[float32], Tile64: agreeing[float64], kernel: true,
	}
}

func countAgreeing[T param.Float](_ *Coeffs, t *Tile[T]) float64 {
	return simd.CountAgreeing(t.In, t.G)
}

func agreeing[T param.Float](c *Coeffs, t *Tile[T]) {
	simd.KeepAgreeing(c[:], t.U, t.In, t.G, t.take())
}
