package parallel

import (
	"math"
	"runtime"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"steepest/internal/subnormal"
)

// with runs f with several numbers of processors.
func with(t *testing.T, f func(t *testing.T)) {
	for _, procs := range []int{1, 2, 3, 8} {
		t.Run("GOMAXPROCS="+strconv.Itoa(procs), func(t *testing.T) {
			defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(procs))
			f(t)
		})
	}
}

func TestForCallsEachIndexOnce(t *testing.T) {
	with(t, func(t *testing.T) {
		for _, n := range []int{0, 1, 2, 7, 1000} {
			calls := make([]atomic.Int32, n)
			For(n, func(_, i int) { calls[i].Add(1) })
			for i := range calls {
				if got := calls[i].Load(); got != 1 {
					t.Fatalf("n = %d: body ran %d times for i = %d", n, got, i)
				}
			}
		}
	})
}

func TestForWorkersDoNotOverlap(t *testing.T) {
	with(t, func(t *testing.T) {
		busy := make([]atomic.Bool, Workers())
		For(200, func(worker, _ int) {
			if busy[worker].Swap(true) {
				t.Errorf("two calls at once with worker %d", worker)
			}
			time.Sleep(10 * time.Microsecond)
			busy[worker].Store(false)
		})
	})
}

func TestForPassesPanicOn(t *testing.T) {
	with(t, func(t *testing.T) {
		for range 10 { // helpers survive a panic, and a team that has failed is used again
			func() {
				defer func() {
					if got := recover(); got != "piece 3" {
						t.Errorf("For panicked with %v, want piece 3", got)
					}
				}()
				For(100, func(_, i int) {
					if i == 3 {
						panic("piece 3")
					}
				})
			}()
			var calls atomic.Int64
			For(100, func(_, _ int) { calls.Add(1) })
			if calls.Load() != 100 {
				t.Errorf("%d calls after a panic, want 100", calls.Load())
			}
		}
	})
}

// TestForUsesEveryWorker has pieces that sleep, so that every worker has time to join.
func TestForUsesEveryWorker(t *testing.T) {
	with(t, func(t *testing.T) {
		used := make([]atomic.Bool, Workers())
		For(20*Workers(), func(worker, _ int) {
			time.Sleep(time.Millisecond)
			used[worker].Store(true)
		})
		for worker := range used {
			if !used[worker].Load() {
				t.Errorf("worker %d of %d had nothing to do", worker, Workers())
			}
		}
	})
}

// TestAlone: a call is alone while all workers are in a For, and not before and after it.
func TestAlone(t *testing.T) {
	with(t, func(t *testing.T) {
		only := Workers() == 1
		For(Workers(), func(_, _ int) {})
		if Alone() != only {
			t.Errorf("before a For: Alone() = %v", !only)
		}
		var inside atomic.Int32
		For(Workers(), func(_, i int) {
			for inside.Add(1); int(inside.Load()) < Workers(); { // until each worker is in a call
				runtime.Gosched()
			}
			if !Alone() {
				t.Errorf("in call %d of a For: Alone() = false", i)
			}
			for inside.Add(1); int(inside.Load()) < 2*Workers(); { // until each worker has asked
				runtime.Gosched()
			}
		})
		if Alone() != only {
			t.Errorf("after a For: Alone() = %v", !only)
		}
	})
}

// TestForWaits has pieces that take less and more time than a caller spins, and pauses between calls of For that make helpers sleep.
func TestForWaits(t *testing.T) {
	with(t, func(t *testing.T) {
		for _, pause := range []time.Duration{0, helperPatience / 10, 2 * callerPatience} {
			for range 20 {
				var ended atomic.Int32
				n := Workers() + 1
				For(n, func(_, _ int) {
					for start := time.Now(); time.Since(start) < pause; {
						runtime.Gosched()
					}
					ended.Add(1)
				})
				if got := int(ended.Load()); got != n {
					t.Fatalf("For returned when %d of %d calls had", got, n)
				}
				time.Sleep(pause)
			}
		}
	})
}

