package tokens

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"runtime"
	"slices"
	"strings"
	"unicode/utf8"

	"steepest/data"
	"steepest/internal/suggest"
)

// Special says how <|endoftext|> inside a text is encoded. Other encoders differ: tiktoken rejects it, transformers makes it the special
// token, tiktoken-go and gpt-3-encoder make nine ordinary tokens of a<|endoftext|>b.
type Special uint8

// The ways to encode it.
const (
	Refuse  Special = iota // an error with the place
	AsToken                // the token, which begins a document
	AsText                 // ordinary tokens
)

var specialNames = []string{"refuse", "token", "text"}

// String returns the name that UnmarshalText reads.
func (s Special) String() string { return specialNames[s] }

// UnmarshalText reads refuse, token or text.
func (s *Special) UnmarshalText(text []byte) error {
	return suggest.Value(s, "treatment of special tokens", text, specialNames)
}

// Tokenizer converts texts to tokens, on all processors. The tokens depend only on the texts.
type Tokenizer struct {
	Encoding  *Encoding
	Special   Special
	Separator string // between documents in plain text: ByFile, ByLine, ByBlank, or the text of a separating line. Default: ByFile
}

// Batch is a part of the tokens of an input, in order.
type Batch struct {
	Name    string
	Guessed string // the encoding of the input, such as UTF-16LE, if only its first characters have shown it; otherwise ""
	Tokens  []uint32
	Starts  []int // the indices in Tokens where documents begin, with the end-of-text token
	Bytes   int   // of text
	Invalid int   // number of bytes that are not UTF-8; they are kept, but in JSON become U+FFFD
}

// Run reads the inputs in order and passes their tokens to add, which must not keep the Batch. It leaves out empty documents. It needs
// memory for a few hundred KiB of text per processor, for any size of the inputs; lines of JSON are read whole. Run returns the
// error of the context, of an input with its position, or of add.
func (t *Tokenizer) Run(ctx context.Context, inputs []Input, add func(*Batch) error) error {
	workers := runtime.GOMAXPROCS(0)
	encoders := make(chan *Encoder, workers)
	for range workers {
		encoders <- t.Encoding.Encoder()
	}
	ahead := make(chan chan *block, 2*workers)
	working, stop := context.WithCancel(ctx)
	defer stop()
	var readErr error
	var fault any // the panic of the goroutine that reads
	go func() {
		defer close(ahead)
		defer func() { fault = recover() }()
		readErr = t.read(inputs, func(b *block) error {
			done := make(chan *block, 1)
			select {
			case ahead <- done:
			case <-working.Done():
				return working.Err()
			}
			go func() {
				e := <-encoders
				defer func() { b.fault = recover(); encoders <- e; done <- b }()
				b.err = t.encode(e, b)
			}()
			return nil
		})
	}()
	var err error
	for done := range ahead {
		b := <-done
		if err == nil && b.fault != nil {
			stop()
			panic(b.fault)
		}
		if err == nil {
			if err = errors.Join(b.err, ctx.Err()); err == nil {
				err = add(&b.Batch)
			}
			if err != nil {
				stop()
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

// read reads all inputs.
func (t *Tokenizer) read(inputs []Input, emit func(*block) error) error {
	separator := t.Separator
	if separator == "" {
		separator = ByFile
	}
	for _, in := range inputs {
		if err := in.read(separator, emit); err != nil {
			return err
		}
	}
	return nil
}

// encode encodes a block.
func (t *Tokenizer) encode(e *Encoder, b *block) error {
	start := 0
	for _, f := range b.fragments {
		text := b.text[start:f.end]
		start = f.end
		if b.field != "" {
			b.Invalid += invalid(text)
			var err error
			if text, err = member(text, b.field, &data.ParseError{File: b.Name, Line: f.line}); err != nil {
				return err
			}
		}
		if len(text) == 0 {
			continue
		}
		if f.begins {
			b.begin(e)
		}
		b.Bytes += len(text)
		b.Invalid += invalid(text)
		if err := t.document(e, b, text, f.line); err != nil {
			return err
		}
	}
	return nil
}

// begin begins a document.
func (b *Batch) begin(e *Encoder) {
	b.Starts = append(b.Starts, len(b.Tokens))
	b.Tokens = append(b.Tokens, e.EndOfText)
}

// document encodes a document, or a part of one, that starts in the given line.
func (t *Tokenizer) document(e *Encoder, b *block, text []byte, line int) error {
	for t.Special != AsText {
		i := bytes.Index(text, []byte(EndOfText))
		if i < 0 {
			break
		}
		if t.Special == Refuse {
			if b.field == "" {
				line += bytes.Count(text[:i], []byte{'\n'})
			}
			return &data.ParseError{File: b.Name, Line: line, What: "the text contains " + EndOfText,
				Fix: "set Special to token where it ends a document, or to text where it is a text like others, or Separator to it where it stands alone in a line"}
		}
		b.Tokens = e.Encode(b.Tokens, text[:i])
		b.begin(e)
		text = text[i+len(EndOfText):]
	}
	b.Tokens = e.Encode(b.Tokens, text)
	return nil
}

// member returns the text of a member of a line of JSON. Bytes that are not UTF-8, and halves of surrogate pairs, become U+FFFD, as in
// encoding/json. place is the position for errors.
func member(line []byte, name string, place *data.ParseError) ([]byte, error) {
	bad := func(fix, what string, args ...any) ([]byte, error) {
		place.What, place.Fix = fmt.Sprintf(what, args...), fix
		return nil, place
	}
	var object map[string]json.RawMessage
	if err := json.Unmarshal(line, &object); err != nil {
		return bad("write an object such as {\"text\": \"…\"} in each line", "the line is no object of JSON: %v", err)
	}
	value, ok := object[name]
	if !ok {
		names := slices.Sorted(maps.Keys(object))
		if len(names) > 10 {
			names = append(names[:10], "…")
		}
		return bad("set Field to one of them", "there is no %q among the members %s", name, strings.Join(names, ", "))
	}
	var text *string
	if err := json.Unmarshal(value, &text); err != nil || text == nil {
		return bad("set Field to a member that is a text, or drop the line", "the member %q is not a string: %.40s", name, value)
	}
	return []byte(*text), nil
}

// invalid counts the bytes that are not UTF-8.
func invalid(text []byte) (n int) {
	if utf8.Valid(text) {
		return 0
	}
	for len(text) > 0 {
		r, size := utf8.DecodeRune(text)
		text = text[size:]
		if r == utf8.RuneError && size == 1 {
			n++
		}
	}
	return n
}
