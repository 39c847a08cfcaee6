package book_test

import (
	"context"
	"fmt"
	"log"
	"math"

	"steepest/data"
	"steepest/objective"
	"steepest/optim"
	"steepest/optim/rules"
	"steepest/optim/schedule"
	"steepest/param"
	"steepest/train"
)

// MeanAbs divides the update u by a running average of its absolute value: v ← γv + (1−γ)|u|, u ← u/(v̂ + ε).
type MeanAbs struct {
	Gamma float64 `range:"0,1" help:"decay γ of the average"`
	Eps   float64 `range:"0," help:"ε"`
}

// Transform keeps v.
func (r MeanAbs) Transform() optim.Transform {
	return optim.Transform{
		Name:  "mean-abs",
		Slots: []optim.Slot{{Name: "v"}},
		Begin: func(s *optim.Step, _ []float64, c *optim.Coeffs) {
			*c = optim.Coeffs{r.Gamma, 1 - r.Gamma, optim.Debias(r.Gamma, s.Age), r.Eps}
		},
		Tile32: meanAbs[float32], Tile64: meanAbs[float64],
	}
}

// meanAbs is the loop over a piece of the vectors. Its state v stands in the first slot.
func meanAbs[T param.Float](c *optim.Coeffs, t *optim.Tile[T]) {
	gamma, rest, debias, eps := T(c[0]), T(c[1]), T(c[2]), T(c[3])
	v := t.S[0]
	for i, u := range t.In {
		v[i] = T(gamma*v[i]) + T(rest*T(math.Abs(float64(u))))
		t.U[i] = u / (T(debias*v[i]) + eps)
	}
}

func Example_ownMethod() {
	set, err := data.Load("breast-cancer")
	if err != nil {
		log.Fatal(err)
	}
	problem, _, err := objective.FromSet(set, objective.Setup{Scale: data.Standard, Intercept: true}, objective.L2(1e-3))
	if err != nil {
		log.Fatal(err)
	}
	step := schedule.Cosine{Initial: 0.03, Steps: 178}
	methods := []struct {
		name string
		rule optim.Rule
	}{
		{"my own", optim.Chain{optim.Average{Mu: schedule.Constant(0.9)}, MeanAbs{Gamma: 0.99, Eps: 1e-8}, optim.LearningRate{LR: step}}},
		{"Adam", rules.Adam{LR: step}},
	}
	for _, m := range methods {
		x0 := make([]float64, objective.Dim(problem))
		res, err := train.Minimize(context.Background(), problem, x0, m.rule, train.Settings{Batch: 32, Epochs: 10})
		if err != nil {
			log.Fatal(err)
		}
		fmt.Printf("%-6s  loss %.4f after %d steps, at most %.4f above the minimum\n", m.name, res.Loss, res.Step, problem.Gap(res.X))
	}
	// Output:
	// my own  loss 0.0631 after 178 steps, at most 0.0160 above the minimum
	// Adam    loss 0.0722 after 178 steps, at most 0.0722 above the minimum
}
