package optim_test

import (
	"fmt"
	"strings"
	"testing"

	"steepest/optim"
	"steepest/optim/rules"
	"steepest/param"
)

// TestContract: forbidden calls panic, with the package's name and the fault, before they change anything.
func TestContract(t *testing.T) {
	shaped := func(shape ...int) func() {
		return func() { _, _ = optim.New[float64](rules.Adam{}, []param.Param{{Name: "w", Shape: shape}}) }
	}
	o := newOptimizer[float64](rules.Adam{}, []param.Param{{Name: "w", Shape: []int{2}}})
	for want, call := range map[string]func(){
		`optim: the parameter "w" has the shape [-2 3]`:                  shaped(-2, 3),
		`optim: the parameter "w" has the shape [-2 -3]`:                 shaped(-2, -3),
		`optim: the parameter "w" has the shape [1073741824 1048576]`:    shaped(1<<30, 1<<20),
		`optim: the parameter "w" has the shape [4294967296 4294967296]`: shaped(1<<32, 1<<32), // the product overflows to 0
		`optim: len(x) = 1, want 2`:                                      func() { o.Move(make([]float64, 1)) },
	} {
		func() {
			defer func() {
				if got := fmt.Sprint(recover()); !strings.HasPrefix(got, want) {
					t.Errorf("%s, want %s", got, want)
				}
			}()
			call()
		}()
	}
}

// TestMoveOnce: Move without a prepared step moves nothing.
func TestMoveOnce(t *testing.T) {
	o := newOptimizer[float64](rules.Adam{}, []param.Param{{Name: "w", Shape: []int{2}}})
	x := []float64{1, 2}
	if o.Move(x); x[0] != 1 || o.K() != 0 {
		t.Fatalf("x = %v after %d steps", x, o.K())
	}
	if err := o.Prepare(x, []float64{1, 1}); err != nil {
		t.Fatal(err)
	}
	o.Move(x)
	moved := x[0]
	if o.Move(x); moved == 1 || x[0] != moved || o.K() != 1 {
		t.Errorf("x = %v after %d steps", x, o.K())
	}
}
