package mathml_test

import (
	"fmt"

	"steepest/internal/mathml"
)

func ExampleInline() {
	fmt.Println(mathml.Inline(`\frac{1}{n}`))
	// Output: <math><mrow><mfrac><mrow><mn>1</mn></mrow><mrow><mi>n</mi></mrow></mfrac></mrow></math> <nil>
}
