package optim

import (
	"fmt"
	"sync/atomic"

	"steepest/internal/parallel"
	"steepest/internal/simd"
	"steepest/param"
)

// NonfiniteError says that a gradient holds a NaN or an infinity.
type NonfiniteError struct {
	// Param is the name of the first parameter with such a gradient. Index is the element in it, and Value its value.
	Param string
	Index int
	Value float64
	// Step is the number of steps made before. InARow is the number of consecutive bad gradients, including this one.
	Step, InARow int
	// Ranks holds the ranks that made the bad part of a gradient that several ranks share. It is nil for one process, if all ranks did, and if
	// only the sum of their parts is not finite.
	Ranks []int
}

// Error names the parameter and the step.
func (e *NonfiniteError) Error() string {
	return fmt.Sprintf("optim: step %d: %s", e.Step, e.Finding())
}

// Finding returns the text of the error without the step.
func (e *NonfiniteError) Finding() string {
	text := fmt.Sprintf("the gradient of %q is %v at element %d", e.Param, e.Value, e.Index)
	for i, rank := range e.Ranks {
		text += fmt.Sprint([]string{", on rank ", " and rank "}[min(i, 1)], rank)
	}
	if e.InARow > 1 {
		text += fmt.Sprintf(", and not finite for %d times in a row", e.InARow)
	}
	return text
}

// inspection checks on all processors whether a gradient is finite. An Optimizer keeps it so that a step allocates nothing.
type inspection[T param.Float] struct {
	g    []T
	bad  atomic.Bool
	look func(worker, i int)
}

// finite reports whether all of g is finite.
func (in *inspection[T]) finite(g []T) bool {
	if len(g) <= shareSize {
		return simd.Finite(g)
	}
	if in.look == nil {
		in.look = func(_, i int) {
			if !simd.Finite(in.g[i*shareSize : min((i+1)*shareSize, len(in.g))]) {
				in.bad.Store(true)
			}
		}
	}
	in.g = g
	in.bad.Store(false)
	parallel.For((len(g)+shareSize-1)/shareSize, in.look)
	return !in.bad.Load()
}

// Inspect returns an error if the gradient is not finite, otherwise nil.
func (o *Optimizer[T]) Inspect(g []T) *NonfiniteError {
	if o.inspection.finite(g) {
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
