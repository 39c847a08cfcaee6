package cli

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/alecthomas/kong"
	"github.com/klauspost/compress/zstd"

	"steepest/compare"
	"steepest/lecture"
	"steepest/methods"
)

// root is the root of the repository.
const root = "../../.."

// documented is a command in a help, a document, an example or a job of a cluster.
type documented struct {
	place  string
	args   []string
	typed  bool // it is in a block of code; a command in a sentence may be incomplete
	inBook bool // TestBook runs it, and makes its files
}

// TestDocumentedCommands: every command in a help text, a document, an example or a cluster job names only flags, methods, data and files
// that exist. It succeeds with a small budget, unless a sentence leaves a part of it out. TestBook runs the blocks of code of the book.
func TestDocumentedCommands(t *testing.T) {
	if testing.Short() {
		t.Skip("some hundred commands are read, and some are run")
	}
	all := slices.Concat(inHelps(), inDocuments(t), inDeployments(t))
	if len(all) < 100 {
		t.Fatalf("only %d commands were found", len(all))
	}
	stocked, place := shelf(t), ""
	for _, d := range all {
		if d.place != place { // start with the files that readers have
			place = d.place
			t.Chdir(t.TempDir())
			if err := os.CopyFS(".", os.DirFS(stocked)); err != nil {
				t.Fatal(err)
			}
		}
		complete, err := d.check()
		if err == nil && complete && !(d.inBook && d.typed) {
			err = d.run(t)
		}
		if err != nil {
			t.Errorf("%s: steepest %s: %v", d.place, strings.Join(d.args, " "), err)
		}
	}
}

// run runs the command with a small budget, on the files of the current folder, and returns an error if the command fails.
func (d documented) run(t *testing.T) error {
	args := brief(d.args)
	if out := slices.Index(args, "-o") + 1; (args[0] == "pretrain" || args[0] == "tokenize") && out > 0 { // the shelf already has the result of this command, for later commands
		if err := os.RemoveAll(args[out]); err != nil {
			return err
		}
	}
	file, err := os.Open("rows.vw")
	if err != nil {
		return err
	}
	defer file.Close()
	defer func(stdin *os.File) { os.Stdin = stdin }(os.Stdin)
	os.Stdin = file
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	if args[0] == "lab" { // the server begins and ends at once
		cancel()
	}
	var said bytes.Buffer
	if code := run(ctx, args, io.Discard, &said); code != exitOK {
		return fmt.Errorf("exit code %d: %s", code, &said)
	}
	return nil
}

// inHelps returns the commands in the helps of commands and in the topics.
func inHelps() (list []documented) {
	for _, command := range grammar().Leaves(true) {
		list = append(list, inCode("steepest "+command.Name+" -h", command.Detail)...)
	}
	for _, topic := range topics {
		list = append(list, inCode("steepest help "+topic.name, topic.text)...)
	}
	return list
}

