package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"steepest/compare"
	"steepest/data/tokens"
	"steepest/gpt"
	"steepest/objective"
	"steepest/optim"
	"steepest/train"
)

type pretrainCmd struct {
	Data string `arg:"" optional:"" placeholder:"TEXTS" help:"Text, as steepest tokenize takes it: a file, a folder or a pattern; or its shards of tokens. Default: opticks, a book that is embedded."`
	corpusFlags
	Validation string `group:"problem" placeholder:"SHARE|TOKENS" help:"Held-out text, on which the loss is measured along the run: this much of the end of the text, or of the shards that steepest tokenize has set aside. Default: a twentieth, at most 131072 tokens."`
	configArg
	Init string `group:"problem" placeholder:"MODEL" help:"Continue with a model: a folder of steepest pretrain or Hugging Face's transformers, or a file of llm.c. Default: a new model."`
	shapeFlags
	localFlags
	rankFlags

	Method   string        `group:"run" short:"m" default:"muon:aux-lr=0.003" placeholder:"SPEC" help:"Method and options, as steepest minimize takes them, such as adamw:lr=trapezoid(6e-4,0,100,400,2000),clip-norm=1 (${default})."`
	Batch    int           `group:"run" short:"b" default:"8" placeholder:"WINDOWS" help:"Windows per step. They go through the network a few at a time; their losses are summed and divided once by the number of tokens (${default})."`
	Sampling string        `group:"run" default:"reshuffle" placeholder:"HOW" set:"choices=with-replacement, reshuffle, shuffle-once or sequential" help:"${choices} (${default})."`
	Epochs   float64       `group:"run" placeholder:"N" help:"Budget in passes over the text. Default: 1, unless there is another budget, and 3 over the embedded book."`
	Steps    int           `group:"run" placeholder:"N" help:"Budget in steps."`
	Tokens   int64         `group:"run" placeholder:"N" help:"Budget in tokens, which come in whole steps."`
	Time     time.Duration `group:"run" placeholder:"DURATION" help:"Budget in time, such as 30m, without evaluations, samples and saves."`
	Seed     uint64        `group:"run" default:"1" placeholder:"N" help:"Seed of all random numbers, at most 4294967295; the start is PyTorch's for this seed (${default})."`
	Every    int           `group:"run" placeholder:"N" help:"Steps between measurements on the text that --validation holds out. Default: a twentieth of the budget."`
	productsFlags
	kernelFlags
	Recompute bool    `group:"run" help:"Compute the values of the blocks again on the way back: the same bits with less memory, for about a fifth more time."`
	Spike     float64 `group:"run" default:"6" placeholder:"N" help:"Skip a step whose loss is this many standard deviations, or twentieths of the mean, above the mean of those before; 0 judges no loss (${default})."`

	SampleEvery     int    `group:"output" placeholder:"N" help:"Steps between samples of text. Default: a fifth of the budget."`
	SampleTokens    int    `group:"output" default:"100" placeholder:"N" help:"Tokens of a sample; 0 writes none (${default})."`
	Prompt          string `group:"output" placeholder:"TEXT" help:"The text that samples continue. Default: none, so they begin a text."`
	Out             string `group:"output" short:"o" placeholder:"DIR" help:"Write the model to this new folder, as Hugging Face's transformers and steepest generate read it."`
	checkpointFlags `set:"interval=DURATION|STEPS"`
	keepFlags
	Record string `group:"output" placeholder:"FILE" help:"Save every step and every measurement, one line of JSON each."`
	Plan   bool   `group:"output" help:"Print the plan and stop: what happens to each tensor, memory, arithmetic and time."`
	Quiet  bool   `group:"output" short:"q" help:"Show no progress and no samples."`
	JSON   bool   `group:"output" name:"json" help:"The summary as JSON."`
}

// Help shows how pretrain is used.
func (pretrainCmd) Help() string {
	return `Trains a GPT-2 to predict the next token, in float32. Without an argument a small one learns from Newton's Opticks, which is
embedded, byte by byte, in a few minutes. Ctrl-C ends the run and saves what there is; --resume continues with the same bits. A step whose
gradient is not finite, or whose loss spikes, is skipped with a message. After several in a row the run goes back to the last checkpoint
and continues after their batches; if that does not help it stops with exit code 4. Examples:

    steepest pretrain -o newton
    steepest pretrain books/ --method 'adamw:lr=trapezoid(1e-3,0,100,400,2000)' --steps 2000 -o model --checkpoint run --resume
    steepest tokenize reviews.txt.gz -o reviews --separator '<|endoftext|>' --validation 0.01
    steepest pretrain reviews --preset gpt2 --batch 8 --tokens 10000000 --plan
    steepest pretrain speeches.txt --init gpt2 --context 256 --method adamw:lr=2e-5 -o tuned
    steepest generate newton 'Light is'`
}

