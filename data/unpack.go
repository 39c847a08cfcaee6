package data

import (
	"bufio"
	"bytes"
	"compress/bzip2"
	"fmt"
	"io"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
	"golang.org/x/text/encoding/unicode"
)

// largestWindow bounds the memory that a zstd file can ask for, as the zstd program does without --long.
const largestWindow = 128 << 20

// unpack decompresses r if it starts like a gzip, bzip2 or zstd file, and skips the byte order mark of a text, which is
// made UTF-8 if the mark is that of UTF-16.
func unpack(name string, r io.Reader) (*bufio.Reader, error) {
	in := bufio.NewReaderSize(r, 1<<16)
	head, _ := in.Peek(6) // an error comes back with the first read
	var plain io.Reader
	var packer string
	var err error
	switch {
	case bytes.HasPrefix(head, []byte{0x1f, 0x8b}):
		packer = "gzip"
		plain, err = gzip.NewReader(in)
	case bytes.HasPrefix(head, []byte("BZh")):
		packer = "bzip2"
		plain = bzip2.NewReader(in)
	case bytes.HasPrefix(head, []byte{0x28, 0xb5, 0x2f, 0xfd}):
		packer = "zstd"
		// With a concurrency of 1 the decoder has no goroutines, so that it need not be closed.
		plain, err = zstd.NewReader(in, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(largestWindow))
	case bytes.HasPrefix(head, []byte("\xfd7zXZ\x00")), bytes.HasPrefix(head, []byte("PK\x03\x04")):
		return nil, &ParseError{File: name, What: "the file is an xz or zip archive, which is not supported",
			Fix: "unpack it, or pack it with gzip or zstd"}
	}
	if packer != "" {
		in = bufio.NewReaderSize(&unpacked{plain, packer, err}, 1<<16)
	}
	switch mark, _ := in.Peek(3); {
	case string(mark) == "\ufeff":
		in.Discard(3)
	case bytes.HasPrefix(mark, []byte("\xff\xfe")), bytes.HasPrefix(mark, []byte("\xfe\xff")):
		in = bufio.NewReaderSize(unicode.UTF16(unicode.LittleEndian, unicode.ExpectBOM).NewDecoder().Reader(in), 1<<16)
	}
	return in, nil
}

// unpacked is a decompressor whose errors say what to do.
type unpacked struct {
	r      io.Reader
	packer string
	err    error
}

func (u *unpacked) Read(p []byte) (n int, err error) {
	if u.err == nil {
		if n, err = u.r.Read(p); err == nil || err == io.EOF {
			return n, err
		}
		u.err = err
	}
	return n, fmt.Errorf("the %s data is damaged (%w); fetch the file again", u.packer, u.err)
}
