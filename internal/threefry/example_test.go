package threefry_test

import (
	"fmt"

	"steepest/internal/threefry"
)

// jax.random.normal(jax.random.PRNGKey(42), (1,)) in JAX 0.4.
func ExampleKey_Normal() {
	fmt.Printf("%.5f\n", threefry.New(42).Normal(1))
	// Output: [-0.18471]
}
