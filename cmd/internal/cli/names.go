package cli

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/alecthomas/kong"
)

// names is the value of a flag that lists names, as a record of CSV. A flag that is repeated adds to the list.
type names []string

// Decode reads the value of a flag, or the list in a settings file.
func (n *names) Decode(ctx *kong.DecodeContext) error {
	token, err := ctx.Scan.PopValue("names")
	if err != nil {
		return err
	}
	list, isList := token.Value.([]any)
	for _, name := range list {
		*n = append(*n, fmt.Sprint(name))
	}
	if isList {
		return nil
	}
	record, err := splitNames(fmt.Sprint(token.Value))
	*n = append(*n, record...)
	return err
}

// splitNames splits a list as a record of CSV: commas separate the names, and a name with a comma stands in quotes.
func splitNames(text string) ([]string, error) {
	in := csv.NewReader(strings.NewReader(text))
	in.TrimLeadingSpace = true
	list, err := in.Read()
	var wrong *csv.ParseError
	switch {
	case err == io.EOF:
		return nil, nil
	case errors.As(err, &wrong):
		rest := strings.SplitAfter(text, "\n")[wrong.Line-1][wrong.Column-1:]
		where := "in front of " + strings.TrimPrefix(rest, `"`) + " is out of place"
		if rest == "" {
			where = "has no end"
		} else if rest == `"` {
			where = "at the end is out of place"
		}
		return nil, fmt.Errorf(`%s: the quote %s; a name with a comma or a quote is written as in CSV, such as '"a,b"' and '"5"" disk"'`, text, where)
	case int(in.InputOffset()) < len(text):
		return nil, fmt.Errorf("%q has more than one line; write a name with several lines in quotes", text)
	}
	return list, err
}

// splitWords splits a command line as a shell does: blanks separate words, and quotes of either kind keep them together. A backslash keeps a
// quote, a blank or a backslash as it is, but not between single quotes.
func splitWords(text string) (words []string, err error) {
	word, quote, began := []byte(nil), byte(0), false
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == '\\' && quote != '\'' && i+1 < len(text) && strings.IndexByte("\"'\\ \t\n", text[i+1]) >= 0:
			i++
			word, began = append(word, text[i]), true
		case c == quote:
			quote = 0
		case quote == 0 && (c == '"' || c == '\''):
			quote, began = c, true
		case quote == 0 && strings.IndexByte(" \t\r\n", c) >= 0:
			if began {
				words = append(words, string(word))
			}
			word, began = word[:0], false
		default:
			word, began = append(word, c), true
		}
	}
	if quote != 0 {
		return nil, usage("close it", "the quote %c in %q has no end", quote, text)
	}
	if began {
		words = append(words, string(word))
	}
	return words, nil
}
