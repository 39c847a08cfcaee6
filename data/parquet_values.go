package data

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"

	"github.com/parquet-go/bitpack"
	"github.com/parquet-go/parquet-go/format"

	"steepest/internal/scratch"
)

// parquetValues reads the values of a page that are not null. A word is read as its index in the word list of the chunk.
type parquetValues interface {
	read(dst []float64) error
}

// plainDictionary is the older name of RLEDictionary.
const plainDictionary format.Encoding = 2

var errShortPage = errors.New("a page ends within its values")

// valuesOf returns a reader of the values of a page.
func (c *parquetChunk) valuesOf(in []byte, encoding format.Encoding) (parquetValues, error) {
	kind := c.field.kind
	integer, bytes := kind == format.Int32 || kind == format.Int64, kind == format.ByteArray || kind == format.FixedLenByteArray
	width := c.field.width()
	switch {
	case encoding == format.Plain && kind == format.Boolean:
		return &booleans{hybrid{packed: 8 * len(in), in: in, width: 1}}, nil
	case encoding == format.Plain:
		return c.plain(in), nil
	case encoding == format.RLE && kind == format.Boolean:
		in, _, err := cutPrefixed(in)
		return &booleans{hybrid{in: in, width: 1}}, err
	case (encoding == format.RLEDictionary || encoding == plainDictionary) && c.dictionary != nil:
		if len(in) == 0 {
			return c.dictionary, nil // no value is there
		}
		if in[0] > 32 {
			return nil, errShortPage
		}
		c.dictionary.places = hybrid{in: in[1:], width: int(in[0])}
		return c.dictionary, nil
	case encoding == format.ByteStreamSplit && width > 0:
		return &splitNumbers{c, in, width, len(in) / width, 0}, nil
	case encoding == format.DeltaBinaryPacked && integer:
		d, err := newDeltas(in)
		return &deltaNumbers{c, d}, err
	case encoding == format.DeltaLengthByteArray && kind == format.ByteArray:
		lengths, rest, err := readDeltas(in, c.left)
		return &deltaWords{lengths: lengths, in: rest, chunk: c}, err
	case encoding == format.DeltaByteArray && bytes:
		prefixes, rest, err := readDeltas(in, c.left)
		if err != nil {
			return nil, err
		}
		lengths, rest, err := readDeltas(rest, c.left)
		return &deltaWords{prefixes: prefixes, lengths: lengths, in: rest, chunk: c}, err
	}
	return nil, fmt.Errorf("a page has the encoding %v, which cannot be read for %v", encoding, kind)
}

// plain returns a reader of values in the encoding PLAIN, which are not booleans.
func (c *parquetChunk) plain(in []byte) parquetValues {
	if kind := c.field.kind; kind == format.ByteArray || kind == format.FixedLenByteArray {
		return &plainBytes{c, in}
	}
	return &plainNumbers{c, in}
}

// cutPrefixed cuts off bytes that are preceded by their number.
func cutPrefixed(in []byte) (part, rest []byte, err error) {
	if len(in) < 4 {
		return nil, nil, errShortPage
	}
	n, in := int64(binary.LittleEndian.Uint32(in)), in[4:]
	if n > int64(len(in)) {
		return nil, nil, errShortPage
	}
	return in[:n], in[n:], nil
}

// wordList numbers distinct words in the order of their appearance.
type wordList struct {
	index map[string]int
	list  []string
	bytes int
}

func (w *wordList) number(word []byte) float64 {
	i, known := w.index[string(word)]
	if !known {
		if w.index == nil {
			w.index = make(map[string]int)
		}
		i = len(w.list)
		w.list = append(w.list, string(word))
		w.index[w.list[i]] = i
		w.bytes += len(word)
	}
	return float64(i)
}

// plainNumbers reads the encoding PLAIN: numbers in little-endian order.
type plainNumbers struct {
	chunk *parquetChunk
	in    []byte
}

