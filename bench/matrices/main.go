// Command matrices compares the steps of the methods for matrices with those of PyTorch's and pytorch_optimizer's: Muon on the
// hidden matrices of GPT-2 with 124 million parameters, 48 of them, Shampoo and SOAP, refreshed at every tenth step, on those of one of
// its blocks, 4 of them.
//
//	go run ./matrices -python venv/bin/python
//	go run ./matrices -python venv/bin/python -method muon -workers 1
//
// The Python must have torch, of which 2.15.0 is the version compared with, and pytorch_optimizer 4.1.0. The peers take turns in each
// round, ten steps a turn for the methods that are refreshed; times are of the processor with one worker, and of the wall with
// several. Everything is of float32, but for the products of Muon, which are of bfloat16 in PyTorch, and are shown in both here. The
// machine should have nothing else to do.
package main

import (
	_ "embed"
	"flag"
	"fmt"
	"log"
	"math/rand/v2"
	"runtime"
	"strconv"
	"strings"
	"time"

	"steepest/bench/paired"
	"steepest/bench/peak"
	"steepest/bench/python"
	"steepest/optim"
)

// contests are the methods with what stands for them here and there.
var contests = []struct {
	name   string
	ours   []string
	layers int
	steps  int // of a turn
}{
	{"muon", []string{"muon:preset=torch", "muon:preset=torch,bf16=true"}, 12, 1},
	{"shampoo", []string{"shampoo:every=10,max-order=4096", "shampoo:every=10,max-order=4096,root=newton"}, 1, 10},
	{"soap", []string{"soap:every=10"}, 1, 10},
}

func main() {
	log.SetFlags(0)
	interpreter := flag.String("python", "python3", "`path` of a Python with torch and pytorch_optimizer")
	only := flag.String("method", "", "muon, shampoo or soap; all if empty")
	workers := flag.String("workers", "1,2", "`list` of numbers of threads")
	rounds := flag.Int("rounds", 7, "rounds that must count")
	flag.Parse()
	fmt.Println(runtime.Version())
	fmt.Println("| method | workers | peer s/step | Steepest | s/step | times as fast | rounds |")
	fmt.Println("|---|---|---|---|---|---|---|")
	for _, c := range contests {
		if *only != "" && *only != c.name {
			continue
		}
		for _, w := range strings.Split(*workers, ",") {
			n, err := strconv.Atoi(w)
			if err != nil || n < 1 {
				log.Fatalf("%q is no number of workers", w)
			}
			if err := measure(*interpreter, c.name, c.ours, c.layers, c.steps, n, *rounds); err != nil {
				log.Fatal(err)
			}
		}
	}
}

func measure(interpreter, name string, specs []string, layers, steps, workers, rounds int) error {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(workers))
	program, _, err := python.Start(interpreter, program, name, fmt.Sprint(layers), fmt.Sprint(workers))
	if err != nil {
		return err
	}
	defer program.Stop()
	peer := &peer{Program: program}
	contestants := []paired.Contestant{{Name: "peer", Time: func(reps int) time.Duration { return peer.time(reps * steps) }}}
	for _, spec := range specs {
		run, err := stepper(spec, hidden(layers))
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
		fmt.Printf("| %s | %d | %.3f | %s | %.3f | %v | %d of %d |\n", name, workers, seconds("peer"), spec, seconds(spec),
			r.Ratio(spec, "peer"), len(r.Probe), len(r.Probe)+r.Discarded)
	}
	return peer.err
}

// stepper returns a function that makes a step along random gradients.
func stepper(spec string, params []optim.Param) (func(), error) {
	m, _, err := optim.ParseMethod(spec)
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
	x, g := make([]float32, n), make([]float32, n)
	for i := range x {
		x[i], g[i] = float32(r.NormFloat64()), float32(r.NormFloat64())
	}
	return func() {
		if err := o.Step(x, g); err != nil {
			log.Fatal(err)
		}
	}, nil
}

// hidden returns the matrices of so many blocks of GPT-2, in which queries, keys and values are one tensor for all.
func hidden(layers int) (params []optim.Param) {
	const d = 768
	for i := range layers {
		for name, shape := range map[string][]int{
			"attn.c_attn": {3 * d, d}, "attn.c_proj": {d, d}, "mlp.c_fc": {4 * d, d}, "mlp.c_proj": {d, 4 * d},
		} {
			params = append(params, optim.Param{Name: fmt.Sprintf("h.%d.%s", i, name), Shape: shape, Role: optim.RoleHidden})
		}
	}
	return params
}

//go:embed peer.py
var program string

// peer is a Python that makes so many steps a line.
type peer struct {
	*python.Program
	err error
}

// time returns how long so many steps take. An error stays in the peer.
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
