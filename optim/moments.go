package optim

import (
	"math"

	"steepest/internal/simd"
	"steepest/internal/suggest"
	"steepest/param"
)

// EpsPlace says where ε is added in a division by the root of a second moment v.
type EpsPlace uint8

// The places of ε.
const (
	// EpsOutside divides by √v + ε.
	EpsOutside EpsPlace = iota
	// EpsInside divides by √(v + ε).
	EpsInside
	// EpsHat divides by √v + ε before the bias correction of v, which then applies to ε too: the second form in section 2 of
	// Kingma and Ba 2015. Without a bias correction it is EpsOutside.
	EpsHat
)

var epsPlaceNames = []string{"outside", "inside", "hat"}

// String returns the name in lower case, as UnmarshalText reads it.
func (e EpsPlace) String() string { return epsPlaceNames[e] }

// UnmarshalText reads a place by its name.
func (e *EpsPlace) UnmarshalText(text []byte) error {
	return suggest.Value(e, "value", text, epsPlaceNames)
}

// Names returns the names of all values.
func (EpsPlace) Names() []string { return epsPlaceNames }

// split returns the numbers to add inside and outside the root of a second moment that has been multiplied by debias.
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

// SumSquares divides by the root of the sum of all squares so far, s ← s + u² from s = Initial: AdaGrad's T (Duchi,
// Hazan and Singer 2011). EpsHat is the same as EpsOutside. Where the divisor is 0, the update is 0.
type SumSquares struct {
	Initial  float64 `range:"0,"`
	Eps      float64 `range:"0,"`
	EpsPlace EpsPlace
}

// Transform implements Transformer. Its state is s.
func (r SumSquares) Transform() Transform {
	inside, outside := r.EpsPlace.split(r.Eps, 1)
	return Transform{
		Name:   "adagrad",
		Slots:  []Slot{{Name: "s", Initial: r.Initial}},
		Begin:  func(_ *Step, _ []float64, c *Coeffs) { *c = Coeffs{1, 1, 1, inside, outside} },
		Tile32: divideByRoot[float32], Tile64: divideByRoot[float64], kernel: true,
		Rest: &Rest{Fades: []float64{1}},
	}
}

// MeanSquare divides by the root of the running average of squares, v ← γv + (1−γ)u² from v = Initial: RMSProp's T
// (Tieleman and Hinton 2012). Corrected divides v by 1 − γᵗ. Centered divides by the root of the variance: it subtracts the
// square of the running average m ← γm + (1−γ)u from v (Graves 2013).
type MeanSquare struct {
	Gamma     float64  `range:"0,1" help:"decay γ of the average of squares"`
	Initial   float64  `range:"0," help:"average of squares before the first step"`
	Eps       float64  `range:"0," help:"ε"`
	EpsPlace  EpsPlace `help:"ε inside or outside the root, or before the correction of bias"`
	Corrected bool     `help:"remove the bias of the average"`
	Centered  bool     `help:"divide by the deviation instead of the root mean square"`
}

// Transform implements Transformer. Its state is v, and m if it is Centered.
func (r MeanSquare) Transform() Transform {
	t := Transform{
		Name:  "rms",
		Slots: []Slot{{Name: "v", Initial: r.Initial}},
		Begin: func(s *Step, _ []float64, c *Coeffs) {
			d := 1.0
			if r.Corrected {
				d = Debias(r.Gamma, s.Age)
			}
			inside, outside := r.EpsPlace.split(r.Eps, d)
			*c = Coeffs{r.Gamma, 1 - r.Gamma, d, inside, outside}
		},
		Tile32: divideByRoot[float32], Tile64: divideByRoot[float64], kernel: true,
		Rest: &Rest{Fades: []float64{r.Gamma, r.Gamma}},
	}
	if r.Centered {
		t.Slots = append(t.Slots, Slot{Name: "m"})
		t.Tile32, t.Tile64 = divideByDeviation[float32], divideByDeviation[float64]
	}
	return t
}

func divideByRoot[T param.Float](c *Coeffs, t *Tile[T]) {
	simd.DivideByRoot(c[:], t.U, t.In, t.S[0], t.take())
}

func divideByDeviation[T param.Float](c *Coeffs, t *Tile[T]) {
	simd.DivideByDeviation(c[:], t.U, t.In, t.S[0], t.S[1], t.take())
}

