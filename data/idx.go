package data

import (
	"encoding/binary"
	"fmt"
	"io"
	"math"

	"steepest/internal/plural"
)

// IDXOptions says where to find the labels of an IDX file of images.
type IDXOptions struct {
	// Labels is the path of the file of labels. Default: the path of the images with "images-idx3" replaced by
	// "labels-idx1" (or images.idx3 by labels.idx1), as the files of MNIST and its successors are named.
	Labels string
}

// Tensor is an array of any number of dimensions, in row-major order.
type Tensor struct {
	Shape []int
	Data  []float64 // the length is the product of Shape
}

// ReadIDX reads an IDX file, the format of MNIST: two zero bytes, a byte for the type of the elements, a byte for the number of dimensions,
// the dimensions as 32-bit integers, and the elements, all big-endian. name is the file's name in error messages. The elements may be of any
// of the six types of the format and must be finite; bytes stay 0 to 255. Memory is allocated as elements arrive, so a wrong header cannot
// claim it. The error is a *ParseError unless r fails.
func ReadIDX(name string, r io.Reader) (*Tensor, error) {
	in, err := openIDX(name, r)
	if err != nil {
		return nil, err
	}
	return in.tensor()
}

// openIDX reads the header of an IDX file.
func openIDX(name string, r io.Reader) (*idxReader, error) {
	in := &idxReader{file: name, r: r}
	magic := make([]byte, 4)
	err := in.header(magic)
	if err != nil {
		return nil, err
	}
	in.code = magic[2]
	in.size, in.decode = idxType(in.code)
	if magic[0] != 0 || magic[1] != 0 || in.size == 0 || magic[3] == 0 {
		in.at = 0
		return nil, in.fault(fmt.Sprintf("the file starts with the bytes % x, which no IDX file does", magic),
			"check that it is an IDX file, such as train-images-idx3-ubyte")
	}
	dims := make([]byte, 4*int(magic[3]))
	if err = in.header(dims); err != nil {
		return nil, err
	}
	for ; len(dims) > 0; dims = dims[4:] {
		in.shape = append(in.shape, int(binary.BigEndian.Uint32(dims)))
	}
	var ok bool
	if in.total, ok = product(in.shape); !ok {
		return nil, in.fault(fmt.Sprintf("the header claims an impossible shape, %d", in.shape),
			"check that the file is complete and unchanged")
	}
	return in, nil
}

// product multiplies the dimensions, and reports whether the size of as many float64s does not overflow.
func product(shape []int) (n int, ok bool) {
	n = 1
	for _, d := range shape {
		if d > 0 && n > math.MaxInt/8/d {
			return 0, false
		}
		n *= d
	}
	return n, true
}

// idxReader reads an IDX file and counts its bytes.
type idxReader struct {
	file   string
	r      io.Reader
	at     int64
	shape  []int
	total  int // elements
	code   byte
	size   int // bytes of an element
	decode func([]byte) float64
}

func (in *idxReader) fault(what, fix string) error {
	return &ParseError{File: in.file, Offset: in.at, What: what, Fix: fix}
}

// header reads the next part of the header into b.
func (in *idxReader) header(b []byte) error {
	n, err := io.ReadFull(in.r, b)
	in.at += int64(n)
	if err == io.EOF || err == io.ErrUnexpectedEOF {
		return in.fault("the file ends within its header", "fetch the file again; it is not complete")
	} else if err != nil {
		return ReadError(in.file, err)
	}
	return nil
}

// tensor reads the elements in float64.
func (in *idxReader) tensor() (*Tensor, error) {
	x := []float64{}
	err := in.blocks(8, func(part []byte, long int) error {
		if long > cap(x) {
			x = append(make([]float64, 0, long), x...)
		}
		for ; len(part) > 0; part = part[in.size:] {
			v := in.decode(part)
			if !finite(v) {
				return in.fault(fmt.Sprintf("the element is %v, which is not a finite number", v), "correct it and write the file again")
			}
			x = append(x, v)
			in.at += int64(in.size)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return &Tensor{Shape: in.shape, Data: x}, nil
}

// bytes reads elements of the type unsignedBytes as they are.
func (in *idxReader) bytes() ([]uint8, error) {
	x := []uint8{}
	err := in.blocks(1, func(part []byte, long int) error {
		if long > cap(x) {
			x = append(make([]uint8, 0, long), x...)
		}
		x = append(x, part...)
		in.at += int64(len(part))
		return nil
	})
	return x, err
}

// blocks yields blocks of whole elements, and the number of elements to allocate memory for. This number grows as elements arrive, since the
// header may claim too many. bytes is the memory per element. It is an error if data follow the last element.
func (in *idxReader) blocks(bytes float64, yield func(part []byte, long int) error) error {
	block := make([]byte, min(in.total*in.size, blockSize)/in.size*in.size+in.size)
	for have, room := 0, 0; have < in.total; {
		part := block[:min(len(block), (in.total-have)*in.size)]
		n, err := io.ReadFull(in.r, part)
		if err == io.EOF || err == io.ErrUnexpectedEOF {
			in.at += int64(n)
			return in.fault(fmt.Sprintf("the file ends before the %s of %s that its header says",
				plural.Of(in.total, "element"), plural.Of(in.size, "byte")), "fetch the file again; it is not complete")
		} else if err != nil {
			return ReadError(in.file, err)
		}
		if have += n / in.size; have > room {
			if err := in.room(bytes); err != nil {
				return err
			}
			room = min(in.total, max(2*room, have))
		}
		if err := yield(part, room); err != nil {
			return err
		}
	}
	switch _, err := io.ReadFull(in.r, block[:1]); {
	case err == nil:
		return in.fault(fmt.Sprintf("the file goes on after the %s that its header says", plural.Of(in.total, "element")),
			"check that the file is unchanged; its header and its data do not belong together")
	case err != io.EOF:
		return ReadError(in.file, err)
	}
	return nil
}

// room returns an error if all elements, with this many bytes each, take more memory than is free.
func (in *idxReader) room(bytes float64) error {
	return room(in.file, fmt.Sprintf("the %s that its header says", plural.Of(in.total, "element")), bytes*float64(in.total))
}

// unsignedBytes is the type code of bytes from 0 to 255.
const unsignedBytes = 0x08

// idxType returns the size in bytes of an element of the given type code, 0 for an unknown code, and how to decode it.
func idxType(code byte) (size int, decode func([]byte) float64) {
	switch code {
	case unsignedBytes:
		return 1, func(b []byte) float64 { return float64(b[0]) }
	case 0x09:
		return 1, func(b []byte) float64 { return float64(int8(b[0])) }
	case 0x0B:
		return 2, func(b []byte) float64 { return float64(int16(binary.BigEndian.Uint16(b))) }
	case 0x0C:
		return 4, func(b []byte) float64 { return float64(int32(binary.BigEndian.Uint32(b))) }
	case 0x0D:
		return 4, func(b []byte) float64 { return float64(math.Float32frombits(binary.BigEndian.Uint32(b))) }
	case 0x0E:
		return 8, func(b []byte) float64 { return math.Float64frombits(binary.BigEndian.Uint64(b)) }
	}
	return 0, nil
}
