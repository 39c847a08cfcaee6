// Command step compares the steps of the optimizers of Steepest, each a chain of transforms, with a stream that reads and
// writes as many vectors as the rule must, and does nothing else: written in C, with stores through the caches or around
// them, whichever is faster in that round. The parameters are the 148 tensors of GPT-2 with 124,439,808 elements.
//
// It needs a C compiler and 4 GB of memory, for float64 8 GB. The machine should have nothing else to do.
//
//	go run ./step                                   every elementwise rule, float32, one worker and two
//	go run ./step -rule adamw -workers 1
//	go run ./step -layers 0                         the embeddings alone, 39 million parameters
//	go run ./step -type float64
//
// Rates are GB/s of the bytes that the rule must move; a ratio is the median (minimum–maximum) over the rounds.
package main

import (
	"flag"
	"fmt"
	"log"
	"runtime"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"

	"steepest/bench/paired"
	"steepest/bench/peak"
	"steepest/bench/stream"
	"steepest/methods"
	"steepest/optim"
	"steepest/param"
)

func main() {
	log.SetFlags(0)
	rules := flag.String("rule", "", "`list` of methods; all if empty")
	workers := flag.String("workers", "1,2", "`list` of numbers of threads")
	elem := flag.String("type", "float32", "element type")
	rounds := flag.Int("rounds", 7, "rounds that must count")
	layers := flag.Int("layers", 12, "transformer blocks of the model")
	flag.Parse()
	fmt.Printf("%s, %d parameters of %s\n\n", runtime.Version(), size(gpt2(*layers)), *elem)
	fmt.Println("| rule | bytes | workers | stream | Steepest | of stream | rounds |")
	fmt.Println("|---|---|---|---|---|---|---|")
	for _, m := range methods.All() {
		if m.Family != methods.Elementwise || m.FullBatch || *rules != "" && !slices.Contains(strings.Split(*rules, ","), m.Name) {
			continue
		}
		for _, w := range strings.Split(*workers, ",") {
			n, err := strconv.Atoi(w)
			if err != nil || n < 1 {
				log.Fatalf("%q is no number of workers", w)
			}
			if *elem == "float64" {
				measure[float64](m, 8, gpt2(*layers), n, *rounds)
			} else {
				measure[float32](m, 4, gpt2(*layers), n, *rounds)
			}
		}
	}
}

// measure prints the line of a method.
func measure[T float32 | float64](m methods.Method, elemSize int, params []param.Param, workers, rounds int) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(workers))
	n := size(params)
	x, g := slices.Repeat([]T{1}, n), slices.Repeat([]T{1e-3}, n)
	o, err := optim.New[T](m.Rule, params)
	if err != nil {
		log.Fatal(err)
	}
	vectors := append([][]T{x}, state(o, params[0].Name, n)...)
	vectors = append(vectors, g)
	passes := passesOf(m.Rule.Chain(), len(vectors))
	bytes := 0
	for _, p := range passes {
		bytes += p.Bytes(elemSize)
	}

	contestants := []paired.Contestant{{Name: "Steepest", Run: func(reps int) {
		for range reps {
			o.Step(x, g)
		}
	}}}
	for name, around := range streams {
		contestants = append(contestants, paired.Contestant{Name: name, Run: func(reps int) {
			for range reps {
				for _, p := range passes {
					stream.Run(p, around, workers, vectors)
				}
			}
		}})
	}
	r := paired.Method{Rounds: rounds, Limit: 4 * rounds, Workers: workers, Probe: peak.Float32}.Measure(contestants...)
	work := float64(bytes) * float64(n)
	fmt.Printf("| %s | %d | %d | %s | %s | %v | %d of %d |\n", m.Name, bytes, workers, r.Best(work, "cached", "around").Giga(),
		r.Rate("Steepest", work).Giga(), r.Ratio("Steepest", "cached", "around"), len(r.Probe), len(r.Probe)+r.Discarded)
	debug.FreeOSMemory()
}

// streams are the ways of writing, of which the faster counts.
var streams = map[string]stream.Around{"cached": false, "around": true}

// state returns the state vectors of an optimizer. They are flat, and so the views of the first parameter reach over all.
func state[T float32 | float64](o *optim.Optimizer[T], first string, n int) (vectors [][]T) {
	for name, v := range o.State().Vectors {
		if strings.HasSuffix(name, "/"+first) {
			vectors = append(vectors, v[:n])
		}
	}
	return vectors
}

// passesOf returns what a chain has to move: x and its state in and out, and g in; before that g once more for its norm, and
// x for its own.
func passesOf(chain optim.Chain, vectors int) []stream.Pass {
	step := stream.Pass{Reads: vectors, Writes: vectors - 1}
	if sums := len(chain[0].Transform().Sums); sums > 0 {
		return []stream.Pass{{Reads: sums}, step}
	}
	return []stream.Pass{step}
}

func size(params []param.Param) (n int) {
	for _, p := range params {
		n += p.Size()
	}
	return n
}

// gpt2 returns the tensors of GPT-2 with so many transformer blocks, 12 for the one of 124 million parameters.
func gpt2(layers int) []param.Param {
	const vocabulary, context, d = 50257, 1024, 768
	params := []param.Param{{Name: "wte", Shape: []int{vocabulary, d}}, {Name: "wpe", Shape: []int{context, d}}}
	add := func(name string, shape ...int) {
		params = append(params, param.Param{Name: name + ".weight", Shape: shape}, param.Param{Name: name + ".bias", Shape: shape[:1]})
	}
	for i := range layers {
		block := fmt.Sprintf("h.%d.", i)
		add(block+"ln_1", d)
		add(block+"attn.c_attn", 3*d, d)
		add(block+"attn.c_proj", d, d)
		add(block+"ln_2", d)
		add(block+"mlp.c_fc", 4*d, d)
		add(block+"mlp.c_proj", d, 4*d)
	}
	add("ln_f", d)
	return params
}
