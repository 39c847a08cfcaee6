// Command readers compares the readers of package data with those of other libraries: the time to read a file that is in the cache of
// the system, and the peak of the memory.
//
//	go run ./readers -python venv/bin/python
//
// The command makes the files: rows of LIBSVM and tables of CSV, with numbers of few digits, as people write them, and of 17 digits, as
// programs do. pyarrow writes the same tables as Parquet. The Python must have xgboost (or xgboost-cpu), vowpalwabbit, scikit-learn,
// polars, pandas and pyarrow; for -only Parquet, pyarrow alone. Contestants take turns in each round. One thread is timed by the processor's
// clock, two threads by the wall clock. A ratio is the median over the rounds, as median (minimum–maximum). VW reads a file of its own format
// with the same rows, by one pass of learning.
package main

import (
	"bufio"
	"flag"
	"fmt"
	"log"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"

	"steepest/bench/paired"
	"steepest/bench/peak"
)

// file is a file to read, with the libraries that can read it beside Steepest.
type file struct {
	name, path string
	mb         float64
	peers      []string
	vw         string // path of the same rows in VW's format; "" where VW has no part
}

func main() {
	log.SetFlags(0)
	interpreter := flag.String("python", "python3", "`path` of a Python with the other libraries")
	rounds := flag.Int("rounds", 7, "rounds")
	mb := flag.Int("mb", 40, "size of a file in `MB`")
	only := flag.String("only", "", "measure only files whose name has this `word`, such as Parquet")
	memory := flag.String("memory", "", "only read this `file`, and print the bytes at the peak and those of the arrays that are kept")
	flag.Parse()
	if *memory != "" {
		printMemory(*memory)
		return
	}
	dir, err := os.MkdirTemp("", "steepest-readers")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	files := slices.DeleteFunc(makeFiles(dir, *mb<<20), func(f file) bool { return !strings.Contains(f.name, *only) })
	var names []string // of the peers
	for _, f := range files {
		names = append(names, f.peers...)
	}
	slices.Sort(names)
	names = slices.Compact(names)
	for _, threads := range []int{1, 2} {
		p := start(*interpreter, threads, names...)
		if threads == 1 {
			fmt.Printf("%s, %s\n", runtime.Version(), p.versions)
			p.writeParquet(files)
		}
		fmt.Printf("\n%d thread(s): MB/s, and the speed of Steepest over the peer's\n\n| file | reader | MB/s | Steepest over it |\n|---|---|---|---|\n", threads)
		runtime.GOMAXPROCS(threads)
		for _, f := range files {
			contestants := []paired.Contestant{ours(f)}
			for _, name := range f.peers {
				contestants = append(contestants, p.contestant(name, f))
			}
			m := paired.Method{Rounds: *rounds, Limit: 4 * *rounds, Workers: threads, Probe: peak.Float32}
			r := m.Measure(contestants...)
			for _, name := range r.Names {
				fmt.Printf("| %s | %s | %.0f | %v |\n", f.name, name, r.Rate(name, f.mb).Median, r.Ratio(steepest, name))
			}
			if r.Discarded > 0 {
				fmt.Printf("(%d rounds without %d processors were run again)\n", r.Discarded, threads)
			}
		}
		p.Stop()
	}
	fmt.Printf("\nMemory at the peak, two threads\n\n| file | reader | times the file | times what is kept |\n|---|---|---|---|\n")
	for _, f := range files {
		peak, kept := ourMemory(f)
		fmt.Printf("| %s | %s | %.2f | %.2f |\n", f.name, steepest, peak/(1e6*f.mb), peak/kept)
		for _, name := range f.peers {
			fmt.Printf("| %s | %s | %.2f | |\n", f.name, name, theirMemory(*interpreter, name, f)/(1e6*f.mb))
		}
	}
}

// makeFiles writes files of about size bytes.
func makeFiles(dir string, size int) (files []file) {
	for _, digits := range []int{5, 17} {
		what := fmt.Sprintf("%d digits", digits)
		f := file{name: "LIBSVM, " + what, path: filepath.Join(dir, fmt.Sprint(digits, ".libsvm")), vw: filepath.Join(dir, fmt.Sprint(digits, ".vw")),
			peers: []string{"xgboost", "VW", "scikit-learn"}}
		f.mb = write(f.path, size, func(line []byte, r *rand.Rand) []byte { return appendSparse(line, r, digits, "") })
		write(f.vw, size, func(line []byte, r *rand.Rand) []byte { return appendSparse(line, r, digits, " |") })
		files = append(files, f)
		f = file{name: "CSV, " + what, path: filepath.Join(dir, fmt.Sprint(digits, ".csv")), peers: []string{"polars", "pandas", "pyarrow"}}
		f.mb = write(f.path, size, func(line []byte, r *rand.Rand) []byte { return appendDense(line, r, digits) })
		files = append(files, f, file{name: "Parquet, " + what, path: filepath.Join(dir, fmt.Sprint(digits, ".parquet")), peers: []string{"pyarrow.parquet"}})
	}
	return files
}

// write fills a file with lines, and returns its MB.
func write(path string, size int, appendLine func([]byte, *rand.Rand) []byte) float64 {
	out, err := os.Create(path)
	if err != nil {
		log.Fatal(err)
	}
	w := bufio.NewWriter(out)
	r := rand.New(rand.NewPCG(1, 2))
	n := 0
	if strings.HasSuffix(path, ".csv") {
		for j := range columns {
			k, _ := fmt.Fprintf(w, "c%d,", j)
			n += k
		}
		k, _ := fmt.Fprintln(w, "label")
		n += k
	}
	for line := []byte(nil); n < size; n += len(line) {
		line = append(appendLine(line[:0], r), '\n')
		w.Write(line)
	}
	if err := w.Flush(); err != nil {
		log.Fatal(err)
	}
	if err := out.Close(); err != nil {
		log.Fatal(err)
	}
	return float64(n) / 1e6
}

// columns are those of a table.
const columns = 20

// appendSparse appends a label, the text before the features, and about forty features.
func appendSparse(line []byte, r *rand.Rand, digits int, before string) []byte {
	line = append(line, []string{"-1", "1"}[r.IntN(2)]...)
	line = append(line, before...)
	for j := 1 + r.IntN(1000); j < 20_000; j += 1 + r.IntN(1000) {
		line = strconv.AppendInt(append(line, ' '), int64(j), 10)
		line = appendNumber(append(line, ':'), r, digits)
	}
	return line
}

func appendDense(line []byte, r *rand.Rand, digits int) []byte {
	for range columns {
		line = append(appendNumber(line, r, digits), ',')
	}
	return strconv.AppendInt(line, int64(r.IntN(2)), 10)
}

// appendNumber appends a normal number. One of 17 digits is written as programs do, with the fewest digits that identify it.
func appendNumber(line []byte, r *rand.Rand, digits int) []byte {
	if digits == 17 {
		digits = -1
	}
	return strconv.AppendFloat(line, r.NormFloat64(), 'g', digits, 64)
}