// pretraining is a run with everything that the flags decide.
type pretraining struct {
	language
	x0       []float32
	start    string // the name of the starting point
	entrant  compare.Entrant
	settings train.Settings
	steps    int // the budget; math.MaxInt if only the time is limited
}

// tokens returns the number of tokens of a step.
func (p *pretraining) tokens() int {
	return p.windows() * p.settings.Local.Batches() * p.corpus.length
}

// windows returns the number of windows of a batch.
func (p *pretraining) windows() int {
	if p.settings.Batch == 0 {
		return p.problem.Len()
	}
	return p.settings.Batch
}

// Run trains.
func (c *pretrainCmd) Run(w *world) error {
	err := w.join(&c.rankFlags)
	if err != nil {
		return err
	}
	p, err := c.layOut(w)
	if err = w.agree(err); err != nil {
		return err
	}
	defer p.corpus.close()
	share(w, &c.rankFlags, p.problem, &p.settings)
	need, err := p.needs(c.Checkpoint != "")
	if err != nil {
		return usage("", "%s", inFlags(err.Error()))
	}
	if c.Plan {
		return c.plan(w, p, need)
	}
	if err := need.refuse(); err != nil {
		return err
	}
	p.begin(c.Seed)
	if w.Err() != nil {
		return w.interruption("", "interrupted before the first step; nothing is written")
	}
	return c.train(w, p)
}

// layOut reads the flags and the text.
func (c *pretrainCmd) layOut(w *world) (p *pretraining, err error) {
	p = &pretraining{}
	if p.entrant, err = parseOne(c.Method, &problemFlags{}); err != nil {
		return nil, err
	}
	if err = c.refuse(w, p.entrant); err != nil {
		return nil, err
	}
	var encoding *tokens.Encoding
	if c.Init == "" {
		p.shape, encoding, err = c.shape()
	} else {
		encoding, err = c.goOn(w, p)
	}
	if err != nil {
		return nil, err
	}
	if p.language, err = c.readLanguage(w, c.Data, c.Validation, p.shape, encoding, c.Context); err != nil {
		return nil, err
	}
	if err = c.pose(w, p); err != nil {
		p.corpus.close()
		return nil, err
	}
	return p, nil
}

// goOn reads the model of --init, and returns the encoding of its tokens.
func (c *pretrainCmd) goOn(w *world, p *pretraining) (*tokens.Encoding, error) {
	defer w.notice("reading " + c.Init)()
	g, x, err := newGeneration(c.Init)
	if err != nil {
		return nil, err
	}
	p.shape, p.x0, p.start = g.model, x, filepath.Base(c.Init)
	return g.encoding, nil
}

