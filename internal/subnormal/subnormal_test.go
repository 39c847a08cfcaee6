package subnormal

import (
	"fmt"
	"math"
	"testing"
)

//go:noinline
func product(a, b float32) float32 { return a * b }

// computes returns an error unless subnormal operands and results of products are as they should be: 0 if flushed, with their sign.
func computes(flushed bool) error {
	for _, c := range []struct {
		a, b, exact float32
		subnormal   bool
	}{
		{1e-30, 1e-5, 1e-35, false},
		{1e-30, 1e-10, 1e-40, true},
		{-1e-30, 1e-10, -1e-40, true},
		{1e-40, 1e10, 1e-30, true},
	} {
		want := c.exact
		if flushed && c.subnormal {
			want = float32(math.Copysign(0, float64(want)))
		}
		got := product(c.a, c.b)
		if apart := int32(math.Float32bits(got) - math.Float32bits(want)); apart < -100 || apart > 100 { // in units of the last place: a difference is flushed
			return fmt.Errorf("flushed %v: the product for %v has the bits %#x, want %#x", flushed, c.exact, math.Float32bits(got), math.Float32bits(want))
		}
	}
	return nil
}

func TestFlush(t *testing.T) {
	check := func(flushed bool) {
		t.Helper()
		if err := computes(flushed && flush != 0); err != nil {
			t.Error(err)
		}
	}
	normal := Current()
	check(false)
	outer := Flush()
	check(true)
	inner := Flush()
	check(true)
	inner.Restore()
	check(true)
	outside := normal.Enter()
	check(false)
	outside.Restore()
	check(true)
	outer.Restore()
	check(false)
	if Current() != normal {
		t.Errorf("the mode is %#x at the end, and was %#x", Current(), normal)
	}
}
