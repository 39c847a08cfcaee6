package cli

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"runtime"
	"slices"
	"time"

	"steepest/objective"
	"steepest/param"
	"steepest/train"
	"steepest/train/dist"
)

// Open joins the group of processes that a launcher has started. patience is how long a process waits for the others.
type Open func(l dist.Launcher, patience time.Duration) (Group, error)

// Group is a group of processes that make a run together. Sharing returns how many of them may use some of a rank's processors, the rank itself
// included, and how many processors these are. Exit ends this process with an exit code, and with a text that tells the others why.
type Group interface {
	dist.Group
	Sharing(rank int) (ranks, processors int)
	Exit(code int, text string)
}

// rankFlags are the flags for several processes that make a run together.
type rankFlags struct {
	MicroBatches int              `group:"run" placeholder:"N" help:"Micro-batches into which the batch of a step is cut. Their gradients are summed along a tree, so that ranks of steepest-mpi share them and have the bits of one process. Default: 1, and for steepest-mpi as many as pay, up to 16."`
	Reduce       string           `group:"run" default:"tree" enum:"tree,fast" placeholder:"HOW" help:"How ranks of steepest-mpi add up gradients: tree, with the bits of one process, or fast, in the order of MPI's own all-reduce, whose bits depend on the number of ranks (${default})."`
	Compress     dist.Compression `group:"run" default:"none" placeholder:"HOW" help:"How gradients of --micro-batches, or of --replicas, are compressed before they are summed: none for no compression, bf16 for elements rounded to bfloat16, or top-k(SHARE) for this share of the elements, those of largest magnitude. The dropped part of a gradient is added to the next one (${default})."`
	Shard        bool             `group:"run" help:"Divide the state of the method among the ranks of steepest-mpi: vectors by ranges, and whole matrices by their operations. Each rank makes its part of a step, and ranks exchange the new parameters. Each saves its part of a --checkpoint, so the folder must be the same for all ranks. The bits do not change."`
	Watchdog     time.Duration    `group:"run" default:"10m" placeholder:"DURATION" help:"How long ranks of steepest-mpi wait for one that does not answer, before they end and name it (${default})."`
}

// silences returns when flags for ranks have no effect.
func (f *rankFlags) silences(w *world) []silence {
	return []silence{
		{[]string{"watchdog", "reduce", "shard"}, w.open == nil, "is for ranks, and steepest-mpi has them"},
		{[]string{"shard"}, w.given["local-steps"], "is for one state of the method, and each replica of --local-steps has its own"},
	}
}

// ranks is this process as one of those that a launcher has started.
type ranks struct {
	open     Open
	launcher dist.Launcher
	group    Group             // nil for a single process
	failed   string            // the error that has been reported
	sums     map[string]string // how gradients are added up, for a record
}

// refuseRanks returns an error if several processes are started for a command that cannot share its work.
func (w *world) refuseRanks(command string) error {
	switch l := w.launcher; {
	case l.Size <= 1:
		return nil
	case w.open == nil:
		return usage("start steepest-mpi in its place; go install steepest/cmd/steepest-mpi makes it",
			"%s has started %d processes, and steepest would make as many runs that know nothing of one another", l.Name, l.Size)
	case command != "minimize" && command != "pretrain":
		return usage("start it alone", "%s has started %d processes, and %s is for one; minimize and pretrain are for several", l.Name, l.Size, command)
	}
	return nil
}

// join joins the other processes. Those that share processors take equal parts of them, unless GOMAXPROCS is set. Rank 0 alone prints and
// writes.
func (w *world) join(f *rankFlags) (err error) {
	switch {
	case f.Watchdog <= 0:
		return usage("", "--watchdog is %v, want a positive time, such as 10m", f.Watchdog)
	case w.open == nil || w.launcher.Size == 0:
		return nil
	}
	g, err := w.open(w.launcher, f.Watchdog)
	if err != nil {
		return err
	}
	w.group = g
	sharing, _ := g.Sharing(g.Rank())
	if _, given := os.LookupEnv("GOMAXPROCS"); !given && sharing > 1 {
		runtime.GOMAXPROCS(max(1, runtime.GOMAXPROCS(0)/sharing))
	}
	return nil
}

// follows reports whether this process is not rank 0, and so neither prints nor writes.
func (w *world) follows() bool { return w.group != nil && w.group.Rank() > 0 }

