// Command sparse compares an epoch of stochastic gradient descent on sparse logistic regression with one of scikit-learn's SGDClassifier:
// the same rows in shuffled order, the same step sizes, one thread. It times Steepest in two ways. The first is a loop in this command
// over the kernels of internal/simd. It keeps w as a multiple of a vector, so that the penalty costs one product. The second is train.Minimize with
// SGD, which users have. It steps in the same way, with the checks, counts and locks of a run.
//
//	go run ./sparse -python venv/bin/python                        200,000 × 50,000 with 75 values a row, made here
//	go run ./sparse -python venv/bin/python -data FILE             a LIBSVM file with two classes
//
// The Python must have scikit-learn (compared with 1.7.2). Times are of the processor, so that other work on the machine disturbs less.
// Both take turns in each round, and a ratio is the median (minimum–maximum) of those of the rounds. An epoch of scikit-learn is the
// difference between a fit of several epochs and a fit of one, which leaves out the work before the first step. The losses are those
// after the same steps on the same rows, in another order for each epoch.
package main

import (
	"flag"
	"fmt"
	"log"
	"math/rand/v2"
	"runtime"
	"strconv"
	"strings"

	"steepest/bench/paired"
	"steepest/data"
	"steepest/internal/simd"
	"steepest/objective"
)

// settings are the command line.
type settings struct {
	python         string
	rounds, epochs int
	batches        []int // of train.Minimize
}

func main() {
	log.SetFlags(0)
	var s settings
	file := flag.String("data", "", "LIBSVM `file` with two classes, in place of synthetic rows")
	flag.StringVar(&s.python, "python", "python3", "`path` of a Python with scikit-learn")
	flag.IntVar(&s.rounds, "rounds", 7, "rounds")
	flag.IntVar(&s.epochs, "epochs", 5, "epochs of a turn")
	batches := flag.String("batch", "1,32", "`list` of the sizes of batches of train.Minimize")
	flag.Parse()
	for text := range strings.SplitSeq(*batches, ",") {
		batch, err := strconv.Atoi(text)
		if err != nil || batch < 1 {
			log.Fatalf("a batch of %q is not a positive number", text)
		}
		s.batches = append(s.batches, batch)
	}
	rows, labels, err := load(*file)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%d × %d, %d values, %s\n", rows.Rows, rows.Cols, rows.NNZ(), runtime.Version())
	if err := compare[float64](s, rows, labels); err != nil {
		log.Fatal(err)
	}
	if err := compare[float32](s, rows, labels); err != nil {
		log.Fatal(err)
	}
}

// load returns the rows of a LIBSVM file, or synthetic ones, and their labels ±1.
func load(file string) (*data.CSR, []float64, error) {
	if file == "" {
		rows, labels := synthetic(200_000, 50_000, 75)
		return rows, labels, nil
	}
	set, err := data.Open(file, data.Options{Format: data.LIBSVM})
	if err != nil {
		return nil, nil, err
	}
	labels, _, err := data.Binary(set.Y)
	if err != nil {
		return nil, nil, err
	}
	return set.X.(*data.CSR), labels, nil
}

// compare measures with numbers of type T and prints the results.
func compare[T simd.Float](s settings, rows *data.CSR, labels []float64) error {
	l2 := 1 / float64(rows.Rows)
	problem, err := objective.Logistic(rows, labels, objective.L2(l2))
	if err != nil {
		return err
	}
	a := convert[T](rows, labels)
	peer, err := start(s.python, a, l2)
	if err != nil {
		return err
	}
	defer peer.stop()
	fmt.Printf("\n%T, %s\n", T(0), peer.version)
	if err := compareLosses(a, peer, problem, l2, s.epochs); err != nil {
		return err
	}
	for _, shuffled := range []bool{true, false} {
		var ours, theirs, ratios []float64
		for range s.rounds {
			o := epochTime(a, l2, s.epochs, shuffled)
			p, err := peer.epochTime(s.epochs, shuffled)
			if err != nil {
				return err
			}
			ours, theirs, ratios = append(ours, 1e3*o), append(theirs, 1e3*p), append(ratios, p/o)
		}
		order := map[bool]string{true: "shuffled", false: "file order"}[shuffled]
		fmt.Printf("%-10s  ms/epoch  kernel loop %s  scikit-learn %s  ratio %s  %.0f Mnnz/s\n", order,
			paired.SpreadOf(ours), paired.SpreadOf(theirs), paired.SpreadOf(ratios), float64(rows.NNZ())/paired.SpreadOf(ours).Median/1e3)
	}
	if problem, ok := any(problem).(objective.FiniteSum[T]); ok {
		return compareMinimize(s, problem, peer, l2)
	}
	single, err := objective.Single(problem)
	if err != nil {
		return err
	}
	return compareMinimize(s, any(single).(objective.FiniteSum[T]), peer, l2)
}

// compareLosses lets both take the same steps, and prints the loss after each epoch.
func compareLosses[T simd.Float](a matrix[T], peer *peer, problem *objective.Linear[float64], l2 float64, epochs int) error {
	m, order := newModel[T](a.cols, l2), inOrder(a.rows)
	random := rand.New(rand.NewPCG(2, 0))
	for epoch := range epochs {
		shuffle(random, order)
		m.epoch(a, order)
		theirs, err := peer.step(order)
		if err != nil {
			return err
		}
		fmt.Printf("epoch %d     loss      Steepest %.8f  scikit-learn %.8f\n", epoch+1,
			problem.Loss(m.coefficients(), nil), problem.Loss(theirs, nil))
	}
	return nil
}

// epochTime returns the processor time of an epoch, in seconds, with its shuffle.
func epochTime[T simd.Float](a matrix[T], l2 float64, epochs int, shuffled bool) float64 {
	m, order := newModel[T](a.cols, l2), inOrder(a.rows)
	random := rand.New(rand.NewPCG(3, 0))
	runtime.GC()
	before := paired.ProcessorTime()
	for range epochs {
		if shuffled {
			shuffle(random, order)
		}
		m.epoch(a, order)
	}
	return (paired.ProcessorTime() - before).Seconds() / float64(epochs)
}

func inOrder(n int) []uint32 {
	order := make([]uint32, n)
	for i := range order {
		order[i] = uint32(i)
	}
	return order
}

func shuffle(r *rand.Rand, order []uint32) {
	r.Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
}
