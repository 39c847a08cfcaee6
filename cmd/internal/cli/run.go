package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/alecthomas/kong"

	"steepest/internal/printable"
	"steepest/train/dist"
)

// commands is the command line.
type commands struct {
	Compare  compareCmd  `cmd:"" help:"Race methods on one problem, and write a report."`
	Bench    benchCmd    `cmd:"" help:"Race methods on a suite of problems, and draw their performance profile."`
	Minimize minimizeCmd `cmd:"" help:"Run one method; save the model and the record of the run."`
	Fit      fitCmd      `cmd:"" help:"Fit a linear model to a certified accuracy; no step size, no method to choose."`
	Predict  predictCmd  `cmd:"" help:"Predict rows of data with a saved model, and measure the predictions."`
	Inspect  inspectCmd  `cmd:"" help:"Show the contents of a saved model: weights by name, classes, scaling, layers."`
	Data     dataCmd     `cmd:"" help:"List the embedded data sets, or describe one of them, a file, or shards of tokens."`
	Tokenize tokenizeCmd `cmd:"" help:"Turn text into shards of tokens, for language models."`
	Pretrain pretrainCmd `cmd:"" help:"Train a language model on text; save it and the record of the run."`
	Generate generateCmd `cmd:"" help:"Write text with a language model."`
	Evaluate evaluateCmd `cmd:"" help:"Ask a language model questions with several endings, such as HellaSwag's."`
	Lecture  lectureCmd  `cmd:"" help:"Run the claims and figures of the lecture, each with its verdict."`
	Runs     runsCmd     `cmd:"" help:"List, compare, export and remove the runs that --runs has kept."`
	Lab      labCmd      `cmd:"" help:"Serve pages for a browser: runs while they grow, and a playground."`
	Methods  methodsCmd  `cmd:"" help:"List the methods with formula, options, defaults and source."`

	Help       helpCmd       `cmd:"" help:"Explain a topic or a command."`
	Completion completionCmd `cmd:"" help:"Print the completions of bash, zsh or fish."`
	Man        manCmd        `cmd:"" help:"Print the manual page."`
	Version    versionCmd    `cmd:"" help:"Print the version."`
}

// world is the environment of a command, apart from its flags.
type world struct {
	context.Context
	args           []string
	given          map[string]bool // the flags, by name
	kernels        bool            // whether --instructions has chosen the kernels
	restore        func()          // restores the kernels that the command has switched off; nil for none
	stdout, stderr terminal
	late           time.Duration // time before progress is shown
	ranks
	salvage  atomic.Pointer[salvage] // nil if an interruption would keep nothing
	waits    sync.Once               // the warning that the end of a run waits for its disk
	diskFull atomic.Bool             // whether the end of a run could not be written
}

// Main runs the program with its arguments and returns the exit code. A signal ends a command early and keeps what it has; a second signal
// ends the program at once. Also lists additional signals that do so. Open joins the processes of an MPI launcher; it is nil in a program
// without MPI.
func Main(open Open, also ...os.Signal) int {
	w := newWorld(interruptible(also...), os.Args[1:], os.Stdout, os.Stderr)
	w.ranks = ranks{open: open, launcher: dist.Launched()}
	if w.launcher.Rank > 0 {
		w.stdout, w.stderr = newTerminal(io.Discard), newTerminal(io.Discard)
	}
	code := w.execute(w.command)
	if w.group != nil {
		w.group.Exit(code, w.failed)
	}
	return code
}

func newWorld(ctx context.Context, args []string, stdout, stderr io.Writer) *world {
	return &world{Context: ctx, late: late, args: args, stdout: newTerminal(stdout), stderr: newTerminal(stderr)}
}

// run runs the program with some arguments and returns the exit code.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	w := newWorld(ctx, args, stdout, stderr)
	return w.execute(w.command)
}

// command parses the arguments and runs the command.
func (w *world) command() error {
	args, helped := w.args, false
	parser := newParser(new(commands), w.stdout.out, w.stderr.out, func(int) { helped = true })
	if len(args) == 0 {
		args = []string{"--help"}
	}
	args = normalize(args, parser.Model)
	parsed, err := parser.Parse(args)
	switch {
	case helped:
		return nil
	case err != nil:
		return usageError(err, args)
	}
	return asWritten(blameValue(w.start(parsed), args, parsed.Selected()), args, parsed.Selected())
}

