// Command polar compares five steps of Jordan's Newton–Schulz iteration by Steepest, in float32 and with products of bfloat16,
// with the same steps by the products of OpenBLAS, and all of them with the exact polar factor by OpenBLAS's LAPACK.
//
// It needs a C compiler and, from Debian, libopenblas-openmp-dev. The machine should have nothing else to do:
//
//	go run ./polar                                all shapes, one worker and two: ten minutes
//	go run ./polar -shape 768x768 -workers 1      one line
//
// A line gives the time of each contestant in milliseconds, and then ratios of speeds by round, as median (minimum–maximum).
package main

import (
	"flag"
	"fmt"
	"log"
	"math"
	"math/rand/v2"
	"runtime"
	"strings"
	"time"

	"steepest/bench/openblas"
	"steepest/bench/openmp"
	"steepest/bench/paired"
	"steepest/bench/peak"
	"steepest/optim/matfun"
)

// The contestants.
const (
	float  = "float32"
	bf16   = "bf16"
	sgemm  = "SGEMM"
	ssyrk  = "SSYRK+SGEMM"
	sgesdd = "SGESDD"
)

var names = []string{float, bf16, sgemm, ssyrk, sgesdd}

func main() {
	log.SetFlags(0)
	shapes := flag.String("shape", "768x768,768x3072,2048x2048", "`list` of ROWSxCOLS, no more rows than columns")
	workers := flag.String("workers", "1,2", "`list` of numbers of threads")
	rounds := flag.Int("rounds", 7, "rounds that must count")
	turn := flag.Duration("turn", 50*time.Millisecond, "time of each turn")
	flag.Parse()
	peer, err := openblas.Version()
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%s\n%s\n\n", peer, runtime.Version())
	fmt.Println("| matrix | workers | " + strings.Join(names, " | ") + " | float32 × SGEMM | float32 × SSYRK+SGEMM | bf16 × SGEMM | best × SGESDD | rounds |")
	fmt.Println("|---|---|" + strings.Repeat("---|", len(names)+5))
	for shape := range strings.SplitSeq(*shapes, ",") {
		for list := range strings.SplitSeq(*workers, ",") {
			var rows, cols, threads int
			if _, err := fmt.Sscanf(shape+" "+list, "%dx%d %d", &rows, &cols, &threads); err != nil || rows > cols {
				log.Fatalf("no shape %q or number of threads %q", shape, list)
			}
			m := paired.Method{Rounds: *rounds, Limit: 4 * *rounds, Turn: *turn, Workers: threads, Probe: peak.Float32}
			r := measure(m, rows, cols)
			line(r, rows, cols, threads)
		}
	}
}

// line writes a line of the table, of dashes if no round counted.
func line(r paired.Result, rows, cols, threads int) {
	fmt.Printf("| %d×%d | %d |", rows, cols, threads)
	for _, name := range names {
		if rate := r.Rate(name, 1); rate.Median > 0 {
			fmt.Printf(" %.1f |", 1000/rate.Median)
		} else {
			fmt.Print(" – |")
		}
	}
	best := float
	if r.Rate(bf16, 1).Median > r.Rate(float, 1).Median {
		best = bf16
	}
	fmt.Printf(" %v | %v | %v | %v | %d of %d |\n", r.Ratio(float, sgemm), r.Ratio(float, ssyrk), r.Ratio(bf16, sgemm), r.Ratio(best, sgesdd),
		len(r.Probe), len(r.Probe)+r.Discarded)
}

// measure lets the contestants compute the polar factor of a matrix of normal random numbers.
func measure(m paired.Method, rows, cols int) paired.Result {
	rng := rand.New(rand.NewPCG(1, 2))
	g, x := make([]float32, rows*cols), make([]float32, rows*cols)
	for i := range g {
		g[i] = float32(rng.NormFloat64())
	}
	rest := time.Duration(0)
	if m.Workers > 1 {
		rest = openmp.Rest
	}
	contestants := []paired.Contestant{
		{Name: float, Run: steepest(matfun.Full, rows, cols, x, g)},
		{Name: bf16, Run: steepest(matfun.BF16, rows, cols, x, g)},
		{Name: sgemm, Run: openblas.NewtonSchulz(m.Workers, false, rows, cols, x, g), Rest: rest},
		{Name: ssyrk, Run: openblas.NewtonSchulz(m.Workers, true, rows, cols, x, g), Rest: rest},
		{Name: sgesdd, Run: openblas.Polar(m.Workers, rows, cols, x, g), Rest: rest},
	}
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(m.Workers))
	check(contestants, rows, cols, x)
	return m.Measure(contestants...)
}

func steepest(products matfun.Precision, rows, cols int, x, g []float32) func(reps int) {
	it := *matfun.Keller.Iteration()
	it.Products = products
	w := new(matfun.Workspace[float32])
	return func(reps int) {
		for range reps {
			copy(x, g)
			if err := w.Iterate(x, rows, cols, &it); err != nil {
				log.Fatal(err)
			}
		}
	}
}

// check ends the program if the iterations differ, or the exact factor is none.
func check(contestants []paired.Contestant, rows, cols int, x []float32) {
	var want []float32
	for _, c := range contestants {
		clear(x)
		c.Run(1)
		switch limit := map[string]float64{bf16: 0.05, sgemm: 1e-4, ssyrk: 1e-4}[c.Name]; c.Name {
		case float:
			want = append(want, x...)
		case sgesdd:
			if d := far(rows, cols, x); d > 1e-3 {
				log.Fatalf("%s of %d × %d: singular values are off 1 by %g", c.Name, rows, cols, d)
			}
		default:
			var d, norm float64
			for i, v := range x {
				d += float64(v-want[i]) * float64(v-want[i])
				norm += float64(want[i]) * float64(want[i])
			}
			if d = math.Sqrt(d / norm); !(d <= limit) {
				log.Fatalf("%s of %d × %d differs by %g", c.Name, rows, cols, d)
			}
		}
	}
}

// far returns ‖XXᵀ − I‖_F/√rows.
func far(rows, cols int, x []float32) float64 {
	a := make([]float32, rows*rows)
	openblas.Mul(1, 1, false, true, rows, rows, cols, 1, x, cols, x, cols, 0, a, rows)
	var s float64
	for i, v := range a {
		d := float64(v)
		if i%(rows+1) == 0 {
			d--
		}
		s += d * d
	}
	return math.Sqrt(s / float64(rows))
}
