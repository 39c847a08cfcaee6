package optimum

import (
	"context"
	"math"
	"slices"

	"gonum.org/v1/gonum/floats"

	"steepest/objective"
)

const stepsPerGap = 20 // a gap costs about as much as a step

// proximal is FISTA (Beck, Teboulle 2009) from x, with step 1/L and the gradient restart of O'Donoghue, Candès 2015, (13):
// the momentum is dropped when it points uphill, which gives the linear rate of the strong convexity near the solution
// without knowing its constant.
func proximal(ctx context.Context, p objective.Composite[float64], l float64, x []float64) Optimum {
	d := len(x)
	y, next, grad := slices.Clone(x), make([]float64, d), make([]float64, d)
	o := Optimum{X: x, Gap: math.Inf(1), Method: "accelerated proximal gradient with restarts", Status: "work limit"}
	certified, ok := p.(objective.Certified)
	t := 1.0
	for ; o.Iterations < maxPasses(p) && ctx.Err() == nil; o.Iterations++ {
		if ok && o.Iterations%stepsPerGap == 0 && certified.Gap(x) <= precision(p, objective.Value(p, x))/2 {
			o.Status = "duality gap below the tolerance"
			break
		}
		p.Grad(grad, y, nil)
		floats.AddScaledTo(next, y, -1/l, grad)
		p.Prox(next, 1/l)
		uphill := 0.0
		for j := range next {
			uphill += (y[j] - next[j]) * (next[j] - x[j])
		}
		if uphill > 0 {
			t = 1
		}
		t0 := t
		t = (1 + math.Sqrt(1+4*t*t)) / 2
		for j := range next {
			y[j] = next[j] + (t0-1)/t*(next[j]-x[j])
		}
		copy(x, next)
	}
	return o
}
