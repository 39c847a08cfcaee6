package cli

import (
	"fmt"
	"sync"
	"time"

	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"

	"steepest/internal/printable"
)

// progress is a bar with the time that is left, or nothing where nobody would see it.
type progress struct {
	name  string
	pool  *mpb.Progress
	mutex sync.Mutex
	bar   *mpb.Bar
	shown []decor.Decorator // between the name and the bar
}

// progress returns a bar that shows the runs that are finished, or what is given.
func (w *world) progress(name string, shown ...decor.Decorator) *progress {
	if shown == nil {
		shown = []decor.Decorator{decor.CountersNoUnit("%d/%d runs ")}
	}
	p := &progress{name: name, shown: shown}
	if w.stderr.tty {
		p.pool = mpb.New(mpb.WithOutput(w.stderr.Writer), mpb.WithWidth(40), mpb.WithRefreshRate(100*time.Millisecond))
	}
	return p
}

// set shows that done of total are finished, of 0 where that is not known. It may be called from several goroutines.
func (p *progress) set(done, total int) {
	if p.pool == nil {
		return
	}
	p.mutex.Lock()
	defer p.mutex.Unlock()
	if p.bar == nil {
		style, left := mpb.BarFillerBuilder(mpb.BarStyle()), []decor.Decorator{decor.Percentage(), decor.Name(", left "), decor.AverageETA(decor.ET_STYLE_GO)}
		if total == 0 {
			style, left = mpb.NopStyle(), nil
		}
		p.bar = p.pool.New(int64(total), style, mpb.BarRemoveOnComplete(), mpb.AppendDecorators(left...),
			mpb.PrependDecorators(append([]decor.Decorator{decor.Name(p.name + " ")}, p.shown...)...))
	}
	if int64(done) > p.bar.Current() {
		p.bar.SetCurrent(int64(done))
	}
}

// end takes the bar away.
func (p *progress) end() {
	if p.pool == nil {
		return
	}
	if p.bar != nil {
		p.bar.Abort(true)
	}
	p.pool.Wait()
}

// notice shows what goes on until the function it returns is called, where somebody sees it.
func (w *world) notice(text string) (done func()) {
	if !w.stderr.tty {
		return func() {}
	}
	fmt.Fprint(w.stderr, printable.Text(text))
	return func() { fmt.Fprint(w.stderr, "\r\x1b[K") }
}
