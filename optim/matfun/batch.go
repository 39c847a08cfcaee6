package matfun

import (
	"errors"
	"fmt"

	"steepest/internal/parallel"
	"steepest/internal/scratch"
	"steepest/internal/simd"
)

// Matrix is a rows × cols matrix stored by rows.
type Matrix[T simd.Float] struct {
	Data       []T
	Rows, Cols int
}

// Batch works on many matrices at the same time, with a Workspace for each processor. The zero Batch is ready; it is for one
// goroutine at a time. The results are those of a Workspace, to the bit.
type Batch[T simd.Float] struct {
	workspaces []*Workspace[T]
	errs       []error

	matrices []Matrix[T]
	it       *Iteration
	do       func(worker, i int) // b.iterate, kept because it would be allocated
}

// Iterate is Workspace.Iterate for each of the matrices. An error says which ones failed, counting from 0; the others are
// done.
func (b *Batch[T]) Iterate(matrices []Matrix[T], it *Iteration) error {
	if b.do == nil {
		b.do = b.iterate
	}
	for len(b.workspaces) < parallel.Workers() {
		b.workspaces = append(b.workspaces, new(Workspace[T]))
	}
	b.errs = scratch.Grow(b.errs, len(matrices))
	b.matrices, b.it = matrices, it
	parallel.For(len(matrices), b.do)
	b.matrices, b.it = nil, nil
	for i, err := range b.errs {
		if err != nil {
			b.errs[i] = fmt.Errorf("matrix %d: %w", i, err)
		}
	}
	return errors.Join(b.errs...)
}

func (b *Batch[T]) iterate(worker, i int) {
	m := b.matrices[i]
	b.errs[i] = b.workspaces[worker].Iterate(m.Data, m.Rows, m.Cols, b.it)
}
