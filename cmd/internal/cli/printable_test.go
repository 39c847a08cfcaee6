package cli

import (
	"bytes"
	"context"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Names of files, columns and classes do not control the terminal.
func TestNamesArePrintable(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "a\x1b[31m\u202e.csv")
	model := filepath.Join(dir, "m\x1b]0;title\a.json")
	text := "a,b\x1b[5m,y\n1,2,\x1b[2Jred\n3,4,blue\u009b1m\n2,2,\x1b[2Jred\n1,4,blue\u009b1m\n"
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{
		{"data", path},
		{"data", path, "--label", "\x1b[5m"},
		{"data", path, "--label", "1", "--header", "no"},
		{"data", path + "x"},
		{"minimize", "gd", "--data", path, "--steps", "2", "--model", model},
		{"compare", "-m", "gd", "--data", path, "--epochs", "1", "--seeds", "2", "--report", ""},
		{"predict", model, "--data", path, "-o", filepath.Join(dir, "p\x1b.csv")},
		{"predict", path, "--data", path},
		{"min\x1b[5mimize"},
		{"data", "--\x1b[5m"},
	} {
		var out, messages bytes.Buffer
		run(context.Background(), args, &out, &messages)
		if shown := out.String() + messages.String(); shown == "" || strings.ContainsAny(shown, "\x1b\a\u009b\u202e") {
			t.Errorf("%q shows %q", args, shown)
		}
	}
	var shown bytes.Buffer
	w := &world{Context: context.Background(), stdout: terminal{screen: &screen{out: &shown}, tty: true}, stderr: newTerminal(io.Discard)}
	err := (&predictCmd{Model: model, Data: path, readFlags: readFlags{Header: "auto"}}).Run(w)
	if text := shown.String(); err != nil || !strings.Contains(text, `\x1b[2Jred`) || strings.ContainsAny(text, "\x1b\u009b") {
		t.Errorf("a terminal is shown %q, %v", text, err)
	}
}
