package cli

import (
	"embed"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/alecthomas/kong"

	"steepest/compare"
	"steepest/data"
	"steepest/lecture"
	"steepest/methods"
	"steepest/optim"
)

// completionCmd prints the script with which a shell completes command lines. The script calls this command again, with the words before the
// cursor.
type completionCmd struct {
	Shell string   `arg:"" enum:"bash,zsh,fish" help:"bash, zsh or fish."`
	Words []string `arg:"" optional:"" name:"word" help:"The words of a command line, behind --, as the script gives them: print what can stand in place of the last one, a line each, with its meaning behind a tab. The line :files stands for the names of files."`
}

// Help shows how to install completions.
func (completionCmd) Help() string {
	return `Prints the script by which a shell completes commands, flags, methods with their options, data sets and files. Examples:

    source <(steepest completion bash)
    steepest completion bash >~/.local/share/bash-completion/completions/steepest
    steepest completion zsh >"${fpath[1]}/_steepest"
    steepest completion fish >~/.config/fish/completions/steepest.fish`
}

//go:embed completion
var completionScripts embed.FS

// Run prints the script, or the candidates for a word.
func (c completionCmd) Run(w *world) error {
	if len(c.Words) == 0 {
		script, err := completionScripts.ReadFile("completion/steepest." + c.Shell)
		if err != nil {
			return err
		}
		_, err = w.stdout.Write(script)
		return err
	}
	list, files := candidates(grammar(), c.Words)
	for _, candidate := range list {
		fmt.Fprintf(w.stdout, "%s\t%s\n", candidate.word, candidate.meaning)
	}
	if files {
		fmt.Fprintln(w.stdout, ":files")
	}
	return nil
}

// candidate is a possible word of a command line, with its meaning.
type candidate struct{ word, meaning string }

// candidates returns the possible replacements of the last of the words after the name of the program. files reports whether names of files
// are possible, too.
func candidates(app *kong.Application, words []string) (list []candidate, files bool) {
	last := words[len(words)-1]
	i := slices.IndexFunc(app.Leaves(true), func(n *kong.Node) bool { return n.Name == words[0] })
	switch {
	case len(words) == 1:
		for _, command := range app.Leaves(true) {
			list = append(list, candidate{command.Name, command.Help})
		}
	case i >= 0:
		list, files = candidatesOf(app.Leaves(true)[i], words[1:len(words)-1], last)
	}
	return slices.DeleteFunc(list, func(c candidate) bool { return !strings.HasPrefix(c.word, last) }), files
}

// candidatesOf returns the possible words after some words of a command: the value of the last flag, a flag, or an argument.
func candidatesOf(command *kong.Node, before []string, last string) (list []candidate, files bool) {
	var waits *kong.Flag
	arguments, flags := 0, true
	for _, word := range before {
		switch {
		case waits != nil:
			waits = nil
		case flags && word == "--":
			flags = false
		case flags && len(word) > 1 && word[0] == '-':
			if f := flagNamed(command, word); f != nil && !f.IsBool() {
				waits = f
			}
		default:
			arguments++
		}
	}
	if waits != nil {
		return valuesOf(waits.Value, last)
	}
	if name, value, ok := strings.Cut(last, "="); ok && flags && strings.HasPrefix(name, "-") {
		if f := flagNamed(command, name); f != nil {
			list, files = valuesOf(f.Value, value)
		}
		for i := range list {
			list[i].word = name + "=" + list[i].word
		}
		return list, files
	}
	if flags && strings.HasPrefix(last, "-") {
		for _, f := range command.Flags {
			list = append(list, candidate{"--" + f.Name, f.Help})
		}
		return list, false
	}
	if n := len(command.Positional); n > 0 && (arguments < n || command.Positional[n-1].IsCumulative()) {
		return valuesOf(command.Positional[min(arguments, n-1)], last)
	}
	return nil, false
}

// flagNamed returns the flag of a word without a value, such as --data, -data or -m; nil if there is none.
func flagNamed(command *kong.Node, word string) *kong.Flag {
	name := strings.TrimLeft(word, "-")
	for _, f := range command.Flags {
		if f.Name == name || slices.Contains(f.Aliases, name) || f.Short != 0 && string(f.Short) == name {
			return f
		}
	}
	return nil
}

