package mapped_test

import (
	"bytes"
	"fmt"
	"log"

	"steepest/internal/mapped"
)

func ExampleRead() {
	err := mapped.Read("example_test.go", func(data []byte) error {
		line, _, _ := bytes.Cut(data, []byte("\n"))
		fmt.Println(string(line))
		return nil
	})
	if err != nil {
		log.Fatal(err)
	}
	// Output: package mapped_test
}
