package checkpoint

import (
	"cmp"
	"encoding/binary"
	"fmt"
	"math"
	"reflect"
	"slices"
	"unicode/utf8"
	"unsafe"

	"github.com/maruel/safetensors"
)

// order is the order of tensors in a file, as in the reference writer. Wide elements come first, so that all are aligned.
var order = []safetensors.DType{safetensors.I64, safetensors.F64, safetensors.F32, safetensors.U32}

// pack returns the tensors as a safetensors file. Its data are views of the values.
func pack(tensors map[string]Tensor) *safetensors.File {
	f := &safetensors.File{}
	for name, t := range tensors {
		if !utf8.ValidString(name) || name == "__metadata__" {
			panic(fmt.Sprintf("checkpoint: the tensor name %q is not UTF-8, or reserved", name))
		}
		dtype, data := bytesOf(name, t.Values)
		shape, size := make([]uint64, len(t.Shape)), len(data)/int(dtype.WordSize())
		for i, n := range t.Shape {
			shape[i] = uint64(n)
		}
		if n, ok := elements(t.Shape); !ok || n != size {
			panic(fmt.Sprintf("checkpoint: the tensor %q has the shape %v and %d values", name, t.Shape, size))
		}
		f.Tensors = append(f.Tensors, safetensors.Tensor{Name: name, DType: dtype, Shape: shape, Data: data})
	}
	slices.SortFunc(f.Tensors, func(a, b safetensors.Tensor) int {
		return cmp.Or(slices.Index(order, a.DType)-slices.Index(order, b.DType), cmp.Compare(a.Name, b.Name))
	})
	return f
}

// elements returns the product of the dimensions, and whether the format can hold them. An overflow is rejected even if a dimension
// is zero.
func elements(shape []int) (n int, ok bool) {
	n = 1
	for _, d := range shape {
		if d < 0 || n > 0 && d > math.MaxInt/n {
			return 0, false
		}
		n *= d
	}
	return n, true
}

// assembly puts together the tensors of a checkpoint, whose rows may be in several files.
type assembly struct {
	tensors map[string]Tensor
	rows    Rows
	passed  map[string]int // the rows of each tensor in the files so far
}

// add adds copies of the tensors in the bytes of the next file.
func (a *assembly) add(data []byte) error {
	f, err := safetensors.Parse(data)
	if err != nil {
		return err
	}
	seen := make(map[string]bool)
	for _, from := range f.Tensors {
		shape := make([]int, len(from.Shape))
		for i, n := range from.Shape {
			shape[i] = int(n)
		}
		if _, ok := elements(shape); !ok {
			return fmt.Errorf("the tensor %q has the shape %v, which is too large", from.Name, from.Shape)
		}
		if seen[from.Name] {
			return fmt.Errorf("the tensor %q is there twice", from.Name)
		}
		seen[from.Name] = true
		t := Tensor{Shape: shape, Values: valuesOf(from.DType, a.cut(from.Name, shape, from.Data))}
		if t.Values == nil {
			return fmt.Errorf("the tensor %q holds %s; checkpoints hold F32, F64, I64 and U32", from.Name, from.DType)
		}
		if before, more := a.tensors[from.Name]; more {
			if t, err = joined(before, t); err != nil {
				return fmt.Errorf("the tensor %q %w", from.Name, err)
			}
		}
		a.tensors[from.Name] = t
	}
	return nil
}

// cut returns the data of the rows that are asked for, and sets the first dimension of shape to their number.
func (a *assembly) cut(name string, shape []int, data []byte) []byte {
	if a.rows == nil || len(shape) == 0 || shape[0] == 0 {
		return data
	}
	at, n := a.passed[name], shape[0]
	a.passed[name] += n
	if from, to, part := a.rows(name); part {
		width := len(data) / n
		from, to = min(max(from-at, 0), n), min(max(to-at, 0), n)
		shape[0], data = to-from, data[from*width:to*width]
	}
	return data
}

// joined returns a tensor with the rows of both.
func joined(a, b Tensor) (Tensor, error) {
	x, y := reflect.ValueOf(a.Values), reflect.ValueOf(b.Values)
	if len(a.Shape) == 0 || len(b.Shape) == 0 || !slices.Equal(a.Shape[1:], b.Shape[1:]) || x.Type() != y.Type() {
		return Tensor{}, fmt.Errorf("has the shape %v and holds %v, and does not continue one of shape %v that holds %v in the files before", b.Shape, y.Type(), a.Shape, x.Type())
	}
	shape := slices.Clone(a.Shape)
	shape[0] += b.Shape[0]
	return Tensor{Shape: shape, Values: reflect.AppendSlice(x, y).Interface()}, nil
}

// bytesOf returns the memory of a tensor's values.
func bytesOf(name string, values any) (safetensors.DType, []byte) {
	switch v := values.(type) {
	case []float32:
		return safetensors.F32, view(v)
	case []float64:
		return safetensors.F64, view(v)
	case []int64:
		return safetensors.I64, view(v)
	case []uint32:
		return safetensors.U32, view(v)
	}
	panic(fmt.Sprintf("checkpoint: the tensor %q holds %T; it must be []float32, []float64, []int64 or []uint32", name, values))
}

// valuesOf returns a slice of the given type with a copy of data, or nil if the type is not supported.
func valuesOf(dtype safetensors.DType, data []byte) any {
	switch dtype {
	case safetensors.F32:
		return clone[float32](data)
	case safetensors.F64:
		return clone[float64](data)
	case safetensors.I64:
		return clone[int64](data)
	case safetensors.U32:
		return clone[uint32](data)
	}
	return nil
}

func clone[E any](data []byte) []E {
	v := make([]E, len(data)/int(unsafe.Sizeof(*new(E))))
	copy(view(v), data)
	return v
}

// view returns the memory of v. The format is little-endian, like all processors that we support.
func view[E any](v []E) []byte {
	if binary.NativeEndian.Uint16([]byte{1, 0}) != 1 {
		panic("checkpoint: the processor is big-endian, the file format little-endian")
	}
	return unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(v))), len(v)*int(unsafe.Sizeof(*new(E))))
}
