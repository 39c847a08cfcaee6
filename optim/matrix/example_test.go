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

// steps prints a matrix X after each of three steps of a rule on ½‖X − A‖², from 0.
func steps(rule optim.Rule) {
	o, err := optim.New[float64](rule, []param.Param{{Name: "weight", Shape: []int{2, 2}, Role: param.Hidden}})
	if err != nil {
		log.Fatal(err)
	}
	a := []float64{3, 1, 1, -1}
	x, g := make([]float64, 4), make([]float64, 4)
	for range 3 {
		for i := range g {
			g[i] = x[i] - a[i]
		}
		if err := o.Step(x, g); err != nil {
			log.Fatal(err)
		}
		fmt.Printf("%.2f\n", x)
	}
}

// Steps are relative to the root mean square of x, here to at least 1. The update has a root mean square of at most 1.
func ExampleAdafactor() {
	steps(matrix.Adafactor{LR: schedule.Constant(0.1), MinRMS: optim.Set(1.0)})
	// Output:
	// [0.09 0.07 0.07 -0.15]
	// [0.18 0.14 0.14 -0.30]
	// [0.28 0.21 0.21 -0.44]
}

// Every element is divided by the root of its average square. A step has the root mean square 0.2α, apart from the decay.
func ExampleAdaMuon() {
	steps(matrix.AdaMuon{Muon: matrix.Muon{LR: schedule.Constant(1)}})
	// Output:
	// [0.20 0.20 0.20 -0.20]
	// [0.40 0.40 0.40 -0.40]
	// [0.59 0.59 0.59 -0.59]
}

// The polar factor is that of Adam's ratio. In the first step the ratio has elements of one size, with the signs of the gradient.
func ExampleMuonSquared() {
	steps(matrix.MuonSquared{Muon: matrix.Muon{LR: schedule.Constant(0.1)}})
	// Output:
	// [0.08 0.08 0.08 -0.08]
	// [0.16 0.16 0.16 -0.16]
	// [0.23 0.23 0.23 -0.24]
}

// The rank is a half of the shorter side, so each step has rank one.
func ExampleDion() {
	steps(matrix.Dion{LR: schedule.Constant(0.1), RankFraction: optim.Set(0.5)})
	// Output:
	// [0.09 0.03 0.00 0.00]
	// [0.19 0.05 0.02 0.00]
	// [0.28 0.08 0.04 0.01]
}

// A step moves half of the rows: the one with the larger momentum, while the other waits.
func ExampleDion2() {
	steps(matrix.Dion2{LR: schedule.Constant(0.1), Fraction: optim.Set(0.5)})
	// Output:
	// [0.09 0.03 0.00 0.00]
	// [0.17 0.06 0.00 0.00]
	// [0.26 0.09 0.00 0.00]
}

// With all rows, the rows of a step have the same length.
func ExampleDion3() {
	steps(matrix.Dion3{Dion2: matrix.Dion2{LR: schedule.Constant(0.1), Fraction: optim.Set(1.0)}})
	// Output:
	// [0.10 0.05 0.05 -0.10]
	// [0.19 0.09 0.10 -0.18]
	// [0.28 0.14 0.14 -0.28]
}

// The first step only finds the bases.
func ExampleKLSOAP() {
	steps(matrix.KLSOAP{SOAP: matrix.SOAP{LR: schedule.Constant(0.1)}})
	// Output:
	// [0.00 0.00 0.00 0.00]
	// [0.09 0.04 0.04 -0.09]
	// [0.18 0.09 0.09 -0.18]
}

// The first step only finds the bases. The later ones divide by the roots of the eigenvalues, which begin as 1.
func ExampleKLShampoo() {
	steps(matrix.KLShampoo{LR: schedule.Constant(0.1), Initial: optim.Set(1.0)})
	// Output:
	// [0.00 0.00 0.00 0.00]
	// [0.17 0.06 0.06 -0.06]
	// [0.33 0.11 0.11 -0.12]
}

// Both rows of a step have the same length.
func ExampleNorMuon() {
	steps(matrix.NorMuon{Muon: matrix.Muon{LR: schedule.Constant(0.1)}})
	// Output:
	// [0.08 0.05 0.04 -0.08]
	// [0.16 0.10 0.07 -0.17]
	// [0.24 0.15 0.11 -0.26]
}

// The factors begin as 1 and change in every step. A step has a root mean square of at most 1.1α.
func ExamplePSGD() {
	steps(matrix.PSGD{LR: schedule.Constant(0.1)})
	// Output:
	// [0.18 0.06 0.07 -0.08]
	// [0.35 0.14 0.14 -0.18]
	// [0.51 0.21 0.21 -0.28]
}

// A step goes a tenth of the way to a point of the ball of radius 1, which the matrix never leaves.
func ExampleScion() {
	steps(matrix.Scion{LR: schedule.Constant(0.1), Radius: optim.Set(1.0)})
	// Output:
	// [0.06 0.04 0.04 -0.10]
	// [0.12 0.08 0.08 -0.19]
	// [0.18 0.11 0.11 -0.27]
}

// With β₂ = 1 the moments are sums, as in AdaGrad, so steps get shorter.
func ExampleShampoo() {
	steps(matrix.Shampoo{LR: schedule.Constant(0.5), Beta2: optim.Set(1.0)})
	// Output:
	// [0.45 0.22 0.22 -0.45]
	// [0.74 0.35 0.35 -0.67]
	// [0.97 0.44 0.44 -0.81]
}

// The first step only finds the bases. In them, the second step is Adam's.
func ExampleSOAP() {
	steps(matrix.SOAP{LR: schedule.Constant(0.1)})
	// Output:
	// [0.00 0.00 0.00 0.00]
	// [0.09 0.04 0.04 -0.09]
	// [0.18 0.09 0.09 -0.18]
}

// In the spectral norm, the step is α times the polar factor of the gradient: both singular values change by α.
func ExampleSteepestDescent() {
	steps(matrix.SteepestDescent{LR: schedule.Constant(0.1), Polar: optim.Set(matfun.Exact)})
	// Output:
	// [0.09 0.04 0.04 -0.09]
	// [0.18 0.09 0.09 -0.18]
	// [0.27 0.13 0.13 -0.27]
}
