package gonumopt

import (
	"errors"
	"fmt"

	"gonum.org/v1/gonum/optimize"

	"steepest/optim"
	"steepest/param"
)

// Method runs a rule under optimize.Minimize: each major iteration is one step with the full gradient. The step sizes are
// those of the rule; there is no line search. Settings should bound the iterations, since gonum's default Converger regards
// a hundred steps without progress as convergence.
type Method struct {
	// Rule is the method to run.
	Rule optim.Rule
	// Params is the layout of x; nil is one vector named "x".
	Params []param.Param
	// GradStopThreshold ends the run when ‖∇f‖∞ is below it; 0 means never.
	GradStopThreshold float64

	optimizer *optim.Optimizer[float64]
	status    optimize.Status
	err       error
}

var (
	_ optimize.Method   = (*Method)(nil)
	_ optimize.Statuser = (*Method)(nil)
)

// Uses reports that the method needs the gradient. It returns optimize.ErrMissingGrad if there is none.
func (m *Method) Uses(has optimize.Available) (optimize.Available, error) {
	if !has.Grad {
		return optimize.Available{}, optimize.ErrMissingGrad
	}
	return optimize.Available{Grad: true}, nil
}

// Init makes a new optimizer for a problem of dim unknowns. It uses a single task. If the rule cannot update Params, the run
// ends with its error. Init panics if Params are given and do not add up to dim.
func (m *Method) Init(dim, _ int) int {
	params := m.Params
	if params == nil {
		params = []param.Param{{Name: "x", Shape: []int{dim}}}
	}
	size := 0
	for _, p := range params {
		size += p.Size()
	}
	if size != dim {
		panic(fmt.Sprintf("gonumopt: Params have %d elements, want %d", size, dim))
	}
	m.status = optimize.NotTerminated
	m.optimizer, m.err = optim.New[float64](m.Rule, params)
	if m.err == nil && m.optimizer.LooksAhead() {
		m.err = errors.New("gonumopt: the rule takes its gradients elsewhere than at x, and gonum gives them at x alone")
	}
	if m.err != nil {
		m.status = optimize.Failure
	}
	return 1
}

// Status returns why the method ended by itself.
func (m *Method) Status() (optimize.Status, error) { return m.status, m.err }

// Run requests f and ∇f, reports the iterate and steps, in a loop, until gonum tells it to stop.
func (m *Method) Run(operation chan<- optimize.Task, result <-chan optimize.Task, tasks []optimize.Task) {
	task := tasks[0]
	if missing := (optimize.FuncEvaluation | optimize.GradEvaluation) &^ task.Op; missing != 0 {
		task.Op = missing
	} else {
		task.Op = optimize.MajorIteration
	}
	operation <- task
	for task := range result {
		switch task.Op {
		case optimize.PostIteration:
			for range result { // closed before operation is, as Minimize asks
			}
			continue
		case optimize.MajorIteration:
			if task.Op = optimize.MethodDone; m.status == optimize.NotTerminated {
				task.Op = m.step(task.X, task.Gradient)
			}
		default:
			task.Op = m.judge(task.Gradient)
		}
		operation <- task
	}
	close(operation)
}

// step makes one step and returns the operation after it.
func (m *Method) step(x, gradient []float64) optimize.Operation {
	if m.err = m.optimizer.Step(x, gradient); m.err != nil {
		m.status = optimize.Failure
		return optimize.MethodDone
	}
	return optimize.FuncEvaluation | optimize.GradEvaluation
}

// judge returns the operation after an evaluation. The run ends if the gradient is not finite or is small enough.
func (m *Method) judge(gradient []float64) optimize.Operation {
	norm := 0.0
	for i, g := range gradient {
		if g-g != 0 {
			m.status, m.err = optimize.Failure, optimize.ErrGrad{Grad: g, Index: i}
			return optimize.MethodDone
		}
		norm = max(norm, g, -g)
	}
	if norm < m.GradStopThreshold {
		m.status = optimize.GradientThreshold
	}
	return optimize.MajorIteration
}
