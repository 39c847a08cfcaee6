package runs

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"steepest/checkpoint"
)

// Status is the state of a run.
type Status string

// The states of a run.
const (
	Running     Status = "running"
	Finished    Status = "finished"
	Interrupted Status = "interrupted"
	Diverged    Status = "diverged"
	Failed      Status = "failed"
	Died        Status = "died" // it has not ended, and no process writes it
)

// Run is a run as read from its folder.
type Run struct {
	// Name is the name of the folder.
	Name string
	// Config holds the configuration, by path, such as options.lr.
	Config map[string]string
	System System
	Status Status
	Ending Ending // if the run has ended
	Record Record
	Bounds []Bound

	read int64 // bytes of the record that have been read
}

// longestJSON bounds the bytes of a file other than the record.
const longestJSON = 1 << 20

// List returns the runs in the folder dir, the newest first.
func List(dir string) ([]*Run, error) {
	f := Open(dir)
	if _, err := f.Refresh(); err != nil {
		return nil, err
	}
	return f.Runs(), nil
}

// Folder is a folder of runs that is read repeatedly. It does not follow symbolic links out of the folder. It is not for concurrent use.
type Folder struct {
	dir  string
	seen fs.FileInfo // of the folder that the runs are from
	runs map[string]*Run
	bad  []error // what Damaged returns
}

// Open returns the folder of runs at dir, which may appear later.
func Open(dir string) *Folder { return &Folder{dir: dir} }

// Damaged returns errors for the runs that the last Refresh found with an unreadable configuration. Runs leaves them out.
func (f *Folder) Damaged() []error { return f.bad }

// Runs returns the runs found by the last Refresh, newest first.
func (f *Folder) Runs() []*Run {
	return slices.SortedFunc(maps.Values(f.runs), func(a, b *Run) int {
		if c := b.System.Started.Compare(a.System.Started); c != 0 {
			return c
		}
		return strings.Compare(a.Name, b.Name)
	})
}

// Refresh reads new data, and returns the names of runs that have changed, appeared or disappeared. If the folder is gone, the error is
// fs.ErrNotExist, and there are no runs. Another folder at the same path is read from its beginning.
func (f *Folder) Refresh() (changed []string, err error) {
	root, err := os.OpenRoot(f.dir)
	if errors.Is(err, fs.ErrNotExist) {
		changed, f.runs = slices.Collect(maps.Keys(f.runs)), nil
	}
	if err != nil {
		return changed, fmt.Errorf("runs: %w", err)
	}
	defer root.Close()
	seen, err := root.Stat(".")
	if err != nil {
		return nil, fmt.Errorf("runs: %w", err)
	}
	if f.seen != nil && !os.SameFile(f.seen, seen) {
		changed, f.runs = slices.Collect(maps.Keys(f.runs)), nil
	}
	f.seen = seen
	entries, err := fs.ReadDir(root.FS(), ".")
	if err != nil {
		return nil, fmt.Errorf("runs: %w", err)
	}
	there := make(map[string]*Run)
	f.bad = nil
	for _, e := range entries {
		if !e.IsDir() {
			continue
		}
		r, known := f.runs[e.Name()]
		if !known {
			r = &Run{Name: e.Name()}
		}
		isRun, news, err := r.refresh(root)
		if err != nil {
			f.bad = append(f.bad, err)
		}
		if !isRun {
			continue
		}
		there[r.Name] = r
		if news || !known {
			changed = append(changed, r.Name)
		}
	}
	for name := range f.runs {
		if there[name] == nil {
			changed = append(changed, name)
		}
	}
	f.runs = there
	return changed, nil
}

// refresh reads new data of a run. A folder without a configuration is not an error: it may be created or removed just now.
func (r *Run) refresh(root *os.Root) (isRun, news bool, err error) {
	over := r.Status != "" && r.Status != Running
	before := r.Status
	if !over {
		var config map[string]any
		err := cmp.Or(readJSON(root, r.Name, configFile, &config), readJSON(root, r.Name, systemFile, &r.System))
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return false, false, nil
		case err == nil && config == nil:
			err = fmt.Errorf("%s/%s: it holds no object", r.Name, configFile)
		}
		if err != nil {
			return false, false, fmt.Errorf("runs: %w", err)
		}
		r.Config = make(map[string]string)
		flatten(r.Config, "", config)
	} else if _, err := root.Stat(r.Name + "/" + configFile); err != nil {
		return false, false, nil
	}
	r.Status, r.Ending = r.standing(root)
	if over && r.Status == Running { // it runs again, perhaps as another run
		isRun, _, err = r.refresh(root)
		return isRun, true, err
	}
	news = r.readRecord(root) || r.Status != before
	if r.Status != Running && r.Bounds == nil {
		r.Bounds = r.bounds(root)
		news = news || r.Bounds != nil
	}
	return true, news, nil
}

