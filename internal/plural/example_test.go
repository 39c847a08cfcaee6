package plural_test

import (
	"fmt"

	"steepest/internal/plural"
)

func ExampleOf() {
	fmt.Println(plural.Of(0, "row"), plural.Of(1, "row"), plural.Of(100000000, "row"), plural.Of(0.5, "epoch"), plural.Of(1.0, "epoch"))
	// Output: 0 rows 1 row 100000000 rows 0.5 epochs 1 epoch
}
