package train

import (
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"testing"

	"steepest/internal/simd"
	"steepest/objective"
	"steepest/optim"
	"steepest/optim/rules"
	"steepest/optim/schedule"
	"steepest/param"
)

// faulty is a linear model whose gradients or slopes are not finite in one evaluation.
type faulty[T param.Float] struct {
	*objective.Linear[T]
	calls *int // until that evaluation
	value T
}

func (p faulty[T]) spoil(v []T) {
	if *p.calls--; *p.calls == 0 {
		v[len(v)/2] = p.value
	}
}

func (p faulty[T]) Grad(dst, x []T, batch []uint32) float64 {
	loss := p.Linear.Grad(dst, x, batch)
	p.spoil(dst)
	return loss
}

func (p faulty[T]) Slopes(dst, x []T, batch []uint32) {
	p.Linear.Slopes(dst, x, batch)
	p.spoil(dst)
}

func (p faulty[T]) ModelSlopes(dst, x, center []T, batch []uint32) {
	p.Linear.ModelSlopes(dst, x, center, batch)
	p.spoil(dst)
}

// plainly hides that a problem is a linear model.
type plainly[T param.Float] struct{ objective.FiniteSum[T] }

// TestNonfiniteEstimates corrupts each evaluation in turn. The step with this evaluation is an error, or is skipped if the settings say
// so. x, the state of the rule and the tables do not change and stay finite, and the run can go on.
func TestNonfiniteEstimates(t *testing.T) {
	p := logistic(t, objective.L2(0.1))
	single, err := objective.Single(p)
	if err != nil {
		t.Fatal(err)
	}
	alpha := schedule.Constant(0.1)
	for _, rule := range []optim.Rule{
		SAG{alpha}, SAGA{alpha}, SVRG{LR: alpha, Inner: optim.Set(3)}, SVRG{LR: alpha, Inner: optim.Set(4), RandomSnapshot: true},
		LSVRG{LR: alpha, P: optim.Set(0.5)}, NewtonSGD{LR: alpha}, SAM{LR: alpha}, rules.SGD{LR: alpha}, rules.Adam{},
	} {
		t.Run(fmt.Sprintf("%T", rule), func(t *testing.T) {
			for call := 1; call < 15; call++ {
				for _, value := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
					spoilsOne(t, p, rule, call, value)
					spoilsOne(t, single.(*objective.Linear[float32]), rule, call, float32(value))
				}
			}
		})
	}
}

func spoilsOne[T param.Float](t *testing.T, p *objective.Linear[T], rule optim.Rule, call int, value T) {
	t.Helper()
	skip := optim.Preparation{SkipNonfinite: optim.Set(1)}
	for _, rule := range []optim.Rule{rule, skip.Of(rule)} {
		for _, linear := range []bool{true, false} {
			inner, _ := optim.Unprepared(rule)
			if _, newton := inner.(NewtonSGD); newton && !linear {
				continue
			}
			_, sag := inner.(SAG)
			_, saga := inner.(SAGA)
			tabular := sag || saga // others may take a snapshot before the corrupted gradient
			calls := call
			spoilt := faulty[T]{p, &calls, value}
			problem := objective.FiniteSum[T](spoilt)
			if !linear {
				problem = plainly[T]{spoilt}
			}
			r, err := New(problem, make([]T, objective.Dim(p)), rule, Settings{Batch: 5, Steps: 20, Seed: 1})
			if err != nil {
				t.Fatal(err)
			}
			failed := 0
			for k := range 20 {
				before, left := r.State(), calls
				err := r.Step()
				after := r.State()
				if hit := left > 0 && calls <= 0; hit {
					failed++
					var nonfinite *optim.NonfiniteError
					if asked := rule != inner; asked != (err == nil) || !asked && !errors.As(err, &nonfinite) {
						t.Fatalf("call %d, step %d: error %v", call, k, err)
					}
					if !slices.Equal(after.Vectors["x"], before.Vectors["x"]) ||
						!maps.EqualFunc(part(after.Vectors, ofOptimizer), part(before.Vectors, ofOptimizer), slices.Equal) ||
						k > 0 && tabular && !maps.EqualFunc(part(after.Vectors, ofEstimator), part(before.Vectors, ofEstimator), slices.Equal) {
						t.Fatalf("call %d, step %d: what the run carries is not as it was", call, k)
					}
				} else if err != nil {
					t.Fatalf("call %d, step %d: %v", call, k, err)
				}
				for name, v := range after.Vectors {
					if !simd.Finite(v) {
						t.Fatalf("call %d, step %d: %s is not finite", call, k, name)
					}
				}
			}
			if failed != 1 {
				t.Fatalf("call %d: %d steps failed", call, failed)
			}
			if got := r.result().Skipped; got != 1 && rule != inner {
				t.Errorf("call %d: the result counts %d skipped steps", call, got)
			}
		}
	}
}

// TestTableOverflows: finite slopes whose mean is not finite do not change the table.
func TestTableOverflows(t *testing.T) {
	for _, biased := range []bool{true, false} {
		e := &table[float64]{
			memory: huge{}, biased: biased, width: 1, slopes: []float64{1, 2, 3}, mean: []float64{4}, filled: []float64{1},
			fresh: make([]float64, 4), change: make([]float64, 4), before: make([]float64, 4), next: make([]float64, 1),
		}
		g := make([]float64, 1)
		e.estimate(7, g, []float64{0}, []uint32{0, 1, 1, 2})
		if simd.Finite(g) || !slices.Equal(e.slopes, []float64{1, 2, 3}) || e.mean[0] != 4 {
			t.Errorf("estimate %v, slopes %v, mean %v", g, e.slopes, e.mean)
		}
	}
}

// huge has slopes of 1e200 on rows of 1e200.
type huge struct{}

func (huge) Len() int                               { return 3 }
func (huge) FLOPs(int) float64                      { return 0 }
func (huge) Outputs() int                           { return 1 }
func (huge) AddRidge([]float64, float64, []float64) {}
func (huge) Slopes(dst, _ []float64, _ []uint32) {
	for i := range dst {
		dst[i] = 1e200
	}
}
func (huge) AddSlopes(dst, slopes []float64, _ []uint32) {
	for _, s := range slopes {
		dst[0] += s * 1e200
	}
}
