package cli

import (
	"io"
	"slices"
	"strings"
	"testing"

	"steepest/data/datatest"
)

// TestWordsElsewhere: each word of another program has an answer that exists, in a command that does not have the word itself.
func TestWordsElsewhere(t *testing.T) {
	parser := newParser(new(commands), io.Discard, io.Discard, nil)
	var names []string
	found := make(map[string]bool)
	for _, command := range parser.Model.Leaves(false) {
		names = append(names, command.Name)
		flags := flagNames(command)
		for word, names := range flagsElsewhere {
			right := slices.DeleteFunc(strings.Fields(names), func(flag string) bool { return !slices.Contains(flags, flag) })
			for _, flag := range right {
				found[word+" "+flag] = found[word+" "+flag] || !slices.Contains(flags, word)
			}
		}
	}
	for word, names := range flagsElsewhere {
		for flag := range strings.FieldsSeq(names) {
			if !found[word+" "+flag] {
				t.Errorf("--%s → --%s", word, flag)
			}
		}
	}
	for word, command := range commandsElsewhere {
		if !slices.Contains(names, command) || slices.Contains(names, word) {
			t.Errorf("%s → %s", word, command)
		}
	}
}

// TestLossesElsewhere: each loss of another program is answered with one of our losses, and is not itself one of them.
func TestLossesElsewhere(t *testing.T) {
	set := datatest.Load(t, "breast-cancer")
	for word, here := range lossesElsewhere {
		ours, other := &problemFlags{sampleFlags: sampleFlags{Loss: here, Delta: 1}}, &problemFlags{sampleFlags: sampleFlags{Loss: word, Delta: 1}}
		if _, err := ours.newTarget(set); err != nil {
			t.Errorf("%s → %s: %v", word, here, err)
		}
		if _, err := other.newTarget(set); err == nil || !strings.Contains(err.Error(), "called "+here+" here") {
			t.Errorf("%s: %v", word, err)
		}
	}
}
