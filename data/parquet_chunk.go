package data

import (
	"bytes"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"math"
	"sync"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/snappy"
	"github.com/klauspost/compress/zstd"
	"github.com/parquet-go/parquet-go/format"

	"steepest/internal/scratch"
)

// parquetPiece is the largest number of values that one call reads. A band of this many rows fits into the first-level cache.
const parquetPiece = 1 << 8

// parquetChunk reads the values of a column in a row group, one page after another.
type parquetChunk struct {
	file       *parquetFile
	field      *parquetField
	codec      format.CompressionCodec
	at, end    int64 // where the pages that are not read yet start and end in the file
	rows       int   // rows in these pages
	dictionary *dictionary
	category   bool     // integers and decimals are read as words, and so not rounded
	words      wordList // all words that were read so far
	left       int      // rows of the current page that are not read yet
	there      hybrid   // definition levels of an optional field: 1 for a value, 0 for null
	values     parquetValues
	unpacked   *unpackedPages
}

// unpackedPages are buffers for the pages of a chunk. Chunks that are read later reuse them.
type unpackedPages struct {
	head, dictionary, levels, data []byte
	numbers                        []float64 // of a dictionary
}

var (
	unpackedPool = sync.Pool{New: func() any { return new(unpackedPages) }}
	packedPool   = sync.Pool{New: func() any { return new([]byte) }} // buffers for compressed pages, which are needed for a short time only
)

// free returns the buffers of the chunk, without the chunk.
func (c *parquetChunk) free() {
	unpackedPool.Put(c.unpacked)
	c.unpacked = nil
}

// chunk returns the reader of a field in a row group.
func (f *parquetFile) chunk(field *parquetField, group int) (*parquetChunk, error) {
	column, rows := &f.groups[group].Columns[field.leaf], f.groups[group].NumRows
	m := &column.MetaData
	start := m.DataPageOffset
	if d := m.DictionaryPageOffset; d > 0 && d < start {
		start = d
	}
	end := f.data.Size() - 8
	if column.FilePath != "" {
		return nil, &ParseError{File: f.name, What: "columns of the file are in other files", Fix: "write it as one file"}
	}
	if m.Type != field.kind || m.NumValues != rows || start < 4 || m.TotalCompressedSize < 0 || start > end || m.TotalCompressedSize > end-start {
		return nil, f.damagedColumn(field, errors.New("its place or its size is wrong"))
	}
	return &parquetChunk{file: f, field: field, codec: m.Codec, at: start, end: start + m.TotalCompressedSize, rows: int(rows),
		unpacked: unpackedPool.Get().(*unpackedPages)}, nil
}

// damagedColumn returns the error for a column that cannot be decoded.
func (f *parquetFile) damagedColumn(field *parquetField, err error) error {
	var parse *ParseError
	var system *unreadable
	if errors.As(err, &parse) || errors.As(err, &system) {
		return err
	}
	return &ParseError{File: f.name, What: fmt.Sprintf("column %s is damaged: %v", quote(field.name), err), Fix: "fetch the file, or write it again"}
}

// read reads the next values, at most parquetPiece. Null is NaN, and a word is its index in c.words. So are integers and decimals with c.category.
func (c *parquetChunk) read(dst []float64) error {
	for len(dst) > 0 {
		for c.left == 0 {
			if err := c.next(); err != nil {
				return c.file.damagedColumn(c.field, err)
			}
		}
		n := min(len(dst), c.left)
		if err := c.readPage(dst[:n]); err != nil {
			return c.file.damagedColumn(c.field, err)
		}
		dst, c.left = dst[n:], c.left-n
	}
	return nil
}

// readPage reads values of the current page, which has at least len(dst) of them.
func (c *parquetChunk) readPage(dst []float64) error {
	n := len(dst)
	if !c.field.optional {
		return c.values.read(dst)
	} else if c.there.run >= n && c.there.value == 1 {
		c.there.run -= n
		return c.values.read(dst)
	}
	var there [parquetPiece]uint32
	if err := c.there.read(there[:n]); err != nil {
		return err
	}
	k := 0
	for _, t := range there[:n] {
		if t == 1 {
			k++
		}
	}
	if err := c.values.read(dst[:k]); err != nil {
		return err
	}
	for i := n - 1; i >= 0; i-- {
		if there[i] != 1 {
			dst[i] = math.NaN()
			continue
		}
		k--
		dst[i] = dst[k]
	}
	return nil
}

