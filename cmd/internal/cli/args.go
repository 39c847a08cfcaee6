package cli

import (
	"strings"

	"github.com/alecthomas/kong"
)

// normalize rewrites the arguments as kong reads them: --data for -data, --flag=-1 for --flag -1, and --quiet=VALUE for -q=VALUE.
func normalize(args []string, app *kong.Application) []string {
	flags := flagsByWord(args, app)
	var out []string
	for i := 0; i < len(args); i++ {
		arg := args[i]
		if arg == "--" {
			return append(out, args[i:]...)
		}
		if isSingleDash(arg) {
			arg = "-" + arg
		}
		word, value, assigned := strings.Cut(arg, "=")
		f := flags[word]
		long := word
		if f != nil && !strings.HasPrefix(word, "--") {
			long = "--" + f.Name
		}
		switch {
		case f == nil:
		case assigned:
			arg = long + "=" + value
		case !f.IsBool() && i+1 < len(args) && isNegative(args[i+1]):
			i++
			arg = long + "=" + args[i]
		}
		out = append(out, arg)
	}
	return out
}

// isSingleDash reports whether an argument is a long flag with a single dash.
func isSingleDash(arg string) bool {
	name, _, _ := strings.Cut(arg, "=")
	return len(name) > 2 && name[0] == '-' && (name[1] >= 'a' && name[1] <= 'z' || name[1] >= 'A' && name[1] <= 'Z')
}

// isNegative reports whether an argument is a negative number, or a list that starts with one.
func isNegative(arg string) bool {
	for part := range strings.SplitSeq(arg, ",") {
		if len(part) > 1 && part[0] == '-' && (part[1] == '.' || part[1] >= '0' && part[1] <= '9') {
			return true
		}
	}
	return false
}

// flagsByWord returns the flags of the command that the first argument names, by each of their spellings.
func flagsByWord(args []string, app *kong.Application) map[string]*kong.Flag {
	flags := make(map[string]*kong.Flag)
	for _, command := range app.Leaves(false) {
		if len(args) == 0 || command.Name != args[0] {
			continue
		}
		for _, f := range append(app.Flags, command.Flags...) {
			for _, name := range append(f.Aliases, f.Name) {
				flags["--"+name] = f
			}
			if f.Short != 0 {
				flags["-"+string(f.Short)] = f
			}
		}
	}
	return flags
}
