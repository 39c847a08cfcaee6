// Command step compares the steps of the optimizers of Steepest, each a chain of transforms, with a stream that reads and writes as many
// vectors as a step must, and does nothing else. The stream is written in C. It stores through the caches or around them, whichever is
// faster in that round. The parameters are the 148 tensors of GPT-2 with 124,439,808 elements.
//
// It needs a C compiler and 5 GB of memory, for float64 10 GB. The machine should have nothing else to do.
//
//	go run ./step                                   every elementwise rule and link, float32, one worker and two
//	go run ./step -rule "adamw adam+cautious" -workers 1
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
	rules := flag.String("rule", "", "`list` of methods and chains, with blanks between them; all if empty")
	workers := flag.String("workers", "1,2", "`list` of numbers of threads")
	elem := flag.String("type", "float32", "element type")
	rounds := flag.Int("rounds", 7, "rounds that must count")
	layers := flag.Int("layers", 12, "transformer blocks of the model")
	flag.Parse()
	fmt.Printf("%s, %d parameters of %s\n\n", runtime.Version(), size(gpt2(*layers)), *elem)
	fmt.Println("| rule | bytes | workers | stream | Steepest | of stream | rounds |")
	fmt.Println("|---|---|---|---|---|---|---|")
	specs := strings.Fields(*rules)
	if len(specs) == 0 {
		specs = all()
	}
	for _, spec := range specs {
		m, _, err := methods.Parse(spec)
		if err != nil {
			log.Fatal(err)
		}
		for _, w := range strings.Split(*workers, ",") {
			n, err := strconv.Atoi(w)
			if err != nil || n < 1 {
				log.Fatalf("%q is no number of workers", w)
			}
			if *elem == "float64" {
				measure[float64](spec, m.Rule, 8, gpt2(*layers), n, *rounds)
			} else {
				measure[float32](spec, m.Rule, 4, gpt2(*layers), n, *rounds)
			}
		}
	}
}

// all returns the elementwise rules, and Adam with each link that is not for matrices.
func all() (specs []string) {
	for _, m := range methods.All() {
		if m.Family == methods.Elementwise && m.Name != "gd" { // gd is sgd
			specs = append(specs, m.Name)
		}
	}
	for _, l := range methods.Links() {
		switch t := l.Transform.Transform(); {
		case t.Whole32 != nil || l.Name == "lr":
		case l.Place == methods.Heads:
			specs = append(specs, l.Name+"+adam")
		default:
			specs = append(specs, "adam+"+l.Name)
		}
	}
	return specs
}

// measure prints the line of a rule.
func measure[T float32 | float64](spec string, rule optim.Rule, elemSize int, params []param.Param, workers, rounds int) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(workers))
	n := size(params)
	x, g := slices.Repeat([]T{1}, n), slices.Repeat([]T{1e-3}, n)
	o, err := optim.New[T](rule, params)
	if err != nil {
		log.Fatal(err)
	}
	vectors := append([][]T{x}, state(o, params[0].Name, n)...)
	vectors = append(vectors, g)
	passes, err := passesOf(rule)
	if err != nil {
		log.Fatal(err)
	}
	bytes, most := 0, 0
	for _, p := range passes {
		bytes, most = bytes+p.Bytes(elemSize), max(most, p.Reads)
	}
	for len(vectors) < most {
		vectors = append(vectors, slices.Repeat([]T{1}, n)) // the update between two passes
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
	fmt.Printf("| %s | %d | %d | %s | %s | %v | %d of %d |\n", spec, bytes, workers, r.Best(work, "cached", "around").Giga(),
		r.Rate("Steepest", work).Giga(), r.Ratio("Steepest", "cached", "around"), len(r.Probe), len(r.Probe)+r.Discarded)
	debug.FreeOSMemory()
}

// streams are the ways of writing. The faster one counts.
var streams = map[string]stream.Around{"cached": false, "around": true}

// state returns the state vectors of an optimizer. They are flat, so the view of the first parameter can be extended over all.
func state[T float32 | float64](o *optim.Optimizer[T], first string, n int) (vectors [][]T) {
	for name, v := range o.State().Vectors {
		if strings.HasSuffix(name, "/"+first) {
			vectors = append(vectors, v[:n])
		}
	}
	return vectors
}

func size(params []param.Param) (n int) {
	for _, p := range params {
		n += p.Size()
	}
	return n
}

// gpt2 returns the tensors of GPT-2 with a number of transformer blocks, 12 for 124 million parameters.
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
