package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"strings"
	"time"
	"unicode/utf8"

	"steepest/data/tokens"
	"steepest/gpt"
	"steepest/internal/plural"
	"steepest/internal/printable"
)

type generateCmd struct {
	Model       string  `arg:"" placeholder:"MODEL" help:"A model: a folder that steepest pretrain or Hugging Face's transformers has written, or a file of llm.c."`
	Prompt      string  `arg:"" optional:"" placeholder:"PROMPT" help:"The text to continue; - is the standard input. Default: none, so the model begins a text."`
	Tokens      int     `short:"n" default:"100" placeholder:"N" help:"Largest number of tokens to add; the text may end earlier (${default})."`
	Temperature float64 `default:"1" placeholder:"NUMBER" help:"Below 1 favors likely tokens, above 1 unlikely ones; 0 takes the likeliest (${default})."`
	TopK        int     `default:"50" placeholder:"K" help:"Choose among the K likeliest tokens; 0 sets no limit (${default})."`
	TopP        float64 `default:"1" placeholder:"P" help:"Choose among the fewest tokens whose probabilities add up to P (${default})."`
	Seed        uint64  `default:"1" placeholder:"N" help:"Seed of the choices; sample i has this seed plus i − 1 (${default})."`
	Samples     int     `default:"1" placeholder:"N" help:"Texts to write (${default})."`
	Weights     string  `enum:"bf16,float32," default:"" placeholder:"TYPE" help:"Number format of the weights in memory: float32, or bf16, which rounds them to 8 bits and takes half the memory and about half the time; all else is computed in float32. Default: bf16 if that rounds no weight, as for a file of bfloat16, else float32."`
	kernelFlags
	JSON bool `name:"json" help:"Print the texts and their tokens as JSON."`
}

// Help shows how generate is used.
func (generateCmd) Help() string {
	return `Writes text with a language model, token by token: the prompt, and what follows it. The text ends with <|endoftext|>,
which is that token in a prompt, too. When a text outgrows the context of the model, the model goes on with the last half of the
context. The tokens are GPT-2's for a vocabulary of 50257, and bytes for one of 257. Examples:

    steepest generate gpt2 'The meaning of life is'
    steepest generate run/model --samples 3 --temperature 0.8 --top-k 40
    steepest generate gpt2_124M.bin - --tokens 500 --weights bf16 <prompt.txt
    steepest generate gpt2 'Light is' --temperature 0 --json`
}

// Run writes the texts.
func (c *generateCmd) Run(w *world) error {
	if err := c.check(w); err != nil {
		return err
	}
	prompt, err := c.prompt()
	if err != nil {
		return err
	}
	done := w.notice("reading " + c.Model)
	g, x, err := newGeneration(c.Model)
	done()
	if err != nil {
		return err
	}
	exact := gpt.IsBF16(x)
	if c.Weights == "" {
		c.Weights = "float32"
		if exact {
			c.Weights = "bf16"
		}
	}
	if c.Weights == "bf16" {
		g.generator = gpt.NewGeneratorBF16(g.model, x)
		if !exact {
			w.say("the weights are rounded to bfloat16, each by at most 1/256 of itself\n")
		}
	} else {
		g.generator = gpt.NewGenerator(g.model, x)
	}
	g.ask(prompt)
	if most := g.model.Context; len(g.prompt)+c.Tokens > most {
		w.say("the text may become longer than the model's context of %d tokens; beyond it the model sees the last %d to %d\n", most, max(1, most/2), most)
	}
	if c.JSON {
		return c.writeJSON(w, g)
	}
	return c.write(w, g)
}

// sampling returns how the tokens of a sample are chosen. Samples are numbered from 0.
func (c *generateCmd) sampling(sample int) gpt.Sampling {
	return gpt.Sampling{Temperature: c.Temperature, TopK: c.TopK, TopP: c.TopP, Seed: c.Seed + uint64(sample)}
}

// check returns an error for flags that are invalid or have no effect.
func (c *generateCmd) check(w *world) error {
	switch {
	case c.Tokens < 1:
		return usage("", "--tokens is %d, want at least 1", c.Tokens)
	case c.Samples < 1:
		return usage("", "--samples is %d, want at least 1", c.Samples)
	case c.TopP == 0:
		return usage("drop the flag for no limit", "--top-p is 0, want a number above 0, and at most 1")
	}
	if err := c.sampling(0).Validate(); err != nil {
		return usage("", "%s", inFlags(err.Error()))
	}
	return w.refuse(silence{[]string{"top-k", "top-p", "seed", "samples"}, c.Temperature == 0, "has no effect, since --temperature 0 takes the likeliest token"})
}

