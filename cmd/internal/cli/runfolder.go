package cli

import (
	"bytes"
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

// runsFlag says where a command keeps its runs.
type runsFlag struct {
	Runs string `group:"output" placeholder:"DIR" help:"Keep each run in a new folder in this one, while it goes on: its configuration, record, system and end, as plain files that steepest runs and steepest lab read. A run that goes on from its checkpoint goes on in its folder."`
}

// budget is what is in the configuration of a run besides what its bits depend on.
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

// stand is where a run begins that goes on with one: from step k, evaluated up to a step.
type stand struct{ k, evaluated int }

// standOf returns where a run begins; nil for a new one.
func standOf[T param.Float](run *train.Run[T]) *stand {
	if run.K() == 0 && run.Evaluated() < 0 {
		return nil
	}
	return &stand{run.K(), run.Evaluated()}
}

// keep opens the folder of a run: that of the run which it goes on with, or else, and for a nil stand, a new one; nil without the flag. The
// key tells the runs of a command apart.
func (f *runsFlag) keep(w *world, what, key string, seed uint64, c *checkpointFlags, config any, from *stand) (*runs.Writer, error) {
	if f.Runs == "" {
		return nil, nil
	}
	if err := refuseFile("runs", f.Runs); err != nil {
		return nil, err
	}
	host, _ := os.Hostname()
	system := runs.System{
		Version: version(), Go: runtime.Version(), Processor: cpuModel(), Instructions: instructions(), Command: commandLine(w.args),
		Host: host, Process: os.Getpid(), Started: time.Now(), Key: key,
	}
	if c != nil && c.Checkpoint != "" {
		system.Checkpoint = place(c.Checkpoint)
	}
	folder, err := (*runs.Writer)(nil), fs.ErrNotExist
	if from != nil {
		folder, err = runs.Continue(f.Runs, config, system, from.k, from.evaluated)
	}
	if errors.Is(err, fs.ErrNotExist) {
		folder, err = runs.Create(f.Runs, what, seed, config, system)
	}
	switch {
	case errors.Is(err, checkpoint.ErrInUse):
		return nil, &failure{exitFailure, fmt.Errorf("--runs: %s", inFlags(err.Error())), "wait for that run to end"}
	case err != nil:
		return nil, fmt.Errorf("--runs: the run cannot be kept in %s: %s", f.Runs, inFlags(err.Error()))
	}
	return folder, nil
}

// endingOf says how a run ended.
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

// closeFolder completes the folder of a run and says so.
func (w *world) closeFolder(folder *runs.Writer, runErr error) error {
	if folder == nil {
		return nil
	}
	err := folder.Close(w, w.endingOf(runErr))
	if err == nil {
		w.say("the run is in %s\n", folder.Path())
	}
	return err
}

// withTokens is a point in a line that counts the tokens, too; as it is where a term has none.
func withTokens(p train.Point, tokens int) any {
	text, err := json.Marshal(p)
	if err != nil || tokens == 0 {
		return p
	}
	return json.RawMessage(fmt.Appendf(bytes.TrimSuffix(text, []byte("}")), `,"tokens":%d}`, tokens*p.Grads))
}
