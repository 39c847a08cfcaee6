package checkpoint

import (
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
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

// unpack returns copies of the tensors in the bytes of a file.
func unpack(data []byte) (map[string]Tensor, error) {
	f, err := safetensors.Parse(data)
	if err != nil {
		return nil, err
	}
	if len(f.Tensors) == 0 {
		return nil, errors.New("there are no tensors")
	}
	tensors := make(map[string]Tensor, len(f.Tensors))
	for _, from := range f.Tensors {
		t := Tensor{Shape: make([]int, len(from.Shape)), Values: valuesOf(from.DType, from.Data)}
		for i, n := range from.Shape {
			t.Shape[i] = int(n)
		}
		if _, ok := elements(t.Shape); !ok {
			return nil, fmt.Errorf("the tensor %q has the shape %v, which is too large", from.Name, from.Shape)
		}
		if t.Values == nil {
			return nil, fmt.Errorf("the tensor %q holds %s; checkpoints hold F32, F64, I64 and U32", from.Name, from.DType)
		}
		if _, twice := tensors[from.Name]; twice {
			return nil, fmt.Errorf("the tensor %q is there twice", from.Name)
		}
		tensors[from.Name] = t
	}
	return tensors, nil
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
