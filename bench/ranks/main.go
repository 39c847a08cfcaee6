// Command ranks measures what ranks of MPI cost on one machine: sums over them beside MPI_Allreduce as mpi4py calls it, on the same library
// and buffer; and a step of GPT-2 with AdamW on ranks of one worker beside one process with as many workers.
//
//	go run ./ranks -mpi VENV              a virtual environment with mpi4py and one of mpich, openmpi, impi-rt
//	go run ./ranks -mpi VENV -step none   sums alone
//	go run ./ranks -mpi VENV -sums none -step 8x1024 -layers 12
//
// The machine should have nothing else to do, and a processor for each rank. Each measurement has processes of its own, and the
// measurements take turns. A figure is the median over the rounds. A ratio is the median (minimum–maximum) of the ratios within a round.
package main

import (
	_ "embed"
	"flag"
	"fmt"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"steepest/train/dist"
)

//go:embed allreduce.py
var program string

// bench holds what all measurements share.
type bench struct {
	mpi    string
	ranks  int
	rounds int
	self   string
}

func main() {
	log.SetFlags(0)
	var b bench
	flag.StringVar(&b.mpi, "mpi", "", "`folder` of a virtual environment with an MPI and mpi4py")
	flag.IntVar(&b.ranks, "ranks", 2, "ranks, each with one worker")
	flag.IntVar(&b.rounds, "rounds", 5, "rounds")
	sums := flag.String("sums", "0.004,1,32,475", "`MiB` of float32 to sum, separated by commas; none for no sums")
	step := flag.String("step", "8x256", "windows, each a micro-batch, and tokens of a step, `BxT`; none for no step")
	layers := flag.Int("layers", 12, "blocks of the model, which else is GPT-2 with 124M")
	flag.Parse()
	var err error
	switch {
	case flag.NArg() > 0: // a process of a measurement
		err = measure(flag.Args())
	case b.mpi == "":
		err = fmt.Errorf("-mpi names the virtual environment of an MPI")
	default:
		if b.self, err = os.Executable(); err == nil {
			err = b.run(*sums, *step, *layers)
		}
	}
	if err != nil {
		log.Fatal(err)
	}
}

func (b *bench) run(sums, step string, layers int) error {
	if sums != "none" {
		fmt.Printf("| %d ranks of %s, MiB | sum along the tree, GB/s | in MPI's order | all-reduce alone | mpi4py | tree / mpi4py | all-reduce / mpi4py |\n|---|---|---|---|---|---|---|\n", b.ranks, filepath.Base(b.mpi))
		for _, size := range strings.Split(sums, ",") {
			if err := b.sums(size); err != nil {
				return err
			}
		}
	}
	if step == "none" {
		return nil
	}
	windows, tokens, ok := strings.Cut(step, "x")
	if !ok {
		return fmt.Errorf("-step: %q is not BxT", step)
	}
	return b.steps(windows, tokens, strconv.Itoa(layers))
}

// sums compares the ways to add up a buffer. A sum checks that each rank's buffer is finite, and exchanges losses and times as well.
func (b *bench) sums(size string) error {
	mib, err := strconv.ParseFloat(size, 64)
	if err != nil {
		return fmt.Errorf("-sums: %w", err)
	}
	elements := strconv.Itoa(int(mib * (1 << 20) / 4))
	python := filepath.Join(b.mpi, "bin", "python")
	times, err := b.turns(
		b.launch(b.ranks, b.self, "tree", elements), b.launch(b.ranks, b.self, "fast", elements), b.launch(b.ranks, b.self, "all-reduce", elements),
		b.launch(b.ranks, python, "-c", program, elements),
	)
	if err != nil {
		return err
	}
	rate := func(i int) float64 { return mib * (1 << 20) / 1e9 / median(times[i]) }
	fmt.Printf("| %s | %.3g | %.3g | %.3g | %.3g | %s | %s |\n", size, rate(0), rate(1), rate(2), rate(3), ratio(times[3], times[0]), ratio(times[3], times[2]))
	return nil
}

// steps compares ranks with workers.
func (b *bench) steps(windows, tokens, layers string) error {
	alone := b.launch(1, b.self, "step", windows, tokens, layers)
	alone.workers = b.ranks
	times, err := b.turns(alone, b.launch(b.ranks, b.self, "step", windows, tokens, layers))
	if err != nil {
		return err
	}
	fmt.Printf("\n| step of %s×%s tokens, %s blocks | %d workers, s | %d ranks, s | ranks / workers |\n|---|---|---|---|\n", windows, tokens, layers, b.ranks, b.ranks)
	fmt.Printf("| AdamW | %.3f | %.3f | %s |\n", median(times[0]), median(times[1]), ratio(times[1], times[0]))
	return nil
}

// launch is a measurement: a command on some ranks, each with its workers.
type launch struct {
	args    []string
	workers int
}

func (b *bench) launch(ranks int, args ...string) launch {
	if ranks == 1 {
		return launch{args, 1}
	}
	launcher := []string{filepath.Join(b.mpi, "bin", "mpiexec"), "-n", strconv.Itoa(ranks)}
	if _, err := os.Stat(filepath.Join(b.mpi, "lib", dist.OpenMPI)); err == nil {
		launcher = append(launcher, "--oversubscribe", "--bind-to", "none")
	}
	return launch{append(launcher, args...), 1}
}

// turns makes the measurements in turns, and returns the seconds of each in each round.
func (b *bench) turns(list ...launch) ([][]float64, error) {
	times := make([][]float64, len(list))
	for round := range b.rounds {
		for k := range list {
			i := (round + k) % len(list)
			c := exec.Command(list[i].args[0], list[i].args[1:]...)
			c.Env = append(os.Environ(), "LD_LIBRARY_PATH="+filepath.Join(b.mpi, "lib"), fmt.Sprintf("GOMAXPROCS=%d", list[i].workers),
				"OMPI_ALLOW_RUN_AS_ROOT=1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1")
			c.Stderr = os.Stderr
			out, err := c.Output()
			if err != nil {
				return nil, fmt.Errorf("%v: %w", list[i].args, err)
			}
			seconds, err := strconv.ParseFloat(strings.TrimSpace(string(out)), 64)
			if err != nil {
				return nil, fmt.Errorf("%v: %w", list[i].args, err)
			}
			times[i] = append(times[i], seconds)
		}
	}
	return times, nil
}

func median(v []float64) float64 {
	v = slices.Sorted(slices.Values(v))
	return (v[(len(v)-1)/2] + v[len(v)/2]) / 2
}

// ratio writes the median, the least and the largest of a[i]/b[i].
func ratio(a, b []float64) string {
	r := make([]float64, len(a))
	for i := range r {
		r[i] = a[i] / b[i]
	}
	return fmt.Sprintf("%.3f (%.3f–%.3f)", median(r), slices.Min(r), slices.Max(r))
}
