package data

import (
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"regexp"

	"github.com/parquet-go/parquet-go/deprecated"
	"github.com/parquet-go/parquet-go/encoding/thrift"
	"github.com/parquet-go/parquet-go/format"
)

const (
	magic      = "PAR1"         // at the start and at the end of a Parquet file
	startMagic = magic + "\x15" // with the first byte of a page header or of the footer
	encrypted  = "PARE"         // at the end of a file whose footer is encrypted
)

// parquetFile is a Parquet file with its decoded footer.
type parquetFile struct {
	name   string
	data   *io.SectionReader
	rows   int
	groups []format.RowGroup
	fields []parquetField
	index  []string // names of index columns of pandas, which are not among fields
}

// parquetField is a top-level column.
type parquetField struct {
	name     string
	kind     format.Type
	size     int    // bytes of a value, where bytes have a fixed length
	leaf     int    // its index among the column chunks of a row group
	optional bool   // values may be null
	unsigned bool   // integers are unsigned
	half     bool   // bytes are numbers of float16
	decimal  bool   // integers and bytes are decimals
	digits   int    // digits of a decimal after the point
	refusal  string // what the column holds if it cannot be read; otherwise ""
}

// text reports whether the values are words.
func (f *parquetField) text() bool { return f.kind == format.ByteArray && !f.decimal }

// exact reports whether the values are integers or decimals, which float64 may round.
func (f *parquetField) exact() bool {
	return f.decimal || f.kind == format.Int32 || f.kind == format.Int64
}

// boolean reports whether the values are true and false.
func (f *parquetField) boolean() bool { return f.kind == format.Boolean }

// width returns the bytes of a stored value, 0 for booleans and for bytes of any length.
func (f *parquetField) width() int {
	switch f.kind {
	case format.Int32, format.Float:
		return 4
	case format.Int64, format.Double:
		return 8
	case format.FixedLenByteArray:
		return f.size
	}
	return 0
}

// pandasIndex matches the names of the columns to which pandas writes the index of a table.
var pandasIndex = regexp.MustCompile(`^__index_level_[0-9]+__$`)

// openParquet decodes the footer of a file.
func openParquet(name string, file *io.SectionReader) (*parquetFile, error) {
	f := &parquetFile{name: name, data: file}
	n := file.Size()
	var start [4]byte
	var end [8]byte
	if n >= 12 {
		if err := cmp.Or(f.read(start[:], 0), f.read(end[:], n-8)); err != nil {
			return nil, err
		}
	}
	switch {
	case string(end[4:]) == encrypted:
		return nil, &ParseError{File: name, What: "the file is encrypted", Fix: "write it without encryption"}
	case string(start[:]) != magic:
		return nil, &ParseError{File: name, What: "the file is no Parquet file", Fix: "check that it is the right file and complete"}
	case string(end[4:]) != magic:
		return nil, f.damaged("its end is missing")
	}
	size := int64(binary.LittleEndian.Uint32(end[:]))
	if size > n-12 {
		return nil, f.damaged("the list of columns at its end is longer than the file")
	}
	list := make([]byte, size)
	if err := f.read(list, n-8-size); err != nil {
		return nil, err
	}
	meta := format.FileMetaData{}
	if _, err := decodeThrift(list, &meta); err != nil {
		return nil, f.damaged("the list of columns at its end cannot be read")
	}
	if meta.EncryptionAlgorithm.Value != nil {
		return nil, &ParseError{File: name, What: "columns of the file are encrypted", Fix: "write it without encryption"}
	}
	f.groups = meta.RowGroups
	leaves, err := f.setFields(meta.Schema)
	if err != nil {
		return nil, err
	}
	for i := range f.groups {
		g := &f.groups[i]
		if len(g.Columns) != leaves || g.NumRows < 0 || g.NumRows > math.MaxInt-int64(f.rows) {
			return nil, f.damaged("a row group has other columns than the file, or a size that is none")
		}
		f.rows += int(g.NumRows)
	}
	if int64(f.rows) != meta.NumRows {
		return nil, f.damaged("its row groups have other rows than the file")
	}
	return f, nil
}

// read fills dst with the bytes of the file from a position on.
func (f *parquetFile) read(dst []byte, from int64) error {
	_, err := f.data.ReadAt(dst, from)
	switch {
	case err == io.EOF:
		return &unreadable{fmt.Errorf("%s was cut while it was read", f.name)}
	case err != nil:
		return &unreadable{err}
	}
	return nil
}

// unreadable is an error of the system, not of the contents of a file.
type unreadable struct{ error }

func (e *unreadable) Unwrap() error { return e.error }

// damaged returns the error for a file that contradicts itself.
func (f *parquetFile) damaged(how string) error {
	return &ParseError{File: f.name, What: "the file is damaged: " + how, Fix: "fetch it, or write it again"}
}

// setFields sets f.fields by a schema, which lists a tree in depth-first order, and returns the number of leaves.
func (f *parquetFile) setFields(schema []format.SchemaElement) (leaves int, err error) {
	left := len(schema) - 1
	for i := 1; left > 0; {
		e := &schema[i]
		field := parquetField{name: e.Name, leaf: leaves}
		field.describe(e)
		for open := 1; open > 0; i, left = i+1, left-1 { // the element and its descendants
			if left == 0 || schema[i].NumChildren.V < 0 || int(schema[i].NumChildren.V) > left {
				return 0, f.damaged("its columns are not a tree")
			}
			if schema[i].Type.Valid {
				leaves++
			} else {
				open += int(schema[i].NumChildren.V)
			}
			open--
		}
		if pandasIndex.MatchString(e.Name) {
			f.index = append(f.index, e.Name)
			continue
		}
		f.fields = append(f.fields, field)
	}
	if len(f.fields) == 0 {
		return 0, &ParseError{File: f.name, What: "the file has no columns", Fix: "check that it is the right file and complete"}
	}
	return leaves, nil
}

