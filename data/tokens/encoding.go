package tokens

import (
	"fmt"
	"sync"

	"github.com/tiktoken-go/tokenizer/codec"

	"steepest/internal/suggest"
)

// EndOfText is the text of the token that begins each document.
const EndOfText = "<|endoftext|>"

// Encoding maps texts to tokens. It can encode any bytes, and decoding gives the same bytes.
type Encoding struct {
	Name      string
	EndOfText uint32   // the token that begins each document: the last one of the vocabulary
	words     []string // the bytes of each token
	pieces    *merges  // nil if each byte is a token
}

// Encodings are the names that NewEncoding knows.
var Encodings = []string{"gpt2", "bytes"}

// NewEncoding returns an encoding by its name. gpt2 is GPT-2's byte-pair encoding with 50257 tokens, which tiktoken calls r50k_base. In
// bytes, the tokens 0 to 255 are bytes and 256 is the end of a text.
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

// Decode appends the bytes of tokens. The end of a text becomes <|endoftext|>.
func (e *Encoding) Decode(dst []byte, tokens ...uint32) ([]byte, error) {
	for i, t := range tokens {
		if int64(t) >= int64(len(e.words)) {
			return dst, fmt.Errorf("tokens: token %d at place %d is none of the %d of the encoding %s", t, i, len(e.words), e.Name)
		}
		dst = append(dst, e.words[t]...)
	}
	return dst, nil
}

// Encoder encodes texts. It caches words, so it is not for concurrent use.
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

// Encode appends the tokens of a text. <|endoftext|> is treated as ordinary text. A byte that is not UTF-8 is kept: it counts as neither
// letter nor digit nor white space, and Decode returns it. (tiktoken rejects such text.)
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
