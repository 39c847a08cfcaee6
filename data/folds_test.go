package data

import (
	"reflect"
	"slices"
	"strings"
	"testing"
)

func TestFolds(t *testing.T) {
	s := &Set{X: &Dense{Rows: 23, Cols: 1, Data: make([]float64, 23)}, Y: make([]float64, 23)}
	for i := range 7 {
		s.Y[3*i] = 1
	}
	for _, stratified := range []bool{false, true} {
		folds, err := Folds(s, 5, 3, stratified)
		if err != nil {
			t.Fatal(err)
		}
		var all []int
		for _, rows := range folds {
			ones := 0
			for _, i := range rows {
				ones += int(s.Y[i])
			}
			if len(rows) < 4 || len(rows) > 5 || stratified && (ones < 1 || ones > 2) || !slices.IsSorted(rows) {
				t.Errorf("stratified %v: fold %v with %d ones", stratified, rows, ones)
			}
			if others := Others(rows, 23); len(others) != 23-len(rows) || slices.ContainsFunc(others, func(i int) bool { return slices.Contains(rows, i) }) {
				t.Errorf("others %v of %v", others, rows)
			}
			all = append(all, rows...)
		}
		slices.Sort(all)
		for i, j := range all {
			if i != j || len(all) != 23 {
				t.Fatalf("the folds are %v", folds)
			}
		}
		again, _ := Folds(s, 5, 3, stratified)
		other, _ := Folds(s, 5, 4, stratified)
		if !reflect.DeepEqual(folds, again) || reflect.DeepEqual(folds, other) {
			t.Error("the seed does not decide")
		}
	}
	for _, k := range []int{1, 24} {
		if _, err := Folds(s, k, 1, false); err == nil || !strings.Contains(err.Error(), "cannot be dealt") {
			t.Errorf("%d folds: error %v", k, err)
		}
	}
}
