package gpt_test

import (
	"context"
	"fmt"
	"log"

	"steepest/gpt"
	"steepest/optim/rules"
	"steepest/optim/schedule"
	"steepest/train"
)

// A small GPT-2 learns a text by heart, byte by byte, and continues its first bytes.
func Example() {
	text := []byte("abcdefgh abcdefgh abcdefgh abcdefgh abcdefgh abcdefgh abcdefgh abcdefgh ")
	c := gpt.Config{Vocab: 128, Context: 16, Layers: 1, Heads: 2, Width: 16}
	problem, err := gpt.New[float32](c, gpt.Cut(text, 16), 16)
	if err != nil {
		log.Fatal(err)
	}
	rule := rules.Adam{LR: schedule.Constant(0.02)}
	run, err := train.Minimize(context.Background(), problem, gpt.Start[float32](c, 1), rule, train.Settings{Batch: 4, Steps: 150})
	if err != nil {
		log.Fatal(err)
	}
	prompt := []uint32{'a', 'b', 'c'}
	fmt.Print("abc")
	for token := range gpt.Generate(c, run.X, prompt, gpt.Sampling{}) {
		if token == ' ' {
			break
		}
		fmt.Printf("%c", token)
	}
	// Output: abcdefgh
}
