package cli

import (
	"os"
	"runtime"
	"testing"
	"time"

	"steepest/train/dist"
)

// crew is a group of processes that share processors.
type crew struct {
	Group
	sharing int
}

func (c crew) Sharing() int { return c.sharing }

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
		w := &world{ranks: ranks{launcher: dist.Launcher{Size: c.sharing}, open: func(dist.Launcher, time.Duration) (Group, error) { return crew{sharing: c.sharing}, nil }}}
		if err := w.join(&rankFlags{Watchdog: time.Second}); err != nil {
			t.Fatal(err)
		}
		if got := runtime.GOMAXPROCS(0); got != c.want {
			t.Errorf("%d processes share 8 processors, GOMAXPROCS=%q: %d workers, want %d", c.sharing, c.given, got, c.want)
		}
	}
}
