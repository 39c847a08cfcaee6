package cli

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"steepest/checkpoint"
	"steepest/data"
	"steepest/internal/decimal"
	"steepest/methods"
	"steepest/optim"
	"steepest/param"
	"steepest/train"
)

// checkpointFlags say where and when a command saves its state, so that it can resume after an interruption.
type checkpointFlags struct {
	Checkpoint      string `group:"output" placeholder:"DIR" help:"Save the progress regularly in this folder, so that --resume continues after an interruption with the same bits."`
	CheckpointEvery string `group:"output" default:"30s" placeholder:"${interval}" help:"Interval between saves (${default})."`
	Keep            int    `group:"output" default:"2" placeholder:"N" help:"Checkpoints to keep: with 2 or more there is one to fall back on (${default})."`
	Resume          bool   `group:"output" help:"Continue from the checkpoint in the folder, if there is one; a race also continues its unfinished runs."`
}

// interval reads --checkpoint-every: a time, or a number of steps. The other result is 0.
func (f *checkpointFlags) interval() (every time.Duration, steps int, err error) {
	if steps, err = strconv.Atoi(decimal.Whole(f.CheckpointEvery)); err == nil && steps > 0 {
		return 0, steps, nil
	}
	if every, err = time.ParseDuration(f.CheckpointEvery); err == nil && every >= 0 {
		return every, 0, nil
	}
	return 0, 0, usage("", "--checkpoint-every: %q is neither a time such as 30s nor a number of steps", f.CheckpointEvery)
}

// store is the folder of --checkpoint while a command runs; nil for none.
type store struct {
	*checkpoint.Folder
	path   string
	about  json.RawMessage
	warned bool
	hinted sync.Once
}

// open opens the folder. It returns the checkpoint from which the command resumes; nil if there is none. The identity in the checkpoint must be
// equal to about(). If ranks share the folder, each loads its rows.
func (f *checkpointFlags) open(w *world, about func() any, ranks checkpoint.Ranks, rows checkpoint.Rows) (*store, *checkpoint.Snapshot, error) {
	if f.Checkpoint == "" {
		return nil, nil, nil
	}
	text, err := json.Marshal(about())
	if err != nil {
		return nil, nil, err
	}
	var folder *checkpoint.Folder
	if ranks == nil {
		folder, err = checkpoint.Open(f.Checkpoint, f.Keep)
	} else {
		folder, err = checkpoint.OpenTogether(f.Checkpoint, f.Keep, ranks)
	}
	if failed := unmade("checkpoint", err); failed != nil {
		return nil, nil, failed
	} else if err != nil {
		hint := ""
		if errors.Is(err, checkpoint.ErrInUse) {
			hint = "give each run a folder of its own"
		}
		return nil, nil, &failure{exitFailure, reworded(err), hint}
	}
	s := &store{Folder: folder, path: f.Checkpoint, about: text}
	saved, err := s.load(w, f.Resume, rows)
	if err != nil {
		folder.Close()
		return nil, nil, err
	}
	if saved != nil {
		s.about = w.keepInstructions(saved.Meta, s.about)
	}
	return s, saved, nil
}

// load returns the checkpoint from which the command resumes.
func (s *store) load(w *world, resume bool, rows checkpoint.Rows) (*checkpoint.Snapshot, error) {
	saved, skipped, err := s.Load(rows)
	switch {
	case errors.Is(err, checkpoint.ErrNone):
		return nil, nil
	case err != nil:
		return nil, &failure{exitData, reworded(err), "another folder starts anew"}
	case !resume:
		return nil, usage("--resume goes on with it, and another folder keeps both",
			"%s holds a run that has made %d steps", s.path, saved.Step)
	}
	for _, fault := range skipped {
		w.say("%s; the checkpoint before it is used\n", inFlags(fault.Error()))
	}
	if difference := differ(saved.Meta, s.about); difference != "" {
		return nil, usage("another folder starts anew", "the checkpoint in %s is of another run: %s", s.path, difference)
	}
	return saved, nil
}

