package cli

import (
	"bytes"
	"os"
	"runtime"
	"slices"
	"testing"
	"time"

	"steepest/train"
	"steepest/train/dist"
)

// crew is a group of processes, of which this one is rank 0. It holds for each rank how many ranks share its processor.
type crew struct {
	Group
	sharing []int
}

func (c crew) Rank() int                                { return 0 }
func (c crew) Sharing(rank int) (ranks, processors int) { return c.sharing[rank], 1 }

// TestShareOfProcessors: processes that share processors divide them, unless GOMAXPROCS is set.
func TestShareOfProcessors(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	for _, c := range []struct {
		sharing int
		given   string
		want    int
	}{{1, "", 8}, {2, "", 4}, {3, "", 2}, {9, "", 1}, {2, "8", 8}} {
		t.Setenv("GOMAXPROCS", c.given)
		if c.given == "" {
			if err := os.Unsetenv("GOMAXPROCS"); err != nil {
				t.Fatal(err)
			}
		}
		runtime.GOMAXPROCS(8)
		w := &world{ranks: ranks{launcher: dist.Launcher{Size: c.sharing}, open: func(dist.Launcher, time.Duration) (Group, error) { return crew{sharing: []int{c.sharing}}, nil }}}
		if err := w.join(&rankFlags{Watchdog: time.Second}); err != nil {
			t.Fatal(err)
		}
		if got := runtime.GOMAXPROCS(0); got != c.want {
			t.Errorf("%d processes share 8 processors, GOMAXPROCS=%q: %d workers, want %d", c.sharing, c.given, got, c.want)
		}
	}
}

// TestStraggler: a rank that is 10 times slow is named once, also where ranks share processors. A rank is not named if it is only slow because
// it shares its processor.
func TestStraggler(t *testing.T) {
	const ms = time.Millisecond
	for name, c := range map[string]struct {
		sharing []int           // how many ranks share the processor of each rank
		took    []time.Duration // by a micro-batch of each rank
		want    string
	}{
		"alike":                     {[]int{1, 1, 1}, []time.Duration{50 * ms, 60 * ms, 70 * ms}, ""},
		"10 times slow":             {[]int{1, 1, 1}, []time.Duration{50 * ms, 500 * ms, 60 * ms}, "rank 1 is slow: a micro-batch takes it 500ms, and would take 60ms at the speed of the others, who wait for it\n"},
		"one of two":                {[]int{1, 1}, []time.Duration{500 * ms, 50 * ms}, "rank 0 is slow: a micro-batch takes it 500ms, and would take 50ms at the speed of the others, who wait for it\n"},
		"the only one that works":   {[]int{1, 1}, []time.Duration{500 * ms, 0}, ""},
		"beside ranks without work": {[]int{1, 1, 1, 1}, []time.Duration{50 * ms, 0, 500 * ms, 0}, "rank 2 is slow: a micro-batch takes it 500ms, and would take 50ms at the speed of the others, who wait for it\n"},
		"all share one processor":   {[]int{3, 3, 3}, []time.Duration{100 * ms, 500 * ms, 100 * ms}, "rank 1 is slow: a micro-batch takes it 500ms, and would take 100ms at the speed of the others, who wait for it\n"},
		"others share a processor":  {[]int{2, 1, 2}, []time.Duration{100 * ms, 500 * ms, 100 * ms}, "rank 1 is slow: a micro-batch takes it 500ms, and would take 100ms at the speed of the others, who wait for it\n"},
		"three share a processor":   {[]int{3, 3, 3, 1, 1, 1, 1}, []time.Duration{190 * ms, 200 * ms, 190 * ms, 50 * ms, 50 * ms, 50 * ms, 50 * ms}, ""},
		"slow among three":          {[]int{3, 3, 3, 1, 1, 1, 1}, []time.Duration{100 * ms, 600 * ms, 100 * ms, 50 * ms, 50 * ms, 50 * ms, 50 * ms}, "rank 1 is slow: a micro-batch takes it 600ms, and would take 150ms at the speed of the others, who wait for it\n"},
		"little work":               {[]int{1, 1}, []time.Duration{5 * ms, 50 * ms}, ""},
	} {
		var said bytes.Buffer
		w := &world{ranks: ranks{group: crew{sharing: c.sharing}}, stderr: newTerminal(&said)}
		s := newStraggler(new(train.Settings))
		for range 2 * slowSteps {
			s.stepped(w, slices.Clone(c.took))
		}
		if got := said.String(); got != c.want {
			t.Errorf("%s: said %q, want %q", name, got, c.want)
		}
	}
}
