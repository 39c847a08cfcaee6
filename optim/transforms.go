package optim

import (
	"math"

	"steepest/internal/simd"
	"steepest/optim/schedule"
	"steepest/param"
)

// LearningRate multiplies the update by the step size α_k and makes α_k known to the transforms after it.
func LearningRate(s schedule.Schedule) Transform {
	return Transform{
		Name:   "lr",
		Begin:  func(step *Step, _ []float64, c *Coeffs) { step.LR = s.At(step.K); c[0] = step.LR },
		Tile32: scale[float32], Tile64: scale[float64], Scales: true,
		Gain: 1,
	}
}

func scale[T param.Float](c *Coeffs, t *Tile[T]) { simd.Scale(c[:], t.U, t.In, t.take()) }

// Trace is the running sum b ← μb + (1−d)u of heavy-ball momentum (Polyak 1964), with the first b being u itself, as in
// torch. The update becomes b, or u + μb if nesterov (Sutskever et al. 2013). The dampening d is 0 everywhere else.
func Trace(mu, dampening float64, nesterov bool) Transform {
	return Transform{
		Name:  "momentum",
		Slots: []Slot{{Name: "b"}},
		Begin: func(s *Step, _ []float64, c *Coeffs) {
			*c = Coeffs{mu, 1 - dampening, 1, 0}
			if s.K == 0 {
				c[1] = 1
			}
			if nesterov {
				c[2], c[3] = mu, 1
			}
		},
		Tile32: linear[float32], Tile64: linear[float64],
		Gain: (1 - dampening) / (1 - mu),
	}
}

// Average is the running average m ← μm + (1−μ)u. The update becomes m, or its look-ahead μm + (1−μ)u if nesterov. With
// corrected the average is m/(1−μᵗ), and the look-ahead μm/(1−μᵗ⁺¹) + (1−μ)u/(1−μᵗ) (Dozat 2016).
func Average(mu float64, nesterov, corrected bool) Transform {
	return Transform{
		Name:  "average",
		Slots: []Slot{{Name: "m"}},
		Begin: func(s *Step, _ []float64, c *Coeffs) {
			now, next := debias(mu, s.K, corrected), debias(mu, s.K+1, corrected)
			*c = Coeffs{mu, 1 - mu, now, 0}
			if nesterov {
				c[2], c[3] = mu*next, (1-mu)*now
			}
		},
		Tile32: linear[float32], Tile64: linear[float64],
		Gain: 1,
	}
}

func linear[T param.Float](c *Coeffs, t *Tile[T]) { simd.Linear(c[:], t.U, t.In, t.S[0], t.take()) }

// SumSquares divides by the root of the sum of all squares so far, s ← s + u² from s = initial: AdaGrad's T (Duchi,
// Hazan and Singer 2011). EpsHat is the same as EpsOutside. Where the divisor is 0 so is the update.
func SumSquares(initial, eps float64, place EpsPlace) Transform {
	inside, outside := place.split(eps, 1)
	return Transform{
		Name:  "adagrad",
		Slots: []Slot{{Name: "s", Initial: initial}},
		Begin: func(_ *Step, _ []float64, c *Coeffs) {
			*c = Coeffs{1, 1, 1, inside, outside}
		},
		Tile32: divideByRoot[float32], Tile64: divideByRoot[float64],
	}
}

// MeanSquare divides by the root of the running average of squares, v ← γv + (1−γ)u² from v = initial: RMSProp's T
// (Tieleman and Hinton 2012). With corrected, v is divided by 1 − γᵗ.
func MeanSquare(gamma, initial, eps float64, place EpsPlace, corrected bool) Transform {
	return Transform{
		Name:  "rmsprop",
		Slots: []Slot{{Name: "v", Initial: initial}},
		Begin: func(s *Step, _ []float64, c *Coeffs) {
			d := debias(gamma, s.K, corrected)
			inside, outside := place.split(eps, d)
			*c = Coeffs{gamma, 1 - gamma, d, inside, outside}
		},
		Tile32: divideByRoot[float32], Tile64: divideByRoot[float64],
	}
}

