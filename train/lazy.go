package train

import (
	"math"

	"steepest/objective"
	"steepest/optim"
	"steepest/param"
)

// sparseModel is a linear model whose rows store some of the columns.
type sparseModel[T param.Float] interface {
	objective.LinearModel[T]
	// Row returns what row i stores; the columns are nil for a dense row.
	Row(i int) (columns []uint32, values []T)
	// ScaledSlopes is Slopes at scale·x.
	ScaledSlopes(dst []T, scale float64, x []T, batch []uint32)
	// Prefetch asks for rows of steps to come.
	Prefetch(ahead func(places int) (row uint32, known bool))
}

// lazily is an estimator whose estimate is, but at the coordinates that the rows of the batch store, a drift and the ℓ2 penalty.
type lazily[T param.Float] interface {
	// whole reports whether step k is one of whole vectors all the same, as one is that fills a table.
	whole(k int) bool
	// drift returns the estimate where the batch stores nothing, without the penalty; nil for 0.
	drift(m sparseModel[T]) []T
	// touched adds the rest of the estimate at x, divided by a factor, to g, where x is known at those coordinates alone. It changes
	// nothing of what the estimator carries.
	touched(m sparseModel[T], g, x []T, batch []uint32) (factor T, spent cost)
	// stepped takes the last batch into what the estimator carries, once its step is made.
	stepped(m sparseModel[T], batch []uint32)
}

// lazy makes steps that cost what the rows of a batch store, and not the number of coordinates: the Optimizer steps those that
// the rows touch, and lets the others rest.
type lazy[T param.Float] struct {
	sparseModel[T]
	lazily[T]
	optimizer *optim.Optimizer[T]
	at        []uint32 // the columns of a row, for one score after the other
	slopes    []T      // of a batch, for a step that touches nothing
	most      float64  // the largest slope for it; 0 where coordinates are to be touched

	within int                                       // the place in the batch from which ahead looks
	ahead  func(places int) (row uint32, known bool) // what Prefetch asks
}

// How many times as much as one among all a coordinate takes that is stepped alone, and one of a step that touches nothing.
const (
	alone  = 12
	direct = 2
)

// newLazy returns how a run makes its steps lazy; nil where it steps all coordinates: if those that are awake are many, or if the rule
// or the estimator has no lazy step.
func newLazy[T param.Float](r *Run[T]) *lazy[T] {
	o, batch := r.optimizer, r.settings.Batch
	m, sparse := r.sum.(sparseModel[T])
	estimate, ok := r.estimator.(lazily[T])
	if !sparse || !ok || batch == 0 || r.guard != nil {
		return nil
	}
	columns, _ := m.Row(0)
	l1, l2 := m.Penalties()
	drift := estimate.drift(m)
	if columns == nil || l1 > 0 && drift != nil {
		return nil
	}
	window, ok := o.Lazy(l2, l1, intercepts[T](m, len(r.x)))
	if !ok {
		return nil
	}
	z := &lazy[T]{sparseModel: m, lazily: estimate, optimizer: o}
	z.ahead = func(places int) (uint32, bool) { return r.batches.ahead(r.place(), z.within+places) }
	d := float64(len(r.x))
	stored := (m.FLOPs(batch) - d) / 2 // of a batch
	times := alone + float64(window)
	if drift != nil {
		ok = o.Drift(drift)
	}
	if r.average.Form != LastIterate {
		ok = ok && r.average.Form != BlendAverage && o.Average(r.average.mean, func(lr float64) float64 { return r.average.share(r.k, lr) })
	}
	if ok && o.StepSizesAlone() {
		times = direct
		z.slopes = make([]T, batch*m.Outputs())
		z.most = math.Sqrt(largest[T]() / (1 + m.SquaredRadius()))
	}
	if !ok || times*stored > d {
		o.Eager()
		return nil
	}
	return z
}

// Lazy reports whether steps cost what the rows of a batch store, and not all coordinates.
func (r *Run[T]) Lazy() bool { return r.lazy != nil }

// intercepts returns the weights that the penalties leave alone.
func intercepts[T param.Float](m sparseModel[T], d int) (free []uint32) {
	if m.Intercept() {
		for c := 1; c <= m.Outputs(); c++ {
			free = append(free, uint32(c*d/m.Outputs()-1))
		}
	}
	return free
}

// largest is the square of numbers whose products stay in the range of T.
func largest[T param.Float]() float64 {
	if _, single := any(T(0)).(float32); single {
		return 0x1p100
	}
	return 0x1p1000
}

// foreseen is the largest batch whose rows are asked for in steps before; larger ones ask for most of theirs themselves.
const foreseen = 8

// foresee asks for the rows of steps to come.
func (z *lazy[T]) foresee(batch []uint32) {
	if len(batch) > foreseen {
		return
	}
	for z.within = range batch {
		z.Prefetch(z.ahead)
	}
}

// tryDirect computes the slopes of a batch at what is stored, and reports whether the step needs no more: it does not if coordinates have
// to be touched, or if products with the slopes may leave the range of numbers.
func (z *lazy[T]) tryDirect(x []T, batch []uint32) bool {
	if z.most == 0 {
		return false
	}
	z.slopes = z.slopes[:len(batch)*z.Outputs()]
	z.ScaledSlopes(z.slopes, z.optimizer.Scale(), x, batch)
	for _, s := range z.slopes {
		if !(math.Abs(float64(s)) < z.most) {
			return false
		}
	}
	return true
}

// stepDirect makes the step whose slopes tryDirect has computed.
func (z *lazy[T]) stepDirect(x []T, batch []uint32) {
	factor := T(z.optimizer.Advance(x) / float64(len(batch)))
	for i := range z.slopes {
		z.slopes[i] *= factor
	}
	z.AddSlopes(x, z.slopes, batch)
}

// touch tells the optimizer which coordinates the batch touches, and stores their x in dst, at their places.
func (z *lazy[T]) touch(dst, x []T, batch []uint32) {
	d := uint32(len(x) / z.Outputs())
	for _, i := range batch {
		columns, _ := z.Row(int(i))
		z.optimizer.Touch(dst, x, columns)
		for c := 1; c < z.Outputs(); c++ {
			z.at = z.at[:0]
			for _, j := range columns {
				z.at = append(z.at, uint32(c)*d+j)
			}
			z.optimizer.Touch(dst, x, z.at)
		}
	}
}