func (p *plainNumbers) read(dst []float64) error {
	width := p.chunk.field.width()
	n := len(dst) * width
	if len(p.in) < n {
		return errShortPage
	}
	in := p.in[:n]
	p.in = p.in[n:]
	if p.chunk.field.kind == format.Double && littleEndian {
		copy(bytesOf(dst), in)
		return nil
	}
	for i := range dst {
		dst[i] = p.chunk.number(bitsOf(in[width*i:][:width]))
	}
	return nil
}

// bitsOf returns the number that four or eight bytes represent in little-endian order.
func bitsOf(in []byte) uint64 {
	if len(in) == 4 {
		return uint64(binary.LittleEndian.Uint32(in))
	}
	return binary.LittleEndian.Uint64(in)
}

// splitNumbers reads the encoding BYTE_STREAM_SPLIT: the first bytes of all numbers, then the second bytes, and so on.
type splitNumbers struct {
	chunk    *parquetChunk
	in       []byte
	width, n int
	at       int
}

func (p *splitNumbers) read(dst []float64) error {
	if p.at+len(dst) > p.n {
		return errShortPage
	}
	stored := make([]byte, p.width)
	for i := range dst {
		for b := range stored {
			stored[b] = p.in[b*p.n+p.at]
		}
		p.at++
		if p.chunk.field.kind != format.FixedLenByteArray {
			dst[i] = p.chunk.number(bitsOf(stored))
			continue
		}
		var err error
		if dst[i], err = p.chunk.value(stored); err != nil {
			return err
		}
	}
	return nil
}

// booleans reads packed bits as 0 and 1.
type booleans struct{ hybrid }

func (p *booleans) read(dst []float64) error {
	var places [parquetPiece]uint32
	err := p.hybrid.read(places[:len(dst)])
	for i := range dst {
		dst[i] = float64(places[i])
	}
	return err
}

// dictionary reads values that are stored as indices of distinct values.
type dictionary struct {
	places hybrid
	values []float64 // the distinct values; for a word its index in words, or none if the word has not occurred yet
	starts []uint32  // where the words start in in; nil for numbers
	in     []byte
	words  *wordList
}

// newDictionary decodes a dictionary page with n values. The dictionary keeps the page.
func (c *parquetChunk) newDictionary(in []byte, n int) (*dictionary, error) {
	if n < 0 || n > len(in) || c.field.boolean() {
		return nil, errShortPage
	}
	d := &dictionary{in: in, words: &c.words}
	switch width := c.field.width(); {
	case c.field.kind == format.Double && littleEndian && n*width <= len(in):
		d.values = sliceOf[float64](in[:n*width])
		return d, nil
	case !c.field.text():
		c.unpacked.numbers = scratch.Grow(c.unpacked.numbers, n)
		d.values = c.unpacked.numbers
		return d, c.plain(in).read(d.values)
	}
	for rest := in; len(d.starts) < n; {
		d.starts, d.values = append(d.starts, uint32(len(in)-len(rest))+4), append(d.values, none)
		var err error
		if _, rest, err = cutPrefixed(rest); err != nil {
			return nil, err
		}
	}
	return d, nil
}

func (d *dictionary) read(dst []float64) error {
	var places [parquetPiece]uint32
	if err := d.places.read(places[:len(dst)]); err != nil {
		return err
	}
	values := d.values
	for i, p := range places[:len(dst)] {
		if uint64(p) >= uint64(len(values)) {
			return errors.New("a page names a value that its dictionary lacks")
		}
		dst[i] = values[p]
		if dst[i] == none && d.starts != nil {
			word, _, _ := cutPrefixed(d.in[d.starts[p]-4:])
			dst[i] = d.words.number(word)
			values[p] = dst[i]
		}
	}
	return nil
}

// plainBytes reads bytes of a fixed length, or bytes that are preceded by their number.
type plainBytes struct {
	chunk *parquetChunk
	in    []byte
}

