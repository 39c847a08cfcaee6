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

	"steepest/internal/mapped"
	"steepest/internal/scratch"
)

// parquetPiece is the largest number of values that one call reads. A band of this many rows fits into the first-level cache.
const parquetPiece = 1 << 8

// parquetChunk reads the values of a column in a row group, one page after another.
type parquetChunk struct {
	file       *parquetFile
	field      *parquetField
	codec      format.CompressionCodec
	page       []byte // the current page, as the file holds it
	pages      []byte // the pages that are not read yet
	rows       int    // rows in these pages
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
	dictionary, data []byte
	numbers          []float64 // of a dictionary
}

var unpackedPool = sync.Pool{New: func() any { return new(unpackedPages) }}

// free drops the last page, and returns the buffers of the chunk, without the chunk.
func (c *parquetChunk) free() {
	c.drop()
	unpackedPool.Put(c.unpacked)
	c.unpacked = nil
}

// drop takes the current page of the file out of memory.
func (c *parquetChunk) drop() {
	mapped.Drop(c.page)
	c.page = nil
}

// chunk returns the reader of a field in a row group.
func (f *parquetFile) chunk(field *parquetField, group int) (*parquetChunk, error) {
	column, rows := &f.groups[group].Columns[field.leaf], f.groups[group].NumRows
	m := &column.MetaData
	start := m.DataPageOffset
	if d := m.DictionaryPageOffset; d > 0 && d < start {
		start = d
	}
	end := len(f.data) - 8
	if column.FilePath != "" {
		return nil, &ParseError{File: f.name, What: "columns of the file are in other files", Fix: "write it as one file"}
	}
	if m.Type != field.kind || m.NumValues != rows || start < 4 || m.TotalCompressedSize < 0 || start > int64(end) || m.TotalCompressedSize > int64(end)-start {
		return nil, f.damagedColumn(field, errors.New("its place or its size is wrong"))
	}
	return &parquetChunk{file: f, field: field, codec: m.Codec, pages: f.data[start : start+m.TotalCompressedSize], rows: int(rows),
		unpacked: unpackedPool.Get().(*unpackedPages)}, nil
}

// damagedColumn returns the error for a column that cannot be decoded.
func (f *parquetFile) damagedColumn(field *parquetField, err error) error {
	var parse *ParseError
	if errors.As(err, &parse) {
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
	var head format.PageHeader
	n, err := decodeThrift(c.pages, &head)
	if err != nil {
		return errors.New("a page has no head that can be read")
	}
	if size := int64(head.CompressedPageSize); size < 0 || head.UncompressedPageSize < 0 || size > int64(len(c.pages)-n) {
		return errShortPage
	}
	page := c.pages[n : n+int(head.CompressedPageSize)]
	c.drop()
	c.page = page
	c.pages = c.pages[n+len(page):]
	if head.CRC != 0 && uint32(head.CRC) != crc32.ChecksumIEEE(page) {
		return errors.New("a page has another checksum")
	}
	unpackedSize := int(head.UncompressedPageSize)
	switch head.Type {
	case format.DictionaryPage:
		if page, err = c.unpack(page, unpackedSize, &c.unpacked.dictionary); err == nil {
			if c.codec == format.Uncompressed { // the page is in the file, which may not align numbers, and will be dropped
				c.unpacked.dictionary = append(c.unpacked.dictionary[:0], page...)
				page = c.unpacked.dictionary
			}
			c.dictionary, err = c.newDictionary(page, int(head.DictionaryPageHeader.V.NumValues))
		}
		return err
	case format.DataPage:
		h := &head.DataPageHeader.V
		if err := c.begin(int(h.NumValues)); err != nil {
			return err
		}
		if page, err = c.unpack(page, unpackedSize, &c.unpacked.data); err != nil {
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
		c.there = hybrid{in: page[repeated : repeated+levels], width: 1}
		page = page[repeated+levels:]
		if !h.IsCompressed.Valid || h.IsCompressed.V {
			if page, err = c.unpack(page, unpackedSize-int(repeated+levels), &c.unpacked.data); err != nil {
				return err
			}
		}
		c.values, err = c.valuesOf(page, h.Encoding)
		return err
	}
	return nil // an index page, which is not needed
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
	if c.codec == format.Uncompressed {
		return page, nil
	} else if size == 0 {
		return nil, nil
	}
	if size > leastBelieved && size/mostRatio > len(page) {
		return nil, fmt.Errorf("a page of %d bytes claims to hold %d", len(page), size)
	}
	defer c.drop()
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
