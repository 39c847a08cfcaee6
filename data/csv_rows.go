package data

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"io"
	"sync"

	"steepest/internal/fill"
)

// read reads all rows of a file in blocks. The first rows determine the columns. After that, blocks are parsed in parallel, and the table
// takes over their plain rows. encoding/csv reads all other rows, one at a time.
func (t *table) read(r io.Reader, size int) error {
	in := csvLines{r: r, size: size}
	for (t.rows == 0 || !t.begun) && !in.ended {
		b := in.next()
		err := t.addBlock(b)
		csvBlocks.Put(b)
		if err != nil {
			return err
		}
	}
	all := func(yield func(*csvBlock) bool) error {
		for !in.ended && yield(in.next()) {
		}
		return nil
	}
	if err := parseLines(&csvBlocks, all, func(b *csvBlock) { b.parse(t, b.text) }, t.addBlock); err != nil {
		return err
	} else if in.failed != nil {
		return t.errorOf(nil, in.failed)
	} else if !t.begun {
		return noRows(t.file)
	}
	return nil
}

// csvLines cuts a file into blocks that end at the end of a line or of the file.
type csvLines struct {
	r      io.Reader
	size   int    // bytes of a block
	rest   []byte // the start of a line whose end is not yet read
	ended  bool
	failed error // the error of r
}

var csvBlocks = sync.Pool{New: func() any { return new(csvBlock) }}

// next returns the next block. If a line is longer than longestRow, it returns the start of the line as the last block.
func (l *csvLines) next() *csvBlock {
	b := csvBlocks.Get().(*csvBlock)
	b.text, b.parsed = append(b.text[:0], l.rest...), false
	end, err := 0, error(nil)
	for end == 0 && err == nil && len(b.text) <= longestRow {
		b.text, err = fill.Append(b.text, l.r, max(l.size, min(len(b.text), longestRow+1-len(b.text))))
		end = bytes.LastIndexByte(b.text, '\n') + 1
	}
	if l.ended = err != nil; l.ended && err != io.EOF {
		l.failed = err
	}
	if l.ended = l.ended || end == 0; l.ended {
		end = len(b.text)
	}
	b.last, b.failed = l.ended, l.failed
	l.rest = append(l.rest[:0], b.text[end:]...)
	b.text = b.text[:end]
	return b
}

// addBlock adds the rows of a block. It keeps an unfinished row for the next block.
func (t *table) addBlock(b *csvBlock) error {
	text := b.text
	if t.rest != nil {
		t.rest = append(t.rest, text...)
		if len(t.rest) < 2*t.tried && len(t.rest) <= longestRow && !b.last { // wait: trying the long row anew for each block would take quadratic time
			return nil
		}
		text, t.rest, b.parsed = t.rest, nil, false
	}
	for plain := true; len(text) > 0; {
		if plain && t.rows > 0 && t.begun {
			if !b.parsed {
				b.parse(t, text)
			}
			b.parsed = false
			if plain = t.take(b); plain {
				text = text[b.end:]
				if err := t.room(); err != nil {
					return err
				}
			}
			if len(text) == 0 {
				break
			}
		}
		n, err := t.addRow(text, b)
		if err != nil {
			return err
		} else if n == 0 {
			t.rest, t.tried = bytes.Clone(text), len(text)
			return nil
		}
		text = text[n:]
	}
	return nil
}

// addRow reads the row at the start of a text with encoding/csv. It adds the row, or determines the columns from it if it is the first. It
// returns the number of bytes of the row; 0 if the row continues after the text, which is the end of a block.
func (t *table) addRow(text []byte, b *csvBlock) (n int, err error) {
	t.source = rowSource{text: text, end: io.EOF}
	if len(text) > longestRow {
		t.source = rowSource{text: text[:longestRow], end: errLongRow}
	} else if b.last && b.failed != nil {
		t.source.end = b.failed
	}
	if t.buffer == nil {
		t.buffer = bufio.NewReader(nil)
	}
	t.buffer.Reset(&t.source)
	t.in = csv.NewReader(t.buffer)
	t.in.Comma, t.in.FieldsPerRecord = t.Delimiter, t.cols
	cells, err := t.in.Read()
	if t.source.ended && !b.last && len(text) <= longestRow {
		return 0, nil
	} else if err == io.EOF {
		return len(text), nil
	} else if err != nil {
		return 0, t.errorOf(cells, err)
	}
	line, _ := t.in.FieldPos(len(cells) - 1)
	t.last = t.lines + line
	names := false
	if !t.begun {
		t.begun = true
		if t.cols > 0 {
			names, err = t.repeats(cells)
		} else {
			err = t.begin(cells, t.sample, *t.options)
			names = t.Header
		}
		if err != nil {
			return 0, err
		}
	}
	if !names {
		if err := t.add(cells); err != nil {
			return 0, t.blame(cells, err)
		}
		if t.rows == 1 {
			t.settleRoles()
		}
	}
	n = int(t.in.InputOffset())
	t.lines += bytes.Count(text[:n], []byte{'\n'})
	return n, nil
}

// rowSource is a text for encoding/csv. It notes whether encoding/csv asks for more.
type rowSource struct {
	text  []byte
	end   error
	ended bool
}

func (s *rowSource) Read(p []byte) (int, error) {
	if len(s.text) == 0 {
		s.ended = true
		return 0, s.end
	}
	n := copy(p, s.text)
	s.text = s.text[n:]
	return n, nil
}
