package data

import (
	"fmt"
	"slices"

	"steepest/internal/plural"
)

// Folds deals the rows of a set into k parts for cross-validation. The parts are random, depend only on the seed, and differ in size by at
// most one row. If stratified is set, the numbers of rows of each label also differ by at most one. The rows of a part ascend. It returns
// an error unless k ≥ 2 and each part gets a row.
func Folds(s *Set, k int, seed uint64, stratified bool) ([][]int, error) {
	dealt, err := deal(s.Y, k, seed, stratified)
	if err != nil {
		return nil, err
	}
	folds := make([][]int, k)
	for i, part := range dealt {
		folds[part] = append(folds[part], i)
	}
	return folds, nil
}

// deal returns the part of each row in Folds, given the labels y.
func deal(y []float64, k int, seed uint64, stratified bool) ([]uint32, error) {
	if k < 2 || k > len(y) {
		return nil, fmt.Errorf("data: %s cannot be dealt into %d parts; want from 2 to %d", plural.Of(len(y), "row"), k, len(y))
	}
	parts := make([]uint32, len(y))
	next := 0
	for c, rows := range byLabel(y, stratified) {
		shuffle(rows, seed, c)
		for _, i := range rows {
			parts[i] = uint32(next)
			next = (next + 1) % k
		}
	}
	return parts, nil
}

// Others returns the rows from 0 to n−1 that are not in rows, which ascend.
func Others(rows []int, n int) []int {
	others := make([]int, 0, n-len(rows))
	for i := range n {
		if _, found := slices.BinarySearch(rows, i); !found {
			others = append(others, i)
		}
	}
	return others
}
