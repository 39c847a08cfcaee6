package optim

import "steepest/param"

// preparer prepares the gradients of a model.
type preparer[T param.Float] struct {
	Preparation
	chain   *group[T] // over all parameters; nil if it does nothing
	out     []T       // the prepared gradient; nil if the rule scales it as it reads it
	call    int       // gradients since the last step
	step    Step      // the Step of the chain, which counts these gradients
	skipped []float64 // the numbers of gradients skipped in all and in a row; float64, as in State
}

func newPreparer[T param.Float](p Preparation, params []param.Param, starts []int) (*preparer[T], error) {
	r := &preparer[T]{Preparation: p, skipped: make([]float64, 2)}
	if p.Keeps() {
		return r, nil
	}
	all := make([]int, len(params))
	for i := range all {
		all[i] = i
	}
	var err error
	r.chain, err = newGroup[T]("preparation", p.chain(), params, starts, all, nil)
	return r, err
}

// enter says how prepared gradients reach the groups: they are stored, or the groups scale the gradient as they read it.
func (p *preparer[T]) enter(groups []*group[T], stored bool, size int) {
	switch {
	case p.chain == nil:
	case stored:
		p.out = make([]T, size)
		p.chain.work = p.out
	default:
		for _, g := range groups {
			g.pass.clip = p.chain.links[0]
		}
	}
}

// skip counts a gradient that is not finite, or returns its error if too many follow each other.
func (p *preparer[T]) skip(bad *NonfiniteError) error {
	bad.InARow = 1 + int(p.skipped[1])
	if bad.InARow > p.SkipNonfinite.Get() {
		return bad
	}
	p.skipped[0]++
	p.skipped[1]++
	return nil
}

// prepare returns the gradient for the rule's groups for a finite g, or nil if the rule must wait for more gradients.
func (p *preparer[T]) prepare(x, g []T) []T {
	p.skipped[1] = 0
	if p.chain == nil {
		return g
	}
	p.step = Step{K: p.call}
	p.chain.begin(&p.step)
	if p.call++; p.call < p.Accumulate.Or(1) {
		p.chain.pass.run(p.chain.links[:1], x, g, nil, nil)
		return nil
	}
	p.call = 0
	_ = p.chain.prepare(x, g) // cannot fail: the chain takes no whole tensors, and is not divided
	if p.out == nil {
		return g
	}
	p.chain.pass.run(p.chain.rest, x, p.chain.in, p.out, nil)
	return p.out
}

// addTo adds the state of the preparer.
func (p *preparer[T]) addTo(s *State[T]) {
	s.Call = p.call
	if p.SkipNonfinite.set {
		s.Scalars["skipped"] = p.skipped
	}
	if p.chain != nil {
		p.chain.addTo(s)
	}
}
