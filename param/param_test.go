package param_test

import (
	"slices"
	"testing"

	"steepest/param"
)

func TestAs(t *testing.T) {
	v := []float64{0.1, -2}
	if got := param.As[float32](v); !slices.Equal(got, []float32{0.1, -2}) {
		t.Errorf("%v in float32 is %v", v, got)
	}
	if got := param.As[float64]([]float32{0.1}); got[0] != float64(float32(0.1)) {
		t.Errorf("0.1 of float32 is %v in float64", got)
	}
	if got := param.As[float64](v); &got[0] != &v[0] {
		t.Error("a copy was made where the precision is the same")
	}
}
