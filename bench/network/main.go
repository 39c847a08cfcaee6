// Command network compares the functions of networks with those of PyTorch, in float32 on one thread: elementwise functions and
// layer norms of 1024 × 768 numbers, the activations of GPT-2 for 1024 tokens, and softmax and cross-entropy of 16 rows of 50257 logits.
// Both write into memory that is there already, where PyTorch allows it.
//
//	go run ./network -python PYTHON    a Python with PyTorch
//
// A line gives nanoseconds an element and the ratio of speeds by round, as median (minimum–maximum).
package main

import (
	_ "embed"
	"flag"
	"fmt"
	"log"
	"math/rand/v2"
	"runtime"
	"strconv"
	"time"

	"steepest/bench/paired"
	"steepest/bench/peak"
	"steepest/bench/python"
	"steepest/internal/simd"
)

//go:embed torch.py
var program string

// The sizes are those of torch.py.
const (
	rows, channels = 1024, 768
	texts, classes = 16, 50257
)

// function is a function to compare, with its name in torch.py.
type function struct {
	name     string
	elements int
	run      func()
}

func main() {
	log.SetFlags(0)
	interpreter := flag.String("python", "python3", "`path` of a Python with PyTorch")
	rounds := flag.Int("rounds", 7, "rounds")
	flag.Parse()
	torch, version, err := python.Start(*interpreter, program)
	if err != nil {
		log.Fatal(err)
	}
	defer torch.Stop()
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	fmt.Printf("%s, PyTorch %s\n\n", runtime.Version(), version)
	fmt.Println("| function | Steepest, ns | PyTorch, ns | × PyTorch |")
	fmt.Println("|---|---|---|---|")
	for _, f := range functions() {
		ours := paired.Contestant{Name: "Steepest", Run: func(reps int) {
			for range reps {
				f.run()
			}
		}}
		theirs := paired.Contestant{Name: "PyTorch", Time: func(reps int) time.Duration { return ask(torch, f.name, reps) }}
		m := paired.Method{Rounds: *rounds, Limit: *rounds, Turn: 50 * time.Millisecond, Workers: 1, Probe: peak.Float32}
		r := m.Measure(ours, theirs)
		nanoseconds := func(name string) float64 { return 1e9 / r.Rate(name, float64(f.elements)).Median }
		fmt.Printf("| %s | %.2f | %.2f | %v |\n", f.name, nanoseconds(ours.Name), nanoseconds(theirs.Name), r.Ratio(ours.Name, theirs.Name))
	}
}

// ask returns how long PyTorch takes for a number of repetitions.
func ask(torch *python.Program, name string, reps int) time.Duration {
	line, err := torch.Ask("%s %d", name, reps)
	if err != nil {
		log.Fatal(err)
	}
	seconds, err := strconv.ParseFloat(line, 64)
	if err != nil {
		log.Fatal(err)
	}
	return max(time.Duration(seconds*float64(time.Second)), 1)
}

func functions() []function {
	const n = rows * channels
	x, dy, y := random(n), random(n), make([]float32, n)
	gain, bias := random(channels), random(channels)
	dgain, dbias := make([]float32, channels), make([]float32, channels)
	mean, r := make([]float32, rows), make([]float32, rows)
	row := func(v []float32, i int) []float32 { return v[i*channels:][:channels] }
	forward := func() {
		for i := range rows {
			mean[i], r[i] = simd.LayerNorm(row(y, i), row(x, i), gain, bias, 1e-5)
		}
	}
	forward()

	logits, weights := random(texts*classes), make([]float32, texts*classes)
	text := func(v []float32, i int) []float32 { return v[i*classes:][:classes] }
	return []function{
		{"exp", n, func() { simd.Exp(y, x) }},
		{"tanh", n, func() { simd.Tanh(y, x) }},
		{"GELU", n, func() { simd.GELU(y, x) }},
		{"GELU-gradient", n, func() { simd.GELUGradient(y, dy, x) }},
		{"softmax", texts * classes, func() {
			for i := range texts {
				simd.Softmax(text(weights, i), text(logits, i))
			}
		}},
		{"cross-entropy-gradient", texts * classes, func() {
			copy(weights, logits) // which the gradient replaces
			for i := range texts {
				simd.CrossEntropyGradient(text(weights, i), i, 1.0/texts)
			}
		}},
		{"layer-norm", n, forward},
		{"layer-norm-gradient", n, func() {
			for i := range rows {
				simd.LayerNormGradient(row(y, i), dgain, dbias, row(dy, i), row(x, i), gain, mean[i], r[i])
			}
		}},
	}
}

func random(n int) []float32 {
	rng := rand.New(rand.NewPCG(uint64(n), 1))
	v := make([]float32, n)
	for i := range v {
		v[i] = float32(rng.NormFloat64())
	}
	return v
}
