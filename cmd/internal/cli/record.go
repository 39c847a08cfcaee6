package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"math"
	"os"
	"strings"

	"steepest/train"
)

// record writes the file of --record; nil if there is none. The file is created or truncated when the first point is added.
type record struct {
	ctx    context.Context
	path   string
	method string
	sums   map[string]string // how gradients are added up
	before int64             // bytes of earlier lines to keep, if the run resumes
	file   *os.File
	lines  *json.Encoder
	failed error // the first error of a later line
}

// openRecord returns the record of a run that is new, or resumes at step k with evaluations up to the step evaluated. Later lines of the file
// are dropped, since the run makes these steps again. A file that is not a record of the run is an error.
func openRecord(w *world, path, method string, k, evaluated int) (*record, error) {
	if path == "" {
		return nil, nil
	}
	r := &record{ctx: w, path: path, method: method, sums: w.sums}
	if evaluated < 0 {
		return r, nil
	}
	text, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("the record cannot be read: %w", err)
	}
	end, last := upTo(text, k, evaluated)
	r.before = int64(end)
	switch {
	case len(text) > 0 && end == 0:
		return nil, usage("name another file", "%s is not the record of the run that goes on", path)
	case last < evaluated:
		w.say("%s lacks the points before step %d, which the checkpoint has behind it\n", path, evaluated)
	}
	return r, nil
}

// upTo returns the end of the lines of a record for steps up to k and evaluations up to the step evaluated, and the last step in these lines;
// −1 if there is none.
func upTo(text []byte, k, evaluated int) (end, last int) {
	last = -1
	for line := range bytes.Lines(text) {
		var about struct{ Step, Grads *int } // only lines of evaluations have Grads
		if json.Unmarshal(line, &about) != nil || about.Step == nil || *about.Step > k || about.Grads != nil && *about.Step > evaluated {
			break
		}
		if end += len(line); about.Grads != nil {
			last = *about.Step
		}
	}
	return end, last
}

// add writes a line, such as a train.Point. The line is in the file when add returns. If the file cannot be created, the error ends the run,
// which has not begun. A later error is kept until the run ends.
func (r *record) add(line any) error {
	if r == nil || r.failed != nil {
		return nil
	}
	if r.file == nil {
		f, err := r.open()
		if err != nil {
			return fmt.Errorf("the record cannot be written: %w", err)
		}
		r.file, r.lines = f, json.NewEncoder(f)
		if r.before == 0 {
			r.failed = r.begin(line)
			return nil
		}
	}
	r.failed = errors.Join(r.failed, r.lines.Encode(line))
	return nil
}

// open opens the file, to write after the lines to keep.
func (r *record) open() (*os.File, error) {
	if info, err := os.Stat(r.path); err == nil && !info.Mode().IsRegular() || isDescriptor(r.path) {
		return openInPlace(r.ctx, r.path)
	}
	f, err := os.OpenFile(r.path, os.O_WRONLY|os.O_CREATE, 0o666)
	if err != nil {
		return nil, err
	}
	if err := truncate(f, r.before); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}

// truncate cuts a file at a position, and seeks to it.
func truncate(f *os.File, end int64) error {
	if err := f.Truncate(end); err != nil {
		return err
	}
	_, err := f.Seek(end, io.SeekStart)
	return err
}

// begin writes the first line. It names the method, the program and the instruction set.
func (r *record) begin(line any) error {
	text, err := json.Marshal(line)
	if err != nil {
		return err
	}
	made := map[string]string{"method": r.method, "version": version(), "instructions": instructions()}
	maps.Copy(made, r.sums)
	about, err := json.Marshal(made)
	if err == nil {
		_, err = fmt.Fprintf(r.file, "%s,%s\n", bytes.TrimSuffix(text, []byte("}")), about[1:])
	}
	return err
}

// rewind removes the lines of later steps when the run goes back to step k, with evaluations up to the step evaluated. Lines in a pipe cannot be
// removed.
func (r *record) rewind(k, evaluated int) {
	if r == nil || r.file == nil || r.failed != nil {
		return
	}
	if info, err := r.file.Stat(); err != nil || !info.Mode().IsRegular() || isDescriptor(r.path) {
		return
	}
	text, err := os.ReadFile(r.path)
	if err == nil {
		end, _ := upTo(text, k, evaluated)
		err = truncate(r.file, int64(end))
	}
	r.failed = err
}

// close closes the file and prints its name.
func (r *record) close(w *world) error {
	if r == nil || r.file == nil {
		return nil
	}
	if err := errors.Join(r.failed, r.file.Close()); err != nil {
		return fmt.Errorf("the record cannot be written: %w", err)
	}
	w.say("wrote %s\n", r.path)
	return nil
}

// progressTable prints points of a run. The step at least doubles from one row to the next, so that a run of any length is readable. A nil
// table prints nothing.
type progressTable struct {
	w           io.Writer
	bar         *progress // estimates the remaining time
	progressive bool      // the rows show the progressive loss instead of f
	excess      string    // title of the column of f − f*; empty for none
	held        []heldOut
	next        int // the next step to print
	shown       int // the step printed last
}

func (t *progressTable) show(p train.Point) {
	if t == nil || p.Step < t.next {
		return
	}
	if t.next == 0 {
		t.head()
	}
	t.row(p, t.bar.left())
	t.next = max(1, 2*p.Step)
}

// last prints the end of the run, unless show has printed it.
func (t *progressTable) last(p train.Point) {
	if t != nil && p.Step != t.shown {
		t.row(p, "")
	}
}

func (t *progressTable) head() {
	var line strings.Builder
	fmt.Fprintf(&line, "%9s %8s %10s", "step", "epochs", "gradients")
	if !t.progressive {
		fmt.Fprintf(&line, " %12s", "f")
	}
	if t.excess != "" {
		fmt.Fprintf(&line, " %10s", t.excess)
	}
	for _, h := range t.held {
		fmt.Fprintf(&line, " %10s", h.name)
	}
	if t.progressive {
		fmt.Fprintf(&line, " %11s", "progressive")
	}
	fmt.Fprintf(t.w, "%s %10s %8s\n", &line, "step size", "seconds")
}

// row writes a point and the remaining time; "" if it is unknown.
func (t *progressTable) row(p train.Point, left string) {
	t.shown = p.Step
	var line strings.Builder
	fmt.Fprintf(&line, "%9d %8.4g %10d", p.Step, p.Epochs, p.Grads)
	if !t.progressive {
		fmt.Fprintf(&line, " %12.6g", p.Loss)
	}
	if t.excess != "" {
		fmt.Fprintf(&line, " %10.3g", p.Excess)
	}
	for _, m := range p.Measured {
		fmt.Fprintf(&line, " %*s", max(10, len(m.Name)), figure(m.Value))
	}
	lr := "—"
	if !math.IsNaN(p.LR) {
		lr = fmt.Sprintf("%.3g", p.LR)
	}
	fmt.Fprintf(&line, " %10s %8.3f", lr, p.Seconds)
	if left != "" {
		left = "  " + left
	}
	fmt.Fprintf(t.w, "%s%s\n", &line, left)
}

// figure formats a loss, or — for NaN: before the first step there is no loss.
func figure(v float64) string {
	if math.IsNaN(v) {
		return "—"
	}
	return fmt.Sprintf("%.5g", v)
}
