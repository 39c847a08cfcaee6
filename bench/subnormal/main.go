// Command subnormal compares, for each elementwise rule that keeps a state, ordinary steps with those after many gradients of 0. By then
// moments have faded below the smallest normal number. Arithmetic on such numbers is slow, unless they become 0. With a Python that has
// torch (compared with 2.15.0), the steps of PyTorch are measured beside them.
//
//	go run ./subnormal
//	go run ./subnormal -python venv/bin/python
//	go run ./subnormal -rule adam -type float64 -elements 1000000
//
// Times are nanoseconds of the processor for an element. A ratio is that of the later steps to the ordinary ones, which take turns in
// each round: the median (minimum–maximum) over the rounds. The default number of parameters fits a cache, so that the time of memory
// hides nothing.
package main

import (
	_ "embed"
	"flag"
	"fmt"
	"log"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"

	"steepest/bench/paired"
	"steepest/bench/peak"
	"steepest/bench/python"
	"steepest/methods"
	"steepest/optim"
	"steepest/param"
)

//go:embed torch.py
var program string

func main() {
	log.SetFlags(0)
	rules := flag.String("rule", "", "`list` of methods; all if empty")
	types := flag.String("type", "float32,float64", "`list` of element types")
	elements := flag.Int("elements", 10000, "parameters")
	zeros := flag.Int("zeros", 10000, "gradients of 0 before the later steps")
	interpreter := flag.String("python", "", "`path` of a Python with torch; none if empty")
	rounds := flag.Int("rounds", 101, "rounds")
	flag.Parse()
	runtime.GOMAXPROCS(1)
	fmt.Printf("%s, %d parameters, %d gradients of 0\n\n", runtime.Version(), *elements, *zeros)
	fmt.Println("| rule | type | Steepest | later | ratio | PyTorch | later | ratio |")
	fmt.Println("|---|---|---|---|---|---|---|---|")
	for _, m := range methods.All() {
		if m.Family != methods.Elementwise || m.FullBatch || *rules != "" && !slices.Contains(strings.Split(*rules, ","), m.Name) {
			continue
		}
		for _, elem := range strings.Split(*types, ",") {
			var contestants []paired.Contestant
			if elem == "float64" {
				contestants = ours[float64](m.Rule, *elements, *zeros)
			} else {
				contestants = ours[float32](m.Rule, *elements, *zeros)
			}
			if contestants == nil {
				continue // a rule without a state
			}
			var peer *python.Program
			if *interpreter != "" {
				peer = theirs(*interpreter, m.Name, elem, *elements, *zeros, &contestants)
			}
			r := paired.Method{Rounds: *rounds, Limit: *rounds, Turn: 20 * time.Millisecond, Workers: 1, Probe: peak.Float32}.Measure(contestants...)
			fmt.Printf("| %s | %s |%s%s\n", m.Name, elem, cells(r, "first", "later", *elements), cells(r, "PyTorch first", "PyTorch later", *elements))
			if peer != nil {
				peer.Stop()
			}
		}
	}
}

// copies is the number of optimizers that take turns. Where the vectors of an optimizer happen to lie in memory makes some loops 1.4
// times slower. The speed of the machine changes by a tenth from turn to turn, hence so many rounds.
const copies = 7

// ours returns the steps of a rule with ordinary gradients, whose signs alternate so that x stays where it is, and its steps with
// gradients of 0 after a number of such gradients; nil for a rule that keeps no state.
func ours[T param.Float](rule optim.Rule, n, zeros int) []paired.Contestant {
	state := true
	steps := func(before int, gradient T) func(reps int) {
		x, none := slices.Repeat([]T{1}, n), make([]T, n)
		o, err := optim.New[T](rule, []param.Param{{Name: "x", Shape: []int{n}}})
		if err != nil {
			log.Fatal(err)
		}
		if state = len(o.State().Vectors) > 0; !state {
			return nil
		}
		o.Step(x, slices.Repeat([]T{1e-3}, n))
		for range before {
			o.Step(x, none)
		}
		turns := [2][]T{slices.Repeat([]T{gradient}, n), slices.Repeat([]T{-gradient}, n)}
		return func(reps int) {
			for i := range reps {
				o.Step(x, turns[i%2])
			}
		}
	}
	contestant := func(name string, before int, gradient T) paired.Contestant {
		var runs []func(reps int)
		for range copies {
			runs = append(runs, steps(before, gradient))
		}
		turn := 0
		return paired.Contestant{Name: name, Run: func(reps int) {
			runs[turn%copies](reps)
			turn++
		}}
	}
	first, later := contestant("first", 0, 1e-3), contestant("later", zeros, 0)
	if !state {
		return nil
	}
	return []paired.Contestant{first, later}
}

// theirs adds the same steps of PyTorch, if it has the rule.
func theirs(interpreter, name, elem string, n, zeros int, to *[]paired.Contestant) *python.Program {
	p, ready, err := python.Start(interpreter, program, name, elem, strconv.Itoa(n), strconv.Itoa(zeros))
	if err != nil {
		log.Fatal(err)
	}
	if ready == "none" {
		p.Stop()
		return nil
	}
	for _, which := range []string{"first", "later"} {
		*to = append(*to, paired.Contestant{Name: "PyTorch " + which, Time: func(reps int) time.Duration {
			answer, err := p.Ask("%s %d", which, reps)
			if err != nil {
				log.Fatal(err)
			}
			seconds, err := strconv.ParseFloat(answer, 64)
			if err != nil {
				log.Fatal(err)
			}
			return time.Duration(seconds * 1e9)
		}})
	}
	return p
}

// cells are the columns of the first and of the later steps.
func cells(r paired.Result, first, later string, n int) string {
	ratio := r.Ratio(first, later)
	if ratio == (paired.Spread{}) {
		return " – | – | – |"
	}
	each := func(name string) float64 { return 1e9 / r.Rate(name, float64(n)).Median }
	return fmt.Sprintf(" %.3f | %.3f | %v |", each(first), each(later), ratio)
}
