package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"steepest/data/tokens"
	"steepest/internal/durable"
	"steepest/internal/memory"
	"steepest/internal/plural"
)

type tokenizeCmd struct {
	Inputs      []string `arg:"" placeholder:"TEXTS" help:"Texts: files, plain or packed (.gz, .bz2, .zst), folders (also those that symbolic links in them lead to), patterns, - for the standard input, or opticks, a book that is embedded. Files .jsonl and .ndjson hold a text in each line, and files .parquet in each row."`
	Out         string   `short:"o" required:"" placeholder:"DIR" help:"The folder for the shards. Their names begin with its name."`
	Encoding    string   `default:"gpt2" placeholder:"NAME" set:"choices=gpt2 (GPT-2's byte-pair encoding of 50257 tokens) or bytes (257 tokens)" help:"${choices}. Default: ${default}."`
	ShardTokens int      `default:"100000000" placeholder:"TOKENS" help:"Tokens in a shard (${default})."`
	Validation  string   `placeholder:"SHARE|TOKENS" help:"Shards for validation: a share, of whole documents spread evenly, or a number of tokens from the first on."`
	textFlags
	JSON bool `name:"json" help:"Print the summary as JSON."`
}

// Help shows how tokenize is used.
func (tokenizeCmd) Help() string {
	return `Writes shards of tokens as llm.c and modded-nanogpt read them. Each document begins with the token <|endoftext|>; empty
documents are left out. Bytes that are not UTF-8 are kept, but in JSON become U+FFFD. Examples:

    steepest tokenize opticks -o opticks-tokens --validation 10000
    steepest tokenize corpus/ 'more/*.jsonl.zst' -o corpus-tokens --validation 0.01
    steepest tokenize fineweb/*.parquet -o web-tokens --column text --validation 0.001
    steepest tokenize reviews.txt.gz -o reviews --separator '<|endoftext|>'
    zcat texts.gz | steepest tokenize - -o texts --encoding bytes --separator line
    steepest data reviews`
}

// Run makes the shards.
func (c *tokenizeCmd) Run(w *world) error {
	t, split, err := c.plan()
	if err != nil {
		return err
	}
	inputs, size, err := c.inputs(c.Inputs)
	if err != nil {
		return err
	}
	for _, input := range c.Inputs {
		_, at := textInputs("TEXTS", input)
		if err := refuseText(at, flagPath{"out", c.Out}); err != nil {
			return err
		}
	}
	made, err := makeFolder("out", c.Out)
	if err != nil {
		return err
	}
	if err := refuseShards(c.Out); err != nil {
		return err
	}
	discard := func() {
		split.Train.Discard()
		split.Validation.Discard()
		if made {
			os.Remove(c.Out) // the folder is empty
		}
	}
	w.salvages("no shard is written", func() error {
		durable.RemoveTemporaries()
		if made {
			os.Remove(c.Out)
		}
		return w.interruption("", "interrupted; no shard is written")
	})
	work := tokenizing{split: split, size: size, begun: time.Now()}
	err = work.run(w, t, inputs)
	if err == nil && split.Documents == 0 {
		err = badData("name files with text in them", "there is no text in %s", strings.Join(c.Inputs, ", "))
	}
	if err == nil {
		err = c.checkValidation(&work)
	}
	if err != nil {
		discard()
		return c.explain(w, err, &work)
	}
	return c.finish(w, t, &work)
}

// plan reads the flags.
func (c *tokenizeCmd) plan() (*tokens.Tokenizer, *tokens.Split, error) {
	encoding, err := encodingNamed(c.Encoding)
	if err != nil {
		return nil, nil, err
	}
	t, err := c.tokenizer(encoding)
	if err != nil {
		return nil, nil, err
	}
	if c.ShardTokens < 1 || c.ShardTokens > tokens.MaxShard {
		return nil, nil, usage("", "--shard-tokens is %d, want 1 to %d, which is what a header can say", c.ShardTokens, tokens.MaxShard)
	}
	if at := slices.Index(c.Inputs, stdin); at >= 0 && slices.Contains(c.Inputs[at+1:], stdin) {
		return nil, nil, usage("name it once", "the standard input is given twice, and can be read once")
	}
	split := &tokens.Split{}
	if split.Share, split.First, err = shareOrTokens(c.Validation); err != nil {
		return nil, nil, err
	}
	folder, err := filepath.Abs(c.Out)
	if err != nil {
		return nil, nil, err
	}
	prefix := filepath.Join(c.Out, filepath.Base(folder))
	split.Train = tokens.NewWriter(prefix+"_train_", 1, c.ShardTokens, 16)
	split.Validation = tokens.NewWriter(prefix+"_val_", 0, c.ShardTokens, 16)
	return t, split, nil
}

