package data

import (
	"fmt"
	"slices"
)

// Classes are the distinct labels of a classification problem, in ascending order. Class i is the label Classes[i].
type Classes []float64

// ClassIndices maps labels to the indices of their classes, and returns the classes too. The labels of a test set are
// mapped by the classes of the training set: classes.Indices(test.Y).
func ClassIndices(y []float64) (indices []int, classes Classes) {
	classes = slices.Compact(slices.Sorted(slices.Values(y)))
	indices, _ = classes.Indices(y) // every label is a class
	return indices, classes
}

// Indices returns the index of the class of each label. A label that is not a class is an error.
func (c Classes) Indices(y []float64) ([]int, error) {
	indices := make([]int, len(y))
	for i, label := range y {
		k, known := slices.BinarySearch(c, label)
		if !known {
			return nil, fmt.Errorf("data: the label %v of row %d is none of the classes %s; "+
				"check that the set belongs to the data that gave the classes", label, i+1, c)
		}
		indices[i] = k
	}
	return indices, nil
}

// Binary maps labels to −1 for the smaller of two classes and +1 for the larger, and returns the classes too. The
// labels of a test set are mapped by the classes of the training set: classes.Signs(test.Y). Other than two classes are
// an error.
func Binary(y []float64) (signs []float64, classes Classes, err error) {
	_, classes = ClassIndices(y)
	signs, err = classes.Signs(y)
	return signs, classes, err
}

// Signs returns −1 for each label of class 0 and +1 for each of class 1. Other than two classes, and a label that is
// neither, are errors.
func (c Classes) Signs(y []float64) ([]float64, error) {
	if len(c) != 2 {
		return nil, fmt.Errorf("data: there %s, %s, where two are needed; "+
			"choose two classes, or use a method for several", isOrAre(len(c), "distinct label"), c)
	}
	indices, err := c.Indices(y)
	if err != nil {
		return nil, err
	}
	signs := make([]float64, len(y))
	for i, k := range indices {
		signs[i] = float64(2*k - 1)
	}
	return signs, nil
}

// String lists the classes, at most the first ten.
func (c Classes) String() string {
	if len(c) <= 10 {
		return fmt.Sprint([]float64(c))
	}
	s := fmt.Sprint([]float64(c[:10]))
	return s[:len(s)-1] + " ...]"
}
