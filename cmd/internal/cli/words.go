package cli

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/alecthomas/kong"

	"steepest/methods"
	"steepest/optim"
)

// flagsElsewhere maps the names of flags in other programs to the names here. If there are several, a command has at most one of them.
var flagsElsewhere = map[string]string{
	"batch-size": "batch", "batchsize": "batch", "minibatch": "batch", "bs": "batch",
	"n-epochs": "epochs", "num-epochs": "epochs", "passes": "epochs",
	"max-steps": "steps", "num-steps": "steps", "max-iter": "steps", "max-iters": "steps", "iterations": "steps", "iters": "steps",
	"max-time": "time", "timeout": "time", "log-every": "every", "eval-every": "every",
	"optimizer": "method", "optim": "method", "algorithm": "method", "solver": "method",
	"dataset": "data", "input": "data", "train": "data", "file": "data", "objective": "loss", "criterion": "loss",
	"regularization": "l2", "reg": "l2", "lambda": "l2", "reg-lambda": "l2", "l2-regularization": "l2", "l1-regularization": "l1",
	"random-state": "seed", "random-seed": "seed", "n-seeds": "seeds", "n-trials": "trials",
	"fit-intercept": "intercept", "bias": "intercept", "normalize": "scale", "standardize": "scale", "scaling": "scale",
	"sep": "delimiter", "separator": "delimiter", "na-values": "missing", "decimal-point": "decimal",
	"usecols": "columns", "features": "columns", "feature-columns": "columns", "drop-columns": "drop", "ignore-columns": "drop", "exclude": "drop",
	"cat-features": "categorical", "categorical-features": "categorical", "categorical-columns": "categorical", "one-hot": "categorical",
	"handle-unknown": "ignore-unknown", "target-column": "label", "validation-split": "validation", "val": "validation",
	"early-stopping": "patience", "hidden-layers": "hidden", "layers": "hidden", "dtype": "precision", "init": "start", "x0": "start",
	"n-layer": "layers", "num-layers": "layers", "depth": "layers", "n-head": "heads", "num-heads": "heads", "n-embd": "width", "d-model": "width",
	"block-size": "context", "seq-len": "context", "sequence-length": "context", "pretrained": "init", "finetune": "init", "eval-interval": "every",
	"out-dir": "out", "output-dir": "out", "val-tokens": "validation", "checkpoint-dir": "checkpoint", "tokenizer": "encoding", "sample-interval": "sample-every",
	"logdir": "runs", "log-dir": "runs", "save": "model", "save-model": "model", "log": "record", "shuffle": "sampling", "tol": "target", "tolerance": "target",
	"output": "out report model", "output-file": "out report model", "save-to": "out report model",
	"max-new-tokens": "tokens", "max-tokens": "tokens", "max-length": "tokens", "n-predict": "tokens", "length": "tokens",
	"num-samples": "samples", "num-return-sequences": "samples", "temp": "temperature",
}

// commandsElsewhere maps the names of commands in other programs to the names here.
var commandsElsewhere = map[string]string{
	"train": "fit", "learn": "fit", "run": "minimize", "optimize": "minimize", "solve": "fit",
	"race": "compare", "tune": "compare", "benchmark": "bench", "suite": "bench", "profile": "bench",
	"eval": "evaluate", "test": "predict", "score": "predict", "infer": "predict",
	"finetune": "pretrain", "fine-tune": "pretrain", "gpt": "pretrain",
	"sample": "generate", "complete": "generate", "text": "generate",
	"list": "methods", "optimizers": "methods", "datasets": "data",
}

// unknownName matches the name in kong's errors for a flag or a command that does not exist.
var unknownName = regexp.MustCompile(`^(unknown flag|unexpected argument) (?:--)?([^ ,=]+)`)

// kongWords replaces words of kong's errors: the token after the last argument, and the empty default in a list of choices.
var kongWords = strings.NewReplacer(`"EOL" (<EOL>)`, "the end of the command line", `,"" but got`, " but got")

// inOurWords adds our name to an error of kong about a name from another program: of a flag, an argument or a command. Command is nil if the
// command line names none.
func inOurWords(err error, command *kong.Node) error {
	if rest, found := strings.CutPrefix(err.Error(), "unexpected argument "); found && (rest == "" || strings.HasPrefix(rest, ", did you mean ")) {
		return errors.New(`unexpected argument ""`)
	}
	found := unknownName.FindStringSubmatch(err.Error())
	if found == nil {
		return worded{err, kongWords.Replace(err.Error())}
	}
	kind, name := found[1], found[2]
	switch {
	case kind == "unexpected argument" && command == nil && commandsElsewhere[name] != "":
		return fmt.Errorf("unexpected argument %s; that is steepest %s here", name, commandsElsewhere[name])
	case kind == "unexpected argument" && command != nil && slices.Contains(flagNames(command), "data") && (isEmbedded(name) || isFile(name)):
		return fmt.Errorf("unexpected argument %s; data are given by --data %s", name, name)
	case kind == "unknown flag" && command != nil && isArgument(name, command):
		return fmt.Errorf("unknown flag --%s; the %s is an argument, without a flag in front", name, name)
	case kind == "unknown flag" && command != nil:
		if word := rightWord(name, flagNames(command)); word != "" {
			return fmt.Errorf("unknown flag --%s; %s", name, word)
		}
	}
	return err
}

// isArgument reports whether a command has an argument of this name.
func isArgument(name string, command *kong.Node) bool {
	return slices.ContainsFunc(command.Positional, func(p *kong.Positional) bool { return p.Name == name })
}

// flagNames returns the names of the flags of a command.
func flagNames(command *kong.Node) (names []string) {
	for _, f := range command.Flags {
		names = append(names, f.Name)
	}
	return names
}

// rightWord returns a hint for the name of a flag or setting that a command does not have; known lists those that it has. It returns "" if
// nothing is better than the most similar flag.
func rightWord(name string, known []string) string {
	word := strings.ReplaceAll(strings.ToLower(name), "_", "-")
	for right := range strings.FieldsSeq(flagsElsewhere[word]) {
		if slices.Contains(known, right) {
			return fmt.Sprintf("it is called %s here", right)
		}
	}
	if slices.Contains(known, word) {
		return fmt.Sprintf("it is written %s", word)
	}
	option := methods.OptionHere(word)
	for _, m := range methods.All() {
		if slices.ContainsFunc(optim.Fields(m.Rule), func(f optim.Field) bool { return f.Name == option }) {
			return fmt.Sprintf("it belongs to the method, as in %s:%s=…", m.Name, option)
		}
	}
	return ""
}