// refuse returns an error for flags that have no effect or are invalid.
func (c *pretrainCmd) refuse(w *world, e compare.Entrant) error {
	switch {
	case c.Batch < 1:
		return usage("", "--batch is %d, want at least 1", c.Batch)
	case w.given["tokens"] && c.Tokens < 1:
		return usage("drop the flag for its default", "--tokens is %d, want a positive number", c.Tokens)
	case !(c.Epochs >= 0 && c.Epochs <= math.MaxInt32) || c.Steps < 0 || c.Tokens < 0 || c.Time < 0 || c.Every < 0 || c.SampleEvery < 0 || c.SampleTokens < 0 || c.Context < 0:
		return usage("", "--epochs, --steps, --tokens, --time, --every, --sample-every, --sample-tokens and --context are not negative, and --epochs is at most %d", math.MaxInt32)
	case !(c.Spike >= 0) || math.IsInf(c.Spike, 1):
		return usage("", "--spike: %v is not a finite number of at least 0", c.Spike)
	case c.Seed > math.MaxUint32:
		return usage("", "--seed is %d, and those of PyTorch's start are at most %d", c.Seed, uint32(math.MaxUint32))
	}
	if e.Theory {
		return usage("give lr=…", "method %q: no theorem knows the constants of a language model", c.Method)
	}
	if _, preparation := optim.Unprepared(e.Method.Rule); preparation.SkipNonfinite.Or(0) > 0 {
		return usage("drop the option", "method %q: skip-nonfinite has no effect, since pretrain skips such gradients itself", c.Method)
	}
	if c.Out != "" {
		if _, err := os.Lstat(c.Out); err == nil {
			return usage("remove it, or name another folder", "--out: %s is there already", c.Out)
		} else if !errors.Is(err, fs.ErrNotExist) {
			return usage("", "--out: %w", err)
		} else if err := writable(c.Out); err != nil {
			return usage("", "--out: %s cannot be written: %w", c.Out, err)
		}
	}
	read, at := textInputs("DATA", cmp.Or(c.Data, tokens.Opticks().Name))
	if err := c.refuseOutputs(append(read, flagPath{"--init", c.Init}, flagPath{"--choices", c.Choices}, c.input()), flagPath{"record", c.Record}); err != nil {
		return err
	}
	outputs := []flagPath{{"out", c.Out}, {"record", c.Record}}
	return cmp.Or(c.refuseFolders(outputs...), refuseShared(outputs, flagPath{"checkpoint", c.Checkpoint}, flagPath{"record", c.Record}),
		refuseText(at, append(outputs, flagPath{"checkpoint", c.Checkpoint}, flagPath{"runs", c.Runs}, flagPath{"tensorboard", c.TensorBoard})...),
		w.refuse(c.silences(w, e)...))
}

// pose sets the problem and the settings of the run from the flags.
func (c *pretrainCmd) pose(w *world, p *pretraining) (err error) {
	text := p.corpus
	p.problem.Recompute = c.Recompute
	p.multiply(c.productsFlags)
	s := &p.settings
	*s = train.Settings{
		Batch: c.Batch, Epochs: c.Epochs, Steps: c.Steps, Runtime: c.Time, Seed: c.Seed, EvaluateEvery: c.Every, EvaluateEvenly: true,
		Evaluate: p.measures(), Guard: &train.Guard{Deviations: c.Spike, Skips: mostSkips, Rollbacks: mostRollbacks},
	}
	s.Compress = c.Compress
	if s.Local, err = c.local(w); err != nil {
		return err
	}
	if err := s.Sampling.UnmarshalText([]byte(c.Sampling)); err != nil {
		return usage("", "--sampling: %w", err)
	}
	if p.entrant.Batch >= 0 {
		s.Batch = p.entrant.Batch
	}
	if p.entrant.Average != nil {
		s.Average = *p.entrant.Average
	}
	if n := p.problem.Len(); s.Batch > n {
		return usage("take a smaller batch, or a longer text", "a batch of %d windows, and the text has %d of %d tokens to train on", s.Batch, n, text.length)
	}
	if c.Tokens > 0 {
		steps := int((c.Tokens + int64(p.tokens()) - 1) / int64(p.tokens()))
		if s.Steps == 0 || steps < s.Steps {
			s.Steps = steps
		}
	}
	if s.Epochs == 0 && s.Steps == 0 && s.Runtime == 0 {
		if s.Epochs = 1; text.name == tokens.Opticks().Name {
			s.Epochs = 3
		}
	}
	p.steps = s.Budget(p.entrant.Method.Rule, p.problem.Len())
	stretch := p.steps
	if stretch == math.MaxInt { // an epoch if only the time is limited
		stretch = max(1, p.problem.Len()/(p.windows()*s.Local.Batches()))
	}
	if s.EvaluateEvery == 0 {
		s.EvaluateEvery = max(1, stretch/20)
	}
	if c.SampleEvery == 0 {
		c.SampleEvery = max(1, stretch/5)
	}
	return nil
}

// How many bad gradients a run tolerates.
const (
	mostSkips     = 3
	mostRollbacks = 3
)

// begin makes the parameters of a new model, unless --init has read some.
func (p *pretraining) begin(seed uint64) {
	if p.x0 == nil {
		p.x0, p.start = gpt.Start[float32](p.shape, uint32(seed)), fmt.Sprintf("PyTorch's for seed %d", seed)
	}
}

