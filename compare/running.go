package compare

import (
	"errors"
	"fmt"
	"hash/crc32"
	"slices"

	"steepest/checkpoint"
	"steepest/optim"
	"steepest/param"
	"steepest/train"
)

// Running is a run that a race makes. Its snapshots hold the state of the train.Run and the points so far. In a later identical Race, the
// run of the same job continues from them with the same bits.
type Running interface {
	// K returns the number of steps made.
	K() int
	// Snapshot returns a copy of the state after the last whole step. It is for the goroutine of the run, and for any other one after Halt.
	Snapshot() checkpoint.Snapshot
	// Restore sets the run to a snapshot, before the first step. The error says why the snapshot is not one of this run. After
	// ErrOtherOptions the run can begin anew.
	Restore(*checkpoint.Snapshot) error
	// Halt ends the run, from any goroutine, and does not wait for the step that is being computed. It reports whether a run can continue
	// from the Snapshot: false if the unfinished step has changed the state, or a Guard doubts it.
	Halt() bool
}

// running is a Running in the precision of its problem.
type running[T param.Float] struct {
	*train.Run[T]
	record train.Recorder
	points *[]train.Point
	rule   optim.Rule
}

// ErrOtherOptions is the error of a Running whose snapshot was made with other options. Tuning may choose others when a race makes its trials
// again, for example when time limits them.
var ErrOtherOptions = errors.New("compare: the run was made with other options")

// Names of a snapshot: the points, one after the other, and the fingerprint of the rule. The names of the state of a train.Run are different.
const (
	pointsOfRun = "race/points"
	ruleOfRun   = "race/rule"
)

// fingerprint returns a checksum of the options of a rule.
func fingerprint(r optim.Rule) int {
	sum := crc32.NewIEEE()
	for _, f := range optim.Fields(r) {
		fmt.Fprintf(sum, "%q=%q\n", f.Name, f.Value)
	}
	return int(sum.Sum32())
}

func (r running[T]) Snapshot() checkpoint.Snapshot {
	state := r.State()
	points := []float64{}
	for _, p := range *r.points {
		if p.Step <= r.Evaluated() { // an interrupted run also measures its last point, which is not part of its state
			points = append(points, p.Numbers()...)
		}
	}
	state.Scalars[pointsOfRun] = points
	state.Counts[ruleOfRun] = fingerprint(r.rule)
	return state.Snapshot(nil)
}

func (r running[T]) Restore(s *checkpoint.Snapshot) error {
	state, err := train.StateOf[T](s)
	if err != nil {
		return err
	}
	last := r.Point()
	points, width := state.Scalars[pointsOfRun], len(last.Numbers())
	if len(points)%width != 0 {
		return errors.New("compare: the points of the run are not whole")
	}
	if state.Counts[ruleOfRun] != fingerprint(r.rule) {
		return ErrOtherOptions
	}
	delete(state.Scalars, pointsOfRun)
	if err := r.Run.Restore(state); err != nil {
		return err
	}
	var names []string
	for _, m := range last.Measured {
		names = append(names, m.Name)
	}
	for v := range slices.Chunk(points, width) {
		if err := r.record.Record(train.PointOf(v, names)); err != nil {
			return err
		}
	}
	return nil
}

func (r running[T]) Halt() bool {
	r.Run.Halt()
	return r.Whole() && !r.Doubtful()
}
