package train

import (
	"steepest/internal/scratch"
	"steepest/internal/simd"
	"steepest/objective"
	"steepest/optim"
	"steepest/optim/rules"
	"steepest/optim/schedule"
	"steepest/param"
)

// SVRG is the stochastic variance reduced gradient (Johnson and Zhang 2013; with the proximal step for an ℓ1 penalty, Xiao and
// Zhang 2014, arXiv:1403.4699): with a snapshot w of x and the whole gradient there,
//
//	x ← prox(x − α[(1/b) Σ (∇fᵢ(x) − ∇fᵢ(w)) + ∇f(w)]),   w ← x after every m steps,
//
// with the sum over the b terms of the batch. A step takes two gradients of each term, and a snapshot takes n gradients.
// Defaults: α = 1/(10 LMax), the paper's example; m = 2n/b, as in its experiments on convex problems; and the last iterate as
// the snapshot, its option I. Its theorem is about option II, which goes back to a random one of the m iterates.
// RandomSnapshot ends the inner loop at that iterate: it has the same distribution and saves the later steps.
type SVRG struct {
	LR             schedule.Schedule `help:"step size α" open:"1/(10 LMax)"`
	Inner          optim.Opt[int]    `range:"1," help:"steps m between snapshots" open:"2n/batch"`
	RandomSnapshot bool              `help:"take a snapshot after a random number of steps below m, as in the theorem"`
}

// Chain returns the step size alone, with the default 0.01 outside Minimize.
func (r SVRG) Chain() optim.Chain { return rules.SGD{LR: r.LR}.Chain() }

// inner returns m.
func (r SVRG) inner(n, batch int) int {
	return r.Inner.Or(max(1, (2*n+batch-1)/batch))
}

// expense returns the number of gradients that a step takes for each term of its batch.
func (r SVRG) expense(n, batch int) float64 {
	steps := float64(r.inner(n, batch))
	if r.RandomSnapshot {
		steps = max(1, steps/2)
	}
	return 2 + float64(n)/float64(batch)/steps
}

// LSVRG is loopless SVRG (Hofmann et al. 2015, arXiv:1506.03662; Kovalev, Horváth and Richtárik 2020, arXiv:1901.08689): SVRG
// that takes the iterate before each step as the new snapshot with probability p. Defaults: α = 1/(6 LMax), as in theorem 5 of
// the latter, and p = b/n for batches of b terms, which is its 1/n for b = 1.
type LSVRG struct {
	LR schedule.Schedule  `help:"step size α" open:"1/(6 LMax)"`
	P  optim.Opt[float64] `range:"(0,1]" help:"probability p of a new snapshot" open:"batch/n"`
}

// Chain returns the step size alone, with the default 0.01 outside Minimize.
func (r LSVRG) Chain() optim.Chain { return rules.SGD{LR: r.LR}.Chain() }

// probability returns p.
func (r LSVRG) probability(n, batch int) float64 {
	return r.P.Or(float64(batch) / float64(n))
}

// expense returns the number of gradients that a step takes for each term of its batch.
func (r LSVRG) expense(n, batch int) float64 {
	return 2 + r.probability(n, batch)*float64(n)/float64(batch)
}

// anchor is a snapshot with the full gradient there.
type anchor[T param.Float] struct {
	objective.FiniteSum[T]
	point, whole []T
	taken        []T // one element: 1 once there is a snapshot; a vector, as in State
	shift        []T // the gradient of a batch at the snapshot
	still        []T // the full gradient without the penalty, for lazy steps
	slopes       []T // of a batch, for lazy steps
}

func newAnchor[T param.Float](p objective.FiniteSum[T]) anchor[T] {
	d := objective.Dim(p)
	return anchor[T]{FiniteSum: p, point: make([]T, d), whole: make([]T, d), taken: make([]T, 1), shift: make([]T, d)}
}

func (a *anchor[T]) drift(m sparseModel[T]) []T {
	a.still = scratch.Grow(a.still, len(a.point))
	copy(a.still, a.whole)
	m.AddRidge(a.still, -1, a.point)
	return a.still
}