// train makes the run. It writes the results once: at the end of the run, or earlier if an interruption cannot wait.
func (c *pretrainCmd) train(w *world, p *pretraining) error {
	if w.follows() {
		c.Out, c.Record, c.keepFlags, c.Quiet = "", "", keepFlags{}, true
		if !c.Shard { // otherwise each rank saves its part of the state
			c.Checkpoint = ""
		}
	}
	status := newStatus(w, c, p)
	s := p.settings
	guard := *s.Guard
	guard.Skipped = status.skipped
	s.Guard = &guard
	s.Recorder = train.RecorderFunc(func(point train.Point) error {
		status.measured(point)
		status.kept.add(withTokens(point, p.corpus.length))
		return status.record.add(point)
	})
	run, err := train.New[float32](p.problem, p.x0, p.entrant.Method.Rule, s)
	if err != nil {
		return usage("", "%s", inFlags(err.Error()))
	}
	p.x0 = nil // the run has a copy
	id, err := c.identity(p)
	if err != nil {
		return err
	}
	keeper, err := newKeeper(w, &c.checkpointFlags, func() any { return id }, run)
	if err != nil {
		return err
	}
	keeper.early = true
	if status.record, err = openRecord(w, c.Record, c.Method, run.K(), run.Evaluated()); err != nil {
		return err
	}
	if status.kept, err = c.keepRun(w, p, id, standOf(run)); err != nil {
		return errors.Join(err, status.kept.close(w, w.endingOf(err)))
	}
	run.Rollback = func() (train.State[float32], error) {
		state, err := keeper.rollback()
		if err == nil {
			status.wentBack(run.K(), state.Counts["step"], state.Counts["evaluated"])
		}
		return state, err
	}
	samples := &sampler{w: w, command: c, of: &generation{model: p.shape, encoding: p.corpus.encoding}}
	samples.of.ask(c.Prompt)
	ranks := newStraggler(&s)
	between := func() error {
		defer status.resume()
		status.stepped(run.K(), run.Gradient())
		ranks.stepped(w, run.Took())
		if err := keeper.between(); err != nil {
			return err
		}
		if k := run.K(); k%c.SampleEvery == 0 && k < p.steps {
			w.stderr.below("")
			return samples.write(k, run.X())
		}
		return nil
	}
	var once sync.Once
	var failed error
	end := func(result *train.Result[float32], runErr error) error {
		once.Do(func() {
			status.end(result.Point)
			lost := errors.Join(keeper.end(runErr), status.record.close(w), status.kept.ended(w, runErr))
			if run.K() == 0 && w.interrupted(runErr) {
				failed = w.interruption("", "interrupted before the first step was made; no model is written")
				return
			}
			failed = c.finish(w, p, result, status.outcome(c.Method, result), runErr, lost)
		})
		return failed
	}
	w.salvages(lastStep(c.saves()), func() error {
		result := run.Halt()
		return end(result, context.Cause(w))
	})
	if !c.Quiet {
		w.say("%s", p.describe())
	}
	status.begin(run.K())
	result, err := run.Finish(w, between)
	if errors.Is(err, train.ErrHalted) {
		return err // the process ends without waiting for it
	}
	if err == nil {
		w.stderr.below("")
		err = samples.write(run.K(), result.X)
	}
	return end(result, err)
}

// keepRun opens the folder of the run.
func (c *pretrainCmd) keepRun(w *world, p *pretraining, id pretrainIdentity, from *stand) (keeping, error) {
	config := struct {
		pretrainIdentity
		budget
	}{id, budgetOf(c.Method, &p.settings)}
	return c.keep(w, c.Method, "", c.Seed, &c.checkpointFlags, config, from)
}

// saves reports whether the run leaves anything behind.
func (c *pretrainCmd) saves() bool {
	return c.Out != "" || c.Record != "" || c.Checkpoint != "" || c.keepFlags != keepFlags{}
}

// pretrainIdentity holds everything that must be the same when a run resumes.
type pretrainIdentity struct {
	identity
	Model   shapeJSON `json:"model"`
	Context int       `json:"context"`
	Spike   float64   `json:"spike"`
}

// identity returns the identity of the run.
func (c *pretrainCmd) identity(p *pretraining) (id pretrainIdentity, err error) {
	id = pretrainIdentity{identityOf("pretrain", p.entrant.Method, &p.settings), shapeOf(p.shape), p.corpus.length, c.Spike}
	id.Problem = problemJSON{Start: p.start, Unknowns: objective.Dim(p.problem)}
	id.Precision, id.Instructions = p.precision(), p.instructions()
	if id.Data, err = p.corpus.hash(p.corpus.train); err != nil {
		return id, err
	}
	id.Held, err = p.heldHashes()
	return id, err
}

