package runs

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"time"

	"steepest/runs/tfevents"
)

// Events writes a run as event files of TensorBoard, in its own folder. A row of a Record becomes an event with a scalar for each name. Counts
// are in the group progress, and the configuration becomes the hyperparameters. The methods are those of Writer, for one goroutine at a time.
type Events struct {
	path   string
	file   *os.File
	queue  *queue
	failed error // the error of Back
}

// CreateEvents creates the folder of a new run in dir: a folder named by the seed, in a folder named by what. A number is added if the name
// is taken.
func CreateEvents(dir, what string, seed uint64, config any, s System) (*Events, error) {
	of := filepath.Join(dir, plain(what))
	if err := os.MkdirAll(of, 0o777); err != nil {
		return nil, fmt.Errorf("runs: %w", err)
	}
	path, err := newFolder(filepath.Join(of, fmt.Sprintf("seed%d", seed)))
	if err != nil {
		return nil, err
	}
	e := &Events{path: path}
	start := tfevents.Start{Parameters: parameters(config), Model: address(s), Time: s.Started}
	start.Group = groupOf(what, start.Parameters)
	if err := e.begin(tfevents.Event{Content: start}); err != nil {
		_ = os.RemoveAll(path) // so that a run that is not recorded leaves nothing
		return nil, err
	}
	return e, nil
}

// ContinueEvents opens the newest folder in dir of a run with the checkpoint folder of s, for a run that resumes; see Continue. The error is
// fs.ErrNotExist if there is none.
func ContinueEvents(dir string, s System, k, evaluated int) (*Events, error) {
	e, err := findEvents(dir, s)
	if err != nil {
		return nil, err
	}
	return e, e.back(k, evaluated)
}

// WholeEvents returns the folder of the newest run in dir with the checkpoint folder and the key of s, if its events go to the end of the run;
// see Whole. Otherwise the error is fs.ErrNotExist.
func WholeEvents(dir string, s System) (path string, err error) {
	e, err := findEvents(dir, s)
	if err == nil && !e.whole() {
		err = fs.ErrNotExist
	}
	if err != nil {
		return "", err
	}
	return e.path, nil
}

// whole reports whether the last event says that the run has come to its end.
func (e *Events) whole() bool {
	files := e.files()
	text, err := os.ReadFile(filepath.Join(e.path, files[len(files)-1]))
	if err != nil {
		return false
	}
	var last tfevents.Event
	for n := 0; len(text) > 0; text = text[n:] {
		if last, n, err = tfevents.First(text); err != nil {
			return false
		}
	}
	end, ok := last.Content.(tfevents.End)
	return ok && end.Status != tfevents.Unknown
}

// findEvents returns the newest folder in dir of a run with the checkpoint folder and the key of s. The error is fs.ErrNotExist if there is
// none.
func findEvents(dir string, s System) (*Events, error) {
	folders, err := fs.Glob(os.DirFS(dir), "*/seed*")
	if err != nil || s.Checkpoint == "" {
		return nil, fs.ErrNotExist
	}
	var found Events
	newest := ""
	for _, folder := range folders {
		e := Events{path: filepath.Join(dir, folder)}
		if files := e.files(); len(files) > 0 && files[len(files)-1] > newest && savedAt(filepath.Join(e.path, files[0])) == address(s) {
			found, newest = e, files[len(files)-1]
		}
	}
	if newest == "" {
		return nil, fs.ErrNotExist
	}
	return &found, nil
}

// savedAt returns the checkpoint folder of the run of a file, from its second event.
func savedAt(file string) string {
	f, err := os.Open(file)
	if err != nil {
		return ""
	}
	defer f.Close()
	text, _ := io.ReadAll(io.LimitReader(f, longestJSON)) // an unreadable file has no Start
	_, n, _ := tfevents.First(text)
	e, _, _ := tfevents.First(text[n:])
	start, _ := e.Content.(tfevents.Start)
	return start.Model
}

// address identifies a run by its checkpoint folder and its key in it.
func address(s System) string {
	if s.Checkpoint == "" || s.Key == "" {
		return s.Checkpoint
	}
	return s.Checkpoint + "#" + s.Key
}

// parameters returns the part of a configuration that describes the method.
func parameters(config any) map[string]string {
	var values map[string]any
	text, err := json.Marshal(config)
	if err == nil {
		err = json.Unmarshal(text, &values)
	}
	if err != nil {
		panic("runs: " + err.Error())
	}
	all := make(map[string]string)
	flatten(all, "", values)
	maps.DeleteFunc(all, func(key, _ string) bool { return Incidental(key) })
	return all
}

// groupOf returns the name of the group of runs with the same parameters.
func groupOf(what string, parameters map[string]string) string {
	h := crc32.NewIEEE()
	for _, key := range slices.Sorted(maps.Keys(parameters)) {
		fmt.Fprintf(h, "%q=%q ", key, parameters[key])
	}
	return fmt.Sprintf("%s %08x", what, h.Sum32())
}

// nameOfEvents contains the second when a file was begun, since TensorBoard reads files in the order of their names.
const nameOfEvents = "events.out.tfevents.%010d.steepest"

