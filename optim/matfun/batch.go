package matfun

import (
	"errors"
	"fmt"

	"steepest/internal/parallel"
	"steepest/internal/scratch"
	"steepest/internal/simd"
)

// Batch works on many matrices in parallel, with a Workspace for each processor. The results have the bits of a single Workspace. The
// zero Batch is ready to use. A Batch must not be copied, and serves one goroutine at a time.
type Batch[T simd.Float] struct {
	workspaces []*Workspace[T]
	errs       []error

	work func(w *Workspace[T], i int) error
	do   func(worker, i int) // b.one, stored once to avoid an allocation per call
}

// Do calls work for each i in [0, n), several at once. A call has its Workspace to itself. After an error the other calls still run;
// the error says for which i work failed.
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
