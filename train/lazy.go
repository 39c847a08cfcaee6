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
	// Row returns the stored columns and values of row i. The columns are nil for a dense row.
	Row(i int) (columns []uint32, values []T)
	// ScaledSlopes is Slopes at scale·x, and Prefetch for each row, unless ahead is nil.
	ScaledSlopes(dst []T, scale float64, x []T, batch []uint32, ahead func(places int) (row uint32, known bool))
	// Prefetch prefetches rows that are used soon after the k-th one of a batch. ahead returns the row some places after the first one.
	Prefetch(k int, ahead func(places int) (row uint32, known bool))
}

// lazily is an estimator whose estimate is a drift plus the ℓ2 penalty, except at the coordinates that the rows of the batch store.
type lazily[T param.Float] interface {
	// whole reports whether step k must nevertheless step all coordinates, as a step that fills a table must.
	whole(k int) bool
	// drift returns the estimate at coordinates that the batch does not store, without the penalty; nil means 0.
	drift(m sparseModel[T]) []T
	// touched adds the rest of the estimate at x, divided by a factor, to g. x is only known at the coordinates that the batch stores.
	// It does not change the estimator's state.
	touched(m sparseModel[T], g, x []T, batch []uint32) (factor T, spent cost)
	// stepped updates the estimator's state with the last batch, after its step.
	stepped(m sparseModel[T], batch []uint32)
}

// lazy makes steps whose cost is that of the stored elements of a batch, not of all coordinates: the Optimizer steps the
// coordinates that the rows touch, and lets the others rest.
type lazy[T param.Float] struct {
	sparseModel[T]
	lazily[T]
	optimizer *optim.Optimizer[T]
	at        []uint32 // the coordinates of the columns of a row, score by score
	slopes    []T      // of a batch, for a step that touches nothing
	most      float64  // the largest slope for such a step; 0 if steps must touch coordinates

	ahead func(places int) (row uint32, known bool) // the argument of Prefetch
}

// The cost of a coordinate that is stepped alone, and of one in a step that touches nothing, relative to a coordinate of a step of all.
const (
	alone  = 12
	direct = 2
)

// newLazy returns the lazy steps of a run. It returns nil if the run must step all coordinates: if too many would be awake, or if the rule
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
	z.ahead = func(places int) (uint32, bool) { return r.batches.ahead(r.place(), places) }
	d := float64(len(r.x))
	stored := (m.FLOPs(batch) - d) / 2 // elements stored in a batch
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

// Lazy reports whether the cost of a step is that of the stored elements of its batch, not of all coordinates.
func (r *Run[T]) Lazy() bool { return r.lazy != nil }

// intercepts returns the weights without penalties.
func intercepts[T param.Float](m sparseModel[T], d int) (free []uint32) {
	if m.Intercept() {
		for c := 1; c <= m.Outputs(); c++ {
			free = append(free, uint32(c*d/m.Outputs()-1))
		}
	}
	return free
}

// largest returns the square of a bound below which products stay in the range of T.
func largest[T param.Float]() float64 {
	if _, single := any(T(0)).(float32); single {
		return 0x1p100
	}
	return 0x1p1000
}

// foreseen is the largest batch whose rows are prefetched in earlier steps. Larger batches prefetch most of their rows themselves.
const foreseen = 8

// foresees returns the function with which to prefetch rows of later steps; nil if the batch is large.
func (z *lazy[T]) foresees(batch []uint32) (ahead func(places int) (row uint32, known bool)) {
	if len(batch) > foreseen {
		return nil
	}
	return z.ahead
}

// foresee prefetches rows of later steps.
func (z *lazy[T]) foresee(batch []uint32) {
	if ahead := z.foresees(batch); ahead != nil {
		for k := range batch {
			z.Prefetch(k, ahead)
		}
	}
}

// tryDirect computes the slopes of a batch from the stored numbers, and reports whether the step needs nothing else. It returns false if
// coordinates must be touched, or if products with the slopes may leave the range of numbers.
func (z *lazy[T]) tryDirect(x []T, batch []uint32) bool {
	if z.most == 0 {
		return false
	}
	z.slopes = z.slopes[:len(batch)*z.Outputs()]
	z.ScaledSlopes(z.slopes, z.optimizer.Scale(), x, batch, z.foresees(batch))
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

// touch tells the optimizer which coordinates the batch touches, and stores their x in dst, at their own indices.
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
