// Command linear compares the time in which solver.Fit and its peers from PyPI fit linear models to an accuracy, without reading the data.
//
//	go run ./linear -python venv/bin/python -data a9a,w8a,imdb-tfidf.train.libsvm.gz
//
// The Python must have liblinear-official, cyanure, scikit-learn, celer and skglm. An accuracy is (F(w) − F*)/F*. NumPy computes F for
// all of them, and F* is the least value that any contestant reached with the strictest tolerance. Each peer runs with the loosest
// tolerance that reaches the accuracy, found beforehand in steps of 10^½, so that none pays for going on too long. Fit gets the accuracy
// as its Tolerance and no other option. Its result is certified, and its time includes the certificate.
//
// With -passes, Vowpal Wabbit with so many passes and its cache is compared with the program `steepest fit`, from the text to the saved model:
//
//	(cd .. && go build -o bench/steepest ./cmd/steepest)
//	go run ./linear -python venv/bin/python -steepest ./steepest -data a9a,w8a -passes 10,30,100
//
// Its loss is the mean logistic loss of its last weights over all rows, without a penalty. It runs with its defaults, but without a constant and
// without held-out rows. The program gets the largest λ₂ and the loosest tolerance with which it reaches this loss, found beforehand. The time of
// the program includes its start; the time of Vowpal Wabbit does not include the start of Python. A row has the passes, the ratio, both times
// in ms, both losses, λ₂ and the tolerance.
//
// With -train, LIBLINEAR's own program of Debian's liblinear-tools is compared with `steepest fit`, from a text in LIBSVM's format to the saved
// model, for each λ₂:
//
//	go run ./linear -python venv/bin/python -steepest ./steepest -data a9a,w8a -train liblinear-train -lambda 1/n,1e-4
//
// LIBLINEAR's logistic solvers, -s 0 and -s 7, run with their default tolerances. The program gets the loosest tolerance with which it reaches the
// F of LIBLINEAR. A row has λ₂, the solver, the ratio, both times in ms, both values of F and the tolerance.
//
// All run on one thread and are timed by the processor time of their process. They take turns in each round; ratios are medians of the
// rounds' own, as median (minimum–maximum).
package main

import (
	"context"
	"encoding/binary"
	"errors"
	"flag"
	"fmt"
	"log"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"

	"steepest/bench/paired"
	"steepest/bench/python"
	"steepest/data"
	"steepest/objective"
	"steepest/solver"
)

import _ "embed"

//go:embed peers.py
var program string

// settings are the command line.
type settings struct {
	python, loss, penalty string
	steepest              string // the program
	passes, train         string // of Vowpal Wabbit, and LIBLINEAR's program; "" for the comparison of Fit
	lambdas               []string
	accuracies            []float64
	rounds                int
}

func main() {
	log.SetFlags(0)
	var s settings
	files := flag.String("data", "", "`list` of LIBSVM files with two classes")
	flag.StringVar(&s.python, "python", "python3", "`path` of a Python with the peers")
	flag.StringVar(&s.loss, "loss", "logistic", "logistic, hinge, squared-hinge or squared")
	flag.StringVar(&s.penalty, "penalty", "l2", "l2 or l1")
	lambdas := flag.String("lambda", "1/n,1e-4,1/100n", "`list` of λ: numbers, 1/n, 1/100n, and for l1 max/10 and so on, parts of the least that makes w = 0")
	accuracies := flag.String("accuracy", "1e-3,1e-6", "`list` of accuracies")
	flag.StringVar(&s.steepest, "steepest", "steepest", "`path` of the program, for -passes and -train")
	flag.StringVar(&s.passes, "passes", "", "`list` of numbers of passes of Vowpal Wabbit")
	flag.StringVar(&s.train, "train", "", "`path` of LIBLINEAR's train, such as liblinear-train")
	flag.IntVar(&s.rounds, "rounds", 5, "rounds")
	flag.Parse()
	s.lambdas = strings.Split(*lambdas, ",")
	for text := range strings.SplitSeq(*accuracies, ",") {
		accuracy, err := strconv.ParseFloat(text, 64)
		if err != nil {
			log.Fatalf("an accuracy of %q is no number", text)
		}
		s.accuracies = append(s.accuracies, accuracy)
	}
	for _, name := range []string{"GOMAXPROCS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"} {
		os.Setenv(name, "1")
	}
	runtime.GOMAXPROCS(1)
	for file := range strings.SplitSeq(*files, ",") {
		if err := s.compare(file); err != nil {
			log.Fatal(err)
		}
	}
}

