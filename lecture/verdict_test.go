package lecture

import (
	"math"
	"testing"
)

func TestMeasurements(t *testing.T) {
	for _, c := range []struct {
		m      Measurement
		agrees bool
		en     string
	}{
		{equal("", "", 2.0004, 2, 0.001), true, "2.0004, should be 2 ± 0.001"},
		{equal("", "", 2.002, 2, 0.001), false, "2.002, should be 2 ± 0.001"},
		{equal("", "", 3, 3, 0), true, "3, should be 3"},
		{equal("", "", math.NaN(), 3, math.Inf(1)), false, "NaN, should be 3 ± +Inf"},
		{atMost("", "", 1, 1), true, "1 ≤ 1"},
		{atMost("", "", 2, 1), false, "2 ≰ 1"},
		{atMost("", "", math.NaN(), 1), false, "NaN ≰ 1"},
		{atLeast("", "", 0.25, 0.5), false, "0.25 ≱ 0.5"},
		{atLeast("", "", math.Inf(1), 0.5), true, "+Inf ≥ 0.5"},
		{timed(atLeast("", "", 3, 2)), true, "3 ≥ 2"},
		{timed(atLeast("", "", 1, 2)), false, "1 ≱ 2, not decided on this machine"},
	} {
		if got, text := c.m.Agrees(), c.m.Comparison().En; got != c.agrees || text != c.en {
			t.Errorf("%+v: %v, %q; want %v, %q", c.m, got, text, c.agrees, c.en)
		}
	}
	if (Verdict{equal("", "", 1, 1, 0), atMost("", "", 2, 1)}).Agrees() {
		t.Error("a verdict agrees in spite of a measurement")
	}
	if v := (Verdict{equal("", "", 1, 1, 0), timed(atMost("", "", 2, 1))}); !v.Agrees() {
		t.Error("a clock refutes a claim")
	}
}
