// Command gemm compares the matrix product of Steepest with those of OpenBLAS, oneDNN and gonum, on squares, on the
// shapes of GPT-2 with 1024 tokens, and on a random sample of small ones.
//
// It needs a C compiler and, from Debian, libopenblas-openmp-dev and libdnnl-dev. A run over everything takes half an
// hour; the machine should have nothing else to do:
//
//	go run ./gemm                                           everything
//	go run ./gemm -shape 768x768x768 -trans NN -workers 1   one shape
//	go run ./gemm -random 200 -with Steepest,OpenBLAS       m, n and k between 8 and 256, against OpenBLAS
//	go run ./gemm -random 200 -with Steepest,OpenBLAS,oneDNN   the same, against the faster of both
//	go run ./gemm -with mat,gonum -trans NN                 gonum's mat.Dense.Mul with Steepest registered
//	go run ./gemm -with bfloat16,Steepest -type float32     our product of bfloat16 with that of float32
//	OPENBLAS_CORETYPE=Haswell go run ./gemm                 OpenBLAS held to AVX2
//
// A line gives the peak of fused multiply-adds and each contestant's rate in GFLOP/s, and then ratios of rates by round,
// as median (minimum–maximum).
package main

import (
	"flag"
	"fmt"
	"log"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"

	"steepest/bench/onednn"
	"steepest/bench/openblas"
	"steepest/bench/paired"
	"steepest/bench/peak"
)

// shape is that of op(a), m×k, and op(b), k×n.
type shape struct{ m, n, k int }

func (s shape) flops() float64 { return 2 * float64(s.m) * float64(s.n) * float64(s.k) }
func (s shape) String() string { return fmt.Sprintf("%d×%d×%d", s.m, s.n, s.k) }

// lists are the shapes that have a name. Those of GPT-2 are its linear layers and its head.
var lists = map[string]string{
	"squares": "256x256x256,512x512x512,768x768x768,1024x1024x1024,1536x1536x1536,2048x2048x2048",
	"gpt2":    "1024x768x768,1024x2304x768,1024x3072x768,1024x768x3072,1024x50304x768",
}

// settings are the command line.
type settings struct {
	shapes      []shape
	transposes  []string
	workers     []int
	types       []string
	rounds      int
	turn        time.Duration
	contestants []string
}

func main() {
	log.SetFlags(0)
	shapes := flag.String("shape", "squares,gpt2", "`list` of MxNxK, squares or gpt2")
	transposes := flag.String("trans", "NN,NT,TN,TT", "`list` of which of a and b lie transposed")
	workers := flag.String("workers", "1,2", "`list` of numbers of threads")
	types := flag.String("type", "float32,float64", "`list` of element types")
	rounds := flag.Int("rounds", 7, "rounds that must count")
	turn := flag.Duration("turn", 50*time.Millisecond, "time of each turn")
	contestants := flag.String("with", "Steepest,OpenBLAS,oneDNN,gonum", "`list` of contestants, of which the first is compared with the others")
	random := flag.Int("random", 0, "so many random shapes instead, summed up by quantiles")
	flag.Parse()
	s := settings{
		shapes: parseShapes(*shapes), transposes: strings.Split(*transposes, ","), workers: parseInts(*workers, ","),
		types: strings.Split(*types, ","), rounds: *rounds, turn: *turn, contestants: strings.Split(*contestants, ","),
	}
	peer, err := openblas.Version()
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%s\n%s\n%s\n\n", peer, onednn.Version(), runtime.Version())
	if *random > 0 {
		s.sample(*random)
		return
	}
	s.table()
}

