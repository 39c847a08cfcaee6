package cli

import (
	"fmt"
	"io"
	"math"
	"math/bits"
	"slices"
	"strings"
	"time"

	"steepest/internal/memory"
	"steepest/internal/plural"
	"steepest/internal/printable"
	"steepest/internal/simd"
	"steepest/objective"
	"steepest/optim"
	"steepest/train"
	"steepest/train/dist"
)

// needs holds the memory that a run of pretrain takes, in bytes.
type needs struct {
	ranks                                    int // that divide the state of the method; 1 if each process has all of it
	plan                                     optim.Plan
	parameters, state, activations, snapshot float64
}

// needs returns the memory that the run takes. saves says whether it makes checkpoints.
func (p *pretraining) needs(saves bool) (n needs, err error) {
	n.plan, err = train.NewPlan[float32](p.problem, p.entrant.Method.Rule, p.settings)
	if err != nil {
		return n, err
	}
	dim, ranks, pieces := objective.Dim(p.problem), 1, max(1, p.settings.MicroBatches)
	if p.settings.Group != nil {
		ranks = p.settings.Group.Size()
	}
	n.parameters = 4 * 3 * float64(dim) // x, its gradient, and an update or a result
	if l := p.settings.Local; l == nil {
		n.sum(p.settings.Compress, dim, pieces, ranks)
	} else {
		n.parameters *= 2 // the replicas share their own
		n.sum(p.settings.Compress, dim, l.Replicas, ranks)
		for range (l.Replicas + ranks - 1) / ranks {
			n.sum(dist.Compression{}, dim, pieces, 1) // of the micro-batches of a replica
		}
	}
	if n.ranks = 1; p.settings.Shard {
		n.ranks = ranks
	}
	n.state += float64(slices.Max(n.plan.StateBytes(n.ranks)))
	n.activations = p.problem.Memory(p.windows())
	if p.held != nil {
		n.activations += p.held.Memory(p.held.Len())
	}
	if saves {
		n.snapshot = 4*float64(objective.Dim(p.problem)) + n.state
	}
	return n, nil
}

// sum adds the memory that a dist.Sum takes for vectors of dim elements.
func (n *needs) sum(c dist.Compression, dim, pieces, ranks int) {
	own := (pieces + ranks - 1) / ranks
	if c.On() {
		n.state += 4 * float64(pieces) * float64(dim) // the error feedback of each piece
		n.parameters += float64(own) * float64(dist.Packed[float32](c, dim))
		return
	}
	n.parameters += 4 * float64(bits.Len(uint(own-1))) * float64(dim) // sums that wait on the levels of the tree
}

func (n needs) total() float64 { return n.parameters + n.state + n.activations + n.snapshot }

// refuse returns an error if the run needs more memory than is free.
func (n needs) refuse() error {
	return refuseSize("the run takes", n.total(),
		"take a smaller model, a method with less state, a smaller batch, a shorter --context or --recompute; --plan shows the parts")
}

func (n needs) String() string {
	state := "state of the method " + memory.Text(n.state)
	if n.ranks > 1 {
		state = fmt.Sprintf("the largest of %d parts of the state of the method %s", n.ranks, memory.Text(n.state))
	}
	text := fmt.Sprintf("%s: parameters and gradient %s, %s, activations %s", memory.Text(n.total()), memory.Text(n.parameters), state, memory.Text(n.activations))
	if n.snapshot > 0 {
		text += ", a checkpoint while it is saved " + memory.Text(n.snapshot)
	}
	return text
}

// flops returns the floating-point operations of the gradient of a step. A multiply-add counts as two.
func (p *pretraining) flops() float64 {
	return 2 * p.problem.FLOPs(p.windows()) * float64(p.settings.Local.Batches())
}

// describe describes the model and the text in a few lines.
func (p *pretraining) describe() string {
	var b strings.Builder
	line := func(name, format string, args ...any) {
		fmt.Fprintf(&b, "%-12s %s\n", name, printable.Text(fmt.Sprintf(format, args...)))
	}
	line("model", "%s", p.model())
	line("text", "%s", p.text())
	if p.problem.BF16 {
		speed := "which the instructions in use multiply"
		if !simd.HasBF16Products() {
			speed = "which the instructions in use do not multiply, so that float32 is faster"
		}
		line("products", "of operands rounded to bfloat16, %s", speed)
	}
	n, passes := p.windows(), (p.windows()+p.problem.Together()-1)/p.problem.Together()
	through := "which go through the network together"
	if passes > 1 {
		through = fmt.Sprintf("in %d passes, whose losses are summed and divided once by the tokens", passes)
	}
	line("batch", "%s, %s a step, %s", plural.Of(n, "window"), plural.Of(n*p.corpus.length, "token"), through)
	if l := p.settings.Local; l != nil {
		line("", "these are local steps; a step of the run is a round of %d of them in each of %d replicas, with %d tokens", l.Steps, l.Replicas, p.tokens())
	}
	if a := accumulated(p.entrant.Method.Rule); a > 1 {
		line("", "a step of the method, and of its schedule, takes %d of them", a)
	}
	return b.String()
}

