package matrix

import (
	"math"

	"steepest/internal/scratch"
	"steepest/internal/simd"
	"steepest/optim"
	"steepest/optim/internal/rescale"
	"steepest/param"
)

// DivideInEigenbasis divides the update, which may be a momentum, by the root of its average square in the eigenbasis of Shampoo's moments of the gradient:
// with u' = Q_LᵀuQ_R, v ← βv + (1−β)u'², u ← Q_L(u'/(√v + ε))Q_Rᵀ, as the third track of the modded-nanogpt speedrun has SOAP-Muon (results 14 to 46, 2026),
// where ε is the least root. The bases are those of SOAP. In the first step, which has none yet, the update stays as it is.
type DivideInEigenbasis struct {
	Beta          float64 `range:"0,1" help:"decay β of the moments of the sides and of the average square"`
	Eps           float64 `range:"0," help:"ε beside the root"`
	BasisInterval int     `range:"1," help:"steps from one change of the bases to the next"`
	MaxOrder      int     `range:"0," help:"length from which on a side has no basis"`
}

// Transform keeps what SOAP keeps but for the average gradient.
func (r DivideInEigenbasis) Transform() optim.Transform {
	of := InEigenbasis{Beta2: r.Beta, ShampooBeta: r.Beta, BasisInterval: r.BasisInterval, MaxOrder: r.MaxOrder}
	t := of.Transform()
	t.Name, t.Plan = "eigenbasis", nil
	t.Slots[4].Size = func(param.Param) int { return 0 }
	t.Begin = func(_ *optim.Step, _ []float64, c *optim.Coeffs) { *c = optim.Coeffs{r.Beta, 1 - r.Beta, 1, 0, r.Eps} }
	t.Whole32 = func() optim.Whole[float32] { return (&eigenbasis[float32]{InEigenbasis: of}).divide }
	t.Whole64 = func() optim.Whole[float64] { return (&eigenbasis[float64]{InEigenbasis: of}).divide }
	return t
}

func (e *eigenbasis[T]) divide(k int, c *optim.Coeffs, t *optim.Tensor[T]) error {
	return e.forMatrices(t, func(s *matrixState[T], at, end int) error {
		_, unit := e.enter(s, t.G[at:end])
		in, u := t.In[at:end], t.U[at:end]
		if k == 0 {
			copy(u, in)
			return e.begin(s)
		}
		e.turned = scratch.Grow(e.turned, len(in))
		e.turn(e.turned, s, in, false)
		if unit != 0 {
			rescale.Shift(e.turned, e.turned, -unit)
		}
		e.coeffs = *c
		e.coeffs[4] = math.Ldexp(c[4], -unit)
		simd.DivideByRoot(e.coeffs[:], e.turned, e.turned, s.v, nil)
		e.turn(u, s, e.turned, true)
		if k%e.BasisInterval == 0 {
			return e.follow(s)
		}
		return nil
	})
}
