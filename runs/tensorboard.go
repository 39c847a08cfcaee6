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

// Events writes one run as event files of TensorBoard, in a folder of its own: what a Record has in a row is an event, with a scalar for
// each name, counts in the group progress, and the configuration is its hyperparameters. Its methods are those of a Writer, for one goroutine at a time.
type Events struct {
	path   string
	file   *os.File
	queue  *queue
	failed error // of going back
}

// CreateEvents makes the folder of a new run in dir: one of its seed in one of what the run is. A number is added where it is taken.
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
	return e, e.begin(tfevents.Event{Content: start})
}

// ContinueEvents opens the newest folder in dir of a run that saves itself where s says, for a run that goes on as for Continue. The error
// is fs.ErrNotExist if there is none.
func ContinueEvents(dir string, s System, k, evaluated int) (*Events, error) {
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
	return &found, found.back(k, evaluated)
}

// savedAt returns where the run of a file saves itself, as its second event says.
func savedAt(file string) string {
	f, err := os.Open(file)
	if err != nil {
		return ""
	}
	defer f.Close()
	text, _ := io.ReadAll(io.LimitReader(f, longestJSON)) // what cannot be read is no start
	_, n, _ := tfevents.First(text)
	e, _, _ := tfevents.First(text[n:])
	start, _ := e.Content.(tfevents.Start)
	return start.Model
}

// address says where a run saves itself, and which of those that do so there it is.
func address(s System) string {
	if s.Checkpoint == "" || s.Key == "" {
		return s.Checkpoint
	}
	return s.Checkpoint + "#" + s.Key
}

// parameters are what of a configuration says something of the method.
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

// groupOf names the runs that have the same parameters.
func groupOf(what string, parameters map[string]string) string {
	h := crc32.NewIEEE()
	for _, key := range slices.Sorted(maps.Keys(parameters)) {
		fmt.Fprintf(h, "%q=%q ", key, parameters[key])
	}
	return fmt.Sprintf("%s %08x", what, h.Sum32())
}

// nameOfEvents holds the second when a file was begun, since TensorBoard reads files in the order of their names.
const nameOfEvents = "events.out.tfevents.%010d.steepest"

// files returns the names of the files in the folder, in their order.
func (e *Events) files() []string {
	names, _ := fs.Glob(os.DirFS(e.path), "events.out.tfevents.*.steepest") // the pattern is right
	return names
}

// begin begins a file behind the others, with an event.
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

// Add adds what a Record reads in a line, and does not wait for the disk. It panics if JSON has no form for the line.
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

// tagOf returns the tag of what a record has by a name: counts that grow with every step are a group of their own, behind the losses.
func tagOf(name string) string {
	if slices.Contains([]string{"epochs", "flops", "grads", "seconds", "tokens"}, name) {
		return "progress/" + name
	}
	return name
}

// Back says that what comes now goes on from step k with a run that has been evaluated up to a step. What is abandoned is cut from the files,
// for readers that know of no Restart. The new file begins with one, for a reader that has read what is cut.
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
	sizes := make([]int, len(files)) // of what stays where it is
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

// moveTail returns the size of the events in a file that a Restart behind the last evaluation lets stand. It adds those to the new file which
// are behind it and of steps up to k. Evaluations, which count gradients, are none of these.
func (e *Events) moveTail(file []byte, k, evaluated int) (size int) {
	stays := true
	for at := 0; ; {
		event, n, err := tfevents.First(file[at:])
		if err != nil { // the end, or what a process that was killed has left half written
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

// Close writes how the run ended. It waits for a full disk as Writer.Close does.
func (e *Events) Close(ctx context.Context, end Ending) error {
	status := map[Status]tfevents.Status{Finished: tfevents.Success, Diverged: tfevents.Failure, Failed: tfevents.Failure}[end.Status]
	e.queue.add(tfevents.Event{Time: time.Now(), Content: tfevents.End{Status: status, Time: time.Now()}}.Append(nil))
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	if err := errors.Join(e.failed, e.queue.flush(ctx), e.file.Close()); err != nil {
		return fmt.Errorf("runs: %s: %w", e.path, err)
	}
	return nil
}
