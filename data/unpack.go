package data

import (
	"bufio"
	"bytes"
	"compress/bzip2"
	"fmt"
	"io"
	"regexp"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
	"golang.org/x/text/encoding/unicode"
)

// largestWindow bounds the memory that a zstd file can ask for, as the zstd program does without --long.
const largestWindow = 128 << 20

// unpack is Unpack for a table.
func unpack(name string, r io.Reader) (*bufio.Reader, error) {
	in := Unpack(r)
	return in, refuseForeign(name, in)
}

// Unpack decompresses r if it starts like a gzip, bzip2 or zstd file, and skips the byte order mark of a text, which is
// made UTF-8 if the mark, or its start, is that of UTF-16. An error comes with the first read.
func Unpack(r io.Reader) *bufio.Reader {
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
	}
	if packer != "" {
		in = bufio.NewReaderSize(&unpacked{plain, packer, err}, 1<<16)
	}
	switch mark, _ := in.Peek(4); {
	case bytes.HasPrefix(mark, []byte("\ufeff")):
		in.Discard(3)
	case bytes.HasPrefix(mark, []byte("\xff\xfe")), bytes.HasPrefix(mark, []byte("\xfe\xff")):
		in = fromUTF16(in, unicode.LittleEndian, unicode.ExpectBOM)
	case unmarked.Match(mark) && mark[1] == 0:
		in = fromUTF16(in, unicode.LittleEndian, unicode.IgnoreBOM)
	case unmarked.Match(mark):
		in = fromUTF16(in, unicode.BigEndian, unicode.IgnoreBOM)
	}
	return in
}

// unmarked matches the start of a text in UTF-16 without a mark: two characters of ASCII, each beside a zero.
var unmarked = regexp.MustCompile(`^(?:[\t\r\n -~]\x00[\t\r\n -~]\x00|\x00[\t\r\n -~]\x00[\t\r\n -~])$`)

func fromUTF16(in io.Reader, order unicode.Endianness, mark unicode.BOMPolicy) *bufio.Reader {
	return bufio.NewReaderSize(unicode.UTF16(order, mark).NewDecoder().Reader(in), 1<<16)
}

// foreign are formats that people take for data files, by how their files start.
var foreign = []struct{ start, what, fix string }{
	{"\xfd7zXZ\x00", "an xz archive, which is not supported", "unpack it, or pack it with gzip or zstd"},
	{"PK\x03\x04", "a zip archive or a spreadsheet, which is not supported", "unpack it, or save its table as CSV"},
	{"\xd0\xcf\x11\xe0", "a spreadsheet", "save its table as CSV"},
	{"\x93NUMPY", "an array of NumPy", "write it by numpy.savetxt with delimiter=\",\""},
	{"PAR1\x15", "a Parquet file", "write its table as CSV"},
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

// refuseForeign returns an error if a file has one of these formats.
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
