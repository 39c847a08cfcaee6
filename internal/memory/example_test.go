package memory_test

import (
	"fmt"

	"steepest/internal/memory"
)

func ExampleText() {
	fmt.Println(memory.Text(3 << 30))
	// Output: 3 GiB
}
