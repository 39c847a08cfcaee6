package simd

import (
	"slices"
	"testing"
)

func TestSelect(t *testing.T) {
	before := switches()
	for last, name := range Implementations() {
		restore := Select(name)
		for at, on := range switches() {
			if on != (at < last) {
				t.Errorf("with %q selected, %q is %v", name, implementations[at].name, on)
			}
		}
		if got := Newest(); got != name {
			t.Errorf("with %q selected, the newest is %q", name, got)
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
