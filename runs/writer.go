package runs

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"steepest/checkpoint"
	"steepest/internal/durable"
)

// System describes the program and the machine that made a run.
type System struct {
	Version      string    `json:"version"`
	Go           string    `json:"go"`
	Processor    string    `json:"processor,omitempty"`
	Instructions string    `json:"instructions"`
	Command      string    `json:"command"`
	Host         string    `json:"host,omitempty"`
	Process      int       `json:"process"`
	Started      time.Time `json:"started"`
	// Checkpoint is the checkpoint folder of the run. Key distinguishes runs that share it.
	Checkpoint string `json:"checkpoint,omitempty"`
	Key        string `json:"key,omitempty"`
}

// Ending is how a run ended.
type Ending struct {
	// Status is Finished, Interrupted, Diverged or Failed.
	Status Status `json:"status"`
	// Message is one line for a reader; it may be empty.
	Message string `json:"message,omitempty"`
	// Lost says that lines of the record could not be written. Close sets it, and Ended.
	Lost  bool      `json:"lost,omitempty"`
	Ended time.Time `json:"ended"`
}

// The files of a run.
const (
	configFile = "config.json"
	systemFile = "system.json"
	recordFile = "record.jsonl"
	statusFile = "status.json"
	lockFile   = "lock"
)

// Writer writes the folder of one run, and holds its lock. Its methods are for one goroutine at a time.
type Writer struct {
	path  string
	lock  *os.File
	file  *os.File
	queue queue
}

// Create creates the folder of a new run in dir, and dir if necessary. The name contains the time, what, and the seed; a number is added
// if it is taken.
func Create(dir, what string, seed uint64, config any, s System) (*Writer, error) {
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return nil, fmt.Errorf("runs: %w", err)
	}
	path, err := newFolder(filepath.Join(dir, fmt.Sprintf("%s-%s-seed%d", s.Started.Format("20060102-150405"), plain(what), seed)))
	if err != nil {
		return nil, err
	}
	w, err := open(path, config, s)
	if err != nil {
		_ = os.RemoveAll(path) // so that a run that is not recorded leaves nothing
	}
	return w, err
}

// newFolder creates a folder. It adds a number to the name if it is taken.
func newFolder(name string) (path string, err error) {
	path = name
	for k := 2; ; k++ {
		switch err := os.Mkdir(path, 0o777); {
		case err == nil:
			return path, nil
		case !errors.Is(err, fs.ErrExist):
			return "", fmt.Errorf("runs: %w", err)
		}
		path = fmt.Sprintf("%s-%d", name, k)
	}
}

// Continue opens the newest run in dir with the checkpoint folder of s, for a run that resumes at step k and has been evaluated up to the
// step evaluated; both are −1 for a run from the start. The error is fs.ErrNotExist if there is none, and checkpoint.ErrInUse if another
// process writes it.
func Continue(dir string, config any, s System, k, evaluated int) (*Writer, error) {
	r, err := find(dir, s)
	if err != nil {
		return nil, err
	}
	w, err := open(filepath.Join(dir, r.Name), config, s)
	if err == nil {
		w.Back(k, evaluated)
	}
	return w, err
}

// Whole returns the folder of the newest run in dir with the checkpoint folder and the key of s, if it is recorded to the end of the run: the
// run has finished or diverged, and no line is lost. Otherwise the error is fs.ErrNotExist.
func Whole(dir string, s System) (path string, err error) {
	r, err := find(dir, s)
	if err == nil && (r.Status != Finished && r.Status != Diverged || r.Ending.Lost) {
		err = fs.ErrNotExist
	}
	if err != nil {
		return "", err
	}
	return filepath.Join(dir, r.Name), nil
}

// find returns the newest run in dir with the checkpoint folder and the key of s. The error is fs.ErrNotExist if there is none.
func find(dir string, s System) (*Run, error) {
	list, err := List(dir)
	if err != nil {
		return nil, err
	}
	for _, r := range list {
		if s.Checkpoint != "" && r.System.Checkpoint == s.Checkpoint && r.System.Key == s.Key {
			return r, nil
		}
	}
	return nil, fs.ErrNotExist
}

