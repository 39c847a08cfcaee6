// Package paired compares the speed of contestants on a machine whose own speed changes from second to second.
//
// Contestants run one after the other in each of several rounds, in one process. Only ratios within a round are trusted, and the result
// is their median. With one worker, times are of the processor, so that other programs matter little. With several workers, times are of
// the wall clock, and a round counts if a probe of the machine's peak finds a processor for each worker before and after it. Other rounds
// are run again, and the result says how often.
package paired

import (
	"fmt"
	"slices"
	"time"

	"golang.org/x/sys/unix"
)

// Contestant is one way to do the work at hand.
type Contestant struct {
	Name string
	// Run does the work reps times.
	Run func(reps int)
	// Time does the same in place of Run, for work in another process, and returns how long it took.
	Time func(reps int) time.Duration
	// Rest is the pause after its turn, for threads that keep spinning when their work is done.
	Rest time.Duration
}

// Method says how to measure.
type Method struct {
	// Rounds that must count, and Limit on all rounds, the discarded ones included.
	Rounds, Limit int
	// Turn is the time of a contestant's turn, which has at least one repetition; 0 for one repetition.
	Turn time.Duration
	// Workers is the number of threads of every contestant, and Probe returns the machine's peak with a number of threads.
	Workers int
	Probe   func(workers int) float64
}

// present is the part of Workers times the peak of one thread that all threads must have together for a round to count.
const present = 0.9

// Result holds the measurements of the rounds that counted.
type Result struct {
	Names     []string
	Rates     [][]float64 // [contestant][round], repetitions a second
	Probe     []float64   // [round]
	Discarded int
}

// Measure lets the contestants run, each round beginning with another one.
func (m Method) Measure(contestants ...Contestant) Result {
	var r Result
	reps := make([]int, len(contestants))
	for i, c := range contestants {
		r.Names = append(r.Names, c.Name)
		reps[i] = m.repetitions(c)
	}
	r.Rates = make([][]float64, len(contestants))
	rates := make([]float64, len(contestants))
	for round := 0; round < m.Limit && len(r.Probe) < m.Rounds; round++ {
		before, there := m.probe()
		for i := range contestants {
			i = (i + round) % len(contestants)
			rates[i] = float64(reps[i]) / m.turn(contestants[i], reps[i]).Seconds()
		}
		after, still := m.probe()
		if !there || !still {
			r.Discarded++
			continue
		}
		r.Probe = append(r.Probe, max(before, after))
		for i := range rates {
			r.Rates[i] = append(r.Rates[i], rates[i])
		}
	}
	return r
}

// probe returns the peak of all workers, and whether each has a processor.
func (m Method) probe() (peak float64, there bool) {
	peak = m.Probe(m.Workers)
	return peak, m.Workers == 1 || peak >= present*float64(m.Workers)*m.Probe(1)
}

// repetitions returns how many repetitions fill a turn, after a first one to warm up.
func (m Method) repetitions(c Contestant) int {
	m.turn(c, 1)
	if m.Turn == 0 {
		return 1
	}
	for reps := 1; ; reps *= 2 {
		if t := m.turn(c, reps); t >= m.Turn/2 {
			return max(1, int(float64(reps)*float64(m.Turn)/float64(t)+0.5))
		}
	}
}

// turn returns how long the repetitions take.
func (m Method) turn(c Contestant, reps int) time.Duration {
	if c.Time != nil {
		return c.Time(reps)
	}
	clock := ProcessorTime
	if m.Workers > 1 {
		clock = func() time.Duration { return time.Since(epoch) }
	}
	start := clock()
	c.Run(reps)
	t := clock() - start
	time.Sleep(c.Rest)
	return t
}

var epoch = time.Now()

// ProcessorTime returns how long the threads of the process have run, all together.
func ProcessorTime() time.Duration {
	var t unix.Timespec // getrusage would be a tick of the kernel's late
	if err := unix.ClockGettime(unix.CLOCK_PROCESS_CPUTIME_ID, &t); err != nil {
		panic("paired: " + err.Error())
	}
	return time.Duration(t.Nano())
}

// Rate returns the work of a contestant per second, if work is that of one repetition.
func (r Result) Rate(name string, work float64) Spread {
	var v []float64
	for _, rate := range r.of(name) {
		v = append(v, rate*work)
	}
	return SpreadOf(v)
}

// Peak returns what the probe found.
func (r Result) Peak() Spread { return SpreadOf(r.Probe) }

// OfPeak returns the part of the probe's rate that the contestant reaches.
func (r Result) OfPeak(name string, work float64) Spread {
	var v []float64
	for i, rate := range r.of(name) {
		v = append(v, rate*work/r.Probe[i])
	}
	return SpreadOf(v)
}

// Best returns the rates of the fastest of some contestants in each round, if work is that of one repetition.
func (r Result) Best(work float64, names ...string) Spread {
	best := make([]float64, len(r.Probe))
	for _, name := range names {
		for i, rate := range r.of(name) {
			best[i] = max(best[i], rate*work)
		}
	}
	return SpreadOf(best)
}

// Ratio returns the speed of a contestant relative to that of the fastest of the others, round by round; an empty Spread
// if one of them did not run.
func (r Result) Ratio(name string, others ...string) Spread {
	best := make([]float64, len(r.Probe))
	for _, other := range others {
		rates := r.of(other)
		if rates == nil {
			return Spread{}
		}
		for i := range best {
			best[i] = max(best[i], rates[i])
		}
	}
	var v []float64
	for i, rate := range r.of(name) {
		v = append(v, rate/best[i])
	}
	return SpreadOf(v)
}

// of returns the rates of a contestant; nil if it did not run.
func (r Result) of(name string) []float64 {
	if i := slices.Index(r.Names, name); i >= 0 {
		return r.Rates[i]
	}
	return nil
}

// Spread is the median, the least and the largest number of a sample.
type Spread struct{ Min, Median, Max float64 }

// SpreadOf returns the Spread of v, an empty one if v is empty.
func SpreadOf(v []float64) Spread {
	if len(v) == 0 {
		return Spread{}
	}
	v = slices.Sorted(slices.Values(v))
	n := len(v)
	return Spread{v[0], (v[(n-1)/2] + v[n/2]) / 2, v[n-1]}
}

// String returns the median, and the ends in brackets; a dash for an empty sample.
func (s Spread) String() string {
	if s == (Spread{}) {
		return "–"
	}
	return fmt.Sprintf("%.2f (%.2f–%.2f)", s.Median, s.Min, s.Max)
}

// Giga returns the median in units of 10⁹, for a table; a dash for an empty sample.
func (s Spread) Giga() string {
	if s == (Spread{}) {
		return "–"
	}
	return fmt.Sprintf("%.1f", s.Median/1e9)
}
