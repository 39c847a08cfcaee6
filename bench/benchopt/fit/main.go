// Command fit fits a linear model to a LIBSVM file as often as it is asked to: each line of its standard input is a tolerance, for which it
// writes the weights as a line of JSON. So a program in another language can time the library without the time to read the file.
//
//	go run ./benchopt/fit -loss logistic -l2 1e-4 rows.svm
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"strconv"

	"steepest/data"
	"steepest/objective"
	"steepest/solver"
)

func main() {
	loss := flag.String("loss", "logistic", "logistic, hinge or least-squares")
	l1 := flag.Float64("l1", 0, "the penalty l1·‖x‖₁")
	l2 := flag.Float64("l2", 0, "the penalty (l2/2)‖x‖²")
	columns := flag.Int("columns", 0, "at least so many columns")
	intercept := flag.Bool("intercept", false, "fit a constant term, which no penalty takes")
	flag.Parse()
	if err := serve(*loss, *l1, *l2, *columns, *intercept, flag.Arg(0)); err != nil {
		fmt.Fprintln(os.Stderr, "fit:", err)
		os.Exit(1)
	}
}

func serve(loss string, l1, l2 float64, columns int, intercept bool, path string) error {
	set, err := data.Open(path, data.Options{Format: data.LIBSVM, LIBSVM: data.LIBSVMOptions{MinFeatures: columns}})
	if err != nil {
		return err
	}
	x, options := dense(set.X), []objective.Option{objective.L1(l1), objective.L2(l2)}
	if intercept {
		x, options = data.AppendOnes(x), append(options, objective.Intercept())
	}
	of, known := map[string]objective.Loss{
		"logistic": objective.LogisticLoss{}, "hinge": objective.HingeLoss{}, "least-squares": objective.SquaredLoss{},
	}[loss]
	if !known {
		return fmt.Errorf("unknown loss %q", loss)
	}
	p, err := objective.NewLinear(x, set.Y, of, options...)
	if err != nil {
		return err
	}
	out := json.NewEncoder(os.Stdout)
	for in := bufio.NewScanner(os.Stdin); in.Scan(); {
		tolerance, err := strconv.ParseFloat(in.Text(), 64)
		if err != nil {
			return err
		}
		found, err := solver.Fit(context.Background(), p, solver.Options{Tolerance: tolerance, Seed: 1})
		if err != nil {
			return err
		}
		if err := out.Encode(found.X); err != nil {
			return err
		}
	}
	return nil
}

// dense returns a matrix without its zeros stored apart, if most of it is stored.
func dense(m data.Matrix) data.Matrix {
	sparse := m.(*data.CSR)
	if 2*len(sparse.Values) < sparse.Rows*sparse.Cols {
		return m
	}
	out := &data.Dense{Rows: sparse.Rows, Cols: sparse.Cols, Data: make([]float64, sparse.Rows*sparse.Cols)}
	for i := range out.Rows {
		columns, values := sparse.Row(i)
		for k, j := range columns {
			out.Row(i)[j] = values[k]
		}
	}
	return out
}