// documents returns the paths of the files in Markdown, and of the settings in the folder examples.
func documents(t *testing.T) (files []string) {
	t.Helper()
	for _, pattern := range []string{"*.md", "examples/*.toml"} {
		found, err := filepath.Glob(filepath.Join(root, pattern))
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, found...)
	}
	if err := filepath.WalkDir(root+"/docs", func(path string, _ fs.DirEntry, err error) error {
		if filepath.Ext(path) == ".md" {
			files = append(files, path)
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return files
}

// inDocuments returns the commands in Markdown, and in the comments of settings.
func inDocuments(t *testing.T) (list []documented) {
	t.Helper()
	for _, file := range documents(t) {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		place := strings.TrimPrefix(filepath.ToSlash(file), root+"/")
		if filepath.Ext(file) == ".toml" {
			list = append(list, inCode(place, strings.ReplaceAll(string(text), "#     ", "    "))...)
			continue
		}
		code, prose := divided(fails.ReplaceAllString(string(text), ""))
		found := inCode(place, code)
		for _, span := range codeSpan.FindAllStringSubmatch(prose, -1) {
			for _, args := range calls(strings.ReplaceAll(span[1], "\n", " ")) {
				found = append(found, documented{place: place, args: args})
			}
		}
		for _, d := range found {
			d.inBook = strings.HasPrefix(place, "docs/book/")
			list = append(list, d)
		}
	}
	return list
}

// inDeployments returns the commands of the jobs in the folder deploy. Their volume /runs is the folder of the test.
func inDeployments(t *testing.T) (list []documented) {
	t.Helper()
	files, err := filepath.Glob(root + "/deploy/*")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		bytes, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		text := strings.ReplaceAll(strings.ReplaceAll(string(bytes), "\\\n", " "), "/runs/", "")
		for _, call := range inYAML.FindAllStringSubmatch(text, -1) {
			text += strings.ReplaceAll(call[1]+" "+call[2], ",", "") + "\n"
		}
		for line := range strings.Lines(text) {
			for _, args := range calls(line) {
				list = append(list, documented{place: "deploy/" + filepath.Base(file), args: args, typed: true})
			}
		}
	}
	if len(list) != 3 {
		t.Fatalf("%d commands are in the folder deploy, want those of Slurm and of two operators", len(list))
	}
	return list
}

// inYAML matches a command and its arguments.
var inYAML = regexp.MustCompile(`command: \[(.*)\]\s+args: \[(.*)\]`)

var (
	codeSpan = regexp.MustCompile("`([^`]+)`")
	fails    = regexp.MustCompile("(?s)<!-- fails -->\n```.*?\n```") // commands of the book that fail on purpose
)

// divided returns the blocks of code of a text in Markdown, indented, and the rest.
func divided(text string) (code, prose string) {
	fenced := false
	for line := range strings.Lines(text) {
		fence := strings.HasPrefix(strings.TrimSpace(line), "```")
		fenced = fenced != fence
		switch {
		case fence:
		case fenced:
			code += "    " + line
		case strings.HasPrefix(line, "    "):
			code += line
		default:
			prose += line
		}
	}
	return code, prose
}

// inCode returns the commands in the indented lines of a text. A line that ends in a backslash goes on in the next one.
func inCode(place, text string) (list []documented) {
	for line := range strings.Lines(strings.ReplaceAll(text, "\\\n", " ")) {
		if strings.HasPrefix(line, "    ") && !strings.HasPrefix(strings.TrimSpace(line), "steepest  ") { // not a table
			for _, args := range calls(strings.TrimSpace(line)) {
				list = append(list, documented{place: place, args: args, typed: true})
			}
		}
	}
	return list
}

var (
	shellToken = regexp.MustCompile(`#.*|(?:'[^']*'|"[^"]*"|[^\s'"|;&<>()#])(?:'[^']*'|"[^"]*"|[^\s'"|;&<>()])*|[|;&()<>]`)
	quotes     = regexp.MustCompile(`'([^']*)'|"([^"]*)"`)
	assignment = regexp.MustCompile(`^[A-Z_]+=`)
)

// calls returns the arguments of each call of the program in a line of a shell, without redirections.
func calls(line string) (list [][]string) {
	var words []string
	redirects := false
	for _, token := range append(shellToken.FindAllString(line, -1), ";") {
		switch {
		case token[0] == '#':
		case strings.Contains("<>", token):
			redirects = true
		case strings.Contains("|;&()", token):
			if args, ok := argumentsOf(words); ok {
				list = append(list, args)
			}
			words, redirects = nil, false
		case redirects:
			redirects = false
		default:
			words = append(words, quotes.ReplaceAllString(token, "$1$2"))
		}
	}
	return list
}

// argumentsOf returns the arguments of a command, if it calls the program, by another one or by itself.
func argumentsOf(words []string) ([]string, bool) {
	if len(words) > 2 && words[0] == "go" && words[1] == "run" {
		words = words[2:]
	}
	if len(words) > 0 && (words[0] == "mpirun" || words[0] == "srun" || filepath.Base(words[0]) == "time") {
		for len(words) > 0 && !isProgram(words[0]) {
			words = words[1:]
		}
	}
	for len(words) > 0 && assignment.MatchString(words[0]) {
		words = words[1:]
	}
	if len(words) < 2 || !isProgram(words[0]) {
		return nil, false
	}
	return words[1:], true
}

func isProgram(word string) bool {
	return slices.Contains([]string{"steepest", "steepest-mpi", "./steepest", "./steepest-mpi", "./cmd/steepest"}, word)
}

// brief returns the arguments with a budget that a test can afford.
func brief(args []string) []string {
	switch args[0] {
	case "compare":
		if !slices.ContainsFunc(args, func(arg string) bool { return strings.HasSuffix(arg, ".toml") }) { // a file may leave nothing to tune
			args = slices.Concat(args, []string{"--trials", "1"})
		}
		return slices.Concat(args, []string{"--steps", "2", "--seeds", "1"})
	case "bench":
		if !slices.Contains(args, "-p") {
			args = slices.Concat(args, []string{"-p", "rosenbrock", "-p", "heart-hinge"})
		}
		return slices.Concat(args, []string{"--seeds", "1", "--trials", "1"})
	case "pretrain":
		if i := slices.Index(args, "--preset"); i > 0 {
			args = slices.Concat(args[:i], args[i+2:], []string{"--layers", "1", "--heads", "1", "--width", "8"})
		}
		return slices.Concat(args, []string{"--steps", "2", "--context", "16"})
	case "lecture": // TestScenes draws every scene
		args = slices.Clone(args)
		for i, arg := range args {
			if _, err := lecture.Find(arg); err == nil || arg == "all" {
				args[i] = "unbiased"
			}
		}
	case "lab":
		return slices.Concat(args, []string{"--listen", "127.0.0.1:0"})
	case "minimize":
		if slices.Contains(args, "--steps") {
			return slices.Concat(args, []string{"--steps", "2"})
		}
	}
	return args
}

var placeholder = regexp.MustCompile(`^[A-Z]+$`)

// check reports whether the command is complete. A command in a sentence is not complete if it is a name alone, or has capitals in place of
// a value or dots in place of the rest. check returns an error if the command cannot be parsed, or names something that does not exist.
func (d documented) check() (complete bool, err error) {
	args := slices.DeleteFunc(slices.Clone(d.args), func(arg string) bool { return arg == "…" || arg == "..." })
	complete = len(args) == len(d.args) && (d.typed || len(args) > 1)
	for _, arg := range args {
		if isSingleDash(arg) {
			return false, fmt.Errorf("%s has one dash", arg)
		}
	}
	shown := false
	parser := newParser(new(commands), io.Discard, io.Discard, func(int) { shown = true })
	parsed, err := parser.Parse(normalize(args, parser.Model))
	switch {
	case shown:
		return complete, nil
	case err != nil && (d.typed && !d.inBook && complete || unknownName.MatchString(err.Error())):
		return false, err
	case err != nil:
		return false, nil
	}
	for _, p := range parsed.Path {
		v := p.Positional
		if p.Flag != nil {
			v = p.Flag.Value
		}
		if v == nil {
			continue
		}
		words, ok := parsed.Value(p).Interface().([]string)
		if !ok {
			words = []string{fmt.Sprint(parsed.Value(p).Interface())}
		}
		for _, word := range words {
			if placeholder.MatchString(word) {
				complete = false
			} else if err := d.exists(v, word); err != nil {
				return false, err
			}
		}
	}
	return complete, nil
}

// exists returns an error for a value that names a method, a choice or a file that does not exist.
func (d documented) exists(v *kong.Value, word string) error {
	list, files := valuesOf(v, "")
	switch v.Tag.PlaceHolder {
	case "SPEC":
		for spec := range strings.SplitSeq(word, ";") {
			if _, err := compare.ParseEntrant(spec); err != nil && spec != "untuned" {
				return err
			}
		}
		return nil
	case "METHOD":
		if _, err := methods.Find(word); err == nil {
			return nil
		}
	case "NAME=FLAGS":
		_, err := problemNamed(word)
		return err
	case "FILE", "FOLDER", "DIR":
		if v.Flag != nil { // an output
			return nil
		}
	}
	if files && d.inBook {
		return nil
	}
	isKnown := slices.ContainsFunc(list, func(c candidate) bool { return c.word == word })
	if found, err := filepath.Glob(word); files && (word == "-" || err == nil && found != nil) {
		return nil
	}
	open := v.Name == "start" || v.Name == "separator" || v.Name == "word" // these take other words, too
	if !isKnown && !open && (files || list != nil) {
		return fmt.Errorf("there is no %s; what a reader brings stands on the shelf of this test", word)
	}
	return nil
}

// packed returns a text as the file with a name holds it: compressed if the name ends in .gz or .zst.
func packed(t *testing.T, name, text string) string {
	t.Helper()
	var file bytes.Buffer
	var w io.WriteCloser
	switch filepath.Ext(name) {
	case ".gz":
		w = gzip.NewWriter(&file)
	case ".zst":
		frames, err := zstd.NewWriter(&file)
		if err != nil {
			t.Fatal(err)
		}
		w = frames
	default:
		return text
	}
	if _, err := io.WriteString(w, text); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return file.String()
}

// shelf returns a folder with the files that the documents assume: files of the reader, and results of earlier commands.
func shelf(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	write := func(name, text string) {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	var cars, flats, mails, genes strings.Builder
	cars.WriteString("id,color,maker,power,price\n")
	flats.WriteString("district,area,price\n")
	genes.WriteString("a,b,c,level\n")
	for i := range 40 {
		fmt.Fprintf(&cars, "%d,%s,%s,%d,%d.5\n", i, []string{"red", "blue"}[i%2], []string{"Ada", "Bob", "Cy"}[i%3], 50+i*i%7, 9000+i*i%1013)
		fmt.Fprintf(&flats, "%s,%d,%d.5\n", []string{"north", "south"}[i%2], 40+i*i%70, 200+i*i%101)
		fmt.Fprintf(&mails, "%d 1:%d 2:%d 5:1\n", i%2, i*i%7, i%5)
		fmt.Fprintf(&genes, "%d,%d,%d,%d.5\n", i*i%11, i%7, i*i*i%13, i*i%17)
	}
	clicks, text := "1 | a\n-1 | b\n1 | a b\n-1 | c\n", strings.Repeat("Light is not similar.\n", 500)
	for name, text := range map[string]string{
		"cars.csv": cars.String(), "genes.csv": genes.String(), "mails.csv": genes.String(), "new.csv": "district,area,a,b,c\nnorth,55,1,2,3\n",
		"flats.csv": flats.String(), "flats-1.csv": flats.String(), "flats-2.csv": flats.String(),
		"rows.csv": "a,b,label\n1,2,0\n3,-1,1\n0,5,0\n4,4,1\n2,1,0\n1,7,1\n1,2,1\n",
		"wide.csv": "s,t,u,v\nx,y,z,1\nw,y,z,2\n", "wine.csv": strings.ReplaceAll(genes.String(), "level", "class"),
		"mails.svm": mails.String(), "mails.libsvm.gz": mails.String(), "a9a": mails.String(), "path/to/a9a": mails.String(), "mnist": mails.String(),
		"rows.vw": clicks, "day-1.vw": clicks, "day-1.vw.gz": clicks,
		"books/one.txt": text, "path/to/texts/one.txt": text, "corpus/one.txt": text, "speeches.txt": text,
		"reviews.txt.gz": text + "<|endoftext|>\n" + text, "more/two.jsonl.zst": `{"text": "Light is."}` + "\n",
		"hellaswag_val.jsonl": `{"ctx": "A", "endings": ["b", "c", "d", "e"], "label": 1}` + "\n",
		"race.toml":           "epochs = 1\n", "tune.toml": "epochs = 1\n",
	} {
		write(name, packed(t, name, text))
	}
	for name, from := range map[string]string{
		"cars.parquet": "testdata/parquet/numbers.parquet", "fineweb/0.parquet": "testdata/parquet/required.parquet",
		"hellaswag_val.bin": "tokens/testdata/choices.bin",
	} {
		file, err := os.ReadFile(filepath.Join(root, "data", from))
		if err != nil {
			t.Fatal(err)
		}
		write(name, string(file))
	}
	for name, vocabulary := range map[string]int{"gpt2": 50257, "gpt2_124M.bin": 50257, "run/model": 257, "newton": 257} {
		path := filepath.Join(dir, name)
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), tinyGPT(path, vocabulary)); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.CopyFS(filepath.Join(dir, "examples"), os.DirFS(root+"/examples")); err != nil {
		t.Fatal(err)
	}
	t.Chdir(dir)
	for _, args := range []string{
		"fit genes.csv -o model.json", "minimize gd --function booth --steps 2 --quiet --runs runs", "tokenize books -o corpus-tokens", "tokenize books -o shards",
	} {
		var said bytes.Buffer
		if code := run(t.Context(), strings.Fields(args), &said, &said); code != exitOK {
			t.Fatalf("%s: %s", args, &said)
		}
	}
	return dir
}
