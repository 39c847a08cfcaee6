package optim_test

import (
	"math"
	"testing"

	"steepest/optim"
	"steepest/optim/schedule"
	"steepest/param"
)

// TestMechanicStartsFromLargeWeights: on slope·|x|, Mechanic comes at least halfway to the minimum, also where its first steps vanish beside x
// in rounding.
func TestMechanicStartsFromLargeWeights(t *testing.T) {
	for _, test := range []struct{ start, slope float64 }{{100, 1}, {1, 0.01}} {
		mechanicStarts[float32](t, test.start, test.slope)
		mechanicStarts[float64](t, test.start, test.slope)
	}
}

func mechanicStarts[T param.Float](t *testing.T, start, slope float64) {
	t.Helper()
	mechanic := optim.Mechanic{Initial: 1e-6, Lambda: 0.01, Eps: 1e-8}
	o := newOptimizer[T](optim.Chain{optim.LearningRate{LR: schedule.Constant(1)}, mechanic}, []param.Param{{Name: "x", Shape: []int{1}}})
	x := []T{T(start)}
	const steps = 10_000
	for range steps {
		if err := o.Step(x, []T{T(math.Copysign(slope, float64(x[0])))}); err != nil {
			t.Fatal(err)
		}
	}
	if !(math.Abs(float64(x[0])) < start/2) {
		t.Errorf("%T: %d steps at slope %v lead from %v to %v", x[0], steps, slope, start, x[0])
	}
}