// prompt returns the text to continue. It drops a last newline of the standard input, since echo adds one.
func (c *generateCmd) prompt() (string, error) {
	if c.Prompt != "-" {
		return c.Prompt, nil
	}
	text, err := io.ReadAll(os.Stdin)
	if err != nil {
		return "", badData("", "the prompt cannot be read: %w", err)
	}
	return strings.TrimSuffix(strings.TrimSuffix(string(text), "\n"), "\r"), nil
}

// generation is a model with a prompt.
type generation struct {
	model     gpt.Config
	generator *gpt.Generator[float32]
	encoding  *tokens.Encoding
	prompt    []uint32
}

// newGeneration reads a model and its parameters. The result has no prompt and no generator yet.
func newGeneration(path string) (g *generation, x []float32, err error) {
	const fix = "name a folder that steepest pretrain or transformers has written, or a file of llm.c"
	model, x, err := gpt.Read(path)
	var file *fs.PathError
	switch {
	case errors.As(err, &file) && file.Path == path:
		return nil, nil, badData(fix, "%w", unreadable("model", path, err))
	case errors.Is(err, fs.ErrNotExist) && file != nil:
		return nil, nil, badData(fix, "%s is not a model: it has no %s", path, filepath.Base(file.Path))
	case err != nil:
		return nil, nil, badData(fix, "%s", inFlags(err.Error()))
	}
	encoding, err := tokens.EncodingOf(model.Vocab)
	if err != nil {
		return nil, nil, badData("give a model with GPT-2's tokens, or of bytes", "%s: %s", path, inFlags(err.Error()))
	}
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		if err := encoding.CheckFolder(path); err != nil {
			return nil, nil, badData("give a model with GPT-2's tokens, or of bytes", "%w", err)
		}
	}
	return &generation{model: model, encoding: encoding}, x, nil
}

// ask splits a prompt into tokens.
func (g *generation) ask(prompt string) {
	encoder := g.encoding.Encoder()
	for i, text := range strings.Split(prompt, tokens.EndOfText) {
		if i > 0 {
			g.prompt = append(g.prompt, g.encoding.EndOfText)
		}
		g.prompt = encoder.Encode(g.prompt, []byte(text))
	}
}

// sample passes to add the tokens that follow the prompt: at most `most` tokens, and none from <|endoftext|> on. Ended says whether the
// model chose <|endoftext|>. Without a prompt the model starts after <|endoftext|>.
func (g *generation) sample(w *world, s gpt.Sampling, most int, add func(token uint32) error) (ended bool, err error) {
	next := g.prompt
	if len(next) == 0 {
		next = []uint32{g.encoding.EndOfText}
	}
	g.generator.Reset()
	for i := range most {
		scores := g.generator.Feed(next...)[:g.encoding.Len()]
		for _, score := range scores {
			if v := float64(score); math.IsNaN(v) || math.IsInf(v, 0) {
				return false, badData("it is damaged, or its training diverged", "the model gives a token the score %v", v)
			}
		}
		if w.Err() != nil {
			return false, context.Cause(w)
		}
		token := gpt.Choose(s, scores, uint64(i))
		if token == g.encoding.EndOfText {
			return true, nil
		}
		if err := add(token); err != nil {
			return false, err
		}
		next = []uint32{token}
	}
	return false, nil
}

// write writes the texts while they are generated.
func (c *generateCmd) write(w *world, g *generation) error {
	w.salvages("the text ends here", func() error { return w.interruption("", "interrupted; the text is not complete") })
	for i := range c.Samples {
		s := c.sampling(i)
		if c.Samples > 1 {
			fmt.Fprintf(w.stdout, "--- %d of %d, seed %d\n", i+1, c.Samples, s.Seed)
		}
		out := &typewriter{to: w.stdout}
		if err := out.write(g.encoding, g.prompt...); err != nil {
			return err
		}
		begun, n := time.Now(), 0
		var first time.Duration
		ended, err := g.sample(w, s, c.Tokens, func(token uint32) error {
			if n++; n == 1 {
				first = time.Since(begun)
			}
			return out.write(g.encoding, token)
		})
		if err := errors.Join(err, out.end()); w.interrupted(err) {
			return w.interruption("", "interrupted after %s", plural.Of(n, "token"))
		} else if err != nil {
			return err
		}
		if w.stderr.tty {
			w.say("%s\n", pace(n, first, time.Since(begun), ended))
		}
	}
	return nil
}

