package cli

import (
	"maps"
	"slices"
	"strconv"
	"sync"
	"time"

	"steepest/compare"
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
	began   string // the time of the start, which identifies the race

	mutex sync.Mutex
	paths map[string][]string // the folders of the runs, by method
	open  map[*raceFolder]bool
	lost  error
}

// raceConfig is the configuration of a run of a race.
type raceConfig struct {
	identity
	budget
	Entrant string `json:"entrant"`
	Race    string `json:"race"`
}

// newRaceFolders makes the race keep its runs if the flags ask for that; otherwise it returns nil.
func newRaceFolders(w *world, c *compareCmd, race *compare.Race, p problem, start string, goesOn bool) *raceFolders {
	if c.keepFlags == (keepFlags{}) {
		return nil
	}
	f := &raceFolders{w: w, command: c, about: c.identity(race, p, start), race: race, goesOn: goesOn, began: time.Now().Format("20060102-150405"), paths: make(map[string][]string), open: make(map[*raceFolder]bool)}
	race.Observe = f.observe
	return f
}

// observe opens the folder of a run.
func (f *raceFolders) observe(e *compare.Entry, seed uint64) (compare.Observer, error) {
	config := raceConfig{f.about.identity, budgetOf(e.Spec(), &f.race.Settings), e.Name, f.began}
	config.Method, config.Seed, config.Options = e.Method.Name, seed, make(map[string]string)
	for _, field := range optim.Fields(e.Rule) {
		config.Options[field.Name] = field.Value
	}
	if e.Batch >= 0 {
		config.Batch = e.Batch
	}
	if e.Average != nil {
		config.Average = e.Average.Form.String()
	}
	var from *stand
	if f.goesOn {
		from = &stand{-1, -1} // the run is recorded again from its start
	}
	kept, err := f.command.keep(f.w, e.Name, e.Name+"/"+strconv.FormatUint(seed, 10), seed, &f.command.checkpointFlags, config, from)
	if err != nil {
		return nil, err
	}
	f.mutex.Lock()
	defer f.mutex.Unlock()
	f.paths[e.Name] = append(f.paths[e.Name], kept.folder())
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

// interrupted closes the folders of all unfinished runs, which may still be computing. It returns the first write error of all folders.
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
	return f.lost
}

// end adds the bounds of the methods on f − f* to the folders, and says where the runs are. It returns the first write error of all folders.
func (f *raceFolders) end(result *compare.Result) error {
	if f == nil {
		return nil
	}
	n := 0
	for i := range result.Entries {
		e := &result.Entries[i]
		var bounds []runs.Bound
		for _, b := range e.Bounds {
			if b.Drawn && b.Of != theory.GradientNorm { // which folders do not record
				bounds = append(bounds, runs.Bound{Name: b.Name, Printed: b.Form == theory.Printed, Steps: e.Steps(), Values: b.Values})
			}
		}
		for _, path := range f.paths[e.Name] {
			n++
			if bounds == nil || path == "" {
				continue
			}
			if err := runs.WriteBounds(path, bounds); err != nil && f.lost == nil {
				f.lost = err
			}
		}
	}
	for _, dir := range []string{f.command.Runs, f.command.TensorBoard} {
		if f.lost == nil && dir != "" {
			f.w.say("%d runs are in %s\n", n, dir)
		}
	}
	return f.lost
}
