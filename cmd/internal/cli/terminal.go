package cli

import (
	"io"
	"os"
	"strings"
	"unicode/utf8"

	"github.com/vbauerster/mpb/v8/cwriter"
)

// terminal is an output that knows how wide it is and whether it shows colors.
type terminal struct {
	io.Writer
	tty   bool
	width int // 0 for any
	color bool
}

// newTerminal looks at what w is. NO_COLOR (no-color.org) and TERM=dumb turn colors off.
func newTerminal(w io.Writer) terminal {
	f, ok := w.(*os.File)
	if !ok || !cwriter.IsTerminal(int(f.Fd())) {
		return terminal{Writer: w}
	}
	width, _, _ := cwriter.GetSize(int(f.Fd())) // 0, any width, after an error
	plain := os.Getenv("NO_COLOR") != "" || os.Getenv("TERM") == "dumb"
	return terminal{w, true, width, !plain}
}

// The codes of paint.
const (
	bold  = "1"
	red   = "1;31"
	green = "32"
	cyan  = "36"
)

func (t terminal) paint(code, text string) string {
	if !t.color {
		return text
	}
	return "\x1b[" + code + "m" + text + "\x1b[0m"
}

// wrap breaks text between words into indented lines of at most the terminal's width, or 100 columns.
func (t terminal) wrap(text string, indent int) string {
	width := 100
	if t.width > 0 {
		width = min(width, t.width)
	}
	var b strings.Builder
	used := 0
	for _, word := range strings.Fields(text) {
		n := utf8.RuneCountInString(word)
		switch {
		case used == 0:
			b.WriteString(strings.Repeat(" ", indent))
			used = indent
		case used+1+n > width:
			b.WriteString("\n" + strings.Repeat(" ", indent))
			used = indent
		default:
			b.WriteString(" ")
			used++
		}
		b.WriteString(word)
		used += n
	}
	return b.String() + "\n"
}
