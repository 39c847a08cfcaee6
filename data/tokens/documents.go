package tokens

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"sync"

	"steepest/data"
	"steepest/internal/fill"
)

// Input is a text, compressed or not.
type Input struct {
	Name string // the name of the input in errors
	// Field is the member that holds the text of each line, for JSON Lines; "" for plain text.
	Field string
	// Column is the column of texts if the input is a Parquet file. Name is then its path. "" for other inputs.
	Column string
	Open   func() (io.ReadCloser, error) // opens the text; not called if Column is set

	guessed string // of Batch
}

// The separators of documents in plain text. Any other separator is a line of its own between two documents.
const (
	ByFile  = "file"  // a file is a document
	ByLine  = "line"  // a line is a document
	ByBlank = "blank" // blank lines separate documents
)

const (
	blockSize = 256 << 10 // bytes of text that are encoded at once
	longest   = 32 << 20  // bytes of the longest text without a place to cut, and of the longest line if lines matter
)

// block is a part of an input: documents, or parts of them.
type block struct {
	Batch
	text      []byte
	fragments []fragment
	field     string // of Input
	err       error
	fault     any // the panic of the goroutine that encodes it
}

// fragment is a document, or a part of one, in the text of a block.
type fragment struct {
	end    int  // in the text
	line   int  // of the input where it starts, from 1
	begins bool // the document begins here
}

var blocks = sync.Pool{New: func() any { return new(block) }}

func (in Input) block(text []byte) *block {
	b := blocks.Get().(*block)
	*b = block{Batch: Batch{Name: in.Name, Guessed: in.guessed, Tokens: b.Tokens[:0], Starts: b.Starts[:0]}, text: append(b.text[:0], text...), fragments: b.fragments[:0], field: in.Field}
	return b
}

// read cuts an input into blocks and emits them. It passes on the error of emit.
func (in Input) read(separator string, emit func(*block) error) error {
	if in.Column != "" {
		return in.readColumn(emit)
	}
	f, err := in.Open()
	if err != nil {
		return err
	}
	defer f.Close()
	var text *bufio.Reader
	text, in.guessed = data.Unpack(f)
	if err := in.refuse(text); err != nil {
		return err
	}
	if in.Field == "" && separator == ByFile {
		return in.readWhole(text, emit)
	}
	return in.readLines(text, separator, emit)
}

// foreign lists the first bytes of files that are not plain text.
var foreign = []struct{ start, what, fix string }{
	{"\xfd7zXZ\x00", "an xz archive", "unpack it, or pack it with gzip or zstd"},
	{"PK\x03\x04", "a zip archive or an office document", "unpack it, or save its text"},
	{"PAR1\x15", "a Parquet file", "name its column of texts, and the file itself in place of a stream of it"},
	{"%PDF", "a PDF", "extract its text"},
	{"\xd0\xcf\x11\xe0", "an office document", "save its text"},
	{"\x89HDF", "an HDF5 file", "write its texts as JSON Lines"},
	{"\x88\xd8\x34\x01", "a shard of tokens already", "steepest data describes it"},
	{"\xa1\xd9\x34\x01", "a shard of tokens already", "steepest data describes it"},
}

// refuse returns an error for a file that is not text.
func (in Input) refuse(text *bufio.Reader) error {
	head, _ := text.Peek(512) // an error comes back with the first read
	for _, f := range foreign {
		if bytes.HasPrefix(head, []byte(f.start)) {
			return &data.ParseError{File: in.Name, What: "the file is " + f.what, Fix: f.fix}
		}
	}
	if len(head) >= 262 && string(head[257:262]) == "ustar" {
		return &data.ParseError{File: in.Name, What: "the file is a tar archive", Fix: "unpack it and give the folder"}
	}
	return nil
}

