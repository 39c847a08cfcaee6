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
//
// The caller works too, and before each piece takes on helpers that have become idle, so that a For within a For never
// waits for a free one. Helpers are kept, at most as many as the largest GOMAXPROCS so far; For allocates nothing.
func For(n int, body func(worker, i int)) {
	helpers := min(n, Workers()) - 1
	if helpers <= 0 {
		for i := range n {
			body(0, i)
		}
		return
	}
	t := newTeam()
	t.n, t.body, t.hired, t.wanted = int64(n), body, 0, helpers
	t.next.Store(0)
	t.work(0)
	t.pending.Wait()
	failed, value := t.failed, t.value
	t.body, t.failed, t.value = nil, false, nil
	select {
	case spare <- t:
	default:
	}
	if failed {
		panic(value)
	}
}

// team is the state that the workers of one For share.
type team struct {
	n       int64
	body    func(worker, i int)
	next    atomic.Int64 // the first piece that nobody has taken
	pending sync.WaitGroup

	hired, wanted int // helpers; the caller's alone

	failure sync.Mutex
	failed  bool
	value   any // what the first body to fail panicked with
}

var (
	// spare holds teams to use again. A sync.Pool would lose one whenever a goroutine changes processors.
	spare = make(chan *team, 16)
	// idle is where helpers wait; it has no buffer, so that only one who is waiting can be hired.
	idle    = make(chan job)
	helpers atomic.Int32 // started so far
)

type job struct {
	team   *team
	worker int
}

func newTeam() *team {
	select {
	case t := <-spare:
		return t
	default:
		return new(team)
	}
}

// hire gives the team to idle helpers, and starts new ones while there are too few.
func (t *team) hire() {
	for t.hired < t.wanted {
		t.pending.Add(1)
		j := job{t, t.hired + 1}
		select {
		case idle <- j:
		default:
			started := helpers.Load()
			if int(started) >= t.wanted || !helpers.CompareAndSwap(started, started+1) {
				t.pending.Done()
				return
			}
			go help(j)
		}
		t.hired++
	}
}

// help does a job and waits for the next.
func help(j job) {
	for {
		j.team.work(j.worker)
		j.team.pending.Done()
		j = <-idle
	}
}

func (t *team) work(worker int) {
	defer func() {
		if v := recover(); v != nil {
			t.failure.Lock()
			defer t.failure.Unlock()
			if !t.failed {
				t.failed, t.value = true, v
			}
			t.next.Store(t.n)
		}
	}()
	for {
		if worker == 0 {
			t.hire()
		}
		i := t.next.Add(1) - 1
		if i >= t.n {
			return
		}
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
