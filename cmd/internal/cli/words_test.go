package cli

import (
	"slices"
	"testing"

	"github.com/alecthomas/kong"
)

// TestWordsElsewhere: what a word of another program is answered with exists, and the word itself does not.
func TestWordsElsewhere(t *testing.T) {
	parser := kong.Must(&commands{}, kong.ExplicitGroups(groups))
	var flags, names []string
	for _, command := range parser.Model.Leaves(false) {
		flags, names = append(flags, flagNames(command)...), append(names, command.Name)
	}
	for word, flag := range flagsElsewhere {
		if !slices.Contains(flags, flag) || slices.Contains(flags, word) {
			t.Errorf("--%s → --%s", word, flag)
		}
	}
	for word, command := range commandsElsewhere {
		if !slices.Contains(append(names, "--help"), command) || slices.Contains(names, word) {
			t.Errorf("%s → %s", word, command)
		}
	}
}
