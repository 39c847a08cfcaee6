package optim

import (
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"
	"unsafe"

	"steepest/param"
)

// Plan describes, for each parameter of a model, the steps of a rule. It is computed without making a step.
type Plan []Assignment

// Assignment describes the steps of a rule for one parameter.
type Assignment struct {
	Param param.Param
	// Route is the name of the route that takes the parameter.
	Route string
	// Other is the name of another method that updates the parameter instead of the rule, as AdamW does for Muon, and Adam for
	// the vectors of SOAP. It is "" if the rule itself updates the parameter.
	Other string
	// Transforms holds the names of the transforms of the chain that do not skip the parameter.
	Transforms []string
	// LR is the step size of the second step; 1 if the chain sets none.
	LR float64
	// Scale is a factor of the step size that depends on the shape of the tensor, as in Muon.
	Scale float64
	// Decay is the decay λ of the parameter. A step decays by λ·LR.
	Decay float64
	// StateBytes is the memory that the chain keeps for the parameter.
	StateBytes int
	// Passes is how often a step goes over the parameter's vectors: once, and more where a transform needs a sum or a whole tensor.
	Passes int
	// Costs holds the cost of each transform.
	Costs []Cost
	// Whole says that a transform of the route takes whole tensors, so that the state of a parameter is not divided.
	Whole bool
}

// Cost is the cost of a transform in a step.
type Cost struct {
	// Link is the name of the transform.
	Link string
	// FLOPs is an estimate of its operations.
	FLOPs float64
	// StateBytes is the memory of its state. Passes is the number of passes over the vectors that it adds to a step; the last
	// transform adds the pass that moves x.
	StateBytes, Passes int
	// Everywhere says that each rank keeps all of the state, if ranks divide the rest.
	Everywhere bool
}

// NewPlan returns the plan of the Optimizer that New would make, or the error of New, without allocating the state.
func NewPlan[T param.Float](rule Rule, params []param.Param) (Plan, error) {
	plan, _, _, err := planned[T](rule, params)
	return plan, err
}

// planned is NewPlan that also returns the routes, and the parameters that each route takes.
func planned[T param.Float](rule Rule, params []param.Param) (plan Plan, routes Routes, taken [][]int, err error) {
	if routes, taken, err = route(rule, params); err != nil {
		return nil, nil, nil, err
	}
	_, preparation := Unprepared(rule)
	prepared := preparation.chain()
	stored := 0 // the transforms before a gradient that is stored
	if preparation.stores(routes) {
		stored = len(prepared)
	}
	plan = make(Plan, len(params))
	for j, r := range routes {
		transforms, err := slices.Concat(prepared, r.Rule.Chain()).Transforms()
		if err != nil {
			return nil, nil, nil, fmt.Errorf("optim: %w", err)
		}
		var own []param.Param
		for _, i := range taken[j] {
			plan[i] = assign(r, transforms, stored, params[i], int(unsafe.Sizeof(T(0))))
			for k := range prepared {
				plan[i].Costs[k].Everywhere = true
			}
			own = append(own, params[i])
		}
		for _, t := range transforms {
			if t.CheckAll != nil && len(own) > 0 {
				if err := t.CheckAll(own); err != nil {
					return nil, nil, nil, fmt.Errorf("optim: %s: %w", r.Name, err)
				}
			}
		}
	}
	if own, _, others := plan.Own(); own == 0 && others != nil {
		return nil, nil, nil, fmt.Errorf("optim: the rule leaves all parameters to %s, such as %q of shape %v; give it matrices, or take %[1]s itself",
			strings.Join(others, " and "), params[0].Name, params[0].Shape)
	}
	return plan, routes, taken, nil
}

// Own returns the number of elements that the rule itself updates, the number of all elements, and the names of the methods that
// update the others.
func (p Plan) Own() (own, all int, others []string) {
	for _, a := range p {
		all += a.Param.Size()
		switch {
		case a.Other == "":
			own += a.Param.Size()
		case !slices.Contains(others, a.Other):
			others = append(others, a.Other)
		}
	}
	return own, all, others
}

// Coverage returns Own as text, such as "1024 of 1210 parameters, adamw the others", or "" if the rule updates all parameters.
func (p Plan) Coverage() string {
	own, all, others := p.Own()
	if len(others) == 0 {
		return ""
	}
	return fmt.Sprintf("%d of %d parameters, %s the others", own, all, strings.Join(others, " and "))
}