// accumulated returns the number of gradients that a step of a rule accumulates.
func accumulated(rule optim.Rule) int {
	_, preparation := optim.Unprepared(rule)
	return preparation.Accumulate.Or(1)
}

// plan prints the plan of the run.
func (c *pretrainCmd) plan(w *world, p *pretraining, n needs) error {
	var b strings.Builder
	b.WriteString(p.describe())
	line := func(name, format string, args ...any) {
		fmt.Fprintf(&b, "%-12s %s\n", name, fmt.Sprintf(format, args...))
	}
	switch {
	case p.steps < math.MaxInt:
		tokens := float64(p.steps) * float64(p.tokens())
		line("budget", "%d steps, %.4g tokens, %.3g passes over the text", p.steps, tokens, tokens/float64(p.corpus.train.Len()*p.corpus.length))
		line("arithmetic", "%.3g FLOP, %.3g a step", float64(p.steps)*p.flops(), p.flops())
	default:
		line("budget", "%v", p.settings.Runtime)
		line("arithmetic", "%.3g FLOP a step", p.flops())
	}
	line("memory", "%v", n)
	tooLarge := n.refuse()
	if tooLarge == nil && p.steps < math.MaxInt {
		step, err := p.rehearse(w, c.Seed)
		if err != nil {
			return err
		}
		line("time", "about %s, by a step that was tried here: %s, %.3g GFLOP/s", span(float64(p.steps)*step.Seconds()), span(step.Seconds()), p.flops()/step.Seconds()/1e9)
	}
	fmt.Fprintf(&b, "\n%v", n.plan)
	if _, err := io.WriteString(w.stdout, b.String()); err != nil {
		return err
	}
	return tooLarge
}

// rehearse estimates the time of a step. It makes two steps on the windows of one pass and times the last. The gradient of one more pass gives
// the time of the remaining passes.
func (p *pretraining) rehearse(w *world, seed uint64) (time.Duration, error) {
	defer w.notice("trying two steps")()
	p.begin(seed)
	s := train.Settings{Batch: min(p.windows(), p.problem.Together()), Steps: 2 * accumulated(p.entrant.Method.Rule), Seed: seed, Evaluate: []train.Measure{}, EvaluateEvery: math.MaxInt}
	run, err := train.New[float32](p.problem, p.x0, p.entrant.Method.Rule, s)
	if err != nil {
		return 0, usage("", "%s", inFlags(err.Error()))
	}
	var took []time.Duration
	begun := time.Now()
	_, err = run.Finish(w, func() error {
		took, begun = append(took, time.Since(begun)), time.Now()
		return nil
	})
	switch {
	case w.interrupted(err):
		return 0, w.interruption("", "interrupted while a step is tried; nothing is written")
	case p.unreadable() != nil:
		return 0, badData("", "the text cannot be read: %s", inFlags(p.unreadable().Error()))
	case err != nil:
		return 0, fmt.Errorf("a step cannot be made: %s", inFlags(err.Error()))
	}
	gradient := p.gradientTime(s.Batch)
	passes := float64(p.windows()) / float64(s.Batch)
	return time.Duration(p.settings.Local.Batches()) * (took[len(took)-1] + time.Duration((passes-1)*float64(gradient))), nil
}

// gradientTime returns how long a gradient over the first windows takes.
func (p *pretraining) gradientTime(windows int) time.Duration {
	batch := make([]uint32, windows)
	for i := range batch {
		batch[i] = uint32(i)
	}
	g := make([]float32, len(p.x0))
	begun := time.Now()
	p.problem.Grad(g, p.x0, batch)
	return time.Since(begun)
}

// span formats a duration in seconds for people: rounded, and in days from three days on.
func span(seconds float64) string {
	if days := seconds / (24 * 60 * 60); days >= 3 {
		return fmt.Sprintf("%.3g days", days)
	}
	d := time.Duration(seconds * float64(time.Second))
	switch {
	case d >= time.Minute:
		return d.Round(time.Second).String()
	case d >= time.Second:
		return d.Round(10 * time.Millisecond).String()
	}
	return d.Round(10 * time.Microsecond).String()
}
