package report

import (
	"cmp"
	"fmt"
	"io"
	"regexp"
	"strings"
	"unicode"
)

// Text writes the table for a terminal that is width columns wide; 0 means any width, with notes of at most 100 columns. If the table is too
// wide, the last columns are dropped and named below it. Strong entries are bold with color, and have a star without.
func Text(w io.Writer, t *Table, width int, color bool) error {
	t.check()
	lines := &textTable{Table: t, terminal: terminal{color}, shown: len(t.Columns), widths: widths(t)}
	for width > 0 && lines.shown > 1 && lines.width() > width {
		lines.shown--
	}
	_, err := io.WriteString(w, lines.render(width))
	return err
}

// textTable is a table with the columns that fit.
type textTable struct {
	*Table
	terminal
	shown  int
	widths []int
}

// gap has room for the star of a strong entry and a space.
const gap = 2

func widths(t *Table) []int {
	out := make([]int, len(t.Columns))
	for j, column := range t.Columns {
		out[j] = cells(column.Name)
		for _, row := range t.Rows {
			out[j] = max(out[j], cells(row[j].Text))
		}
	}
	return out
}

func (t *textTable) width() int {
	total := gap * (t.shown - 1)
	for _, n := range t.widths[:t.shown] {
		total += n
	}
	if t.color {
		return total
	}
	return total + 1 // a star may follow the last column
}

func (t *textTable) render(width int) string {
	var b strings.Builder
	if t.Title != "" {
		b.WriteString(t.paint(bold, plain(t.Title)) + "\n")
	}
	var head []Cell
	for _, column := range t.Columns {
		head = append(head, Cell{Text: column.Name})
	}
	t.row(&b, head)
	rule := t.width()
	if !t.color {
		rule--
	}
	b.WriteString(strings.Repeat("─", max(0, rule)) + "\n")
	for _, row := range t.Rows {
		t.row(&b, row)
	}
	if t.Note != "" {
		b.WriteString(wrap(plain(t.Note), cmp.Or(width, 100)))
	}
	if t.shown < len(t.Columns) {
		var names []string
		for _, column := range t.Columns[t.shown:] {
			names = append(names, plain(column.Name))
		}
		b.WriteString(wrap(fmt.Sprintf("Not shown in %d columns: %s.", width, strings.Join(names, ", ")), width))
	}
	return b.String()
}

func (t *textTable) row(b *strings.Builder, row []Cell) {
	var line strings.Builder
	for j, cell := range row[:t.shown] {
		text, space := plain(cell.Text), strings.Repeat(" ", t.widths[j]-cells(cell.Text))
		after := strings.Repeat(" ", gap)
		if cell.Strong && t.color {
			text = t.paint(bold, text)
		} else if cell.Strong {
			text, after = text+"*", after[1:]
		}
		if t.Columns[j].Numeric {
			line.WriteString(space + text + after)
		} else {
			line.WriteString(text + space + after)
		}
	}
	b.WriteString(strings.TrimRight(line.String(), " ") + "\n")
}

// terminal says whether text may have colors.
type terminal struct{ color bool }

// paint writes a text in a style, given by the numbers of an SGR escape sequence, if the terminal has colors.
func (t terminal) paint(style, text string) string {
	if !t.color {
		return text
	}
	return "\x1b[" + style + "m" + text + "\x1b[0m"
}

// bold is a style of paint.
const bold = "1"

// wrap breaks text between words.
func wrap(text string, width int) string {
	var b strings.Builder
	used := 0
	for _, word := range strings.Fields(text) {
		if n := cells(word); used > 0 && width > 0 && used+1+n > width {
			b.WriteString("\n" + word)
			used = n
		} else if used > 0 {
			b.WriteString(" " + word)
			used += 1 + n
		} else {
			b.WriteString(word)
			used = n
		}
	}
	return b.String() + "\n"
}

// plain escapes control characters, such as escape sequences in the name of a file, for the terminal.
func plain(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return unicode.ReplacementChar
		}
		return r
	}, text)
}

// cells returns the width of a text in a terminal. Combining marks, as in x̄, and color codes have no width.
func cells(text string) int {
	n := 0
	for _, r := range codes.ReplaceAllString(text, "") {
		if !unicode.Is(unicode.Mn, r) {
			n++
		}
	}
	return n
}

var codes = regexp.MustCompile("\x1b\\[[0-9;]*m")
