package train

import (
	"steepest/objective"
	"steepest/optim"
	"steepest/param"
)

// sparseModel is a linear model whose rows store some of the columns.
type sparseModel[T param.Float] interface {
	objective.LinearModel[T]
	// Row returns what row i stores; the columns are nil for a dense row.
	Row(i int) (columns []uint32, values []T)
}

// lazy makes steps that cost what the rows of a batch store, and not the number of coordinates: the Optimizer steps those that
// the rows touch, and lets the others rest.
type lazy[T param.Float] struct {
	sparseModel[T]
	optimizer *optim.Optimizer[T]
	at        []uint32 // the columns of a row, for one score after the other
	slopes    []T
}

// alone is how many times as much a coordinate takes that is stepped alone as one among all.
const alone = 12

// newLazy returns how a run makes its steps lazy; nil where it steps all coordinates: if those that are awake are many, if the rule has
// no lazy step, or if gradients are not the mean over the batch.
func newLazy[T param.Float](p objective.FiniteSum[T], o *optim.Optimizer[T], e estimator[T], s *Settings) *lazy[T] {
	m, ok := p.(sparseModel[T])
	if _, mean := e.(plain[T]); !ok || !mean || s.Batch == 0 || s.Average.Form != LastIterate {
		return nil
	}
	columns, _ := m.Row(0)
	l1, l2 := m.Penalties()
	if columns == nil || l1 > 0 {
		return nil
	}
	window, ok := o.Lazy(l2)
	if !ok {
		return nil
	}
	d := float64(objective.Dim(p))
	stored := (p.FLOPs(s.Batch) - d) / 2 // of a batch
	if (alone+float64(window))*stored > d {
		o.Eager()
		return nil
	}
	return &lazy[T]{sparseModel: m, optimizer: o}
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

// gradient adds the gradient of the mean of the losses at x over the batch to g.
func (z *lazy[T]) gradient(g, x []T, batch []uint32) cost {
	n := len(batch) * z.Outputs()
	if len(z.slopes) < n {
		z.slopes = make([]T, n)
	}
	z.Slopes(z.slopes[:n], x, batch)
	z.AddSlopes(g, z.slopes[:n], batch)
	return costOf(z, batch)
}