// finish prints the summary, and writes the model unless the run diverged, or was interrupted and can resume from a checkpoint. Failures to write the
// checkpoint or the record are reported last.
func (c *pretrainCmd) finish(w *world, p *pretraining, result *train.Result[float32], end pretrainOutcome, runErr, lost error) error {
	if err := w.print(end, c.JSON); err != nil {
		return err
	}
	goesOn := "nothing was saved; --checkpoint DIR saves as the run goes on"
	if c.Checkpoint != "" {
		goesOn = fmt.Sprintf("%s holds a checkpoint from before; --resume goes on with it", c.Checkpoint)
	}
	switch unreadable := p.unreadable(); {
	case unreadable != nil:
		return badData("mend the text; "+goesOn, "the text cannot be read: %s", inFlags(unreadable.Error()))
	case errors.Is(runErr, train.ErrDiverged):
		hint := "take a smaller step size, as in %s:lr=…, or clip the gradient, as clip-norm=1 does; --spike 0 judges no loss; " + goesOn
		return &failure{exitDiverged, fmt.Errorf("%s diverged at step %d%s; no model is written", c.Method, result.Step, cause(runErr)), fmt.Sprintf(hint, p.entrant.Method.Name)}
	case runErr != nil && !w.interrupted(runErr):
		return &failure{exitFailure, reworded(runErr), ""}
	}
	if c.Out != "" && (runErr == nil || c.Checkpoint == "") {
		if err := gpt.WriteHuggingFace(c.Out, p.shape, result.X, gpt.Float32); err != nil {
			elsewhere := filepath.Join(os.TempDir(), fmt.Sprintf("%s-%d", filepath.Base(c.Out), os.Getpid()))
			if gpt.WriteHuggingFace(elsewhere, p.shape, result.X, gpt.Float32) == nil {
				goesOn = "the model is in " + elsewhere + " instead"
			}
			return &failure{exitFailure, fmt.Errorf("%s cannot be written: %s", c.Out, inFlags(err.Error())), goesOn}
		}
		w.say("wrote %s\n", c.Out)
	}
	return w.ended(result.Step, c.saves(), runErr, lost)
}

// silences returns when flags of pretrain have no effect with a method.
func (c *pretrainCmd) silences(w *world, e compare.Entrant) []silence {
	return append(append(c.checkpointFlags.silences(), append(c.localFlags.silences(w), c.rankFlags.silences(w)...)...), []silence{
		{[]string{"out", "record", "runs", "tensorboard", "checkpoint", "checkpoint-every", "keep", "resume", "json", "quiet", "every", "sample-every", "sample-tokens", "prompt"},
			c.Plan, "has no effect, since --plan makes no run"},
		c.choicesFlags.silence(),
		{[]string{"layers", "heads", "width", "preset"}, c.Init != "", "is for a new model, and --init goes on with one"},
		{[]string{"layers", "heads", "width"}, c.Preset != "", "is for a shape of your own, and --preset names one"},
		{[]string{"batch"}, e.Batch >= 0, "has no effect, since the method has a batch of its own"},
		{[]string{"sampling"}, e.Batch == 0, "has no effect, since every step takes all windows"},
		{[]string{"sample-every", "prompt"}, c.SampleTokens == 0, "is for samples, and --sample-tokens 0 writes none"},
		{[]string{"sample-every", "sample-tokens", "prompt"}, c.Quiet, "is for samples, and --quiet writes none"},
		{[]string{"every"}, c.Validation == "0" && c.Quiet && c.Choices == "", "is for measurements, and --validation 0 makes none"},
	}...)
}

// sampler writes texts of a model while it is trained.
type sampler struct {
	w       *world
	command *pretrainCmd
	of      *generation
}

// write writes a text of the model with the parameters x, after step k.
func (s *sampler) write(k int, x []float32) error {
	if s.command.Quiet || s.command.SampleTokens == 0 {
		return nil
	}
	s.of.generator = gpt.NewGenerator(s.of.model, x)
	text := slices.Clone(s.of.prompt)
	_, err := s.of.sample(s.w, gpt.Sampling{Temperature: 1, TopK: 50, Seed: s.command.Seed}, s.command.SampleTokens, func(token uint32) error {
		text = append(text, token)
		return nil
	})
	if err != nil {
		return err
	}
	words, err := s.of.encoding.Decode(nil, text...)
	if err == nil {
		s.w.say("--- step %d: %s\n---\n", k, words)
	}
	return err
}
