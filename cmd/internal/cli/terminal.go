package cli

import (
	"cmp"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"golang.org/x/term"
)

// terminal is an output with its width, and whether it shows colors.
type terminal struct {
	*screen
	tty   bool
	width int // 0 for any
	color bool
}

// screen is an output with a changing line below the text.
type screen struct {
	out   io.Writer
	mutex sync.Mutex
	last  time.Time // time of the last write
	open  bool      // whether the last write did not end its line
	drawn bool      // whether the line below is drawn
	lost  error     // the first error of a write
}

// Write removes the line below and writes in its place.
func (s *screen) Write(p []byte) (int, error) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.clear()
	if len(p) > 0 {
		s.last, s.open = time.Now(), p[len(p)-1] != '\n'
	}
	n, err := s.out.Write(p)
	s.lost = cmp.Or(s.lost, err)
	return n, err
}

// failed returns the first error of a write.
func (s *screen) failed() error {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return s.lost
}

// wroteSince reports whether something was written since a time.
func (s *screen) wroteSince(then time.Time) bool {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return s.last.After(then)
}

// clear removes the line below.
func (s *screen) clear() {
	if s.drawn {
		fmt.Fprint(s.out, "\r\x1b[K")
		s.drawn = false
	}
}

// below draws the line below the text of a terminal, in place of the line there; "" removes the line.
func (t terminal) below(text string) {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	t.clear()
	if text == "" || t.open {
		return
	}
	if line := []rune(text); t.width > 0 && len(line) >= t.width {
		text = string(line[:t.width-1])
	}
	fmt.Fprint(t.out, text)
	t.drawn = true
}

// newTerminal returns the terminal of a writer. NO_COLOR (no-color.org) and TERM=dumb turn colors off.
func newTerminal(w io.Writer) terminal {
	f, ok := w.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) {
		return terminal{screen: &screen{out: w}}
	}
	width, _, _ := term.GetSize(int(f.Fd())) // after an error 0, which stands for any width
	plain := os.Getenv("NO_COLOR") != "" || os.Getenv("TERM") == "dumb"
	return terminal{&screen{out: w}, true, width, !plain}
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

// message breaks the lines of a long message for a reader at a terminal. Elsewhere, as in a log, a message stays one line.
func (t terminal) message(text string) string {
	if !t.tty {
		return text
	}
	var b strings.Builder
	for line := range strings.Lines(text) {
		b.WriteString(t.wrap(line, 0))
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// columns returns the width of running text: the terminal's, at most 100.
func (t terminal) columns() int {
	const most = 100
	if t.width > 0 {
		return min(most, t.width)
	}
	return most
}

// wrap breaks text between words into indented lines of at most t.columns.
func (t terminal) wrap(text string, indent int) string {
	var b strings.Builder
	for _, line := range brokenAt(" ", strings.Join(strings.Fields(text), " "), t.columns()-indent) {
		b.WriteString(strings.Repeat(" ", indent) + line + "\n")
	}
	return cmp.Or(b.String(), "\n")
}

// spaced is wrap for text whose spaces stay, such as a formula. It breaks lines at double spaces, and elsewhere only in a part that is too long.
func (t terminal) spaced(text string, indent int) string {
	var b strings.Builder
	for _, part := range brokenAt("  ", text, t.columns()-indent) {
		for _, line := range brokenAt(" ", part, t.columns()-indent) {
			b.WriteString(strings.Repeat(" ", indent) + line + "\n")
		}
	}
	return b.String()
}

// headed returns a title in bold and what follows it, broken like spaced.
func (t terminal) headed(title, rest string) string {
	return strings.Replace(t.spaced(title+rest, 0), title, t.paint(bold, title), 1)
}

// brokenAt breaks text at separators into lines of at most a width. A part that is longer has a line of its own.
func brokenAt(separator, text string, width int) (lines []string) {
	line := ""
	for part := range strings.SplitAfterSeq(text, separator) {
		if line != "" && utf8.RuneCountInString(strings.TrimRight(line+part, " ")) > width {
			lines = append(lines, strings.TrimRight(line, " "))
			line = ""
		}
		line += part
	}
	if line != "" {
		lines = append(lines, line)
	}
	return lines
}
