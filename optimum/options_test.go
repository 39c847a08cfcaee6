package optimum

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"steepest/data"
	"steepest/objective"
)

// TestInterceptsAndWeights: a problem with an intercept and weights of rows has the certified minimum of the problem with repeated rows.
func TestInterceptsAndWeights(t *testing.T) {
	x, signs := randomSparse(11, 60, 8, 0.5)
	ones := data.AppendOnes(x)
	weights, rows := make([]float64, len(signs)), []int(nil)
	for i := range weights {
		weights[i] = float64(i % 4)
		for range i % 4 {
			rows = append(rows, i)
		}
	}
	classes := func(signs []float64) (labels []int) {
		for i, s := range signs {
			labels = append(labels, (i%2)*int(1+s)/2+int(1+s)/2)
		}
		return labels
	}
	three := classes(signs)
	for name, build := range map[string]func(x data.Matrix, rows []int, options ...objective.Option) (*objective.Linear[float64], error){
		"softmax": func(x data.Matrix, rows []int, options ...objective.Option) (*objective.Linear[float64], error) {
			var labels []int
			for _, i := range rows {
				labels = append(labels, three[i])
			}
			return objective.Softmax(x, labels, 3, options...)
		},
		"logistic": of(objective.LogisticLoss{}, signs), "squares": of(objective.SquaredLoss{}, signs), "huber": of(objective.HuberLoss{Delta: 0.9}, signs),
		"squared hinge": of(objective.SquaredHingeLoss{}, signs), "hinge": of(objective.HingeLoss{}, signs),
	} {
		for _, c := range []struct{ l1, l2 float64 }{{0, 0.05}, {0.02, 0}, {0.02, 0.05}} {
			t.Run(fmt.Sprint(name, c), func(t *testing.T) {
				options := []objective.Option{objective.L1(c.l1), objective.L2(c.l2), objective.Intercept()}
				matrix, all := ones, make([]int, len(weights))
				for i := range all {
					all[i] = i
				}
				if name == "hinge" {
					if c.l1 > 0 {
						t.Skip("not solved without weights either")
					}
					matrix, options = x, options[:2]
				}
				repeated, err := build((&data.Set{X: matrix, Y: signs}).Rows(rows).X, rows, options...)
				if err != nil {
					t.Fatal(err)
				}
				weighted, err := build(matrix, all, append(options, objective.Weights(weights))...)
				if err != nil {
					t.Fatal(err)
				}
				want, got := find(t, repeated), find(t, weighted)
				if !got.Certified || !want.Certified {
					t.Errorf("not certified: %+v, %+v", got, want)
				}
				if math.Abs(got.Value-want.Value) > got.Gap+want.Gap+1e-13 {
					t.Errorf("F* = %v, and %v of the rows repeated", got.Value, want.Value)
				}
			})
		}
	}
	free, err := objective.Hinge(ones, signs, objective.L2(0.1), objective.Intercept())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Find(t.Context(), free); err == nil || !strings.Contains(err.Error(), "no free intercept") {
		t.Errorf("the hinge loss with an intercept: error %v", err)
	}
}

// of builds the problem of a loss on some rows.
func of(loss objective.Loss, signs []float64) func(x data.Matrix, rows []int, options ...objective.Option) (*objective.Linear[float64], error) {
	return func(x data.Matrix, rows []int, options ...objective.Option) (*objective.Linear[float64], error) {
		var y []float64
		for _, i := range rows {
			y = append(y, signs[i])
		}
		return objective.NewLinear(x, y, loss, options...)
	}
}

// TestIntercept: rows x in (0, 10) with the classes x > 5, which need an intercept.
func TestIntercept(t *testing.T) {
	x, y := &data.Dense{Rows: 200, Cols: 1}, make([]float64, 200)
	for i := range y {
		x.Data = append(x.Data, float64(i)/20)
		y[i] = math.Copysign(1, x.Data[i]-5)
	}
	p, err := objective.Logistic(data.AppendOnes(x), y, objective.L2(1e-3), objective.Intercept())
	if err != nil {
		t.Fatal(err)
	}
	o, right := find(t, p), 0
	for i, s := range p.Scores(o.X, data.AppendOnes(x)) {
		if s*y[i] > 0 {
			right++
		}
	}
	if right < 198 || !o.Certified {
		t.Errorf("%d of 200 rows are right; %+v", right, o)
	}
}
