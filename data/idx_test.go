package data

import (
	"bytes"
	"encoding/binary"
	"errors"
	"math"
	"math/rand/v2"
	"reflect"
	"runtime"
	"strings"
	"testing"
	"testing/iotest"

	"steepest/internal/mutate"
)

// idx makes an IDX file.
func idx(code byte, shape []uint32, elements any) []byte {
	b := []byte{0, 0, code, byte(len(shape))}
	for _, d := range shape {
		b = binary.BigEndian.AppendUint32(b, d)
	}
	b, err := binary.Append(b, binary.BigEndian, elements)
	if err != nil {
		panic(err)
	}
	return b
}

func TestReadIDX(t *testing.T) {
	for _, c := range []struct {
		code     byte
		elements any
		want     []float64
	}{
		{0x08, []uint8{0, 1, 127, 128, 254, 255}, []float64{0, 1, 127, 128, 254, 255}},
		{0x09, []int8{0, 1, 127, -128, -2, -1}, []float64{0, 1, 127, -128, -2, -1}},
		{0x0B, []int16{0, 1, 256, -32768, 32767, -1}, []float64{0, 1, 256, -32768, 32767, -1}},
		{0x0C, []int32{0, 1, 65536, math.MinInt32, math.MaxInt32, -1}, []float64{0, 1, 65536, math.MinInt32, math.MaxInt32, -1}},
		{0x0D, []float32{0, 1, 0.5, -2.5, math.MaxFloat32, -1}, []float64{0, 1, 0.5, -2.5, math.MaxFloat32, -1}},
		{0x0E, []float64{0, 1, 0.1, -2.5, math.MaxFloat64, -1}, []float64{0, 1, 0.1, -2.5, math.MaxFloat64, -1}},
	} {
		got, err := ReadIDX("f", iotest.OneByteReader(bytes.NewReader(idx(c.code, []uint32{3, 1, 2}, c.elements))))
		if err != nil || !reflect.DeepEqual(got, &Tensor{Shape: []int{3, 1, 2}, Data: c.want}) {
			t.Errorf("type %#x: %v, %v, want %v", c.code, got, err, c.want)
		}
	}
}

// TestReadIDXLarge reads more than a buffer holds.
func TestReadIDXLarge(t *testing.T) {
	elements := make([]int16, 200000)
	for i := range elements {
		elements[i] = int16(i * 7919)
	}
	got, err := ReadIDX("f", bytes.NewReader(idx(0x0B, []uint32{200000}, elements)))
	if err != nil || len(got.Data) != len(elements) {
		t.Fatal(err)
	}
	for i, v := range got.Data {
		if v != float64(elements[i]) {
			t.Fatalf("element %d is %v, want %d", i, v, elements[i])
		}
	}
}

func TestReadIDXErrors(t *testing.T) {
	for _, c := range []struct {
		file []byte
		want string
	}{
		{nil, "f: the file ends within its header; fetch the file again; it is not complete"},
		{[]byte{0, 0, 8}, "f: byte 3: the file ends within its header; fetch the file again; it is not complete"},
		{[]byte{0, 0, 8, 3, 0, 0, 0, 1}, "f: byte 8: the file ends within its header; fetch the file again; it is not complete"},
		{[]byte("\x89PNG"), "f: the file starts with the bytes 89 50 4e 47, which no IDX file does; check that it is an IDX file, such as train-images-idx3-ubyte"},
		{[]byte{0, 0, 7, 1}, "f: the file starts with the bytes 00 00 07 01, which no IDX file does; check that it is an IDX file, such as train-images-idx3-ubyte"},
		{[]byte{0, 0, 8, 0}, "f: the file starts with the bytes 00 00 08 00, which no IDX file does; check that it is an IDX file, such as train-images-idx3-ubyte"},
		{idx(8, []uint32{2, 2}, []byte{1, 2, 3}), "f: byte 15: the file ends before the 4 elements of 1 byte that its header says; fetch the file again; it is not complete"},
		{idx(8, []uint32{2}, []byte{1, 2, 3}), "f: byte 10: the file goes on after the 2 elements that its header says; check that the file is unchanged; its header and its data do not belong together"},
		{idx(8, []uint32{1 << 31, 1 << 31, 1 << 31}, []byte{1}), "f: byte 16: the header claims an impossible shape, [2147483648 2147483648 2147483648]; check that the file is complete and unchanged"},
		{idx(0x0E, []uint32{2}, []float64{1, math.NaN()}), "f: byte 16: the element is NaN, which is not a finite number; correct it and write the file again"},
	} {
		got, err := ReadIDX("f", bytes.NewReader(c.file))
		if got != nil || err == nil || err.Error() != c.want {
			t.Errorf("% x\n got %v, %v\nwant %s", c.file, got, err, c.want)
		}
	}
	failure := errors.New("disk on fire")
	if _, err := ReadIDX("f", iotest.ErrReader(failure)); !errors.Is(err, failure) {
		t.Errorf("got %v, want %v", err, failure)
	}
}

// TestReadIDXBelievesNoHeader: a header alone does not make the reader allocate memory.
func TestReadIDXBelievesNoHeader(t *testing.T) {
	file := idx(8, []uint32{1 << 31, 1 << 20}, make([]byte, 1000))
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, err := ReadIDX("f", bytes.NewReader(file))
	runtime.ReadMemStats(&after)
	if took := after.TotalAlloc - before.TotalAlloc; err == nil || took > 1<<20 {
		t.Errorf("a file of 1000 bytes took %d bytes of memory, and the error was %v", took, err)
	}
}

func FuzzReadIDX(f *testing.F) {
	for _, file := range trickyIDX() {
		f.Add([]byte(file))
	}
	f.Fuzz(checkIDX)
}

func TestReadIDXMutations(t *testing.T) {
	mutate.Try(t, "data/FuzzReadIDX", trickyIDX(), func(t *testing.T, file string, _ *rand.Rand) { checkIDX(t, []byte(file)) })
}

func trickyIDX() []string {
	return []string{
		string(idx(8, []uint32{2, 2}, []byte{1, 2, 3, 4})),
		string(idx(8, []uint32{0, 4}, []byte{})),
		string(idx(8, []uint32{1 << 31, 1 << 31, 1 << 31, 0}, []byte{})),
		string(idx(0x0B, []uint32{2}, []int16{-1, 2})),
		string(idx(0x0D, []uint32{1}, []float32{float32(math.Inf(1))})),
		string(idx(0x0E, []uint32{1, 1, 1}, []float64{2})),
		"\x00\x00\x08\xff",
	}
}

func checkIDX(t *testing.T, file []byte) {
	x, err := ReadIDX("f", bytes.NewReader(file))
	if err != nil {
		if fault := (*ParseError)(nil); !errors.As(err, &fault) || x != nil || strings.Contains(err.Error(), "%!") {
			t.Fatalf("% x gave %v, %v", file, x, err)
		}
		return
	}
	size, _ := idxType(file[2])
	n := 1
	for _, d := range x.Shape {
		n *= d
	}
	if len(x.Data) != n || len(file) != 4+4*len(x.Shape)+n*size {
		t.Fatalf("% x gave %d elements for the shape %v", file, len(x.Data), x.Shape)
	}
}

func BenchmarkReadIDX(b *testing.B) {
	file := idx(8, []uint32{10000, 28, 28}, make([]byte, 10000*28*28))
	b.SetBytes(int64(len(file)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := ReadIDX("bench", bytes.NewReader(file)); err != nil {
			b.Fatal(err)
		}
	}
}
