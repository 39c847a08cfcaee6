package optim

import (
	"fmt"
	"slices"

	"steepest/internal/simd"
	"steepest/param"
)

// group is a chain with its state and the parameters that it updates.
type group[T param.Float] struct {
	name   string
	params []param.Param
	starts []int     // [param] its first index in x
	parts  []Range   // [param] the elements whose state this process keeps
	ages   []float64 // [param] the age as in Step, or −1 before the first gradient; float64, as in State
	steps  []float64 // [param] the number of all steps, for links that do not wait for a gradient
	links  []*link[T]
	gain   float64
	pass   *pass[T]
	ranks  *division[T] // nil for the whole state
	work   []T          // the update between two passes, of the size of x; nil when the chain makes one pass

	// Set by prepare for finish: the update so far, and the links of the last pass.
	in   []T
	rest []*link[T]
}

// link is a transform of the chain with its state.
type link[T param.Float] struct {
	Transform
	params  []param.Param
	tile    func(*Coeffs, *Tile[T])
	adders  []func(*Coeffs, *Tile[T]) float64 // of the Sums
	point   func(*Tile[T])                    // nil if the gradient is taken at x
	sums    []float64                         // [param][sum]
	state   [][][]T                           // [slot][param][element]
	ages    []float64                         // [param], those of the group or its steps
	scalars [][]float64                       // [param]
	begun   []Coeffs                          // [param], what Begin has set
	coeffs  []Coeffs                          // [param], the same unless Fit finishes them
	units   []float64                         // [param] the update is divided by it before the tiles; nil if all are 1
	skip    []bool                            // [param]
	whole   *whole[T]                         // nil for a transform of tiles
}

func newGroup[T param.Float](name string, chain Chain, params []param.Param, starts, taken []int, ranks *division[T]) (*group[T], error) {
	transforms, err := chain.Transforms()
	if err != nil {
		return nil, err
	}
	own, from, parts := make([]param.Param, len(taken)), make([]int, len(taken)), make([]Range, len(taken))
	for i, at := range taken {
		own[i], from[i], parts[i] = params[at], starts[at], Range{0, params[at].Size()}
		if ranks != nil {
			parts[i] = ranks.parts[at]
		}
	}
	g := groupOf[T](name, transforms, own, from, parts)
	g.ranks = ranks
	g.gain = chain.Gain()
	return g, nil
}

// groupOf returns the group of the transforms for parameters that begin at the indices starts. It keeps the state of a part of each.
func groupOf[T param.Float](name string, transforms []Transform, params []param.Param, starts []int, parts []Range) *group[T] {
	g := &group[T]{name: name, params: params, starts: starts, parts: parts, steps: make([]float64, len(params))}
	g.ages = slices.Repeat([]float64{-1}, len(params))
	waits := true // whether all links before map 0 to 0
	for _, t := range transforms {
		l := newLink[T](t, g.params, g.parts)
		if l.ages = g.ages; !waits || l.fitsScalars() && slices.ContainsFunc(t.Sums, isGlobal) {
			l.ages = g.steps
		}
		g.links = append(g.links, l)
		waits = waits && (t.Scales || t.kernel || t.Whole32 != nil)
	}
	g.pass = newPass(g)
	return g
}

func newLink[T param.Float](t Transform, params []param.Param, parts []Range) *link[T] {
	l := &link[T]{
		Transform: t,
		params:    params,
		begun:     make([]Coeffs, max(1, len(params))),
		skip:      make([]bool, len(params)),
	}
	if l.coeffs = l.begun; t.Fit != nil {
		l.coeffs = make([]Coeffs, len(params))
	}
	l.tile = of[func(*Coeffs, *Tile[T])](t.Tile32, t.Tile64)
	if t.Point32 != nil {
		l.point = of[func(*Tile[T])](t.Point32, t.Point64)
	}
	for _, sum := range t.Sums {
		l.adders = append(l.adders, of[func(*Coeffs, *Tile[T]) float64](sum.Tile32, sum.Tile64))
	}
	l.sums = make([]float64, len(params)*len(t.Sums))
	for i, p := range params {
		l.skip[i] = t.Skip != nil && t.Skip(p)
		l.scalars = append(l.scalars, slices.Clone(t.Scalars))
	}
	for _, slot := range t.Slots {
		l.state = append(l.state, newSlot[T](slot, params, parts, l.skip))
	}
	if t.Whole32 != nil {
		l.whole = newWhole(l, parts)
	}
	return l
}

