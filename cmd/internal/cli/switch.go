package cli

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/alecthomas/kong"

	"steepest/methods"
)

// A switch is a flag without a value, such as --impute. Its value, as in --impute=mean or --impute mean, is an error that says what the switch does.

// notBoolean matches kong's error for a value behind the = of a switch.
var notBoolean = regexp.MustCompile(`^--([a-z0-9-]+): bool value must be .* but got "(.*)"$`)

// truths are the words that people give to switches.
var truths = []string{"true", "false", "yes", "no", "on", "off", "1", "0"}

// blameValue returns an error about the value of a switch if err comes from one; otherwise it returns err. A word behind a switch is its value
// if kong does not expect the word, if it stands in place of the word that kong does not expect and names nothing, or if it is a truth value
// that err quotes.
func blameValue(err error, args []string, command *kong.Node) error {
	if err == nil || command == nil {
		return err
	}
	if found := notBoolean.FindStringSubmatch(err.Error()); found != nil {
		if at := slices.IndexFunc(command.Flags, func(f *kong.Flag) bool { return f.Name == found[1] }); at >= 0 {
			return takesNoValue(command.Flags[at], found[2])
		}
		return err // --help is a flag of the program
	}
	unexpected := ""
	if found := unknownName.FindStringSubmatch(err.Error()); found != nil && found[1] == "unexpected argument" {
		unexpected = found[2]
	}
	for i, word := range args[1:] {
		if args[i] == "--" {
			break
		}
		at := slices.IndexFunc(command.Flags, func(f *kong.Flag) bool {
			return f.IsBool() && (args[i] == "--"+f.Name || f.Short != 0 && args[i] == "-"+string(f.Short))
		})
		if at < 0 {
			continue
		}
		switch {
		case word != "" && word == unexpected,
			isKnown(unexpected) && !isKnown(word) && !strings.HasPrefix(word, "-"),
			slices.Contains(truths, word) && strings.Contains(err.Error(), fmt.Sprintf("%q", word)):
			return takesNoValue(command.Flags[at], word)
		}
	}
	return err
}

// takesNoValue returns the error for the value of a switch.
func takesNoValue(f *kong.Flag, value string) error {
	return usage("--"+f.Name+" alone: "+f.Help, "--%s takes no value, and %s is given", f.Name, cmp.Or(value, `""`))
}

// isKnown reports whether a word names a file, an embedded data set or a method.
func isKnown(word string) bool {
	_, err := methods.Find(word)
	return word != "" && (err == nil || isFile(word) || isEmbedded(word))
}
