package schedule_test

import (
	"math"
	"testing"

	"pgregory.net/rapid"

	"steepest/optim/schedule"
)

func TestImpossibleSchedules(t *testing.T) {
	for _, test := range []struct {
		s    schedule.Schedule
		want string
	}{
		{schedule.Trapezoid{Peak: 1, Warmup: 8, Decay: 8, Steps: 10}, "a warm-up of 8 steps and a decay of 8 do not fit into 10 steps"},
		{schedule.Trapezoid{Peak: 1, Decay: 11, Steps: 10}, "a warm-up of 0 steps and a decay of 11 do not fit into 10 steps"},
		{schedule.Trapezoid{Peak: 1, Warmup: math.MaxInt, Decay: math.MaxInt, Steps: 10},
			"a warm-up of 9223372036854775807 steps and a decay of 9223372036854775807 do not fit into 10 steps"},
		{schedule.Trapezoid{Peak: 1, Warmup: -1, Steps: 10}, "a warm-up of -1 steps and a decay of 0 do not fit into 10 steps"},
		{schedule.Trapezoid{Peak: 1}, "it goes from its first step size to its last over 0 steps; want at least 1"},
		{schedule.Cosine{Initial: 0.1}, "it goes from its first step size to its last over 0 steps; want at least 1"},
		{schedule.Polynomial{Initial: 0.1, Steps: -3}, "it goes from its first step size to its last over -3 steps; want at least 1"},
		{schedule.Warmup{Steps: 5, Then: schedule.Cosine{Initial: 0.1}}, "it goes from its first step size to its last over 0 steps; want at least 1"},
		{schedule.Warmup{Steps: 5}, "the warm-up leads to no schedule"},
		{schedule.Exponential{Initial: 0.1}, "the rate is 0; want a positive number"},
		{schedule.Step{Initial: 0.1, Rate: math.Inf(1), Every: 3}, "the rate is +Inf; want a positive number"},
		{schedule.Piecewise{Values: []float64{1}, Boundaries: []int{3}}, "1 values and 1 boundaries; want one value more than boundaries"},
		{schedule.Piecewise{Values: []float64{1, 2, 3}, Boundaries: []int{5, 5}}, "boundary 5 must be a step after 5"},
		{schedule.StronglyConvex{}, "μ = 0; want a positive number"},
		{schedule.Switch{Mu: 1}, "L = 0; want a positive number"},
		{schedule.Inverse{Initial: 1, Decay: -1}, "the decay is -1; want a finite number that is not negative"},
		{schedule.Polynomial{Initial: 1, Steps: 9, Power: -1}, "the power is -1; want a finite number that is not negative"},
		{schedule.PowerCool{Initial: 1, Factor: 1, Steps: 9, Power: math.NaN()}, "the power is NaN; want a finite number that is not negative"},
		{schedule.Cosine{Initial: 1, Final: -0.5, Steps: 9}, "it falls to -0.5; want numbers that are not negative"},
		{schedule.Trapezoid{Peak: 1, Final: -2, Decay: 9, Steps: 9}, "it falls to -2; want numbers that are not negative"},
		{schedule.Exponential{Initial: 1, Rate: 2}, "it grows without a limit; linear and piecewise grow to a last value"},
		{schedule.Linear{Values: []float64{1, -1}, Boundaries: []int{3}}, "a value is -1; want a finite number that is not negative"},
		{schedule.Constant(-1), "the step size starts at -1; want a finite number that is not negative"},
		{schedule.InvSqrt{Initial: math.NaN()}, "the step size starts at NaN; want a finite number that is not negative"},
	} {
		if err := schedule.Check(test.s); err == nil || err.Error() != test.want {
			t.Errorf("%+v: %v, want %s", test.s, err, test.want)
		}
	}
}

// TestTrapezoidsDoNotJump: from one step to the next, a trapezoid that passes Check changes by no more than its steeper side does.
func TestTrapezoidsDoNotJump(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		count := rapid.IntRange(0, 30)
		s := schedule.Trapezoid{
			Peak: 1, Final: rapid.Float64Range(0, 1).Draw(t, "final"),
			Warmup: count.Draw(t, "warmup"), Decay: count.Draw(t, "decay"), Steps: count.Draw(t, "steps"),
		}
		if schedule.Check(s) != nil {
			return
		}
		steepest := 1/float64(max(s.Warmup, 1)) + 1e-12
		if s.Decay > 0 {
			steepest = max(steepest, (1-s.Final)/float64(s.Decay)+1e-12)
		}
		for k := range 40 {
			if k == s.Steps-1 && s.Decay == 0 {
				continue // it falls at once
			}
			if d := math.Abs(s.At(k+1) - s.At(k)); d > steepest {
				t.Fatalf("%+v jumps by %v at step %d", s, d, k)
			}
		}
	})
}
