package decimal_test

import (
	"fmt"

	"steepest/internal/decimal"
)

func ExampleParse() {
	for _, text := range []string{"-.5e1", "0x1p-2", "1e999"} {
		fmt.Println(decimal.Parse(text))
	}
	// Output:
	// -5 true
	// 0 false
	// +Inf true
}
