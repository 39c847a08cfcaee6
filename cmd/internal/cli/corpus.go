package cli

import (
	"cmp"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"

	"steepest/data/tokens"
	"steepest/gpt"
	"steepest/internal/memory"
	"steepest/internal/plural"
)

// corpusFlags say how a language model reads its text.
type corpusFlags struct {
	Encoding string `group:"problem" placeholder:"NAME" set:"choices=bytes (257 tokens) or gpt2 (50257 tokens)" help:"How the text becomes tokens: ${choices}. Default: that of the model, or bytes, from which a small model learns most; shards show theirs."`
	textFlags
	choicesFlags
}

// corpus is a text as windows of tokens.
type corpus struct {
	name             string
	encoding         *tokens.Encoding
	train, held      gpt.Windows // each has length tokens to predict; held and train do not overlap
	length           int
	stream, heldBack *tokens.Stream // streams to close; nil for a text in memory
}

// Defaults for the held-out part.
const (
	heldShare  = 0.05
	heldTokens = 1 << 17
)

// surveyed is the number of tokens of a stream that are examined to find the encoding.
const surveyed = 1 << 22

// readCorpus reads a text, "" for the embedded one, and holds out the part that --validation names. A nil encoding stands for the default.
// Each window has length tokens to predict.
func (f *corpusFlags) readCorpus(w *world, name, validation string, encoding *tokens.Encoding, length int) (c *corpus, err error) {
	c = &corpus{name: cmp.Or(name, tokens.Opticks().Name), encoding: encoding, length: length}
	if f.Encoding != "" {
		named, err := encodingNamed(f.Encoding)
		if err != nil {
			return nil, err
		}
		if encoding != nil && named != encoding {
			return nil, usage("drop --encoding", "--encoding %s: the model has the tokens of %s", f.Encoding, encoding.Name)
		}
		c.encoding = named
	}
	train, held, err := shards(c.name)
	switch {
	case err != nil:
		return nil, err
	case train != nil || held != nil:
		if err := w.refuse(silence{[]string{"special", "separator", "field", "column"}, true, "is for texts, and " + name + " has tokens"}); err != nil {
			return nil, err
		}
		err = c.openShards(train, held)
	default:
		err = c.read(w, f)
	}
	if err == nil {
		err = c.holdOut(validation)
	}
	if err != nil {
		c.close()
	}
	return c, err
}

// shards returns the paths of shards of tokens; none for a text.
func shards(text string) (train, validation []string, err error) {
	if text == tokens.Opticks().Name {
		return nil, nil, nil
	}
	train, validation, err = tokens.Find(text)
	_, missing := os.Stat(text)
	_, noModel := os.Stat(filepath.Join(text, "model.safetensors"))
	switch {
	case filepath.Ext(text) == ".toml":
		return nil, nil, usage("settings come behind the text, as in steepest pretrain opticks "+text, "%s holds settings, not a text", text)
	case err != nil && errors.Is(missing, fs.ErrNotExist):
		return nil, nil, badData("steepest pretrain -h says what DATA may be", "%w", unreadable("file or folder", text, missing))
	case noModel == nil:
		return nil, nil, usage("--init goes on with it", "%s is a model, and no text", text)
	case err == nil && (filepath.Ext(text) == ".bin" || tokens.IsShard(append(train, validation...)[0])): // otherwise an error follows
		return train, validation, nil
	}
	return nil, nil, nil
}

// openShards opens the streams of shards.
func (c *corpus) openShards(train, validation []string) (err error) {
	if train == nil {
		return badData("name those for training too", "%s: all shards are for validation", c.name)
	}
	if c.stream, err = tokens.Open(train...); err != nil {
		return textError(err)
	}
	c.train = tokens.Windows{Stream: c.stream, Length: c.length}
	if validation != nil {
		if c.heldBack, err = tokens.Open(validation...); err != nil {
			return textError(err)
		}
		c.held = tokens.Windows{Stream: c.heldBack, Length: c.length}
	}
	if c.encoding != nil {
		return nil
	}
	found, err := c.stream.Survey(surveyed)
	switch {
	case err != nil:
		return textError(err)
	case found.Encoding == nil:
		return badData("steepest tokenize makes shards of text", "%s holds tokens up to %d, which are neither gpt2 nor bytes", c.name, found.Most)
	}
	c.encoding = found.Encoding
	return nil
}

