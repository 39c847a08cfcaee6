package methods

import (
	"slices"
	"testing"
)

// TestWordsElsewhere: what a word of another library is answered with exists, and the word itself does not.
func TestWordsElsewhere(t *testing.T) {
	options := preparationNames()
	for _, m := range All() {
		options = append(options, optionNames(m)...)
	}
	for word, here := range optionsElsewhere {
		if !slices.Contains(options, here) {
			t.Errorf("%s → %s, which no method has", word, here)
		}
	}
	for word, here := range methodsElsewhere {
		if _, err := Find(here); err != nil {
			t.Errorf("%s → %v", word, err)
		}
		if _, err := Find(word); err == nil {
			t.Errorf("%s is a method", word)
		}
	}
}