// compare prints the rows of one file.
func (s settings) compare(file string) error {
	set, err := data.Open(file, data.Options{Format: data.LIBSVM})
	if err != nil {
		return err
	}
	labels, _, err := data.Binary(set.Y)
	if err != nil {
		return err
	}
	rows := set.X.(*data.CSR)
	peers, err := start(s.python, rows, labels)
	if err != nil {
		return err
	}
	defer peers.stop()
	fmt.Printf("%s: %d × %d, %d values; %s, %s\n", filepath.Base(file), rows.Rows, rows.Cols, rows.NNZ(), runtime.Version(), peers.versions)
	if s.passes != "" {
		return s.comparePasses(rows, labels, peers)
	}
	for _, text := range s.lambdas {
		lambda, err := s.lambda(text, rows, labels)
		if err != nil {
			return err
		}
		if s.train != "" {
			if err := s.compareTrain(text, lambda, set, peers); err != nil {
				return err
			}
			continue
		}
		c, err := s.cell(rows, labels, lambda, peers)
		if err != nil {
			return err
		}
		for _, accuracy := range s.accuracies {
			if err := c.measure(text, accuracy); err != nil {
				return err
			}
		}
	}
	return nil
}

// lambda returns the number that text means for these rows.
func (s settings) lambda(text string, rows *data.CSR, labels []float64) (float64, error) {
	part, of, found := strings.Cut(text, "/")
	if !found {
		return strconv.ParseFloat(text, 64)
	}
	if part == "max" {
		p, err := s.problem(rows, labels, 1)
		if err != nil {
			return 0, err
		}
		slope, largest := make([]float64, rows.Cols), 0.0
		p.Grad(slope, make([]float64, rows.Cols), nil)
		for _, g := range slope {
			largest = max(largest, math.Abs(g))
		}
		by, err := strconv.ParseFloat(of, 64)
		return largest / by, err
	}
	number, ofN := strings.CutSuffix(of, "n")
	if !ofN || part != "1" {
		return 0, fmt.Errorf("λ of %q, want a number, 1/n, 1/100n or max/10", text)
	}
	by := 1.0
	if number != "" {
		var err error
		if by, err = strconv.ParseFloat(number, 64); err != nil {
			return 0, err
		}
	}
	return 1 / (by * float64(rows.Rows)), nil
}

func (s settings) problem(rows *data.CSR, labels []float64, lambda float64) (*objective.Linear[float64], error) {
	loss := map[string]objective.Loss{
		"logistic": objective.LogisticLoss{}, "hinge": objective.HingeLoss{}, "squared-hinge": objective.SquaredHingeLoss{}, "squared": objective.SquaredLoss{},
	}[s.loss]
	penalty := map[string]func(float64) objective.Option{"l2": objective.L2, "l1": objective.L1}[s.penalty]
	if loss == nil || penalty == nil {
		return nil, fmt.Errorf("the loss %q with the penalty %q is none of those known", s.loss, s.penalty)
	}
	return objective.NewLinear(rows, labels, loss, penalty(lambda))
}

// cell is one problem with its contestants.
type cell struct {
	settings
	problem *objective.Linear[float64]
	lambda  float64
	peers   *peers
	names   []string
	least   float64 // F*
}

func (s settings) cell(rows *data.CSR, labels []float64, lambda float64, p *peers) (*cell, error) {
	problem, err := s.problem(rows, labels, lambda)
	if err != nil {
		return nil, err
	}
	answer, err := p.Ask("peers\t%s\t%s", s.loss, s.penalty)
	if err != nil {
		return nil, err
	}
	c := &cell{settings: s, problem: problem, lambda: lambda, peers: p, names: strings.Split(answer, "\t")}
	_, c.least, _, err = c.fit(1e-12)
	return c, err
}

// fit returns the seconds that Fit takes, F as NumPy computes it, and what Fit says of its run.
func (c *cell) fit(tolerance float64) (seconds, value float64, r solver.Result, err error) {
	runtime.GC()
	before := paired.ProcessorTime()
	r, err = solver.Fit(context.Background(), c.problem, solver.Options{Tolerance: tolerance})
	seconds = (paired.ProcessorTime() - before).Seconds()
	if err == nil {
		value, err = c.peers.value(r.X, c.loss, c.penalty, c.lambda)
	}
	return seconds, value, r, err
}

