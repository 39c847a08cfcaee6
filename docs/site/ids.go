package main

import (
	"fmt"
	"strings"
	"unicode"

	"github.com/yuin/goldmark/ast"
)

// ids makes the fragments of headings as forges do: letters and digits of any alphabet in lower case, and hyphens for blanks. A fragment
// that is taken gets a number.
type ids map[string]bool

// Generate returns the fragment of a heading.
func (taken ids) Generate(heading []byte, _ ast.NodeKind) []byte {
	fragment := strings.Map(func(r rune) rune {
		switch {
		case r == ' ':
			return '-'
		case unicode.IsLetter(r), unicode.IsDigit(r), r == '-', r == '_':
			return unicode.ToLower(r)
		}
		return -1
	}, strings.TrimSpace(string(heading)))
	id := fragment
	for k := 1; taken[id]; k++ {
		id = fmt.Sprintf("%s-%d", fragment, k)
	}
	taken[id] = true
	return []byte(id)
}

// Put takes a fragment that a page gives itself.
func (taken ids) Put(fragment []byte) { taken[string(fragment)] = true }
