package simd

import (
	"slices"
	"testing"
)

func TestSelect(t *testing.T) {
	before := switches()
	for _, name := range Implementations() {
		restore := Select(name)
		for _, i := range implementations {
			if *i.use != (i.name == name) {
				t.Errorf("with %q selected, %q is %v", name, i.name, *i.use)
			}
		}
		restore()
		if got := switches(); !slices.Equal(got, before) {
			t.Errorf("%q restored the switches to %v, want %v", name, got, before)
		}
	}
	if !panics(func() { Select("abacus") }) {
		t.Error(`Select("abacus") does not panic`)
	}
	if got := switches(); !slices.Equal(got, before) {
		t.Errorf("a wrong name left the switches at %v, want %v", got, before)
	}
}

func switches() (on []bool) {
	for _, i := range implementations {
		on = append(on, *i.use)
	}
	return on
}
