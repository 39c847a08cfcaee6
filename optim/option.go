package optim

import (
	"encoding"
	"fmt"
	"strconv"

	"steepest/internal/suggest"
)

// Option is a number that may be left unset. The zero Option is unset and means the documented default, so that a
// hyperparameter whose 0 is itself a sensible setting can say both.
type Option struct {
	value float64
	set   bool
}

// Set returns an Option that holds v.
func Set(v float64) Option { return Option{v, true} }

// Or returns the number that o holds, or def if it is unset.
func (o Option) Or(def float64) float64 {
	if o.set {
		return o.value
	}
	return def
}

// or returns o, or the Option that holds def if o is unset.
func (o Option) or(def float64) Option { return Set(o.Or(def)) }

// String returns the number, or "default" if o is unset.
func (o Option) String() string {
	if !o.set {
		return "default"
	}
	return strconv.FormatFloat(o.value, 'g', -1, 64)
}

// Choice is a value with a name, such as a preset of matfun, that may be left open. The zero Choice means the documented default.
type Choice[E fmt.Stringer] struct {
	value E
	set   bool
}

// Chosen returns the Choice of v.
func Chosen[E fmt.Stringer](v E) Choice[E] { return Choice[E]{v, true} }

// or returns c, or that of def if c is open.
func (c Choice[E]) or(def E) Choice[E] {
	if !c.set {
		return Chosen(def)
	}
	return c
}

// String returns the name of the value, or "default".
func (c Choice[E]) String() string {
	if !c.set {
		return "default"
	}
	return c.value.String()
}

// UnmarshalText reads the name of a value.
func (c *Choice[E]) UnmarshalText(text []byte) error {
	err := any(&c.value).(encoding.TextUnmarshaler).UnmarshalText(text)
	c.set = err == nil
	return err
}

// Switch is a choice of yes or no that may be left open. The zero Switch means the documented default.
type Switch uint8

// The settings.
const (
	SwitchDefault Switch = iota
	On
	Off
)

// Preset is a reference whose conventions and defaults a rule follows where its own fields leave them open.
type Preset uint8

// The references.
const (
	// Lecture is the formula and the defaults of the lecture, or of the method's paper where the lecture has none.
	Lecture Preset = iota
	// Torch is torch.optim.
	Torch
	// Optax is optax.
	Optax
	// Keras is keras.optimizers.
	Keras
)

// EpsPlace says where ε stands in a division by the root of a second moment v.
type EpsPlace uint8

// The places of ε.
const (
	// EpsDefault leaves the place to the Preset.
	EpsDefault EpsPlace = iota
	// EpsOutside divides by √v + ε.
	EpsOutside
	// EpsInside divides by √(v + ε).
	EpsInside
	// EpsHat divides by √v + ε before the correction of v's bias, which then applies to ε as well: the second form in
	// section 2 of Kingma and Ba 2015. Without a correction it is EpsOutside.
	EpsHat
)

// AMSGradForm says which maximum AMSGrad divides by. Three algorithms share the name.
type AMSGradForm uint8

// The forms of AMSGrad.
const (
	// AMSGradDefault leaves the form to the Preset.
	AMSGradDefault AMSGradForm = iota
	// AMSGradPaper is v̂ ← max(v̂, v) without any correction of bias (Reddi, Kale and Kumar 2018, algorithm 2).
	AMSGradPaper
	// AMSGradUncorrected takes the maximum of the biased v and corrects it by the current 1 − β₂ᵗ, as torch and Keras do.
	AMSGradUncorrected
	// AMSGradCorrected takes the maximum of the corrected v, as optax does.
	AMSGradCorrected
)

// NesterovForm says how a look-ahead is built from the velocity b and the gradient g.
type NesterovForm uint8

// The forms of Nesterov's momentum.
const (
	// NesterovSutskever is b ← μb + g, u = g + μb: Sutskever et al. 2013 with the parameters standing at the look-ahead
	// point, which is what torch, optax and Keras implement.
	NesterovSutskever NesterovForm = iota
	// NesterovDozat is m ← μm + (1−μ)g, u = μm + (1−μ)g: the look-ahead on an average, as in NAdam (Dozat 2016) and Muon.
	NesterovDozat
)

