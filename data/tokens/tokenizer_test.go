package tokens

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/klauspost/compress/gzip"

	"steepest/data"
)

// textInput is an input of a text, read in pieces of odd sizes.
func textInput(name, field, text string) Input {
	return Input{Name: name, Field: field, Open: func() (io.ReadCloser, error) { return io.NopCloser(oddReader{strings.NewReader(text)}), nil }}
}

// oddReader reads at most 1000 bytes at a time.
type oddReader struct{ io.Reader }

func (r oddReader) Read(p []byte) (int, error) { return r.Reader.Read(p[:min(len(p), 1000)]) }

// tokenize returns the tokens of inputs, and the sums of batches.
func tokenize(t *testing.T, k *Tokenizer, inputs ...Input) (all []uint32, sum Batch, err error) {
	t.Helper()
	err = k.Run(t.Context(), inputs, func(b *Batch) error {
		for _, s := range b.Starts {
			sum.Starts = append(sum.Starts, len(all)+s)
		}
		all = append(all, b.Tokens...)
		sum.Bytes += b.Bytes
		sum.Invalid += b.Invalid
		return nil
	})
	return all, sum, err
}

// documents returns the tokens of documents.
func documents(e *Encoder, texts ...string) (all []uint32) {
	for _, text := range texts {
		all = e.Encode(append(all, e.EndOfText), []byte(text))
	}
	return all
}

// TestDocuments: each separator divides texts into the right documents.
func TestDocuments(t *testing.T) {
	gz := new(bytes.Buffer)
	z := gzip.NewWriter(gz)
	fmt.Fprint(z, "packed\n")
	z.Close()
	for _, c := range []struct {
		separator, field, text string
		want                   []string
	}{
		{ByFile, "", "a\n\nb\n", []string{"a\n\nb\n"}},
		{"", "", "a", []string{"a"}},
		{ByFile, "", "", nil},
		{ByFile, "", "\ufeffa", []string{"a"}},
		{ByFile, "", "\xff\xfea\x00\xe9\x00", []string{"aé"}},
		{ByFile, "", gz.String(), []string{"packed\n"}},
		{ByFile, "", "{\"text\": 1}", []string{"{\"text\": 1}"}},
		{ByFile, "", "<html>", []string{"<html>"}},
		{ByLine, "", "a b\nc\r\n\n \n d \ne", []string{"a b", "c", " d ", "e"}},
		{ByBlank, "", "\n\na\nb\r\nc\n\n \t\r\nd\n\n", []string{"a\nb\r\nc", "d"}},
		{ByBlank, "", "a\n\nb", []string{"a", "b"}},
		{"<|endoftext|>", "", "a\n\nb\n<|endoftext|>\nc\n<|endoftext|>\n<|endoftext|>\r\nd", []string{"a\n\nb", "c", "d"}},
		{"--", "", "--\na --\n -- \n--\n", []string{"a --\n -- "}},
		{ByFile, "text", "{\"text\": \"a\\nb\"}\n\n{\"id\": [1, {}], \"text\":\"\\u00e9\\ud83d\\ude42\"}\r\n{\"text\":\"\"}\n{\"text\":\"\\ud800\", \"Text\": \"no\"}", []string{"a\nb", "é🙂", "\ufffd"}},
		{ByLine, "body", "{\"body\":\"a\\nb\"}", []string{"a\nb"}},
	} {
		for _, name := range Encodings {
			e := encoder(t, name)
			got, sum, err := tokenize(t, &Tokenizer{Encoding: e.Encoding, Separator: c.separator}, textInput("x", c.field, c.text))
			if want := documents(e, c.want...); err != nil || !slices.Equal(got, want) || len(sum.Starts) != len(c.want) || sum.Bytes != len(strings.Join(c.want, "")) {
				text, _ := e.Decode(nil, got...)
				t.Errorf("%s, %q by %q: %q in %d documents, want %q, %v", name, c.text, c.separator, text, len(sum.Starts), c.want, err)
			}
		}
	}
}

