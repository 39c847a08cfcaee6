package tokens

import (
	"errors"
	"fmt"
	"io/fs"
	"os"

	"steepest/internal/durable"
)

// Writer writes a sequence of tokens to shards. All but the last are full. Publish gives all shards their names at once, so that a set of
// shards is either complete or absent.
type Writer struct {
	kind   kind
	prefix string
	first  int // the number of the first shard
	most   int // the largest number of tokens in a shard
	shards []*durable.File
	n      int // tokens in the last shard, 0 once it is closed
	total  int64
	raw    []byte // bytes of tokens that are not written yet
}

// writeSize is the number of bytes of a write.
const writeSize = 1 << 18

// NewWriter returns a Writer of shards named prefix000001.bin and so on, from the number first. A shard has at most most tokens, 1 to MaxShard,
// of 16 or 32 bits. Writing fails if a file with the name of a shard already exists.
func NewWriter(prefix string, first, most, bits int) *Writer {
	if most < 1 || most > MaxShard {
		panic(fmt.Sprintf("tokens: shards of %d tokens", most))
	}
	w := &Writer{prefix: prefix, first: first, most: most, kind: narrow}
	if bits == 32 {
		w.kind = wide
	}
	return w
}

// Len returns the number of tokens written.
func (w *Writer) Len() int64 { return w.total }

// Write appends tokens. It panics if a token does not fit into the bits of the shards. After an error only Discard may be called.
func (w *Writer) Write(tokens []uint32) error {
	if w.kind == narrow {
		for _, t := range tokens {
			if t > 0xffff {
				panic(fmt.Sprintf("tokens: token %d in 16 bits", t))
			}
		}
	}
	for len(tokens) > 0 {
		if w.n == 0 {
			if err := w.begin(); err != nil {
				return err
			}
		}
		now := tokens[:min(len(tokens), w.most-w.n, writeSize)]
		w.raw = w.kind.encode(w.raw, now)
		tokens = tokens[len(now):]
		w.n += len(now)
		w.total += int64(len(now))
		if len(w.raw) >= writeSize {
			if err := w.flush(); err != nil {
				return err
			}
		}
		if w.n == w.most {
			if err := w.end(); err != nil {
				return err
			}
		}
	}
	return nil
}

// begin makes a new shard.
func (w *Writer) begin() error {
	path := fmt.Sprintf("%s%06d.bin", w.prefix, w.first+len(w.shards))
	if _, err := os.Lstat(path); err == nil {
		return &fs.PathError{Op: "write", Path: path, Err: errors.New("there is a file of that name, and shards replace none")}
	}
	f, err := durable.Create(path, 0o666)
	if err != nil {
		return err
	}
	w.shards = append(w.shards, f)
	w.raw = append(w.raw, w.kind.header(0)...)
	return nil
}

// flush writes the collected bytes.
func (w *Writer) flush() error {
	_, err := w.shards[len(w.shards)-1].Write(w.raw)
	w.raw = w.raw[:0]
	return err
}

// end writes the number of tokens into the header of the last shard, and makes it durable.
func (w *Writer) end() error {
	if err := w.flush(); err != nil {
		return err
	}
	last := w.shards[len(w.shards)-1]
	if _, err := last.WriteAt(w.kind.header(w.n), 0); err != nil {
		return err
	}
	w.n = 0
	return last.Close()
}

// Publish gives the shards their names and returns the names. Before Publish the shards have temporary names.
func (w *Writer) Publish() (paths []string, err error) {
	if w.n > 0 {
		if err := w.end(); err != nil {
			return nil, err
		}
	}
	for _, f := range w.shards {
		if err := f.Publish(); err != nil {
			return paths, err
		}
		paths = append(paths, f.Path())
	}
	w.shards = nil
	return paths, nil
}

// Discard removes all shards that are not published.
func (w *Writer) Discard() {
	for _, f := range w.shards {
		f.Discard()
	}
	w.shards = nil
}
