package cli

import (
	"os"
	"testing"
)

func TestColors(t *testing.T) {
	tty, err := os.OpenFile("/dev/ptmx", os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer tty.Close()
	for _, test := range []struct {
		noColor, term string
		want          bool
	}{{"", "xterm", true}, {"1", "xterm", false}, {"", "dumb", false}} {
		t.Setenv("NO_COLOR", test.noColor)
		t.Setenv("TERM", test.term)
		if got := newTerminal(tty); !got.tty || got.color != test.want {
			t.Errorf("NO_COLOR=%q TERM=%q: %+v, want a terminal with color %v", test.noColor, test.term, got, test.want)
		}
	}
	file, err := os.Create(t.TempDir() + "/out")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if got := newTerminal(file); got.tty || got.color {
		t.Errorf("a file is taken for a terminal: %+v", got)
	}
}