// LRPlace says whether the step size stands before or after momentum. The two agree while the step size is constant.
type LRPlace uint8

// The places of the step size.
const (
	// LRDefault leaves the place to the Preset.
	LRDefault LRPlace = iota
	// LRAfter is b ← μb + g, x ← x − αb, as in torch.
	LRAfter
	// LRInside is b ← μb + αg, x ← x − b, as in Keras and in Polyak's own form.
	LRInside
)

// NAGGSForm says in which order NAG-GS updates x, v and γ.
type NAGGSForm uint8

// The forms of NAG-GS.
const (
	// NAGGSDefault leaves the form to the Preset.
	NAGGSDefault NAGGSForm = iota
	// NAGGSPaper moves x first and then v with the gradient at the new x (Leplat et al. 2022, algorithm 1). In a loop of
	// one gradient a step, the first step leaves x where it is.
	NAGGSPaper
	// NAGGSTorch moves v with the gradient at hand and the γ of the step before, then x, as the authors' torch code does.
	NAGGSTorch
	// NAGGSFrozen keeps γ: the authors' NAG4.
	NAGGSFrozen
)

var (
	switchNames   = []string{"default", "true", "false"}
	presetNames   = []string{"lecture", "torch", "optax", "keras"}
	epsNames      = []string{"default", "outside", "inside", "hat"}
	amsgradNames  = []string{"default", "paper", "uncorrected", "corrected"}
	lrPlaceNames  = []string{"default", "after", "inside"}
	nesterovNames = []string{"sutskever", "dozat"}
	naggsNames    = []string{"default", "paper", "torch", "frozen"}
)

// String returns "default", "true" or "false", as UnmarshalText reads it.
func (s Switch) String() string { return switchNames[s] }

// String returns the preset's name in lower case, as UnmarshalText reads it.
func (p Preset) String() string { return presetNames[p] }

// String returns the name in lower case, as UnmarshalText reads it.
func (e EpsPlace) String() string { return epsNames[e] }

// String returns the name in lower case, as UnmarshalText reads it.
func (f AMSGradForm) String() string { return amsgradNames[f] }

// String returns the name in lower case, as UnmarshalText reads it.
func (p LRPlace) String() string { return lrPlaceNames[p] }

// String returns the name in lower case, as UnmarshalText reads it.
func (f NesterovForm) String() string { return nesterovNames[f] }

// String returns the name in lower case, as UnmarshalText reads it.
func (f NAGGSForm) String() string { return naggsNames[f] }

// UnmarshalText reads "true", "false" or "default".
func (s *Switch) UnmarshalText(text []byte) error { return unmarshalName(s, switchNames, text) }

// UnmarshalText reads a preset by its name.
func (p *Preset) UnmarshalText(text []byte) error { return unmarshalName(p, presetNames, text) }

// UnmarshalText reads a place by its name.
func (e *EpsPlace) UnmarshalText(text []byte) error { return unmarshalName(e, epsNames, text) }

// UnmarshalText reads a form by its name.
func (f *AMSGradForm) UnmarshalText(text []byte) error { return unmarshalName(f, amsgradNames, text) }

// UnmarshalText reads a place by its name.
func (p *LRPlace) UnmarshalText(text []byte) error { return unmarshalName(p, lrPlaceNames, text) }

// UnmarshalText reads a form by its name.
func (f *NesterovForm) UnmarshalText(text []byte) error { return unmarshalName(f, nesterovNames, text) }

// UnmarshalText reads a form by its name.
func (f *NAGGSForm) UnmarshalText(text []byte) error { return unmarshalName(f, naggsNames, text) }

// UnmarshalText reads a number.
func (o *Option) UnmarshalText(text []byte) error {
	v, err := strconv.ParseFloat(string(text), 64)
	if err != nil || v-v != 0 {
		return fmt.Errorf("%q is not a finite number", text)
	}
	*o = Set(v)
	return nil
}

func unmarshalName[E ~uint8](e *E, names []string, text []byte) error {
	i, err := suggest.Index("value", string(text), names)
	if err == nil {
		*e = E(i)
	}
	return err
}
