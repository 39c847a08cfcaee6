package cli

import (
	"errors"
	"fmt"
	"io"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"

	"github.com/BurntSushi/toml"
	"github.com/alecthomas/kong"

	"steepest/internal/suggest"
	"steepest/methods"
)

// configArg is the argument of a command that names a settings file: TOML whose keys are the long flags. The command line
// overrides the file.
type configArg struct {
	Config string `arg:"" optional:"" placeholder:"CONFIG.toml" help:"File of settings, named like the flags; the flags given here override it."`
}

// BeforeResolve passes the settings of the file to kong.
func (configArg) BeforeResolve(ctx *kong.Context) error {
	for _, p := range ctx.Path {
		if p.Positional != nil && p.Positional.Name == "config" {
			settings, err := readConfig(ctx.Value(p).String(), ctx.Selected())
			if err != nil {
				return err
			}
			ctx.AddResolver(kong.ResolverFunc(func(_ *kong.Context, _ *kong.Path, flag *kong.Flag) (any, error) {
				return settings[flag.Name], nil
			}))
		}
	}
	return nil
}

// longestConfig is the largest size of a settings file, in bytes.
const longestConfig = 1 << 20

// readConfig reads a settings file. The keys of the result are the names of the command's flags.
func readConfig(path string, command *kong.Node) (map[string]any, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, usage(configHint(path, command), "%w", unreadable("configuration", path, err))
	}
	defer file.Close()
	text, err := io.ReadAll(io.LimitReader(file, longestConfig+1))
	switch {
	case err != nil:
		return nil, usage(configHint(path, command), "%w", unreadable("configuration", path, err))
	case len(text) > longestConfig:
		return nil, usage(configHint(path, command), "%s is longer than %d MiB, and no configuration", path, longestConfig>>20)
	}
	return parseConfig(path, text, command)
}

// parseConfig is readConfig for the text of a file.
func parseConfig(path string, text []byte, command *kong.Node) (map[string]any, error) {
	var table map[string]any
	meta, err := toml.Decode(string(text), &table)
	if err != nil {
		var parse toml.ParseError
		if errors.As(err, &parse) {
			hint := "a setting is a line such as l2 = 1e-4"
			if !strings.HasSuffix(path, ".toml") {
				hint = configHint(path, command)
			}
			return nil, usage(hint, "%s:%d: %s", path, parse.Position.Line, parse.Message)
		}
		return nil, usage("", "%s: %w", path, err)
	}
	settings := make(map[string]any)
	for _, place := range meta.Keys() {
		key := place[0] // a table has longer places, and setting refuses it at its first
		value := table[key]
		name, value, err := setting(key, value, command)
		if err != nil {
			return nil, usage("steepest "+command.Name+" -h lists the settings, as flags", "%s:%d: %w", path, lineOf(key, text), err)
		}
		if settings[name] != nil {
			return nil, usage("keep one of them", "%s:%d: the setting %s is given twice, under two names", path, lineOf(key, text), name)
		}
		settings[name] = value
	}
	return settings, nil
}

// configHint returns a hint for a user who gave data or a method in place of a settings file.
func configHint(path string, command *kong.Node) string {
	_, noMethod := methods.Find(path)
	switch {
	case noMethod == nil && command.Name == "compare":
		return fmt.Sprintf("for a method write steepest compare --method %s", path)
	case noMethod == nil:
		return "steepest compare runs more than one method"
	case strings.Contains(path, "="):
		return fmt.Sprintf("options follow the method after a colon, as in sgd:%s", path)
	case path == "":
		return fmt.Sprintf("name a file, or write steepest %s --data NAME", command.Name)
	case !strings.HasSuffix(path, ".toml"):
		return fmt.Sprintf("for a data set write steepest %s --data %s", command.Name, path)
	}
	return "check the path"
}

// setting returns the name of the flag that a key stands for, and the value in the form that kong expects. A value that the flag
// does not take is an error.
func setting(key string, value any, command *kong.Node) (string, any, error) {
	switch value.(type) {
	case map[string]any, []map[string]any:
		return "", nil, fmt.Errorf("settings stand in no table, and %q is one", key)
	}
	for _, f := range command.Flags {
		if key != "help" && (f.Name == key || slices.Contains(f.Aliases, key)) {
			value, err := inWords(key, value, f)
			if err != nil {
				return "", nil, err
			}
			return f.Name, value, f.Parse(kong.Scan().PushTyped(value, kong.FlagValueToken), reflect.New(f.Target.Type()).Elem())
		}
	}
	names := flagNames(command)
	if word := rightWord(key, names); word != "" {
		return "", nil, fmt.Errorf("unknown setting %q; %s", key, word)
	}
	return "", nil, suggest.Unknown("setting", key, names)
}

// inWords converts the value of a flag to the form it has on the command line: a string, or a list of strings.
func inWords(key string, value any, f *kong.Flag) (any, error) {
	list, isList := value.([]any)
	switch {
	case isList && f.Target.Kind() != reflect.Slice:
		return nil, fmt.Errorf("%s is one value, and not a list", key)
	case !isList:
		return word(key, value, f)
	}
	words, texts := make([]any, len(list)), make([]string, len(list))
	for i, element := range list {
		text, err := word("an element of "+key, element, f)
		if err != nil {
			return nil, err
		}
		words[i], texts[i] = text, text
	}
	if f.Target.Type().Elem().Kind() != reflect.String { // a list of numbers: kong parses it from one string
		return strings.Join(texts, ","), nil
	}
	return words, nil
}

// word converts a string, a number or, for a flag without a value, a boolean to a word of the command line.
func word(key string, value any, f *kong.Flag) (string, error) {
	switch value := value.(type) {
	case string, int64, float64:
		return fmt.Sprint(value), nil
	case bool:
		if f.IsBool() {
			return fmt.Sprint(value), nil
		}
		return "", fmt.Errorf("%s is %v, want a text or a number", key, value)
	case []any:
		return "", fmt.Errorf("%s is a list, want a text or a number", key)
	case map[string]any:
		return "", fmt.Errorf("%s is a table, want a text or a number", key)
	}
	return "", fmt.Errorf("%s is a date or a time of day, want a text or a number", key)
}

// lineOf returns the line number of a key, counted from 1.
func lineOf(key string, text []byte) int {
	at := regexp.MustCompile(`(?m)^[ \t]*\[?["']?` + regexp.QuoteMeta(key) + `["']?[ \t]*[]=.]`).FindIndex(text)
	if at == nil {
		return 1
	}
	return 1 + strings.Count(string(text[:at[0]]), "\n")
}
