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
	if k < 2 || k > len(s.Y) {
		return nil, fmt.Errorf("data: %s cannot be dealt into %d parts; want from 2 to %d", plural.Of(len(s.Y), "row"), k, len(s.Y))
	}
	folds := make([][]int, k)
	next := 0
	for c, rows := range byLabel(s.Y, stratified) {
		shuffle(rows, seed, c)
		for _, i := range rows {
			folds[next] = append(folds[next], int(i))
			next = (next + 1) % k
		}
	}
	for _, rows := range folds {
		slices.Sort(rows)
	}
	return folds, nil
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
