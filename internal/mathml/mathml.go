// Package mathml converts formulas from the part of TeX's notation that the lecture uses to MathML, which browsers show without
// extra fonts or scripts.
package mathml

import (
	"cmp"
	"fmt"
	"html"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Block returns a displayed formula, Inline a formula within text. Both fail if a command is unknown or braces do not match.
// Cells of aligned lines have the classes right and left, so that a style sheet can align them.
func Block(tex string) (string, error) { return convert(tex, ` display="block"`) }

// Inline is Block within text.
func Inline(tex string) (string, error) { return convert(tex, "") }

func convert(tex, attributes string) (string, error) {
	tex = strings.NewReplacer("\n", " ", "\t", " ").Replace(tex)
	if !utf8.ValidString(tex) || strings.ContainsFunc(tex, unicode.IsControl) || strings.ContainsAny(tex, "\ufffe\uffff") { // not allowed in XML
		return "", fmt.Errorf("mathml: %q is not plain text", tex)
	}
	p := &parser{rest: tex}
	body, err := p.row("")
	if err != nil {
		return "", fmt.Errorf("mathml: %w in %q", err, tex)
	}
	return `<math` + attributes + `>` + body + `</math>`, nil
}

// parser reads a formula from left to right.
type parser struct{ rest string }

// next reads the next token: a command with its backslash, or a character. It returns "" at the end.
func (p *parser) next() string {
	p.rest = strings.TrimLeft(p.rest, " ")
	if p.rest == "" {
		return ""
	}
	n := 0
	if p.rest[0] == '\\' {
		for n = 1; n < len(p.rest) && isLetter(p.rest[n]); n++ {
		}
	}
	if n <= 1 {
		_, size := utf8.DecodeRuneInString(p.rest[n:])
		n += size
	}
	token := p.rest[:n]
	p.rest = p.rest[n:]
	return token
}

func isLetter(c byte) bool { return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' }

// peek returns the next token without reading it.
func (p *parser) peek() string {
	saved := p.rest
	token := p.next()
	p.rest = saved
	return token
}

// row reads up to and including the token end.
func (p *parser) row(end string) (string, error) {
	var b strings.Builder
	b.WriteString("<mrow>")
	for {
		switch token := p.peek(); token {
		case end:
			p.next()
			return b.String() + "</mrow>", nil
		case "":
			return "", fmt.Errorf("no %s", end)
		}
		item, err := p.item()
		if err != nil {
			return "", err
		}
		b.WriteString(item)
	}
}

// item reads an atom with its sub- and superscripts.
func (p *parser) item() (string, error) {
	token := p.peek()
	base, err := p.atom()
	if err != nil {
		return "", err
	}
	var sub, sup string
	for {
		into := &sub
		switch p.peek() {
		case "_":
		case "^":
			into = &sup
		default:
			return scripts(base, sub, sup, limits[token]), nil
		}
		p.next()
		if *into, err = p.argument(); err != nil {
			return "", err
		}
	}
}

func scripts(base, sub, sup string, limits bool) string {
	tags := [3]string{"msub", "msup", "msubsup"}
	if limits {
		tags = [3]string{"munder", "mover", "munderover"}
	}
	switch {
	case sub != "" && sup != "":
		return wrap(tags[2], base+sub+sup)
	case sub != "":
		return wrap(tags[0], base+sub)
	case sup != "":
		return wrap(tags[1], base+sup)
	}
	return base
}

func wrap(tag, body string) string { return "<" + tag + ">" + body + "</" + tag + ">" }

// atom reads a character, a command with its arguments, or a group in braces.
func (p *parser) atom() (string, error) {
	token := p.next()
	switch {
	case token == "":
		return "", fmt.Errorf("nothing after a script")
	case token == "{":
		return p.row("}")
	case token == "}" || token == "&" || token == `\\`:
		return "", fmt.Errorf("stray %s", token)
	case token[0] == '\\':
		return p.command(token[1:])
	case token[0] >= '0' && token[0] <= '9':
		return wrap("mn", token+p.digits()), nil
	}
	if r, _ := utf8.DecodeRuneInString(token); unicode.IsLetter(r) {
		return wrap("mi", token), nil
	}
	return operator(token), nil
}

// argument reads the argument of a command or a script: an atom, or a single digit.
func (p *parser) argument() (string, error) {
	if token := p.peek(); token != "" && token[0] >= '0' && token[0] <= '9' {
		return wrap("mn", p.next()), nil
	}
	return p.atom()
}

// digits reads the rest of a number.
func (p *parser) digits() string {
	n := 0
	for n < len(p.rest) && (p.rest[n] >= '0' && p.rest[n] <= '9' || p.rest[n] == '.' && n+1 < len(p.rest) &&
		p.rest[n+1] >= '0' && p.rest[n+1] <= '9') {
		n++
	}
	number := p.rest[:n]
	p.rest = p.rest[n:]
	return number
}

func operator(text string) string {
	if text == "-" {
		text = "−"
	}
	if text == "'" {
		text = "′"
	}
	attributes := ""
	if strings.ContainsAny(text, "()[]|‖⟨⟩{}") {
		attributes = ` stretchy="false"`
	}
	return "<mo" + attributes + ">" + html.EscapeString(text) + "</mo>"
}

// command reads the arguments of a command.
func (p *parser) command(name string) (string, error) {
	if symbol, ok := symbols[name]; ok {
		if r, _ := utf8.DecodeRuneInString(symbol); unicode.IsLetter(r) {
			return wrap("mi", symbol), nil
		}
		return operator(symbol), nil
	}
	if function, ok := functions[name]; ok {
		return `<mi mathvariant="normal">` + function + "</mi>", nil
	}
	if accent, ok := accents[name]; ok {
		arg, err := p.argument()
		return `<mover accent="true">` + arg + operator(accent) + "</mover>", err
	}
	switch name {
	case "frac":
		top, err := p.argument()
		if err != nil {
			return "", err
		}
		bottom, err := p.argument()
		return wrap("mfrac", top+bottom), err
	case "sqrt":
		arg, err := p.argument()
		return wrap("msqrt", arg), err
	case "text", "mathrm", "operatorname":
		text, err := p.verbatim()
		if name == "text" {
			return wrap("mtext", html.EscapeString(text)), err
		}
		return `<mi mathvariant="normal">` + html.EscapeString(text) + "</mi>", err
	case "mathbb", "mathcal":
		letter, err := p.verbatim()
		styled, ok := alphabets[name+letter]
		if err == nil && !ok {
			err = fmt.Errorf("no %s of %q", name, letter)
		}
		return wrap("mi", styled), err
	case "left":
		return p.fence()
	case "begin":
		return p.table()
	case "quad":
		return `<mspace width="1em"/>`, nil
	case " ":
		return `<mspace width="0.33em"/>`, nil
	case ",":
		return `<mspace width="0.17em"/>`, nil
	}
	return "", fmt.Errorf(`unknown \%s`, name)
}

// verbatim reads the text in braces without interpreting it.
func (p *parser) verbatim() (string, error) {
	if p.next() != "{" {
		return "", fmt.Errorf("text without braces")
	}
	text, rest, ok := strings.Cut(p.rest, "}")
	if !ok {
		return "", fmt.Errorf("no }")
	}
	p.rest = rest
	return text, nil
}

// fence reads a formula between \left and \right, whose delimiters grow with it.
func (p *parser) fence() (string, error) {
	open := p.next()
	body, err := p.row(`\right`)
	end := p.next()
	for _, token := range []string{open, end} {
		if _, ok := symbols[strings.TrimPrefix(token, `\`)]; !ok && strings.HasPrefix(token, `\`) {
			err = cmp.Or(err, fmt.Errorf("unknown %s", token))
		}
	}
	return "<mrow>" + fence(open) + body + fence(end) + "</mrow>", err
}

func fence(token string) string {
	if symbol, ok := symbols[strings.TrimPrefix(token, `\`)]; ok {
		token = symbol
	}
	if token == "." {
		return ""
	}
	return `<mo fence="true" stretchy="true">` + html.EscapeString(token) + "</mo>"
}

// table reads an environment: aligned, whose columns meet at &, or cases.
func (p *parser) table() (string, error) {
	name, err := p.verbatim()
	if err != nil {
		return "", err
	}
	body, rest, ok := strings.Cut(p.rest, `\end{`+name+`}`)
	p.rest = rest
	switch {
	case !ok:
		return "", fmt.Errorf("no \\end{%s}", name)
	case name != "aligned" && name != "cases":
		return "", fmt.Errorf("unknown environment %s", name)
	}
	var b strings.Builder
	for _, line := range strings.Split(body, `\\`) {
		b.WriteString("<mtr>")
		for i, cell := range strings.Split(line, "&") {
			content, err := (&parser{rest: cell}).row("")
			if err != nil {
				return "", err
			}
			align := "left"
			if name == "aligned" && i%2 == 0 {
				align = "right"
			}
			b.WriteString(`<mtd class="` + align + `">` + content + "</mtd>")
		}
		b.WriteString("</mtr>")
	}
	table := `<mtable displaystyle="true" rowspacing="0.5em">` + b.String() + "</mtable>"
	if name == "cases" {
		return "<mrow>" + fence("{") + table + "</mrow>", nil
	}
	return table, nil
}
