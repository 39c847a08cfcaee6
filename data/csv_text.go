package data

import (
	"bufio"
	"bytes"
	"io"
	"unicode/utf8"

	"golang.org/x/text/encoding"
)

// plainText returns r with all line ends changed to \n. Text that is not UTF-8 is an error.
func plainText(r io.Reader) io.Reader {
	return newLines{bufio.NewReaderSize(&validText{r: r}, 1<<16)}
}

// validText is a reader that returns an error at the first byte that is not UTF-8.
type validText struct {
	r    io.Reader
	held []byte // the start of a character
	err  error
}

// Read needs room for a character in p.
func (t *validText) Read(p []byte) (n int, err error) {
	if t.err != nil {
		return 0, t.err
	}
	start := copy(p, t.held)
	n, t.err = t.r.Read(p[start:])
	n += start
	good := n
	if !utf8.Valid(p[:n]) {
		for good = 0; good < n; {
			c, size := utf8.DecodeRune(p[good:n])
			if c == utf8.RuneError && size == 1 {
				break
			}
			good += size
		}
	}
	t.held = append(t.held[:0], p[good:n]...)
	if len(t.held) > 0 && (t.err == io.EOF || t.err == nil && utf8.FullRune(t.held)) {
		t.err = encoding.ErrInvalidUTF8
	}
	return good, t.err
}

// newLines replaces each \r without a following \n by \n. Old Macs and some spreadsheets end lines with \r.
type newLines struct{ *bufio.Reader }

func (l newLines) Read(p []byte) (int, error) {
	n, err := l.Reader.Read(p)
	for i := 0; ; i++ {
		at := bytes.IndexByte(p[i:n], '\r')
		if at < 0 {
			return n, err
		}
		i += at
		next := p[i+1 : n]
		if i+1 == n {
			next, _ = l.Peek(1) // the next read returns the error
		}
		if len(next) == 0 || next[0] != '\n' {
			p[i] = '\n'
		}
	}
}
