// Package parallel spreads work over the processors without letting their number reach the result.
//
// The rule that makes this hold: the caller cuts the work into pieces whose number depends on the problem alone, each
// piece writes only what is its own, and pieces are combined by Reduce, a tree whose shape is fixed by the number of
// pieces. Which worker takes which piece, and in what order, is then of no consequence.
package parallel

import (
	"runtime"
	"sync"
	"sync/atomic"
)

// Workers returns the largest number of goroutines that For uses: GOMAXPROCS.
func Workers() int { return runtime.GOMAXPROCS(0) }

// For calls body(worker, i) once for each i in [0, n), in no particular order, and returns when all calls have. Calls
// with the same worker, a number in [0, Workers()), never overlap, so it may index scratch memory; results must not
// depend on it. With one worker everything runs on the caller's goroutine in ascending order. When a body panics, no
// new one starts, and For panics with the first value once the running ones have returned.
func For(n int, body func(worker, i int)) {
	workers := min(n, Workers())
	if workers <= 1 {
		for i := range n {
			body(0, i)
		}
		return
	}
	t := &team{n: int64(n), body: body}
	t.pending.Add(workers - 1)
	for w := 1; w < workers; w++ {
		go func() {
			defer t.pending.Done()
			t.work(w)
		}()
	}
	t.work(0)
	t.pending.Wait()
	if t.panicked {
		panic(t.value)
	}
}

// team is the state that the workers of one For share.
type team struct {
	n       int64
	body    func(worker, i int)
	next    atomic.Int64 // the first piece that nobody has taken
	pending sync.WaitGroup

	failure  sync.Once
	panicked bool
	value    any // what the first body to fail panicked with
}

func (t *team) work(worker int) {
	defer func() {
		if v := recover(); v != nil {
			t.failure.Do(func() { t.panicked, t.value = true, v })
			t.next.Store(t.n)
		}
	}()
	for i := t.next.Add(1) - 1; i < t.n; i = t.next.Add(1) - 1 {
		t.body(worker, int(i))
	}
}

// Reduce combines n pieces into piece 0 by calls of merge(into, from) along a balanced binary tree of a shape that
// depends on n alone: neighbors first, then neighbors of the results. Merges that have no piece in common may run at
// the same time.
func Reduce(n int, merge func(into, from int)) {
	for gap := 1; gap < n; gap *= 2 {
		pairs := (n + gap - 1) / (2 * gap)
		For(pairs, func(_, k int) { merge(2*gap*k, 2*gap*k+gap) })
	}
}
