package shuffle_test

import (
	"fmt"
	"math/rand/v2"
	"slices"

	"steepest/internal/shuffle"
)

// Every number occurs once.
func Example() {
	p := shuffle.New(5, rand.New(rand.NewPCG(1, 2)).Uint64)
	var images []uint64
	for i := range uint64(5) {
		images = append(images, p.At(i))
	}
	slices.Sort(images)
	fmt.Println(images)
	// Output: [0 1 2 3 4]
}
