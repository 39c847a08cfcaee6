package cli

import (
	"bytes"
	"context"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestNumbers: flags, options and files refuse Go's other forms of numbers, such as 0x1p-2.
func TestNumbers(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	texts := []string{"18_24", "nan", "1_0", "0x1p-2", "0x10", "0b1", "infinity", "1e400", "1e", "½"}
	if testing.Short() {
		texts = texts[:2]
	}
	for _, text := range texts {
		csv, svm, config := filepath.Join(dir, "d.csv"), filepath.Join(dir, "d.svm"), filepath.Join(dir, "c.toml")
		write := func(path, format string) {
			if err := os.WriteFile(path, []byte(strings.ReplaceAll(format, "N", text)), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		write(csv, "a,b,y\n1,2,0\n\"N\",3,1\n")
		write(svm, "1 1:1\n0 1:N\n")
		write(config, "l2 = \"N\"\n")
		for args, want := range map[string]int{
			"minimize sgd:lr=N --function booth":                    exitUsage,
			"minimize sgd:lr=invsqrt(N) --function booth":           exitUsage,
			"minimize momentum:momentum=N --function booth":         exitUsage,
			"minimize sgd:batch=N --data heart-scale":               exitUsage,
			"minimize sgd --function booth --steps N":               exitUsage,
			"minimize sgd --function booth --epochs N":              exitUsage,
			"minimize sgd --function booth --seed N":                exitUsage,
			"minimize sgd --function booth --start 1;N":             exitUsage,
			"minimize sgd --function booth --start normal(N)":       exitUsage,
			"minimize sgd --data heart-scale --l2 N":                exitUsage,
			"minimize sgd --data heart-scale --hidden N":            exitUsage,
			"minimize sgd --data heart-scale --batch N":             exitUsage,
			"minimize sgd --data heart-scale --validation N":        exitUsage,
			"minimize steepest:norm=schatten(N) --data heart-scale": exitUsage,
			"minimize sgd C --data heart-scale":                     exitUsage,
			"data CSV":                                              exitData,
			"data SVM":                                              exitData,
		} {
			var words []string
			for _, word := range strings.Fields(args) {
				words = append(words, strings.NewReplacer("N", text, "CSV", csv, "SVM", svm, "C", config, ";", ",").Replace(word))
			}
			var out, errors bytes.Buffer
			if code := run(context.Background(), words, &out, &errors); code != want || !strings.HasPrefix(errors.String(), "error: ") {
				t.Errorf("%q ends with %d, want %d: %s%s", words, code, want, out.String(), errors.String())
			}
		}
	}
}

// TestWholeNumbers: all whole numbers may have an exponent.
func TestWholeNumbers(t *testing.T) {
	t.Parallel()
	config := filepath.Join(t.TempDir(), "c.toml")
	if err := os.WriteFile(config, []byte("steps = 1e1\nseed = 1e0\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	var results []string
	for _, args := range []string{
		"adam:accumulate=2,batch=20 --steps 10 --seed 1 --every 10 --hidden 10",
		"adam:accumulate=20e-1,batch=2e1 --steps 1e1 --seed 1E0 --every 0.1e2 --hidden 1e+1",
		"adam:accumulate=2 " + config + " --every 1e1 --batch 2e1 --hidden 1e1",
	} {
		var out, messages bytes.Buffer
		args := append(strings.Fields("minimize "+args), "--data", "heart-scale", "--json", "--quiet")
		if code := run(context.Background(), args, &out, &messages); code != exitOK {
			t.Fatalf("%q ends with %d: %s", args, code, messages.String())
		}
		results = append(results, regexp.MustCompile(`"(objective|steps)": .*`).FindAllString(out.String(), -1)...)
	}
	if n := len(results) / 3; n < 2 || !slices.Equal(results[:n], results[n:2*n]) || !slices.Equal(results[:n], results[2*n:]) {
		t.Errorf("the same numbers give %q", results)
	}
}

// TestBytesOfTexts: arguments and flags keep bytes that are not UTF-8, as names of files may have.
func TestBytesOfTexts(t *testing.T) {
	var c commands
	parser := newParser(&c, io.Discard, io.Discard, nil)
	if _, err := parser.Parse([]string{"tokenize", "a\xff.txt", "b\xff.txt", "-o", "c\xff"}); err != nil {
		t.Fatal(err)
	}
	if got, want := append(c.Tokenize.Inputs, c.Tokenize.Out), []string{"a\xff.txt", "b\xff.txt", "c\xff"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}
