package main

import (
	_ "embed"
	"fmt"
	"math"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"steepest/bench/python"
	"steepest/gpt"
)

//go:embed roundtrip.py
var roundTrip string

// roundTrips writes models, which transformers reads, runs and writes again, and reads the result. One model has the table of embeddings
// as its head, one a head of its own, and one is in bfloat16. Scores must agree to the rounding of float32, and parameters to the bit.
func roundTrips(interpreter, dir string) error {
	peer, version, err := python.Start(interpreter, roundTrip)
	if err != nil {
		return err
	}
	defer peer.Stop()
	for _, test := range []struct {
		name      string
		untied    bool
		precision gpt.Precision
	}{{"tied", false, gpt.Float32}, {"untied", true, gpt.Float32}, {"tied-bfloat16", false, gpt.BFloat16}, {"untied-bfloat16", true, gpt.BFloat16}} {
		name := test.name
		c := gpt.Config{Vocab: 257, Context: 40, Layers: 3, Heads: 4, Width: 64, Untied: test.untied}
		folder := filepath.Join(dir, name)
		if err := gpt.WriteHuggingFace(folder, c, gpt.Start[float32](c, 7), test.precision); err != nil {
			return err
		}
		config, x, err := gpt.ReadHuggingFace(folder)
		if err != nil {
			return err
		}
		answer, err := peer.Ask("%s", folder)
		if err != nil {
			return err
		}
		theirs, ours := strings.Fields(answer), gpt.Logits(config, x, []uint32{3, 1, 4, 1, 5, 9})
		if len(theirs) != len(ours) {
			return fmt.Errorf("%s: %d scores, and transformers has %d", name, len(ours), len(theirs))
		}
		apart := 0.0
		for i, text := range theirs {
			score, err := strconv.ParseFloat(text, 64)
			if err != nil {
				return err
			}
			apart = max(apart, math.Abs(score-float64(ours[i])))
		}
		again, y, err := gpt.ReadHuggingFace(folder + "-again")
		switch {
		case err != nil:
			return err
		case !(apart < 2e-6):
			return fmt.Errorf("%s: scores differ by %v from those of transformers %s", name, apart, version)
		case again != c || !slices.Equal(x, y):
			return fmt.Errorf("%s: the parameters that transformers %s writes are others", name, version)
		}
		fmt.Printf("%s: transformers %s has the same scores, to %.1g, and writes the same parameters\n", name, version, apart)
	}
	return nil
}