// valuesOf returns the possible values of a flag or an argument whose beginning is typed. files reports whether names of files are possible, too.
// The placeholder of the flag shows the kind of its value.
func valuesOf(v *kong.Value, typed string) (list []candidate, files bool) {
	switch v.Tag.PlaceHolder {
	case "SPEC":
		return partsOfSpec(typed), false
	case "METHOD":
		return slices.Concat(methodNames(), linkNames()), false
	case "NAME|PATH":
		for _, info := range data.Embedded() {
			list = append(list, candidate{info.Name, info.Description})
		}
		return list, true
	case "SCENE":
		for _, s := range lecture.Scenes() {
			list = append(list, candidate{s.Name, s.Title.En})
		}
		return append(list, candidate{"all", "every scene"}), false
	case "TOPIC":
		for _, t := range topics {
			list = append(list, candidate{t.name, t.summary})
		}
		for _, command := range grammar().Leaves(true) {
			list = append(list, candidate{command.Name, command.Help})
		}
		return list, false
	case "NAME=FLAGS":
		for _, p := range benchProblems {
			list = append(list, candidate{p.name, p.flags})
		}
		return list, false
	case "TEXTS":
		return []candidate{{"opticks", "a book that is embedded"}}, true
	case "MODEL", "QUESTIONS", "FILE", "PATH", "DIR", "FOLDER", "CONFIG.toml":
		return nil, true
	}
	if v.Enum != "" {
		for _, word := range v.EnumSlice() {
			list = append(list, candidate{word: word})
		}
	}
	return append(list, choices(v.Tag.Vars["choices"])...), false
}

// choice matches a word of a list, with the text in parentheses after it.
var choice = regexp.MustCompile(`([^\s,()]+)(?: \(([^()]*)\))?`)

// choices returns the words of a phrase such as "none, unit (rows of norm 1) or standard". The text in parentheses is the meaning of a word.
func choices(phrase string) (list []candidate) {
	for _, found := range choice.FindAllStringSubmatch(phrase, -1) {
		if found[1] != "or" {
			list = append(list, candidate{found[1], found[2]})
		}
	}
	return list
}

// partsOfSpec returns the possible ends of a specification of a method: a name, a link of a chain, an option, or a value of an option.
func partsOfSpec(typed string) (list []candidate) {
	if strings.Count(typed, "(") > strings.Count(typed, ")") { // inside a schedule
		return nil
	}
	at := strings.LastIndexAny(typed, ";/+") + 1
	isLink := at > 0 && typed[at-1] == '+'
	name, options, hasOptions := strings.Cut(typed[at:], ":")
	if i := strings.LastIndexByte(name, '='); i >= 0 { // after a role, as in hidden=muon
		name = name[i+1:]
		if !hasOptions {
			at += i + 1
		}
	}
	switch {
	case hasOptions:
		at = strings.LastIndexAny(typed, ":,") + 1
		fields := optionsOf(name, isLink)
		if option, _, ok := strings.Cut(options[strings.LastIndexByte(options, ',')+1:], "="); ok {
			at += len(option) + 1
			list = valuesOfOption(option, fields)
			break
		}
		for _, f := range fields {
			list = append(list, candidate{f.Name + "=", f.Help})
		}
	case isLink:
		list = linkNames()
	default:
		list = methodNames()
	}
	for i := range list {
		list[i].word = typed[:at] + list[i].word
	}
	return list
}

// optionsOf returns the options of a link, or of a method, including the options that all methods have.
func optionsOf(name string, isLink bool) []optim.Field {
	if isLink {
		for _, l := range methods.Links() {
			if l.Name == name {
				return optim.TransformFields(l.Transform)
			}
		}
		return nil
	}
	m, err := methods.Find(name)
	if err != nil {
		return nil
	}
	fields := slices.Concat(optim.Fields(m.Rule), optim.Preparation{}.Fields())
	for _, option := range compare.Options {
		fields = append(fields, optim.Field{Name: option})
	}
	return fields
}

// valuesOfOption returns the named values of an option; nil if its values are numbers.
func valuesOfOption(option string, fields []optim.Field) []candidate {
	i := slices.IndexFunc(fields, func(f optim.Field) bool { return f.Name == option })
	if i < 0 || strings.ContainsAny(fields[i].Range, "[(") { // an interval
		return nil
	}
	return choices(fields[i].Range)
}

func methodNames() (list []candidate) {
	for _, m := range methods.All() {
		list = append(list, candidate{m.Name, m.Title})
	}
	return list
}

func linkNames() (list []candidate) {
	for _, l := range methods.Links() {
		list = append(list, candidate{l.Name, l.Formula})
	}
	return list
}
