package data

import (
	"fmt"
	"unicode/utf8"
)

// ParseError says where a file breaks its format and what to do about it.
type ParseError struct {
	File   string
	Line   int    // line of a text file, from 1; 0 in a binary file, or where the whole file is meant
	Column int    // byte within the line, from 1; 0 where the whole line is meant
	Row    int    // row of a table without lines, from 1; 0 where there is none, or where the whole file is meant
	Offset int64  // byte within a binary file, after decompression, from 0
	What   string // what is wrong, quoting the file
	Fix    string // what to do about it
}

// Error gives "file:line:column: what; fix", or "file: byte offset: what; fix" or "file: row n: what; fix" for a binary file.
func (e *ParseError) Error() string { return fmt.Sprintf("%s: %s; %s", e.Place(), e.What, e.Fix) }

// Place gives the part of Error before what is wrong: "file:line:column", or less where less is meant.
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

// noRows is the error for a file that says nothing.
func noRows(file string) error {
	return &ParseError{File: file, What: "there is no row in the file", Fix: "check that it is the right file and complete"}
}

// quote quotes a piece of a file, and cuts it where it is too long for a message.
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

// count gives n things in words: "1 column", "2 columns".
func count(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}

// isOrAre gives n things with their verb: "is 1 label", "are 2 labels".
func isOrAre(n int, thing string) string {
	if n == 1 {
		return "is 1 " + thing
	}
	return "are " + count(n, thing)
}
