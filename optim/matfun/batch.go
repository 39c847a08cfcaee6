package matfun

import (
	"errors"
	"fmt"

	"steepest/internal/parallel"
	"steepest/internal/scratch"
	"steepest/internal/simd"
)

// Batch works on many matrices at the same time, with a Workspace for each processor. The zero Batch is ready and must not be
// copied. It is for one goroutine at a time. The results are those of one Workspace, to the bit.
type Batch[T simd.Float] struct {
	workspaces []*Workspace[T]
	errs       []error

	work func(w *Workspace[T], i int) error
	do   func(worker, i int) // b.one, kept because it would be allocated
}

// Do calls work for each i from 0 to below n, several at once, with a Workspace that is its own until it returns. An error says
// for which i it failed; the others are done all the same.
func (b *Batch[T]) Do(n int, work func(w *Workspace[T], i int) error) error {
	if b.do == nil {
		b.do = b.one
	}
	for len(b.workspaces) < min(n, parallel.Workers()) {
		b.workspaces = append(b.workspaces, new(Workspace[T]))
	}
	b.errs, b.work = scratch.Grow(b.errs, n), work
	parallel.For(n, b.do)
	b.work = nil
	return errors.Join(b.errs...)
}

func (b *Batch[T]) one(worker, i int) {
	if b.errs[i] = b.work(b.workspaces[worker], i); b.errs[i] != nil {
		b.errs[i] = fmt.Errorf("matrix %d: %w", i, b.errs[i])
	}
}
