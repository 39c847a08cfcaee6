package cli

import (
	"errors"
	"fmt"
	"math"
	"math/bits"
	"slices"
	"strings"
	"time"

	"steepest/internal/memory"
	"steepest/optim"
	"steepest/train"
)

// status reports the progress of pretrain: in rows of a table, on a terminal in a changing line below them, and in the record.
type status struct {
	w      *world
	quiet  bool
	run    *pretraining
	record *record
	kept   keeping

	first    int // the step at which this process started
	k        int // the last step
	seen     train.Gradient
	measures []float64  // the last measurement; nil before the first
	bad      []incident // the skipped steps in a row up to k
	skipping bool       // whether the current step is skipped

	last   time.Time // the end of the last step and its evaluation
	all    stretch   // the steps of this process
	recent stretch   // the steps since the last row
	rowAt  int       // the step of the last row
	drawn  time.Time // when the line below the table was drawn
}

// stretch is a number of steps and the time they took.
type stretch struct {
	steps int
	time  time.Duration
}

func (p *stretch) add(d time.Duration) { p.steps, p.time = p.steps+1, p.time+d }

// rate converts an amount per step to an amount per second.
func (p stretch) rate(each float64) float64 { return each * float64(p.steps) / p.time.Seconds() }

// incident is the entry of a skipped step in a record.
type incident struct {
	Reason  string   `json:"reason"`
	Windows []uint32 `json:"windows,omitempty"` // empty for all windows
}

// stepJSON is the line of a step in a record.
type stepJSON struct {
	Step     int       `json:"step"`
	Tokens   int64     `json:"tokens"`
	Loss     real      `json:"loss"`
	Smoothed real      `json:"smoothed"`
	Norm     real      `json:"norm"`
	LR       real      `json:"lr"`
	Skipped  *incident `json:"skipped,omitempty"`
}

// backJSON is the line for the step to which a run went back.
type backJSON struct {
	Step    int        `json:"step"`
	From    int        `json:"back_from"`
	Skipped []incident `json:"skipped"`
}

func newStatus(w *world, c *pretrainCmd, p *pretraining) *status {
	return &status{w: w, quiet: c.Quiet, run: p}
}

// begin notes that the run starts at step k.
func (s *status) begin(k int) {
	s.first, s.k, s.rowAt, s.last = k, k, -1, time.Now()
	if s.quiet {
		return
	}
	held := ""
	for _, m := range s.run.settings.Evaluate {
		held += fmt.Sprintf(" %10s", m.Name)
	}
	fmt.Fprintf(s.w.stderr, "%8s %12s %8s %8s%s %9s %8s %9s %8s %9s %8s\n",
		"step", "tokens", "loss", "smoothed", held, "step size", "gradient", "tokens/s", "GFLOP/s", "memory", "left")
}

// stepped notes that k steps are complete.
func (s *status) stepped(k int, seen train.Gradient) {
	took := time.Since(s.last)
	s.all.add(took)
	s.recent.add(took)
	s.seen = seen
	if k > s.k { // not after going back
		line := stepJSON{k, s.tokens(k), real(seen.Loss), real(seen.Smoothed), real(seen.Norm), real(seen.LR), nil}
		if s.skipping {
			line.Skipped = &s.bad[len(s.bad)-1]
		}
		_ = s.record.add(line) // which is told when it is closed
		s.kept.add(line)
	}
	if s.k = k; !s.skipping {
		s.bad = nil
	}
	s.skipping = false
	switch {
	case s.quiet:
	case k < s.run.settings.EvaluateEvery && bits.OnesCount(uint(k)) == 1:
		s.row()
	case s.w.stderr.tty && time.Since(s.drawn) >= redrawn:
		s.draw()
	}
}

// resume starts the clock of the steps again.
func (s *status) resume() { s.last = time.Now() }

// measured notes an evaluation.
func (s *status) measured(p train.Point) {
	s.k, s.measures = p.Step, s.measures[:0]
	for _, m := range p.Measured {
		s.measures = append(s.measures, m.Value)
	}
	if !s.quiet {
		s.row()
	}
	s.resume()
}

