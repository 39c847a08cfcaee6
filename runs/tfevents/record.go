package tfevents

import (
	"encoding/binary"
	"errors"
	"hash/crc32"
	"io"
)

// ErrDamaged says that the bytes of a record do not match its checksums, or are not an event.
var ErrDamaged = errors.New("tfevents: the record is damaged")

const (
	headerSize = 8 + 4 // the length, and its checksum
	footerSize = 4     // the checksum of the data
)

// Append appends an event to a file, as a record.
func (e Event) Append(file []byte) []byte {
	data := e.message()
	length := binary.LittleEndian.AppendUint64(nil, uint64(len(data)))
	file = append(file, length...)
	file = binary.LittleEndian.AppendUint32(file, checksum(length))
	file = append(file, data...)
	return binary.LittleEndian.AppendUint32(file, checksum(data))
}

// First returns the first event of a file, and the size of its record in bytes. The error is io.ErrUnexpectedEOF if the record is incomplete,
// io.EOF if the file is empty, and ErrDamaged otherwise.
func First(file []byte) (e Event, size int, err error) {
	switch {
	case len(file) == 0:
		return e, 0, io.EOF
	case len(file) < headerSize:
		return e, 0, io.ErrUnexpectedEOF
	case checksum(file[:8]) != binary.LittleEndian.Uint32(file[8:]):
		return e, 0, ErrDamaged
	}
	length, rest := binary.LittleEndian.Uint64(file), file[headerSize:]
	if len(rest) < footerSize || length > uint64(len(rest)-footerSize) {
		return e, 0, io.ErrUnexpectedEOF
	}
	data := rest[:length]
	if checksum(data) != binary.LittleEndian.Uint32(rest[length:]) {
		return e, 0, ErrDamaged
	}
	e, err = parse(data)
	return e, headerSize + len(data) + footerSize, err
}

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// checksum returns CRC-32C, masked as in TFRecord. (The CRC of data that contain their own CRC would be constant.)
func checksum(data []byte) uint32 {
	crc := crc32.Checksum(data, castagnoli)
	return (crc>>15 | crc<<17) + 0xa282ead8
}
