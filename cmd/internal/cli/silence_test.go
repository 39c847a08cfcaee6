package cli

import (
	"bytes"
	"context"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/alecthomas/kong"

	"steepest/internal/simd"
)

// audible has, for each flag, a value that differs from the default.
var audible = map[string]string{
	"data": "<in>/other.csv", "text": "<in>/text.txt", "function": "beale", "kappa": "3", "noise": "0.5", "loss": "least-squares", "delta": "0.01", "l2": "0.5", "l1": "0.5", "scale": "unit",
	"intercept": "true", "hidden": "3", "activation": "relu", "layer-norm": "true", "no-bias": "true", "rank": "1", "test": "<in>/rows.csv",
	"ignore-unknown": "true", "validation": "0.3", "start": "zero", "format": "csv", "label": "1", "columns": "2", "drop": "2",
	"categorical": "2", "header": "no", "delimiter": "|", "decimal": ",", "missing": "7", "impute": "true", "zero-based": "true",
	"local-steps": "2", "replicas": "2", "outer": "sgd:lr=1", "micro-batches": "2", "reduce": "fast", "compress": "top-k(0.5)", "shard": "true", "watchdog": "1m", "min-features": "9", "cache": "<out>/cache", "progressive": "true", "bits": "4", "hash-all": "true", "interactions": "ab", "labels": "<in>/others-labels-idx1-ubyte", "batch": "3", "sampling": "sequential", "epochs": "1", "steps": "2", "time": "1ns",
	"step": "theory", "seed": "7", "average": "uniform", "precision": "float32", "every": "3",
	"instructions": simd.Newest(), "alpha": "0.125", "C": "3", "l1-ratio": "0.5", "weights": "2", "class-weight": "0=3", "one-vs-rest": "true", "no-intercept": "true",
	"tolerance": "1e-3", "passes": "3", "path": "2", "cv": "2", "top": "1",
	"checkpoint": "<out>/folder", "checkpoint-every": "2", "keep": "1", "resume": "true",
	"patience": "1", "best": "true", "target": "1e6", "model": "<out>/m.json", "runs": "<out>/runs", "tensorboard": "<out>/tb", "record": "<out>/r.jsonl", "plan": "true", "quiet": "true", "json": "true",
	"method": "sgd:lr=0.01", "trials": "3", "tune-by": "loss", "seeds": "1", "untuned": "true", "problem": "rosenbrock", "within": "0.5", "work": "steps", "tau-max": "9", "bounds": "true", "no-optimum": "true", "report": "<out>/other.html",
	"svg": "<out>/x.svg", "png": "<out>/x.png", "regions": "<out>/y.png", "x-axis": "flops", "y-axis": "loss", "panels": "steps:loss", "title": "another",
	"jsonl": "<out>/x.jsonl", "out": "<out>/p.csv", "dir": "<out>/dir", "html": "<out>/html", "lang": "ru", "tokens": "3", "temperature": "0.5", "top-k": "2", "top-p": "0.1", "samples": "2", "preset": "gpt2", "init": "<in>/gpt", "layers": "2", "heads": "4",
	"width": "16", "context": "7", "encoding": "gpt2", "special": "text", "recompute": "true", "products": "bf16", "choices": "<in>/choices.jsonl", "questions": "1", "first": "1", "separator": "line", "field": "text", "column": "text", "errors": "true", "spike": "0.001", "sample-every": "3", "sample-tokens": "2", "prompt": "a", "markdown": "true", "licenses": "true",
}

// told lists flags whose effect the test cannot see, since they repeat a default or depend on the clock, with the reason.
var told = map[string]string{
	"seed":          "is of everything random, if there is anything",
	"impute":        "is for values that may be missing",
	"format":        "says what the file shows",
	"missing":       "is for marks that may occur",
	"time":          "bounds a run that may end before",
	"best":          "is the last point, if that is the best",
	"recompute":     "changes memory and time alone",
	"spike":         "is for losses that may be out of line",
	"special":       "is for what may stand in a text",
	"tune-by":       "says by what trials are judged anyway",
	"micro-batches": "changes the rounding of sums alone",
	"passes":        "bounds a run that may end before",
	"instructions":  "changes the rounding of sums alone",
}

