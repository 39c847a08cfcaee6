// Package parallel spreads work over the processors without letting their number reach the result.
//
// Results stay the same because of three rules. The caller divides the work into pieces, and the problem alone decides how many. A
// piece writes only to its own memory. Pieces are combined by Reduce, along a tree whose shape depends on the number of pieces alone. So
// it does not matter which worker takes which piece, or in which order.
package parallel

import (
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"steepest/internal/subnormal"
)

// Workers returns the most goroutines that For uses: GOMAXPROCS.
func Workers() int { return runtime.GOMAXPROCS(0) }

// Alone reports whether Workers() − 1 helpers are busy. If so, a For would run on the caller's goroutine alone. Within a For, Alone is
// true while that For occupies all workers.
func Alone() bool {
	busy := -int(idle.Load())
	if all := helpers.Load(); all != nil {
		busy += len(*all)
	}
	return busy >= Workers()-1
}

// For calls body(worker, i) once for each i in [0, n), in any order, and returns when all calls have returned. Calls with the same worker, a
// number in [0, Workers()), never overlap, so worker may index scratch memory. Results must not depend on worker. If there is one worker, all
// calls run on the caller's goroutine in ascending order. If a call panics, no further call starts, and For panics with the first
// value when the running calls have returned.
//
// The caller works too. Before each piece it hires helpers that have become idle, so a For within a For never waits for a free helper.
// Helpers are kept for later calls: at most as many as the largest GOMAXPROCS so far. For allocates nothing.
func For(n int, body func(worker, i int)) {
	helpers := min(n, Workers()) - 1
	if helpers <= 0 {
		for i := range n {
			body(0, i)
		}
		return
	}
	t := newTeam()
	t.n, t.body, t.mode, t.crew, t.wanted = int64(n), body, subnormal.Current(), t.crew[:0], helpers
	t.next.Store(0)
	t.pending.Store(0)
	t.work(0)
	t.wait()
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

// How long a waiting goroutine spins before it blocks. Waking a blocked goroutine takes as long as many calls of For. A helper waits for
// a job that may not come; a caller waits for helpers that are working, so it spins longer. With equal times, a helper that is woken late
// would make its caller block, and the blocked caller would make the helper block, at every For again.
const (
	helperPatience = 200 * time.Microsecond
	callerPatience = time.Millisecond
)

// await spins until ready returns true, for as long as patience lasts, and reports whether ready did. If there are more workers than
// processors, it asks once and does not spin.
func await(patience time.Duration, ready func() bool) bool {
	if Workers() > runtime.NumCPU() {
		return ready()
	}
	for start := time.Now(); time.Since(start) < patience; {
		for range 100 {
			if ready() {
				return true
			}
		}
	}
	return false
}

// team is the state that the workers of one call of For share.
type team struct {
	n       int64
	body    func(worker, i int)
	mode    subnormal.Mode // of the caller, and so of all pieces
	next    atomic.Int64   // the first piece that no worker has taken
	pending atomic.Int32   // helpers that have not returned, plus asleep if the caller is blocked until they have
	woken   chan struct{}  // wakes the caller

	crew   []hire // the hired helpers; only the caller uses it
	wanted int    // how many helpers there should be

	failure sync.Mutex
	failed  bool
	value   any // the first value that a body panicked with
}

const asleep = 1 << 30

// wait returns when all helpers that have begun have returned. Helpers that have not begun, because their processors were busy, lose
// the job.
func (t *team) wait() {
	for _, h := range t.crew {
		if h.state.CompareAndSwap(h.ticket, looking) {
			idle.Add(1)
			t.pending.Add(-1)
		}
	}
	if await(callerPatience, func() bool { return t.pending.Load() == 0 }) {
		return
	}
	if t.pending.Add(asleep) != asleep {
		<-t.woken
	}
}

// leave tells the caller that a helper has returned. Afterwards another call of For may own the team.
func (t *team) leave() {
	if t.pending.Add(-1) == asleep {
		t.woken <- struct{}{}
	}
}

// helper is a goroutine that works for one team after another.
type helper struct {
	state  atomic.Int64
	team   *team
	worker int
	woken  chan struct{}
}

// The states of a helper. A state from hired on is the ticket of a job.
//
//	                  hire: job given                begin: job accepted
//	looking, sleeping ───────────────→ working → ticket ───────────────→ working
//	    ↑                                          │                        │
//	    └──────────────────────────────────────────┘ wait: job withdrawn    │
//	    └───────────────────────────────────────────────────────────────────┘ job done
//
// Every transition is a compare-and-swap, so either the helper accepts a job or the caller withdraws it.
const (
	working = iota
	looking
	sleeping
	hired
)

// hire is a helper with the ticket of its job. No two jobs have the same ticket.
type hire struct {
	*helper
	ticket int64
}

var tickets atomic.Int64

var (
	// spare holds teams for later calls. A sync.Pool would lose a team whenever a goroutine moves to another processor.
	spare = make(chan *team, 16)
	// helpers are all helpers, and idle counts those that are looking or sleeping.
	helpers atomic.Pointer[[]*helper]
	idle    atomic.Int32
	growing sync.Mutex // guards changes of helpers
)

func newTeam() *team {
	select {
	case t := <-spare:
		return t
	default:
		return &team{crew: make([]hire, 0, Workers()), woken: make(chan struct{}, 1)}
	}
}

// hire gives the job to idle helpers and starts new helpers while there are too few.
func (t *team) hire() {
	for len(t.crew) < t.wanted {
		h, was := claim()
		if h == nil {
			if h = enlist(t.wanted); h == nil {
				return
			}
		}
		ticket := hired + tickets.Add(1)
		t.crew = append(t.crew, hire{h, ticket})
		t.pending.Add(1)
		h.team, h.worker = t, len(t.crew)
		h.state.Store(ticket)
		switch was {
		case sleeping:
			h.woken <- struct{}{}
		case working:
			go h.run()
		}
	}
}

// claim returns an idle helper, now working, and its previous state; nil if no helper is idle.
func claim() (h *helper, was int64) {
	if idle.Load() == 0 {
		return nil, working
	}
	for _, h := range *helpers.Load() {
		if was := h.state.Load(); (was == looking || was == sleeping) && h.state.CompareAndSwap(was, working) {
			idle.Add(-1)
			return h, was
		}
	}
	return nil, working
}

// enlist returns a new helper, which is not started yet; nil if there are already as many as most.
func enlist(most int) *helper {
	if all := helpers.Load(); all != nil && len(*all) >= most {
		return nil
	}
	growing.Lock()
	defer growing.Unlock()
	var all []*helper
	if now := helpers.Load(); now != nil {
		all = *now
	}
	if len(all) >= most {
		return nil
	}
	h := &helper{woken: make(chan struct{}, 1)}
	all = append(slices.Clip(all), h)
	helpers.Store(&all)
	return h
}

// begin accepts the job of the helper, and reports whether there was one.
func (h *helper) begin() bool {
	ticket := h.state.Load()
	return ticket >= hired && h.state.CompareAndSwap(ticket, working)
}

// run does jobs, one after another.
func (h *helper) run() {
	for {
		if await(helperPatience, h.begin) {
			t := h.team
			t.help(h.worker)
			h.team = nil
			h.state.Store(looking) // before the caller can look for a helper again
			idle.Add(1)
			t.leave()
		} else if h.state.CompareAndSwap(looking, sleeping) {
			<-h.woken
			h.state.CompareAndSwap(sleeping, looking)
		} else { // a team has claimed the helper and is about to give it a job
			runtime.Gosched()
		}
	}
}

// help does the work of a helper in the Mode of the caller.
func (t *team) help(worker int) {
	if t.mode != subnormal.Current() {
		defer t.mode.Enter().Restore()
	}
	t.work(worker)
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

// Reduce combines n pieces into piece 0 by calls of merge(into, from) along a balanced binary tree. The shape of the tree depends on n alone:
//
//	0 ← 1    2 ← 3    4 ← 5    6
//	0 ← 2             4 ← 6
//	0 ← 4
//
// Merges in the same row may run at the same time.
func Reduce(n int, merge func(into, from int)) {
	for gap := 1; gap < n; gap *= 2 {
		pairs := (n + gap - 1) / (2 * gap)
		For(pairs, func(_, k int) { merge(2*gap*k, 2*gap*k+gap) })
	}
}