// save saves a snapshot by a method of the folder. If it fails, the previous checkpoint remains.
func (s *store) save(w *world, snapshot checkpoint.Snapshot, by func(checkpoint.Snapshot) error) error {
	snapshot.Meta = s.about
	return s.warn(w, by(snapshot))
}

// warn reports the first failure of a save, and returns the error.
func (s *store) warn(w *world, err error) error {
	if err != nil && !s.warned {
		s.warned = true
		w.warn("%s", inFlags(err.Error()))
	}
	return err
}

// hint prints the command that resumes, once: a command may end while it is abandoned.
func (s *store) hint(w *world) {
	s.hinted.Do(func() {
		command := commandLine(w.args)
		if !strings.Contains(command, " --resume") && !strings.Contains(command, " -resume") {
			command += " --resume"
		}
		w.say("go on with: %s\n", command)
	})
}

// differ returns the first difference between two identities in JSON; "" if they are equal.
func differ(saved, now []byte) string {
	a, err := exactly(saved)
	b, other := exactly(now)
	if err != nil || other != nil {
		return "it was saved by another program"
	}
	return difference("", a, b)
}

// exactly reads an object of JSON, and keeps the spelling of its numbers.
func exactly(text []byte) (m map[string]any, err error) {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	return m, d.Decode(&m)
}

func difference(name string, a, b any) string {
	x, isMap := a.(map[string]any)
	y, other := b.(map[string]any)
	if isMap || other { // one of the two may be missing
		keys := make(map[string]any)
		maps.Copy(keys, x)
		maps.Copy(keys, y)
		for _, key := range slices.Sorted(maps.Keys(keys)) {
			if d := difference(strings.TrimSpace(name+" "+strings.ReplaceAll(key, "_", " ")), x[key], y[key]); d != "" {
				return d
			}
		}
		return ""
	}
	was, is := fmt.Sprint(a), fmt.Sprint(b)
	for _, group := range []string{"options ", "problem ", "methods "} {
		name = strings.TrimPrefix(name, group)
	}
	switch {
	case was == is || name == "instructions":
		return ""
	case name == "data":
		return "it was fitted to other data"
	case strings.HasPrefix(name, "held out "):
		return fmt.Sprintf("its %s set was another", strings.TrimPrefix(name, "held out "))
	}
	return fmt.Sprintf("its %s was %s, and is %s here", name, orNothing(was), orNothing(is))
}

// orNothing returns the text of a value, or words for a missing one.
func orNothing(text string) string {
	if text == "<nil>" {
		return "not given"
	}
	return text
}

// identity holds everything that the bits of a run depend on. It must be the same when the run resumes.
type identity struct {
	Command string            `json:"command"`
	Method  string            `json:"method"`
	Options map[string]string `json:"options,omitempty"`
	Problem problemJSON       `json:"problem"`
	Data    string            `json:"data,omitempty"`     // hash of the data
	Held    map[string]string `json:"held_out,omitempty"` // hash of each held-out set
	Batch   int               `json:"batch"`
	// MicroBatches is 0 if batches are not cut.
	MicroBatches int        `json:"micro_batches,omitempty"`
	Local        *localJSON `json:"local,omitempty"`
	Compress     string     `json:"compress,omitempty"`
	Reduce       string     `json:"reduce,omitempty"` // "" for sums along the tree
	Sampling     string     `json:"sampling"`
	Seed         uint64     `json:"seed"`
	Average      string     `json:"average"`
	Budget       int        `json:"budget,omitempty"` // steps of the budget, if the run depends on them before its end
	Precision    string     `json:"precision"`
	// Instructions may differ; see keepInstructions.
	Instructions string `json:"instructions,omitempty"`
}

// hash stores the hashes of a sample; nil stands for no data.
func (id *identity) hash(s *sample) {
	if s == nil {
		return
	}
	id.Data, id.Held = s.hash(), make(map[string]string)
	for _, h := range s.held {
		id.Held[h.name] = hashOf(h.set)
	}
}

