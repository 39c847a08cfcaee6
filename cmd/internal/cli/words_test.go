package cli

import (
	"slices"
	"testing"

	"github.com/alecthomas/kong"
)

// TestWordsElsewhere: what a word of another program is answered with exists, and no command with that flag has the word as well.
func TestWordsElsewhere(t *testing.T) {
	parser := kong.Must(&commands{}, kong.ExplicitGroups(groups))
	var names []string
	found := make(map[string]bool)
	for _, command := range parser.Model.Leaves(false) {
		names = append(names, command.Name)
		flags := flagNames(command)
		for word, flag := range flagsElsewhere {
			if has := slices.Contains(flags, flag); has && slices.Contains(flags, word) {
				t.Errorf("%s --%s → --%s", command.Name, word, flag)
			} else if has {
				found[flag] = true
			}
		}
	}
	for word, flag := range flagsElsewhere {
		if !found[flag] {
			t.Errorf("--%s → --%s", word, flag)
		}
	}
	for word, command := range commandsElsewhere {
		if !slices.Contains(append(names, "--help"), command) || slices.Contains(names, word) {
			t.Errorf("%s → %s", word, command)
		}
	}
}
