package optim_test

import (
	"testing"

	"steepest/optim"
)

func TestOptionSaysWhetherItIsSet(t *testing.T) {
	var open optim.Opt[float64]
	if open.Or(3) != 3 || optim.Set(0.0).Or(3) != 0 {
		t.Errorf("Or: %v and %v, want 3 and 0", open.Or(3), optim.Set(0.0).Or(3))
	}
	if open.String() != "default" || optim.Set(1e-8).String() != "1e-08" {
		t.Errorf("String: %q and %q", open, optim.Set(1e-8))
	}
}