// TestParallel: large texts have the tokens of one call of Encode, with any number of processors, and the documents begin at the right places.
func TestParallel(t *testing.T) {
	e := encoder(t, "gpt2")
	random := rand.New(rand.NewPCG(7, 8))
	var b bytes.Buffer
	for b.Len() < 700_000 {
		b.WriteString(strings.NewReplacer("\xff", "", "<|endoftext|>", "").Replace(string(mixture(random, 400))))
		if random.IntN(50) == 0 {
			b.WriteString(strings.Repeat(alphabet[random.IntN(len(alphabet)-10)], random.IntN(4000)))
		}
	}
	text := strings.ReplaceAll(b.String(), EndOfText, "")
	var lines []string
	for line := range strings.SplitSeq(text, "\n") {
		if line = strings.TrimSuffix(line, "\r"); strings.TrimSpace(line) != "" {
			lines = append(lines, line)
		}
	}
	for range 2 {
		for _, workers := range []int{1, 5} {
			defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(workers))
			got, sum, err := tokenize(t, &Tokenizer{Encoding: e.Encoding}, textInput("a", "", text), textInput("b", "", text[:1000]))
			if want := documents(e, text, text[:1000]); err != nil || !slices.Equal(got, want) || len(sum.Starts) != 2 || sum.Invalid == 0 {
				t.Fatalf("%d workers: %d tokens, want %d; %d documents, %v", workers, len(got), len(want), len(sum.Starts), err)
			}
			got, sum, err = tokenize(t, &Tokenizer{Encoding: e.Encoding, Separator: ByLine}, textInput("a", "", text))
			if want := documents(e, lines...); err != nil || !slices.Equal(got, want) || len(sum.Starts) != len(lines) {
				t.Fatalf("%d workers by line: %d tokens, want %d; %d documents, want %d, %v", workers, len(got), len(want), len(sum.Starts), len(lines), err)
			}
			got, _, err = tokenize(t, &Tokenizer{Encoding: e.Encoding, Separator: "no such line"}, textInput("a", "", text))
			if want := documents(e, strings.TrimSuffix(text, "\n")); err != nil || !slices.Equal(got, want) {
				t.Fatalf("%d workers by a line that is not there: %d tokens, want %d, %v", workers, len(got), len(want), err)
			}
		}
		text = strings.ReplaceAll(text, "\n", " ") // then one line
		lines = []string{text}
	}
}

// TestSpecial: <|endoftext|> is encoded as Special says, also deep in a large text, and errors have its place.
func TestSpecial(t *testing.T) {
	e := encoder(t, "gpt2")
	long := strings.Repeat("some words\n", 60_000)
	for _, text := range []string{"a<|endoftext|>b", long + "a<|endoftext|>b", "x\n" + strings.Repeat("ab1 ", 90_000) + "<|endoftext|>" + strings.Repeat("1", 3000)} {
		before, after, _ := strings.Cut(text, EndOfText)
		for special, want := range map[Special][]uint32{AsToken: documents(e, before, after), AsText: documents(e, text)} {
			got, _, err := tokenize(t, &Tokenizer{Encoding: e.Encoding, Special: special}, textInput("x", "", text))
			if err != nil || !slices.Equal(got, want) {
				t.Errorf("%s: %d tokens, want %d, %v", special, len(got), len(want), err)
			}
		}
		_, _, err := tokenize(t, &Tokenizer{Encoding: e.Encoding}, textInput("x", "", text))
		var parse *data.ParseError
		if line := strings.Count(before, "\n") + 1; !errors.As(err, &parse) || parse.Line != line || parse.File != "x" {
			t.Errorf("%v, want line %d", err, line)
		}
	}
	quoted, _ := json.Marshal(map[string]string{"text": "a\n<|endoftext|>"})
	_, _, err := tokenize(t, &Tokenizer{Encoding: e.Encoding}, textInput("x", "text", "{\"text\":\"\"}\n"+string(quoted)))
	if err == nil || !strings.HasPrefix(err.Error(), "x:2") {
		t.Errorf("in JSON: %v", err)
	}
}

// TestInvalidInJSON: bytes that are not UTF-8, which JSON cannot hold, are counted.
func TestInvalidInJSON(t *testing.T) {
	e, err := NewEncoding("bytes")
	if err != nil {
		t.Fatal(err)
	}
	got, sum, err := tokenize(t, &Tokenizer{Encoding: e}, textInput("x", "text", "{\"text\":\"a\xff\"}\n"))
	if want := []uint32{e.EndOfText, 'a', 0xef, 0xbf, 0xbd}; err != nil || !slices.Equal(got, want) || sum.Invalid != 1 {
		t.Errorf("%v, want %v; %d bytes are not UTF-8, want 1; %v", got, want, sum.Invalid, err)
	}
}

