package compare

import (
	"cmp"
	"math"
	"slices"

	"steepest/internal/suggest"
	"steepest/train"
)

// Suite is a set of races on several problems, compared by a performance profile (Dolan and Moré 2002): for each method, the share of the
// problems on which its work to the target is within a factor τ of that of the best method. Methods are identified by name, and all races
// have the same number of seeds.
type Suite struct {
	Problems []Problem
	// Work is the measure of the cost of reaching the target.
	Work Work
	// Limit is the largest factor τ that counts, above 1; 0 stands for 4, as in AlgoPerf (Dahl et al. 2023, arXiv:2306.07179).
	Limit float64
}

// Problem is a race of a suite.
type Problem struct {
	Name string
	*Result
	// Absent holds the methods that do not run on the problem, with the reasons.
	Absent map[string]string
}

// Work is a measure of the cost of a run.
type Work uint8

// The measures of work. Only Seconds differ between runs of the program.
const (
	// Gradients counts gradients of terms.
	Gradients Work = iota
	// Steps counts steps of the rule.
	Steps
	// Seconds is time without evaluations.
	Seconds
)

var works = []string{"gradients", "steps", "seconds"}

// String returns the name that UnmarshalText reads.
func (w Work) String() string { return works[w] }

// UnmarshalText reads a measure by its name.
func (w *Work) UnmarshalText(text []byte) error { return suggest.Value(w, "measure", text, works) }

// of returns the work of a run up to a point.
func (w Work) of(p train.Point) float64 {
	return [...]float64{Gradients: float64(p.Grads), Steps: float64(p.Step), Seconds: p.Seconds}[w]
}

// AimAt sets the target of the race to best + share·(start − best) (Moré and Wild 2009, equation 2.2). best is f* if it is known, otherwise
// the least median of a method at the end of the budget. start is the median over the seeds.
func (r *Result) AimAt(share float64) {
	var starts []float64
	for _, run := range r.Entries[0].Runs {
		if len(run.Points) > 0 {
			starts = append(starts, r.measure(run.Points[0]))
		}
	}
	best := 0.0
	if r.Optimum == nil {
		best = math.Inf(1)
		for _, e := range r.Entries {
			var ends []float64
			for _, run := range e.Runs {
				if v := r.measure(run.Last()); run.Diverged || run.Failed != "" || math.IsNaN(v) {
					ends = append(ends, math.Inf(1))
				} else {
					ends = append(ends, v)
				}
			}
			best = min(best, spread(ends).Mid)
		}
	}
	if r.Target = 0; len(starts) > 0 {
		if start := spread(starts).Mid; start > best {
			r.Target = best + share*(start-best)
		}
	}
}

// Spent returns, for each seed, the work of the method's run to reach the target, or +Inf if it did not reach it.
func (p *Problem) Spent(method string, w Work) []float64 {
	values := make([]float64, p.Seeds)
	i := slices.IndexFunc(p.Entries, func(e Entry) bool { return e.Name == method })
	for j := range values {
		values[j] = math.Inf(1)
		if i < 0 {
			continue
		}
		if point, ok := p.firstAtTarget(p.Entries[i].Runs[j]); ok {
			values[j] = w.of(point)
		}
	}
	return values
}

// Profile is a method in a suite.
type Profile struct {
	Name string
	// Untuned says that no race tuned the method.
	Untuned bool
	// Score is the area under the profile from 1 to the limit, divided by that of a method that is best on all problems. Each seed has its
	// own profile; Score is the median over the seeds, with the deciles.
	Score Spread
	// P is the p-value: the probability of a difference of scores over the seeds at least as large as the measured one, if the method were as
	// good as the best. The test is a paired t-test with Holm's correction. It is 1 for the best method, and NaN if there is only one seed.
	P float64
	// Work is, for each problem, the median work over the seeds to reach the target; +Inf if most runs did not reach it.
	Work []float64
	// Reached is the number of problems whose target most runs reached. Fastest is the number of problems on which no method needed less work.
	Reached, Fastest int
	// TuningGrads is the number of gradients that the trials of the method took, on all problems.
	TuningGrads int

	ratios [][]float64 // [seed][problem]
	scores []float64   // of the seeds
}

// limit returns the largest factor that counts.
func (s *Suite) limit() float64 { return cmp.Or(s.Limit, 4) }

