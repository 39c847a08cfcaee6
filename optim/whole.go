package optim

import (
	"errors"
	"fmt"

	"steepest/internal/parallel"
	"steepest/internal/simd"
	"steepest/param"
)

// Tensor is the update of one parameter as a whole, for the transforms of matrices.
type Tensor[T param.Float] struct {
	Param param.Param
	// In is the update so far, read only. U is the next update. They may share memory.
	In, U []T
	// G holds the gradient that the chain began with, and X the parameter before the step; read only.
	G, X []T
	// S holds the transform's own state, a vector for each of its Slots.
	S [][]T
}

// ForMatrices calls f for each nonempty matrix of the tensor, with its parts of In and U, stored by rows. It returns the first error of f.
func (t *Tensor[T]) ForMatrices(f func(in, u []T, rows, cols int) error) error {
	count, rows, cols := t.Param.Matrices()
	size := rows * cols
	if size == 0 {
		return nil
	}
	for i := range count {
		if err := f(t.In[i*size:(i+1)*size], t.U[i*size:(i+1)*size], rows, cols); err != nil {
			return err
		}
	}
	return nil
}

// WithX is like ForMatrices, but also passes the matrix's part of X.
func (t *Tensor[T]) WithX(f func(in, u, x []T, rows, cols int) error) error {
	x := t.X
	return t.ForMatrices(func(in, u []T, rows, cols int) error {
		at := x[:len(in)]
		x = x[len(in):]
		return f(in, u, at, rows, cols)
	})
}

// Whole transforms a tensor of age k. It owns scratch memory, and serves one goroutine at a time.
type Whole[T param.Float] func(k int, c *Coeffs, t *Tensor[T]) error

// whole applies the transform of a link to its tensors, several at once.
type whole[T param.Float] struct {
	link    *link[T]
	parts   []Range     // [param]
	tensors []Tensor[T] // [param]
	workers []Whole[T]
	errs    []error             // [param]
	body    func(worker, i int) // transform, stored once so that a step allocates nothing
}

func newWhole[T param.Float](l *link[T], parts []Range) *whole[T] {
	w := &whole[T]{link: l, parts: parts, tensors: make([]Tensor[T], len(l.params)), errs: make([]error, len(l.params))}
	for i, p := range l.params {
		w.tensors[i].Param = p
		for _, v := range l.state {
			w.tensors[i].S = append(w.tensors[i].S, v[i])
		}
	}
	w.body = w.transform
	return w
}

// run transforms the update of a group into the group's working memory. Each rank transforms the tensors whose state it keeps.
func (w *whole[T]) run(g *group[T], x []T) error {
	for len(w.workers) < min(len(w.tensors), parallel.Workers()) {
		w.workers = append(w.workers, of[func() Whole[T]](w.link.Whole32, w.link.Whole64)())
	}
	for i := range w.tensors {
		t := &w.tensors[i]
		t.In, t.U, t.G, t.X = g.of(g.in, i), g.of(g.work, i), g.of(g.pass.grad, i), g.of(x, i)
	}
	parallel.For(len(w.tensors), w.body)
	if err := w.agree(g.ranks); err != nil {
		return err
	}
	for i, err := range w.errs {
		if err != nil {
			return fmt.Errorf("cannot update %q: %w", w.tensors[i].Param.Name, err)
		}
	}
	return nil
}

// errElsewhere stands for the error of another rank.
var errElsewhere = errors.New("another rank says why")

// agree sets the errors of tensors that other ranks could not transform.
func (w *whole[T]) agree(ranks *division[T]) error {
	if ranks == nil {
		return nil
	}
	failed := make([]float64, len(w.errs))
	for i, err := range w.errs {
		if err != nil {
			failed[i] = 1
		}
	}
	if err := ranks.sum(failed); err != nil {
		return err
	}
	for i, n := range failed {
		if n > 0 && w.errs[i] == nil {
			w.errs[i] = errElsewhere
		}
	}
	return nil
}

func (w *whole[T]) transform(worker, i int) {
	t := &w.tensors[i]
	switch part := w.parts[i]; {
	case part[0] == part[1]:
		return // it is empty, or another rank keeps its state
	case w.link.skip[i]:
		copy(t.U, t.In)
		return
	}
	w.errs[i] = w.workers[worker](max(0, int(w.link.ages[i])), &w.link.coeffs[i], t)
	for _, v := range t.S {
		simd.Flush(v, v, nil)
	}
}
