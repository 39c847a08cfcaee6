package parallel_test

import (
	"fmt"

	"steepest/internal/parallel"
)

// The sum of a vector, the same to the last bit on any number of processors: pieces of a fixed size, combined by a
// fixed tree.
func Example() {
	v := make([]float64, 1000)
	for i := range v {
		v[i] = 0.1
	}
	const piece = 128
	sums := make([]float64, (len(v)+piece-1)/piece)
	parallel.For(len(sums), func(_, k int) {
		for _, x := range v[k*piece : min((k+1)*piece, len(v))] {
			sums[k] += x
		}
	})
	parallel.Reduce(len(sums), func(into, from int) { sums[into] += sums[from] })
	fmt.Printf("%.10f\n", sums[0])
	// Output: 100.0000000000
}