// skipped notes a skipped step.
func (s *status) skipped(i train.Incident) {
	reason := i.Reason.Error()
	var bad *optim.NonfiniteError
	if errors.As(i.Reason, &bad) {
		reason = bad.Finding()
	}
	s.bad = append(s.bad, incident{reason, slices.Clone(i.Batch)})
	s.skipping = true
	s.w.say("step %d is skipped: %s; %s\n", i.Step+1, reason, windowsText(i.Batch))
}

// windowsText names the windows of a batch, but only a few if there are many.
func windowsText(batch []uint32) string {
	const most = 16
	if batch == nil {
		return "its batch is the whole text"
	}
	text := strings.Trim(fmt.Sprint(batch[:min(most, len(batch))]), "[]")
	if len(batch) > most {
		text += fmt.Sprintf(" and %d more", len(batch)-most)
	}
	return "its windows are " + text
}

// wentBack notes that the run goes back from one step to another, with evaluations up to step evaluated.
func (s *status) wentBack(from, to, evaluated int) {
	s.w.say("%d steps in a row were bad: the run goes back to step %d and continues after their windows\n", len(s.bad), to)
	s.record.rewind(to, evaluated)
	s.kept.back(to, evaluated)
	_ = s.record.add(backJSON{to, from + 1, s.bad}) // which is told when it is closed
	s.bad, s.skipping = nil, false
}

// end writes the last row, unless it is written already.
func (s *status) end(p train.Point) {
	if s.quiet || p.Step == s.rowAt {
		s.w.stderr.below("")
		return
	}
	s.measured(p)
}

// tokens returns the number of tokens of k steps.
func (s *status) tokens(k int) int64 { return int64(k) * int64(s.run.tokens()) }

// row writes a row of the table.
func (s *status) row() {
	fmt.Fprintln(s.w.stderr, s.text(s.recent))
	s.rowAt, s.recent = s.k, stretch{}
}

// draw writes the line below the table.
func (s *status) draw() {
	s.w.stderr.below(s.text(s.all))
	s.drawn = time.Now()
}

// text formats a row, with the pace of a stretch of steps.
func (s *status) text(of stretch) string {
	text := fmt.Sprintf("%8d %12d %8s %8s", s.k, s.tokens(s.k), decimals(s.seen.Loss, s.k > s.first), decimals(s.seen.Smoothed, s.k > s.first))
	for i := range s.run.settings.Evaluate {
		if i < len(s.measures) && s.measuredNow() {
			text += fmt.Sprintf(" %10s", decimals(s.measures[i], !math.IsNaN(s.measures[i])))
		} else {
			text += fmt.Sprintf(" %10s", "—")
		}
	}
	if of.steps == 0 {
		return text
	}
	return text + fmt.Sprintf(" %9.3g %8.3g %9.4g %8.3g %9s %8s", s.seen.LR, s.seen.Norm, of.rate(float64(s.run.tokens())),
		of.rate(s.run.flops())/1e9, memory.Text(memory.Resident()), s.left())
}

// measuredNow reports whether the last measurement belongs to the last step.
func (s *status) measuredNow() bool {
	return s.k%s.run.settings.EvaluateEvery == 0 || s.k == s.run.steps
}

// decimals formats a loss, or — if it is unknown.
func decimals(v float64, known bool) string {
	if !known {
		return "—"
	}
	return fmt.Sprintf("%.4f", v)
}

// left returns the time to the end of the budget at the pace so far.
func (s *status) left() string {
	var left time.Duration
	if s.run.steps < math.MaxInt {
		left = time.Duration(float64(s.run.steps-s.k) / float64(s.all.steps) * float64(s.all.time))
	}
	if limit := s.run.settings.Runtime; limit > 0 && (s.run.steps == math.MaxInt || limit-s.all.time < left) {
		left = limit - s.all.time
	}
	return max(0, left).Round(time.Second).String()
}
