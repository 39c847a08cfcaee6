package data

import (
	"bufio"
	"bytes"
	"compress/bzip2"
	"errors"
	"fmt"
	"io"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/encoding/unicode/utf32"
)

// largestWindow limits the memory that a zstd file can require, like the zstd program without --long.
const largestWindow = 128 << 20

// unpack is Unpack for a table.
func unpack(name string, r io.Reader) (*bufio.Reader, error) {
	in, _ := Unpack(r)
	return in, refuseForeign(name, in)
}

// Unpack decompresses r if it starts like a gzip, bzip2 or zstd file. It skips the byte order mark of a text, and converts UTF-16 and UTF-32
// to UTF-8, which it detects from the mark or the first characters. guessed names the encoding that the first characters have shown; it is ""
// for a text with a mark or in UTF-8. Errors are returned by the first read.
func Unpack(r io.Reader) (in *bufio.Reader, guessed string) {
	in = bufio.NewReaderSize(r, 1<<16)
	var plain io.Reader
	var packer string
	var err error
	switch {
	case startsWith(in, "\x1f\x8b"):
		packer = "gzip"
		plain, err = gzip.NewReader(in)
	case startsWith(in, "BZh"):
		packer = "bzip2"
		plain = bzip2.NewReader(in)
	case startsWith(in, "\x28\xb5\x2f\xfd"):
		packer = "zstd"
		// With a concurrency of 1 the decoder has no goroutines and need not be closed.
		plain, err = zstd.NewReader(in, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(largestWindow))
	}
	if packer != "" {
		in = bufio.NewReaderSize(&unpacked{plain, packer, err}, 1<<16)
	}
	coded, guessed := wideText(in)
	switch {
	case coded != nil:
		in = bufio.NewReaderSize(coded.NewDecoder().Reader(in), 1<<16)
	case startsWith(in, "\ufeff"):
		in.Discard(3)
	}
	return in, guessed
}

// wide lists the encodings of texts in UTF-16 and UTF-32, with their byte order marks and the shapes of their first characters.
var wide = []struct {
	name, mark, shape string
	encoding.Encoding
}{
	{"UTF-32LE", "\xff\xfe\x00\x00", "a000", utf32.UTF32(utf32.LittleEndian, utf32.UseBOM)},
	{"UTF-32BE", "\x00\x00\xfe\xff", "000a", utf32.UTF32(utf32.BigEndian, utf32.UseBOM)},
	{"UTF-16LE", "\xff\xfe", "a0a0", unicode.UTF16(unicode.LittleEndian, unicode.UseBOM)},
	{"UTF-16BE", "\xfe\xff", "0a0a", unicode.UTF16(unicode.BigEndian, unicode.UseBOM)},
}

// wideText returns the encoding of a text in UTF-16 or UTF-32; nil for other texts. It looks at the byte order mark or, if there is none, at
// the zeros between the first characters, which must be ASCII. guessed then is the name of the encoding.
func wideText(in *bufio.Reader) (_ encoding.Encoding, guessed string) {
	start, _ := in.Peek(4)
	for _, w := range wide {
		if startsWith(in, w.mark) {
			return w.Encoding, ""
		}
		if string(shape(start)) == w.shape {
			return w.Encoding, w.name
		}
	}
	return nil, ""
}

// shape maps each byte to its class: '0' for a zero byte, 'a' for an ASCII character, '?' for others.
func shape(text []byte) []byte {
	return bytes.Map(func(c rune) rune {
		switch {
		case c == 0:
			return '0'
		case c >= ' ' && c <= '~', c >= '\t' && c <= '\r':
			return 'a'
		}
		return '?'
	}, text)
}

func startsWith(in *bufio.Reader, prefix string) bool {
	start, _ := in.Peek(len(prefix)) // the first read returns the error
	return string(start) == prefix
}

// foreign lists unsupported formats that people try, by the first bytes of their files.
var foreign = []struct{ start, what, fix string }{
	{"\x1f\x8b", "packed twice", "unpack it once"}, // refuseForeign sees what is unpacked
	{"\x28\xb5\x2f\xfd", "packed twice", "unpack it once"},
	{"\xfd7zXZ\x00", "an xz archive, which is not supported", "unpack it, or pack it with gzip or zstd"},
	{"PK\x03\x04", "a zip archive or a spreadsheet, which is not supported", "unpack it, or save its table as CSV"},
	{"\xd0\xcf\x11\xe0", "a spreadsheet", "save its table as CSV"},
	{"\x93NUMPY", "an array of NumPy", "write it by numpy.savetxt with delimiter=\",\""},
	{startMagic, "a Parquet file", "set Format to parquet"},
	{"\x89HDF", "an HDF5 file", "write its table as CSV"},
	{"MATLAB 5.0", "a MATLAB file", "write its table as CSV, by writematrix"},
	{"%PDF", "a PDF", "find the data that it shows, as CSV"},
	{"<!", "a page of the web or other HTML or XML, perhaps an error that came in place of the data", "fetch the data again, as CSV or LIBSVM"},
	{"<?xml", "a page of the web or other HTML or XML, perhaps an error that came in place of the data", "fetch the data again, as CSV or LIBSVM"},
	{"<html", "a page of the web or other HTML or XML, perhaps an error that came in place of the data", "fetch the data again, as CSV or LIBSVM"},
	{"{", "JSON", "write its rows as CSV"},
	{"[", "JSON", "write its rows as CSV"},
	{"@relation", "an ARFF file", "write its rows as CSV"},
}

// refuseForeign returns an error if a file has one of the foreign formats.
func refuseForeign(name string, in *bufio.Reader) error {
	head, _ := in.Peek(16)
	head = bytes.TrimLeft(head, " \t\r\n")
	if bytes.HasPrefix(head, []byte("<")) || bytes.HasPrefix(head, []byte("@")) {
		head = bytes.ToLower(head)
	}
	for _, f := range foreign {
		if bytes.HasPrefix(head, []byte(f.start)) {
			return &ParseError{File: name, What: "the file is " + f.what, Fix: f.fix}
		}
	}
	return nil
}

// unpacked is a decompressor whose errors say how to fix the problem.
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
	return n, &unpackError{u.packer, u.err}
}

// unpackError is the error of a decompressor.
type unpackError struct {
	packer string
	err    error
}

func (d *unpackError) Error() string { return d.what() + "; " + d.fix() }
func (d *unpackError) Unwrap() error { return d.err }

func (d *unpackError) what() string {
	return fmt.Sprintf("the %s data is damaged (%v)", d.packer, d.err)
}
func (d *unpackError) fix() string { return "fetch the file again" }

// ReadError returns the error of reading a file through Unpack, with the name of the file: a *ParseError if the file is damaged.
func ReadError(file string, err error) error {
	if d, ok := errors.AsType[*unpackError](err); ok {
		return &ParseError{File: file, What: d.what(), Fix: d.fix()}
	}
	return fmt.Errorf("%s: %w", file, err)
}