// TestInputErrors: errors say what is wrong, and where.
func TestInputErrors(t *testing.T) {
	for _, c := range []struct{ separator, field, text, want string }{
		{ByFile, "", "PAR1\x15\x00", "x: the file is a Parquet file"},
		{ByFile, "", "%PDF-1.7", "x: the file is a PDF"},
		{ByLine, "", "PK\x03\x04", "x: the file is a zip archive"},
		{ByFile, "", string(narrow.header(0)), "x: the file is a shard of tokens already"},
		{ByFile, "", strings.Repeat("\x00", 257) + "ustar", "x: the file is a tar archive"},
		{ByFile, "", "\x1f\x8b\x08\x00", "x: the gzip data is damaged"},
		{ByFile, "text", "{\"text\":\"a\"}\n[1]\n", "x:2: the line is no object of JSON"},
		{ByFile, "text", "{\"text\":\"a\"}\n\n{\"text\"", "x:3: the line is no object of JSON"},
		{ByFile, "text", "{\"body\":\"a\", \"Text\":\"b\"}", "x:1: there is no \"text\" among the members Text, body; set Field"},
		{ByFile, "text", "{\"text\":null}", "x:1: the member \"text\" is not a string: null"},
		{ByFile, "text", "{\"text\":[\"a\"]}", "x:1: the member \"text\" is not a string: [\"a\"]"},
	} {
		_, _, err := tokenize(t, &Tokenizer{Encoding: gpt2(), Separator: c.separator}, textInput("x", c.field, c.text))
		if err == nil || !strings.HasPrefix(err.Error(), c.want) {
			t.Errorf("%q: %v, want %s", c.text, err, c.want)
		}
	}
	long := "b\n\n" + strings.Repeat("a", longest+2*blockSize)
	for separator, want := range map[string]string{ByFile: "x:1: letters, digits, signs or white space go on for 32 MiB", "--": "x:3: the line is longer than 32 MiB"} {
		_, _, err := tokenize(t, &Tokenizer{Encoding: byteLevel(), Separator: separator}, textInput("x", "", long))
		if err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("by %s: %v, want %s", separator, err, want)
		}
	}
	failure := errors.New("the disk is full")
	ctx, cancel := context.WithCancel(t.Context())
	for what, add := range map[error]func(*Batch) error{failure: func(*Batch) error { return failure }, context.Canceled: func(*Batch) error { cancel(); return nil }} {
		err := (&Tokenizer{Encoding: byteLevel()}).Run(ctx, []Input{textInput("x", "", strings.Repeat("word ", 1<<20))}, add)
		if !errors.Is(err, what) && !errors.Is(err, context.Canceled) {
			t.Errorf("%v, want %v", err, what)
		}
	}
}

// TestSplit: shares are of whole documents and spread evenly, first tokens are cut off exactly, and nothing is lost.
func TestSplit(t *testing.T) {
	random := rand.New(rand.NewPCG(9, 10))
	e := encoder(t, "bytes")
	var text strings.Builder
	for range 5000 {
		fmt.Fprintln(&text, strings.Repeat("x", 1+random.IntN(200)))
	}
	all := documents(e, strings.Split(strings.TrimSpace(text.String()), "\n")...)
	for _, share := range []float64{0, 0.001, 0.1, 0.5, 0.9} {
		for _, first := range []int64{0, 1, 100_000} {
			prefix := filepath.Join(t.TempDir(), "x")
			s := &Split{Train: NewWriter(prefix+"_train_", 1, 1<<20, 16), Validation: NewWriter(prefix+"_val_", 0, 1<<20, 16), Share: share, First: first}
			if err := (&Tokenizer{Encoding: e.Encoding, Separator: ByLine}).Run(t.Context(), []Input{textInput("x", "", text.String())}, s.Add); err != nil {
				t.Fatal(err)
			}
			var parts [2][]uint32
			for i, w := range []*Writer{s.Train, s.Validation} {
				paths, err := w.Publish()
				if err != nil {
					t.Fatal(err)
				}
				if paths == nil {
					continue
				}
				stream, err := Open(paths...)
				if err != nil {
					t.Fatal(err)
				}
				parts[i] = make([]uint32, stream.Len())
				if err := stream.Read(parts[i], 0); err != nil {
					t.Fatal(err)
				}
				stream.Close()
			}
			train, validation := parts[0], parts[1]
			if s.Documents != 5000 || len(train)+len(validation) != len(all) {
				t.Errorf("%d documents, %d + %d tokens of %d", s.Documents, len(train), len(validation), len(all))
			}
			switch {
			case first > 0:
				if !slices.Equal(validation, all[:first]) || !slices.Equal(train, all[first:]) {
					t.Errorf("the first %d tokens are not those for validation", first)
				}
			case share == 0:
				if validation != nil || !slices.Equal(train, all) {
					t.Error("not all tokens are for training")
				}
			default:
				if got := float64(len(validation)) / float64(len(all)); got < share-1e-3 || got > share+1e-3 || validation[0] != 256 || train[0] != 256 {
					t.Errorf("a share of %v, want %v", got, share)
				}
			}
		}
	}
}
