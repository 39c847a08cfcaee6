package durable_test

import (
	"fmt"
	"log"
	"os"
	"path/filepath"

	"steepest/internal/durable"
)

// The old file stays until Publish replaces it.
func Example() {
	folder, err := os.MkdirTemp("", "durable")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(folder)
	path := filepath.Join(folder, "model")
	if err := os.WriteFile(path, []byte("old"), 0o600); err != nil {
		log.Fatal(err)
	}
	show := func() {
		text, _ := os.ReadFile(path)
		fmt.Println(string(text))
	}

	f, err := durable.Create(path, 0o600)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Fprint(f, "new")
	if err := f.Close(); err != nil {
		log.Fatal(err)
	}
	show()
	if err := f.Publish(); err != nil {
		log.Fatal(err)
	}
	show()
	// Output:
	// old
	// new
}
