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

// padding is the multiple to which trainers pad the vocabulary of a model, because products of round sizes are fast.
const padding = 128

// EncodingOf returns the encoding of a model by the size of its vocabulary, which files of models say: that of so many tokens, or of fewer
// up to the last multiple of 128 before, since tables of embeddings are padded. Those from Encoding.Len on stand for nothing.
func EncodingOf(vocabulary int) (*Encoding, error) {
	for _, make := range []func() *Encoding{byteLevel, gpt2} {
		e := make()
		if n := e.Len(); n <= vocabulary && vocabulary <= (n+padding-1)/padding*padding {
			return e, nil
		}
	}
	return nil, fmt.Errorf("tokens: a vocabulary of %d is that of no encoding that is known: gpt2 has %d tokens and bytes %d", vocabulary, gpt2().Len(), byteLevel().Len())
}

// largestTokenizer bounds the files of tokenizers that are read.
const largestTokenizer = 64 << 20

// CheckFolder returns an error if a folder of Hugging Face has a tokenizer, in vocab.json or tokenizer.json, whose tokens are others than
// the encoding's: models of other languages have as many tokens as GPT-2, and other ones.
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

// parseVocabulary reads the tokens of vocab.json, and parseTokenizer those of tokenizer.json.
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

// visible writes a token as GPT-2's files do: the bytes that Latin-1 shows as they are there, the others, in their order, as the letters
// from Ā on.
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