// assign returns the Assignment of a parameter, for the second step of the route. The gradient is stored after the first transforms, as many
// as stored says; 0 for no such place.
func assign(r Route, transforms []Transform, stored int, p param.Param, elemSize int) Assignment {
	a := Assignment{Param: p, Route: r.Name, Scale: 1, Whole: slices.ContainsFunc(transforms, func(t Transform) bool { return t.Whole32 != nil })}
	if r.Aux {
		a.Other = r.Name
	}
	step := Step{K: 1, Age: 1, LR: 1} // the second step: in the first one SOAP does not move
	pending := false                  // whether transforms of tiles wait for a pass
	for k, t := range transforms {
		if k == stored && k > 0 {
			a.Costs[k-1].Passes++
			pending = false
		}
		if t.Skip != nil && t.Skip(p) {
			continue
		}
		a.Transforms = append(a.Transforms, t.Name)
		cost := t.cost(p, elemSize)
		if whole := t.Whole32 != nil; whole || len(t.Sums) > 0 {
			if pending {
				a.Costs[len(a.Costs)-1].Passes++ // it stores the update, and computes the sums
			}
			if whole || !pending {
				cost.Passes++
			}
			pending = !whole
		} else {
			pending = true
		}
		a.Costs = append(a.Costs, cost)
		var c Coeffs
		if t.Begin != nil {
			t.Begin(&step, slices.Clone(t.Scalars), &c)
		}
		if t.Plan != nil {
			t.Plan(p, &step, &c, &a)
		}
	}
	if n := len(a.Costs); n > 0 {
		a.Costs[n-1].Passes++ // the pass that moves x
	} else {
		a.Passes = 1
	}
	for _, c := range a.Costs {
		a.StateBytes, a.Passes = a.StateBytes+c.StateBytes, a.Passes+c.Passes
	}
	a.LR = step.LR
	return a
}

// cost returns the cost of a transform without its passes.
func (t Transform) cost(p param.Param, elemSize int) Cost {
	c := Cost{Link: t.Name, FLOPs: t.elementwise(p)}
	if t.FLOPs != nil {
		c.FLOPs = t.FLOPs(p)
	}
	for _, slot := range t.Slots {
		c.StateBytes += elemSize * slot.sizeFor(p)
	}
	return c
}

// elementwise estimates the operations of a transform of tiles. For each element it counts 1 if the transform scales, 3 if it mixes, and
// otherwise 2 plus 4 for each vector of state; and 2 for each sum.
func (t Transform) elementwise(p param.Param) float64 {
	each := 2
	switch {
	case t.Scales:
		each = 1
	case t.Mixes:
		each = 3
	default:
		each += 4 * len(t.Slots)
	}
	return float64(each+2*len(t.Sums)) * float64(p.Size())
}

// LinkCost is the cost of a transform over all parameters of a route.
type LinkCost struct {
	Route string
	Cost
}

// Links returns the costs of the transforms of each route. Passes is the maximum over the parameters.
func (p Plan) Links() (links []LinkCost) {
	for _, a := range p {
		for _, c := range a.Costs {
			at := slices.IndexFunc(links, func(l LinkCost) bool { return l.Route == a.Route && l.Link == c.Link })
			if at < 0 {
				at, links = len(links), append(links, LinkCost{Route: a.Route, Cost: Cost{Link: c.Link}})
			}
			l := &links[at]
			l.FLOPs, l.StateBytes, l.Passes = l.FLOPs+c.FLOPs, l.StateBytes+c.StateBytes, max(l.Passes, c.Passes)
		}
	}
	return links
}

// String returns the plan as a table with a line of totals, and the costs of the links as a second table.
func (p Plan) String() string {
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "tensor\tshape\trole\troute\ttransforms\tstep size\tdecay\tstate bytes\tpasses")
	elements, bytes := 0, 0
	for _, a := range p {
		step := fmt.Sprintf("%.4g", a.LR)
		if a.Scale != 1 {
			step = fmt.Sprintf("%.4g × %.4g = %.4g", a.LR, a.Scale, a.LR*a.Scale)
		}
		fmt.Fprintf(w, "%s\t%s\t%v\t%s\t%s\t%s\t%.4g\t%d\t%d\n", a.Param.Name, shapeText(a.Param), a.Param.Role, a.Route,
			strings.Join(a.Transforms, " → "), step, a.Decay, a.StateBytes, a.Passes)
		elements, bytes = elements+a.Param.Size(), bytes+a.StateBytes
	}
	fmt.Fprintf(w, "total\t%d elements\t\t\t\t\t\t%d\t\n", elements, bytes)
	w.Flush()
	b.WriteString("\n")
	fmt.Fprintln(w, "route\tlink\tFLOPs a step\tstate bytes\tpasses")
	for _, l := range p.Links() {
		fmt.Fprintf(w, "%s\t%s\t%.3g\t%d\t%d\n", l.Route, l.Link, l.FLOPs, l.StateBytes, l.Passes)
	}
	w.Flush()
	return b.String()
}

// shapeText writes a shape as "3×[768 768]", with the count of fused matrices in front.
func shapeText(p param.Param) string {
	if p.Fused > 1 {
		_, rows, cols := p.Matrices()
		return fmt.Sprintf("%d×[%d %d]", p.Fused, rows, cols)
	}
	return fmt.Sprint(p.Shape)
}
