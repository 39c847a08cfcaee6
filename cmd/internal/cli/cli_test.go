package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/rogpeppe/go-internal/testscript"

	"steepest/gpt"
)

func TestMain(m *testing.M) {
	late = time.Hour
	if os.Getenv(asProgram) != "" {
		os.Exit(Main(nil))
	}
	testscript.Main(m, map[string]func(){"steepest": func() { os.Exit(Main(nil)) }})
}

func TestScripts(t *testing.T) {
	t.Parallel()
	scripts, err := filepath.Glob("testdata/script/*.txtar")
	if err != nil || scripts == nil {
		t.Fatal(err, scripts)
	}
	if testing.Short() { // every third one: starting a process is slow under the race detector
		k := 0
		scripts = slices.DeleteFunc(scripts, func(string) bool { k++; return k%3 > 0 })
	}
	testscript.Run(t, testscript.Params{
		Files:               scripts,
		RequireExplicitExec: true,
		Setup: func(env *testscript.Env) error {
			examples, err := filepath.Abs("../../../examples")
			env.Setenv("EXAMPLES", examples)
			parquet, failed := filepath.Abs("../../../data/testdata/parquet")
			env.Setenv("PARQUET", parquet)
			return errors.Join(err, failed)
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exits":      exits,
			"narrow":     narrow,
			"untime":     untime,
			"since":      since,
			"await":      await,
			"isjson":     isJSON,
			"untimed":    untimed,
			"damage":     damage,
			"parameters": parameters,
			"unclocked":  unclocked,
			"curve":      curve,
			"firstrows":  firstRows,
			"gpt":        writeGPT,
		},
	})
}

// exits CODE COMMAND ARG...: the command ends with the exit code.
func exits(ts *testscript.TestScript, _ bool, args []string) {
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got := 0
	var exit *exec.ExitError
	if err := ts.Exec(args[1], args[2:]...); errors.As(err, &exit) {
		got = exit.ExitCode()
	} else {
		ts.Check(err)
	}
	if got != want {
		ts.Fatalf("exit code %d, want %d", got, want)
	}
}

// narrow WIDTH: no line of the standard output is wider than this.
func narrow(ts *testscript.TestScript, _ bool, args []string) {
	width, err := strconv.Atoi(args[0])
	ts.Check(err)
	for line := range strings.Lines(ts.ReadFile("stdout")) {
		if n := utf8.RuneCountInString(strings.TrimRight(line, "\n")); n > width {
			ts.Fatalf("%d columns, want %d: %s", n, width, line)
		}
	}
}

var seconds = regexp.MustCompile(`(?m)^( .*|time .*)[0-9]+\.[0-9]{3}( s)?$`)

// untime FROM TO: copies a file without the seconds at the ends of its lines.
func untime(ts *testscript.TestScript, _ bool, args []string) {
	text := seconds.ReplaceAllString(ts.ReadFile(args[0]), "$1#$2")
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), []byte(text), 0o644))
}

// since PATTERN FROM TO: copies a file from the first line that matches.
func since(ts *testscript.TestScript, _ bool, args []string) {
	text := ts.ReadFile(args[1])
	at := regexp.MustCompile("(?m)" + args[0]).FindStringIndex(text)
	if at == nil {
		ts.Fatalf("no line matches %s:\n%s", args[0], text)
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[2]), []byte(text[at[0]:]), 0o644))
}

// await FILE LINES: waits until the file has this many lines.
func await(ts *testscript.TestScript, _ bool, args []string) {
	lines, err := strconv.Atoi(args[1])
	ts.Check(err)
	for range 1000 {
		if text, err := os.ReadFile(ts.MkAbs(args[0])); err == nil && bytes.Count(text, []byte("\n")) >= lines {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	ts.Fatalf("%s has no %d lines", args[0], lines)
}

// isjson FILE: every line of a .jsonl file, or the whole of another file, is JSON.
func isJSON(ts *testscript.TestScript, _ bool, args []string) {
	texts := []string{ts.ReadFile(args[0])}
	if strings.HasSuffix(args[0], ".jsonl") {
		texts = slices.Collect(strings.Lines(texts[0]))
	}
	for _, text := range texts {
		if !json.Valid([]byte(text)) {
			ts.Fatalf("not JSON: %s", text)
		}
	}
}

// untimed FROM TO: copies JSON without times.
func untimed(ts *testscript.TestScript, _ bool, args []string) {
	text := regexp.MustCompile(`"seconds[a-z_]*": [0-9.e+-]+`).ReplaceAllString(ts.ReadFile(args[0]), "#")
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), []byte(text), 0o644))
}

// unclocked FROM TO: copies a record without its seconds.
func unclocked(ts *testscript.TestScript, _ bool, args []string) {
	text := regexp.MustCompile(`"seconds":[0-9.e+-]+`).ReplaceAllString(ts.ReadFile(args[0]), "#")
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), []byte(text), 0o644))
}

// curve FROM TO: copies the table of a run without its name and its seconds, the last column.
func curve(ts *testscript.TestScript, _ bool, args []string) {
	text := regexp.MustCompile(`(?m)^[^,]*,|,[^,\n]*$`).ReplaceAllString(ts.ReadFile(args[0]), "")
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), []byte(text), 0o644))
}

// firstrows FEW MANY: a file begins with the lines of another one.
func firstRows(ts *testscript.TestScript, _ bool, args []string) {
	if few, many := ts.ReadFile(args[0]), ts.ReadFile(args[1]); !strings.HasPrefix(many, few) {
		ts.Fatalf("%q is no beginning of %q", few, many)
	}
}