func isGlobal(s Sum) bool { return s.Global }

// of returns f32 or f64, whichever has type F.
func of[F any](f32, f64 any) F {
	if f, ok := f32.(F); ok {
		return f
	}
	return f64.(F)
}

// newSlot returns the vectors of a slot for a part of each parameter. They are contiguous in memory, like x.
func newSlot[T param.Float](slot Slot, params []param.Param, parts []Range, skip []bool) [][]T {
	sizes, total := make([]int, len(params)), 0
	for i, p := range params {
		switch part := parts[i]; {
		case skip[i]:
		case part == Range{0, p.Size()}:
			sizes[i] = slot.sizeFor(p)
		default:
			sizes[i] = part[1] - part[0]
		}
		total += sizes[i]
	}
	all := simd.LargePages(make([]T, total))
	for i := range all {
		all[i] = T(slot.Initial)
	}
	vectors := make([][]T, len(params))
	for i, n := range sizes {
		vectors[i], all = all[:n], all[n:]
	}
	return vectors
}

// of returns the elements of x, or of another vector of its size, that belong to a parameter.
func (g *group[T]) of(x []T, i int) []T {
	lo := g.starts[i]
	return x[lo : lo+g.params[i].Size()]
}

// ownOf returns those elements of a parameter whose state this process keeps.
func (g *group[T]) ownOf(x []T, i int) []T { return g.of(x, i)[g.parts[i][0]:g.parts[i][1]] }

// stateOf returns the state of a link for the elements lo to hi of x, which belong to parameter i.
func (g *group[T]) stateOf(to [][]T, l *link[T], i, lo, hi int) [][]T {
	from := g.starts[i] + g.parts[i][0]
	for _, v := range l.state {
		to = append(to, v[i][lo-from:hi-from])
	}
	return to
}

func (g *group[T]) fillFrom(x []T) {
	for _, l := range g.links {
		for j, slot := range l.Slots {
			for i, v := range l.state[j] {
				if slot.FromX && !l.skip[i] {
					copy(v, g.ownOf(x, i))
				}
			}
		}
	}
}

// pointer returns the link that decides where the gradient is taken, or nil if it is taken at x.
func (g *group[T]) pointer() *link[T] {
	for _, l := range g.links {
		if l.point != nil {
			return l
		}
	}
	return nil
}

// begin begins the step of every link.
func (g *group[T]) begin(s *Step) {
	for _, l := range g.links {
		l.begin(s)
	}
}

// prepare runs the chain on the gradient up to the last pass, which moves x.
func (g *group[T]) prepare(x, grad []T) error {
	g.in, g.rest, g.pass.grad = grad, g.links, grad
	summed := false // whether the previous pass has computed the sums of the next link
	for len(g.rest) > 0 {
		if next := g.rest[0]; len(next.Sums) > 0 {
			if !summed {
				g.pass.sum(next, x, g.in)
			}
			if err := next.fit(g); err != nil {
				return fmt.Errorf("optim: %w", err)
			}
		} else if next.whole != nil {
			if err := next.whole.run(g, x); err != nil {
				return fmt.Errorf("optim: %s %w", g.name, err)
			}
			g.in, g.rest, summed = g.work, g.rest[1:], false
			continue
		}
		n := passLength(g.rest)
		if n == len(g.rest) {
			return nil
		}
		g.pass.run(g.rest[:n], x, g.in, g.work, g.rest[n])
		g.in, g.rest, summed = g.work, g.rest[n:], true
	}
	return nil
}

