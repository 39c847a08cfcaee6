// Package parallel spreads work over the processors without letting their number reach the result.
//
// The rule that makes this hold: the caller cuts the work into pieces whose number depends on the problem alone, each
// piece writes only what is its own, and pieces are combined by Reduce, a tree whose shape is fixed by the number of
// pieces. Which worker takes which piece, and in what order, is then of no consequence.
package parallel

import (
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"time"
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
	t.n, t.body, t.crew, t.wanted = int64(n), body, t.crew[:0], helpers
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

// For how long those who wait look whether there is something to do, before they leave their processor to others: to be woken
// takes as long as many a For. A helper waits for a job that may not come, a caller for helpers that are at work. If it waited no
// longer, a helper that is woken late would have its caller fall asleep, and the caller the helper, at every For anew.
const (
	helperPatience = 200 * time.Microsecond
	callerPatience = time.Millisecond
)

// await looks for as long as patience lasts, and returns whether ready was true. It does not look where more wait than there are
// processors.
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

// team is the state that the workers of one For share.
type team struct {
	n       int64
	body    func(worker, i int)
	next    atomic.Int64  // the first piece that nobody has taken
	pending atomic.Int32  // helpers that have not returned, and asleep if the caller sleeps until they have
	woken   chan struct{} // wakes the caller

	crew   []hire // that there are, and how many there should be; the caller's alone
	wanted int

	failure sync.Mutex
	failed  bool
	value   any // what the first body to fail panicked with
}

const asleep = 1 << 30

// wait returns when all helpers have that have begun. The others, whose processors have been busy with something else, are not
// needed any more.
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

// leave tells the caller that a helper has returned. After it the team may be another's.
func (t *team) leave() {
	if t.pending.Add(-1) == asleep {
		t.woken <- struct{}{}
	}
}

// helper is a goroutine that works for one team after the other.
type helper struct {
	state  atomic.Int64
	team   *team
	worker int
	woken  chan struct{}
}

// The states of a helper, and from hired on the ticket of a job. Who brings a helper from looking or sleeping to working gives it a
// job; who brings it from the job's ticket to working does the job, and to looking, takes it back.
const (
	working = iota
	looking
	sleeping
	hired
)

// hire is a helper with the ticket of its job, which no other job has.
type hire struct {
	*helper
	ticket int64
}

var tickets atomic.Int64

var (
	// spare holds teams to use again. A sync.Pool would lose one whenever a goroutine changes processors.
	spare = make(chan *team, 16)
	// helpers are all there are, and idle how many of them look for work or sleep.
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

// hire gives the team to idle helpers, and starts new ones while there are too few.
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

// claim makes an idle helper a working one and returns it with what it did before, or nil.
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

// enlist returns a new helper that has yet to be started, or nil if there are so many.
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

// begin tells whether there is a job, which then is for the helper to do.
func (h *helper) begin() bool {
	ticket := h.state.Load()
	return ticket >= hired && h.state.CompareAndSwap(ticket, working)
}

// run does one job after the other.
func (h *helper) run() {
	for {
		if await(helperPatience, h.begin) {
			t := h.team
			t.work(h.worker)
			h.team = nil
			h.state.Store(looking) // before the caller can look for a helper again
			idle.Add(1)
			t.leave()
		} else if h.state.CompareAndSwap(looking, sleeping) {
			<-h.woken
			h.state.CompareAndSwap(sleeping, looking)
		} else { // whoever claimed it is about to say so
			runtime.Gosched()
		}
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
