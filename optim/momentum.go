package optim

import (
	"errors"
	"math"

	"steepest/internal/simd"
	"steepest/optim/schedule"
	"steepest/param"
)

// Trace is the running sum b ← μb + (1−d)u of heavy-ball momentum (Polyak 1964). The first b is u itself, as in torch; the
// dampening d exists only there. The update becomes b, or u + μb with Nesterov (Sutskever et al. 2013). With Ahead the gradient is
// taken at x − μb, where the momentum alone would lead. This is Nesterov's own form if the step size comes before the Trace, so that
// b is a step.
type Trace struct {
	Mu        float64 `range:"0,1" help:"momentum μ"`
	Dampening float64 `range:"0,1" help:"dampening d"`
	Nesterov  bool    `help:"look ahead of the momentum"`
	Ahead     bool
}

// Transform implements Transformer. Its state is b.
func (r Trace) Transform() Transform {
	t := Transform{
		Name:  "momentum",
		Slots: []Slot{{Name: "b"}},
		Begin: func(s *Step, _ []float64, c *Coeffs) {
			*c = Coeffs{r.Mu, 1 - r.Dampening, 1, 0}
			if s.Age == 0 {
				c[1] = 1
			}
			if r.Nesterov {
				c[2], c[3] = r.Mu, 1
			}
		},
		Tile32: linear[float32], Tile64: linear[float64], kernel: true,
		Gain: (1 - r.Dampening) / (1 - r.Mu),
		Rest: &Rest{Fades: []float64{r.Mu}, Moves: r.Mu},
	}
	if r.Ahead {
		t.Point32, t.Point64 = ahead[float32](r.Mu), ahead[float64](r.Mu)
	}
	return t
}

// ahead returns the point x − μb.
func ahead[T param.Float](mu float64) func(*Tile[T]) {
	return func(t *Tile[T]) {
		copy(t.U, t.X)
		simd.Axpy(T(-mu), t.S[0], t.U)
	}
}

// Average is the running average m ← μm + (1−μ)u. The update becomes m, or its look-ahead μm + (1−μ)u with Nesterov. With
// Corrected the average is m/(1−μᵗ), and the look-ahead is μm/(1−μᵗ⁺¹) + (1−μ)u/(1−μᵗ) (Dozat 2016). This needs a constant μ; otherwise μ
// may be a function of the step.
type Average struct {
	Mu        schedule.Schedule `range:"0,1" help:"momentum μ, a number or a schedule"`
	Nesterov  bool              `help:"look ahead of the momentum"`
	Corrected bool              `help:"remove the bias of the average"`
}

// Transform implements Transformer. Its state is m.
func (r Average) Transform() Transform {
	t := Transform{
		Name:  "average",
		Slots: []Slot{{Name: "m"}},
		Begin: func(s *Step, _ []float64, c *Coeffs) {
			mu, now, next := r.Mu.At(s.K), 1.0, 1.0
			if r.Corrected {
				now, next = Debias(mu, s.Age), Debias(mu, s.Age+1)
			}
			*c = Coeffs{mu, 1 - mu, now, 0}
			if r.Nesterov {
				c[2], c[3] = mu*next, (1-mu)*now
			}
		},
		Tile32: linear[float32], Tile64: linear[float64], kernel: true,
		Gain: 1,
	}
	switch mu, constant := r.Mu.(schedule.Constant); {
	case constant:
		t.Rest = &Rest{Fades: []float64{float64(mu)}, Moves: float64(mu)}
	case r.Corrected:
		t.Check = func(param.Param) error {
			return errors.New("takes a bias from an average only where its momentum is constant")
		}
	}
	return t
}

func linear[T param.Float](c *Coeffs, t *Tile[T]) { simd.Linear(c[:], t.U, t.In, t.S[0], t.take()) }

// Debias returns 1/(1 − βᵗ) for step k = t−1: the factor that removes the bias of an average that started at 0. It is computed
// without cancellation for β close to 1.
func Debias(beta float64, k int) float64 {
	if beta == 0 {
		return 1
	}
	return -1 / math.Expm1(float64(k+1)*math.Log(beta))
}
