package cli

import (
	"go/doc/comment"
	"slices"
	"strings"

	"github.com/alecthomas/kong"

	"steepest/internal/suggest"
)

type helpCmd struct {
	Topic string `arg:"" optional:"" placeholder:"TOPIC" help:"A topic or a command. Without one, both are listed."`
}

// Help shows which topics and commands there are.
func (helpCmd) Help() string {
	var b strings.Builder
	b.WriteString("Topics:\n\n")
	for _, t := range topics {
		b.WriteString("    " + t.name + strings.Repeat(" ", 15-len(t.name)) + t.summary + "\n")
	}
	return b.String() + `
Examples:

    steepest help chains
    steepest help compare`
}

// Run prints a topic, or the help of a command.
func (c helpCmd) Run(w *world) error {
	if i := slices.IndexFunc(topics, func(t topic) bool { return t.name == c.Topic }); i >= 0 {
		width := 100
		if w.stdout.width > 0 {
			width = min(width, w.stdout.width)
		}
		printer := &comment.Printer{TextWidth: width, TextCodePrefix: "    "}
		_, err := w.stdout.Write(printer.Text(new(comment.Parser).Parse(topics[i].text)))
		return err
	}
	switch names := commandNames(grammar()); {
	case c.Topic == "":
		w.args = []string{"--help"}
	case slices.Contains(names, c.Topic):
		w.args = []string{c.Topic, "--help"}
	default:
		for _, t := range topics {
			names = append(names, t.name)
		}
		return usage("steepest help -h lists the topics", "%w", suggest.Unknown("topic", c.Topic, names))
	}
	return w.command()
}

// topicList lists the topics, separated by commas.
func topicList() string {
	var names []string
	for _, t := range topics {
		names = append(names, t.name)
	}
	return strings.Join(names, ", ")
}

// commandNames returns the names of the commands.
func commandNames(app *kong.Application) (names []string) {
	for _, command := range app.Leaves(true) {
		names = append(names, command.Name)
	}
	return names
}
