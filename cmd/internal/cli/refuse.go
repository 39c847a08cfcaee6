package cli

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/alecthomas/kong"

	"steepest/compare"
	"steepest/data"
	"steepest/train"
)

// flagsOf returns the names of the flags in the command line or the settings file, except flags that are set to false.
func flagsOf(parsed *kong.Context) map[string]bool {
	given := make(map[string]bool)
	for _, p := range parsed.Path {
		if p.Flag != nil && parsed.FlagValue(p.Flag) != false {
			given[p.Flag.Name] = true
		}
	}
	return given
}

// refuseValues returns an error for an empty value, as from an unset variable of the shell, and for a number out of the range of its flag.
// Only --report may be empty, which means no report. Of methods for a single run, a second one is an error.
func refuseValues(parsed *kong.Context) error {
	method := false // whether the command line has named one
	for _, p := range parsed.Path {
		if p.Flag == nil {
			continue
		}
		if p.Flag.Name == "method" && !p.Flag.IsCumulative() && !p.Resolved {
			if method {
				return usage("steepest compare runs more than one method", "--method is given twice")
			}
			method = true
		}
		switch name, value := p.Flag.Name, parsed.FlagValue(p.Flag); {
		case isEmpty(value) && name != "report":
			return usage("name something, or drop the flag", "--%s is empty", name)
		case slices.Contains(positive, name) && !isFrom(1, value):
			return usage("drop the flag for its default", "--%s is %v, want a positive number", name, inDigits(value))
		case slices.Contains(notNegative, name) && !isFrom(0, value):
			return usage("drop the flag for its default", "--%s is %v, want a number of at least 0", name, inDigits(value))
		}
	}
	return nil
}

// The flags whose numbers must be positive, and those whose numbers must not be negative.
var (
	positive = []string{"epochs", "steps", "time", "every", "target", "rank", "hidden", "min-features", "validation", "patience", "seeds", "keep",
		"delta", "context", "sample-every", "micro-batches", "questions", "path", "cv", "bits"}
	notNegative = []string{"l1", "l2", "trials"}
)

// isFrom reports whether the numbers of a flag are positive if least is 1, or not negative if least is 0.
func isFrom(least int, value any) bool {
	v := reflect.Indirect(reflect.ValueOf(value))
	switch {
	case v.CanInt():
		return v.Int() >= int64(least)
	case v.CanFloat():
		return v.Float() > 0 || v.Float() == 0 && least == 0
	case v.Kind() == reflect.Slice:
		for i := range v.Len() {
			if !isFrom(least, v.Index(i).Interface()) {
				return false
			}
		}
	}
	return true
}

// inDigits returns the value of a flag as text.
func inDigits(value any) string {
	v := reflect.Indirect(reflect.ValueOf(value))
	if v.IsZero() {
		return "0" // not 0s
	}
	return strings.Join(strings.Fields(strings.Trim(fmt.Sprint(v.Interface()), "[]")), ",")
}

// isEmpty reports whether a value is an empty text or list.
func isEmpty(value any) bool {
	v := reflect.ValueOf(value)
	return (v.Kind() == reflect.String || v.Kind() == reflect.Slice) && v.Len() == 0
}

// A silence says which flags have no effect, when, and why.
type silence struct {
	flags []string
	holds bool
	why   string
}

// refuse returns an error for the first given flag that has no effect.
func (w *world) refuse(list ...silence) error {
	for _, s := range list {
		for _, flag := range s.flags {
			if s.holds && w.given[flag] {
				return usage("drop --"+flag, "--%s %s", flag, s.why)
			}
		}
	}
	return nil
}

// perFormat are the flags for reading files of one format.
var perFormat = map[data.Format][]string{
	data.CSV:     append([]string{"header", "delimiter", "decimal"}, columnFlags...),
	data.Parquet: columnFlags,
	data.LIBSVM:  {"zero-based", "min-features"},
	data.VW:      {"bits", "hash-all", "interactions"},
	data.IDX:     {"labels"},
}

// columnFlags are the flags for formats whose columns have names and may hold words.
var columnFlags = []string{"label", "columns", "drop", "categorical", "missing", "impute", "ignore-unknown", "weights"}

// formatName returns the name of a format in a sentence.
func formatName(f data.Format) string {
	if f == data.Parquet {
		return "Parquet"
	}
	return strings.ToUpper(string(f))
}

