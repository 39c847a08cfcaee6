package printable_test

import (
	"fmt"

	"steepest/internal/printable"
)

func ExampleText() {
	fmt.Println(printable.Text("red \x1b[31mname\n"))
	// Output: red \x1b[31mname\x0a
}
