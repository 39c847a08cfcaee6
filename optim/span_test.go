package optim

import (
	"strings"
	"testing"

	"steepest/optim/schedule"
)

// TestSpans: a span of steps holds at least one step.
func TestSpans(t *testing.T) {
	tenth := schedule.Constant(0.1)
	for _, c := range []struct {
		transform Transformer
		want      string // "" for a transform that works
	}{
		{Anchor{Lambda: tenth, At: 5, From: 10, To: 7}, `transform "anchor": a span from step 10 to step 7 holds no step; give a larger to, or 0 for no end`},
		{Anchor{Lambda: tenth, At: 50, To: 20}, `a span from step 50 to step 20 holds no step`},
		{Anchor{Lambda: tenth, At: 50}, ""},
		{Anchor{Lambda: tenth, At: 5, From: 5, To: 6}, ""},
		{Anchor{Lambda: tenth}, ""},
		{MoveByAverage{Beta: 0.5, Gamma: 0.9, From: 30, To: 10}, `transform "average-move": a span from step 30 to step 10 holds no step`},
		{MoveByAverage{Beta: 0.5, Gamma: 0.9, From: 30, To: 30}, "holds no step"},
		{MoveByAverage{Beta: 0.5, Gamma: 0.9, From: 30}, ""},
		{AverageAhead{Beta: tenth, Gamma: 0.9, From: 30, To: 10}, `transform "ema-nesterov": a span from step 30`},
		{AverageAhead{Beta: tenth, Gamma: 0.9, To: 10}, ""},
		{ReducedRank{Every: 5, Damping: 0.9, Most: 0.1, From: 30, To: 10}, `transform "reduced-rank": a span from step 30`},
		{ReducedRank{Every: 5, Damping: 0.9, Most: 0.1, From: 30, To: 40}, ""},
	} {
		switch _, err := (Chain{c.transform}).Transforms(); {
		case c.want == "" && err != nil:
			t.Errorf("%+v: %v", c.transform, err)
		case c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)):
			t.Errorf("%+v: the error %v, want one with %q", c.transform, err, c.want)
		}
	}
}
