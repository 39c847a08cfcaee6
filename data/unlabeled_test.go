package data

import (
	"slices"
	"strings"
	"testing"
)

// TestUnlabeled reads rows to predict for a model of two features, with and without labels.
func TestUnlabeled(t *testing.T) {
	for text, want := range map[string]struct {
		label    string // in the options
		x, y     []float64
		features []string
	}{
		"1,2\n3,4\n":             {"", []float64{1, 2, 3, 4}, nil, nil},
		"1,2,9\n3,4,8\n":         {"", []float64{1, 2, 3, 4}, []float64{9, 8}, nil},
		"a,b\n1,2\n":             {"", []float64{1, 2}, nil, []string{"a", "b"}},
		"a,b\n1,2\n5,6\n":        {"y", []float64{1, 2, 5, 6}, nil, []string{"a", "b"}},
		"b,y,a\n1,2,3\n":         {"y", []float64{1, 3}, []float64{2}, []string{"b", "a"}},
		"id,b,a,more\n7,1,2,3\n": {"y", []float64{7, 1, 2, 3}, nil, []string{"id", "b", "a", "more"}},
		"id,b,a\n7,1,2\n":        {"", []float64{7, 1}, []float64{2}, []string{"id", "b"}},
		"\"a\",\"y\"\n1,2\n":     {"y", []float64{1}, []float64{2}, []string{"a"}},
	} {
		s, err := ReadCSV("rows.csv", strings.NewReader(text), CSVOptions{Label: want.label, Unlabeled: 2})
		if err != nil {
			t.Errorf("%q: %v", text, err)
			continue
		}
		if x := s.X.(*Dense); !slices.Equal(x.Data, want.x) || !slices.Equal(s.Y, want.y) || !slices.Equal(s.Features, want.features) {
			t.Errorf("%q: x = %v, y = %v, features %v; want %+v", text, x.Data, s.Y, s.Features, want)
		}
		if (s.Label != "") != (s.Y != nil && s.Features != nil) {
			t.Errorf("%q: the label column is called %q", text, s.Label)
		}
	}
	_, err := ReadCSV("rows.csv", strings.NewReader("a,b\n1,x\n"), CSVOptions{Unlabeled: 2})
	if err == nil || !strings.Contains(err.Error(), `"x" in column "b" is not a number`) {
		t.Errorf("error %v", err)
	}
}
