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
			words := []string{"--" + f.Name}
			if f.Short != 0 {
				words = append(words, "-"+string(f.Short))
			}
			for _, word := range words {
				var said strings.Builder
				code := run(context.Background(), []string{command.Name, word + "=mean"}, io.Discard, &said)
				if want := "error: --" + f.Name + " takes no value, and mean is given\n"; code != exitUsage || !strings.HasPrefix(said.String(), want) || !strings.Contains(said.String(), "hint: --"+f.Name+" alone: ") {
					t.Errorf("%s %s: exit code %d, %s", command.Name, word, code, said.String())
				}
			}
		}
	}
	for _, word := range []string{"--help", "-h"} {
		var said strings.Builder
		if code := run(context.Background(), []string{"fit", word + "=maybe"}, io.Discard, &said); code != exitUsage || !strings.HasPrefix(said.String(), "error: --help") {
			t.Errorf("fit %s=maybe: exit code %d, %s", word, code, said.String())
		}
	}
	if switches < 40 {
		t.Errorf("%d switches", switches)
	}
}

// TestFlagsAsWritten: a message about a flag names it as the user has written it.
func TestFlagsAsWritten(t *testing.T) {
	for args, want := range map[string]string{
		"fit heart-scale --lambda x":                            "error: --lambda: \"x\" is not a finite number\n",
		"fit heart-scale --lambda=-1":                           "error: --lambda is -1, want a number of at least 0\n",
		"fit heart-scale -lambda -1":                            "error: --lambda is -1, want a number of at least 0\n",
		"fit heart-scale --l2 -1":                               "error: --l2 is -1, want a number of at least 0\n",
		"fit heart-scale --lambda 1 --C 1":                      "error: --lambda, --alpha and --C say the same penalty in three ways\n",
		"fit heart-scale --loss hinge --lambda 0":               "error: --lambda: 0 is no penalty, and the hinge loss needs one\n",
		"fit heart-scale --loss hinge --l2 0":                   "error: --l2: 0 is no penalty, and the hinge loss needs one\n",
		"fit heart-scale --loss hinge --alpha 0":                "error: --alpha: 0 is no penalty, and the hinge loss needs one\n",
		"fit heart-scale --C 1e-320":                            "error: --C: 1e-320 is an infinite penalty\n",
		"compare --out /nowhere/--report.html --function booth": "error: --out: /nowhere/--report.html cannot be written: ",
		"minimize adam --data heart-scale --lambda -1":          "error: unknown flag --lambda; it is called l2 here\n",
	} {
		var said strings.Builder
		if code := run(t.Context(), strings.Fields(args), io.Discard, &said); code == exitOK || !strings.HasPrefix(said.String(), want) {
			t.Errorf("%s: exit code %d, %s\nwant %s", args, code, said.String(), want)
		}
	}
}
