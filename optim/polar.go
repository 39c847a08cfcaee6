package optim

import "steepest/optim/matfun"

// Polar is a way to compute polar factors, which may be left open. The zero Polar means the documented default.
type Polar struct {
	preset matfun.Preset
	set    bool
}

// PolarBy returns the Polar of a preset.
func PolarBy(p matfun.Preset) Polar { return Polar{p, true} }

// or returns p, or that of a preset if p is open.
func (p Polar) or(def matfun.Preset) Polar {
	if !p.set {
		return PolarBy(def)
	}
	return p
}

// String returns the preset's name, or "default".
func (p Polar) String() string {
	if !p.set {
		return "default"
	}
	return p.preset.String()
}

// UnmarshalText reads the name of a preset of matfun.
func (p *Polar) UnmarshalText(text []byte) error {
	err := p.preset.UnmarshalText(text)
	p.set = err == nil
	return err
}
