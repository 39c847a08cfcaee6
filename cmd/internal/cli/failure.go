package cli

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/alecthomas/kong"
)

// The exit codes.
const (
	exitOK          = 0
	exitFailure     = 1
	exitUsage       = 2
	exitData        = 3
	exitDiverged    = 4
	exitFault       = 70  // a bug of the program
	exitInterrupted = 130 // by SIGINT; 143 by SIGTERM, 129 by SIGHUP
)

// failure is an error with its exit code and what to do next.
type failure struct {
	code int
	err  error
	hint string
}

func (f *failure) Error() string { return f.err.Error() }
func (f *failure) Unwrap() error { return f.err }

func usage(hint, format string, args ...any) error {
	return &failure{exitUsage, fmt.Errorf(format, args...), hint}
}

func badData(hint, format string, args ...any) error {
	return &failure{exitData, fmt.Errorf(format, args...), hint}
}

// fullDisk is the hint for a full disk, whatever was written.
const fullDisk = "free some space on the disk, or write to another one"

// worded is an error with another message.
type worded struct {
	err  error
	text string
}

func (w worded) Error() string { return w.text }
func (w worded) Unwrap() error { return w.err }

// reworded returns an error of a package with the message that inFlags makes of it.
func reworded(err error) error { return worded{err, inFlags(err.Error())} }

// asWritten names flags in an error by the aliases that the arguments have for them, such as --lambda for --l2.
func asWritten(err error, args []string, command *kong.Node) error {
	if err == nil || command == nil {
		return err
	}
	f := &failure{code: exitFailure, err: err}
	errors.As(err, &f)
	for _, flag := range command.Flags {
		for _, alias := range flag.Aliases {
			if slices.ContainsFunc(args, func(arg string) bool { return arg == "--"+alias || strings.HasPrefix(arg, "--"+alias+"=") }) {
				name := regexp.MustCompile(`(^|[ (,])--` + regexp.QuoteMeta(flag.Name) + `($|[^-\w])`)
				f.err = worded{f.err, name.ReplaceAllString(f.err.Error(), "${1}--"+alias+"$2")}
				f.hint = name.ReplaceAllString(f.hint, "${1}--"+alias+"$2")
			}
		}
	}
	return f
}

// inFlags rewrites a message of a package, which uses Go names, in terms of flags.
func inFlags(message string) string { return asFlags.Replace(packages.ReplaceAllString(message, "$1")) }

// packages matches the names of packages in front of a message, and of a message within it. The same words at the end of a flag, a path or a
// clause stay.
var packages = regexp.MustCompile(`(?m)(^|: )(?:(?:train: recorder|runs|optimum|objective|model|checkpoint|optim|matfun|norm|data|tokens|gpt|nn|train|solver|compare): )+`)

// asFlags replaces Go names by flags.
var asFlags = strings.NewReplacer(
	"set Special to token", "give --special token", "or to text where", "--special text where", "or Separator to it where", "or --separator '<|endoftext|>' where", "set Field to", "give --field",
	"a route whose Takes is nil takes what is left over", "the route rest takes what is left over, as in hidden=muon/rest=adamw",
	"add objective.L2", "give --l2", "set ImputeMean", "give --impute", "set Header", "give --header yes",
	"set Categorical to", "give --categorical", "set Drop to", "give --drop", "set Label to", "give --label", "set IgnoreUnknown", "give --ignore-unknown",
	"Columns, Drop and Categorical", "--columns, --drop and --categorical", "of Drop, or of Columns and Categorical", "of --drop, or of --columns and --categorical", "in Drop", "in --drop", "by Drop", "by --drop", "in Columns", "in --columns",
	"Label names", "--label names", "Interactions: ", "--interactions: ", "Bits is", "--bits is",
	"set Delimiter", "give --delimiter", "set Decimal to", "give --decimal", "set Missing to it", "name it in --missing", "MinFeatures is", "--min-features is", "set Format to csv and Delimiter to", "give --format csv --delimiter", "set Format to", "give --format", "set Labels to their path", "give --labels PATH",
	"set Labels to its path", "give --labels PATH", "set ZeroBased", "give --zero-based", "scale it with MaxAbs", "give --scale maxabs",
)
