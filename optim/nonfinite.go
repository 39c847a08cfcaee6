package optim

import (
	"fmt"

	"steepest/internal/simd"
)

// NonfiniteError says that a gradient holds a NaN or an infinity.
type NonfiniteError struct {
	// Param is the name of the first parameter that has one in its gradient, Index its element there and Value what it is.
	Param string
	Index int
	Value float64
	// Step counts the steps made before, from 0.
	Step int
}

// Error names the parameter and the step.
func (e *NonfiniteError) Error() string {
	return fmt.Sprintf("optim: step %d: the gradient of %q is %v at element %d", e.Step, e.Param, e.Value, e.Index)
}

// inspect returns the error of a gradient that is not finite.
func (o *Optimizer[T]) inspect(g []T) *NonfiniteError {
	if simd.Finite(g) {
		return nil
	}
	for _, p := range o.params {
		for i, v := range g[:p.Size()] {
			if v-v != 0 {
				return &NonfiniteError{Param: p.Name, Index: i, Value: float64(v), Step: o.step.K}
			}
		}
		g = g[p.Size():]
	}
	return nil
}