// refuseShards returns an error if a folder holds shards.
func refuseShards(path string) error {
	if train, validation, err := tokens.Find(path); err == nil {
		first := append(train, validation...)[0]
		return usage("name another folder, or remove its shards", "--out: %s holds %s already, and shards of two runs would be read as one", path, filepath.Base(first))
	}
	return nil
}

// tokenizing is the state of the command.
type tokenizing struct {
	split  *tokens.Split
	size   int64 // bytes of the inputs; 0 if unknown
	tokens atomic.Int64
	text   int64 // unpacked bytes
	doubts doubts
	begun  time.Time
}

// run writes the tokens of the inputs.
func (k *tokenizing) run(w *world, t *tokens.Tokenizer, inputs []tokens.Input) error {
	read := inBytes("tokenizing")
	bar := w.progress(func(done, total int64, in time.Duration) string {
		n := float64(k.tokens.Load()) / 1e6
		return fmt.Sprintf("%s, %.1f M tokens, %.1f M/s", read(done, total, in), n, n/in.Seconds())
	})
	defer bar.end()
	tell(bar, inputs, k.size)
	return t.Run(w, inputs, func(b *tokens.Batch) error {
		k.tokens.Add(int64(len(b.Tokens)))
		k.text += int64(b.Bytes)
		k.doubts.add(b)
		if err := k.split.Add(b); err != nil {
			return &failure{exitFailure, err, ""} // of writing
		}
		return nil
	})
}

// checkValidation returns an error if a part would be empty.
func (c *tokenizeCmd) checkValidation(k *tokenizing) error {
	s := k.split
	switch {
	case s.Share > 0 && s.Validation.Len() == 0:
		return badData("give a number of tokens, or say by --separator what documents are", "--validation %s: no document of %d is for validation, since they go there whole", c.Validation, s.Documents)
	case s.First > 0 && s.Train.Len() == 0:
		return badData("give fewer", "--validation %s: there are %d tokens in all, and none is left to train", c.Validation, s.Validation.Len())
	}
	return nil
}

// explain rewrites an error for a user.
func (c *tokenizeCmd) explain(w *world, err error, k *tokenizing) error {
	if errors.Is(err, context.Canceled) {
		return w.interruption("", "interrupted after %s and %s; no shard is written", plural.Of(k.split.Documents, "document"), plural.Of(int(k.tokens.Load()), "token"))
	}
	return textError(err)
}

// tokenizeJSON is the summary.
type tokenizeJSON struct {
	Encoding   string     `json:"encoding"`
	Documents  int        `json:"documents"`
	Tokens     int64      `json:"tokens"`
	Bytes      int64      `json:"bytes"`
	Invalid    int        `json:"invalid_bytes,omitempty"`
	Train      shardsJSON `json:"train"`
	Validation shardsJSON `json:"validation"`
	Seconds    float64    `json:"seconds"`
}

// shardsJSON describes shards that form one stream.
type shardsJSON struct {
	Tokens int64    `json:"tokens"`
	Files  []string `json:"files"`
}

// finish gives the shards their names and prints the summary.
func (c *tokenizeCmd) finish(w *world, t *tokens.Tokenizer, k *tokenizing) error {
	s := k.split
	out := tokenizeJSON{Encoding: t.Encoding.Name, Documents: s.Documents, Tokens: k.tokens.Load(), Bytes: k.text, Invalid: k.doubts.invalid}
	for _, part := range []struct {
		*tokens.Writer
		to *shardsJSON
	}{{s.Validation, &out.Validation}, {s.Train, &out.Train}} {
		files, err := part.Publish()
		if err != nil {
			return err
		}
		*part.to = shardsJSON{part.Len(), files}
	}
	out.Seconds = time.Since(k.begun).Seconds()
	k.doubts.tell(w)
	if c.JSON {
		return writeJSON(w.stdout, out)
	}
	fmt.Fprintf(w.stdout, "%-12s %d\n%-12s %d, %.3f for each byte of text\n", "documents", out.Documents, "tokens", out.Tokens, float64(out.Tokens)/float64(out.Bytes))
	fmt.Fprintf(w.stdout, "%-12s %s, %.1f MB/s\n", "text", memory.Text(float64(k.text)), float64(k.text)/1e6/out.Seconds)
	for _, part := range []struct {
		name string
		shardsJSON
	}{{"training", out.Train}, {"validation", out.Validation}} {
		if n := len(part.Files); n > 0 {
			last := ""
			if n > 1 {
				last = " to " + filepath.Base(part.Files[n-1])
			}
			fmt.Fprintf(w.stdout, "%-12s %s in %s%s\n", part.name, plural.Of(int(part.Tokens), "token"), part.Files[0], last)
		}
	}
	return nil
}
