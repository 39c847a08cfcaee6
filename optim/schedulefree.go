package optim

import (
	"math"

	"steepest/internal/simd"
	"steepest/param"
)

// ScheduleFree averages the iterates z of the transforms before it, and takes the gradient at a point y between iterate and average
// (Defazio et al. 2024, arXiv:2405.15682): z ← z − u − αλy with y = (1−β)z + βx, then x ← (1−c)x + cz. c is the weight w of the step
// divided by the sum of the weights so far. It belongs after LearningRate, without momentum before it. The parameters are the average
// x, which is evaluated and saved. In the references the parameters are y, and a call turns them into x.
type ScheduleFree struct {
	Beta   float64 `range:"0,1" help:"place of the gradient, from the iterate to the average"`
	Lambda float64 `range:"0," help:"decay λ of the point at which the gradient is taken"`
	// LRPower and StepPower are p and r of the weight w = tʳ·max αᵖ. The maximum is over the steps so far.
	LRPower   float64 `range:"0," help:"power p of the step size in the weight of an iterate"`
	StepPower float64 `range:"0," help:"power r of the step's number in the weight of an iterate"`
}

// Transform implements Transformer. Its state is z, the sum of the weights and the largest step size.
func (r ScheduleFree) Transform() Transform {
	return Transform{
		Name:    "schedule-free",
		Slots:   []Slot{{Name: "z", FromX: true}},
		Scalars: []float64{0, 0},
		Begin: func(s *Step, scalars []float64, c *Coeffs) {
			scalars[1] = max(scalars[1], s.LR)
			weight := float64(math.Pow(float64(s.Age+1), r.StepPower) * math.Pow(scalars[1], r.LRPower))
			scalars[0] += weight
			decay := s.LR * r.Lambda
			*c = Coeffs{1 - float64(decay*(1-r.Beta)), -decay * r.Beta, 1, 0}
			if weight > 0 {
				c[3] = weight / scalars[0]
			}
		},
		Tile32: acceleratedFlow[float32], Tile64: acceleratedFlow[float64], kernel: true,
		Point32: between[float32](r.Beta), Point64: between[float64](r.Beta),
		Plan: planLambda(r.Lambda),
	}
}

// between returns the point (1−β)z + βx.
func between[T param.Float](beta float64) func(*Tile[T]) {
	return func(t *Tile[T]) { simd.CombineX([]float64{1 - beta, beta}, t.U, t.S[0], t.X, nil) }
}
