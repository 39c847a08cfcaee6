package cli

import (
	"context"
	"io"
	"strings"
	"testing"
)

// TestSwitchesTakeNoValue: every flag without a value says so, and what it does, if it is given one.
func TestSwitchesTakeNoValue(t *testing.T) {
	switches := 0
	for _, command := range grammar().Leaves(false) {
		for _, f := range command.Flags {
			if !f.IsBool() {
				continue
			}
			switches++
			var said strings.Builder
			code := run(context.Background(), []string{command.Name, "--" + f.Name + "=mean"}, io.Discard, &said)
			if want := "error: --" + f.Name + " takes no value, and mean is given\n"; code != exitUsage || !strings.HasPrefix(said.String(), want) || !strings.Contains(said.String(), "hint: --"+f.Name+" alone: ") {
				t.Errorf("%s: exit code %d, %s", command.Name, code, said.String())
			}
		}
	}
	var said strings.Builder
	if code := run(context.Background(), []string{"fit", "--help=maybe"}, io.Discard, &said); code != exitUsage || !strings.HasPrefix(said.String(), "error: --help") {
		t.Errorf("fit --help=maybe: exit code %d, %s", code, said.String())
	}
	if switches < 40 {
		t.Errorf("%d switches", switches)
	}
}