// start checks the values of the flags and starts the command.
func (w *world) start(parsed *kong.Context) error {
	if err := refuseValues(parsed); err != nil {
		return err
	}
	w.given = flagsOf(parsed)
	if err := w.refuseRanks(parsed.Selected().Name); err != nil {
		return err
	}
	if err := w.leaveOutput(parsed); err != nil {
		return err
	}
	defer func() {
		if w.restore != nil {
			w.restore()
		}
	}()
	if c, ok := parsed.Selected().Target.Addr().Interface().(interface{ selectKernels(*world) error }); ok {
		if err := c.selectKernels(w); err != nil {
			return err
		}
	}
	return parsed.Run(w)
}

// newParser returns a parser that reads a command line into c. It calls exit after it has printed a help text.
func newParser(c *commands, stdout, stderr io.Writer, exit func(code int)) *kong.Kong {
	parser, err := kong.New(c,
		kong.Name("steepest"),
		kong.Description("Stochastic optimization: methods from SGD to Muon and SOAP, compared on your problem.\n\nsteepest help TOPIC explains "+topicList()+"."),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, WrapUpperBound: 100, FlagsLast: true}),
		kong.ExplicitGroups(groups),
		values(),
		kong.Vars{"problems": namesOf(benchProblems)},
		kong.Writers(stdout, stderr),
		kong.Exit(exit),
	)
	if err != nil {
		panic(err) // the declaration of the commands is wrong
	}
	return parser
}

// grammar returns the declared commands and flags.
func grammar() *kong.Application { return newParser(new(commands), io.Discard, io.Discard, nil).Model }

// usageError turns an error of kong about a command line into a failure whose hint names the help of the command.
func usageError(err error, args []string) error {
	name, command := "steepest", (*kong.Node)(nil)
	var parse *kong.ParseError
	if errors.As(err, &parse) && parse.Context.Selected() != nil {
		command = parse.Context.Selected()
		name += " " + command.Name
	}
	var known *failure
	var file *fs.PathError
	switch blamed := blameValue(err, args, command); {
	case blamed != err:
		err = blamed
	case errors.As(err, &known):
		err = known
	case errors.As(err, &file) && file.Op == "write": // writing the help failed, for example on a full disk
	default:
		err = usage(name+" -h shows what there is", "%w", inOurWords(err, command))
	}
	return asWritten(err, args, command)
}

// say writes a message, which may name files and columns, to the standard error.
func (w *world) say(format string, args ...any) {
	fmt.Fprint(w.stderr, printable.Lines(fmt.Sprintf(format, args...)))
}

// warn writes a warning, which may name files, to the standard error.
func (w *world) warn(format string, args ...any) {
	w.say("%s %s\n", w.stderr.paint(red, "warning:"), fmt.Sprintf(format, args...))
}

// longestError is the largest number of bytes of a message to show.
const longestError = 4000

// shortened leaves out the middle of a message that is too long to read.
func shortened(text string) string {
	if len(text) <= longestError {
		return text
	}
	return strings.ToValidUTF8(text[:longestError/2], "") + " … " + strings.ToValidUTF8(text[len(text)-longestError/2:], "")
}

// report prints an error and returns its exit code. A command without an error whose output could not be written has failed, too.
func (w *world) report(err error) int {
	if err = cmp.Or(err, w.stdout.failed()); err == nil {
		return exitOK
	}
	f := &failure{code: exitFailure, err: err}
	errors.As(err, &f)
	if f.hint == "" && errors.Is(f.err, syscall.ENOSPC) {
		f.hint = fullDisk
	}
	w.failed = f.err.Error()
	fmt.Fprintln(w.stderr, w.stderr.message(w.stderr.paint(red, "error:")+" "+printable.Lines(shortened(w.failed))))
	if f.hint != "" {
		fmt.Fprintln(w.stderr, w.stderr.message(w.stderr.paint(cyan, "hint:")+" "+printable.Lines(f.hint)))
	}
	return f.code
}
