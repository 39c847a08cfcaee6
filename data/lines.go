package data

import (
	"bytes"
	"fmt"
	"io"
	"runtime"
	"sync"

	"steepest/internal/fill"
)

const (
	blockSize   = 256 << 10 // bytes of a block of text; small enough for the cache of a core
	longestLine = 256 << 20 // bytes; a file with a longer line is not text
)

// blocks are reused, so that reading a file allocates memory only for a few blocks and the result.
var blocks = sync.Pool{New: func() any { return new(block) }}

// parseLines parses blocks of whole lines in parallel, and passes them to add in the order of the file. cut yields the blocks until yield
// returns false. parseLines returns the first error of add, or else that of cut, and passes on panics of cut and parse. The blocks return to
// the pool, so add must not keep them.
func parseLines[B any](pool *sync.Pool, cut func(yield func(*B) bool) error, parse func(*B), add func(*B) error) error {
	type parsed struct {
		b     *B
		fault any // the panic of parse
	}
	ahead := make(chan chan parsed, 2*runtime.GOMAXPROCS(0)+4) // enough work while rows are added
	stop := make(chan struct{})
	var cutErr error
	var fault any // the panic of cut
	go func() {
		defer close(ahead)
		defer func() { fault = recover() }()
		cutErr = cut(func(b *B) bool {
			done := make(chan parsed, 1)
			select {
			case ahead <- done:
				go func() {
					defer func() { done <- parsed{b, recover()} }()
					parse(b)
				}()
				return true
			case <-stop:
				return false
			}
		})
	}()
	var err error
	for done := range ahead {
		p := <-done
		if err == nil {
			if p.fault != nil {
				close(stop)
				panic(p.fault)
			}
			if err = add(p.b); err != nil {
				close(stop)
			}
		}
		pool.Put(p.b)
	}
	if err != nil {
		return err
	}
	if fault != nil {
		panic(fault)
	}
	return cutErr
}

// cutLines reads r into blocks that end at the end of a line or of the file, and yields them until yield returns false. A
// line much longer than longest bytes is an error.
func cutLines(name string, r io.Reader, longest int, yield func(*block) bool) error {
	var rest []byte // the start of a line whose end is not yet read
	for line := 1; ; {
		b := blocks.Get().(*block)
		b.text = append(b.text[:0], rest...)
		end, err := 0, error(nil)
		for end == 0 && err == nil {
			if len(b.text) > longest {
				return &ParseError{File: name, Line: line, Fix: "check that the file is text with a line for each example",
					What: fmt.Sprintf("the line is longer than %d MiB", longest>>20)}
			}
			b.text, err = fill.Append(b.text, r, max(blockSize, len(b.text)))
			end = bytes.LastIndexByte(b.text, '\n') + 1
		}
		if err == io.EOF {
			end = len(b.text)
		} else if err != nil {
			return ReadError(name, err)
		}
		rest = append(rest[:0], b.text[end:]...)
		b.text = b.text[:end]
		line += bytes.Count(b.text, []byte{'\n'})
		if !yield(b) || err == io.EOF {
			return nil
		}
	}
}