// touched adds (1/b) Σ (∇fᵢ(x) − ∇fᵢ(w)), without the penalty.
func (a *anchor[T]) touched(m sparseModel[T], g, x []T, batch []uint32) (factor T, spent cost) {
	n := len(batch) * m.Outputs()
	a.slopes = scratch.Grow(a.slopes, 2*n)
	at, before := a.slopes[:n], a.slopes[n:]
	m.Slopes(at, x, batch)
	m.Slopes(before, a.point, batch)
	simd.Axpy(-1, before, at)
	m.AddSlopes(g, at, batch)
	factor, spent = T(1/float64(len(batch))), costOf(m, batch)
	spent.add(spent)
	return factor, spent
}

func (a *anchor[T]) stepped(sparseModel[T], []uint32) {}

// renew makes x the snapshot, unless the full gradient there is not finite. Then the estimate g is that gradient.
func (a *anchor[T]) renew(g, x []T) (spent cost, ok bool) {
	spent = gradient(a.FiniteSum, a.shift, x, nil)
	if !simd.Finite(a.shift) {
		copy(g, a.shift)
		return spent, false
	}
	copy(a.point, x)
	a.whole, a.shift, a.taken[0] = a.shift, a.whole, 1
	return spent, true
}

// reduced stores in g the gradient of the batch at x, minus that at the snapshot, plus the full gradient at the snapshot.
func (a *anchor[T]) reduced(g, x []T, batch []uint32) cost {
	spent := gradient(a.FiniteSum, g, x, batch)
	spent.add(gradient(a.FiniteSum, a.shift, a.point, batch))
	for j, s := range a.shift {
		g[j] += a.whole[j] - s
	}
	return spent
}

func (a *anchor[T]) state() map[string][]T {
	return map[string][]T{"snapshot": a.point, "gradient": a.whole, "taken": a.taken}
}

// svrg renews its snapshot after loops of m steps, or of a random number of steps below m.
type svrg[T param.Float] struct {
	anchor[T]
	inner  int
	random *dice // nil for loops of m steps
	next   int   // the step of the next snapshot; the first is step 0
}

func (e *svrg[T]) name() string { return "svrg" }

func newSVRG[T param.Float](p objective.FiniteSum[T], r SVRG, batch int, seed uint64) *svrg[T] {
	e := &svrg[T]{anchor: newAnchor(p), inner: r.inner(p.Len(), batch)}
	if r.RandomSnapshot {
		e.random = newDice(seed)
	}
	return e
}

// whole reports whether a snapshot is due at step k.
func (e *svrg[T]) whole(k int) bool {
	for e.next < k {
		e.next += e.loop(e.next)
	}
	return e.next == k || e.taken[0] == 0
}

func (e *svrg[T]) estimate(k int, g, x []T, batch []uint32) (spent cost) {
	if e.whole(k) {
		ok := false
		if spent, ok = e.renew(g, x); !ok {
			return spent
		}
	}
	spent.add(e.reduced(g, x, batch))
	return spent
}

// loop returns the number of steps of the loop that starts at step k. If the random number in [0, m) is 0, it is drawn again,
// since a loop of no steps changes nothing.
func (e *svrg[T]) loop(k int) int {
	if e.random == nil || e.inner <= 2 {
		return e.inner
	}
	return 1 + e.random.at(streamSnapshot, k).IntN(e.inner-1)
}

// lsvrg renews its snapshot with a probability.
type lsvrg[T param.Float] struct {
	anchor[T]
	p    float64
	dice *dice
}

func (e *lsvrg[T]) name() string { return "lsvrg" }

func newLSVRG[T param.Float](p objective.FiniteSum[T], r LSVRG, batch int, seed uint64) *lsvrg[T] {
	return &lsvrg[T]{newAnchor(p), r.probability(p.Len(), batch), newDice(seed)}
}

// whole reports whether a snapshot must be taken at step k.
func (e *lsvrg[T]) whole(k int) bool { return e.taken[0] == 0 || e.renews(k) }

func (e *lsvrg[T]) renews(k int) bool { return e.dice.at(streamSnapshot, k).Float64() < e.p }

func (e *lsvrg[T]) estimate(k int, g, x []T, batch []uint32) (spent cost) {
	if e.taken[0] == 0 {
		ok := false
		if spent, ok = e.renew(g, x); !ok {
			return spent
		}
	}
	spent.add(e.reduced(g, x, batch))
	if e.renews(k) {
		again, _ := e.renew(g, x)
		spent.add(again)
	}
	return spent
}
