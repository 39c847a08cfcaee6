package data

import (
	"bytes"
	"reflect"
	"testing"

	"pgregory.net/rapid"
)

// TestBytesAreNumbers: all functions give the same bits for bytes and for the same numbers in float64.
func TestBytesAreNumbers(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rows, cols := rapid.IntRange(1, 4).Draw(t, "rows"), rapid.IntRange(1, 4).Draw(t, "columns")
		small := &Bytes{Rows: rows, Cols: cols, Data: rapid.SliceOfN(rapid.Byte(), rows*cols, rows*cols).Draw(t, "bytes")}
		full := &Dense{Rows: rows, Cols: cols}
		for _, v := range small.Data {
			full.Data = append(full.Data, float64(v))
		}
		same := func(what string, a, b any) {
			if m, ok := a.(*Bytes); ok {
				a = m.Dense()
			}
			if !reflect.DeepEqual(a, b) {
				t.Fatalf("%s: %v of bytes, and %v of numbers", what, a, b)
			}
		}
		same("numbers", small, full)
		same("NNZ", small.NNZ(), full.NNZ())
		same("density", Density(small), Density(full))
		same("ones", AppendOnes(small), AppendOnes(full))
		same("selected", Select(small, []uint32{uint32(cols - 1)}), Select(full, []uint32{uint32(cols - 1)}))
		order := rapid.SliceOfN(rapid.IntRange(0, rows-1), 1, 5).Draw(t, "order")
		of := func(m Matrix) *Set { return &Set{X: m, Y: make([]float64, rows)} }
		same("rows", of(small).Rows(order).X, of(full).Rows(order).X)
		for _, scale := range []Scale{"", Largest, Standard, UnitRows} {
			for _, intercept := range []bool{false, true} {
				x, f, err := Prepare(small, scale, intercept)
				y, g, wrong := Prepare(full, scale, intercept)
				same("error", err, wrong)
				same("prepared", x, y)
				same("features", f, g)
				if _, kept := x.(*Bytes); kept != (!intercept && (scale == "" || scale == Largest)) {
					t.Fatalf("the scale %q makes a %T", scale, x)
				}
				again, err := g.Apply(x)
				twice, wrong := g.Apply(y)
				if err == nil && wrong == nil {
					same("prepared twice", again, twice)
				}
			}
		}
		var a, b bytes.Buffer
		same("written", WriteLIBSVM(&a, of(small)), WriteLIBSVM(&b, of(full)))
		same("text", a.String(), b.String())
	})
}

// TestImagesStayBytes: images take a byte per pixel, and have the same values as those of ReadIDX.
func TestImagesStayBytes(t *testing.T) {
	pixels := make([]byte, 2000*300)
	for i := range pixels {
		pixels[i] = byte(i * 7)
	}
	file := idx(8, []uint32{2000, 20, 15}, pixels)
	in, err := openIDX("f", bytes.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	x, err := in.bytes()
	if err != nil || !bytes.Equal(x, pixels) || cap(x) > len(x) {
		t.Errorf("%d bytes of %d, room for %d, %v", len(x), len(pixels), cap(x), err)
	}
	tensor, err := ReadIDX("f", bytes.NewReader(file))
	if want := (&Bytes{Rows: 2000, Cols: 300, Data: pixels}).Dense().Data; err != nil || !reflect.DeepEqual(tensor.Data, want) {
		t.Errorf("other numbers than bytes, %v", err)
	}
	for _, c := range []struct{ file []byte }{{file[:len(file)-1]}, {append(bytes.Clone(file), 0)}} {
		in, _ := openIDX("f", bytes.NewReader(c.file))
		_, err := in.bytes()
		_, want := ReadIDX("f", bytes.NewReader(c.file))
		if err == nil || err.Error() != want.Error() {
			t.Errorf("error %v, want %v", err, want)
		}
	}
}
