package report

import (
	"io"
	"strings"
)

// Claims are statements about a curve, such as the bounds of theorems, each with its conditions.
type Claims struct {
	// Of names the curve. Note says in a few words what was measured.
	Of, Note string
	List     []Claim
}

// Claim is a statement with its conditions.
type Claim struct {
	// Curve names the claim's own curve in the plots, or is empty if it is not drawn. Then Why says in a few words why. If Why is empty
	// too, other claims are merely better, and the claim is folded.
	Curve, Why string
	// Name is a short name, Title the subject of the claim, and Statement its formula.
	Name, Title, Statement, Source string
	// Checks are the conditions. The verdict of the claim is the worst of theirs.
	Checks []Check
	// Constants are the numbers in the statement, as the reader sees them.
	Constants []Fact
	// Value is the claimed value at the end. Ratio is the claimed value divided by the measured one. Standing compares them in words; it is
	// empty if the claimed value is not below the measured one.
	Value, Ratio, Standing string
}

// Check is a condition that was checked.
type Check struct {
	Name    string
	Verdict Verdict
	// Text describes the result, with the numbers.
	Text string
}

// Verdict is the outcome of a Check. The worst comes last.
type Verdict uint8

// The outcomes.
const (
	Held Verdict = iota
	Unknown
	Broken
)

// String returns a word, which is also the class of the mark on a page.
func (v Verdict) String() string { return [...]string{"held", "unknown", "broken"}[v] }

// Mark returns the sign that the reader sees.
func (v Verdict) Mark() string { return [...]string{"✓", "?", "✗"}[v] }

// code is the style of a mark in a terminal, a color.
func (v Verdict) code() string { return [...]string{"32", "90", "31"}[v] }

// Verdict returns the worst of the checks.
func (c Claim) Verdict() Verdict {
	worst := Held
	for _, check := range c.Checks {
		worst = max(worst, check.Verdict)
	}
	return worst
}

// Folded reports whether a page folds the claim.
func (c Claim) Folded() bool { return c.Curve == "" && c.Why == "" }

// reason returns the conditions that are broken, by name, or Why if none is.
func (c Claim) reason() string {
	var broken []string
	for _, check := range c.Checks {
		if check.Verdict == Broken {
			broken = append(broken, check.Name)
		}
	}
	if broken == nil {
		return c.Why
	}
	return strings.Join(broken, ", ")
}

// beside returns the standing after a comma.
func (c Claim) beside() string {
	if c.Standing == "" {
		return ""
	}
	return ", " + c.Standing
}

// Shown returns the claims that are not folded.
func (c Claims) Shown() []Claim { return c.those(false) }

// Hidden returns the claims that are folded.
func (c Claims) Hidden() []Claim { return c.those(true) }

func (c Claims) those(folded bool) (list []Claim) {
	for _, claim := range c.List {
		if claim.Folded() == folded {
			list = append(list, claim)
		}
	}
	return list
}

// ClaimsText writes claims for a terminal that is width columns wide; 0 means 100. Folded claims share a line. Claims that are not drawn
// share another line, with their broken conditions.
func ClaimsText(w io.Writer, c *Claims, width int, color bool) error {
	if width == 0 || width > 100 {
		width = 100
	}
	t := &claimsText{width: width, terminal: terminal{color}}
	t.flow("", t.paint(bold, plain(c.Of)), plain(c.Note))
	others, missing := []string{"also:"}, []string{"not drawn:"}
	for _, claim := range c.List {
		switch {
		case claim.Folded():
			others = append(others, t.mark(claim.Verdict(), claim.Name+" "+claim.Value+claim.beside()))
			continue
		case claim.Why != "":
			missing = append(missing, t.mark(claim.Verdict(), claim.Name+": "+claim.reason()))
			continue
		}
		t.flow("", t.mark(claim.Verdict(), t.paint(bold, claim.Name)), claim.Value+" at the end, "+claim.Ratio+" times the mean"+claim.beside())
		t.flow("  ", claim.Statement)
		var checks []string
		for _, check := range claim.Checks {
			text := check.Name
			if check.Text != "" {
				text += ": " + check.Text
			}
			checks = append(checks, t.mark(check.Verdict, plain(text)))
		}
		t.flow("  ", checks...)
	}
	for _, line := range [][]string{others, missing} {
		if len(line) > 1 {
			t.flow("", line...)
		}
	}
	_, err := io.WriteString(w, t.String())
	return err
}

// claimsText is the text of ClaimsText.
type claimsText struct {
	strings.Builder
	terminal
	width int
}

func (t *claimsText) mark(v Verdict, text string) string {
	return t.paint(v.code(), v.Mark()) + " " + text
}

// flow writes items into indented lines, two spaces apart. It breaks an item only if it is longer than a line.
func (t *claimsText) flow(indent string, items ...string) {
	room, used := t.width-cells(indent), 0
	for _, item := range items {
		n := cells(item)
		switch {
		case used == 0:
			t.WriteString(indent)
		case used+2+n > room:
			t.WriteString("\n" + indent)
			used = 0
		default:
			t.WriteString("  ")
			used += 2
		}
		if n > room {
			item = strings.TrimSuffix(wrap(item, room), "\n")
			item = strings.ReplaceAll(item, "\n", "\n"+indent)
		}
		t.WriteString(item)
		used += n
	}
	t.WriteString("\n")
}