func divideByRoot[T param.Float](c *Coeffs, t *Tile[T]) {
	simd.DivideByRoot(c[:], t.U, t.In, t.S[0], t.take())
}

// Deviation is MeanSquare with the variance in place of the square: it subtracts the square of the running average
// m ← γm + (1−γ)u from v (Graves 2013), which is RMSProp's centered form.
func Deviation(gamma, initial, eps float64, place EpsPlace, corrected bool) Transform {
	return Transform{
		Name:  "rmsprop",
		Slots: []Slot{{Name: "v", Initial: initial}, {Name: "m"}},
		Begin: func(s *Step, _ []float64, c *Coeffs) {
			d := debias(gamma, s.K, corrected)
			inside, outside := place.split(eps, d)
			*c = Coeffs{gamma, 1 - gamma, d, inside, outside}
		},
		Tile32: divideByDeviation[float32], Tile64: divideByDeviation[float64],
	}
}

func divideByDeviation[T param.Float](c *Coeffs, t *Tile[T]) {
	simd.DivideByDeviation(c[:], t.U, t.In, t.S[0], t.S[1], t.take())
}

// SquareRatio is AdaDelta's T (Zeiler 2012, algorithm 1): v ← ρv + (1−ρ)u², u ← √(d+ε)/√(v+ε)·u with the d of the step
// before, d ← ρd + (1−ρ)u².
func SquareRatio(rho, eps float64) Transform {
	return Transform{
		Name:   "adadelta",
		Slots:  []Slot{{Name: "v"}, {Name: "d"}},
		Begin:  func(_ *Step, _ []float64, c *Coeffs) { *c = Coeffs{rho, 1 - rho, eps} },
		Tile32: squareRatio[float32], Tile64: squareRatio[float64],
	}
}

func squareRatio[T param.Float](c *Coeffs, t *Tile[T]) {
	simd.SquareRatio(c[:], t.U, t.In, t.S[0], t.S[1], t.take())
}

// Moments are the hyperparameters of AdaptiveMoments. All of them are taken as they stand.
type Moments struct {
	Beta1, Beta2 float64
	Eps          float64
	Place        EpsPlace
	// EpsRoot is added inside the root besides Eps: optax's eps_root.
	EpsRoot float64
	// AMSGrad, unless AMSGradDefault, divides by the maximum of v over the steps.
	AMSGrad AMSGradForm
	// Nesterov looks ahead as NAdam does (Dozat 2016) with the momentum βₜ = β₁ if MomentumDecay is 0, and otherwise
	// βₜ = β₁(1 − ½·0.96^(tψ)) with ψ = MomentumDecay.
	Nesterov      bool
	MomentumDecay float64
}

// AdaptiveMoments is Adam's T (Kingma and Ba 2015, algorithm 1): m ← β₁m + (1−β₁)u, v ← β₂v + (1−β₂)u²,
// u ← m̂/(√v̂ + ε) with m̂ = m/(1−β₁ᵗ) and v̂ = v/(1−β₂ᵗ). Where the divisor is 0 so is the update.
func AdaptiveMoments(m Moments) Transform {
	t := Transform{
		Name:   "adam",
		Slots:  []Slot{{Name: "m"}, {Name: "v"}},
		Begin:  m.begin,
		Tile32: adaptiveMoments[float32], Tile64: adaptiveMoments[float64],
	}
	if m.MomentumDecay != 0 {
		t.Scalars = []float64{1} // the product of the βₜ so far
	}
	if m.AMSGrad != AMSGradDefault {
		t.Slots = append(t.Slots, Slot{Name: "max"})
		t.Tile32, t.Tile64 = adaptiveMaximum[float32], adaptiveMaximum[float64]
	}
	return t
}

