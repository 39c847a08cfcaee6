package threefry

import (
	"encoding/json"
	"math"
	"os"
	"slices"
	"testing"
)

// TestGolden compares with what testdata/golden.py records of JAX.
func TestGolden(t *testing.T) {
	text, err := os.ReadFile("testdata/golden.json")
	if err != nil {
		t.Fatal(err)
	}
	var cases []struct {
		Seed            uint64
		First, Second   Key
		Bits            [][]uint32
		Uniform, Normal []float32
		Choice          [][]int
	}
	if err := json.Unmarshal(text, &cases); err != nil {
		t.Fatal(err)
	}
	for _, c := range cases {
		key := New(c.Seed)
		if first, second := key.Split(); first != c.First || second != c.Second {
			t.Errorf("seed %d: split %v %v, want %v %v", c.Seed, first, second, c.First, c.Second)
		}
		for _, want := range c.Bits {
			if got := key.Bits(len(want)); !slices.Equal(got, want) {
				t.Errorf("seed %d: bits %v, want %v", c.Seed, got, want)
			}
		}
		if got := key.Uniform(len(c.Uniform)); !slices.Equal(got, c.Uniform) {
			t.Errorf("seed %d: uniform %v, want %v", c.Seed, got, c.Uniform)
		}
		for i, got := range key.Normal(len(c.Normal)) {
			// The polynomial of XLA is right to three units in the last place, and more in the tails.
			if want := c.Normal[i]; math.Abs(float64(got-want)) > 3e-6*math.Abs(float64(want)) {
				t.Errorf("seed %d: normal %d is %v, want %v", c.Seed, i, got, want)
			}
		}
		for i, n := range []int{1, 100, 2000} {
			if got := key.Choice(n, len(c.Choice[i])); !slices.Equal(got, c.Choice[i]) {
				t.Errorf("seed %d: choice of %d: %v, want %v", c.Seed, n, got, c.Choice[i])
			}
		}
	}
}
