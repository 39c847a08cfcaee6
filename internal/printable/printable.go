// Package printable makes text from files safe to show on a terminal.
package printable

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Text returns s with some characters written out, as \x1b or \u202e: those that control a terminal, change the direction of a line, end
// a line or are invisible, and bytes that are not UTF-8. The joiners of letters and of emoji stay.
func Text(s string) string { return escaped(s, steers) }

// Lines is Text for several lines: ends of lines and tabs stay.
func Lines(s string) string {
	return escaped(s, func(r rune) bool { return r != '\n' && r != '\t' && steers(r) })
}

// Is reports whether Text would leave s as it is.
func Is(s string) bool { return Text(s) == s }

func steers(r rune) bool {
	format := unicode.Is(unicode.Cf, r) && !unicode.In(r, unicode.Join_Control, unicode.Prepended_Concatenation_Mark)
	return format || unicode.In(r, unicode.Cc, unicode.Zl, unicode.Zp)
}

func escaped(s string, steers func(rune) bool) string {
	if utf8.ValidString(s) && strings.IndexFunc(s, steers) < 0 {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); {
		r, size := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == utf8.RuneError && size == 1, steers(r) && r < utf8.RuneSelf:
			fmt.Fprintf(&b, `\x%02x`, s[i])
		case steers(r) && r > 0xffff:
			fmt.Fprintf(&b, `\U%08x`, r)
		case steers(r):
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			b.WriteString(s[i : i+size])
		}
		i += size
	}
	return b.String()
}