// readWhole reads a document.
func (in Input) readWhole(text io.Reader, emit func(*block) error) error {
	b, line, begins := in.block(nil), 1, true
	for {
		var err error
		b.text, err = fill.Append(b.text, text, max(blockSize, len(b.text)))
		if err != nil && err != io.EOF {
			return data.ReadError(in.Name, err)
		}
		if len(b.text) > longest { // there was no earlier place to cut
			return &data.ParseError{File: in.Name, Line: line, Fix: "check that the file is text",
				What: fmt.Sprintf("letters, digits, signs or white space go on for %d MiB without a change", longest>>20)}
		}
		end := len(b.text)
		if err == nil {
			if end = lastCut(b.text); end == 0 {
				continue
			}
		}
		next := in.block(b.text[end:])
		b.text = b.text[:end]
		b.fragments = append(b.fragments, fragment{end, line, begins})
		line, begins = line+bytes.Count(b.text, []byte{'\n'}), false
		if failed := emit(b); failed != nil || err == io.EOF {
			return failed
		}
		b = next
	}
}

// collector joins lines to documents.
type collector struct {
	Input
	emit func(*block) error
	b    *block
	open bool // a document has begun and not ended
	from int  // the start of the current fragment
	next fragment
	eol  []byte // the line end of the document's last line, which belongs to the document only if another line follows
}

// readLines reads documents that are separated by lines, or JSON Lines.
func (in Input) readLines(text *bufio.Reader, separator string, emit func(*block) error) error {
	c := &collector{Input: in, emit: emit, b: in.block(nil)}
	var line []byte
	for n := 1; ; n++ {
		var err error
		line, err = readLine(text, line[:0])
		switch {
		case errors.Is(err, errLong):
			return &data.ParseError{File: in.Name, Line: n, What: fmt.Sprintf("the line is longer than %d MiB", longest>>20), Fix: "check that the file is text"}
		case err != nil && err != io.EOF:
			return data.ReadError(in.Name, err)
		case err == io.EOF && len(line) == 0:
			c.end()
			return emit(c.b)
		}
		body := bytes.TrimSuffix(bytes.TrimSuffix(line, []byte("\n")), []byte("\r"))
		blank := len(bytes.TrimSpace(body)) == 0
		switch {
		case in.Field != "" || separator == ByLine:
			if !blank {
				c.add(body, nil, n)
			}
			c.end()
		case separator == ByBlank && blank, string(body) == separator:
			c.end()
		default:
			c.add(body, line[len(body):], n)
		}
		if err := c.flush(); err != nil {
			return err
		}
	}
}

// readColumn reads a column of texts. Each row is a document.
func (in Input) readColumn(emit func(*block) error) error {
	c, n := &collector{Input: in, emit: emit, b: in.block(nil)}, 0
	err := data.ReadParquetText(in.Name, in.Column, func(text []byte) error {
		if n++; len(text) > 0 {
			c.add(text, nil, n)
		}
		c.end()
		return c.flush()
	})
	if err != nil {
		return err
	}
	return emit(c.b)
}

var errLong = errors.New("the line is too long")

// readLine appends a line, including its end.
func readLine(r *bufio.Reader, line []byte) ([]byte, error) {
	for {
		part, err := r.ReadSlice('\n')
		line = append(line, part...)
		switch {
		case err == bufio.ErrBufferFull && len(line) > longest:
			return line, errLong
		case err != bufio.ErrBufferFull:
			return line, err
		}
	}
}

// add adds a line to the document.
func (c *collector) add(body, eol []byte, n int) {
	if c.open {
		c.b.text = append(c.b.text, c.eol...)
	} else {
		c.open, c.next = true, fragment{line: n, begins: true}
	}
	c.b.text = append(c.b.text, body...)
	c.eol = append(c.eol[:0], eol...)
}

// end ends the document.
func (c *collector) end() {
	if c.open {
		c.next.end = len(c.b.text)
		c.b.fragments = append(c.b.fragments, c.next)
		c.open, c.from = false, len(c.b.text)
	}
}

// flush emits the block once it is large. It cuts within the open document.
func (c *collector) flush() error {
	if len(c.b.text) < blockSize {
		return nil
	}
	b, end := c.b, len(c.b.text)
	if c.open {
		cut := lastCut(b.text[c.from:])
		if end = c.from + cut; cut > 0 {
			c.next.end = end
			b.fragments = append(b.fragments, c.next)
			c.next = fragment{line: c.next.line + bytes.Count(b.text[c.from:end], []byte{'\n'})}
		}
		if end == 0 {
			return nil
		}
	}
	c.b, c.from = c.block(b.text[end:]), 0
	b.text = b.text[:end]
	return c.emit(b)
}