// TestForTakesJobsBack has a helper that never begins, like a helper whose processor is busy with other work.
func TestForTakesJobsBack(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(2))
	absent := &helper{woken: make(chan struct{}, 1)}
	absent.state.Store(looking)
	others, otherIdle := helpers.Swap(&[]*helper{absent}), idle.Swap(1)
	defer func() {
		helpers.Store(others)
		idle.Store(otherIdle)
	}()
	for range 3 {
		calls := 0
		For(5, func(_, _ int) { calls++ })
		if state := absent.state.Load(); calls != 5 || state != looking || idle.Load() != 1 {
			t.Errorf("%d calls of 5 without the helper, which is in state %d; %d are idle", calls, state, idle.Load())
		}
	}
}

func TestForNests(t *testing.T) {
	with(t, func(t *testing.T) {
		var calls atomic.Int64
		For(20, func(_, _ int) {
			For(20, func(_, _ int) {
				For(3, func(_, _ int) { calls.Add(1) })
			})
		})
		if calls.Load() != 20*20*3 {
			t.Errorf("%d calls, want %d", calls.Load(), 20*20*3)
		}
	})
}

func TestForHelpersAreBoundedAndFree(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(4))
	For(4, func(_, _ int) {})
	before := runtime.NumGoroutine()
	for range 100 {
		For(1000, func(_, _ int) {})
	}
	if after := runtime.NumGoroutine(); after > before {
		t.Errorf("%d goroutines, then %d", before, after)
	}
	var bytes runtime.MemStats
	body := func(_, _ int) {}
	runtime.ReadMemStats(&bytes)
	allocations := bytes.Mallocs
	for range 1000 {
		For(100, body)
	}
	runtime.ReadMemStats(&bytes)
	if more := bytes.Mallocs - allocations; more > 20 { // the runtime's own
		t.Errorf("%d allocations in 1000 calls", more)
	}
}

// TestReduceShape writes the tree as text: the parentheses show the order of the additions.
func TestReduceShape(t *testing.T) {
	want := []string{1: "0", 2: "(01)", 3: "((01)2)", 5: "(((01)(23))4)", 6: "(((01)(23))(45))",
		7: "(((01)(23))((45)6))", 8: "(((01)(23))((45)(67)))"}
	with(t, func(t *testing.T) {
		for n, shape := range want {
			if shape == "" {
				continue
			}
			pieces := make([]string, n)
			for i := range pieces {
				pieces[i] = strconv.Itoa(i)
			}
			Reduce(n, func(into, from int) { pieces[into] = "(" + pieces[into] + pieces[from] + ")" })
			if pieces[0] != shape {
				t.Errorf("Reduce of %d pieces is %s, want %s", n, pieces[0], shape)
			}
		}
	})
}

func TestForAscendsWithOneWorker(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	var order []int
	For(5, func(_, i int) { order = append(order, i) })
	if !slices.Equal(order, []int{0, 1, 2, 3, 4}) {
		t.Errorf("order %v", order)
	}
}

func BenchmarkForDispatch(b *testing.B) {
	for b.Loop() {
		For(Workers(), func(_, _ int) {})
	}
}

//go:noinline
func product(a, b float32) float32 { return a * b }

// TestMode: all pieces treat subnormal numbers as their caller does, while loops of the other kind run beside them.
func TestMode(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(4))
	check := func() {
		want := product(1e-30, 1e-10)
		For(1000, func(_, i int) {
			runtime.Gosched()
			if got := product(1e-30, 1e-10); math.Float32bits(got) != math.Float32bits(want) { // flushed numbers are equal
				t.Errorf("piece %d computes %v, its caller %v", i, got, want)
			}
		})
	}
	flushed := func() {
		defer subnormal.Flush().Restore()
		check()
	}
	var beside sync.WaitGroup
	for range 50 {
		beside.Go(check)
		beside.Go(flushed)
	}
	beside.Wait()
}