// standing returns the state of the run. It checks the lock before the status, because the status is written while the lock is held.
func (r *Run) standing(root *os.Root) (Status, Ending) {
	held := r.held(root)
	var e Ending
	switch err := readJSON(root, r.Name, statusFile, &e); {
	case err == nil && slices.Contains([]Status{Finished, Interrupted, Diverged, Failed}, e.Status):
		return e.Status, e
	case held:
		return Running, Ending{}
	}
	return Died, Ending{}
}

func (r *Run) held(root *os.Root) bool {
	f, err := openFile(root, r.Name, lockFile)
	if err != nil {
		return false
	}
	defer f.Close()
	return checkpoint.Locked(f)
}

// readRecord reads new lines, or all lines if the file has become shorter. It reports whether there are any.
func (r *Run) readRecord(root *os.Root) bool {
	f, err := openFile(root, r.Name, recordFile)
	if err != nil {
		return false
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil || !info.Mode().IsRegular() || info.Size() == r.read {
		return false
	}
	if info.Size() < r.read {
		r.Record, r.read = Record{}, 0
	}
	var rest []byte
	block, news := make([]byte, 1<<18), false
	for at := r.read; ; {
		n, err := f.ReadAt(block, at)
		at += int64(n)
		rest = append(rest, block[:n]...)
		if done := r.Record.Read(rest); done > 0 {
			r.read, rest, news = r.read+int64(done), rest[done:], true
		}
		if err != nil || n == 0 || len(rest) > 64*longestLine { // the end, or the file is not a record
			return news
		}
	}
}

// openFile opens a file of a run. It opens nothing else, since opening a pipe would wait for its other end.
func openFile(root *os.Root, run, name string) (*os.File, error) {
	info, err := root.Stat(run + "/" + name)
	if err == nil && !info.Mode().IsRegular() {
		err = fmt.Errorf("%s/%s is no file", run, name)
	}
	if err != nil {
		return nil, err
	}
	return root.Open(run + "/" + name)
}

// readJSON reads a file of a run.
func readJSON(root *os.Root, run, name string, v any) error {
	f, err := openFile(root, run, name)
	if err != nil {
		return err
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, longestJSON+1))
	if err == nil && len(text) > longestJSON {
		err = errors.New("longer than 1 MiB")
	}
	if err == nil {
		err = json.Unmarshal(text, v)
	}
	if err != nil {
		return fmt.Errorf("%s/%s: %w", run, name, err)
	}
	return nil
}

// flatten adds the values of an object under the paths of their names.
func flatten(into map[string]string, prefix string, values map[string]any) {
	for name, v := range values {
		switch v := v.(type) {
		case map[string]any:
			flatten(into, prefix+name+".", v)
		case float64:
			into[prefix+name] = strconv.FormatFloat(v, 'g', -1, 64)
		case string:
			into[prefix+name] = v
		case nil:
		default:
			text, _ := json.Marshal(v) // v comes from JSON
			into[prefix+name] = string(text)
		}
	}
}

// Value returns the value of a key of the configuration, or of "name", "status", "version" or "instructions".
func (r *Run) Value(key string) string {
	switch key {
	case "name":
		return r.Name
	case "status":
		return string(r.Status)
	case "version":
		return r.System.Version
	case "instructions":
		return r.System.Instructions
	}
	return r.Config[key]
}

// Duration returns the duration of the run so far, or of the whole run if it has ended; 0 if it does not say when it began.
func (r *Run) Duration() time.Duration {
	switch {
	case r.System.Started.IsZero():
		return 0
	case !r.Ending.Ended.IsZero():
		return r.Ending.Ended.Sub(r.System.Started)
	case r.Status == Running:
		return time.Since(r.System.Started)
	}
	return 0
}

// Differing returns the configuration keys in which the runs differ, sorted.
func Differing(list []*Run) (keys []string) {
	all := make(map[string]bool)
	for _, r := range list {
		for key, v := range r.Config {
			all[key] = all[key] || v != list[0].Config[key]
		}
		for key := range list[0].Config {
			if _, ok := r.Config[key]; !ok {
				all[key] = true
			}
		}
	}
	for _, key := range slices.Sorted(maps.Keys(all)) {
		if all[key] {
			keys = append(keys, key)
		}
	}
	return keys
}

// Incidental reports whether a configuration key says nothing about the method. Runs that differ only in such keys form a group.
func Incidental(key string) bool {
	return slices.Contains([]string{"seed", "race", "entrant", "spec", "data", "instructions"}, key) || strings.HasPrefix(key, "held_out.")
}

// Remove removes the folder of a run. No process may be writing it.
func Remove(dir string, r *Run) error {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return fmt.Errorf("runs: %w", err)
	}
	defer root.Close()
	if r.held(root) {
		return fmt.Errorf("runs: %s is %w", r.Name, checkpoint.ErrInUse)
	}
	if err := root.RemoveAll(r.Name); err != nil {
		return fmt.Errorf("runs: %w", err)
	}
	return nil
}
