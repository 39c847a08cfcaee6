// Command matrices compares the steps of the methods for matrices with those of PyTorch and pytorch_optimizer: Muon on the 48 hidden
// matrices of GPT-2 with 124 million parameters, and Shampoo and SOAP, refreshed at every tenth step, on the 4 of one block.
//
//	go run ./matrices -python venv/bin/python
//	go run ./matrices -python venv/bin/python -method muon -workers 1
//	go run ./matrices -python venv/bin/python -method shampoo -matrices 768x768 -rounds 3
//
// The Python must have torch (compared with 2.15.0) and pytorch_optimizer 4.1.0. The peers take turns in each round. A turn of Shampoo or
// SOAP is ten steps, 5 to 15 seconds. Times are those of the processor with one worker, and of the wall clock with several. All products
// are in float32, except those of PyTorch's Muon, which are in bfloat16. Our Muon is measured with products of float32, with the same on
// the smaller Gram matrix, and with products of bfloat16. The machine should have nothing else to do.
package main

import (
	_ "embed"
	"flag"
	"fmt"
	"log"
	"math/rand/v2"
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

// contests are the methods with what stands for them here and there.
var contests = []struct {
	name          string
	ours          []string
	blocks, steps int // of GPT-2, and of a turn
}{
	{"muon", []string{"muon:preset=torch", "muon:preset=torch,gram=true", "muon:preset=torch,bf16=true"}, 12, 1},
	{"shampoo", []string{"shampoo:preset=gupta,root-interval=10,max-order=4096"}, 1, 10},
	{"soap", []string{"soap:basis-interval=10"}, 1, 10},
}

func main() {
	log.SetFlags(0)
	interpreter := flag.String("python", "python3", "`path` of a Python with torch and pytorch_optimizer")
	only := flag.String("method", "", "muon, shampoo or soap; all if empty")
	shapes := flag.String("matrices", "", "`list` of matrices, as 768x768,768x3072, instead of GPT-2's")
	workers := flag.String("workers", "1,2", "`list` of numbers of threads")
	rounds := flag.Int("rounds", 7, "rounds that must count")
	flag.Parse()
	fmt.Println(runtime.Version())
	fmt.Println("| method | matrices | workers | peer s/step | Steepest | s/step | times as fast | rounds |")
	fmt.Println("|---|---|---|---|---|---|---|---|")
	for _, c := range contests {
		if *only != "" && *only != c.name {
			continue
		}
		matrices := *shapes
		if matrices == "" {
			matrices = strings.Join(slices.Repeat(block, c.blocks), ",")
		}
		for _, w := range strings.Split(*workers, ",") {
			n, err := strconv.Atoi(w)
			if err != nil || n < 1 {
				log.Fatalf("%q is no number of workers", w)
			}
			if err := measure(*interpreter, c.name, c.ours, matrices, c.steps, n, *rounds); err != nil {
				log.Fatal(err)
			}
		}
	}
}

func measure(interpreter, name string, specs []string, matrices string, steps, workers, rounds int) error {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(workers))
	params, err := parameters(matrices)
	if err != nil {
		return err
	}
	program, _, err := python.Start(interpreter, program, name, matrices, fmt.Sprint(workers))
	if err != nil {
		return err
	}
	defer program.Stop()
	peer := &peer{Program: program}
	contestants := []paired.Contestant{{Name: "peer", Time: func(reps int) time.Duration { return peer.time(reps * steps) }}}
	for _, spec := range specs {
		run, err := stepper(spec, params)
		if err != nil {
			return err
		}
		contestants = append(contestants, paired.Contestant{Name: spec, Run: func(reps int) {
			for range reps * steps {
				run()
			}
		}})
	}
	r := paired.Method{Rounds: rounds, Limit: 3 * rounds, Workers: workers, Probe: peak.Float32}.Measure(contestants...)
	seconds := func(name string) float64 { return 1 / r.Rate(name, float64(steps)).Median }
	for _, spec := range specs {
		fmt.Printf("| %s | %s | %d | %.3f | %s | %.3f | %v | %d of %d |\n",
			name, summary(params), workers, seconds("peer"), spec, seconds(spec),
			r.Ratio(spec, "peer"), len(r.Probe), len(r.Probe)+r.Discarded)
	}
	return peer.err
}

// Gradients are windows of one random vector, enough of them in turn, and far enough apart, for the moments of a side to have full rank.
const windows, apart = 5, 1024

// stepper returns a function that makes a step along random gradients.
func stepper(spec string, params []param.Param) (func(), error) {
	m, _, err := methods.Parse(spec)
	if err != nil {
		return nil, err
	}
	o, err := optim.New[float32](m.Rule, params)
	if err != nil {
		return nil, err
	}
	n := 0
	for _, p := range params {
		n += p.Size()
	}
	r := rand.New(rand.NewPCG(1, 0))
	x, g := make([]float32, n), make([]float32, n+windows*apart)
	for i := range x {
		x[i] = float32(r.NormFloat64())
	}
	for i := range g {
		g[i] = float32(r.NormFloat64())
	}
	k := 0
	return func() {
		if err := o.Step(x, g[k%windows*apart:][:n]); err != nil {
			log.Fatal(err)
		}
		k++
	}, nil
}

// block lists the matrices of a block of GPT-2, outputs by inputs. Those for queries, keys and values are one matrix.
var block = []string{"2304x768", "768x768", "3072x768", "768x3072"}

// parameters returns hidden matrices of the shapes in a list.
func parameters(matrices string) (params []param.Param, err error) {
	for i, shape := range strings.Split(matrices, ",") {
		var rows, cols int
		if _, err := fmt.Sscanf(shape, "%dx%d", &rows, &cols); err != nil || rows < 1 || cols < 1 {
			return nil, fmt.Errorf("%q is no shape of a matrix; 768x3072 is one", shape)
		}
		params = append(params, param.Param{Name: fmt.Sprint(i), Shape: []int{rows, cols}, Role: param.Hidden})
	}
	return params, nil
}

// summary says how many matrices there are, or the shape of the only one.
func summary(params []param.Param) string {
	if len(params) == 1 {
		return fmt.Sprintf("%dx%d", params[0].Shape[0], params[0].Shape[1])
	}
	return fmt.Sprint(len(params))
}

//go:embed peer.py
var program string

// peer is a Python process that reads a number from each line and makes that many steps.
type peer struct {
	*python.Program
	err error
}

// time returns how long the steps take. An error stays in the peer.
func (p *peer) time(steps int) time.Duration {
	var seconds float64
	line, err := p.Ask("%d", steps)
	if err == nil {
		_, err = fmt.Sscan(line, &seconds)
	}
	if err != nil && p.err == nil {
		p.err = err
	}
	return max(time.Duration(seconds*float64(time.Second)), 1)
}
