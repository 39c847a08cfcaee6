package methods

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"steepest/internal/suggest"
	"steepest/optim"
)

// pointed is an error at a position of a specification. Its text shows the position.
type pointed struct {
	error
	spec string
	at   int // in bytes
}

// Error shows the specification with a mark under the position.
func (e pointed) Error() string {
	return fmt.Sprintf("method %q: %v\n    %s\n    %s^", e.spec, e.error, e.spec, strings.Repeat(" ", utf8.RuneCountInString(e.spec[:e.at])))
}

// Unwrap returns the error without the position.
func (e pointed) Unwrap() error { return e.error }

// piece is a part of a specification with its position in bytes.
type piece struct {
	text string
	at   int
}

// named cuts a piece at the first separator into a name and the rest. It removes blanks before the name.
func (p piece) named(separator string) (name, rest piece) {
	before, after, _ := strings.Cut(p.text, separator)
	name = piece{strings.TrimSpace(before), p.at + len(before) - len(strings.TrimLeft(before, " "))}
	return name, piece{after, p.at + len(p.text) - len(after)}
}

// links cuts a chain at each + that is followed by a letter and not inside parentheses, so that 1e+3 stays whole.
func (p piece) links() (pieces []piece) {
	start, depth := 0, 0
	for i, r := range p.text {
		switch r {
		case '(':
			depth++
		case ')':
			depth--
		case '+':
			next, _ := utf8.DecodeRuneInString(strings.TrimLeft(p.text[i+1:], " "))
			if depth == 0 && unicode.IsLetter(next) {
				pieces, start = append(pieces, piece{p.text[start:i], p.at + start}), i+1
			}
		}
	}
	return append(pieces, piece{p.text[start:], p.at + start})
}

// split cuts a piece at the separators outside parentheses.
func (p piece) split(separator rune) (pieces []piece) {
	at := p.at
	for _, text := range splitOutside(p.text, separator) {
		pieces = append(pieces, piece{text, at})
		at += len(text) + 1
	}
	return pieces
}

// blame returns the position of the first option in a list that fails by itself, or the position of the list.
func (p piece) blame(try func(option string) error) int {
	for _, option := range p.split(',') {
		if try(option.text) != nil {
			name, _ := option.named("=")
			return name.at
		}
	}
	return p.at
}

// parseChain reads a method and its links from a piece of the specification.
func parseChain(spec string, p piece, extra []string) (Method, map[string]string, error) {
	fail := func(at int, err error) (Method, map[string]string, error) {
		return Method{}, nil, pointed{err, spec, at}
	}
	pieces := p.links()
	name, options := pieces[0].named(":")
	known := append(optionsOfLinks(name.text, pieces[1:]), extra...)
	m, given, err := parseMethod(strings.TrimSpace(pieces[0].text), known)
	if err != nil {
		inner := errors.Unwrap(err) // a pointed error contains the specification already
		if inner == nil {
			return fail(name.at, err)
		}
		return fail(options.blame(func(option string) error {
			_, _, err := parseMethod(name.text+":"+option, known)
			return err
		}), inner)
	}
	if len(pieces) == 1 {
		return m, given, nil
	}
	if m.Family == Estimating {
		return fail(name.at, fmt.Errorf("%s estimates the gradient in its own way, and no chain begins with it", m.Name))
	}
	head, preparation := optim.Unprepared(m.Rule)
	c := &chained{head: head}
	for _, p := range pieces[1:] {
		if err := c.add(spec, p, given, extra); err != nil {
			return Method{}, nil, err
		}
	}
	tail := c.text()
	own := maps.Clone(given)
	maps.DeleteFunc(own, func(name, _ string) bool { return !slices.Contains(known[:len(known)-len(extra)], name) })
	rule, err := c.Configure(own)
	if err != nil {
		return fail(options.at, err)
	}
	return m.chained(rule.(*chained), tail, preparation), given, nil
}