// read makes tokens of texts, in memory.
func (c *corpus) read(w *world, f *corpusFlags) error {
	if c.encoding == nil {
		c.encoding, _ = tokens.NewEncoding("bytes")
	}
	t, err := f.tokenizer(c.encoding)
	if err != nil {
		return err
	}
	inputs, size, err := f.inputs([]string{c.name})
	if err != nil {
		return err
	}
	bar := w.progress(inBytes("reading " + c.name))
	tell(bar, inputs, size)
	var text []uint16
	var unsure doubts
	err = t.Run(w, inputs, func(b *tokens.Batch) error {
		unsure.add(b)
		if len(text)+len(b.Tokens) > cap(text) { // the slice is about to be copied to one of twice the size
			if need := 4 * float64(cap(text)); need > memory.Available() {
				return usage("make shards of it by steepest tokenize, which are read from the disk", "%s is too long for the memory: after %d tokens %s are free", c.name, len(text), memory.Text(memory.Available()))
			}
		}
		for _, token := range b.Tokens {
			text = append(text, uint16(token))
		}
		return nil
	})
	bar.end()
	if errors.Is(err, context.Canceled) {
		return w.interruption("", "interrupted while the text is read; nothing is written")
	} else if err != nil {
		return textError(err)
	}
	unsure.tell(w)
	c.train = gpt.Cut(text, c.length)
	return nil
}

// holdOut holds out the part that --validation names: the first windows of the validation shards, or the last windows of the text.
func (c *corpus) holdOut(validation string) error {
	if validation == "0" {
		c.held = nil
		return nil
	}
	share, count, err := shareOrTokens(validation)
	if err != nil {
		return err
	}
	of := c.train
	if c.held != nil {
		of = c.held
	}
	n := of.Len()
	most := int(min(count/int64(c.length), math.MaxInt32))
	switch {
	case count > 0:
	case share > 0:
		most = int(share * float64(n))
	case c.held != nil:
		most = min(n, heldTokens/c.length)
	default:
		most = int(min(heldShare*float64(n), float64(heldTokens/c.length)))
	}
	if most = max(1, most); c.held != nil {
		switch {
		case n == 0:
			return badData("give more text to tokenize --validation, or a shorter --context", "%s: the shards for validation hold no window of %d tokens", c.name, c.length)
		case most > n:
			return badData("ask for fewer", "--validation %s: the shards for validation have %s of %s", validation, plural.Of(n, "window"), plural.Of(c.length, "token"))
		}
		c.held = gpt.Part(of, 0, most)
		return nil
	}
	if most >= n {
		return badData("give a longer text or a shorter --context",
			"%s has %s of %s, and %d of them would be held out", c.name, plural.Of(n, "window"), plural.Of(c.length, "token"), most)
	}
	c.train, c.held = gpt.Part(of, 0, n-most), gpt.Part(of, n-most, n)
	return nil
}

// close closes files.
func (c *corpus) close() {
	for _, s := range []*tokens.Stream{c.stream, c.heldBack} {
		if s != nil {
			s.Close() // no error matters: nothing was written
		}
	}
}

// hashed is the largest number of windows that identify a text.
const hashed = 1 << 14

// hash returns the shortened SHA-256 of the windows, or of evenly spaced ones if there are more than hashed.
func (c *corpus) hash(of gpt.Windows) (string, error) {
	if of == nil {
		return "", nil
	}
	h, window := sha256.New(), make([]uint32, c.length+1)
	n := of.Len()
	fmt.Fprintln(h, n, c.length)
	for k := range min(n, hashed) {
		if err := of.At(window, int(int64(k)*int64(n)/int64(min(n, hashed)))); err != nil {
			return "", textError(err)
		}
		hashTo(h, window)
	}
	return fmt.Sprintf("%x", h.Sum(nil)[:8]), nil
}
