package cosine_test

import (
	"fmt"

	"steepest/internal/cosine"
)

func ExamplePi() {
	fmt.Println(cosine.Pi(0.5), cosine.Pi(1))
	// Output: 0 -1
}
