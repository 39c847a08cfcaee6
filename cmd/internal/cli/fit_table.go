package cli

import (
	"fmt"
	"io"
	"math"
	"slices"
	"sync/atomic"
	"time"

	"steepest/solver"
)

// fitTable prints progress: at once, then whenever the elapsed time has grown by a tenth and at least half a second, and at the end of each
// problem. A nil table prints nothing.
type fitTable struct {
	w         io.Writer
	classes   int
	tolerance float64
	limit     time.Duration // 0 for none
	late      time.Duration // from then on, show the remaining time
	next      time.Duration
	shown     solver.Result // the last result shown
	now       atomic.Pointer[string]

	class int           // the current class
	from  time.Duration // when the current class began
	gaps  decline       // used if there is one problem
}

// words says how far the fit is.
func (t *fitTable) words(int64, int64, time.Duration) string {
	if now := t.now.Load(); now != nil {
		return *now
	}
	return "fitting"
}

func (t *fitTable) show(class int, at time.Duration, r solver.Result) {
	if t == nil || math.IsInf(r.Loss, 1) {
		return
	}
	if class != t.class {
		t.class, t.from = class, at
	}
	t.gaps.add(at, r.Gap/r.Loss)
	left := t.left(at)
	now := fmt.Sprintf("fitting%s: %.4g passes, gap / F %s%s", t.of(), r.Passes, t.share(r), left)
	t.now.Store(&now)
	if at >= t.next {
		t.row(at, r, left)
		t.next = at + max(500*time.Millisecond, at/10)
	}
}

func (t *fitTable) end(class int, at time.Duration, r solver.Result) {
	if t != nil && (r.Passes != t.shown.Passes || r.Loss != t.shown.Loss) && !math.IsInf(r.Loss, 1) {
		t.class = class
		t.row(at, r, "")
	}
}

func (t *fitTable) row(at time.Duration, r solver.Result, left string) {
	if t.shown.X == nil {
		fmt.Fprintf(t.w, "%9s %14s %10s %8s\n", "passes", "F", "gap / F", "seconds")
	}
	t.shown = r
	fmt.Fprintf(t.w, "%9.4g %14.8g %10s%s %8.3f%s\n", r.Passes, r.Loss, t.share(r), t.of(), at.Seconds(), left)
}

// share formats the gap as a share of F.
func (t *fitTable) share(r solver.Result) string {
	if share := r.Gap / r.Loss; !math.IsInf(share, 1) && share == share {
		return fmt.Sprintf("%.1e", share)
	}
	return "—"
}

// of names the current class, if there are several.
func (t *fitTable) of() string {
	if t.classes == 1 {
		return ""
	}
	return fmt.Sprintf(" class %d of %d", t.class+1, t.classes)
}

// left returns the remaining time in words; "" if the fit is still short, or nothing is known. With one problem it is the time until the gap
// reaches the tolerance. With a problem for each class it assumes that each class takes as long as those that are done, on average.
func (t *fitTable) left(at time.Duration) string {
	if at < t.late {
		return ""
	}
	left, known := time.Duration(0), false
	if t.classes == 1 {
		left, known = t.gaps.until(t.tolerance)
	} else if t.class > 0 {
		left = t.from/time.Duration(t.class)*time.Duration(t.classes) - at
		known = left > 0
	}
	switch rest := t.limit - at; {
	case t.limit > 0 && !known:
		return ", " + remaining(rest) + " at most"
	case t.limit > 0 && rest < left:
		left = rest
	}
	if !known {
		return ""
	}
	return ", " + remaining(left)
}

// decline extrapolates a gap that decreases geometrically.
type decline struct {
	at  []time.Duration
	log []float64 // logarithm of the gap as a share of F
}

// add adds a gap, unless it is infinite or 0.
func (d *decline) add(at time.Duration, share float64) {
	if log := math.Log(share); !math.IsInf(log, 0) && log == log {
		d.at, d.log = append(d.at, at), append(d.log, log)
	}
}

// until returns the time until the gap reaches a share of F, at its pace in the last quarter of the time so far. It also reports whether that
// pace is reliable: it must be within a factor of 1.5 of the pace in the second quarter.
func (d *decline) until(share float64) (time.Duration, bool) {
	n := len(d.at) - 1
	if n < 0 {
		return 0, false
	}
	pace := func(quarter time.Duration) float64 {
		from, _ := slices.BinarySearch(d.at, d.at[n]/4*quarter)
		to, _ := slices.BinarySearch(d.at, d.at[n]/4*(quarter+1))
		return (d.log[from] - d.log[min(to, n)]) / (d.at[min(to, n)] - d.at[from]).Seconds() // NaN for one point
	}
	before, last := pace(1), pace(3)
	if !(last > 0 && last < 1.5*before && before < 1.5*last) {
		return 0, false
	}
	return time.Duration((d.log[n] - math.Log(share)) / last * float64(time.Second)), true
}
