package train

import (
	"context"
	"fmt"
	"math"
	"testing"

	"steepest/data"
	"steepest/objective"
	"steepest/optim"
	"steepest/optim/rules"
	"steepest/optim/schedule"
)

// TestProgressive: the loss before each step is the loss that another run evaluates at the same iterate, for dense steps, for lazy steps,
// and for a run that is interrupted and resumed.
func TestProgressive(t *testing.T) {
	wide := &data.CSR{Rows: 60, Cols: 5000, Indptr: []int{0}}
	narrow := &data.Dense{Rows: 60, Cols: 3}
	var y []float64
	for i := range 60 {
		for _, j := range []int{i % 7, 10 + i%31, 4000 + i%11} {
			wide.Indices, wide.Values = append(wide.Indices, uint32(j)), append(wide.Values, 1+float64(i%5)/4)
		}
		wide.Indptr = append(wide.Indptr, len(wide.Values))
		narrow.Data = append(narrow.Data, float64(i%4), 1, float64(i%9)/8)
		y = append(y, float64(i%2*2-1))
	}
	for name, rule := range map[string]optim.Rule{
		"sgd": rules.SGD{LR: schedule.Constant(0.1)}, "adam": rules.Adam{LR: schedule.Constant(0.01)}, "saga": SAGA{LR: schedule.Constant(0.05)},
	} {
		for _, x := range []data.Matrix{wide, narrow} {
			t.Run(fmt.Sprintf("%s %T", name, x), func(t *testing.T) {
				p, err := objective.Logistic(x, y, objective.L2(0.01))
				if err != nil {
					t.Fatal(err)
				}
				bare, err := objective.Logistic(x, y)
				if err != nil {
					t.Fatal(err)
				}
				const batch, steps = 7, 30
				var got []float64
				s := Settings{Batch: batch, Sampling: Reshuffle, Steps: steps, EvaluateEvery: 1, Evaluate: []Measure{Whole(), Progressive()},
					Recorder: RecorderFunc(func(p Point) error { got = append(got, p.Measured[0].Value); return nil })}
				begin := func() *Run[float64] {
					r, err := New(p, make([]float64, objective.Dim(p)), rule, s)
					if err != nil {
						t.Fatal(err)
					}
					return r
				}
				run := begin()
				batches := NewBatches(Reshuffle, 60, batch, 0)
				sum, terms := 0.0, 0.0
				for k := range steps {
					if k == steps/2 {
						state := run.State()
						if run = begin(); run.Restore(state) != nil {
							t.Fatal("the state is refused")
						}
					}
					b := batches.At(k)
					sum, terms = sum+bare.Loss(run.X(), b)*float64(len(b)), terms+float64(len(b))
					if err := run.Step(); err != nil {
						t.Fatal(err)
					}
					if err := run.Evaluate(); err != nil {
						t.Fatal(err)
					}
					if want := sum / terms; math.Abs(got[k]-want) > 1e-12*want {
						t.Fatalf("step %d: %v, want %v", k, got[k], want)
					}
				}
				got = nil
				if _, err := Minimize(context.Background(), p, make([]float64, objective.Dim(p)), rule, s); err != nil || !math.IsNaN(got[0]) || math.Abs(got[steps]-sum/terms) > 1e-12*got[steps] {
					t.Errorf("a run that is not stopped ends with %v, want %v: %v", got[steps], sum/terms, err)
				}
			})
		}
	}
}

// TestProgressiveWeights: while x is 0, each row has a loss of log 2, and so has their mean at every step, whatever the weights.
func TestProgressiveWeights(t *testing.T) {
	x := &data.Dense{Rows: 6, Cols: 2, Data: []float64{1, 0, 0, 1, 1, 1, 2, 1, 0, 3, 1, 2}}
	p, err := objective.Logistic(x, []float64{1, -1, 1, 1, -1, -1}, objective.Weights([]float64{10, 1, 0.5, 0, 3, 1}))
	if err != nil {
		t.Fatal(err)
	}
	for _, batch := range []int{1, 4, 0} {
		steps := 0
		_, err := Minimize(context.Background(), p, make([]float64, 2), rules.SGD{LR: schedule.Constant(0)}, Settings{
			Batch: batch, Sampling: Sequential, Steps: 9, EvaluateEvery: 1, Evaluate: []Measure{Progressive()},
			Recorder: RecorderFunc(func(p Point) error {
				if steps++; p.Step > 0 && math.Abs(p.Measured[0].Value-math.Ln2) > 1e-15 {
					t.Errorf("batches of %d: a mean loss of %v after %d steps", batch, p.Measured[0].Value, p.Step)
				}
				return nil
			}),
		})
		if err != nil || steps != 10 {
			t.Errorf("batches of %d: %d points, %v", batch, steps, err)
		}
	}
}
