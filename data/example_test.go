package data_test

import (
	"fmt"
	"log"
	"os"
	"strings"

	"steepest/data"
)

func Example() {
	set, err := data.Load("breast-cancer")
	if err != nil {
		log.Fatal(err)
	}
	y, classes, err := data.Binary(set.Y)
	if err != nil {
		log.Fatal(err)
	}
	scaling, err := data.Standardize(set.X)
	if err != nil {
		log.Fatal(err)
	}
	x, err := scaling.Apply(set.X)
	if err != nil {
		log.Fatal(err)
	}
	rows, cols := x.Dims()
	fmt.Printf("%d examples of %d features; %v is %s: %+g\n", rows, cols, classes[0], set.ClassNames[0], y[0])
	// Output: 569 examples of 30 features; 0 is malignant: -1
}

func ExampleReadLIBSVM() {
	text := "+1 1:0.5 3:2\n-1 2:1\n"
	set, err := data.ReadLIBSVM("train.libsvm", strings.NewReader(text), data.LIBSVMOptions{})
	if err != nil {
		log.Fatal(err)
	}
	indices, values := set.X.(*data.CSR).Row(0)
	fmt.Println(set.Y[0], indices, values)

	_, err = data.ReadLIBSVM("train.libsvm", strings.NewReader("+1 0:0.5"), data.LIBSVMOptions{})
	fmt.Println(err)
	// Output:
	// 1 [0 2] [0.5 2]
	// train.libsvm:1:4: the feature index is 0, but the file is read as counting from 1; if it counts from 0, set ZeroBased
}

func ExampleReadCSV() {
	text := "length,width,flower\n5.1,3.5,iris\n2.0,?,daisy\n"
	set, err := data.ReadCSV("flowers.csv", strings.NewReader(text), data.CSVOptions{Label: "flower", ImputeMean: true})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(set.Features, set.X.(*data.Dense).Data)
	fmt.Println(set.ClassNames, set.Y)
	// Output:
	// [length width] [5.1 3.5 2 3.5]
	// [daisy iris] [1 0]
}

func ExampleWriteLIBSVM() {
	set, err := data.Load("lecture-logistic")
	if err != nil {
		log.Fatal(err)
	}
	x := set.X.(*data.Dense)
	first := &data.Set{X: &data.Dense{Rows: 1, Cols: 2, Data: x.Row(0)[:2]}, Y: set.Y[:1]}
	if err := data.WriteLIBSVM(os.Stdout, first); err != nil {
		log.Fatal(err)
	}
	// Output: 0 1:-3.9352302589608272 2:-0.31958992380883255
}