// open locks and opens the folder of a run.
func open(path string, config any, s System) (_ *Writer, err error) {
	w := &Writer{path: path}
	for range 10 { // a reader may hold the lock for an instant
		if w.lock, err = checkpoint.Lock(path); !errors.Is(err, checkpoint.ErrInUse) {
			break
		}
		time.Sleep(5 * time.Millisecond)
	}
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			w.lock.Close()
		}
	}()
	for _, part := range []struct {
		name string
		v    any
	}{{systemFile, s}, {configFile, config}} {
		if err := writeJSON(filepath.Join(path, part.name), part.v); err != nil {
			return nil, fmt.Errorf("runs: %w", err)
		}
	}
	if err := os.Remove(filepath.Join(path, statusFile)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("runs: %w", err)
	}
	if w.file, err = os.OpenFile(filepath.Join(path, recordFile), os.O_RDWR|os.O_CREATE|os.O_APPEND, 0o666); err != nil {
		return nil, fmt.Errorf("runs: %w", err)
	}
	w.queue.file = w.file
	if last := []byte{'\n'}; size(w.file) > 0 {
		if _, err := w.file.ReadAt(last, size(w.file)-1); err != nil || last[0] != '\n' {
			w.queue.add([]byte("\n")) // ends an unfinished line of a killed process
		}
	}
	return w, nil
}

func size(f *os.File) int64 {
	info, err := f.Stat()
	if err != nil {
		return 0
	}
	return info.Size()
}

// Path returns the folder of the run.
func (w *Writer) Path() string { return w.path }

// Add adds a line, such as a train.Point, and does not wait for the disk. It panics if the line cannot be written as JSON.
func (w *Writer) Add(line any) {
	text, err := json.Marshal(line)
	if err != nil {
		panic("runs: " + err.Error())
	}
	w.queue.add(append(text, '\n'))
}

// Back says that the run continues from step k and has been evaluated up to the step evaluated.
func (w *Writer) Back(k, evaluated int) { w.Add(back{&k, &evaluated}) }

// back is the line that drops earlier lines of later steps.
type back struct {
	From      *int `json:"from"`
	Evaluated *int `json:"evaluated"`
}

// patience is how long Close waits for free space on the disk.
const patience = time.Minute

// Close writes how the run ended, and releases the folder. If a write fails, as on a full disk, Close tries again for up to a minute, or until
// the context is done. It calls waits, if it is not nil, with the error before each new try. The error says what could not be written.
func (w *Writer) Close(ctx context.Context, e Ending, waits func(error)) error {
	defer w.lock.Close()
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	err := w.queue.flush(ctx, waits)
	e.Ended, e.Lost = time.Now(), err != nil
	for {
		failed := writeJSON(filepath.Join(w.path, statusFile), e)
		if failed == nil || ctx.Err() != nil {
			err = errors.Join(err, failed)
			break
		}
		if waits != nil {
			waits(failed)
		}
		time.Sleep(retry / 10)
	}
	if err = errors.Join(err, w.file.Close()); err != nil {
		return fmt.Errorf("runs: %s: %w", w.path, err)
	}
	return nil
}

// writeJSON writes a file atomically.
func writeJSON(path string, v any) error {
	var text bytes.Buffer
	e := json.NewEncoder(&text)
	e.SetIndent("", "  ")
	if err := e.Encode(v); err != nil {
		return err
	}
	f, err := durable.Create(path, 0o666)
	if err != nil {
		return err
	}
	if _, err = f.Write(text.Bytes()); err == nil {
		err = f.Close()
	}
	if err == nil {
		err = f.Publish()
	}
	if err != nil {
		f.Discard()
	}
	return err
}

// plain turns any text into a part of a file name.
func plain(text string) string {
	const longest = 60
	name := strings.Map(func(r rune) rune {
		switch {
		case 'a' <= r && r <= 'z', 'A' <= r && r <= 'Z', '0' <= r && r <= '9', r == '.', r == '+', r == '=':
			return r
		}
		return '-'
	}, text)
	for strings.Contains(name, "--") {
		name = strings.ReplaceAll(name, "--", "-")
	}
	name = strings.Trim(name[:min(longest, len(name))], "-.")
	if name == "" {
		return "run"
	}
	return name
}