// damage FOLDER: flips a bit in the tensors of the newest checkpoint.
func damage(ts *testscript.TestScript, _ bool, args []string) {
	paths, err := filepath.Glob(ts.MkAbs(args[0]) + "/*/tensors.safetensors")
	ts.Check(err)
	text, err := os.ReadFile(paths[len(paths)-1])
	ts.Check(err)
	text[len(text)/2] ^= 4
	ts.Check(os.WriteFile(paths[len(paths)-1], text, 0o644))
}

// parameters MODEL TO: writes the bits of a model's parameters to a file.
func parameters(ts *testscript.TestScript, _ bool, args []string) {
	m, err := readModel(ts.MkAbs(args[0]))
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), fmt.Append(nil, m.Params), 0o644))
}

// gpt PATH VOCABULARY: writes a tiny language model, as a file of llm.c if the path ends in .bin, otherwise as a folder.
func writeGPT(ts *testscript.TestScript, _ bool, args []string) {
	vocabulary, err := strconv.Atoi(args[1])
	ts.Check(err)
	ts.Check(tinyGPT(ts.MkAbs(args[0]), vocabulary))
}

// tinyGPT writes a model, as a folder, or as a file of llm.c if its name ends in .bin: in float32, or in bfloat16 for half.bin.
func tinyGPT(path string, vocabulary int) error {
	c := gpt.Config{Vocab: vocabulary, Context: 16, Layers: 1, Heads: 2, Width: 4}
	x := gpt.Start[float32](c, 1)
	if filepath.Base(path) == "half.bin" {
		return gpt.WriteLLMC(path, c, x, gpt.BFloat16)
	}
	if filepath.Ext(path) == ".bin" {
		return gpt.WriteLLMC(path, c, x, gpt.Float32)
	}
	return gpt.WriteHuggingFace(path, c, x, gpt.Float32)
}

func TestNormalize(t *testing.T) {
	parser := newParser(new(commands), io.Discard, io.Discard, nil)
	for _, test := range []struct{ args, want string }{
		{"compare -data a9a -l2 1e-4", "compare --data a9a --l2 1e-4"},
		{"compare --data a9a -m sgd", "compare --data a9a -m sgd"},
		{"compare -l2=1e-4 -methods=all", "compare --l2=1e-4 --methods=all"},
		{"compare -start -1.2,1 -steps 5", "compare --start=-1.2,1 --steps 5"},
		{"compare -seed -5 -x -.5", "compare --seed=-5 --x-axis=-.5"},
		{"compare -intercept -1", "compare --intercept -1"},
		{"data -label -1 x.csv", "data --label=-1 x.csv"},
		{"fit -lambda -1", "fit --lambda=-1"},
		{"minimize -lambda -1", "minimize --lambda -1"},
		{"fit -q=maybe -o=model -h=x", "fit --quiet=maybe --model=model --help=x"},
		{"compare -o=a=b.html", "compare --report=a=b.html"},
		{"data -h -- -data", "data -h -- -data"},
		{"data -", "data -"},
	} {
		got := strings.Join(normalize(strings.Fields(test.args), parser.Model), " ")
		if got != test.want {
			t.Errorf("normalize(%s) = %s, want %s", test.args, got, test.want)
		}
	}
}

// A run that is interrupted from the start, as by Ctrl-C while data are loaded, does not change the old model and record.
func TestInterruptedMinimize(t *testing.T) {
	dir := t.TempDir()
	path, record := filepath.Join(dir, "model.json"), filepath.Join(dir, "record.jsonl")
	for _, name := range []string{path, record} {
		if err := os.WriteFile(name, []byte("old"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	code, stderr := runCancelled("minimize", "sgd", "-data", "heart-scale", "-quiet", "-model", path, "-record", record)
	if code != exitInterrupted || !strings.Contains(stderr, "\nerror: interrupted") { // before the first step, or while data load, where that is slow
		t.Errorf("exit code %d, stderr: %s", code, stderr)
	}
	for _, name := range []string{path, record} {
		if text, err := os.ReadFile(name); err != nil || string(text) != "old" {
			t.Errorf("%s holds %q, %v", name, text, err)
		}
	}
}

func TestInterruptedCompare(t *testing.T) {
	report := filepath.Join(t.TempDir(), "report.html")
	code, stderr := runCancelled("compare", "-function", "booth", "-report", report)
	if code != exitInterrupted || !strings.Contains(stderr, "error: interrupted") {
		t.Errorf("exit code %d, want %d; stderr: %s", code, exitInterrupted, stderr)
	}
	if _, err := os.Stat(report); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a report was written: %v", err)
	}
}

func runCancelled(args ...string) (code int, stderr string) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	var out, errors bytes.Buffer
	code = run(ctx, args, &out, &errors)
	return code, errors.String()
}

func TestCommandLine(t *testing.T) {
	got := commandLine([]string{"compare", "-m", "sgd:lr=invsqrt(1)", "-o", "", "-title", "it's"})
	if want := `steepest compare -m 'sgd:lr=invsqrt(1)' -o '' -title 'it'\''s'`; got != want {
		t.Errorf("commandLine: %s, want %s", got, want)
	}
}

func TestWrap(t *testing.T) {
	for _, test := range []struct {
		width, indent int
		text, want    string
	}{
		{12, 0, "f − f* of x by Newton", "f − f* of x\nby Newton\n"},
		{10, 4, "a=1 b=2 a-long-word", "    a=1\n    b=2\n    a-long-word\n"},
		{0, 0, strings.Repeat("x ", 60), strings.Repeat("x ", 49) + "x\n" + strings.Repeat("x ", 9) + "x\n"},
	} {
		if got := (terminal{width: test.width}).wrap(test.text, test.indent); got != test.want {
			t.Errorf("wrap(%q) = %q, want %q", test.text, got, test.want)
		}
	}
}