// describe sets the type of the values.
func (f *parquetField) describe(e *format.SchemaElement) {
	f.kind, f.size = e.Type.V, int(e.TypeLength.V)
	f.optional = e.RepetitionType.V == format.Optional
	switch {
	case !e.Type.Valid || e.RepetitionType.V == format.Repeated:
		f.refusal = "lists, maps or records"
		return
	case f.kind < format.Boolean || f.kind > format.FixedLenByteArray:
		f.refusal = "values of an unknown type"
		return
	case f.kind == format.Int96:
		f.refusal = "dates or times"
	case f.kind == format.FixedLenByteArray:
		f.refusal = "bytes of a fixed length"
	}
	switch t := e.LogicalType.Value.(type) {
	case *format.DateType, *format.TimeType, *format.TimestampType:
		f.refusal = "dates or times"
	case *format.DecimalType:
		f.setDecimal(t.Scale)
	case *format.Float16Type:
		if f.kind == format.FixedLenByteArray && f.size == 2 {
			f.half, f.refusal = true, ""
		}
	case *format.IntType:
		f.unsigned = !t.IsSigned
	case nil:
		switch c := e.ConvertedType.V; {
		case !e.ConvertedType.Valid:
		case c >= deprecated.Date && c <= deprecated.TimestampMicros || c == deprecated.Interval:
			f.refusal = "dates or times"
		case c == deprecated.Decimal:
			f.setDecimal(e.Scale.V)
		case c >= deprecated.Uint8 && c <= deprecated.Uint64:
			f.unsigned = true
		}
	}
}

// setDecimal makes the values decimals with the given number of digits after the point.
func (f *parquetField) setDecimal(digits int32) {
	f.decimal, f.digits, f.refusal = true, int(digits), ""
	switch {
	case digits < 0 || digits > mostDecimalDigits || f.kind == format.FixedLenByteArray && (f.size < 1 || f.size > mostDecimalBytes):
		f.refusal = "decimals of many digits"
	case f.width() == 0 && f.kind != format.ByteArray || f.kind == format.Float || f.kind == format.Double:
		f.refusal = "decimals of an unknown form"
	}
}

// decodeThrift decodes a struct in Thrift's compact protocol, the encoding of Parquet's metadata, and returns the number of bytes that it takes.
// Strings in v share the memory of b.
func decodeThrift(b []byte, v any) (n int, err error) {
	defer func() {
		if fault := recover(); fault != nil {
			err = fmt.Errorf("%v", fault)
		}
	}()
	var protocol thrift.CompactProtocol
	r := &boundedThrift{BytesReader: protocol.NewReaderFromBytes(b), size: len(b), open: []int{1}}
	err = thrift.NewDecoder(r).Decode(v)
	return r.BytesRead(), err
}

// boundedThrift refuses lists that are longer than the remaining bytes can hold, and deep nesting. Without it the decoder would allocate whatever
// size a list claims, and recurse without a limit.
type boundedThrift struct {
	thrift.BytesReader
	size int
	open []int // at each depth, the number of structs that have not ended yet
}

var errThrift = errors.New("a list or a struct is too large")

const (
	deepest     = 16 // nested structs; Parquet has six
	leastStruct = 3  // bytes of a struct in a list: a required field and the end
)

// ReadList reads the type and the length of a list.
func (r *boundedThrift) ReadList() (thrift.List, error) {
	l, err := r.BytesReader.ReadList()
	n, left := int(l.Size), r.size-r.BytesRead()
	switch l.Type {
	case thrift.LIST, thrift.SET, thrift.MAP:
		return l, errThrift
	case thrift.STRUCT:
		left /= leastStruct
		if n > 0 {
			r.open = append(r.open, n)
		}
	}
	if err == nil && (n > left || len(r.open) > deepest) {
		err = errThrift
	}
	return l, err
}

// ReadSet fails, because Parquet has no sets.
func (r *boundedThrift) ReadSet() (thrift.Set, error) { return thrift.Set{}, errThrift }

// ReadMap fails, because Parquet has no maps.
func (r *boundedThrift) ReadMap() (thrift.Map, error) { return thrift.Map{}, errThrift }

// ReadField reads the type of a field, or the end of a struct.
func (r *boundedThrift) ReadField() (thrift.Field, error) {
	field, err := r.BytesReader.ReadField()
	switch field.Type {
	case thrift.STRUCT:
		r.open = append(r.open, 1)
	case thrift.STOP:
		last := len(r.open) - 1
		if r.open[last]--; r.open[last] == 0 && last > 0 {
			r.open = r.open[:last]
		}
	}
	if err == nil && len(r.open) > deepest {
		err = errThrift
	}
	return field, err
}

// Discard skips bytes. The decoder calls it to skip strings.
func (r *boundedThrift) Discard(n int) (int, error) {
	return r.BytesReader.(interface{ Discard(int) (int, error) }).Discard(n)
}
