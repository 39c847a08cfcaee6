package data

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Classes are the distinct labels of a classification problem, in ascending order. Class i is the label Classes[i].
type Classes []float64

// ClassIndices maps labels to the indices of their classes, and returns the classes, too. For a test set use the classes of
// the training set: classes.Indices(test.Y).
func ClassIndices(y []float64) (indices []int, classes Classes) {
	classes = ClassesOf(y)
	indices, _ = classes.Indices(y) // every label is a class
	return indices, classes
}

// ClassesOf returns the distinct labels, in ascending order. It takes memory for a few labels, not for all of y, if they are few.
func ClassesOf(y []float64) (classes Classes) {
	const few = 1 << 16
	seen := make(map[float64]bool)
	for _, label := range y {
		if seen[label] = true; len(seen) > few {
			return slices.Compact(slices.Sorted(slices.Values(y)))
		}
	}
	return slices.Sorted(maps.Keys(seen))
}

// ClassIndex returns the index of the class with a name; −1 if there is none. If all names are true, false, yes or no, case does not matter.
func ClassIndex(names []string, word string) int {
	i := slices.Index(names, word)
	if i < 0 && isBoolean(word) && !slices.ContainsFunc(names, func(name string) bool { return !isBoolean(name) }) {
		i = slices.IndexFunc(names, func(name string) bool { return strings.EqualFold(name, word) })
	}
	return i
}

// isBoolean reports whether a word stands for 1 or 0.
func isBoolean(word string) bool {
	return slices.Contains([]string{"true", "false", "yes", "no"}, strings.ToLower(word))
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

// Binary maps labels to −1 for the smaller of two classes and +1 for the larger, and returns the classes, too. For a test
// set use the classes of the training set: classes.Signs(test.Y). It is an error if there are not exactly two classes.
func Binary(y []float64) (signs []float64, classes Classes, err error) {
	classes = ClassesOf(y)
	signs, err = classes.Signs(y)
	return signs, classes, err
}

// Signs returns −1 for each label of class 0 and +1 for each label of class 1. It is an error if there are not exactly two
// classes, or if a label is not in either.
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

// String lists the first ten classes.
func (c Classes) String() string {
	if len(c) <= 10 {
		return fmt.Sprint([]float64(c))
	}
	s := fmt.Sprint([]float64(c[:10]))
	return s[:len(s)-1] + " ...]"
}