// readingFlags are all flags for reading files.
var readingFlags = slices.Concat([]string{"format"}, perFormat[data.CSV], perFormat[data.LIBSVM], perFormat[data.VW], perFormat[data.IDX])

// refuseReading returns an error for a flag that applies to none of the files that were read.
func (w *world) refuseReading(sets ...*data.Set) error {
	var formats []data.Format // of the files
	for _, set := range sets {
		if set.Format != "" {
			formats = append(formats, set.Format)
		}
	}
	name := sets[0].Name
	if formats == nil {
		return w.refuse(silence{readingFlags, true, fmt.Sprintf("is for files, and the data set %s is embedded and needs no reading", name)})
	}
	var list []silence
	for _, format := range []data.Format{data.CSV, data.LIBSVM, data.VW, data.IDX} {
		var flags []string // flags that apply to none of the files
		for _, flag := range perFormat[format] {
			if !slices.ContainsFunc(formats, func(f data.Format) bool { return slices.Contains(perFormat[f], flag) }) {
				flags = append(flags, flag)
			}
		}
		list = append(list, silence{flags, true, fmt.Sprintf("is for files in %s, and %s is read as %s", formatName(format), name, formatName(formats[0]))})
	}
	return w.refuse(append(list, silence{[]string{"ignore-unknown"}, !slices.ContainsFunc(sets, hasCategories), "is for columns of categories, and there are none"})...)
}

func hasCategories(set *data.Set) bool {
	return set.Columns != nil && slices.ContainsFunc(set.Columns.Features, func(c data.Column) bool { return c.Categories != nil })
}

// silences returns when flags that define the problem have no effect.
func (f *problemFlags) silences() []silence {
	return []silence{
		{slices.Concat([]string{"data", "loss", "delta", "l2", "l1", "scale", "intercept", "rank", "test", "validation", "class-weight", "hidden", "activation", "layer-norm", "no-bias"}, readingFlags),
			f.Function != "", "is for data, and --function has none"},
		{[]string{"batch", "sampling"}, f.Function != "" && f.Noise == 0, "is for sums of many terms, and --function without --noise is one term"},
		{[]string{"ignore-unknown"}, f.Test == "" && f.Validation == 0 && !data.IsCache(find(f.Data)),
			"is for rows that the model is not fitted to, and there is neither --test nor --validation"},
		{[]string{"noise"}, f.Function == "", "is for --function"},
		{[]string{"kappa"}, f.Function != "quadratic", "is for --function quadratic"},
		{[]string{"activation", "layer-norm", "no-bias"}, len(f.Hidden) == 0, "is for networks, and there is no --hidden"},
		{[]string{"delta"}, f.Loss != "huber", "is for --loss huber"},
		{[]string{"weights", "class-weight"}, len(f.Hidden) > 0, "is for linear models, and --hidden makes a network"},
		{[]string{"loss", "hidden", "test", "validation", "weights", "class-weight"}, f.Rank != 0, "is for labels, and --rank looks at the features alone"},
	}
}

// silences returns when flags for checkpoints have no effect.
func (f *checkpointFlags) silences() []silence {
	return []silence{{[]string{"keep", "checkpoint-every", "resume"}, f.Checkpoint == "", "is for checkpoints, and there is no --checkpoint DIR"}}
}

// silences returns when flags for runs have no effect with some methods.
func (f *runFlags) silences(entrants []compare.Entrant) []silence {
	all := func(is func(e compare.Entrant) bool) bool {
		return !slices.ContainsFunc(entrants, func(e compare.Entrant) bool { return !is(e) })
	}
	name := entrants[0].Method.Name
	return []silence{
		{[]string{"batch"}, all(func(e compare.Entrant) bool { return e.Batch == 0 && e.Method.FullBatch }),
			fmt.Sprintf("has no effect, since %s takes all terms unless told otherwise, as by %s:batch=32", name, name)},
		{[]string{"batch"}, all(func(e compare.Entrant) bool { return e.Batch >= 0 }), "has no effect, since the method has a batch of its own"},
		{[]string{"sampling"}, all(func(e compare.Entrant) bool { return e.Batch == 0 || e.Batch < 0 && f.Batch == "full" }),
			"has no effect, since every step takes all terms"},
		{[]string{"average"}, all(func(e compare.Entrant) bool { return e.Average != nil }), "has no effect, since the method has an average of its own"},
		{[]string{"step"}, all(func(e compare.Entrant) bool { return e.Given["lr"] != "" || e.Theory }), "has no effect, since the method has a step size of its own, lr"},
	}
}

