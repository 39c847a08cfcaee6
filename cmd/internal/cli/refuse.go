package cli

import (
	"reflect"
	"slices"

	"github.com/alecthomas/kong"
)

// flagsOf returns the names of the flags that the command line or a configuration gives.
func flagsOf(parsed *kong.Context) map[string]bool {
	given := make(map[string]bool)
	for _, p := range parsed.Path {
		if p.Flag != nil {
			given[p.Flag.Name] = true
		}
	}
	return given
}

// refuseEmpty returns an error for a flag that is given without a word, as a shell does with a variable that is not set, or a budget of
// nothing. The report alone may be "", which stands for none.
func refuseEmpty(parsed *kong.Context) error {
	for _, p := range parsed.Path {
		if p.Flag == nil {
			continue
		}
		switch value := parsed.FlagValue(p.Flag); {
		case isEmpty(value) && p.Flag.Name != "report":
			return usage("name something, or drop the flag", "--%s is empty", p.Flag.Name)
		case slices.Contains([]string{"epochs", "steps", "time", "every", "target"}, p.Flag.Name) && reflect.ValueOf(value).IsZero():
			return usage("drop the flag for its default", "--%s is 0, want a positive number", p.Flag.Name)
		}
	}
	return nil
}

// isEmpty reports whether a value is a text or a list of nothing.
func isEmpty(value any) bool {
	v := reflect.ValueOf(value)
	return (v.Kind() == reflect.String || v.Kind() == reflect.Slice) && v.Len() == 0
}

// meaningless are flags that say nothing unless others stand beside them.
var meaningless = []struct {
	flags []string
	where func(f *problemFlags) bool // they say nothing
	why   string
}{
	{
		[]string{"data", "loss", "delta", "l2", "l1", "scale", "intercept", "rank", "format", "label", "columns", "drop", "categorical", "header", "delimiter", "decimal", "missing",
			"impute", "zero-based", "min-features", "labels", "test", "validation", "hidden", "activation", "layer-norm", "no-bias"},
		func(f *problemFlags) bool { return f.Function != "" }, "is for data, and --function has none",
	},
	{
		[]string{"ignore-unknown"}, func(f *problemFlags) bool { return f.Test == "" && f.Validation == 0 },
		"is for rows that the model is not fitted to, and there is neither --test nor --validation",
	},
	{[]string{"kappa"}, func(f *problemFlags) bool { return f.Function != "quadratic" }, "is for --function quadratic"},
	{
		[]string{"activation", "layer-norm", "no-bias"}, func(f *problemFlags) bool { return len(f.Hidden) == 0 },
		"is for networks, and there is no --hidden",
	},
	{[]string{"delta"}, func(f *problemFlags) bool { return f.Loss != "huber" }, "is for --loss huber"},
	{
		[]string{"loss", "hidden", "test", "validation"}, func(f *problemFlags) bool { return f.Rank != 0 },
		"is for labels, and --rank looks at the features alone",
	},
}

// refuse returns an error for the first flag that is given and says nothing.
func (f *problemFlags) refuse(given map[string]bool) error {
	for _, m := range meaningless {
		for _, flag := range m.flags {
			if given[flag] && m.where(f) {
				return usage("drop one of them", "--%s %s", flag, m.why)
			}
		}
	}
	return nil
}
