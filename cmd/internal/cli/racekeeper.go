package cli

import (
	"context"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"steepest/checkpoint"
	"steepest/compare"
	"steepest/internal/plural"
	"steepest/optim"
	"steepest/train"
)

// raceKeeper saves the runs of a race: all finished ones together, and each unfinished one in a folder of its own. Without a store it does
// nothing.
type raceKeeper struct {
	*store
	w      *world
	every  time.Duration
	copies int      // of each checkpoint
	names  []string // names of the measurements

	mutex sync.Mutex
	done  map[string]compare.Run
	fresh bool                 // whether done has runs that are not saved
	parts map[string]*racePart // the unfinished runs, by their folders
	stale []string             // folders of runs that have ended, to be removed after the next save
	last  time.Time
	ended bool
}

// raceIdentity holds what must not change when a race resumes.
type raceIdentity struct {
	identity
	Methods map[string]map[string]string `json:"methods"` // the options of each, by name
	Seeds   int                          `json:"seeds"`
	Trials  int                          `json:"trials"`
	TuneBy  string                       `json:"tune_by,omitempty"`
	Target  float64                      `json:"target,omitempty"`
	Every   int                          `json:"every,omitempty"`
	Epochs  float64                      `json:"epochs,omitempty"`
	Steps   int                          `json:"steps,omitempty"`
	Time    time.Duration                `json:"time,omitempty"`
	Optimum float64                      `json:"optimum,omitempty"`
}

// newRaceKeeper opens the folder that the flags name, and gives the race the runs that the folder holds.
func newRaceKeeper(w *world, c *compareCmd, race *compare.Race, p problem, start string) (*raceKeeper, error) {
	k := &raceKeeper{w: w, copies: c.Keep, done: make(map[string]compare.Run), parts: make(map[string]*racePart), last: time.Now()}
	every, steps, err := c.interval()
	switch {
	case err != nil:
		return nil, err
	case steps > 0:
		return nil, usage("give a time such as 10s", "--checkpoint-every: a race is saved by time, and not by steps")
	}
	k.every = every
	for _, m := range race.Settings.Evaluate {
		if m.Name != "" {
			k.names = append(k.names, m.Name)
		}
	}
	var saved *checkpoint.Snapshot
	if k.store, saved, err = c.open(w, func() any { return c.identity(race, p, start) }, nil, nil); err != nil || k.store == nil {
		return k, err
	}
	if saved != nil {
		if k.done, err = k.runsOf(saved); err != nil {
			k.Close()
			return nil, badData("another folder starts anew", "the checkpoint in %s does not fit: %v", c.Checkpoint, err)
		}
	}
	if err := k.findParts(c.Resume); err != nil {
		k.Close()
		return nil, err
	}
	if len(k.done)+k.unfinished() > 0 {
		w.say("goes on from %s in %s\n", k.counts(), c.Checkpoint)
	}
	race.Finished = maps.Clone(k.done)
	race.Save, race.Keep = k.add, k.keep
	return k, nil
}

func (c *compareCmd) identity(race *compare.Race, p problem, start string) raceIdentity {
	s := &race.Settings
	id := raceIdentity{
		identity: identity{
			Command: "compare", Problem: describeJSON(p, start), Batch: s.Batch, Sampling: s.Sampling.String(), Seed: c.Seed,
			Average: s.Average.Form.String(), Precision: c.Precision,
			Instructions: bitsDependOn(p, race.Entrants...),
		},
		Methods: make(map[string]map[string]string), Seeds: c.Seeds, Trials: c.Trials, TuneBy: race.TuneBy, Target: c.Target,
		Every: c.Every, Epochs: s.Epochs, Steps: s.Steps, Time: s.Runtime,
	}
	if t, ok := p.(languageModel); ok {
		id.Data, id.Held, id.Precision, id.Instructions = t.data, t.heldHash, t.precision(), t.instructions()
	} else {
		id.hash(p.sample())
	}
	if race.Optimum != nil {
		id.Optimum = race.Optimum.F
	}
	for _, e := range race.Entrants {
		options := optim.Options(e.Method.Rule)
		options[""] = e.Spec()
		id.Methods[e.Name] = options
	}
	return id
}

// resumes reports whether an earlier process has saved runs, even if all checkpoints of one are damaged.
func (k *raceKeeper) resumes() bool { return len(k.done)+len(k.parts) > 0 }

// add keeps a run that has ended, and saves all finished runs when a save is due. A failed run is not kept.
func (k *raceKeeper) add(job string, run compare.Run) error {
	k.mutex.Lock()
	defer k.mutex.Unlock()
	if k.ended {
		return nil
	}
	k.dropPart(job)
	if run.Failed == "" {
		k.done[job], k.fresh = run, true
	}
	k.saveFresh()
	return nil
}

