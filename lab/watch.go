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
	failed   error
	audience *audience
}

func newWatch(ctx context.Context, dir string) (*watch, error) {
	w := &watch{audience: newAudience(ctx)}
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
			if w.audience.any() {
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
		w.audience.version.Store(int64(w.version))
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
