package train_test

import (
	"context"
	"fmt"
	"log"
	"math"
	"slices"

	"gonum.org/v1/gonum/floats"

	"steepest/data"
	"steepest/objective"
	"steepest/optim/matrix"
	"steepest/optim/rules"
	"steepest/optim/schedule"
	"steepest/param"
	"steepest/train"
)

// Logistic regression with Adam on an embedded data set.
func ExampleMinimize() {
	set, err := data.Load("breast-cancer")
	if err != nil {
		log.Fatal(err)
	}
	p, _, err := objective.FromSet(set, objective.Setup{Scale: data.Standard}, objective.L2(1e-2))
	if err != nil {
		log.Fatal(err)
	}

	adam := rules.Adam{LR: schedule.Constant(1e-2)}
	x0 := make([]float64, objective.Dim(p))
	res, err := train.Minimize(context.Background(), p, x0, adam, train.Settings{Batch: 32, Epochs: 10})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%v after %d steps: loss %.2f, at most %.3f above the minimum\n", res.Status, res.Step, res.Loss, p.Gap(res.X))
	// Output: EpochLimit after 178 steps: loss 0.11, at most 0.028 above the minimum
}

// The batch of a step is a function of the seed and the step.
func ExampleBatches() {
	b := train.NewBatches(train.Sequential, 5, 2, 0)
	for k := range 4 {
		fmt.Println(b.At(k))
	}
	// Output:
	// [0 1]
	// [2 3]
	// [4]
	// [0 1]
}

// SAGA, with the step size of its theorem, converges to the minimizer. Its steps cost as much as those of SGD.
func ExampleSAGA() {
	set, err := data.Load("heart-scale")
	if err != nil {
		log.Fatal(err)
	}
	problem, _, err := objective.FromSet(set, objective.Setup{}, objective.L2(1e-2))
	if err != nil {
		log.Fatal(err)
	}
	x0 := make([]float64, objective.Dim(problem))
	res, err := train.Minimize(context.Background(), problem, x0, train.SAGA{}, train.Settings{Batch: 1, Epochs: 100})
	fmt.Printf("f = %.10f, gap below 1e-12: %v, %v\n", res.Loss, problem.Gap(res.X) < 1e-12, err)
	// Output:
	// f = 0.3787752433, gap below 1e-12: true, <nil>
}

// Your own model, Poisson regression, as a function that returns value and gradient.
func ExampleMinimize_ownModel() {
	hours, calls := []float64{1, 2, 3, 4, 5}, []float64{2, 3, 6, 11, 22}
	p := &objective.Funcs[float64]{N: len(hours), D: 2, FuncGrad: func(dst, x []float64, i int) float64 {
		rate := math.Exp(x[0] + x[1]*hours[i])
		dst[0], dst[1] = rate-calls[i], (rate-calls[i])*hours[i]
		return rate - calls[i]*math.Log(rate)
	}}

	adam := rules.Adam{LR: schedule.Constant(0.05)}
	res, err := train.Minimize(context.Background(), p, []float64{0, 0}, adam, train.Settings{Steps: 2000})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("calls grow as %.2f·e^(%.2f·hours)\n", math.Exp(res.X[0]), res.X[1])
	// Output: calls grow as 0.90·e^(0.64·hours)
}

// A layout says that the unknowns are a matrix. So Muon can update them; it finds the matrix W with Wa = y.
func ExampleMinimize_ownMatrix() {
	a := [][]float64{{1, 0, 0}, {0, 1, 0}, {0, 0, 1}, {1, 1, 1}}
	y := [][]float64{{3, 1}, {1, -1}, {2, 2}, {6, 2}}
	p := &objective.Funcs[float64]{N: len(a),
		Layout: []param.Param{{Name: "W", Shape: []int{2, 3}, Role: param.Hidden}},
		FuncGrad: func(dst, w []float64, i int) (loss float64) {
			for r := range 2 {
				residual := floats.Dot(w[3*r:][:3], a[i]) - y[i][r]
				floats.ScaleTo(dst[3*r:][:3], residual, a[i])
				loss += residual * residual / 2
			}
			return loss
		}}

	muon := matrix.Muon{LR: schedule.Polynomial{Initial: 0.2, Steps: 300}}
	res, err := train.Minimize(context.Background(), p, make([]float64, 6), muon, train.Settings{Steps: 300})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("W = %.1f\n", res.X)
	// Output: W = [3.0 1.0 2.0 1.0 -1.0 2.0]
}