// saveFresh saves the finished runs if there are new ones and a save is due. If it fails, the race continues: the next save may succeed.
func (k *raceKeeper) saveFresh() {
	if k.fresh && time.Since(k.last) >= k.every {
		_ = k.saveDone()
		k.last = time.Now()
	}
}

// saveDone saves the finished runs. Then it removes the folders in which some of them were saved while they were unfinished.
func (k *raceKeeper) saveDone() error {
	if len(k.done) == 0 {
		return nil
	}
	if err := k.save(k.w, k.snapshot(), k.Save); err != nil {
		return err
	}
	k.fresh = false
	for _, path := range k.stale {
		_ = os.RemoveAll(path) // otherwise a race that resumes removes it, or continues from it if the run has failed
	}
	k.stale = nil
	_ = os.Remove(filepath.Join(k.path, partsFolder)) // if it is empty
	return nil
}

// end saves all runs. Unfinished ones may still be computing.
func (k *raceKeeper) end() error {
	k.mutex.Lock()
	defer k.mutex.Unlock()
	if k.store == nil || k.ended {
		return nil
	}
	k.ended = true
	defer k.Close()
	failed := k.saveDone() // first, since a second signal ends the program at once
	for _, part := range k.parts {
		k.halt(part)
		part.close()
	}
	return failed
}

// interrupted saves a race that may still be running, and returns the failure that says what is saved.
func (k *raceKeeper) interrupted() error {
	if err := k.end(); err != nil {
		return k.w.ended(0, true, context.Cause(k.w), err)
	}
	if k.store == nil {
		return k.w.interruption("--checkpoint DIR keeps what is finished; fewer --epochs, --trials, --seeds or methods take less time",
			"interrupted; a race is written when it is over, so nothing is")
	}
	if len(k.done)+k.unfinished() > 0 {
		k.hint(k.w)
	}
	return k.w.interruption("", "interrupted; saved: %s", k.counts())
}

// counts says how many runs are saved.
func (k *raceKeeper) counts() string {
	text := plural.Of(len(k.done), "finished run")
	if n := k.unfinished(); n > 0 {
		text += fmt.Sprintf(" and %d unfinished", n)
	}
	return text
}

// snapshot returns the runs as tensors. Each job has points (a row of numbers per point), x (where the run ended), seed, skipped (steps)
// and diverged (0 or 1).
func (k *raceKeeper) snapshot() checkpoint.Snapshot {
	tensors := make(map[string]checkpoint.Tensor)
	for job, run := range k.done {
		var points []float64
		for _, p := range run.Points {
			points = append(points, p.Numbers()...)
		}
		diverged := uint32(0)
		if run.Diverged {
			diverged = 1
		}
		tensors["points/"+job] = checkpoint.Tensor{Shape: []int{len(run.Points), len(points) / max(1, len(run.Points))}, Values: points}
		tensors["x/"+job] = checkpoint.Tensor{Shape: []int{len(run.X)}, Values: run.X}
		tensors["seed/"+job] = checkpoint.Tensor{Values: []int64{int64(run.Seed)}}
		tensors["skipped/"+job] = checkpoint.Tensor{Values: []int64{int64(run.Skipped)}}
		tensors["diverged/"+job] = checkpoint.Tensor{Values: []uint32{diverged}}
	}
	return checkpoint.Snapshot{Step: len(k.done), Tensors: tensors}
}

// runsOf is the inverse of snapshot.
func (k *raceKeeper) runsOf(s *checkpoint.Snapshot) (map[string]compare.Run, error) {
	runs := make(map[string]compare.Run)
	for name, t := range s.Tensors {
		if len(name) < 2 || name[:2] != "x/" {
			continue
		}
		job := name[2:]
		x, ok := t.Values.([]float64)
		points, okPoints := s.Tensors["points/"+job].Values.([]float64)
		seed, okSeed := s.Tensors["seed/"+job].Values.([]int64)
		skipped, okSkipped := s.Tensors["skipped/"+job].Values.([]int64)
		diverged, okDiverged := s.Tensors["diverged/"+job].Values.([]uint32)
		width := len(train.Point{}.Numbers()) + len(k.names)
		if !ok || !okPoints || !okSeed || !okSkipped || !okDiverged || len(seed) != 1 || len(skipped) != 1 || len(diverged) != 1 || len(points) == 0 || len(points)%width != 0 {
			return nil, fmt.Errorf("the run %q is not whole", job)
		}
		run := compare.Run{Seed: uint64(seed[0]), X: x, Skipped: int(skipped[0]), Diverged: diverged[0] == 1}
		for v := range slices.Chunk(points, width) {
			run.Points = append(run.Points, train.PointOf(v, k.names))
		}
		runs[job] = run
	}
	return runs, nil
}