// share sets how the batches of a problem are shared.
func share[T param.Float](w *world, f *rankFlags, p objective.FiniteSum[T], s *train.Settings) {
	if s.MicroBatches = f.MicroBatches; f.MicroBatches == 0 && w.open != nil && s.Local == nil {
		s.MicroBatches = train.MicroBatches(p, s.Batch)
	}
	s.AnyOrder = f.Reduce == "fast"
	w.sums = make(map[string]string)
	if s.Compress.On() {
		w.sums["compress"] = compressedBy(s)
		w.say("%v takes away at most %.3g of the squared norm of a gradient and adds it to the next one: each step is biased\n", s.Compress, 1-s.Compress.Contraction())
	}
	if s.AnyOrder {
		w.sums["reduce"], w.sums["ranks"] = reducedBy(s), fmt.Sprint(max(1, w.launcher.Size))
	}
	if w.group == nil {
		return
	}
	s.Group, s.Shard = w.group, f.Shard
	if s.AnyOrder {
		w.say("MPI adds up the gradients in its own order: the bits depend on the number of ranks, %d here\n", w.group.Size())
	}
	shares, what, more := max(1, s.MicroBatches), "micro-batches", "--micro-batches makes more of them, and so does a larger --batch"
	if s.Local != nil {
		shares, what, more = s.Local.Replicas, "replicas", "--replicas makes more of them"
	}
	if n := w.group.Size(); n > shares {
		w.say("%d of %d ranks have nothing to do, since a step has %s for %d; %s\n", n-shares, n, what, shares, more)
	}
}

// straggler measures how long ranks take for their micro-batches or replicas, and names a slow rank for which all others wait.
type straggler struct {
	piece string          // the name of a unit of work
	total []time.Duration // the time of each rank in a stretch of steps
	steps int
	named map[int]bool
}

func newStraggler(s *train.Settings) straggler {
	if s.Local != nil {
		return straggler{piece: "round of a replica"}
	}
	return straggler{piece: "micro-batch"}
}

// A rank is named if its pieces take slowness times as long as those of the others at the median, after at least slowSteps steps and
// slowDuration of work.
const (
	slowness     = 3
	slowSteps    = 8
	slowDuration = time.Second
)

// stepped adds the times of a step. It names a slow rank once.
func (s *straggler) stepped(w *world, took []time.Duration) {
	if w.group == nil || w.follows() || took == nil {
		return
	}
	if s.total == nil {
		s.total, s.named = make([]time.Duration, len(took)), make(map[int]bool)
	}
	s.steps++
	for rank, d := range took {
		s.total[rank] += d
	}
	slow := slices.Index(s.total, slices.Max(s.total))
	if s.steps < slowSteps || s.total[slow] < slowDuration {
		return
	}
	if usual := s.usual(slow, w.group.Sharing); usual > 0 && s.total[slow] >= slowness*usual && !s.named[slow] {
		s.named[slow] = true
		each := func(d time.Duration) time.Duration { return (d / time.Duration(s.steps)).Round(10 * time.Microsecond) }
		w.say("rank %d is slow: a %s takes it %v, and would take %v at the speed of the others, who wait for it\n", slow, s.piece, each(s.total[slow]), each(usual))
	}
	clear(s.total)
	s.steps = 0
}

// usual returns the median of the times that a rank would have if it were as fast as one of the others; 0 if no other rank works. A rank that
// shares its processors with more ranks than another may take longer, in the same proportion.
func (s *straggler) usual(rank int, sharing func(rank int) (ranks, processors int)) time.Duration {
	crowding := func(rank int) float64 {
		ranks, processors := sharing(rank)
		return max(1, float64(ranks)/float64(processors))
	}
	var times []time.Duration
	for other, d := range s.total {
		if d > 0 && other != rank {
			times = append(times, time.Duration(float64(d)*max(1, crowding(rank)/crowding(other))))
		}
	}
	if times == nil {
		return 0
	}
	slices.Sort(times)
	return times[len(times)/2]
}

// ruling is an error in the form in which ranks exchange it.
type ruling struct {
	Code       int
	Text, Hint string
}

// agree returns, on all ranks, the error of the first rank that has one.
func (w *world) agree(err error) error {
	if w.group == nil {
		return err
	}
	var own []byte
	if err != nil {
		f := &failure{code: exitFailure, err: err}
		errors.As(err, &f)
		own, _ = json.Marshal(ruling{f.code, f.err.Error(), f.hint}) // cannot fail
	}
	texts, lost := dist.Texts(w.group, string(own))
	if lost != nil {
		return lost
	}
	for rank, text := range texts {
		var v ruling
		switch {
		case text == "":
			continue
		case rank == w.group.Rank():
			return err
		case json.Unmarshal([]byte(text), &v) != nil:
			v = ruling{Code: exitFailure, Text: text}
		}
		if rank > 0 {
			v.Text = fmt.Sprintf("rank %d: %s", rank, v.Text)
		}
		return &failure{v.Code, errors.New(v.Text), v.Hint}
	}
	return nil
}

// alike returns an error unless all ranks have the same run, and their processors compute the same bits.
func (w *world) alike(about any) error {
	if w.group == nil {
		return nil
	}
	text, err := json.Marshal(about)
	if err != nil {
		return err
	}
	texts, err := dist.Texts(w.group, string(text))
	if err != nil {
		return err
	}
	for rank, other := range texts {
		switch d := differ([]byte(texts[0]), []byte(other)); {
		case d != "":
			return usage("give all ranks the same files and flags", "rank %d is about another run than rank 0: %s", rank, d)
		case other != texts[0]:
			return usage("--instructions names a set that all of them have", "the processors of rank %d have other instructions than those of rank 0, and the bits of this method depend on them", rank)
		}
	}
	return nil
}
