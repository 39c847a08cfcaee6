package data

import (
	"bufio"
	"io"

	"golang.org/x/text/encoding"
	"golang.org/x/text/transform"
)

// plainText is r as the reader of cells takes it: an error where it is not UTF-8, and lines that end in \n.
func plainText(r io.Reader) io.Reader {
	return newLines{bufio.NewReaderSize(transform.NewReader(r, encoding.UTF8Validator), 1<<16)}
}

// newLines gives \n for each \r that no \n follows, which ended the lines of old Macs, and ends those that some spreadsheets write.
type newLines struct{ *bufio.Reader }

func (l newLines) Read(p []byte) (int, error) {
	n, err := l.Reader.Read(p)
	for i, c := range p[:n] {
		if c != '\r' {
			continue
		}
		next := p[i+1 : n]
		if i+1 == n {
			next, _ = l.Peek(1) // an error comes back with the next read
		}
		if len(next) == 0 || next[0] != '\n' {
			p[i] = '\n'
		}
	}
	return n, err
}
