package rules

import "steepest/internal/suggest"

// Preset is a reference. A rule follows its conventions and defaults wherever a field is open.
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

var presetNames = []string{"lecture", "torch", "optax", "keras"}

// String returns the preset's name in lower case, as UnmarshalText reads it.
func (p Preset) String() string { return presetNames[p] }

// UnmarshalText reads a preset by its name.
func (p *Preset) UnmarshalText(text []byte) error {
	return suggest.Value(p, "value", text, presetNames)
}

// Names returns the names of all presets.
func (Preset) Names() []string { return presetNames }

// NesterovForm says how a look-ahead is built from the velocity b and the gradient g.
type NesterovForm uint8

// The forms of Nesterov's momentum.
const (
	// NesterovSutskever is b ← μb + g, u = g + μb: Sutskever et al. 2013, with the parameters at the look-ahead point. torch,
	// optax and Keras implement this form.
	NesterovSutskever NesterovForm = iota
	// NesterovDozat is m ← μm + (1−μ)g, u = μm + (1−μ)g: the look-ahead on an average, as in NAdam (Dozat 2016) and Muon.
	NesterovDozat
	// NesterovAhead is v ← μv + αg(x − μv), x ← x − v: the gradient is taken at the look-ahead point, as in the lecture. The
	// look-ahead points are the iterates of NesterovSutskever.
	NesterovAhead
)

var nesterovNames = []string{"sutskever", "dozat", "ahead"}

// String returns the name in lower case, as UnmarshalText reads it.
func (f NesterovForm) String() string { return nesterovNames[f] }

// UnmarshalText reads a form by its name.
func (f *NesterovForm) UnmarshalText(text []byte) error {
	return suggest.Value(f, "value", text, nesterovNames)
}

// Names returns the names of all values.
func (NesterovForm) Names() []string { return nesterovNames }

// LRPlace says whether the step size comes before or after momentum. Both give the same steps while the step size is constant.
type LRPlace uint8

// The places of the step size.
const (
	// LRAfter is b ← μb + g, x ← x − αb, as in torch.
	LRAfter LRPlace = iota
	// LRInside is b ← μb + αg, x ← x − b, as in Keras and in Polyak's own form.
	LRInside
)

var lrPlaceNames = []string{"after", "inside"}

// String returns the name in lower case, as UnmarshalText reads it.
func (p LRPlace) String() string { return lrPlaceNames[p] }

// UnmarshalText reads a place by its name.
func (p *LRPlace) UnmarshalText(text []byte) error {
	return suggest.Value(p, "value", text, lrPlaceNames)
}

// Names returns the names of all values.
func (LRPlace) Names() []string { return lrPlaceNames }
