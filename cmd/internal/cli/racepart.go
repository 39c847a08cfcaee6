package cli

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"steepest/checkpoint"
	"steepest/compare"
	"steepest/train"
)

// partsFolder is the folder with the unfinished runs of a race, each in a checkpoint folder of its own. It is inside that of --checkpoint.
const partsFolder = "unfinished"

// racePart is an unfinished run of a race.
type racePart struct {
	store                 // its Folder is nil if no process has saved the run
	saved bool            // whether a checkpoint exists
	last  time.Time       // of the last save, or of the start
	run   compare.Running // nil if the run has not begun, or has been halted
}

// part returns the unfinished run of a job, and adds it if it is new.
func (k *raceKeeper) part(job string) *racePart {
	path := filepath.Join(k.path, partsFolder, partName(job))
	if k.parts[path] == nil {
		k.parts[path] = &racePart{store: store{path: path, about: k.about}}
	}
	return k.parts[path]
}

// partName returns the name of a job's folder: a hash, since the name of a job may hold any characters.
func partName(job string) string {
	sum := sha256.Sum256([]byte(job))
	return fmt.Sprintf("%x", sum[:8])
}

// findParts finds and verifies the unfinished runs that an earlier process has saved. It removes those that have finished since. A run of which
// all checkpoints are damaged begins anew.
func (k *raceKeeper) findParts(resume bool) error {
	finished := make(map[string]bool)
	for job := range k.done {
		finished[partName(job)] = true
	}
	folder := filepath.Join(k.path, partsFolder)
	entries, err := os.ReadDir(folder)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	for _, entry := range entries {
		if !entry.IsDir() {
			continue // not a file of ours
		}
		path := filepath.Join(folder, entry.Name())
		if finished[entry.Name()] {
			if err := os.RemoveAll(path); err != nil {
				return err
			}
			continue
		}
		opened, err := checkpoint.Open(path, k.copies)
		if err != nil {
			return err
		}
		part := &racePart{store: store{Folder: opened, path: path, about: k.about}}
		saved, err := part.load(k.w, resume, nil) // and not kept, since all together may not fit into memory
		switch part.saved = err == nil && saved != nil; {
		case part.saved:
			if len(k.done)+k.unfinished() == 0 {
				k.about = k.w.keepInstructions(saved.Meta, k.about)
			}
			k.parts[path] = part
		case resume && errors.Is(err, checkpoint.ErrDamaged):
			k.w.warn("%s\nthis unfinished run of the race begins anew", err)
			k.parts[path] = part // so that its folder is removed when the run has ended
		default:
			part.close()
			if err != nil {
				return err
			}
		}
	}
	for _, part := range k.parts {
		part.about = k.about // whose instructions a part may have changed
	}
	return nil
}

// keep restores a run from its folder, if it has one. It returns the function that saves the run between its steps.
func (k *raceKeeper) keep(job string, run compare.Running) (between func() error, err error) {
	k.mutex.Lock() // so that only one snapshot is in memory
	defer k.mutex.Unlock()
	if k.ended {
		return func() error { return train.ErrHalted }, nil
	}
	part := k.part(job)
	if part.saved {
		saved, _, err := checkpoint.Load(part.path)
		if err == nil {
			err = run.Restore(saved)
		}
		if err != nil && !errors.Is(err, compare.ErrOtherOptions) { // with other options the run begins anew
			return nil, fmt.Errorf("%s: the checkpoint in %s does not fit: %w", job, part.path, err)
		}
	}
	part.run, part.last = run, time.Now()
	return func() error { return k.between(part) }, nil
}

// between saves an unfinished run if a save is due. After an interruption it saves the run and ends it.
func (k *raceKeeper) between(part *racePart) error {
	interrupted := k.w.Err() != nil
	if !interrupted && time.Since(part.last) < k.every {
		return nil
	}
	k.mutex.Lock()
	defer k.mutex.Unlock()
	if k.ended || part.run == nil {
		return train.ErrHalted
	}
	k.saveFresh() // before an unfinished run, whose options may follow from finished trials
	if interrupted {
		k.halt(part)
		return train.ErrHalted
	}
	k.savePart(part)
	part.last = time.Now()
	return nil
}

// halt ends an unfinished run, and saves it if it can continue from its last whole step.
func (k *raceKeeper) halt(part *racePart) {
	if part.run != nil && part.run.Halt() && part.run.K() > 0 {
		k.savePart(part)
	}
	part.run = nil
}

// savePart saves an unfinished run. If it fails, the race continues: the next save may succeed.
func (k *raceKeeper) savePart(part *racePart) {
	var err error
	if part.Folder == nil {
		if part.Folder, err = checkpoint.Open(part.path, k.copies); err != nil {
			_ = part.warn(k.w, err)
			return
		}
	}
	if part.save(k.w, part.run.Snapshot(), part.Save) == nil {
		part.saved = true
	}
}

// unfinished returns the number of unfinished runs that are saved.
func (k *raceKeeper) unfinished() (n int) {
	for _, part := range k.parts {
		if part.saved {
			n++
		}
	}
	return n
}

// dropPart forgets the unfinished run of a job that has ended. Its folder is removed by the next save of the finished runs.
func (k *raceKeeper) dropPart(job string) {
	part := k.part(job)
	part.close()
	if part.saved || part.Folder != nil {
		k.stale = append(k.stale, part.path)
	}
	delete(k.parts, part.path)
}

// close releases the folder.
func (p *racePart) close() {
	if p.Folder != nil {
		p.Close()
	}
}
