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

// record is the file of --record while the run goes on; nil for none. The file is made, or truncated, with the first point.
type record struct {
	ctx    context.Context
	path   string
	method string
	sums   map[string]string // how gradients are added up
	before int64             // the bytes of the lines of the run that this one goes on with, which stay
	file   *os.File
	lines  *json.Encoder
	failed error // of a line behind the first
}

// openRecord returns the record of a run that is new, or goes on from step k with one that has been evaluated up to a step: what stands
// behind them is of a stretch that the run makes again. A file that is no record of the run is refused.
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
		return nil, usage("name another file", "%s is no record of the run that goes on", path)
	case last < evaluated:
		w.say("%s lacks the points before step %d, which the checkpoint has behind it\n", path, evaluated)
	}
	return r, nil
}

// upTo returns where the lines of a record end that are of steps up to k, and of evaluations up to another one, and the last step that these
// hold; −1 for none.
func upTo(text []byte, k, evaluated int) (end, last int) {
	last = -1
	for line := range bytes.Lines(text) {
		var about struct{ Step, Grads *int } // evaluations count gradients
		if json.Unmarshal(line, &about) != nil || about.Step == nil || *about.Step > k || about.Grads != nil && *about.Step > evaluated {
			break
		}
		if end += len(line); about.Grads != nil {
			last = *about.Step
		}
	}
	return end, last
}

// add writes a line, such as a train.Point, which is in the file when add returns. If the file cannot be made, the run has not begun, and the
// error ends it; a failure behind that is kept until the run has ended.
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

// open opens the file behind the lines that stay.
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

// truncate takes what stands behind so many bytes out of a file, and goes there.
func truncate(f *os.File, end int64) error {
	if err := f.Truncate(end); err != nil {
		return err
	}
	_, err := f.Seek(end, io.SeekStart)
	return err
}

// begin writes the first line, with what made the record: the method, this program and the instructions that it computes with.
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

// rewind takes the lines of a run that goes back to step k, evaluated up to another, out of the file again. What has gone to a reader stays.
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

// close completes the file and says so.
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

// progressTable prints points as a run goes on, each at twice the step of the one before or later, so that a run of any
// length is readable. A nil table prints nothing.
type progressTable struct {
	w           io.Writer
	bar         *progress // for the time left
	progressive bool      // whether that loss stands in the place of f
	excess      string    // head of the column of excesses, empty for none
	held        []heldOut
	next        int // step to print
	shown       int // step printed last
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

// last prints the end of the run if show has not.
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

// row writes a point and the time left, "" if that is unknown.
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

// figure writes a loss, of which there is none before the first step.
func figure(v float64) string {
	if math.IsNaN(v) {
		return "—"
	}
	return fmt.Sprintf("%.5g", v)
}