// hash returns a hash of the data. For a cache it is the checksum of the cache.
func (s *sample) hash() string {
	if s.cache != nil {
		return fmt.Sprintf("cache %08x", s.cache.Sum)
	}
	return hashOf(s.set)
}

// hashOf returns the SHA-256 of the numbers of a set, shortened.
func hashOf(set *data.Set) string {
	h := sha256.New()
	rows, cols := set.X.Dims()
	fmt.Fprintln(h, rows, cols)
	switch x := set.X.(type) {
	case *data.Dense:
		hashTo(h, x.Data)
	case *data.Bytes:
		h.Write(x.Data) // never fails
	case *data.CSR:
		for i := range x.Rows {
			indices, values := x.Row(i)
			fmt.Fprintln(h, len(values))
			hashTo(h, indices)
			hashTo(h, values)
		}
	}
	hashTo(h, set.Y)
	hashTo(h, set.Weights)
	return fmt.Sprintf("%x", h.Sum(nil)[:8])
}

// hashTo writes numbers to a hash, in blocks so that it takes little memory.
func hashTo[E float64 | uint32](h hash.Hash, v []E) {
	for block := range slices.Chunk(v, 4096) {
		_ = binary.Write(h, binary.LittleEndian, block) // never fails
	}
}

// keeper saves a run between its steps. Without a store it does nothing.
type keeper[T param.Float] struct {
	*store
	w     *world
	run   *train.Run[T]
	every time.Duration
	steps int
	at    time.Time // of the last save
	saved int       // the step of the newest checkpoint; −1 for none
	early bool      // save the first step at once

	mutex  sync.Mutex
	ended  bool
	failed error // of the save at the end
}

// newKeeper opens the folder that the flags name. It restores the run that the folder holds, on all ranks. The identity of that run must be
// equal to about().
func newKeeper[T param.Float](w *world, c *checkpointFlags, about func() any, run *train.Run[T]) (*keeper[T], error) {
	if w.group != nil {
		if err := w.alike(about()); err != nil {
			return nil, err
		}
	}
	k, err := openKeeper(w, c, about, run)
	if err = w.agree(err); err != nil {
		return nil, err
	}
	run.Last = k.last
	return k, run.Follow(nil)
}

// cutInto returns the number of micro-batches of a step; 0 for whole batches.
func cutInto(s *train.Settings) int {
	if s.MicroBatches <= 1 {
		return 0
	}
	return s.MicroBatches
}

// compressedBy returns the compression of a run; "" for none.
func compressedBy(s *train.Settings) string {
	if !s.Compress.On() {
		return ""
	}
	return s.Compress.String()
}

// reducedBy returns how ranks add up gradients; "" if they add along the tree.
func reducedBy(s *train.Settings) string {
	if !s.AnyOrder {
		return ""
	}
	return "fast"
}

func openKeeper[T param.Float](w *world, c *checkpointFlags, about func() any, run *train.Run[T]) (*keeper[T], error) {
	k := &keeper[T]{w: w, run: run, at: time.Now(), saved: -1}
	var err error
	if k.every, k.steps, err = c.interval(); err != nil {
		return nil, err
	}
	var saved *checkpoint.Snapshot
	if k.store, saved, err = c.open(w, about, run.Ranks(), run.Rows()); err != nil || saved == nil {
		return k, err
	}
	state, err := train.StateOf[T](saved)
	if err == nil {
		err = run.Restore(state)
	}
	if err != nil {
		k.Close()
		return nil, badData("another folder starts anew", "the checkpoint in %s does not fit: %s", c.Checkpoint, inFlags(err.Error()))
	}
	w.say("goes on from step %d in %s\n", saved.Step, c.Checkpoint)
	k.saved = saved.Step
	return k, nil
}

