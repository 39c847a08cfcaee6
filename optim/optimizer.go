package optim

import (
	"fmt"
	"math"
	"slices"
)

// Optimizer applies a rule to the parameters of one model, step after step. It is not for concurrent use.
type Optimizer[T Float] struct {
	params []Param
	size   int
	links  []link[T]
	pass   *pass[T]
	work   []T // the update between two passes; nil when the chain makes one pass
	step   Step
	filled bool // whether the slots that start from x have done so
}

// link is a transform of the chain with its state.
type link[T Float] struct {
	Transform
	tile    func(*Coeffs, *Tile[T])
	state   [][]T // [slot][element of x]
	scalars []float64
	begun   Coeffs   // what Begin has set; a field, because a variable would be allocated at every step
	coeffs  []Coeffs // [param]
	skip    []bool   // [param]
}

// New returns an Optimizer for a model with the given parameters. It panics if two parameters have the same name, or
// if a gate stands elsewhere than at the head of the chain.
func New[T Float](rule Rule, params []Param) *Optimizer[T] {
	o := &Optimizer[T]{params: params, step: Step{LR: math.NaN()}}
	names := make(map[string]bool)
	for _, p := range params {
		if names[p.Name] {
			panic(fmt.Sprintf("optim: two parameters are named %q", p.Name))
		}
		names[p.Name] = true
		o.size += p.Size()
	}
	for i, t := range rule.Chain() {
		if t.Every > 1 && i > 0 {
			panic("optim: " + t.Name + " must be the first transform of its chain")
		}
		if t.Norms != NoNorms && i > 0 && o.work == nil {
			o.work = make([]T, o.size)
		}
		o.links = append(o.links, newLink[T](t, params, o.size))
	}
	o.pass = newPass(o.links, params)
	return o
}

func newLink[T Float](t Transform, params []Param, size int) link[T] {
	l := link[T]{
		Transform: t,
		scalars:   slices.Clone(t.Scalars),
		coeffs:    make([]Coeffs, len(params)),
		skip:      make([]bool, len(params)),
	}
	switch tile := any(&l.tile).(type) {
	case *func(*Coeffs, *Tile[float32]):
		*tile = t.Tile32
	case *func(*Coeffs, *Tile[float64]):
		*tile = t.Tile64
	}
	for _, slot := range t.Slots {
		l.state = append(l.state, slices.Repeat([]T{T(slot.Initial)}, size))
	}
	for i, p := range params {
		l.skip[i] = t.Skip != nil && t.Skip(p)
	}
	return l
}

// Step makes one step, x ← x − T(g). Both are flat vectors of the model's size; g is not changed. It panics if the
// sizes differ from the model's.
func (o *Optimizer[T]) Step(x, g []T) {
	if len(x) != o.size || len(g) != o.size {
		panic(fmt.Sprintf("optim: len(x) = %d and len(g) = %d, want %d", len(x), len(g), o.size))
	}
	if !o.filled {
		o.fillFrom(x)
	}
	if every := o.every(); every > 1 {
		o.links[0].begin(&o.step)
		if o.step.Call++; o.step.Call < every {
			o.pass.run(o.links[:1], x, g, nil)
			return
		}
		o.step.Call = 0
		o.apply(x, g, 1)
	} else {
		o.apply(x, g, 0)
	}
	o.step.K++
}

// every returns the number of calls that make a step.
func (o *Optimizer[T]) every() int {
	if len(o.links) == 0 {
		return 1
	}
	return max(1, o.links[0].Every)
}

// apply runs the chain on x, of which the first links have begun their step already.
func (o *Optimizer[T]) apply(x, g []T, begun int) {
	o.step.LR = 1 // what a chain that sets no step size has
	for i := begun; i < len(o.links); i++ {
		o.links[i].begin(&o.step)
	}
	in, rest := g, o.links
	for {
		if len(rest) > 0 && rest[0].Norms != NoNorms {
			rest[0].rescale(o.pass.norms(rest[0].Norms, x, in))
		}
		n := passLength(rest)
		if n == len(rest) {
			o.pass.step(rest, x, in)
			return
		}
		o.pass.run(rest[:n], x, in, o.work)
		in, rest = o.work, rest[n:]
	}
}

// passLength returns how many links can run before a norm of their output is needed.
func passLength[T Float](links []link[T]) int {
	for i := 1; i < len(links); i++ {
		if links[i].Norms != NoNorms {
			return i
		}
	}
	return len(links)
}

// K returns the number of steps made.
func (o *Optimizer[T]) K() int { return o.step.K }

// LR returns the step size of the last step, 1 if the chain sets none; NaN before the first step.
func (o *Optimizer[T]) LR() float64 { return o.step.LR }

func (o *Optimizer[T]) fillFrom(x []T) {
	for _, l := range o.links {
		for i, slot := range l.Slots {
			if slot.FromX {
				copy(l.state[i], x)
			}
		}
	}
	o.filled = true
}

func (l *link[T]) begin(s *Step) {
	l.begun = Coeffs{}
	if l.Begin != nil {
		l.Begin(s, l.scalars, &l.begun)
	}
	for i := range l.coeffs {
		l.coeffs[i] = l.begun
	}
}

// rescale finishes the coefficients with the squares of the norms of the update and of x, by parameter.
func (l *link[T]) rescale(u2, x2 []float64) {
	var sum float64
	for _, s := range u2 {
		sum += s
	}
	for i := range l.coeffs {
		if l.Norms == ParamNorms {
			l.Rescale(math.Sqrt(u2[i]), math.Sqrt(x2[i]), &l.coeffs[i])
		} else {
			l.Rescale(math.Sqrt(sum), 0, &l.coeffs[i])
		}
	}
}
