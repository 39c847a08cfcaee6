package cli

import (
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"steepest/data"
	"steepest/internal/memory"
	"steepest/internal/printable"
)

// late is the time after which progress is shown. Tests set it, so that their output does not depend on the speed of the machine.
var late = 2 * time.Second

// redrawn is the time between two updates of the line on a terminal.
const redrawn = 100 * time.Millisecond

// progress shows how far a long operation is. On a terminal it updates a line. Elsewhere it writes lines at doubling intervals, unless something
// else was written meanwhile. A nil progress shows nothing.
type progress struct {
	w     *world
	what  words
	begun time.Time

	done, total atomic.Int64
	from        atomic.Pointer[mark] // the first known mark, from which the pace is measured
	ended       sync.Once
	over, told  chan struct{}
}

// mark is the amount done at a point in time.
type mark struct {
	done int64
	at   time.Time
}

// words describes the amount done after some time; an unknown total is 0.
type words func(done, total int64, in time.Duration) string

// plainly returns words that only name the operation.
func plainly(what string) words { return func(int64, int64, time.Duration) string { return what } }

// counting returns words that count things.
func counting(what, things string) words {
	return func(done, total int64, _ time.Duration) string {
		if total == 0 {
			return what
		}
		return fmt.Sprintf("%s: %d of %d %s", what, done, total, things)
	}
}

// inBytes returns words that count bytes.
func inBytes(what string) words {
	return func(done, total int64, in time.Duration) string {
		text := what + ": " + memory.Text(float64(done))
		if total > 0 {
			text += " of " + memory.Text(float64(total))
		}
		return text + ", " + memory.Text(float64(done)/in.Seconds()) + "/s"
	}
}

// progress starts to show the progress of an operation, until end is called. With --quiet it returns nil.
func (w *world) progress(what words) *progress {
	if w.given["quiet"] {
		return nil
	}
	p := &progress{w: w, what: what, begun: time.Now(), over: make(chan struct{}), told: make(chan struct{})}
	go p.tell()
	return p
}

// notice shows that an operation with unknown progress is running, until the returned function is called.
func (w *world) notice(text string) (done func()) { return w.progress(plainly(text)).end }

// set sets the amount done and the total, which is 0 if unknown. Several goroutines may call it.
func (p *progress) set(done, total int64) {
	if p == nil {
		return
	}
	if p.from.Load() == nil {
		p.from.CompareAndSwap(nil, &mark{done, time.Now()})
	}
	p.total.Store(total)
	for old := p.done.Load(); old < done && !p.done.CompareAndSwap(old, done); old = p.done.Load() {
	}
}

// tell writes the progress until the end or an interruption.
func (p *progress) tell() {
	defer close(p.told)
	defer p.w.stderr.below("")
	for next, before := p.w.late, p.begun; ; {
		select {
		case <-p.over:
			return
		case <-p.w.Done():
			return
		case <-time.After(next - time.Since(p.begun)):
		}
		if p.w.stderr.tty {
			p.w.stderr.below(p.text())
			next = time.Since(p.begun) + redrawn
			continue
		}
		if !p.w.stderr.wroteSince(before) {
			p.w.say("%s\n", p.text())
		}
		next, before = 2*next, time.Now()
	}
}

// end stops the progress, and removes the line from the terminal. It may be called again.
func (p *progress) end() {
	if p != nil {
		p.ended.Do(func() { close(p.over) })
		<-p.told
	}
}

// text returns the progress in words, with the remaining time or the time so far.
func (p *progress) text() string {
	done, total, in := p.done.Load(), p.total.Load(), time.Since(p.begun)
	text := printable.Text(p.what(done, total, in))
	left := p.left()
	if left == "" {
		return fmt.Sprintf("%s, %v so far", text, in.Round(time.Second))
	}
	return fmt.Sprintf("%s, %d %%, %s", text, 100*done/total, left)
}

// left returns the remaining time at the pace so far; "" if the operation is still short, or nothing is known.
func (p *progress) left() string {
	if p == nil || time.Since(p.begun) < p.w.late {
		return ""
	}
	from := p.from.Load()
	if from == nil {
		return ""
	}
	done, total, in := p.done.Load()-from.done, p.total.Load()-from.done, time.Since(from.at)
	if done <= 0 || total <= done || in < p.w.late/2 {
		return ""
	}
	return remaining(time.Duration(float64(in) * float64(total-done) / float64(done)))
}

// remaining formats a remaining time.
func remaining(d time.Duration) string {
	return max(d, time.Second).Round(time.Second).String() + " left"
}

// passes shows the progress of each pass over data.
type passes struct {
	w     *world
	mutex sync.Mutex
	name  string
	bar   *progress
}

// show is the callback for package data.
func (p *passes) show(s data.Stage) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	if s.What != p.name {
		p.bar.end()
		p.name, p.bar = s.What, p.w.progress(inBytes(s.What))
	}
	p.bar.set(s.Done, s.Total)
}

// end ends the last pass.
func (p *passes) end() {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	p.bar.end()
	p.name, p.bar = "", nil
}
