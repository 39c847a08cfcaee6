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
	in := Unpack(r)
	return in, refuseForeign(name, in)
}

// Unpack decompresses r if it starts like a gzip, bzip2 or zstd file. It skips the byte order mark of a text, and converts UTF-16 and UTF-32
// to UTF-8, which it detects from the mark or the first characters. Errors are returned by the first read.
func Unpack(r io.Reader) *bufio.Reader {
	in := bufio.NewReaderSize(r, 1<<16)
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
	switch wide := wideText(in); {
	case wide != nil:
		in = bufio.NewReaderSize(wide.NewDecoder().Reader(in), 1<<16)
	case startsWith(in, "\ufeff"):
		in.Discard(3)
	}
	return in
}

// wideText returns the encoding of a text in UTF-16 or UTF-32; nil for other texts. It looks at the byte order mark or, if there is none, at
// the zeros between the first characters, which must be ASCII.
func wideText(in *bufio.Reader) encoding.Encoding {
	start, _ := in.Peek(4)
	switch zeros := string(shape(start)); {
	case startsWith(in, "\xff\xfe\x00\x00"), zeros == "a000":
		return utf32.UTF32(utf32.LittleEndian, utf32.UseBOM)
	case startsWith(in, "\x00\x00\xfe\xff"), zeros == "000a":
		return utf32.UTF32(utf32.BigEndian, utf32.UseBOM)
	case startsWith(in, "\xff\xfe"), zeros == "a0a0":
		return unicode.UTF16(unicode.LittleEndian, unicode.UseBOM)
	case startsWith(in, "\xfe\xff"), zeros == "0a0a":
		return unicode.UTF16(unicode.BigEndian, unicode.UseBOM)
	}
	return nil
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
