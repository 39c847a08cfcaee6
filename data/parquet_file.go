package data

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"regexp"

	"github.com/parquet-go/parquet-go/deprecated"
	"github.com/parquet-go/parquet-go/encoding/thrift"
	"github.com/parquet-go/parquet-go/format"
)

// magic stands at the start and at the end of a Parquet file, with the first byte of a page or of the list of columns behind the first, and
// encrypted at the end of one whose list of columns is.
const (
	magic      = "PAR1"
	startMagic = magic + "\x15"
	encrypted  = "PARE"
)

// parquetFile is a Parquet file in memory: its row groups, and the fields of its rows.
type parquetFile struct {
	name   string
	data   []byte
	rows   int
	groups []format.RowGroup
	fields []parquetField
	index  []string // fields that are left out, since pandas keeps the index of a table in them
}

// parquetField is a field of the rows.
type parquetField struct {
	name     string
	kind     format.Type
	leaf     int     // its place among the column chunks of a row group
	optional bool    // a value may be missing
	unsigned bool    // integers are
	scale    float64 // by which integers are divided
	refusal  string  // why its values are neither numbers nor words; "" if they are
}

// text reports whether the values are words.
func (f *parquetField) text() bool { return f.kind == format.ByteArray }

// boolean reports whether the values are true and false.
func (f *parquetField) boolean() bool { return f.kind == format.Boolean }

// pandasIndex matches the names of the columns in which pandas keeps an index that it needs, and that is none of the table's.
var pandasIndex = regexp.MustCompile(`^__index_level_[0-9]+__$`)

// openParquet reads the list of columns at the end of a file.
func openParquet(name string, file []byte) (*parquetFile, error) {
	f := &parquetFile{name: name, data: file}
	n := len(file)
	switch {
	case n >= 12 && string(file[n-4:]) == encrypted:
		return nil, &ParseError{File: name, What: "the file is encrypted", Fix: "write it without encryption"}
	case n < 12 || string(file[:4]) != magic:
		return nil, &ParseError{File: name, What: "the file is no Parquet file", Fix: "check that it is the right file and complete"}
	case string(file[n-4:]) != magic:
		return nil, f.damaged("its end is missing")
	}
	size := int64(binary.LittleEndian.Uint32(file[n-8:]))
	if size > int64(n-12) {
		return nil, f.damaged("the list of columns at its end is longer than the file")
	}
	meta := format.FileMetaData{}
	if _, err := decodeThrift(bytes.Clone(file[n-8-int(size):n-8]), &meta); err != nil { // names are parts of the clone
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

// damaged is the error for a file that contradicts itself.
func (f *parquetFile) damaged(how string) error {
	return &ParseError{File: f.name, What: "the file is damaged: " + how, Fix: "fetch it, or write it again"}
}

// setFields notes the fields at the top of a schema, which lists a tree with each element before those within it, and returns the number
// of the leaves.
func (f *parquetFile) setFields(schema []format.SchemaElement) (leaves int, err error) {
	left := len(schema) - 1
	for i := 1; left > 0; {
		e := &schema[i]
		field := parquetField{name: e.Name, leaf: leaves}
		field.describe(e)
		for open := 1; open > 0; i, left = i+1, left-1 { // the element and those within it
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

// describe notes what the values of a field are.
func (f *parquetField) describe(e *format.SchemaElement) {
	f.kind, f.scale = e.Type.V, 1
	f.optional = e.RepetitionType.V == format.Optional
	switch {
	case !e.Type.Valid || e.RepetitionType.V == format.Repeated:
		f.refusal = "lists, maps or records"
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
		f.setScale(t.Scale)
	case *format.IntType:
		f.unsigned = !t.IsSigned
	case nil:
		switch c := e.ConvertedType.V; {
		case !e.ConvertedType.Valid:
		case c >= deprecated.Date && c <= deprecated.TimestampMicros || c == deprecated.Interval:
			f.refusal = "dates or times"
		case c == deprecated.Decimal:
			f.setScale(e.Scale.V)
		case c >= deprecated.Uint8 && c <= deprecated.Uint64:
			f.unsigned = true
		}
	}
}

// setScale makes numbers of the integers of decimals.
func (f *parquetField) setScale(digits int32) {
	if f.scale = math.Pow10(int(digits)); f.kind != format.Int32 && f.kind != format.Int64 || digits < 0 || digits > 22 { // up to which a power of 10 is exact
		f.refusal = "decimals of many digits"
	}
}

// ofInteger returns the number that an integer stands for.
func (f *parquetField) ofInteger(v int64) float64 {
	switch {
	case f.kind == format.Int32 && f.unsigned:
		v = int64(uint32(v))
	case f.unsigned:
		return float64(uint64(v)) / f.scale
	}
	return float64(v) / f.scale
}

// decodeThrift decodes a struct of the compact protocol of Thrift, in which Parquet keeps what it says of itself, and returns the bytes
// that it takes. Strings of v are parts of b.
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

// boundedThrift reads no list that is longer than what is left can hold, and no structs within one another without an end: the decoder
// would take the memory that such a list asks for.
type boundedThrift struct {
	thrift.BytesReader
	size int
	open []int // structs that are still to end at each depth
}

var errThrift = errors.New("a list or a struct is too large")

const (
	deepest     = 16 // structs within one another, of which Parquet has six
	leastStruct = 3  // bytes of a struct in a list: fields of Parquet that each of them has
)

// ReadList reads the head of a list.
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

// ReadSet and ReadMap refuse what Parquet does not have.
func (r *boundedThrift) ReadSet() (thrift.Set, error) { return thrift.Set{}, errThrift }

// ReadMap refuses maps.
func (r *boundedThrift) ReadMap() (thrift.Map, error) { return thrift.Map{}, errThrift }

// ReadField reads the head of a field, or the end of a struct.
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

// Discard passes over bytes, which the decoder asks for where it skips a string.
func (r *boundedThrift) Discard(n int) (int, error) {
	return r.BytesReader.(interface{ Discard(int) (int, error) }).Discard(n)
}
