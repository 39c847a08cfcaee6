package matfun_test

import (
	"fmt"
	"math"
	"testing"

	"steepest/optim/matfun"
)

// The polar factors of several matrices at once, in their place.
func ExampleBatch() {
	matrices := [][]float64{{3, 0, 0, -2}, {0, 5, 1, 0}, {1, -1, 1, 1}}
	var b matfun.Batch[float64]
	err := b.Do(len(matrices), func(w *matfun.Workspace[float64], i int) error {
		return w.Iterate(matrices[i], 2, 2, nil)
	})
	for _, m := range matrices {
		fmt.Printf("%.3f\n", m)
	}
	fmt.Println(err)
	// Output:
	// [1.000 0.000 0.000 -1.000]
	// [0.000 1.000 1.000 0.000]
	// [0.707 -0.707 0.707 0.707]
	// <nil>
}

// TestBatchErrors: the error names the matrices that fail, and the others are computed. The next batch works as if none had failed.
func TestBatchErrors(t *testing.T) {
	numbers := []float64{math.NaN(), -2, math.Inf(1), 3}
	var b matfun.Batch[float64]
	polar := func(w *matfun.Workspace[float64], i int) error { return w.Iterate(numbers[i:i+1], 1, 1, nil) }
	err := b.Do(len(numbers), polar)
	want := "matrix 0: element (0, 0) of the 1 × 1 matrix is NaN\nmatrix 2: element (0, 0) of the 1 × 1 matrix is +Inf"
	if err == nil || err.Error() != want || numbers[1] != -1 || numbers[3] != 1 {
		t.Errorf("%v, and the numbers become %v", err, numbers)
	}
	if numbers[0], numbers[2] = 1, 1; b.Do(3, polar) != nil {
		t.Errorf("it fails at %v", numbers)
	}
}