func (p *plainBytes) read(dst []float64) (err error) {
	for i := range dst {
		var stored []byte
		if size := p.chunk.field.width(); size == 0 {
			stored, p.in, err = cutPrefixed(p.in)
		} else if size <= len(p.in) {
			stored, p.in = p.in[:size], p.in[size:]
		} else {
			err = errShortPage
		}
		if err == nil {
			dst[i], err = p.chunk.value(stored)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// deltaWords reads words whose lengths are stored apart. With prefixes, a word starts with the given number of bytes of the word before
// it.
type deltaWords struct {
	prefixes, lengths []int64
	in, word          []byte
	chunk             *parquetChunk
}

func (p *deltaWords) read(dst []float64) error {
	if len(p.lengths) < len(dst) || p.prefixes != nil && len(p.prefixes) < len(dst) {
		return errShortPage
	}
	for i := range dst {
		prefix, n := int64(0), p.lengths[i]
		if p.prefixes != nil {
			prefix = p.prefixes[i]
		}
		if prefix < 0 || prefix > int64(len(p.word)) || n < 0 || n > int64(len(p.in)) || prefix+n > longestRow {
			return errShortPage
		}
		p.word = append(p.word[:prefix], p.in[:n]...)
		p.in = p.in[n:]
		var err error
		if dst[i], err = p.chunk.value(p.word); err != nil {
			return err
		}
	}
	p.lengths = p.lengths[len(dst):]
	if p.prefixes != nil {
		p.prefixes = p.prefixes[len(dst):]
	}
	return nil
}

// hybrid reads the encoding RLE: unsigned numbers of a fixed width in bits, as runs of one number and as bit-packed groups of eight numbers.
type hybrid struct {
	in     []byte // the bit-packed groups if packed > 0, otherwise the header of the next run
	width  int
	run    int // remaining numbers of the run
	value  uint32
	packed int // remaining numbers of the groups
	bit    int // position of the next packed number in in
}

func (h *hybrid) read(dst []uint32) error {
	if h.width == 0 { // all numbers are 0, and writers may omit them
		clear(dst)
		return nil
	}
	for len(dst) > 0 {
		var n int
		switch {
		case h.run > 0:
			n = min(h.run, len(dst))
			for i := range dst[:n] {
				dst[i] = h.value
			}
			h.run -= n
		case h.packed > 0:
			n = min(h.packed, len(dst))
			h.unpack(dst[:n])
			if h.packed -= n; h.packed == 0 {
				h.in, h.bit = h.in[(h.bit+7)/8:], 0
			}
		default:
			if err := h.next(); err != nil {
				return err
			}
		}
		dst = dst[n:]
	}
	return nil
}

// unpack reads bit-packed numbers.
func (h *hybrid) unpack(dst []uint32) {
	if rest := h.in[h.bit/8:]; h.bit%8 == 0 && len(rest) >= bitpack.ByteCount(uint(len(dst)*h.width))+bitpack.PaddingInt32 {
		bitpack.Unpack(dst, rest, uint(h.width))
		h.bit += len(dst) * h.width
		return
	}
	for i := range dst {
		dst[i] = uint32(bitsAt(h.in, h.bit, h.width))
		h.bit += h.width
	}
}

// next reads the header of a run or of packed groups. The last group may be cut short.
func (h *hybrid) next() error {
	head, n := binary.Uvarint(h.in)
	if n <= 0 || head>>1 > math.MaxInt32 {
		return errShortPage
	}
	h.in = h.in[n:]
	if count := int(head >> 1); head&1 == 1 {
		h.packed = min(8*min(count, len(h.in)), 8*len(h.in)/h.width)
		return nil
	} else if n := (h.width + 7) / 8; n <= len(h.in) {
		h.run, h.value = count, uint32(bitsAt(h.in, 0, 8*n))
		h.in = h.in[n:]
		return nil
	}
	return errShortPage
}

// bitsAt returns the number of up to 64 bits at a bit position, in little-endian order. Bytes beyond the end count as 0.
func bitsAt(in []byte, bit, width int) uint64 {
	at, shift := bit>>3, bit&7
	var word uint64
	if at+8 <= len(in) {
		word = binary.LittleEndian.Uint64(in[at:])
	} else {
		for i, b := range in[min(at, len(in)):] {
			word |= uint64(b) << (8 * i)
		}
	}
	word >>= shift
	if shift+width > 64 && at+8 < len(in) {
		word |= uint64(in[at+8]) << (64 - shift)
	}
	return word & (1<<width - 1)
}

// deltas reads the encoding DELTA_BINARY_PACKED: the first integer, then differences in blocks. A block has its least difference, and miniblocks
// of bit-packed excesses over it, each with a width of its own.
type deltas struct {
	in     []byte
	block  int   // differences in a block
	minis  int   // miniblocks in a block
	left   int   // remaining integers
	last   int64 // the integer that was read last; at first the first one
	begun  bool
	widths []byte // bit widths of the current miniblock and of those after it
	least  int64  // the least difference of the block
	mini   int    // remaining differences of the miniblock
	bit    int    // position of the next difference in in
}

func newDeltas(in []byte) (*deltas, error) {
	d := &deltas{}
	var heads [3]uint64
	for i := range heads {
		v, n := binary.Uvarint(in)
		if n <= 0 || v > math.MaxInt32 {
			return nil, errShortPage
		}
		heads[i], in = v, in[n:]
	}
	first, n := binary.Varint(in)
	d.block, d.minis, d.left, d.last, d.in = int(heads[0]), int(heads[1]), int(heads[2]), first, in[max(n, 0):]
	if n <= 0 || d.minis < 1 || d.block%d.minis != 0 || d.block/d.minis < 1 || d.block/d.minis%8 != 0 {
		return nil, errShortPage
	}
	return d, nil
}

// next returns the next integer.
func (d *deltas) next() (int64, error) {
	if d.left == 0 {
		return 0, errShortPage
	}
	d.left--
	if !d.begun {
		d.begun = true
		return d.last, nil
	}
	if d.mini == 0 {
		if len(d.widths) == 0 {
			least, n := binary.Varint(d.in)
			if n <= 0 || len(d.in)-n < d.minis {
				return 0, errShortPage
			}
			d.least, d.widths, d.in = least, d.in[n:n+d.minis], d.in[n+d.minis:]
		}
		d.mini = d.block / d.minis
		if int(d.widths[0]) > 64 || len(d.in) < d.mini/8*int(d.widths[0]) {
			return 0, errShortPage
		}
	}
	width := int(d.widths[0])
	d.last += d.least + int64(bitsAt(d.in, d.bit, width))
	d.bit += width
	if d.mini--; d.mini == 0 {
		d.endMini()
	}
	return d.last, nil
}

// endMini skips the rest of the miniblock.
func (d *deltas) endMini() {
	d.in = d.in[(d.bit+d.mini*int(d.widths[0]))/8:]
	d.widths, d.mini, d.bit = d.widths[1:], 0, 0
}

// readDeltas reads all integers, at most n, and returns the bytes behind them.
func readDeltas(in []byte, n int) (list []int64, rest []byte, err error) {
	d, err := newDeltas(in)
	if err != nil || d.left > n {
		return nil, nil, errShortPage
	}
	for d.left > 0 {
		v, err := d.next()
		if err != nil {
			return nil, nil, err
		}
		list = append(list, v)
	}
	if d.mini > 0 {
		d.endMini()
	}
	return list, d.in, nil
}

// deltaNumbers reads a column of integers in the encoding DELTA_BINARY_PACKED.
type deltaNumbers struct {
	chunk *parquetChunk
	*deltas
}

func (p *deltaNumbers) read(dst []float64) error {
	for i := range dst {
		v, err := p.next()
		if err != nil {
			return err
		}
		dst[i] = p.chunk.number(uint64(v))
	}
	return nil
}