// The same problem in float32: a pass reads half the memory. Losses and the duality gap stay float64.
func ExampleMinimize_float32() {
	set, err := data.Load("breast-cancer")
	if err != nil {
		log.Fatal(err)
	}
	p, _, err := objective.FromSet(set, objective.Setup{Scale: data.Standard}, objective.L2(1e-2))
	if err != nil {
		log.Fatal(err)
	}
	single, err := objective.Single(p)
	if err != nil {
		log.Fatal(err)
	}
	x0 := make([]float32, objective.Dim(p))
	settings := train.Settings{Batch: 1, Epochs: 200, Target: 1e-3} // of the duality gap, in float64
	res, err := train.Minimize(context.Background(), single, x0, train.SAGA{}, settings)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%v: loss %.4f, at most 0.001 above the minimum\n", res.Status, res.Loss)
	// Output: TargetReached: loss 0.1029, at most 0.001 above the minimum
}

// After 100 steps the state of a run continues in another Run, as from a checkpoint in another process.
func ExampleRun() {
	set, err := data.Load("heart-scale")
	if err != nil {
		log.Fatal(err)
	}
	problem, err := objective.Logistic(set.X, set.Y, objective.L2(1e-2))
	if err != nil {
		log.Fatal(err)
	}
	begin := func() *train.Run[float64] {
		run, err := train.New(problem, make([]float64, 13), rules.Adam{LR: schedule.Constant(0.01)}, train.Settings{Batch: 32, Steps: 300})
		if err != nil {
			log.Fatal(err)
		}
		return run
	}
	first := begin()
	for range 100 {
		if err := first.Step(); err != nil {
			log.Fatal(err)
		}
	}
	second := begin()
	if err := second.Restore(first.State()); err != nil {
		log.Fatal(err)
	}
	res, err := second.Finish(context.Background(), nil)
	if err != nil {
		log.Fatal(err)
	}
	whole, err := begin().Finish(context.Background(), nil)
	fmt.Println(res.Step, slices.Equal(res.X, whole.X), err)
	// Output: 300 true <nil>
}

// A held-out set decides when the run stops, and which point it keeps.
func ExampleHeldOut() {
	set, err := data.Load("breast-cancer")
	if err != nil {
		log.Fatal(err)
	}
	fit, held, err := data.Split(set, 0.3, 1, true)
	if err != nil {
		log.Fatal(err)
	}
	problem, view, err := objective.FromSet(fit, objective.Setup{Scale: data.Standard, Intercept: true})
	if err != nil {
		log.Fatal(err)
	}
	rows, err := view.Apply(held.X)
	if err != nil {
		log.Fatal(err)
	}
	signs, err := view.Classes.Signs(held.Y)
	if err != nil {
		log.Fatal(err)
	}
	test, err := objective.Logistic(rows, signs)
	if err != nil {
		log.Fatal(err)
	}
	res, err := train.Minimize(context.Background(), problem, make([]float64, objective.Dim(problem)), rules.Adam{LR: schedule.Constant(0.1)},
		train.Settings{
			Batch: 32, Epochs: 100, EvaluateEvery: 10, Evaluate: []train.Measure{train.Whole(), train.HeldOut("held out", test)},
			Watch: "held out", Patience: 10,
		})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%v at step %d; the best was at step %d\n", res.Status, res.Step, res.Best.Step)
	// Output: PatienceSpent at step 160; the best was at step 60
}
