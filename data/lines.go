package data

import (
	"bytes"
	"fmt"
	"io"
	"runtime"
	"sync"
)

const (
	blockSize   = 256 << 10 // text that is parsed as one piece; small enough to stay in a core's cache
	longestLine = 256 << 20 // longer lines are taken for a file that is not text
)

// blocks are used again, so that reading a file allocates for a few blocks and the result only.
var blocks = sync.Pool{New: func() any { return new(block) }}

// parseLines cuts r into blocks of whole lines, parses them in parallel, and hands them to add in the order of the
// file. It returns add's first error, or else r's, and panics with what r or the parser panics with. add must not keep the block.
func parseLines(name string, r io.Reader, o LIBSVMOptions, add func(*block) error) error {
	ahead := make(chan chan *block, runtime.GOMAXPROCS(0))
	stop := make(chan struct{})
	var readErr error
	var fault any // of r
	go func() {
		defer close(ahead)
		defer func() { fault = recover() }()
		readErr = cutLines(name, r, longestLine, func(b *block) bool {
			parsed := make(chan *block, 1)
			select {
			case ahead <- parsed:
				go func() {
					defer func() { b.fault = recover(); parsed <- b }()
					b.parse(o)
				}()
				return true
			case <-stop:
				return false
			}
		})
	}()
	var err error
	for parsed := range ahead {
		b := <-parsed
		if err == nil {
			if b.fault != nil {
				close(stop)
				panic(b.fault)
			}
			if err = add(b); err != nil {
				close(stop)
			}
		}
		blocks.Put(b)
	}
	if err != nil {
		return err
	}
	if fault != nil {
		panic(fault)
	}
	return readErr
}

// cutLines reads r into blocks that end with a line, or with the file, and yields them until yield returns false. A
// line much longer than longest bytes is an error.
func cutLines(name string, r io.Reader, longest int, yield func(*block) bool) error {
	var rest []byte // the start of a line whose end is not read yet
	for line := 1; ; {
		b := blocks.Get().(*block)
		b.text = append(b.text[:0], rest...)
		end, err := 0, error(nil)
		for end == 0 && err == nil {
			if len(b.text) > longest {
				return &ParseError{File: name, Line: line, Fix: "check that the file is text with a line for each example",
					What: fmt.Sprintf("the line is longer than %d MiB", longest>>20)}
			}
			b.text, err = readMore(r, b.text)
			end = bytes.LastIndexByte(b.text, '\n') + 1
		}
		if err == io.EOF {
			end = len(b.text)
		} else if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		rest = append(rest[:0], b.text[end:]...)
		b.text = b.text[:end]
		line += bytes.Count(b.text, []byte{'\n'})
		if !yield(b) || err == io.EOF {
			return nil
		}
	}
}

// readMore appends up to the larger of blockSize and len(text) bytes, fewer only where r ends or fails. (io.ReadFull
// would not do: it cannot tell the end of r from an r that fails with io.ErrUnexpectedEOF.)
func readMore(r io.Reader, text []byte) ([]byte, error) {
	full := len(text) + max(blockSize, len(text))
	if cap(text) < full {
		text = append(make([]byte, 0, full), text...)
	}
	for len(text) < full {
		n, err := r.Read(text[len(text):full])
		text = text[:len(text)+n]
		if err != nil {
			return text, err
		}
	}
	return text, nil
}