// begin sets c to {β₁, β₂, 1−β₁, 1−β₂, factor of m, factor of u, factor of v, ε inside, ε outside, factor of the
// maximum}.
func (m Moments) begin(s *Step, scalars []float64, c *Coeffs) {
	corrected := m.AMSGrad != AMSGradPaper
	debias2 := debias(m.Beta2, s.K, corrected)
	inside, outside := m.Place.split(m.Eps, debias2)
	*c = Coeffs{m.Beta1, m.Beta2, 1 - m.Beta1, 1 - m.Beta2, 0, 0, debias2, inside + m.EpsRoot, outside, 1}
	switch {
	case !m.Nesterov:
		c[4] = debias(m.Beta1, s.K, corrected)
	case m.MomentumDecay == 0:
		c[4] = m.Beta1 * debias(m.Beta1, s.K+1, true)
		c[5] = (1 - m.Beta1) * debias(m.Beta1, s.K, true)
	default:
		now, next := m.momentum(s.K+1), m.momentum(s.K+2)
		scalars[0] *= now
		c[4] = next / (1 - scalars[0]*next)
		c[5] = (1 - now) / (1 - scalars[0])
	}
	if m.AMSGrad == AMSGradUncorrected {
		c[6], c[9] = 1, debias2
	}
}

// momentum returns NAdam's βₜ for t ≥ 1.
func (m Moments) momentum(t int) float64 {
	return m.Beta1 * (1 - 0.5*math.Pow(0.96, float64(t)*m.MomentumDecay))
}

func adaptiveMoments[T param.Float](c *Coeffs, t *Tile[T]) {
	simd.AdaptiveMoments(c[:], t.U, t.In, t.S[0], t.S[1], t.take())
}

func adaptiveMaximum[T param.Float](c *Coeffs, t *Tile[T]) {
	simd.AdaptiveMaximum(c[:], t.U, t.In, t.S[0], t.S[1], t.S[2], t.take())
}

// Signs is the sign of the update, 0 for 0: the linear minimization oracle of the ℓ∞ ball with its sign turned.
func Signs() Transform {
	return Transform{Name: "sign", Tile32: signs[float32], Tile64: signs[float64]}
}

func signs[T param.Float](_ *Coeffs, t *Tile[T]) { simd.Sign(t.U, t.In, t.take()) }

// SignOfAverage is Lion's T (Chen et al. 2023, algorithm 2): the sign of β₁m + (1−β₁)u, and then m ← β₂m + (1−β₂)u.
func SignOfAverage(beta1, beta2 float64) Transform {
	return Transform{
		Name:   "lion",
		Slots:  []Slot{{Name: "m"}},
		Begin:  func(_ *Step, _ []float64, c *Coeffs) { *c = Coeffs{beta1, 1 - beta1, beta2, 1 - beta2} },
		Tile32: signOfAverage[float32], Tile64: signOfAverage[float64],
	}
}

func signOfAverage[T param.Float](c *Coeffs, t *Tile[T]) {
	simd.SignOfAverage(c[:], t.U, t.In, t.S[0], t.take())
}

// Normalize divides the update by its ℓ2 norm over all parameters; 0 stays 0. It is the linear minimization oracle of
// the ℓ2 ball with its sign turned.
func Normalize() Transform {
	return Transform{
		Name:   "normalize",
		Norms:  GlobalNorm,
		Fit:    func(_ param.Param, u, _ float64, c *Coeffs) { c[0] = u },
		Tile32: divide[float32], Tile64: divide[float64],
	}
}

func divide[T param.Float](c *Coeffs, t *Tile[T]) { simd.Divide(c[:], t.U, t.In, t.take()) }

// ClipNorm scales the update down to the ℓ2 norm limit over all parameters if it is longer, as
// torch.nn.utils.clip_grad_norm_ and optax.clip_by_global_norm do (torch adds 1e-6 to the norm; we do not).
func ClipNorm(limit float64) Transform {
	return Transform{
		Name:  "clip-norm",
		Norms: GlobalNorm,
		Fit: func(_ param.Param, u, _ float64, c *Coeffs) {
			c[0] = 1
			if u > limit {
				c[0] = limit / u
			}
		},
		Tile32: scale[float32], Tile64: scale[float64], Scales: true,
	}
}

