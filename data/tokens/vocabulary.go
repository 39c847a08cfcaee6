package tokens

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// padding is the multiple to which trainers pad the vocabulary of a model, because matrix products of round sizes are faster.
const padding = 128

// EncodingOf returns the encoding of a model, given the size of its vocabulary: the encoding with this many tokens, or with fewer that are
// padded to the size, since tables of embeddings are padded to multiples of 128. Tokens from Encoding.Len on have no meaning.
func EncodingOf(vocabulary int) (*Encoding, error) {
	for _, make := range []func() *Encoding{byteLevel, gpt2} {
		e := make()
		if n := e.Len(); n <= vocabulary && vocabulary <= (n+padding-1)/padding*padding {
			return e, nil
		}
	}
	return nil, fmt.Errorf("tokens: a vocabulary of %d is that of no encoding that is known: gpt2 has %d tokens and bytes %d", vocabulary, gpt2().Len(), byteLevel().Len())
}

// largestTokenizer is the largest size of a tokenizer file that is read.
const largestTokenizer = 64 << 20

// CheckFolder returns an error if a folder of Hugging Face has a tokenizer, in vocab.json or tokenizer.json, with other tokens than the
// encoding. Models of other languages may have as many tokens as GPT-2, but different ones.
func (e *Encoding) CheckFolder(folder string) error {
	for _, file := range []struct {
		name  string
		parse func(text []byte) (map[string]uint32, error)
	}{{"vocab.json", parseVocabulary}, {"tokenizer.json", parseTokenizer}} {
		path := filepath.Join(folder, file.name)
		text, err := readFile(path)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return err
		}
		ids, err := file.parse(text)
		if err != nil {
			return fmt.Errorf("%s is no vocabulary of a tokenizer: %w", path, err)
		}
		for word, id := range ids {
			if int64(id) >= int64(len(e.words)) || visible(e.words[id]) != word {
				return fmt.Errorf("%s: token %d is %.40q, and not as in the encoding %s; the model has other tokens", path, id, word, e.Name)
			}
		}
		return nil
	}
	return nil
}

// readFile reads a file of a tokenizer.
func readFile(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, largestTokenizer+1))
	if err == nil && len(text) > largestTokenizer {
		err = fmt.Errorf("%s has more than %d bytes, and no tokenizer has", path, largestTokenizer)
	}
	return text, err
}

// parseVocabulary reads the tokens of vocab.json, parseTokenizer those of tokenizer.json.
func parseVocabulary(text []byte) (ids map[string]uint32, err error) {
	err = json.Unmarshal(text, &ids)
	return ids, err
}

func parseTokenizer(text []byte) (map[string]uint32, error) {
	var t struct {
		Model struct {
			Vocab map[string]uint32 `json:"vocab"`
		} `json:"model"`
	}
	err := json.Unmarshal(text, &t)
	return t.Model.Vocab, err
}

// visible writes a token as in GPT-2's files: bytes that Latin-1 shows are written as themselves, the others, in order, as the letters from
// Ā on.
func visible(word string) string {
	runes := make([]rune, len(word))
	for i := range len(word) {
		runes[i] = visibleBytes[word[i]]
	}
	return string(runes)
}

var visibleBytes = func() (runes [256]rune) {
	next := rune(256)
	for b := range rune(256) {
		if b >= '!' && b <= '~' || b >= '¡' && b <= '¬' || b >= '®' && b <= 'ÿ' {
			runes[b] = b
		} else {
			runes[b] = next
			next++
		}
	}
	return runes
}()
