package objective

import (
	"slices"
	"strings"
	"testing"

	"steepest/data"
)

// TestFromSet compares FromSet with its steps, made one after the other.
func TestFromSet(t *testing.T) {
	p := randomProblem(90, 20, 3, 0.7)
	for _, c := range []struct {
		name    string
		setup   Setup
		y       []float64
		want    func(x data.Matrix) (*Linear[float64], error)
		classes data.Classes
	}{
		{"two classes", Setup{}, []float64{7, 5}, func(x data.Matrix) (*Linear[float64], error) {
			return Logistic(x, repeat([]float64{1, -1}, 20), L2(0.5))
		}, data.Classes{5, 7}},
		{"three classes", Setup{Scale: data.Largest}, []float64{4, 2, 9, 2}, func(x data.Matrix) (*Linear[float64], error) {
			return Softmax(x, repeat([]int{1, 0, 2, 0}, 20), 3, L2(0.5))
		}, data.Classes{2, 4, 9}},
		{"hinge", Setup{Loss: HingeLoss{}, Intercept: true}, []float64{0, 1}, func(x data.Matrix) (*Linear[float64], error) {
			return Hinge(x, repeat([]float64{-1, 1}, 20), L2(0.5), Intercept())
		}, data.Classes{0, 1}},
		{"numbers", Setup{Loss: SquaredLoss{}, Scale: data.UnitRows}, []float64{0.5, 1}, func(x data.Matrix) (*Linear[float64], error) {
			return LeastSquares(x, repeat([]float64{0.5, 1}, 20), L2(0.5))
		}, nil},
		{"huber", Setup{Loss: HuberLoss{2}, Scale: data.Standard}, []float64{-1, 1, 3}, func(x data.Matrix) (*Linear[float64], error) {
			return Huber(x, repeat([]float64{-1, 1, 3}, 20), 2, L2(0.5))
		}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, view, err := FromSet(&data.Set{X: p.dense, Y: repeat(c.y, 20)}, c.setup, L2(0.5))
			if err != nil {
				t.Fatal(err)
			}
			x, err := view.Apply(p.dense)
			if err != nil {
				t.Fatal(err)
			}
			want := must(t)(c.want(x))
			w := randomVector(91, want.dim(), 1)
			if got.dim() != want.dim() || got.Loss(w, nil) != want.Loss(w, nil) || !slices.Equal(view.Classes, c.classes) {
				t.Errorf("loss %v, want %v; classes %v", got.Loss(w, nil), want.Loss(w, nil), view.Classes)
			}
		})
	}
}

func repeat[E any](v []E, n int) []E { return slices.Repeat(v, n)[:n] }

func TestFromSetErrors(t *testing.T) {
	p := randomProblem(92, 120, 3, 0.5)
	signs := p.signs
	for want, c := range map[string]struct {
		set   data.Set
		setup Setup
	}{
		"120 distinct labels are more than 100 classes; choose a Loss": {data.Set{X: p.dense, Y: p.reals}, Setup{}},
		"there are 120 distinct labels":                                {data.Set{X: p.dense, Y: p.reals}, Setup{Loss: HingeLoss{}}},
		"softmax over 1 classes":                                       {data.Set{X: p.dense, Y: make([]float64, 120)}, Setup{}},
		"would fill a sparse matrix":                                   {data.Set{X: p.sparse, Y: signs}, Setup{Scale: data.Standard}},
		`unknown scale "standrad"; did you mean "standard"?`:           {data.Set{X: p.dense, Y: signs}, Setup{Scale: "standrad"}},
		"Huber's delta is 0":                                           {data.Set{X: p.dense, Y: signs}, Setup{Loss: HuberLoss{}}},
		"119 labels for 120 rows":                                      {data.Set{X: p.dense, Y: signs[1:]}, Setup{}},
	} {
		q, _, err := FromSet(&c.set, c.setup)
		if q != nil || err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want one with %q", err, want)
		}
	}
}
