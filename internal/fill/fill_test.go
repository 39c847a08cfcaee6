package fill

import (
	"io"
	"strings"
	"testing"
	"testing/iotest"
)

// TestAppend reads blocks from a reader that yields one byte at a time, up to its end and up to an error that looks like an end.
func TestAppend(t *testing.T) {
	r := iotest.OneByteReader(strings.NewReader("abcdefg"))
	text, err := Append([]byte("> "), r, 5)
	if string(text) != "> abcde" || err != nil {
		t.Errorf("%q, %v", text, err)
	}
	if text, err = Append(text[:0], r, 5); string(text) != "fg" || err != io.EOF {
		t.Errorf("%q, %v at the end", text, err)
	}
	cut := io.MultiReader(strings.NewReader("abc"), iotest.ErrReader(io.ErrUnexpectedEOF))
	if text, err = Append(nil, cut, 5); string(text) != "abc" || err != io.ErrUnexpectedEOF {
		t.Errorf("%q, %v of a reader that fails", text, err)
	}
}
