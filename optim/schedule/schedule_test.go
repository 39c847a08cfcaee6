package schedule_test

import (
	"encoding/json"
	"math"
	"os"
	"testing"

	"steepest/optim/schedule"
)

// TestReferences compares with the schedules of torch.optim.lr_scheduler, optax and keras.optimizers.schedules, whose
// values optim/testdata/golden.py has stored.
func TestReferences(t *testing.T) {
	data, err := os.ReadFile("testdata/golden.json")
	if err != nil {
		t.Fatal(err)
	}
	var golden struct {
		At    []int
		Cases []struct {
			Name, Spec string
			Values     []float64
		}
	}
	if err := json.Unmarshal(data, &golden); err != nil {
		t.Fatal(err)
	}
	for _, c := range golden.Cases {
		s, err := schedule.Parse(c.Spec)
		if err != nil {
			t.Fatal(err)
		}
		if len(c.Values) < 10 {
			t.Fatalf("%s: %d values", c.Name, len(c.Values))
		}
		for i, want := range c.Values {
			if got := s.At(golden.At[i]); !(math.Abs(got-want) <= 1e-14*want+1e-17) {
				t.Errorf("%s: %s at %d = %.17g, want %.17g", c.Name, c.Spec, golden.At[i], got, want)
			}
		}
	}
}

// TestClosedForms compares with values worked out by hand.
func TestClosedForms(t *testing.T) {
	trapezoid := schedule.Trapezoid{Peak: 1, Final: 0.25, Warmup: 4, Decay: 3, Steps: 10}
	for _, c := range []struct {
		name string
		s    schedule.Schedule
		want []float64 // from k = 0
	}{
		{"constant", schedule.Constant(0.5), []float64{0.5, 0.5}},
		{"invsqrt", schedule.InvSqrt{Initial: 3}, []float64{3, 3 / math.Sqrt2, math.Sqrt(3), 1.5}},
		{"stronglyconvex", schedule.StronglyConvex{Mu: 2}, []float64{1. / 4, 3. / 16, 5. / 36, 7. / 64}},
		{"switch", schedule.Switch{Mu: 2, L: 0.5}, []float64{1, 1, 1, 1, 1, 11. / 72, 13. / 98}},
		{"inverse", schedule.Inverse{Initial: 6}, []float64{6, 3, 2, 1.5}},
		{"inverse with γ", schedule.Inverse{Initial: 6, Decay: 0.5}, []float64{6, 4, 3, 2.4}},
		{"line", schedule.Polynomial{Initial: 1, Steps: 4}, []float64{1, 0.75, 0.5, 0.25, 0, 0}},
		{"rising line", schedule.Polynomial{Initial: 1, Final: 3, Steps: 4}, []float64{1, 1.5, 2, 2.5, 3, 3}},
		{"parabola", schedule.Polynomial{Initial: 5, Final: 1, Steps: 2, Power: 2}, []float64{5, 2, 1, 1}},
		{"exponential", schedule.Exponential{Initial: 8, Rate: 0.5}, []float64{8, 4, 2, 1}},
		{"exponential every 2", schedule.Exponential{Initial: 8, Rate: 0.25, Every: 2}, []float64{8, 4, 2, 1}},
		{"step", schedule.Step{Initial: 8, Rate: 0.5}, []float64{8, 4, 2, 1}},
		{"step every 2", schedule.Step{Initial: 8, Rate: 0.5, Every: 2}, []float64{8, 8, 4, 4, 2}},
		{"cosine", schedule.Cosine{Initial: 3, Final: 1, Steps: 4}, []float64{3, 2 + math.Sqrt2/2, 2, 2 - math.Sqrt2/2, 1, 1}},
		{"warmup", schedule.Warmup{Steps: 4, Then: schedule.Constant(1)}, []float64{0.25, 0.5, 0.75, 1, 1}},
		{"warmup of none", schedule.Warmup{Then: schedule.Constant(1)}, []float64{1, 1}},
		{"delay", schedule.Delay{Steps: 2, From: 1, To: 5, Then: schedule.Linear{Boundaries: []int{4}, Values: []float64{8, 0}}}, []float64{8, 6, 5, 4, 3, 2, 0, 0}},
		{"delay at once", schedule.Delay{Steps: 2, From: 3, To: 3, Then: schedule.Inverse{Initial: 60}}, []float64{60, 30, 20, 30, 20, 15}},
		{"warmup counts from the start of the run", schedule.Warmup{Steps: 2, Then: schedule.Inverse{Initial: 6}}, []float64{3, 3, 2}},
		{"trapezoid", trapezoid, []float64{0.25, 0.5, 0.75, 1, 1, 1, 1, 1, 0.75, 0.5, 0.25, 0.25}},
		{"piecewise", schedule.Piecewise{Boundaries: []int{1, 3}, Values: []float64{4, 2, 1}}, []float64{4, 2, 2, 1, 1}},
	} {
		for k, want := range c.want {
			if got := c.s.At(k); !(math.Abs(got-want) <= 1e-15*max(1, want)) {
				t.Errorf("%s at %d = %v, want %v", c.name, k, got, want)
			}
		}
	}
}

// TestFarSteps: long runs neither overflow nor lose the tail.
func TestFarSteps(t *testing.T) {
	const k = 1 << 40
	for _, c := range []struct {
		s    schedule.Schedule
		want float64
	}{
		{schedule.InvSqrt{Initial: 1}, 0x1p-20},
		{schedule.StronglyConvex{Mu: 1}, 0x1p-40},
		{schedule.Switch{Mu: 2, L: 2}, 0x1p-40},
		{schedule.Inverse{Initial: 1}, 0x1p-40},
		{schedule.Cosine{Initial: 1, Final: 0.5, Steps: 10}, 0.5},
		{schedule.Step{Initial: 1, Rate: 0.5, Every: 1 << 36}, 0x1p-16},
	} {
		if got := c.s.At(k); !(math.Abs(got-c.want) <= 1e-9*c.want) {
			t.Errorf("%v at 2⁴⁰ = %v, want %v", c.s, got, c.want)
		}
	}
}

func TestPiecewisePanics(t *testing.T) {
	defer func() {
		if got := recover(); got != "schedule: Piecewise needs one value more than boundaries" {
			t.Errorf("panic %v", got)
		}
	}()
	schedule.Piecewise{Boundaries: []int{1}, Values: []float64{1}}.At(0)
}
