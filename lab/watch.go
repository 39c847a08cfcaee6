package lab

import (
	"context"
	"io/fs"
	"sync"
	"time"

	"steepest/runs"
)

// often is the time between two looks at the folder while clients wait for changes.
const often = 500 * time.Millisecond

// watch watches a folder of runs on behalf of all clients.
type watch struct {
	mutex    sync.Mutex
	folder   *runs.Folder // nil for none
	looked   time.Time
	version  int
	failed   error
	audience *audience
}

func newWatch(ctx context.Context, dir string) *watch {
	w := &watch{audience: newAudience(ctx)}
	if dir == "" {
		return w
	}
	w.folder = runs.Open(dir)
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
	return w
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

// read calls f with the current runs, the newest first. They may change once f has returned. The error is that of reading the folder, and
// fs.ErrNotExist if there is none.
func (w *watch) read(f func(list []*runs.Run, version int)) error {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	w.look()
	if w.folder == nil {
		f(nil, w.version)
		return fs.ErrNotExist
	}
	f(w.folder.Runs(), w.version)
	return w.failed
}
