package data

import (
	"fmt"
	"unicode/utf8"

	"steepest/internal/plural"
)

// ParseError says where a file breaks its format and what to do about it.
type ParseError struct {
	File   string
	Line   int    // line of a text file, from 1; 0 for a binary file or the whole file
	Column int    // byte within the line, from 1; 0 for the whole line
	Row    int    // row of a table without lines, from 1; 0 for none or the whole file
	Offset int64  // byte within a binary file, after decompression, from 0
	What   string // what is wrong, quoting the file
	Fix    string // what to do about it
}

// Error gives "file:line:column: what; fix", or "file: byte offset: what; fix" or "file: row n: what; fix" for a binary file.
func (e *ParseError) Error() string { return fmt.Sprintf("%s: %s; %s", e.Place(), e.What, e.Fix) }

// Place returns the first part of Error, which says where: "file:line:column", or less if the error is about a line or the file.
func (e *ParseError) Place() string {
	switch {
	case e.Column > 0:
		return fmt.Sprintf("%s:%d:%d", e.File, e.Line, e.Column)
	case e.Line > 0:
		return fmt.Sprintf("%s:%d", e.File, e.Line)
	case e.Row > 0:
		return fmt.Sprintf("%s: row %d", e.File, e.Row)
	case e.Offset > 0:
		return fmt.Sprintf("%s: byte %d", e.File, e.Offset)
	}
	return e.File
}

// noRows returns the error for a file without rows.
func noRows(file string) error {
	return &ParseError{File: file, What: "there is no row in the file", Fix: "check that it is the right file and complete"}
}

// quote quotes a part of a file, and shortens it if it is too long for a message.
func quote[T string | []byte](text T) string {
	const most = 40
	s := string(text[:min(len(text), most+utf8.UTFMax)])
	if len(s) <= most {
		return fmt.Sprintf("%q", s)
	}
	end := most
	for end > most-utf8.UTFMax && !utf8.RuneStart(s[end]) {
		end--
	}
	return fmt.Sprintf("%q...", s[:end])
}

// isOrAre formats a number of things with its verb: "is 1 label", "are 2 labels".
func isOrAre(n int, thing string) string {
	if n == 1 {
		return "is 1 " + thing
	}
	return "are " + plural.Of(n, thing)
}
