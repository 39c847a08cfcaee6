package train

import (
	"unsafe"

	"steepest/objective"
	"steepest/optim"
	"steepest/param"
)

// NewPlan returns the plan of Minimize for each parameter of a problem, or the error of Minimize. It is the plan of the rule with the
// step size that the problem decides. If the rule has its own estimator, it is the first of the transforms, and its memory is divided
// among the parameters by size. NewPlan allocates the memory of the estimator, but no other.
func NewPlan[T param.Float](p objective.FiniteSum[T], rule optim.Rule, s Settings) (optim.Plan, error) {
	if s.Local != nil {
		return newLocalPlan[T](s.Local, rule, p.Params())
	}
	batch, steps := s.fill(rule, p.Len())
	e, rule, err := newEstimator(p, p, rule, batch, steps, s.Seed, &averager[T]{Average: s.Average})
	if err != nil {
		return nil, err
	}
	plan, err := optim.NewPlan[T](rule, p.Params())
	if err != nil || e.name() == "" {
		return plan, err
	}
	carried := 0
	for _, v := range e.state() {
		carried += len(v)
	}
	for i := range plan {
		a := &plan[i]
		a.Transforms = append([]string{e.name()}, a.Transforms...)
		bytes := carried * int(unsafe.Sizeof(T(0))) * a.Param.Size() / objective.Dim(p)
		a.StateBytes += bytes
		a.Costs = append([]optim.Cost{{Link: e.name(), StateBytes: bytes, Everywhere: true}}, a.Costs...)
	}
	return plan, nil
}
