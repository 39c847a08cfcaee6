package data

import (
	"bytes"
	"io"
	"os"
)

// sized is a text in a file, whose size is known and whose parts can be read.
type sized struct {
	io.Reader
	file io.ReaderAt
	size int64 // 0 if it is unknown
}

// sizedOf returns the text of a regular file. For other readers its size is 0.
func sizedOf(r io.Reader) sized {
	if text, ok := r.(sized); ok {
		return text
	}
	file, _ := r.(*os.File)
	return sized{Reader: r, file: file, size: sizeOf(r)}
}

// The parts of a text that count looks at. Their places are even, because rows may be sorted, so that the first ones are no measure of the others.
const (
	sampledParts = 64
	sampledPart  = 4 << 10 // bytes
)

// count returns about how often a byte comes in the text. It returns 0 if the size is unknown or small.
func (t sized) count(mark byte) float64 {
	if t.size < 4*sampledParts*sampledPart {
		return 0
	}
	var part [sampledPart]byte
	found, read := 0, 0
	for k := range int64(sampledParts) {
		n, _ := t.file.ReadAt(part[:], k*(t.size-sampledPart)/(sampledParts-1)) // other reads return the error
		found, read = found+bytes.Count(part[:n], []byte{mark}), read+n
	}
	return float64(found) / float64(max(1, read)) * float64(t.size)
}
