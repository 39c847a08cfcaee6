package tfevents

import (
	"math"
	"time"

	"google.golang.org/protobuf/encoding/protowire"
)

// parse reads a message Event. Of a Start it reads only the Model, and of an End only the Status.
func parse(data []byte) (e Event, err error) {
	list, err := split(data)
	for _, f := range list {
		switch f.number {
		case 1:
			e.Time = time.UnixMicro(int64(math.Round(math.Float64frombits(f.value) * 1e6)))
		case 2:
			e.Step = int(f.value)
		case 3:
			e.Content = Version(f.bytes)
		case 5:
			e.Content, err = summary(f.bytes)
		case 7:
			e.Content = Restart{}
		}
	}
	return e, err
}

// summary reads a message Summary.
func summary(data []byte) (c Content, err error) {
	list, err := split(data)
	var scalars Scalars
	for _, f := range list {
		parts, err := split(f.bytes)
		if err != nil {
			return nil, err
		}
		var tag string
		for _, p := range parts {
			switch p.number {
			case 1:
				tag = string(p.bytes)
			case 2:
				scalars = append(scalars, Scalar{tag, math.Float32frombits(uint32(p.value))})
			case 9:
				c = ofSession(tag, p.bytes)
			}
		}
	}
	if scalars != nil {
		c = scalars
	}
	return c, err
}

// ofSession reads the metadata of a value of the hyperparameters plugin.
func ofSession(tag string, metadata []byte) Content {
	switch tag {
	case startTag:
		return Start{Model: string(within(metadata, 1, 2, 3, 2))}
	case endTag:
		list, _ := split(within(metadata, 1, 2, 4)) // empty after an error
		var e End
		for _, f := range list {
			if f.number == 1 {
				e.Status = Status(f.value)
			}
		}
		return e
	}
	return nil
}

// within returns the field at a path of nested messages, or nil if there is none.
func within(data []byte, path ...protowire.Number) []byte {
	for _, number := range path {
		list, _ := split(data) // empty after an error
		data = nil
		for _, f := range list {
			if f.number == number {
				data = f.bytes
			}
		}
	}
	return data
}

// field is a field of a message: a number, or bytes.
type field struct {
	number protowire.Number
	value  uint64
	bytes  []byte
}

// split returns the fields of a message.
func split(data []byte) (list []field, err error) {
	for len(data) > 0 {
		number, kind, n := protowire.ConsumeTag(data)
		if n < 0 {
			return nil, ErrDamaged
		}
		f, rest := field{number: number}, data[n:]
		switch kind {
		case protowire.VarintType:
			f.value, n = protowire.ConsumeVarint(rest)
		case protowire.Fixed64Type:
			f.value, n = protowire.ConsumeFixed64(rest)
		case protowire.Fixed32Type:
			var v uint32
			v, n = protowire.ConsumeFixed32(rest)
			f.value = uint64(v)
		case protowire.BytesType:
			f.bytes, n = protowire.ConsumeBytes(rest)
		default:
			n = protowire.ConsumeFieldValue(number, kind, rest)
		}
		if n < 0 {
			return nil, ErrDamaged
		}
		list, data = append(list, f), rest[n:]
	}
	return list, nil
}
