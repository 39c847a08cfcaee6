package optim

// Float is the element type of parameters, gradients and optimizer state.
type Float interface{ float32 | float64 }

// Param names one parameter tensor of a model. A model's parameters lie one after the other, row-major, in one flat
// vector in the order of its []Param, so that a step is one pass over memory.
type Param struct {
	// Name identifies the tensor; optimizer state is saved and restored under it. Names are unique in a model.
	Name string
	// Shape holds the tensor's dimensions, outermost first; it has no elements for a scalar.
	Shape []int
}

// Size returns the number of elements of the tensor.
func (p Param) Size() int {
	size := 1
	for _, n := range p.Shape {
		size *= n
	}
	return size
}
