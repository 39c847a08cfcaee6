package methods

import (
	"slices"
	"testing"
)

// TestWordsElsewhere: each word of another library is answered by a word that exists here, and does not itself exist here.
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
