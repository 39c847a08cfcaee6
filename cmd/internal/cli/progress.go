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

// late is how long something takes before it is told how far it is. Tests set it, so that slow machines say the same.
var late = 2 * time.Second

// redrawn is how often the line on a terminal is drawn.
const redrawn = 100 * time.Millisecond

// progress tells how far something is that takes long. On a terminal it draws a line anew. Elsewhere it writes lines, at times that double,
// unless something else has been written meanwhile. A nil progress tells nothing.
type progress struct {
	w     *world
	what  words
	begun time.Time

	done, total atomic.Int64
	from        atomic.Pointer[mark] // where the pace is measured from: what was known first
	ended       sync.Once
	over, told  chan struct{}
}

// mark is how much was done at a time.
type mark struct {
	done int64
	at   time.Time
}

// words say how much is done, of a total of 0 where that is not known, after some time.
type words func(done, total int64, in time.Duration) string

// plainly are words that say what goes on.
func plainly(what string) words { return func(int64, int64, time.Duration) string { return what } }

// counting are words that count things.
func counting(what, things string) words {
	return func(done, total int64, _ time.Duration) string {
		if total == 0 {
			return what
		}
		return fmt.Sprintf("%s: %d of %d %s", what, done, total, things)
	}
}

// inBytes are words that count bytes.
func inBytes(what string) words {
	return func(done, total int64, in time.Duration) string {
		text := what + ": " + memory.Text(float64(done))
		if total > 0 {
			text += " of " + memory.Text(float64(total))
		}
		return text + ", " + memory.Text(float64(done)/in.Seconds()) + "/s"
	}
}

// progress tells how far something is, until its end, unless --quiet asks for silence.
func (w *world) progress(what words) *progress {
	if w.given["quiet"] {
		return nil
	}
	p := &progress{w: w, what: what, begun: time.Now(), over: make(chan struct{}), told: make(chan struct{})}
	go p.tell()
	return p
}

// notice tells that something goes on of which it is not known how far it is, until the function that it returns is called.
func (w *world) notice(text string) (done func()) { return w.progress(plainly(text)).end }

// set takes note that so much of a total is done; the total is 0 where it is not known. It may be called from several goroutines.
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

// tell writes until the end, or an interruption.
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

// end ends the telling, and takes the line on a terminal away. It may be called again.
func (p *progress) end() {
	if p != nil {
		p.ended.Do(func() { close(p.over) })
		<-p.told
	}
}

// text says how far it is, and how long it takes to the end, or has taken.
func (p *progress) text() string {
	done, total, in := p.done.Load(), p.total.Load(), time.Since(p.begun)
	text := printable.Text(p.what(done, total, in))
	left := p.left()
	if left == "" {
		return fmt.Sprintf("%s, %v so far", text, in.Round(time.Second))
	}
	return fmt.Sprintf("%s, %d %%, %s", text, 100*done/total, left)
}

// left says how long it takes to the end at the pace up to now; "" where it has not taken long or nothing is known.
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

// remaining writes how long something takes still.
func remaining(d time.Duration) string {
	return max(d, time.Second).Round(time.Second).String() + " left"
}

// passes tell how far each pass over data is.
type passes struct {
	w     *world
	mutex sync.Mutex
	name  string
	bar   *progress
}

// show is told by data.
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
