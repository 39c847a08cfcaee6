package blas_test

import (
	"testing"

	"gonum.org/v1/gonum/blas/testblas"

	"steepest/blas"
)

// TestFloat64 runs gonum's own tests of the routines that are replaced.
func TestFloat64(t *testing.T) {
	var impl blas.Implementation
	for name, test := range map[string]func(t *testing.T){
		"Dasum": func(t *testing.T) { testblas.DasumTest(t, impl) },
		"Daxpy": func(t *testing.T) { testblas.DaxpyTest(t, impl) },
		"Ddot":  func(t *testing.T) { testblas.DdotTest(t, impl) },
		"Dgemm": func(t *testing.T) { testblas.TestDgemm(t, impl) },
		"Dgemv": func(t *testing.T) { testblas.DgemvTest(t, impl) },
		"Dger":  func(t *testing.T) { testblas.DgerTest(t, impl) },
		"Dnrm2": func(t *testing.T) { testblas.Dnrm2Test(t, impl) },
		"Dscal": func(t *testing.T) { testblas.DscalTest(t, impl) },
		"Dsyrk": func(t *testing.T) { testblas.DsyrkTest(t, impl) },
	} {
		t.Run(name, test)
	}
}
