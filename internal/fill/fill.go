// Package fill reads blocks of text of a given size.
package fill

import "io"

// Append reads n bytes and appends them to text, or fewer if r ends or fails. The error is that of r, io.EOF at its end. (io.ReadFull does
// not suit: it cannot distinguish the end of r from a reader that fails with io.ErrUnexpectedEOF.)
func Append(text []byte, r io.Reader, n int) ([]byte, error) {
	full := len(text) + n
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