// Clip moves every element of the update into [−limit, limit].
func Clip(limit float64) Transform {
	return Transform{
		Name:   "clip",
		Begin:  func(_ *Step, _ []float64, c *Coeffs) { c[0], c[1] = -limit, limit },
		Tile32: clip[float32], Tile64: clip[float64],
	}
}

func clip[T param.Float](c *Coeffs, t *Tile[T]) { simd.Clip(c[:], t.U, t.In, t.take()) }

// Accumulate averages the gradients of every calls and passes the mean on with the last: one step on a batch that is
// every times as large. It must head its chain.
func Accumulate(every int) Transform {
	return Transform{
		Name:  "accumulate",
		Slots: []Slot{{Name: "mean"}},
		Every: every,
		Begin: func(s *Step, _ []float64, c *Coeffs) {
			w := 1 / float64(s.Call+1)
			*c = Coeffs{1 - w, w, 1, 0}
		},
		Tile32: linear[float32], Tile64: linear[float64],
		Gain: 1,
	}
}

// RelativeStep is Fromage (Bernstein et al. 2020, algorithm 1): x ← (x − α‖x‖/‖u‖·u)/√(1+α²) with the norms of each
// parameter by itself, which are taken to be at least minNorm. Where a norm is 0 the ratio is 1, as in optax.
func RelativeStep(s schedule.Schedule, minNorm float64) Transform {
	return Transform{
		Name: "fromage",
		Begin: func(step *Step, _ []float64, c *Coeffs) {
			step.LR = s.At(step.K)
			shrink := 1 / math.Sqrt(1+step.LR*step.LR)
			*c = Coeffs{step.LR * shrink, 1 - shrink}
		},
		Norms: ParamNorms,
		Fit: func(_ param.Param, u, x float64, c *Coeffs) {
			u, x = max(u, minNorm), max(x, minNorm)
			if u > 0 && x > 0 {
				c[0] *= x / u
			}
		},
		Tile32: combineX[float32], Tile64: combineX[float64], Mixes: true,
	}
}

// AcceleratedFlow is NAG-GS (Leplat, Merkulov, Katrutsa, Bershatsky and Oseledets 2022): a Gauss–Seidel step of size α
// for the accelerated gradient flow, with a second point v that starts at x and a damping γ that tends to μ.
func AcceleratedFlow(s schedule.Schedule, mu, gamma float64, form NAGGSForm) Transform {
	return Transform{
		Name:    "nag-gs",
		Slots:   []Slot{{Name: "v", FromX: true}},
		Scalars: []float64{gamma},
		Begin: func(step *Step, scalars []float64, c *Coeffs) {
			alpha := s.At(step.K)
			step.LR = alpha
			next := (scalars[0] + alpha*mu) / (1 + alpha)
			total := scalars[0] + alpha*mu
			*c = Coeffs{scalars[0] / total, alpha * mu / total, alpha / total, alpha / (1 + alpha)}
			if form == NAGGSPaper && step.K == 0 {
				*c = Coeffs{1, 0, 0, alpha / (1 + alpha)}
			}
			if form != NAGGSFrozen {
				scalars[0] = next
			}
		},
		Tile32: acceleratedFlow[float32], Tile64: acceleratedFlow[float64],
	}
}

func acceleratedFlow[T param.Float](c *Coeffs, t *Tile[T]) {
	simd.AcceleratedFlow(c[:], t.U, t.In, t.X, t.S[0], t.take())
}

// split returns ε as it stands inside and outside the root of a second moment that debias has made unbiased.
func (e EpsPlace) split(eps, debias float64) (inside, outside float64) {
	switch e {
	case EpsInside:
		return eps, 0
	case EpsHat:
		return 0, eps * math.Sqrt(debias)
	default:
		return 0, eps
	}
}

// debias returns 1/(1 − βᵗ) for step k = t−1, the factor that makes an average which started at 0 unbiased, or 1 unless
// corrected. The difference is taken in a form that keeps its digits when β is close to 1.
func debias(beta float64, k int, corrected bool) float64 {
	if !corrected || beta == 0 {
		return 1
	}
	return -1 / math.Expm1(float64(k+1)*math.Log(beta))
}