// SquareRatio is AdaDelta's T (Zeiler 2012, arXiv:1212.5701, algorithm 1): v ← ρv + (1−ρ)u², u ← √(d+ε)/√(v+ε)·u with the old d,
// d ← ρd + (1−ρ)u² with the new u.
type SquareRatio struct {
	Rho float64 `range:"0,1"`
	Eps float64 `range:"0,"`
}

// Transform implements Transformer. Its state is v and d.
func (r SquareRatio) Transform() Transform {
	return Transform{
		Name:   "adadelta",
		Slots:  []Slot{{Name: "v"}, {Name: "d"}},
		Begin:  func(_ *Step, _ []float64, c *Coeffs) { *c = Coeffs{r.Rho, 1 - r.Rho, r.Eps} },
		Tile32: squareRatio[float32], Tile64: squareRatio[float64], kernel: true,
		Rest: &Rest{Fades: []float64{r.Rho, r.Rho}},
	}
}

func squareRatio[T param.Float](c *Coeffs, t *Tile[T]) {
	simd.SquareRatio(c[:], t.U, t.In, t.S[0], t.S[1], t.take())
}

// AdaptiveMoments is Adam's T (Kingma and Ba 2015, arXiv:1412.6980, algorithm 1): m ← β₁m + (1−β₁)u, v ← β₂v + (1−β₂)u²,
// u ← m̂/(√v̂ + ε) with m̂ = m/(1−β₁ᵗ) and v̂ = v/(1−β₂ᵗ). Where the divisor is 0, the update is 0.
type AdaptiveMoments struct {
	Beta1    float64 `range:"0,1"`
	Beta2    float64 `range:"0,1"`
	Eps      float64 `range:"0,"`
	EpsPlace EpsPlace
	// EpsRoot is added inside the root, in addition to Eps: optax's eps_root.
	EpsRoot float64 `range:"0,"`
	// Nesterov looks ahead as NAdam does (Dozat 2016) with the momentum βₜ = β₁ if MomentumDecay is 0, and otherwise
	// βₜ = β₁(1 − ½·0.96^(tψ)) with ψ = MomentumDecay.
	Nesterov      bool
	MomentumDecay float64 `range:"0,"`
	// Maximum divides by the maximum of v, or of a form of v, over the steps.
	Maximum Maximum
	// Second says which quantity v averages.
	Second SecondMoment
	// Initial and InitialMean are the initial values of v and m.
	Initial     float64 `range:"0,"`
	InitialMean float64 `range:"0,"`
	// Biased leaves out the bias correction of both averages.
	Biased bool
	// Rectified makes steps of RAdam (Liu et al. 2020, arXiv:1908.03265, algorithm 2): with ρ = ρ∞ − 2tβ₂ᵗ/(1−β₂ᵗ) and
	// ρ∞ = 2/(1−β₂) − 1, the update is
	// √((ρ−4)(ρ−2)ρ∞/((ρ∞−4)(ρ∞−2)ρ))·m̂/(√v̂ + ε) where ρ > 5, and m̂ before.
	Rectified bool
}

// Maximum says which maximum AdaptiveMoments divides by. Three algorithms share the name AMSGrad.
type Maximum uint8

// The maxima.
const (
	// NoMaximum divides by v̂ itself, as Adam does.
	NoMaximum Maximum = iota
	// MaximumOfPaper is v̂ ← max(v̂, v) without any correction of bias (Reddi, Kale and Kumar 2018, arXiv:1904.09237, algorithm 2).
	MaximumOfPaper
	// MaximumOfUncorrected takes the maximum of the biased v and corrects it by the current 1 − β₂ᵗ, as torch and Keras do.
	MaximumOfUncorrected
	// MaximumOfCorrected takes the maximum of the corrected v, as optax does.
	MaximumOfCorrected
)

var maximumNames = []string{"none", "paper", "uncorrected", "corrected"}

// String returns the name in lower case, as UnmarshalText reads it.
func (m Maximum) String() string { return maximumNames[m] }

// UnmarshalText reads a maximum by its name.
func (m *Maximum) UnmarshalText(text []byte) error {
	return suggest.Value(m, "value", text, maximumNames)
}

// Names returns the names of all values.
func (Maximum) Names() []string { return maximumNames }

