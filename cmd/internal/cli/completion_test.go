package cli

import (
	"slices"
	"strings"
	"testing"
)

// TestChoices: the commands accept all choices that their help lists and shells complete.
func TestChoices(t *testing.T) {
	t.Parallel()
	bases := map[string]string{
		"minimize": "minimize sgd --steps 1 --quiet --data heart-scale",
		"compare":  "compare -m sgd:lr=0.1 --steps 1 --seeds 1 --trials 0 --report= --function booth",
		"bench":    "bench -p rosenbrock -m sgd --seeds 0", // which is refused after --work has been read
		"fit":      "fit heart-scale --quiet",
		"predict":  "predict nothing.json --data heart-scale",
		"data":     "data heart-scale",
		"generate": "generate nothing",
		"tokenize": "tokenize nothing.txt --out nothing",
		"pretrain": "pretrain --width 8 --heads 1 --layers 1 --steps 1 --plan --quiet",
	}
	tried := 0
	for _, command := range grammar().Leaves(true) {
		for _, f := range command.Flags {
			for _, c := range choices(f.Tag.Vars["choices"]) {
				base, known := bases[command.Name]
				if !known {
					t.Fatalf("%s --%s has choices, and no command to try them in", command.Name, f.Name)
				}
				args := append(strings.Fields(base), "--"+f.Name, c.word)
				if f.Name == "function" {
					args = slices.DeleteFunc(args, func(arg string) bool { return arg == "--data" || arg == "heart-scale" || arg == "booth" })
				}
				tried++
				if _, said := try(t, "", args...); strings.Contains(said, "unknown ") || strings.Contains(said, "unexpected ") {
					t.Errorf("%s: %s", strings.Join(args, " "), said)
				}
			}
		}
	}
	if tried < 60 {
		t.Errorf("only %d choices were tried", tried)
	}
}