// finish makes the last pass, and stores the new x in to, which may be x.
func (g *group[T]) finish(to, x []T) {
	g.pass.step(g.rest, to, x, g.in)
	g.in, g.pass.grad = nil, nil
}

// passLength returns how many links can run before one needs a sum over their output, or their whole output.
func passLength[T param.Float](links []*link[T]) int {
	for i := range links {
		if links[i].whole != nil || i > 0 && len(links[i].Sums) > 0 {
			return i
		}
	}
	return len(links)
}

// observe starts the age of parameters at their first gradient that is not 0.
func (g *group[T]) observe(x, grad []T) {
	for i, age := range g.ages {
		if age >= 0 || simd.Asum(g.of(grad, i)) == 0 {
			continue
		}
		g.ages[i] = 0
		for _, l := range g.links {
			if l.ages[i] == 0 {
				l.restart(i, g.ownOf(x, i))
			}
		}
	}
}

// restart sets the slots of a parameter to their initial values again, because x may have moved since the start, and averages may have
// decayed.
func (l *link[T]) restart(i int, x []T) {
	for j, slot := range l.Slots {
		v := l.state[j][i]
		switch {
		case l.skip[i]:
		case slot.FromX:
			copy(v, x)
		case slot.Initial != 0:
			for at := range v {
				v[at] = T(slot.Initial)
			}
		}
	}
}

// grow counts a step.
func (g *group[T]) grow() {
	for i, age := range g.ages {
		g.steps[i]++
		if age >= 0 {
			g.ages[i]++
		}
	}
}

// begin begins the step for the parameters, once for all of the same age.
func (l *link[T]) begin(s *Step) {
	lr := s.LR
	for i, age := range l.ages {
		if first := slices.Index(l.ages[:i], age); first >= 0 && !l.fitsScalars() {
			l.begun[i] = l.begun[first]
			copy(l.scalars[i], l.scalars[first])
			continue
		}
		s.LR, s.Age, l.begun[i] = lr, max(0, int(age)), Coeffs{}
		if l.Begin != nil {
			l.Begin(s, l.scalars[i], &l.begun[i])
		}
		if age < 0 {
			copy(l.scalars[i], l.Scalars)
		}
	}
	if l.Fit != nil {
		for i, p := range l.params {
			if l.coeffs[i] = l.begun[i]; len(l.Sums) == 0 {
				l.Fit(p, nil, l.scalars[i], 1, &l.coeffs[i])
			}
		}
	}
	if len(l.ages) == 0 && l.Begin != nil { // Begin may set the step size
		l.Begin(s, slices.Clone(l.Scalars), &l.begun[0])
	}
}

// fitsScalars reports whether Fit may change the scalars, so that they differ between parameters.
func (l *link[T]) fitsScalars() bool { return l.Fit != nil && len(l.Scalars) > 0 }

// idles reports whether the step leaves the update and the state of the link as they are.
func (l *link[T]) idles() bool {
	for i := range l.coeffs {
		if l.idle == nil || !l.idle(&l.coeffs[i]) {
			return false
		}
	}
	return l.idle != nil
}

// fit finishes the coefficients with the sums that the pass has computed.
func (l *link[T]) fit(g *group[T]) error {
	if err := g.pass.total(l); err != nil {
		return err
	}
	n := len(l.Sums)
	for j, sum := range l.Sums {
		if !sum.Global {
			continue
		}
		var total float64
		for at := j; at < len(l.sums); at += n {
			total = sum.add(total, l.sums[at])
		}
		for at := j; at < len(l.sums); at += n {
			l.sums[at] = total
		}
	}
	if err := l.chooseUnits(g); err != nil {
		return err
	}
	for i, p := range l.params {
		l.Fit(p, l.sums[i*n:(i+1)*n], l.scalars[i], l.unit(i), &l.coeffs[i])
	}
	return nil
}

// unit returns the number by which the update of a parameter is divided before the tiles.
func (l *link[T]) unit(i int) float64 {
	if l.units == nil {
		return 1
	}
	return l.units[i]
}