// silences returns when flags of minimize have no effect with a method.
func (c *minimizeCmd) silences(w *world, e compare.Entrant) []silence {
	list := []silence{{[]string{"model", "record", "runs", "tensorboard", "checkpoint", "checkpoint-every", "keep", "resume", "json", "quiet", "start", "every", "target", "best", "patience", "progressive"},
		c.Plan, "has no effect, since --plan makes no run"},
		{[]string{"progressive"}, c.Function != "", "is for rows that are learnt, and a function has none"},
		{[]string{"progressive"}, w.given["sampling"] && c.Sampling == train.WithReplacement.String(),
			"measures rows before they are learnt, and --sampling with-replacement draws some of them again"},
		{[]string{"target"}, c.Progressive, "has no effect, since --progressive does not measure f"},
		{[]string{"cache"}, c.Function != "", "is for data, and a function has none"},
	}
	return slices.Concat(list, c.problemFlags.silences(), c.checkpointFlags.silences(), c.runFlags.silences([]compare.Entrant{e}), c.localFlags.silences(w), c.rankFlags.silences(w))
}

// silences returns when flags of compare have no effect with some methods.
func (c *compareCmd) silences(entrants []compare.Entrant) []silence {
	const language = "is for a language model, and there is no --text"
	noFigure, noTrials := c.SVG == "" && c.PNG == "", !slices.ContainsFunc(entrants, compare.Entrant.Tunable)
	return slices.Concat([]silence{
		{[]string{"preset", "layers", "heads", "width", "context", "products", "encoding", "special", "separator", "field", "column", "choices", "questions"}, c.Text == "", language},
		{slices.Concat([]string{"data", "function", "kappa", "noise", "loss", "delta", "l2", "l1", "scale", "intercept", "hidden", "activation", "layer-norm", "no-bias",
			"rank", "test", "weights", "class-weight"}, readingFlags), c.Text != "", "is for data and functions, and --text is a problem of its own"},
		{[]string{"start"}, c.Text != "", "has no effect, since a language model starts from PyTorch's numbers for the seed"},
		{[]string{"precision"}, c.Text != "", "has no effect, since language models are trained in float32"},
		{[]string{"step", "bounds", "no-optimum"}, c.Text != "", "has no effect, since no theorem knows the constants of a language model, nor its f*"},
		{[]string{"regions"}, c.Text != "", "is for data of two features and classes"},
		c.choicesFlags.silence(),
		{[]string{"layers", "heads", "width"}, c.Preset != "", "is for a shape of your own, and --preset names one"},
	}, c.problemFlags.silences(), c.checkpointFlags.silences(), c.runFlags.silences(entrants), []silence{
		{[]string{"step"}, len(c.Hidden) > 0, "has no effect, since no theorem knows the constants of a network"},
		{[]string{"bounds", "step"}, c.NoOptimum, "needs f*, which --no-optimum does not look for"},
		{[]string{"bounds", "no-optimum"}, len(c.Hidden) > 0, "has no effect, since f* of a network is not known"},
		{[]string{"tune-by"}, c.Trials == 0, "is for trials, and --trials 0 makes none"},
		{[]string{"untuned"}, c.Trials == 0, "compares methods without tuning with tuned ones, and --trials 0 tunes none"},
		{[]string{"untuned"}, noTrials, "compares methods without tuning with tuned ones, and none has a setting to tune that is not given"},
		{[]string{"trials", "tune-by"}, noTrials && c.Trials > 0, "has no effect, since no method has a setting to tune that is not given"},
		{[]string{"panels"}, noFigure, "is for --svg and --png, and there is neither"},
		{[]string{"x-axis", "y-axis"}, c.Report == "" && noFigure, "is for --report, --svg and --png, and none is written"},
		{[]string{"x-axis", "y-axis"}, c.Report == "" && c.Panels != "", "is for the report and for a figure without --panels"},
		{[]string{"title"}, c.JSON && c.Report == "" && noFigure && c.Regions == "", "is for the table, the report and the figures, and --json alone is written"},
	})
}
