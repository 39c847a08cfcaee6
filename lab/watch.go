package lab

import (
	"context"
	"sync"
	"time"

	"steepest/runs"
)

// often is the time between two looks at the folder while clients wait for changes.
const often = 500 * time.Millisecond

// watch watches a folder of runs on behalf of all clients.
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

// look reads new data from the folder. The caller holds the mutex.
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

// read calls f with the current runs, the newest first. They may change once f has returned.
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
