package cli

import (
	"fmt"
	"go/doc/comment"
	"io"
	"strings"

	"github.com/alecthomas/kong"
)

// manCmd prints the manual page, which is generated from the help texts of the commands and the topics.
type manCmd struct{}

// Help shows how the manual page is read.
func (manCmd) Help() string {
	return `Prints the manual page: all commands with their flags, and all topics. Examples:

    steepest man | man -l -
    steepest man >steepest.1`
}

// Run prints the page.
func (manCmd) Run(w *world) error {
	app := grammar()
	first, rest, _ := strings.Cut(app.Help, "\n")
	p := new(manual)
	p.macro(".TH STEEPEST 1 \"\" Steepest \"User Commands\"\n.ad l")
	p.macro(".SH NAME")
	p.text(app.Name + " - " + strings.TrimSuffix(first, "."))
	p.macro(".SH SYNOPSIS")
	p.text(app.Name + " COMMAND [ARGUMENT …] [FLAG …]")
	p.macro(".SH DESCRIPTION")
	p.doc(rest)
	p.macro(".SH COMMANDS")
	for _, command := range app.Leaves(true) {
		p.command(app.Name, command)
	}
	for _, t := range topics {
		p.macro(".SH " + strings.ToUpper(t.name))
		p.doc(t.text)
	}
	_, err := io.WriteString(w.stdout, p.String())
	return err
}

// manual is a page in roff.
type manual struct{ strings.Builder }

// macro writes a line of roff that is not text.
func (p *manual) macro(line string) { p.WriteString(line + "\n") }

// escapes replaces the characters with a special meaning or shape in roff.
var escapes = strings.NewReplacer(`\`, `\e`, "-", `\-`, "'", `\(aq`, "`", `\(ga`, "^", `\(ha`, "~", `\(ti`)

// text writes lines of text.
func (p *manual) text(text string) {
	for line := range strings.Lines(text) {
		if strings.HasPrefix(line, ".") {
			p.WriteString(`\&`)
		}
		p.WriteString(escapes.Replace(strings.TrimSuffix(line, "\n")) + "\n")
	}
}

// doc writes a text in the notation of Go's doc comments: paragraphs and examples.
func (p *manual) doc(text string) {
	printer := &comment.Printer{TextWidth: -1}
	for _, block := range new(comment.Parser).Parse(text).Content {
		if code, ok := block.(*comment.Code); ok {
			p.macro(".PP\n.RS 4\n.nf")
			p.text(code.Text)
			p.macro(".fi\n.RE")
			continue
		}
		p.macro(".PP")
		p.text(string(printer.Text(&comment.Doc{Content: []comment.Block{block}})))
	}
}

// command writes the description of a command, its arguments and its flags.
func (p *manual) command(program string, command *kong.Node) {
	p.macro(".SS " + escapes.Replace(program+" "+command.Summary()))
	p.text(command.Help)
	p.doc(command.Detail)
	for _, v := range command.Positional {
		p.term(v.Summary(), v.Help)
	}
	for _, f := range command.Flags {
		p.term(f.String(), f.Help)
	}
}

// term writes an argument or a flag, and below it its meaning.
func (p *manual) term(name, meaning string) {
	p.macro(fmt.Sprintf(".TP\n\\fB%s\\fR", escapes.Replace(name)))
	p.text(meaning)
}
