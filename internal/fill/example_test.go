package fill_test

import (
	"fmt"
	"strings"

	"steepest/internal/fill"
)

func ExampleAppend() {
	r := strings.NewReader("abcdefg")
	for range 2 {
		text, err := fill.Append(nil, r, 5)
		fmt.Println(string(text), err)
	}
	// Output:
	// abcde <nil>
	// fg EOF
}