// add reads a link from a piece of the specification and appends it. A step size among its options becomes that of the method, in given, and
// of the head unless it belongs to the caller.
func (c *chained) add(spec string, p piece, given map[string]string, extra []string) error {
	name, options := p.named(":")
	l, err := findLink(name.text)
	if err == nil {
		err = c.refuse(l)
	}
	if err != nil {
		return pointed{err, spec, name.at}
	}
	l, lr, err := l.configured(options.text)
	if err != nil {
		return pointed{err, spec, options.blame(func(option string) error {
			_, _, err := l.configured(option)
			return err
		})}
	}
	if lr != "" {
		if given["lr"] != "" {
			return pointed{errors.New("the step size stands twice"), spec, options.at}
		}
		if given["lr"] = lr; !slices.Contains(extra, "lr") {
			if c.head, err = optim.Configure(c.head, map[string]string{"lr": lr}); err != nil {
				return pointed{err, spec, options.at}
			}
		}
	}
	c.links = append(c.links, l)
	if pointers(c.Chain()) > 1 {
		return pointed{errors.New("what stands before takes the gradient elsewhere than at x already"), spec, name.at}
	}
	return nil
}

// optionsOfLinks returns the options that links add to a method, such as cautious-scale and aux-lr.
func optionsOfLinks(head string, pieces []piece) []string {
	c := &chained{}
	if m, err := Find(head); err == nil {
		c.head = m.Rule
	}
	var names []string
	for _, p := range pieces {
		name, _ := p.named(":")
		if l, err := findLink(name.text); err == nil {
			c.links = append(c.links, l)
			for _, name := range namesOf(l.fields()) {
				names = append(names, l.Name+"-"+name)
			}
		}
	}
	if c.forMatrices() {
		names = append(names, namesOf(optim.Fields(c.other))...)
	}
	return names
}

// pointers counts the transforms that take the gradient at another point than x.
func pointers(chain optim.Chain) (n int) {
	for _, t := range chain {
		if t.Transform().Point32 != nil {
			n++
		}
	}
	return n
}

// chained returns the method followed by links.
func (m Method) chained(c *chained, tail string, preparation optim.Preparation) Method {
	var formulas []string
	for _, l := range c.links {
		formulas = append(formulas, l.Formula)
		if l.Matrices && m.Family != Matrix {
			m.Family, m.Space = Matrix, nil // the step size has another scale
		}
	}
	m.head, m.tail = m.Name, tail
	m.Name, m.Title = m.head+m.tail, m.Title+" with links"
	m.Formula += ",  and " + strings.Join(formulas, ";  ")
	m.Rule, m.FullBatch, m.Aliases, m.Goldens = preparation.Of(c), false, nil, ""
	return m
}

// findLink returns the link with a name.
func findLink(name string) (Link, error) {
	var names []string
	for _, l := range links {
		if l.Name == name {
			return l, nil
		}
		names = append(names, l.Name)
	}
	if _, err := Find(name); err == nil {
		return Link{}, fmt.Errorf("%s is a method, which stands first in a chain; the links behind one are %s", name, strings.Join(names, ", "))
	}
	return Link{}, suggest.Unknown("link", name, names)
}

// configured returns the link with its options, and the step size if it is among them. The first option may be given without its name.
func (l Link) configured(text string) (_ Link, lr string, err error) {
	names := namesOf(optim.TransformFields(l.Transform))
	value, _, _ := strings.Cut(text, "(")
	if value, _, _ = strings.Cut(value, ","); strings.TrimSpace(value) != "" && len(names) > 0 && !strings.Contains(value, "=") {
		text = names[0] + "=" + text
	}
	options, err := parseOptions(text)
	if err != nil {
		return l, "", err
	}
	for _, name := range slices.Sorted(maps.Keys(options)) {
		if len(names) == 0 {
			return l, "", fmt.Errorf("%s has no options", l.Name)
		}
		if _, err := suggest.Index("option of "+l.Name, name, names); err != nil {
			return l, "", err
		}
	}
	if l.takesStep() {
		lr = options["lr"]
		delete(options, "lr")
	}
	configured, err := optim.ConfigureTransform(l.Transform, options)
	if err == nil {
		l.Transform = configured
	}
	return l, lr, err
}