// Profiles returns the methods, largest score first.
func (s *Suite) Profiles() []Profile {
	var rows []Profile
	for _, name := range s.methods() {
		rows = append(rows, s.profile(name))
	}
	s.compareWithBest(rows)
	for i := range rows {
		rows[i].score(s.limit())
	}
	slices.SortStableFunc(rows, func(a, b Profile) int { return cmp.Compare(b.Score.Mid, a.Score.Mid) })
	for i := range rows {
		rows[i].P = pairedP(subtract(rows[0].scores, rows[i].scores))
	}
	if len(rows) > 0 {
		rows[0].P = 1
		holm(rows[1:], func(s *Profile) *float64 { return &s.P })
	}
	return rows
}

// methods returns the names of all methods, in the order of first appearance.
func (s *Suite) methods() (names []string) {
	for _, p := range s.Problems {
		for _, e := range p.Entries {
			if !slices.Contains(names, e.Name) {
				names = append(names, e.Name)
			}
		}
	}
	return names
}

func (s *Suite) profile(name string) Profile {
	row := Profile{Name: name, Untuned: true}
	for i := range s.Problems {
		p := &s.Problems[i]
		work := p.Spent(name, s.Work)
		if row.ratios == nil {
			row.ratios = make([][]float64, len(work))
		}
		for j, w := range work {
			row.ratios[j] = append(row.ratios[j], w)
		}
		median := spread(work).Mid
		row.Work = append(row.Work, median)
		if !math.IsInf(median, 1) {
			row.Reached++
		}
		for k := range p.Entries {
			if e := &p.Entries[k]; e.Name == name {
				row.TuningGrads += e.TuningGrads()
				row.Untuned = row.Untuned && e.Best < 0
			}
		}
	}
	return row
}

// compareWithBest divides the work of each seed on each problem by that of the best method, and counts the problems on which a method is best.
func (s *Suite) compareWithBest(rows []Profile) {
	for p := range s.Problems {
		least := math.Inf(1)
		for _, row := range rows {
			least = min(least, row.Work[p])
		}
		for i := range rows {
			if rows[i].Work[p] == least && !math.IsInf(least, 1) {
				rows[i].Fastest++
			}
		}
		for j := range s.Problems[p].Seeds {
			best := math.Inf(1)
			for _, row := range rows {
				best = min(best, row.ratios[j][p])
			}
			for _, row := range rows {
				row.ratios[j][p] = ratio(row.ratios[j][p], best)
			}
		}
	}
}

// ratio returns w/best, or +Inf if the target was not reached.
func ratio(w, best float64) float64 {
	switch {
	case math.IsInf(w, 1):
		return w
	case w == best: // both may be 0
		return 1
	}
	return w / best
}

// score computes the scores of the seeds. The area under a profile is the sum over the problems of max(0, limit − ratio).
func (row *Profile) score(limit float64) {
	for _, ratios := range row.ratios {
		area := 0.0
		for _, r := range ratios {
			area += max(0, limit-r) / (limit - 1)
		}
		row.scores = append(row.scores, area/float64(len(ratios)))
	}
	row.Score = spread(row.scores)
}

// Share returns the share of the problems on which the method is within the factor of the best one: the median over the seeds, with the
// deciles.
func (row *Profile) Share(factor float64) Spread {
	var shares []float64
	for _, ratios := range row.ratios {
		n := 0
		for _, r := range ratios {
			if r <= factor {
				n++
			}
		}
		shares = append(shares, float64(n)/float64(len(ratios)))
	}
	return spread(shares)
}

// Bought returns the best untuned method, the best tuned one, and the p-value of the difference of their scores, by a paired t-test. Both
// are nil if the suite does not have methods of both kinds.
func (s *Suite) Bought() (untuned, tuned *Profile, p float64) {
	rows := s.Profiles()
	for i := range slices.Backward(rows) {
		if rows[i].Untuned {
			untuned = &rows[i]
		} else {
			tuned = &rows[i]
		}
	}
	if untuned == nil || tuned == nil {
		return nil, nil, math.NaN()
	}
	return untuned, tuned, pairedP(subtract(tuned.scores, untuned.scores))
}

// Grads returns the numbers of gradients that the trials and the counted runs of all methods took on all problems.
func (s *Suite) Grads() (tuning, counted int) {
	for _, p := range s.Problems {
		tuning += p.TuningGrads()
		for _, e := range p.Entries {
			for _, run := range e.Runs {
				counted += run.Last().Grads
			}
		}
	}
	return tuning, counted
}

func subtract(a, b []float64) []float64 {
	differences := make([]float64, len(a))
	for i := range a {
		differences[i] = a[i] - b[i]
	}
	return differences
}
