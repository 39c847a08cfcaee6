package cli

import (
	"bytes"
	"context"
	"fmt"
	"math"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"steepest/data"
)

// saidWhile returns the standard error of an operation. The test moves the clock.
func saidWhile(t *testing.T, tty bool, do func(w *world)) (text string) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		var out bytes.Buffer
		w := &world{Context: context.Background(), late: 2 * time.Second, stderr: terminal{screen: &screen{out: &out}, tty: tty, width: 40}}
		do(w)
		text = out.String()
	})
	return text
}

// TestProgressInAFile: lines appear at 2, 4, 8 and 16 seconds, with the remaining time, but not after other output.
func TestProgressInAFile(t *testing.T) {
	got := saidWhile(t, false, func(w *world) {
		bar := w.progress(counting("racing", "runs"))
		bar.set(10, 0) // done before
		time.Sleep(500 * time.Millisecond)
		for done := range int64(18) {
			bar.set(11+done, 40)
			if done == 5 {
				w.say("something else\n")
			}
			time.Sleep(time.Second)
		}
		bar.end()
		bar.end()
		time.Sleep(time.Minute)
	})
	const want = "racing: 12 of 40 runs, 30 %, 28s left\n" +
		"racing: 14 of 40 runs, 35 %, 26s left\n" +
		"something else\n" +
		"racing: 26 of 40 runs, 65 %, 14s left\n"
	if got != want {
		t.Errorf("told\n%s\nwant\n%s", got, want)
	}
}

// TestProgressOfTheUnknown: without a known total, progress shows the time so far, and the rate of bytes.
func TestProgressOfTheUnknown(t *testing.T) {
	got := saidWhile(t, false, func(w *world) {
		done := w.notice("solving")
		time.Sleep(5 * time.Second)
		done()
		bar := w.progress(inBytes("reading stdin"))
		time.Sleep(1500 * time.Millisecond)
		bar.set(0, 0)
		bar.set(3<<20, 0)
		time.Sleep(time.Second)
		bar.end()
	})
	const want = "solving, 2s so far\nsolving, 4s so far\nreading stdin: 3 MiB, 1.5 MiB/s, 2s so far\n"
	if got != want {
		t.Errorf("told\n%s\nwant\n%s", got, want)
	}
}

// TestProgressOnATerminal: one line is redrawn below other output, cut to the width, and removed at the end.
func TestProgressOnATerminal(t *testing.T) {
	got := saidWhile(t, true, func(w *world) {
		done := w.notice(strings.Repeat("wide ", 10))
		time.Sleep(2*time.Second + redrawn/2)
		w.say("a line\n")
		time.Sleep(redrawn)
		fmt.Fprint(w.stderr, "an open ")
		time.Sleep(5 * redrawn) // draws nothing
		fmt.Fprint(w.stderr, "line\n")
		done()
	})
	line := strings.Repeat("wide ", 10)[:39]
	if want := line + "\r\x1b[Ka line\n" + line + "\r\x1b[Kan open line\n"; got != want {
		t.Errorf("told\n%q\nwant\n%q", got, want)
	}
}

// TestNoProgress: there is no progress for operations of less than two seconds, with --quiet, and after an interruption.
func TestNoProgress(t *testing.T) {
	for name, do := range map[string]func(w *world){
		"short": func(w *world) {
			defer w.notice("short")()
			time.Sleep(1990 * time.Millisecond)
		},
		"quiet": func(w *world) {
			w.given = map[string]bool{"quiet": true}
			bar := w.progress(counting("quiet", "runs"))
			bar.set(1, 2)
			time.Sleep(time.Minute)
			if left := bar.left(); left != "" {
				t.Errorf("%q of nothing", left)
			}
			bar.end()
		},
		"interrupted": func(w *world) {
			ctx, cancel := context.WithCancel(w.Context)
			w.Context = ctx
			bar := w.progress(counting("interrupted", "runs"))
			cancel()
			time.Sleep(time.Minute)
			bar.end()
		},
	} {
		for _, tty := range []bool{false, true} {
			if got := saidWhile(t, tty, do); got != "" {
				t.Errorf("%s: told %q", name, got)
			}
		}
	}
}

// TestPasses: progress is shown for each pass over a file, from the start of the pass.
func TestPasses(t *testing.T) {
	got := saidWhile(t, false, func(w *world) {
		p := passes{w: w}
		for _, name := range []string{"reading", "numbering"} {
			for k := range int64(4) {
				p.show(data.Stage{What: name, Done: k << 20, Total: 4 << 20})
				time.Sleep(time.Second + 10*time.Millisecond)
			}
		}
		p.end()
		p.end()
	})
	const want = "reading: 1 MiB of 4 MiB, 512 KiB/s, 25 %, 6s left\nreading: 3 MiB of 4 MiB, 768 KiB/s, 75 %, 1s left\n"
	if got != want+strings.ReplaceAll(want, "reading", "numbering") {
		t.Errorf("told\n%s\nwant twice\n%s", got, want)
	}
}

// TestDecline extrapolates a gap that falls geometrically, alone or in steps, and no other.
func TestDecline(t *testing.T) {
	second := func(gap func(s float64) float64) (time.Duration, bool) {
		var d decline
		for k := range 101 {
			s := float64(k) / 10
			d.add(time.Duration(s*float64(time.Second)), gap(s))
		}
		return d.until(1e-6)
	}
	left, known := second(func(s float64) float64 { return math.Pow(10, -0.3*s) })
	if want := 10 * time.Second; !known || (left-want).Abs() > time.Millisecond {
		t.Errorf("%v left, %v; want %v", left, known, want)
	}
	if _, known := second(func(s float64) float64 { return math.Pow(10, -0.3*float64(int(s))) }); !known {
		t.Error("a gap that falls by steps is not extrapolated")
	}
	for name, gap := range map[string]func(s float64) float64{
		"no gap":      func(float64) float64 { return math.Inf(1) },
		"a power law": func(s float64) float64 { return math.Pow(1+10*s, -3) },
		"constant":    func(float64) float64 { return 0.1 },
		"a square":    func(s float64) float64 { return math.Pow(10, -s*s*s*s/1e3) },
		"a late stop": func(s float64) float64 { return math.Pow(10, -min(s, 7)) },
	} {
		if left, known := second(gap); known {
			t.Errorf("%s: %v are left", name, left)
		}
	}
}
