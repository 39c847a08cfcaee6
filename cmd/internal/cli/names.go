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
