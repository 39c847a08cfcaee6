package cli

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"steepest/compare"
	"steepest/internal/plural"
	"steepest/optim"
	"steepest/runs"
	"steepest/theory"
	"steepest/train"
)

// raceFolders keeps the counted runs of a race, each in its own folder.
type raceFolders struct {
	w       *world
	command *compareCmd
	about   raceIdentity
	race    *compare.Race
	goesOn  bool   // whether the race resumes one of an earlier process
	began   string // the time of the start of its first process, which identifies the race

	mutex  sync.Mutex
	paths  map[string][]string // the folders of the runs in --runs, by method
	open   map[*raceFolder]bool
	lost   error    // the first write error
	missed []string // the runs that are not recorded
	cause  error    // why the first of them is not
}

// raceConfig is the configuration of a run of a race.
type raceConfig struct {
	identity
	budget
	Entrant string `json:"entrant"`
	Race    string `json:"race"`
}

// newRaceFolders makes the race keep its runs if the flags ask for that; otherwise it returns nil.
func newRaceFolders(w *world, c *compareCmd, race *compare.Race, p problem, start string, goesOn bool) (*raceFolders, error) {
	if c.keepFlags == (keepFlags{}) {
		return nil, nil
	}
	for _, to := range []flagPath{{"runs", c.Runs}, {"tensorboard", c.TensorBoard}} {
		if to.path == "" {
			continue
		}
		if err := os.MkdirAll(to.path, 0o777); err != nil {
			return nil, keepError(to.flag, to.path, err)
		}
	}
	f := &raceFolders{w: w, command: c, about: c.identity(race, p, start), race: race, goesOn: goesOn, began: time.Now().Format("20060102-150405"), paths: make(map[string][]string), open: make(map[*raceFolder]bool)}
	if goesOn && c.Runs != "" {
		list, _ := runs.List(c.Runs) // without a list, the race is a new one
		for _, r := range list {
			if r.System.Checkpoint == place(c.Checkpoint) && r.Config["race"] != "" {
				f.began = r.Config["race"]
				break
			}
		}
	}
	race.Observe = f.observe
	return f, nil
}

// observe opens the folder of a run. If this fails, the race continues, and the run is not recorded.
func (f *raceFolders) observe(e *compare.Entry, seed uint64, finished bool) (compare.Observer, error) {
	config := raceConfig{f.about.identity, budgetOf(e.Spec(), &f.race.Settings), e.Name, f.began}
	config.Method, config.Seed, config.Options = e.Method.Name, seed, optim.Options(e.Rule)
	if e.Batch >= 0 {
		config.Batch = e.Batch
	}
	if e.Average != nil {
		config.Average = e.Average.Form.String()
	}
	var from *stand
	if f.goesOn {
		from = &stand{-1, -1, finished} // a run that is not whole is recorded again from its start
	}
	kept, err := f.command.keep(f.w, e.Name, e.Name+"/"+strconv.FormatUint(seed, 10), seed, &f.command.checkpointFlags, config, from)
	f.mutex.Lock()
	defer f.mutex.Unlock()
	if err != nil {
		if f.missed == nil {
			f.w.warn("%s; the race goes on", err)
			f.cause = err
		}
		f.missed = append(f.missed, fmt.Sprintf("%s with seed %d", e.Name, seed))
	}
	if f.command.Runs != "" && len(kept) > 0 {
		f.paths[e.Name] = append(f.paths[e.Name], kept[0].Path())
	}
	run := &raceFolder{f, kept}
	f.open[run] = true
	return run, nil
}

// raceFolder is the folder of one run.
type raceFolder struct {
	*raceFolders
	kept keeping
}

// Record adds a point.
func (f *raceFolder) Record(p train.Point) error {
	f.kept.add(withTokens(p, f.race.Tokens))
	return nil
}

// End closes the folder.
func (f *raceFolder) End(run compare.Run, err error) {
	ending := f.w.endingOf(err)
	switch {
	case run.Diverged:
		ending.Status = runs.Diverged
	case run.Failed != "":
		ending = runs.Ending{Status: runs.Failed, Message: run.Failed}
	}
	f.close(f, ending)
}

// close closes a folder; a second call does nothing.
func (f *raceFolders) close(run *raceFolder, e runs.Ending) {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	if !f.open[run] {
		return
	}
	delete(f.open, run)
	if err := run.kept.close(f.w, e); err != nil && f.lost == nil {
		f.lost = err
	}
}

// interrupted closes the folders of all unfinished runs, which may still be computing. It returns what could not be recorded.
func (f *raceFolders) interrupted() error {
	if f == nil {
		return nil
	}
	f.mutex.Lock()
	left := slices.Collect(maps.Keys(f.open))
	f.mutex.Unlock()
	for _, run := range left {
		f.close(run, runs.Ending{Status: runs.Interrupted})
	}
	f.mutex.Lock()
	defer f.mutex.Unlock()
	return f.unrecorded()
}

// unrecorded returns an error that says what could not be recorded; nil if everything is.
func (f *raceFolders) unrecorded() error {
	if f.missed == nil {
		return f.lost
	}
	const named = 5
	slices.Sort(f.missed)
	runs := strings.Join(f.missed[:min(named, len(f.missed))], ", ")
	if more := len(f.missed) - named; more > 0 {
		runs += fmt.Sprintf(" and %d more", more)
	}
	return errors.Join(f.lost, fmt.Errorf("%s not recorded: %s: %w", plural.Of(len(f.missed), "run"), runs, f.cause))
}

// end adds the bounds of the methods on f − f* to the folders, and says where the runs are. It returns what could not be recorded.
func (f *raceFolders) end(result *compare.Result) error {
	if f == nil {
		return nil
	}
	for i := range result.Entries {
		e := &result.Entries[i]
		var bounds []runs.Bound
		for _, b := range e.Bounds {
			if b.Drawn && b.Of != theory.GradientNorm { // which folders do not record
				bounds = append(bounds, runs.Bound{Name: b.Name, Printed: b.Form == theory.Printed, Steps: e.Steps(), Values: b.Values})
			}
		}
		if bounds == nil {
			continue
		}
		for _, path := range f.paths[e.Name] {
			if err := runs.WriteBounds(path, bounds); err != nil && f.lost == nil {
				f.lost = err
			}
		}
	}
	if err := f.unrecorded(); err != nil {
		return err
	}
	for _, dir := range []string{f.command.Runs, f.command.TensorBoard} {
		if dir != "" {
			f.w.say("%d runs are in %s\n", len(result.Entries)*result.Seeds, dir)
		}
	}
	return nil
}
