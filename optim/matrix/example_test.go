package matrix_test

import (
	"fmt"
	"log"

	"steepest/optim"
	"steepest/optim/matfun"
	"steepest/optim/matrix"
	"steepest/optim/schedule"
	"steepest/param"
)

// All singular values of Muon's step are equal: a gradient with the singular values 3 and 0.01 moves the matrix by 0.1 in both directions. The
// bias goes to AdamW.
func ExampleMuon() {
	params := []param.Param{
		{Name: "weight", Shape: []int{2, 2}, Role: param.Hidden},
		{Name: "bias", Shape: []int{2}, Role: param.Bias},
	}
	muon := matrix.Muon{LR: schedule.Constant(0.1), Polar: optim.Set(matfun.Exact)}
	o, err := optim.New[float64](muon, params)
	if err != nil {
		log.Fatal(err)
	}
	x := make([]float64, 6)
	if err := o.Step(x, []float64{3, 0, 0, 0.01, 1, -1}); err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%.4f\n", x)
	// Output:
	// [-0.1000 0.0000 0.0000 -0.1000 -0.0003 0.0003]
}
