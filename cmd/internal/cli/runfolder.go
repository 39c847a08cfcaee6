package cli

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"runtime"
	"time"

	"steepest/checkpoint"
	"steepest/param"
	"steepest/runs"
	"steepest/train"
)

// keepFlags say where a command keeps its runs.
type keepFlags struct {
	Runs string `group:"output" placeholder:"DIR" help:"Keep each run in a new folder inside this one, from its start on: its configuration, record, system and end, as plain files that steepest runs and steepest lab read. A run that continues from its checkpoint continues in its folder."`

	TensorBoard string `group:"output" name:"tensorboard" placeholder:"DIR" help:"Also write the measurements as event files of TensorBoard, which other programs read, too: a folder for each method and seed inside this one, with the hyperparameters."`
}

// budget is the part of the configuration of a run that its bits do not depend on.
type budget struct {
	Spec   string  `json:"spec"`
	Epochs float64 `json:"epochs,omitempty"`
	Steps  int     `json:"steps,omitempty"`
	Time   string  `json:"time,omitempty"`
}

func budgetOf(spec string, s *train.Settings) budget {
	b := budget{Spec: spec, Epochs: s.Epochs, Steps: s.Steps}
	if s.Runtime > 0 {
		b.Time = s.Runtime.String()
	}
	return b
}

// stand is where a run resumes: at step k, with evaluations up to step evaluated. Whole says that an earlier process has made the whole run.
type stand struct {
	k, evaluated int
	whole        bool
}

// standOf returns where a run resumes; nil for a new run.
func standOf[T param.Float](run *train.Run[T]) *stand {
	if run.K() == 0 && run.Evaluated() < 0 {
		return nil
	}
	return &stand{k: run.K(), evaluated: run.Evaluated()}
}

// keeping lists where a run is recorded: in a folder, as events, in both (the folder first), or nowhere.
type keeping []recording

type recording interface {
	Add(line any)
	Back(k, evaluated int)
	Close(ctx context.Context, e runs.Ending, waits func(error)) error
	Path() string
}

// recorded is a folder in which an earlier process has recorded a whole run. Nothing is added to it.
type recorded string

func (recorded) Add(any)                                               {}
func (recorded) Back(int, int)                                         {}
func (recorded) Close(context.Context, runs.Ending, func(error)) error { return nil }
func (r recorded) Path() string                                        { return string(r) }

// keep opens the folder and the events of a run. With a stand it continues those of the run that resumes, if they exist; otherwise it
// creates new ones. The key distinguishes the runs of a command. With an error it returns what it has opened.
func (f *keepFlags) keep(w *world, what, key string, seed uint64, c *checkpointFlags, config any, from *stand) (k keeping, err error) {
	host, _ := os.Hostname()
	system := runs.System{
		Version: version(), Go: runtime.Version(), Processor: cpuModel(), Instructions: instructions(), Command: commandLine(w.args),
		Host: host, Process: os.Getpid(), Started: time.Now(), Key: key,
	}
	if c != nil && c.Checkpoint != "" {
		system.Checkpoint = place(c.Checkpoint)
	}
	if f.Runs != "" {
		folder, err := f.folder(what, seed, config, system, from)
		if err != nil {
			return nil, keepError("runs", f.Runs, err)
		}
		k = append(k, folder)
	}
	if f.TensorBoard != "" {
		events, err := f.events(what, seed, config, system, from)
		if err != nil {
			return k, keepError("tensorboard", f.TensorBoard, err)
		}
		k = append(k, events)
	}
	return k, nil
}

// folder opens the folder of a run.
func (f *keepFlags) folder(what string, seed uint64, config any, s runs.System, from *stand) (recording, error) {
	if from != nil && from.whole {
		if path, err := runs.Whole(f.Runs, s); err == nil {
			return recorded(path), nil
		}
	}
	if from != nil {
		if folder, err := runs.Continue(f.Runs, config, s, from.k, from.evaluated); !errors.Is(err, fs.ErrNotExist) {
			return folder, err
		}
	}
	return runs.Create(f.Runs, what, seed, config, s)
}

// events opens the events of a run.
func (f *keepFlags) events(what string, seed uint64, config any, s runs.System, from *stand) (recording, error) {
	if from != nil && from.whole {
		if path, err := runs.WholeEvents(f.TensorBoard, s); err == nil {
			return recorded(path), nil
		}
	}
	if from != nil {
		if events, err := runs.ContinueEvents(f.TensorBoard, s, from.k, from.evaluated); !errors.Is(err, fs.ErrNotExist) {
			return events, err
		}
	}
	return runs.CreateEvents(f.TensorBoard, what, seed, config, s)
}

// refuseFolders returns an error for a path that cannot be a folder, or is in the place of an output.
func (f *keepFlags) refuseFolders(outputs ...flagPath) error {
	return cmp.Or(refuseFile("runs", f.Runs), refuseFile("tensorboard", f.TensorBoard),
		refuseShared(outputs, flagPath{"runs", f.Runs}, flagPath{"tensorboard", f.TensorBoard}))
}

// keepError returns the error for a run that cannot be kept in the folder of a flag.
func keepError(flag, dir string, err error) error {
	if errors.Is(err, checkpoint.ErrInUse) {
		return &failure{exitFailure, fmt.Errorf("--%s: %s", flag, inFlags(err.Error())), "wait for that run to end"}
	}
	return &failure{exitFailure, fmt.Errorf("--%s: the run cannot be kept in %s: %w", flag, dir, reworded(err)), ""}
}

// add adds a line, such as a train.Point.
func (k keeping) add(line any) {
	for _, in := range k {
		in.Add(line)
	}
}

// back says that the next lines continue from an earlier step.
func (k keeping) back(step, evaluated int) {
	for _, in := range k {
		in.Back(step, evaluated)
	}
}

// close closes the folder and the events. A warning announces the first wait for free space. After a close that has failed, the later ones do not wait.
func (k keeping) close(w *world, e runs.Ending) (err error) {
	for _, in := range k {
		ctx, stop := context.WithCancel(w)
		if w.diskFull.Load() {
			stop()
		}
		failed := in.Close(ctx, e, func(err error) {
			w.waits.Do(func() { w.warn("%s; trying again for up to a minute", inFlags(err.Error())) })
		})
		stop()
		if failed != nil {
			w.diskFull.Store(true)
		}
		err = errors.Join(err, failed)
	}
	return err
}

// endingOf converts the error of a run to how it ended.
func (w *world) endingOf(err error) runs.Ending {
	switch {
	case err == nil:
		return runs.Ending{Status: runs.Finished}
	case errors.Is(err, train.ErrDiverged):
		return runs.Ending{Status: runs.Diverged, Message: inFlags(err.Error())}
	case w.interrupted(err):
		return runs.Ending{Status: runs.Interrupted}
	}
	return runs.Ending{Status: runs.Failed, Message: inFlags(err.Error())}
}

// ended closes the folder and the events, and prints their paths.
func (k keeping) ended(w *world, runErr error) error {
	if err := k.close(w, w.endingOf(runErr)); err != nil {
		return err
	}
	for _, in := range k {
		w.say("the run is in %s\n", in.Path())
	}
	return nil
}

// withTokens returns the line of a point with the number of tokens added. Tokens is the number of tokens of a term; 0 returns the point
// unchanged.
func withTokens(p train.Point, tokens int) any {
	text, err := json.Marshal(p)
	if err != nil || tokens == 0 {
		return p
	}
	return json.RawMessage(fmt.Appendf(bytes.TrimSuffix(text, []byte("}")), `,"tokens":%d}`, tokens*p.Grads))
}
