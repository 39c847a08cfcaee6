package compare

import (
	"cmp"
	"math"
	"slices"

	"steepest/internal/suggest"
	"steepest/train"
)

// Suite is races on several problems, which are compared by a performance profile (Dolan and Moré 2002): for each method the share of
// the problems on which its work to the target is within a factor τ of that of the best method. A method is known by its name, and every
// race has as many seeds.
type Suite struct {
	Problems []Problem
	// Work is what a run spends on its way to the target.
	Work Work
	// Limit is the largest factor τ that counts, above 1; 0 stands for 4, as in AlgoPerf (Dahl et al. 2023, arXiv:2306.07179).
	Limit float64
}

// Problem is a race of a suite.
type Problem struct {
	Name string
	*Result
	// Absent are the methods that do not run on the problem, each with the reason.
	Absent map[string]string
}

// Work is a measure of what a run has spent.
type Work uint8

// The measures of work. Seconds alone differ from one run of the program to the next.
const (
	// Gradients are the gradients of terms.
	Gradients Work = iota
	// Steps are those of the rule.
	Steps
	// Seconds are without evaluations.
	Seconds
)

var works = []string{"gradients", "steps", "seconds"}

// String returns the name that UnmarshalText reads.
func (w Work) String() string { return works[w] }

// UnmarshalText reads a measure by its name.
func (w *Work) UnmarshalText(text []byte) error { return suggest.Value(w, "measure", text, works) }

// of returns what a run has spent at a point.
func (w Work) of(p train.Point) float64 {
	return [...]float64{Gradients: float64(p.Grads), Steps: float64(p.Step), Seconds: p.Seconds}[w]
}

// AimAt makes the target of the race the point where a share of the way from the start is left, best + share·(start − best) (Moré and Wild
// 2009, equation 2.2). Best is f* where it is known, and else the least median of a method at the end of the budget; start is the median
// over the seeds.
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

// Spent returns what the run of a method with each seed spent on its way to the target; +Inf if it did not reach it.
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
	// Score is the area under the profile from 1 to the limit, over that of a method that is the best on all problems: the median over
	// the seeds, each of which has a profile of its own, with the deciles.
	Score Spread
	// P is the probability, were the method as good as that of the best score, of a difference of scores over the seeds as large as the one
	// measured: a paired t-test, with Holm's correction. It is 1 for the best, and NaN where one seed leaves nothing to test.
	P float64
	// Work is what the method spent on its way to the target of each problem, the median over the seeds; +Inf where most runs did not reach it.
	Work []float64
	// Reached counts the problems whose target most runs reached, and Fastest those on which no other method spent less.
	Reached, Fastest int
	// TuningGrads is the number of gradients that the trials of the method took, on all problems.
	TuningGrads int

	ratios [][]float64 // for each seed, those of the problems
	scores []float64   // of the seeds
}

// limit returns the largest factor that counts.
func (s *Suite) limit() float64 { return cmp.Or(s.Limit, 4) }

// Profiles returns the methods, that of the largest score first.
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

// methods returns the names of all methods, in the order in which they first stand.
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

// compareWithBest divides the work of each seed on each problem by that of the best method, and counts where a method is that.
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

// ratio returns w/best, where work that is not there is no match for any.
func ratio(w, best float64) float64 {
	switch {
	case math.IsInf(w, 1):
		return w
	case w == best: // both may be 0
		return 1
	}
	return w / best
}

// score computes the scores of the seeds: the area under a profile is the sum over the problems of how far their ratio is below the limit.
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

// Bought returns what tuning bought: the best method without tuning, the best one with it, and the probability of so large a difference of
// their scores by chance, by a paired t-test. Both are nil in a suite without methods of both kinds.
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

// Grads returns how many gradients the trials of all methods took on all problems, and how many the counted runs.
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