// pace says how long n tokens took. The first one includes the pass over the prompt.
func pace(n int, first, all time.Duration, ended bool) string {
	text := fmt.Sprintf("%d tokens", n)
	if ended {
		text += ", then the text ends"
	}
	if n > 0 {
		text += fmt.Sprintf("; the first after %.2f s", first.Seconds())
	}
	if n > 1 {
		text += fmt.Sprintf(", then %.1f tokens/s", float64(n-1)/(all-first).Seconds())
	}
	return text
}

// typewriter writes a text while it grows. It never splits the bytes of a character.
type typewriter struct {
	to      terminal
	waiting []byte
	line    bool // the last line is not empty
}

// write adds tokens to the text.
func (t *typewriter) write(e *tokens.Encoding, list ...uint32) (err error) {
	if t.waiting, err = e.Decode(t.waiting, list...); err != nil {
		return err
	}
	return t.put(whole(t.waiting))
}

// end writes the waiting bytes, and ends the last line.
func (t *typewriter) end() error {
	err := t.put(len(t.waiting))
	if t.line && err == nil {
		_, err = io.WriteString(t.to, "\n")
	}
	return err
}

// put writes the first n waiting bytes. For a terminal it escapes control characters.
func (t *typewriter) put(n int) error {
	if n == 0 {
		return nil
	}
	text := string(t.waiting[:n])
	t.waiting, t.line = append(t.waiting[:0], t.waiting[n:]...), text[n-1] != '\n'
	if t.to.tty {
		text = printable.Lines(text)
	}
	_, err := io.WriteString(t.to, text)
	return err
}

// whole returns the number of bytes of a text before a last character that may be incomplete.
func whole(text []byte) int {
	for i := len(text) - 1; i >= max(0, len(text)-utf8.UTFMax+1); i-- {
		if utf8.RuneStart(text[i]) {
			if !utf8.FullRune(text[i:]) {
				return i
			}
			break
		}
	}
	return len(text)
}

// generatedJSON is the JSON of generated texts.
type generatedJSON struct {
	Model    string       `json:"model"`
	Encoding string       `json:"encoding"`
	Weights  string       `json:"weights"` // the number format in memory
	Prompt   string       `json:"prompt"`
	Tokens   []uint32     `json:"prompt_tokens"`
	Samples  []sampleJSON `json:"samples"`
}

// sampleJSON is one continuation of the prompt. Bytes that are not UTF-8 become U+FFFD in the text.
type sampleJSON struct {
	Seed   uint64   `json:"seed"`
	Text   string   `json:"text"`
	Tokens []uint32 `json:"tokens"`
	Ended  bool     `json:"ended"` // with <|endoftext|>
}

// writeJSON writes the texts once all of them are complete.
func (c *generateCmd) writeJSON(w *world, g *generation) error {
	words := func(list []uint32) (string, error) {
		text, err := g.encoding.Decode(nil, list...)
		return strings.ToValidUTF8(string(text), "\ufffd"), err
	}
	prompt, err := words(g.prompt)
	if err != nil {
		return err
	}
	out := generatedJSON{Model: c.Model, Encoding: g.encoding.Name, Weights: c.Weights, Prompt: prompt, Tokens: append([]uint32{}, g.prompt...)}
	for i := range c.Samples {
		s := sampleJSON{Seed: c.Seed + uint64(i), Tokens: []uint32{}}
		s.Ended, err = g.sample(w, c.sampling(i), c.Tokens, func(token uint32) error {
			s.Tokens = append(s.Tokens, token)
			return nil
		})
		if w.interrupted(err) {
			return w.interruption("", "interrupted; nothing is written")
		} else if err != nil {
			return err
		}
		if s.Text, err = words(s.Tokens); err != nil {
			return err
		}
		out.Samples = append(out.Samples, s)
	}
	return writeJSON(w.stdout, out)
}