// identityOf returns the part of a run's identity that its method and settings decide.
func identityOf(command string, m methods.Method, s *train.Settings) identity {
	return identity{
		Command: command, Method: m.Name, Options: optim.Options(m.Rule), Batch: s.Batch, MicroBatches: cutInto(s), Local: localIdentity(s.Local),
		Compress: compressedBy(s), Reduce: reducedBy(s), Sampling: s.Sampling.String(), Seed: s.Seed, Average: s.Average.Form.String(),
	}
}

// identity returns the identity of the run.
func (c *minimizeCmd) identity(j *job) identity {
	s := &j.settings
	id := identityOf("minimize", j.entrant.Method, s)
	id.Problem, id.Precision, id.Instructions = describeJSON(j.problem, j.start), c.Precision, bitsDependOn(j.problem, j.entrant)
	id.hash(j.problem.sample())
	if s.Average.OfTheEnd() || id.Options["two-phase"] == "true" {
		id.Budget = s.Budget(j.entrant.Method.Rule, j.problem.sum().Len())
	}
	return id
}

// between saves the run if it is time to.
func (k *keeper[T]) between() error {
	due, err := k.run.Gather(k.due())
	if err != nil || !due || k.store == nil {
		return err
	}
	k.mutex.Lock()
	defer k.mutex.Unlock()
	if k.ended {
		return train.ErrHalted
	}
	_ = k.keep() // the run goes on, and the next save may succeed
	k.at = time.Now()
	return nil
}

// due reports whether it is time to save. Rank 0 decides for all ranks.
func (k *keeper[T]) due() bool {
	k.mutex.Lock()
	defer k.mutex.Unlock()
	return k.store != nil && !k.w.follows() && !k.ended && !k.run.Doubtful() &&
		(k.early && k.saved < 0 || k.steps > 0 && k.run.K()%k.steps == 0 || k.steps == 0 && time.Since(k.at) >= k.every)
}

// last gathers the state after the last step, while all ranks are there. If they divide the state, they save it here; otherwise rank 0 saves
// it in end.
func (k *keeper[T]) last() error {
	if _, err := k.run.Gather(k.store != nil); err != nil || k.store == nil || k.run.Ranks() == nil {
		return err
	}
	k.mutex.Lock()
	defer k.mutex.Unlock()
	switch step := k.run.K(); {
	case k.ended:
		return train.ErrHalted
	case step > 0 && step != k.saved && !k.run.Doubtful() && k.run.Status(k.w) != train.Diverged:
		k.failed = k.keep()
	}
	return nil
}

// keep saves the current state of the run.
func (k *keeper[T]) keep() error {
	snapshot := k.run.State().Snapshot(nil)
	by := k.Save
	if snapshot.Step == k.saved {
		by = k.Replace // an older step keeps its place
	}
	err := k.save(k.w, snapshot, by)
	if err == nil {
		k.saved = snapshot.Step
	}
	return err
}

// end saves the run at its end, unless the run made no step, diverged, or was interrupted within a step that has changed its state. After an
// interruption it prints how to resume. It returns the error of the save.
func (k *keeper[T]) end(err error) (failed error) {
	if k.store == nil {
		return nil
	}
	k.mutex.Lock()
	defer k.mutex.Unlock()
	k.ended = true
	defer k.Close()
	if errors.Is(err, train.ErrDiverged) {
		return nil
	}
	if k.run.Whole() && !k.run.Doubtful() && k.run.K() > 0 {
		k.failed = k.keep()
	}
	if failed = k.failed; failed == nil && k.saved >= 0 && k.w.interrupted(err) {
		if k.saved < k.run.K() {
			fmt.Fprintf(k.w.stderr, "the checkpoint is of step %d, since no run can continue from the state after it\n", k.saved)
		}
		k.hint(k.w)
	}
	return failed
}

// rollback returns the state of the newest checkpoint. The run then goes back to it.
func (k *keeper[T]) rollback() (train.State[T], error) {
	if k.store == nil {
		return train.State[T]{}, errors.New("there is no checkpoint, since --checkpoint names no folder")
	}
	saved, _, err := k.Load(k.run.Rows())
	if err != nil {
		return train.State[T]{}, err
	}
	return train.StateOf[T](saved)
}
