package data

import (
	"reflect"
	"strings"
	"testing"
)

func TestReadCSVWeights(t *testing.T) {
	for name, c := range map[string]struct {
		text    string
		o       CSVOptions
		x, y, w []float64
		names   []string
		missing int
	}{
		"by name":           {"a,w,b,y\n1,0.5,2,0\n3,2,4,1\n", CSVOptions{Weights: "w"}, []float64{1, 2, 3, 4}, []float64{0, 1}, []float64{0.5, 2}, []string{"a", "b"}, 0},
		"last column":       {"a,y,w\n1,0,3\n2,1,0\n", CSVOptions{Weights: "w"}, []float64{1, 2}, []float64{0, 1}, []float64{3, 0}, []string{"a"}, 0},
		"by place":          {"1,7,0\n2,8,1\n", CSVOptions{Weights: "1"}, []float64{7, 8}, []float64{0, 1}, []float64{1, 2}, nil, 0},
		"within a range":    {"1,7,0,5\n2,8,1,6\n", CSVOptions{Weights: "1", Columns: []string{"1-3"}}, []float64{7, 0, 8, 1}, []float64{5, 6}, []float64{1, 2}, nil, 0},
		"none of the named": {"a,b,w,y\n1,2,3,0\n4,5,6,1\n", CSVOptions{Weights: "w", Columns: []string{"b"}}, []float64{2, 5}, []float64{0, 1}, []float64{3, 6}, []string{"b"}, 0},
		"missing features":  {"a,w,y\n,1,0\n4,2,1\n2,1,1\n", CSVOptions{Weights: "w", ImputeMean: true}, []float64{3, 4, 2}, []float64{0, 1, 1}, []float64{1, 2, 1}, []string{"a"}, 1},
	} {
		t.Run(name, func(t *testing.T) {
			set, err := ReadCSV("f", strings.NewReader(c.text), c.o)
			if err != nil {
				t.Fatal(err)
			}
			x := set.X.(*Dense)
			if !reflect.DeepEqual(x.Data, c.x) || !reflect.DeepEqual(set.Y, c.y) || !reflect.DeepEqual(set.Weights, c.w) || !reflect.DeepEqual(set.Features, c.names) || set.Missing != c.missing {
				t.Errorf("x %v, y %v, weights %v, names %v, %d missing", x.Data, set.Y, set.Weights, set.Features, set.Missing)
			}
			if part := set.Rows([]int{1}); part.Weights[0] != c.w[1] {
				t.Errorf("the weight of row 1 is %v", part.Weights)
			}
		})
	}
	for want, c := range map[string]struct {
		text string
		o    CSVOptions
	}{
		"f:3:3: the weight -1 is negative, in column \"w\"": {"a,w,y\n1,1,0\n2,-1,1\n", CSVOptions{Weights: "w"}},
		"f:2:3: the weight is missing, in column \"w\"":     {"a,w,y\n1,,0\n2,1,1\n", CSVOptions{Weights: "w", ImputeMean: true}},
		"all weights in column \"w\" are 0":                 {"a,w,y\n1,0,0\n2,0,1\n", CSVOptions{Weights: "w"}},
		"Weights: column \"y\" holds the labels":            {"a,w,y\n1,1,0\n2,1,1\n", CSVOptions{Weights: "y", Label: "y"}},
		"Drop: column \"w\" holds the weights":              {"a,w,y\n1,1,0\n2,1,1\n", CSVOptions{Weights: "w", Drop: []string{"w"}}},
		"Weights: no column is named \"weight\"":            {"a,wait,y\n1,1,0\n2,1,1\n", CSVOptions{Weights: "weight"}},
	} {
		if _, err := ReadCSV("f", strings.NewReader(c.text), c.o); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want one with %q", err, want)
		}
	}
}