// files returns the names of the event files in the folder, in order.
func (e *Events) files() []string {
	names, _ := fs.Glob(os.DirFS(e.path), "events.out.tfevents.*.steepest") // the pattern is right
	return names
}

// begin begins a new last file, with an event.
func (e *Events) begin(first tfevents.Event) error {
	first.Time = time.Now()
	second := first.Time.Unix()
	if files := e.files(); len(files) > 0 {
		var last int64
		if _, err := fmt.Sscanf(files[len(files)-1], nameOfEvents, &last); err == nil {
			second = max(second, last+1)
		}
	}
	file, err := os.OpenFile(filepath.Join(e.path, fmt.Sprintf(nameOfEvents, second)), os.O_WRONLY|os.O_CREATE|os.O_EXCL|os.O_APPEND, 0o666)
	if err != nil {
		return fmt.Errorf("runs: %w", err)
	}
	e.file, e.queue = file, &queue{file: file}
	e.queue.add(tfevents.Event{Time: first.Time, Content: tfevents.Current}.Append(nil))
	e.queue.add(first.Append(nil))
	return nil
}

// Path returns the folder of the run.
func (e *Events) Path() string { return e.path }

// Add adds a line as an event, and does not wait for the disk. It panics if the line cannot be written as JSON.
func (e *Events) Add(line any) {
	text, err := json.Marshal(line)
	if err != nil {
		panic("runs: " + err.Error())
	}
	var row Record
	row.Read(append(text, '\n'))
	var scalars tfevents.Scalars
	for _, name := range row.Names() {
		if name != "step" {
			scalars = append(scalars, tfevents.Scalar{Tag: tagOf(name), Value: float32(row.Last(name))})
		}
	}
	if scalars == nil {
		return
	}
	e.queue.add(tfevents.Event{Time: time.Now(), Step: int(row.Last("step")), Content: scalars}.Append(nil))
}

// tagOf returns the tag for a name of a record. Counts that grow with every step form their own group, after the losses.
func tagOf(name string) string {
	if slices.Contains([]string{"epochs", "flops", "grads", "seconds", "tokens"}, name) {
		return "progress/" + name
	}
	return name
}

// Back says that the run continues from step k and has been evaluated up to the step evaluated. Abandoned events are cut from the files, for
// readers that do not support Restart. A new file begins with a Restart, for readers that have already read the abandoned events.
func (e *Events) Back(k, evaluated int) {
	if err := e.back(k, evaluated); err != nil {
		e.failed = errors.Join(e.failed, err)
	}
}

func (e *Events) back(k, evaluated int) error {
	files, old := e.files(), *e
	if err := e.begin(tfevents.Event{Step: evaluated + 1, Content: tfevents.Restart{}}); err != nil {
		return err
	}
	sizes := make([]int, len(files)) // bytes of each file that stay
	for i, name := range files {
		text, err := os.ReadFile(filepath.Join(e.path, name))
		if err != nil {
			return fmt.Errorf("runs: %w", err)
		}
		sizes[i] = e.moveTail(text, k, evaluated)
	}
	if old.file != nil {
		for _, entry := range old.queue.take() {
			e.moveTail(entry, k, evaluated)
		}
		e.queue.lost = old.queue.lost
		old.file.Close()
	}
	for i, name := range files {
		if err := os.Truncate(filepath.Join(e.path, name), int64(sizes[i])); err != nil {
			return fmt.Errorf("runs: %w", err)
		}
	}
	return nil
}

// moveTail returns the size of the events of a file that stay: those up to the last evaluation. It copies later events of steps up to k to the
// new file, except evaluations, which count gradients.
func (e *Events) moveTail(file []byte, k, evaluated int) (size int) {
	stays := true
	for at := 0; ; {
		event, n, err := tfevents.First(file[at:])
		if err != nil { // the end, or an unfinished record of a killed process
			return size
		}
		scalars, ok := event.Content.(tfevents.Scalars)
		_, over := event.Content.(tfevents.End)
		stays = stays && !over && (!ok || event.Step <= evaluated)
		switch isEvaluation := slices.ContainsFunc(scalars, func(s tfevents.Scalar) bool { return s.Tag == tagOf("grads") }); {
		case stays:
			size = at + n
		case ok && !isEvaluation && event.Step <= k:
			e.queue.add(slices.Clone(file[at : at+n]))
		}
		at += n
	}
}

// Close writes how the run ended. If a write fails, it waits like Writer.Close.
func (e *Events) Close(ctx context.Context, end Ending, waits func(error)) error {
	status := map[Status]tfevents.Status{Finished: tfevents.Success, Diverged: tfevents.Failure, Failed: tfevents.Failure}[end.Status]
	if e.failed != nil || e.queue.lost > 0 {
		status = tfevents.Unknown // the events are not whole
	}
	e.queue.add(tfevents.Event{Time: time.Now(), Content: tfevents.End{Status: status, Time: time.Now()}}.Append(nil))
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	if err := errors.Join(e.failed, e.queue.flush(ctx, waits), e.file.Close()); err != nil {
		return fmt.Errorf("runs: %s: %w", e.path, err)
	}
	return nil
}
