package tokens

import (
	"fmt"
	"sync"

	"github.com/tiktoken-go/tokenizer/codec"

	"steepest/internal/suggest"
)

// EndOfText is how the token that begins each document is written.
const EndOfText = "<|endoftext|>"

// Encoding says which tokens a text becomes. Any bytes can be encoded, and decoding gives the same bytes.
type Encoding struct {
	Name      string
	EndOfText uint32   // the token that begins each document, the last one of the vocabulary
	words     []string // the bytes of each token
	pieces    *merges  // nil where each byte is a token
}

// Encodings are the names that NewEncoding knows.
var Encodings = []string{"gpt2", "bytes"}

// NewEncoding returns the encoding of a name: gpt2, GPT-2's byte-pair encoding, which tiktoken calls r50k_base, of 50257 tokens, or
// bytes, whose tokens 0 to 255 are bytes and 256 is the end of a text.
func NewEncoding(name string) (*Encoding, error) {
	i, err := suggest.Index("encoding", name, Encodings)
	if err != nil {
		return nil, err
	}
	return []func() *Encoding{gpt2, byteLevel}[i](), nil
}

var gpt2 = sync.OnceValue(func() *Encoding {
	const most = 50256
	words, reference := make([]string, most, most+1), codec.NewR50kBase()
	for t := range words {
		word, err := reference.Decode([]uint{uint(t)})
		if err != nil {
			panic(err)
		}
		words[t] = word
	}
	return &Encoding{"gpt2", most, append(words, EndOfText), newMerges(words)}
})

var byteLevel = sync.OnceValue(func() *Encoding {
	words := make([]string, 256, 257)
	for b := range words {
		words[b] = string([]byte{byte(b)})
	}
	return &Encoding{"bytes", 256, append(words, EndOfText), nil}
})

// Len returns the number of tokens in the vocabulary.
func (e *Encoding) Len() int { return len(e.words) }

// Decode appends the bytes that tokens stand for. The end of a text becomes <|endoftext|>.
func (e *Encoding) Decode(dst []byte, tokens ...uint32) ([]byte, error) {
	for i, t := range tokens {
		if int64(t) >= int64(len(e.words)) {
			return dst, fmt.Errorf("tokens: token %d at place %d is none of the %d of the encoding %s", t, i, len(e.words), e.Name)
		}
		dst = append(dst, e.words[t]...)
	}
	return dst, nil
}

// Encoder encodes texts. It remembers words, and so it is not for concurrent use.
type Encoder struct {
	*Encoding
	words *wordCache
	merge merger
}

// Encoder returns a new Encoder.
func (e *Encoding) Encoder() *Encoder {
	if e.pieces == nil {
		return &Encoder{Encoding: e}
	}
	return &Encoder{Encoding: e, words: new(wordCache), merge: merger{merges: e.pieces}}
}

// Encode appends the tokens of a text. <|endoftext|> is a text like others. A byte that is not UTF-8 is kept: it counts as a sign,
// neither letter nor digit nor white space, and Decode returns it. (tiktoken takes no such text.)
func (e *Encoder) Encode(dst []uint32, text []byte) []uint32 {
	if e.pieces == nil {
		for _, b := range text {
			dst = append(dst, uint32(b))
		}
		return dst
	}
	for i := 0; i < len(text); {
		end := nextPiece(text, i)
		dst = e.piece(dst, text, i, end)
		i = end
	}
	return dst
}

// piece appends the tokens of the piece text[i:end].
func (e *Encoder) piece(dst []uint32, text []byte, i, end int) []uint32 {
	if end-i > longestWord {
		return e.merge.encode(dst, text[i:end])
	}
	key := keyOf(text, i, end)
	if w := e.words.find(key); w != nil {
		for _, t := range w.tokens[:w.n] {
			dst = append(dst, uint32(t))
		}
		return dst
	}
	start := len(dst)
	dst = e.merge.encode(dst, text[i:end])
	e.words.keep(key, dst[start:])
	return dst
}