// next opens the next page. A dictionary page is decoded; a data page becomes the current page.
func (c *parquetChunk) next() error {
	head, err := c.head()
	if err != nil {
		return err
	}
	size, unpackedSize := int(head.CompressedPageSize), int(head.UncompressedPageSize)
	if size < 0 || unpackedSize < 0 || int64(size) > c.end-c.at {
		return errShortPage
	}
	unpacked, packed := &c.unpacked.data, c.codec != format.Uncompressed
	if head.Type == format.DictionaryPage {
		unpacked = &c.unpacked.dictionary
	} else if v := head.DataPageHeaderV2.V.IsCompressed; head.Type == format.DataPageV2 && v.Valid && !v.V {
		packed = false
	}
	buffer := unpacked
	if packed {
		buffer = packedPool.Get().(*[]byte)
		defer packedPool.Put(buffer)
	}
	*buffer = scratch.Grow(*buffer, size)
	page := *buffer
	if err := c.file.read(page, c.at); err != nil {
		return err
	}
	c.at += int64(size)
	if head.CRC != 0 && uint32(head.CRC) != crc32.ChecksumIEEE(page) {
		return errors.New("a page has another checksum")
	}
	unpack := func(page []byte, size int) ([]byte, error) {
		if !packed {
			return page, nil
		}
		return c.unpack(page, size, unpacked)
	}
	switch head.Type {
	case format.DictionaryPage:
		if page, err = unpack(page, unpackedSize); err == nil {
			c.dictionary, err = c.newDictionary(page, int(head.DictionaryPageHeader.V.NumValues))
		}
		return err
	case format.DataPage:
		h := &head.DataPageHeader.V
		if err := c.begin(int(h.NumValues)); err != nil {
			return err
		}
		if page, err = unpack(page, unpackedSize); err != nil {
			return err
		}
		if c.field.optional {
			if h.DefinitionLevelEncoding != format.RLE {
				return fmt.Errorf("missing values have the encoding %v, which cannot be read", h.DefinitionLevelEncoding)
			}
			var levels []byte
			if levels, page, err = cutPrefixed(page); err != nil {
				return err
			}
			c.there = hybrid{in: levels, width: 1}
		}
		c.values, err = c.valuesOf(page, h.Encoding)
		return err
	case format.DataPageV2:
		h := &head.DataPageHeaderV2.V
		if err := c.begin(int(h.NumValues)); err != nil {
			return err
		}
		repeated, levels := int64(h.RepetitionLevelsByteLength), int64(h.DefinitionLevelsByteLength)
		if repeated < 0 || levels < 0 || repeated+levels > int64(len(page)) || repeated+levels > int64(unpackedSize) {
			return errShortPage
		}
		c.unpacked.levels = append(c.unpacked.levels[:0], page[repeated:repeated+levels]...)
		c.there = hybrid{in: c.unpacked.levels, width: 1}
		if page, err = unpack(page[repeated+levels:], unpackedSize-int(repeated+levels)); err != nil {
			return err
		}
		c.values, err = c.valuesOf(page, h.Encoding)
		return err
	}
	return nil // an index page, which is not needed
}

// head reads the head of the next page.
func (c *parquetChunk) head() (head format.PageHeader, err error) {
	const usual, most = 1 << 8, 16 << 20 // bytes; a head with statistics of words may be long
	for size := int64(usual); ; size *= 16 {
		size = min(size, c.end-c.at)
		c.unpacked.head = scratch.Grow(c.unpacked.head, int(size))
		if err := c.file.read(c.unpacked.head, c.at); err != nil {
			return head, err
		}
		head = format.PageHeader{}
		if n, err := decodeThrift(c.unpacked.head, &head); err == nil {
			c.at += int64(n)
			return head, nil
		}
		if size == c.end-c.at || size > most {
			return head, errors.New("a page has no head that can be read")
		}
	}
}

// forget drops the words that were read once they are large, so that a long column of texts takes little memory.
func (c *parquetChunk) forget() {
	if c.words.bytes < 16<<20 {
		return
	}
	c.words = wordList{}
	if c.dictionary != nil {
		for i := range c.dictionary.values {
			c.dictionary.values[i] = none
		}
	}
}

// begin begins a page of n values.
func (c *parquetChunk) begin(n int) error {
	if n < 0 || n > c.rows {
		return errors.New("its pages have other rows than the row group")
	}
	c.rows -= n
	c.left = n
	return nil
}

// unzstd is the shared decoder of zstd pages. It is safe for concurrent use.
var unzstd = sync.OnceValues(func() (*zstd.Decoder, error) {
	return zstd.NewReader(nil, zstd.WithDecoderConcurrency(0), zstd.WithDecodeAllCapLimit(true))
})

// unpack returns the decompressed page, in the memory of the buffer. It refuses a size that is implausible for the compressed bytes, before it
// allocates.
func (c *parquetChunk) unpack(page []byte, size int, buffer *[]byte) (out []byte, err error) {
	const leastBelieved, mostRatio = 8 << 20, 1 << 10
	if size == 0 {
		return nil, nil
	}
	if size > leastBelieved && size/mostRatio > len(page) {
		return nil, fmt.Errorf("a page of %d bytes claims to hold %d", len(page), size)
	}
	*buffer = scratch.Grow(*buffer, size)
	out = *buffer
	switch c.codec {
	case format.Snappy:
		var n int
		if n, err = snappy.DecodedLen(page); err == nil && n == size {
			out, err = snappy.Decode(out, page)
		}
	case format.Gzip:
		var in *gzip.Reader
		if in, err = gzip.NewReader(bytes.NewReader(page)); err == nil {
			if _, err = io.ReadFull(in, out); err == nil {
				_, err = in.Read(make([]byte, 1)) // the end, where the checksum is
			}
			if err == io.EOF {
				err = nil
			}
		}
	case format.Zstd:
		var d *zstd.Decoder
		if d, err = unzstd(); err == nil {
			out, err = d.DecodeAll(page, out[:0:size])
		}
	default:
		return nil, &ParseError{File: c.file.name, What: fmt.Sprintf("column %s is packed by %v, which cannot be read", quote(c.field.name), c.codec),
			Fix: "write the file with snappy, gzip, zstd or no compression"}
	}
	if err != nil || len(out) != size {
		return nil, errors.New("a page cannot be unpacked")
	}
	return out, nil
}
