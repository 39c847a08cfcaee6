package tokens

import (
	"bytes"
	_ "embed"
	"io"
)

//go:embed opticks.txt.gz
var opticks []byte

// Opticks returns a text for experiments: Isaac Newton's Opticks, the fourth edition of 1730, from Project Gutenberg (eBook 33504);
// 567 kB, in the public domain.
func Opticks() Input {
	return Input{Name: "opticks", Open: func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(opticks)), nil }}
}