// Transform implements Transformer. Its state is m, v, and the maximum if there is one.
func (r AdaptiveMoments) Transform() Transform {
	t := Transform{
		Name:   "adam",
		Slots:  []Slot{{Name: "m", Initial: r.InitialMean}, {Name: "v", Initial: r.Initial}},
		Begin:  r.Begin,
		Tile32: adaptiveMoments[float32], Tile64: adaptiveMoments[float64], kernel: true,
	}
	switch {
	case r.Second != SecondOfGradient:
		return r.Second.transform(t)
	case r.Rectified:
		t.Tile32, t.Tile64 = rectifiedMoments[float32], rectifiedMoments[float64]
	}
	if r.MomentumDecay != 0 {
		t.Scalars = []float64{1} // the product of the βₜ so far
	}
	if moves := r.Beta1 / math.Sqrt(r.Beta2); moves < 1 { // m̂/√v̂ shrinks by this factor or faster
		t.Rest = &Rest{Fades: []float64{r.Beta1, r.Beta2, 1}, Moves: moves}
	}
	if r.Maximum != NoMaximum {
		t.Slots = append(t.Slots, Slot{Name: "max"})
		t.Tile32, t.Tile64 = adaptiveMaximum[float32], adaptiveMaximum[float64]
	}
	return t
}

// Begin sets c to {β₁, β₂, 1−β₁, 1−β₂, factor of m, factor of u, factor of v, ε inside, ε outside, factor of the
// maximum}, as simd.AdaptiveMoments takes them.
func (r AdaptiveMoments) Begin(s *Step, scalars []float64, c *Coeffs) {
	debias1, debias2 := 1.0, 1.0
	next := 1.0
	if r.Maximum != MaximumOfPaper && !r.Biased {
		debias1, debias2, next = Debias(r.Beta1, s.Age), Debias(r.Beta2, s.Age), Debias(r.Beta1, s.Age+1)
	}
	inside, outside := r.EpsPlace.split(r.Eps, debias2)
	*c = Coeffs{r.Beta1, r.Beta2, 1 - r.Beta1, 1 - r.Beta2, 0, 0, debias2, inside + r.EpsRoot, outside, 1}
	switch {
	case !r.Nesterov:
		c[4] = debias1
	case r.MomentumDecay == 0:
		c[4], c[5] = r.Beta1*next, (1-r.Beta1)*debias1
	default:
		now, next := r.momentum(s.Age+1), r.momentum(s.Age+2)
		scalars[0] *= now
		c[4], c[5] = next, 1-now
		if !r.Biased {
			c[4] /= 1 - float64(scalars[0]*next)
			c[5] /= 1 - scalars[0]
		}
	}
	switch {
	case r.Maximum == MaximumOfUncorrected:
		c[6], c[9] = 1, debias2
	case r.Second == SecondOfBelief:
		c[7], c[9] = inside, r.EpsRoot
		if s.Age == 0 { // leave out the ε summed before the first gradient
			c[1] = 0
		}
	case r.Rectified:
		r.rectify(s.Age, debias2, c)
	}
}

// rectify scales the update by the factor of RAdam, or sets c₉ to 0 where the variance of 1/√v̂ is not bounded.
func (r AdaptiveMoments) rectify(age int, debias2 float64, c *Coeffs) {
	longest := 2/(1-r.Beta2) - 1
	length := longest - float64(2*float64(age+1)*(debias2-1))
	if length <= 5 {
		c[9] = 0
		return
	}
	by := math.Sqrt((length - 4) * (length - 2) * longest / ((longest - 4) * (longest - 2) * length))
	c[4], c[5] = c[4]*by, c[5]*by
}

// momentum returns NAdam's βₜ for t ≥ 1.
func (r AdaptiveMoments) momentum(t int) float64 {
	return float64(r.Beta1 * (1 - float64(0.5*math.Pow(0.96, float64(t)*r.MomentumDecay))))
}

func adaptiveMoments[T param.Float](c *Coeffs, t *Tile[T]) {
	simd.AdaptiveMoments(c[:], t.U, t.In, t.S[0], t.S[1], t.take())
}

func adaptiveMaximum[T param.Float](c *Coeffs, t *Tile[T]) {
	simd.AdaptiveMaximum(c[:], t.U, t.In, t.S[0], t.S[1], t.S[2], t.take())
}

// rectifiedMoments skips the division if c₉ is 0.
func rectifiedMoments[T param.Float](c *Coeffs, t *Tile[T]) {
	if c[9] != 0 {
		adaptiveMoments(c, t)
		return
	}
	keep, add, v := T(c[1]), T(c[3]), t.S[1]
	for i, u := range t.In {
		v[i] = T(keep*v[i]) + T(add*(u*u))
	}
	simd.Flush(v, v, nil)
	simd.Linear([]float64{c[0], c[2], c[4], c[5]}, t.U, t.In, t.S[0], t.take())
}
