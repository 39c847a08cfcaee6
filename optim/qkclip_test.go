package optim_test

import (
	"slices"
	"testing"

	"steepest/optim/matrix"
)

// TestQKClip: a head whose logits grew to 4τ gives τ for the same input afterwards, and the other heads do not change.
func TestQKClip(t *testing.T) {
	query, key := []float32{1, 2, 3, 4}, []float32{5, 6, 7, 8}
	matrix.QKClip(query, key, []float64{100, 400}, 100)
	if !slices.Equal(query, []float32{1, 2, 1.5, 2}) || !slices.Equal(key, []float32{5, 6, 3.5, 4}) {
		t.Errorf("query %v and key %v, want [1 2 1.5 2] and [5 6 3.5 4]", query, key)
	}
	for _, f := range []func(){
		func() { matrix.QKClip(query, key, []float64{1, 1, 1}, 100) },
		func() { matrix.QKClip(query, key, nil, 100) },
		func() { matrix.QKClip(query, key, []float64{1}, 0) },
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Error("no panic")
				}
			}()
			f()
		}()
	}
}

// TestQKClipReference compares with the MuonClip of pytorch_optimizer.
func TestQKClipReference(t *testing.T) {
	c := readGolden(t, "matrix.json").QKClip
	matrix.QKClip(c.Weights[0], c.Weights[1], c.Logits, c.Tau)
	for i, want := range c.Clipped {
		if j := firstFar(c.Weights[i], want, 1e-14); j >= 0 || len(want) != 24 {
			t.Errorf("%d weights, of which [%d] = %v, want %v", len(want), j, c.Weights[i][j], want[j])
		}
	}
}
