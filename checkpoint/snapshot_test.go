package checkpoint

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// example returns the snapshot of a save by its number. Each has other values.
func example(save int) Snapshot {
	return Snapshot{
		Step: 10 * (save % 5), // runs go back now and then
		Meta: fmt.Appendf(nil, `{"save": %d}`, save),
		Tensors: map[string]Tensor{
			"x": {Shape: []int{2, 2}, Values: []float64{float64(save), math.Copysign(0, -1), math.Inf(1), 0x1p-1074}},
			"m": {Shape: []int{3}, Values: []float32{float32(save), math.Float32frombits(0x7f800001), 1}},
		},
	}
}

// same tells whether two snapshots have the same bits.
func same(a, b Snapshot) bool {
	if a.Step != b.Step || !bytes.Equal(a.Meta, b.Meta) || len(a.Tensors) != len(b.Tensors) {
		return false
	}
	for name, x := range a.Tensors {
		y, ok := b.Tensors[name]
		if !ok || !slices.Equal(x.Shape, y.Shape) {
			return false
		}
		xType, xBytes := bytesOf(name, x.Values)
		yType, yBytes := bytesOf(name, y.Values)
		if xType != yType || !bytes.Equal(xBytes, yBytes) {
			return false
		}
	}
	return true
}

// mustOpen opens the folder "run" of a file system without faults.
func mustOpen(t testing.TB, sys files, keep int) *Folder {
	t.Helper()
	if err := makeFolder(sys, "run"); err != nil {
		t.Fatal(err)
	}
	f, err := open(sys, "run", keep)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func TestRoundTrip(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		s := Snapshot{Step: rapid.IntRange(0, math.MaxInt).Draw(r, "step"), Tensors: map[string]Tensor{}}
		if rapid.Bool().Draw(r, "has meta") {
			text, err := json.Marshal(rapid.StringMatching(`[ -~]*`).Draw(r, "text"))
			if err != nil {
				r.Fatal(err)
			}
			s.Meta = fmt.Appendf(nil, " [%s,\n%d]", text, rapid.Int().Draw(r, "number"))
		}
		for range rapid.IntRange(1, 5).Draw(r, "tensors") {
			s.Tensors[rapid.String().Draw(r, "name")] = drawTensor(r)
		}
		sys := newMemory()
		if err := mustOpen(t, sys, 1).Save(s); err != nil {
			r.Fatal(err)
		}
		back, skipped, err := load(sys, "run", regular)
		if err != nil || len(skipped) > 0 {
			r.Fatal(skipped, err)
		}
		if !same(s, *back) {
			r.Fatalf("saved %v, loaded %v", s, *back)
		}
	})
}

// drawTensor draws a tensor of any type with any bits.
func drawTensor(r *rapid.T) Tensor {
	shape := rapid.SliceOfN(rapid.IntRange(0, 4), 0, 3).Draw(r, "shape")
	n, _ := elements(shape)
	bits := rapid.SliceOfN(rapid.Uint64(), n, n).Draw(r, "bits")
	var values any
	switch rapid.IntRange(0, 3).Draw(r, "type") {
	case 0:
		values = mapped(bits, func(b uint64) float32 { return math.Float32frombits(uint32(b)) })
	case 1:
		values = mapped(bits, math.Float64frombits)
	case 2:
		values = mapped(bits, func(b uint64) int64 { return int64(b) })
	case 3:
		values = mapped(bits, func(b uint64) uint32 { return uint32(b) })
	}
	return Tensor{shape, values}
}

func mapped[E any](bits []uint64, f func(uint64) E) []E {
	values := make([]E, len(bits))
	for i, b := range bits {
		values[i] = f(b)
	}
	return values
}

func TestSaveRefusesWhatItCouldNotLoad(t *testing.T) {
	one := []float64{1}
	for what, s := range map[string]Snapshot{
		"a negative step":     {Step: -1, Tensors: map[string]Tensor{"x": {nil, one}}},
		"no tensors":          {},
		"no JSON":             {Meta: []byte("{"), Tensors: map[string]Tensor{"x": {nil, one}}},
		"a wrong shape":       {Tensors: map[string]Tensor{"x": {[]int{2}, one}}},
		"a negative size":     {Tensors: map[string]Tensor{"x": {[]int{-1, -1}, one}}},
		"an overflow":         {Tensors: map[string]Tensor{"x": {[]int{math.MaxInt, 2}, []float64{}}}},
		"an overflow by zero": {Tensors: map[string]Tensor{"x": {[]int{math.MaxInt, 2, 0}, []float64{}}}},
		"another type":        {Tensors: map[string]Tensor{"x": {nil, []int{1}}}},
		"a reserved name":     {Tensors: map[string]Tensor{"__metadata__": {nil, one}}},
		"a name in Latin-1":   {Tensors: map[string]Tensor{"\xe9": {nil, one}}},
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("a snapshot with %s is saved", what)
				}
			}()
			_ = mustOpen(t, newMemory(), 1).Save(s)
		}()
	}
}
