package cli

import (
	"strings"

	"github.com/alecthomas/kong"
)

// normalize rewrites the arguments as kong reads them: --data for -data, and --flag=-1 for --flag -1.
func normalize(args []string, app *kong.Application) []string {
	takesValue := valueFlags(app)
	var out []string
	for i := 0; i < len(args); i++ {
		arg := args[i]
		if arg == "--" {
			return append(out, args[i:]...)
		}
		if isSingleDash(arg) {
			arg = "-" + arg
		}
		if long, ok := takesValue[arg]; ok && i+1 < len(args) && isNegative(args[i+1]) {
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

// valueFlags maps each spelling of each flag that takes a value to its long form.
func valueFlags(app *kong.Application) map[string]string {
	long := make(map[string]string)
	for _, command := range app.Leaves(false) {
		for _, f := range command.Flags {
			if f.IsBool() {
				continue
			}
			for _, name := range append(f.Aliases, f.Name) {
				long["--"+name] = "--" + f.Name
			}
			if f.Short != 0 {
				long["-"+string(f.Short)] = "--" + f.Name
			}
		}
	}
	return long
}