// table prints a line for each type, shape, transpose and number of workers.
func (s settings) table() {
	fmt.Println("| type | trans | M×N×K | workers | peak | " + strings.Join(s.contestants, " | ") + " | of peak" + s.versus() + " | rounds |")
	fmt.Println("|---|---|---|---|---|" + strings.Repeat("---|", 2*len(s.contestants)+1))
	for _, elem := range s.types {
		for _, sh := range s.shapes {
			for _, trans := range s.transposes {
				for _, workers := range s.workers {
					r := s.measure(elem, sh, trans, workers)
					fmt.Printf("| %s | %s | %v | %d | %s |", elem, trans, sh, workers, r.Peak().Giga())
					for _, name := range s.contestants {
						fmt.Printf(" %s |", r.Rate(name, sh.flops()).Giga())
					}
					fmt.Printf(" %v |", r.OfPeak(s.contestants[0], sh.flops()))
					for _, name := range s.contestants[1:] {
						fmt.Printf(" %v |", r.Ratio(s.contestants[0], name))
					}
					fmt.Printf(" %d of %d |\n", len(r.Probe), len(r.Probe)+r.Discarded)
				}
			}
		}
	}
}

// versus heads the columns of ratios.
func (s settings) versus() (text string) {
	for _, name := range s.contestants[1:] {
		text += " | × " + name
	}
	return text
}

// sample measures random small shapes. The ratio of a shape is the rate of the first contestant over that of the fastest other one, as a
// median over the rounds. It prints the quantiles of these ratios, and the shapes with the lowest ones.
func (s settings) sample(n int) {
	type outcome struct {
		ratio paired.Spread
		what  string
	}
	for _, elem := range s.types {
		for _, workers := range s.workers {
			rng := rand.New(rand.NewPCG(1, 2))
			var all []outcome
			var names []string // of those that multiply this type
			for range n {
				sh := shape{8 + rng.IntN(249), 8 + rng.IntN(249), 8 + rng.IntN(249)}
				trans := s.transposes[rng.IntN(len(s.transposes))]
				r := s.measure(elem, sh, trans, workers)
				names = r.Names
				all = append(all, outcome{r.Ratio(names[0], names[1:]...), fmt.Sprintf("%v %s", sh, trans)})
			}
			slices.SortFunc(all, func(a, b outcome) int { return int(math.Copysign(1, a.ratio.Median-b.ratio.Median)) })
			fmt.Printf("%s, %d workers, %s over the fastest of %s: × minimum %.2f, tenth %.2f, median %.2f, maximum %.2f\n", elem, workers,
				names[0], strings.Join(names[1:], " and "), all[0].ratio.Median, all[n/10].ratio.Median, all[n/2].ratio.Median, all[n-1].ratio.Median)
			for _, o := range all[:min(5, n)] {
				fmt.Printf("    %v  %s\n", o.ratio, o.what)
			}
		}
	}
}

func (s settings) measure(elem string, sh shape, trans string, workers int) paired.Result {
	if elem == "float64" {
		return measure[float64](s, sh, trans, workers, peak.Float64)
	}
	return measure[float32](s, sh, trans, workers, peak.Float32)
}

func measure[T float32 | float64](s settings, sh shape, trans string, workers int, probe func(int) float64) paired.Result {
	p := newProduct[T](sh, trans, workers)
	var running []paired.Contestant
	for _, name := range s.contestants {
		if c, ok := p.contestant(name); ok {
			p.check(name, c)
			running = append(running, c)
		}
	}
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(workers))
	m := paired.Method{Rounds: s.rounds, Limit: 4 * s.rounds, Turn: s.turn, Workers: workers, Probe: probe}
	return m.Measure(running...)
}

func parseShapes(text string) (shapes []shape) {
	for _, part := range strings.Split(text, ",") {
		if list, ok := lists[part]; ok {
			shapes = append(shapes, parseShapes(list)...)
			continue
		}
		n := parseInts(part, "x")
		if len(n) != 3 {
			log.Fatalf("shape %q is not MxNxK, squares or gpt2", part)
		}
		shapes = append(shapes, shape{n[0], n[1], n[2]})
	}
	return shapes
}

func parseInts(text, separator string) (numbers []int) {
	for _, part := range strings.Split(text, separator) {
		n, err := strconv.Atoi(part)
		if err != nil || n < 1 {
			log.Fatalf("%q is not a positive number", part)
		}
		numbers = append(numbers, n)
	}
	return numbers
}
