package data

import (
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
)

func TestClassIndices(t *testing.T) {
	indices, classes := ClassIndices([]float64{7, -1, 2.5, 7})
	if want := (Classes{-1, 2.5, 7}); !reflect.DeepEqual(classes, want) || !reflect.DeepEqual(indices, []int{2, 0, 1, 2}) {
		t.Errorf("got %v of %v, want [2 0 1 2] of %v", indices, classes, want)
	}
	if indices, err := classes.Indices([]float64{2.5, -1}); err != nil || !reflect.DeepEqual(indices, []int{1, 0}) {
		t.Errorf("test labels: %v, %v", indices, err)
	}
}

func TestBinary(t *testing.T) {
	signs, classes, err := Binary([]float64{2, 1, 1, 2})
	if err != nil || !reflect.DeepEqual(signs, []float64{1, -1, -1, 1}) || !reflect.DeepEqual(classes, Classes{1, 2}) {
		t.Errorf("got %v, %v, %v", signs, classes, err)
	}
	if signs, err := classes.Signs([]float64{2, 2}); err != nil || !reflect.DeepEqual(signs, []float64{1, 1}) {
		t.Errorf("test labels: %v, %v", signs, err)
	}
}

func TestLabelErrors(t *testing.T) {
	digits := []float64{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}
	for _, c := range []struct {
		err  func() error
		want string
	}{
		{func() error { _, _, err := Binary(digits); return err },
			"data: there are 12 distinct labels, [0 1 2 3 4 5 6 7 8 9 ...], where two are needed; choose two classes, or use a method for several"},
		{func() error { _, _, err := Binary([]float64{3, 3}); return err },
			"data: there is 1 distinct label, [3], where two are needed; choose two classes, or use a method for several"},
		{func() error { _, err := Classes{1, 2}.Signs([]float64{1, 0}); return err },
			"data: the label 0 of row 2 is none of the classes [1 2]; check that the set belongs to the data that gave the classes"},
	} {
		if err := c.err(); err == nil || err.Error() != c.want {
			t.Errorf("got  %v\nwant %s", err, c.want)
		}
	}
}

// TestClassesOf: the distinct labels ascend, few or many.
func TestClassesOf(t *testing.T) {
	var many []float64
	for i := range 3 << 16 {
		many = append(many, float64(i*7919%(1<<17)))
	}
	for _, y := range [][]float64{nil, {3}, {1, -1, 1, 0.5, -1}, many} {
		want := Classes(slices.Compact(slices.Sorted(slices.Values(y))))
		if got := ClassesOf(y); !slices.Equal(got, want) {
			t.Errorf("the classes of %d labels are %v, want %v", len(y), got, want)
		}
	}
}

// TestUnlabeled reads rows to predict without labels, in each format. Labels that are there are those of the same rows with a label each; others
// are NaN. Without the option, a missing label is an error.
func TestUnlabeled(t *testing.T) {
	repeat := func(head string, rows ...string) string { return head + strings.Repeat(strings.Join(rows, ""), 5000) }
	for _, c := range []struct {
		name, text string
		want       []float64 // repeated; −1 for none
		classes    []string
	}{
		{"a.csv", repeat("x,y\n", "1,\n", "2,3\n", "4,NA\n", "5,7\n"), []float64{-1, 3, -1, 7}, nil},
		{"b.csv", repeat("x,y\n", "1,\n", "2,yes\n", "4,\n", "5,maybe\n", "6,\n"), []float64{-1, 1, -1, 0, -1}, []string{"maybe", "yes"}},
		{"c.csv", repeat("x,y\n", "2,yes\n", "4,\n", "5,maybe\n"), []float64{1, -1, 0}, []string{"maybe", "yes"}},
		{"d.csv", repeat("x,y\n", "2,\n", "4,\n"), []float64{-1, -1}, nil},
		{"a.svm", repeat("", "1:2 3:4\n", "7 1:1\n", "3:1 # x\n"), []float64{-1, 7, -1}, nil},
		{"a.vw", repeat("", "|u a\n", "7 2 |u a b\n", "'tag|u c\n", " | d\n"), []float64{-1, 7, -1, -1}, nil},
	} {
		o := Options{Format: formatOf(filepath.Ext(c.name))}
		if _, err := Read(c.name, strings.NewReader(c.text), o); err == nil {
			t.Errorf("%s: rows without a label are accepted", c.name)
		}
		o.CSV.Unlabeled, o.LIBSVM.Unlabeled, o.VW.Unlabeled = true, true, true
		o.CSV.Label, o.CSV.Header = "y", WithHeader
		if o.Format != CSV {
			o.CSV = CSVOptions{}
		}
		set, err := Read(c.name, strings.NewReader(c.text), o)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		if len(set.Y) != 5000*len(c.want) || !slices.Equal(set.ClassNames, c.classes) || set.Hashing != nil && set.Hashing.Unlabeled {
			t.Fatalf("%s: %d labels, classes %q", c.name, len(set.Y), set.ClassNames)
		}
		for i, y := range set.Y {
			if want := c.want[i%len(c.want)]; y != want && !(want < 0 && y != y) {
				t.Fatalf("%s: the label of row %d is %v, want %v", c.name, i+1, y, want)
			}
		}
	}
}
