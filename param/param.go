// Package param holds the types that models and methods share: the element types of vectors, and the names, shapes and roles of the
// parameter tensors in them.
package param

import "steepest/internal/suggest"

// Float is the element type of parameters, gradients and optimizer state.
type Float interface{ float32 | float64 }

// As returns the numbers of v in another precision, rounded to nearest, or v itself if it already has that precision.
func As[To, From Float](v []From) []To {
	if same, ok := any(v).([]To); ok {
		return same
	}
	out := make([]To, len(v))
	for i, e := range v {
		out[i] = To(e)
	}
	return out
}

// Param describes one parameter tensor of a model. All parameters of a model are stored in one flat vector, row-major, in the
// order of its []Param, so that a step is one pass over memory.
type Param struct {
	// Name identifies the tensor; optimizer state is saved and restored under it. Names are unique in a model.
	Name string
	// Shape holds the tensor's dimensions, outermost first; it has no elements for a scalar.
	Shape []int
	// Role is the tensor's role in the model, by which rules choose the tensors that they update.
	Role Role
	// Fused is the number of matrices of equal height that the tensor holds, one below the other, such as 3 for the
	// queries, keys and values of attention in one [3d, d]; 0 stands for 1.
	Fused int
}

// Size returns the number of elements of the tensor.
func (p Param) Size() int {
	size := 1
	for _, n := range p.Shape {
		size *= n
	}
	return size
}

// Matrices says how methods for matrices see the tensor: as count matrices of rows × cols, one after the other. The first
// dimension (the outputs of a layer) gives the rows, cut into Fused matrices. All other dimensions (the inputs) give the
// columns: the kernels [out, in, h, w] of a convolution are one matrix out × (in·h·w). A vector is a column.
func (p Param) Matrices() (count, rows, cols int) {
	count, rows = max(1, p.Fused), 1
	if len(p.Shape) > 0 {
		rows = p.Shape[0] / count
	}
	return count, rows, p.Size() / max(1, count*rows)
}

// Role is the role of a parameter tensor in its model. The right norm for a linear minimization oracle depends on it: a norm
// that suits a matrix between two layers does not suit a table of embeddings.
type Role uint8

// The roles.
const (
	// None means no role; then the shape decides.
	None Role = iota
	// Hidden is a matrix, or the kernels of a convolution, between two layers.
	Hidden
	// Embedding is a table with a row for each token, position or category.
	Embedding
	// Head is the matrix of the last layer, which makes the model's scores.
	Head
	// Gain scales activations, as in layer norm.
	Gain
	// Bias is added to activations.
	Bias
)

var roleNames = []string{"none", "hidden", "embedding", "head", "gain", "bias"}

// String returns the role's name in lower case, as UnmarshalText reads it.
func (r Role) String() string { return roleNames[r] }

// UnmarshalText reads a role by its name.
func (r *Role) UnmarshalText(text []byte) error {
	return suggest.Value(r, "role", text, roleNames)
}
