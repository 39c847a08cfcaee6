package rescale_test

import (
	"fmt"

	"steepest/optim/internal/rescale"
)

// The squares of these elements overflow in float32. In units of a power of 2 near 4e20 they do not.
func ExampleNorm() {
	norm, unit := rescale.Norm([]float32{3e20, 4e20})
	fmt.Printf("%.3g\n", norm*unit)
	// Output: 5e+20
}
