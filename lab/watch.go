package lab

import (
	"context"
	"sync"
	"time"

	"steepest/runs"
)

// often is the time between looks at the folder while somebody waits for changes.
const often = 500 * time.Millisecond

// watch looks at a folder of runs for all clients at once.
type watch struct {
	there    bool // whether there is a folder
	mutex    sync.Mutex
	folder   *runs.Folder // nil for none
	looked   time.Time
	version  int
	changed  chan struct{} // closed with the next version
	watchers int
	failed   error
}

func newWatch(ctx context.Context, dir string) (*watch, error) {
	w := &watch{changed: make(chan struct{})}
	if dir == "" {
		return w, nil
	}
	folder, err := runs.Open(dir)
	if err != nil {
		return w, err
	}
	w.folder, w.there = folder, true
	go func() {
		for {
			select {
			case <-ctx.Done():
				return
			case <-time.After(often):
			}
			w.mutex.Lock()
			if w.watchers > 0 {
				w.look()
			}
			w.mutex.Unlock()
		}
	}()
	return w, nil
}

func (w *watch) close() {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	if w.folder != nil {
		w.folder.Close()
		w.folder = nil
	}
}

// look reads what is new; the mutex is held.
func (w *watch) look() {
	if w.folder == nil || time.Since(w.looked) < often/2 {
		return
	}
	news, err := w.folder.Refresh()
	w.looked, w.failed = time.Now(), err
	if len(news) > 0 {
		w.version++
		close(w.changed)
		w.changed = make(chan struct{})
	}
}

// read calls f with the runs as they are now, the newest first, which change when it has returned.
func (w *watch) read(f func(list []*runs.Run, version int)) error {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	w.look()
	var list []*runs.Run
	if w.folder != nil {
		list = w.folder.Runs()
	}
	f(list, w.version)
	return w.failed
}

// join counts a client that waits for changes, unless there are too many.
func (w *watch) join() bool {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	if w.watchers >= mostWatchers {
		return false
	}
	w.watchers++
	return true
}

func (w *watch) leave() {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	w.watchers--
}

// next returns the version, and what is closed with the one behind it.
func (w *watch) next() (int, <-chan struct{}) {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	return w.version, w.changed
}