// tolerances are those that are tried for a peer, from the loosest.
func tolerances(yield func(float64) bool) {
	for e := 0.0; e >= -12; e -= 0.5 {
		if !yield(math.Pow(10, e)) {
			return
		}
	}
}

// patience is the time of a peer's fit above which no stricter tolerance is tried.
const patience = 5 // seconds

// measure prints the row of one accuracy.
func (c *cell) measure(label string, accuracy float64) error {
	loosest := make(map[string]float64)
	for _, name := range c.names {
		for tolerance := range tolerances {
			seconds, value, err := c.peers.fit(name, c.loss, c.penalty, c.lambda, tolerance)
			if err != nil {
				return err
			}
			if value <= c.least*(1+accuracy) {
				loosest[name] = tolerance
				break
			}
			if seconds > patience {
				break
			}
		}
	}
	var ours, ratios []float64
	theirs := make(map[string][]float64)
	var last solver.Result
	var reached float64
	for range c.rounds {
		seconds, value, r, err := c.fit(accuracy)
		if err != nil {
			return err
		}
		last, reached = r, value/c.least-1
		fastest := math.Inf(1)
		for name, tolerance := range loosest {
			t, _, err := c.peers.fit(name, c.loss, c.penalty, c.lambda, tolerance)
			if err != nil {
				return err
			}
			theirs[name] = append(theirs[name], 1e3*t)
			fastest = min(fastest, t)
		}
		ours, ratios = append(ours, 1e3*seconds), append(ratios, fastest/seconds)
	}
	fmt.Printf("| %s | %.0e | %s | %.1f | %.0f | %.1e |", label, accuracy, paired.SpreadOf(ratios), paired.SpreadOf(ours).Median, last.Passes, reached)
	for _, name := range c.names {
		if times, ok := theirs[name]; ok {
			fmt.Printf(" %s %.1f |", name, paired.SpreadOf(times).Median)
		} else {
			fmt.Printf(" %s not reached |", name)
		}
	}
	fmt.Printf(" %s |\n", last.Method)
	return nil
}

// peers are a Python that holds the same rows; the arrays go by files.
type peers struct {
	*python.Program
	dir, versions string
}

func start(interpreter string, rows *data.CSR, labels []float64) (*peers, error) {
	dir, err := os.MkdirTemp("", "steepest-linear")
	if err != nil {
		return nil, err
	}
	p := &peers{dir: dir}
	pointers := make([]int32, len(rows.Indptr))
	for i, at := range rows.Indptr {
		pointers[i] = int32(at)
	}
	err = errors.Join(p.write("indptr", pointers), p.write("indices", rows.Indices), p.write("values", rows.Values), p.write("labels", labels))
	if err == nil {
		p.Program, p.versions, err = python.Start(interpreter, program, dir, fmt.Sprint(rows.Cols))
	}
	if err != nil {
		p.stop()
		return nil, err
	}
	return p, nil
}

func (p *peers) stop() {
	if p.Program != nil {
		p.Stop()
	}
	os.RemoveAll(p.dir)
}

// fit returns the seconds that a peer takes and F of what it returns.
func (p *peers) fit(name, loss, penalty string, lambda, tolerance float64) (seconds, value float64, err error) {
	line, err := p.Ask("fit\t%s\t%s\t%s\t%v\t%v", name, loss, penalty, lambda, tolerance)
	if err == nil {
		_, err = fmt.Sscan(line, &seconds, &value)
	}
	return seconds, value, err
}

// value returns F of some weights.
func (p *peers) value(w []float64, loss, penalty string, lambda float64) (value float64, err error) {
	if err = p.write("weights", w); err != nil {
		return 0, err
	}
	line, err := p.Ask("value\t%s\t%s\t%v", loss, penalty, lambda)
	if err == nil {
		_, err = fmt.Sscan(line, &value)
	}
	return value, err
}

// write writes an array of numbers to a file of the peers' folder.
func (p *peers) write(name string, numbers any) error {
	bytes, err := binary.Append(nil, binary.LittleEndian, numbers)
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(p.dir, name), bytes, 0o600)
}