var clock = regexp.MustCompile(`(?s)<tr><t[hd][^>]*>Command<.*?</tr>|<dt>Command</dt>\s*<dd>.*?</dd>|"?seconds[a-z_]*"?: ?[0-9.e+-]+|[0-9.]+(e-[0-9]+)? ?m?s\b|[0-9]+\.[0-9]{3}\n`)

// TestFlagsSaySomething tries each flag of all commands except lecture, with each kind of problem and format, on the command line and in a settings
// file. The result must change, or the flag must be refused.
func TestFlagsSaySomething(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for name, text := range map[string]string{
		"choices.jsonl": `{"ctx": "a", "endings": ["b", "c"], "label": 1}` + "\n" + `{"ctx": "b", "endings": ["b", "c"], "label": 1}` + "\n",
		"text.txt":      "Are not gross Bodies and Light convertible into one another,\nand may not Bodies receive much of their Activity from them?\n",
		"rows.csv":      "a,b,y\n1.25,2,0\n2,3,1\n3,4,0\n4,7,1\n5,5,1\n6,5,0\n7,2,1\n8,1,0\n",
		"other.csv":     "a,b,y\n1.25,2,0\n2,3,1\n3,4,1\n4,7,1\n5,5,1\n6,5,0\n7,2,1\n8,1,0\n",
		"rows.vw":       "0 |f 1:1 b:2\n1 2 |f 1:2 b:3\n0 |f 1:3\n1 |f b:4\n1 |f 1:4 b\n0 |f 1\n1 |f 1:5 b:5\n0 |f 1:2 b\n",
		"rows.svm":      "0 1:1 2:2\n1 1:2 2:3\n0 1:3\n1 2:4\n1 1:4 2:1\n0 1:1\n1 1:5 2:5\n0 1:2 2:1\n",
		"tiny-images-idx3-ubyte": "\x00\x00\x08\x03\x00\x00\x00\x08\x00\x00\x00\x01\x00\x00\x00\x02" +
			"\x01\x02\x03\x04\x05\x06\x07\x08\x08\x07\x06\x05\x04\x03\x02\x02",
		"tiny-labels-idx1-ubyte":   "\x00\x00\x08\x01\x00\x00\x00\x08\x00\x01\x00\x01\x01\x00\x01\x00",
		"others-labels-idx1-ubyte": "\x00\x00\x08\x01\x00\x00\x00\x08\x01\x01\x00\x01\x01\x00\x01\x02",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if code, said := try(t, dir, "minimize", "gd", "--data", "<in>/rows.csv", "--steps", "3", "--model", "<in>/model.json"); code != 0 {
		t.Fatal(said)
	}
	if err := tinyGPT(filepath.Join(dir, "gpt"), 257); err != nil {
		t.Fatal(err)
	}
	parser := newParser(new(commands), io.Discard, io.Discard, nil)
	for k, base := range []string{
		"minimize sgd --steps 5 --data <in>/rows.csv --model <out>/m.json",
		"minimize sgd --steps 5 --data <in>/rows.svm --record <out>/r.jsonl --model <out>/m.json",
		"minimize sgd --steps 5 --data <in>/rows.vw --record <out>/r.jsonl --model <out>/m.json",
		"minimize adam --steps 5 --data <in>/tiny-images-idx3-ubyte --record <out>/r.jsonl",
		"minimize gd --steps 5 --data breast-cancer --record <out>/r.jsonl",
		"minimize adam --steps 5 --function quadratic --record <out>/r.jsonl",
		"minimize adam --steps 5 --data <in>/rows.csv --rank 2 --record <out>/r.jsonl",
		"minimize adam --steps 5 --data <in>/rows.csv --hidden 2 --record <out>/r.jsonl",
		"compare -m sgd -m adam --steps 5 --seeds 2 --trials 2 --report= --jsonl <out>/r.jsonl --data <in>/rows.csv",
		"compare -m sgd:lr=0.1 -m gd:lr=0.1 --steps 5 --seeds 2 --report= --no-optimum --json --jsonl <out>/r.jsonl --data <in>/rows.svm",
		"compare -m adam --steps 5 --seeds 2 --trials 2 --report <out>/r.html --function booth",
		"compare -m adam --steps 5 --seeds 2 --trials 2 --report= --jsonl <out>/r.jsonl --data <in>/rows.csv --hidden 2",
		"compare -m sgd -m adam --steps 5 --seeds 2 --trials 2 --report= --jsonl <out>/r.jsonl --text <in>/text.txt --layers 1 --heads 2 --width 8 --context 8 --batch 2",
		"bench -p b=--function=booth -m sgd -m adam --seeds 2 --trials 2 --report= --json",
		"fit <in>/rows.csv --model <out>/m.json", "fit <in>/rows.svm --json", "fit <in>/tiny-images-idx3-ubyte", "fit breast-cancer --C 0.1",
		"inspect <in>/model.json",
		"predict <in>/model.json --data <in>/rows.csv",
		"data <in>/rows.csv", "data <in>/rows.svm", "data <in>/tiny-images-idx3-ubyte", "data digits", "data",
		"pretrain <in>/text.txt --layers 1 --heads 2 --width 8 --context 8 --batch 2 --steps 9 --quiet --record <out>/r.jsonl",
		"evaluate <in>/gpt <in>/choices.jsonl", "generate <in>/gpt ab", "generate <in>/gpt --temperature 0", "methods", "methods sgd", "version",
	} {
		if testing.Short() && k%9 != 0 { // under the race detector all would take minutes
			continue
		}
		t.Run(base, func(t *testing.T) {
			t.Parallel()
			args := strings.Fields(base)
			i := slices.IndexFunc(parser.Model.Leaves(false), func(n *kong.Node) bool { return n.Name == args[0] })
			_, without := try(t, dir, args...)
			for _, f := range parser.Model.Leaves(false)[i].Flags {
				value, known := audible[f.Name]
				switch {
				case f.Name == "help" || slices.Contains(args, "--"+f.Name):
					continue
				case !known:
					t.Errorf("--%s has no value here", f.Name)
					continue
				}
				flag := "--" + f.Name + "=" + value
				if f.IsBool() {
					flag = "--" + f.Name
				}
				code, with := try(t, dir, append(slices.Clone(args), flag)...)
				if code != exitUsage && code != exitData && with == without && told[f.Name] == "" {
					t.Errorf("%s has no effect", flag)
				}
				if !strings.HasPrefix(base, "minimize") && !strings.HasSuffix(base, "booth") {
					continue
				}
				if !f.IsBool() && f.Target.Kind() != reflect.Int && f.Target.Kind() != reflect.Float64 {
					value = `"` + value + `"`
				}
				out := t.TempDir()
				settings, text := filepath.Join(out, "settings.toml"), places(dir, out).Replace(f.Name+" = "+value+"\n")
				if err := os.WriteFile(settings, []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
				if other, _ := try(t, dir, append(slices.Clone(args), settings)...); other != code {
					t.Errorf("%s: exit code %d, and %d as a setting", flag, code, other)
				}
			}
		})
	}
}

// try runs a command, in which <in> stands for the folder dir and <out> for a new folder. It returns the exit code and all written text
// without times.
func try(t *testing.T, dir string, args ...string) (code int, written string) {
	t.Helper()
	out := t.TempDir()
	args = slices.Clone(args)
	for i, arg := range args {
		args[i] = places(dir, out).Replace(arg)
	}
	var stdout, stderr bytes.Buffer
	code = run(context.Background(), args, &stdout, &stderr)
	written = stdout.String() + stderr.String()
	_ = filepath.WalkDir(out, func(path string, entry os.DirEntry, err error) error {
		if text, err := os.ReadFile(path); err == nil {
			written += path + string(text)
		}
		return err
	})
	return code, strings.ReplaceAll(clock.ReplaceAllString(written, "#"), out, "")
}

func places(dir, out string) *strings.Replacer { return strings.NewReplacer("<in>", dir, "<out>", out) }
