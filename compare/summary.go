package compare

import (
	"cmp"
	"math"
	"slices"

	"gonum.org/v1/gonum/stat"
	"gonum.org/v1/gonum/stat/distuv"

	"steepest/train"
)

// Spread is the median of a quantity over the seeds, with its lower and upper decile.
type Spread struct{ Low, Mid, High float64 }

// spread returns the Spread of the values. Infinite values count as larger than all others.
func spread(values []float64) Spread {
	sorted := slices.Sorted(slices.Values(values))
	return Spread{quantile(sorted, 0.1), quantile(sorted, 0.5), quantile(sorted, 0.9)}
}

// quantile interpolates linearly at index p(n−1) of the sorted values (Hyndman and Fan 1996, definition 7).
func quantile(sorted []float64, p float64) float64 {
	place := p * float64(len(sorted)-1)
	i := int(place)
	share := place - float64(i)
	if share == 0 || math.IsInf(sorted[i], 1) {
		return sorted[i]
	}
	return sorted[i] + share*(sorted[i+1]-sorted[i])
}

// Summary is a row of the race's table.
type Summary struct {
	*Entry
	// Final is the value at the end of the budget by which methods are ranked: the measurement Race.TuneBy if there is one, otherwise
	// the excess, or the loss if the optimum is not known. It is +Inf after a divergence.
	Final Spread
	// Grads and Seconds are the median costs of reaching the target; +Inf if most runs did not reach it.
	Grads, Seconds float64
	// Reached is the number of runs that reached the target, Diverged of those that diverged, and Failed of those that ended early for
	// another reason.
	Reached, Diverged, Failed int
	// Edge says that the chosen trial lies at the end of a range. A wider range may contain a better value.
	Edge bool
	// P is the p-value: the probability of a difference over the seeds at least as large as the measured one, if the entry were as good
	// as the best. The test is a paired t-test on logarithms of excesses (or of losses if all are positive), with Holm's correction (1979)
	// for the number of entries. It is 1 for the best entry, and NaN if one seed, a divergence or an Edge leaves nothing to test.
	P float64
	// PTarget is the p-value of Student's one-sided t-test that the mean over the seeds is below the target. Records of the speedrun of
	// modded-nanogpt require less than 0.01. It is NaN without a Target, if f* is known (the target is then an intermediate point), or if
	// one seed or a divergence leaves nothing to test.
	PTarget float64
}

// Held returns the medians of the other measurements at the end of the budget, by name.
func (e *Entry) Held() map[string]float64 {
	medians := make(map[string]float64)
	for _, m := range e.Runs[0].Last().Measured {
		medians[m.Name] = e.median(m.Name)
	}
	return medians
}

// median returns the median of a measurement ("" is the objective) at the end of the budget.
func (e *Entry) median(name string) float64 {
	var values []float64
	for _, run := range e.Runs {
		values = append(values, run.measured(name))
	}
	return spread(values).Mid
}

// Summaries returns a row for each entry, the best first.
func (r *Result) Summaries() []Summary {
	rows := make([]Summary, len(r.Entries))
	for i := range r.Entries {
		rows[i] = r.summarize(&r.Entries[i])
	}
	slices.SortStableFunc(rows, func(a, b Summary) int { return cmp.Compare(a.Final.Mid, b.Final.Mid) })
	for i := range rows {
		rows[i].P = math.NaN()
		if !rows[i].Edge {
			rows[i].P = pairedP(r.differences(rows[0].Entry, rows[i].Entry))
		}
	}
	if !math.IsInf(rows[0].Final.Mid, 1) {
		rows[0].P = 1
	}
	holm(rows[1:], func(s *Summary) *float64 { return &s.P })
	return rows
}

func (r *Result) summarize(e *Entry) Summary {
	s := Summary{Entry: e, Final: spread(r.finals(e)), Edge: e.Best >= 0 && e.Best < len(e.Trials) && e.Trials[e.Best].Edge}
	var grads, seconds []float64
	for _, run := range e.Runs {
		g, t := math.Inf(1), math.Inf(1)
		if p, ok := r.firstAtTarget(run); ok {
			g, t = float64(p.Grads), p.Seconds
			s.Reached++
		}
		grads, seconds = append(grads, g), append(seconds, t)
		if run.Diverged {
			s.Diverged++
		}
		if run.Failed != "" {
			s.Failed++
		}
	}
	s.Grads, s.Seconds = spread(grads).Mid, spread(seconds).Mid
	s.PTarget = math.NaN()
	if r.judgesTarget() {
		s.PTarget = belowP(r.finals(e), r.Target)
	}
	return s
}

// judgesTarget reports whether the ends of the runs are tested against the target: if both are the same quantity.
func (r *Result) judgesTarget() bool {
	return r.Target > 0 && r.Optimum == nil && (r.TuneBy == "" || !r.measuresLoss())
}

// finals returns the values by which the runs of an entry are compared.
func (r *Result) finals(e *Entry) []float64 {
	var values []float64
	for _, run := range e.Runs {
		v := run.measured(r.TuneBy)
		if r.TuneBy == "" && r.Optimum != nil && !math.IsInf(v, 1) { // F* may be infinite too
			v -= r.Optimum.F
		}
		values = append(values, v)
	}
	return values
}

// measure returns the value of a point in the quantity of the target.
func (r *Result) measure(p train.Point) float64 {
	switch {
	case !r.measuresLoss():
		return measured(p, r.TuneBy)
	case r.Optimum != nil:
		return p.Excess
	}
	return p.Loss
}

// Measure names the quantity by which methods are ranked: TuneBy, excess or loss.
func (r *Result) Measure() string {
	switch {
	case r.TuneBy != "":
		return r.TuneBy
	case r.Optimum != nil:
		return "excess"
	}
	return "loss"
}

// target names the quantity of the target.
func (r *Result) target() string {
	switch {
	case !r.measuresLoss():
		return r.TuneBy
	case r.Optimum != nil:
		return "f − f*"
	}
	return "f"
}

func (r *Result) firstAtTarget(run Run) (train.Point, bool) {
	for _, p := range run.Points {
		if r.Target > 0 && r.measure(p) <= r.Target {
			return p, true
		}
	}
	return train.Point{}, false
}

// differences compares b with a for each seed: by the logarithm of the ratio of their excesses, or of their losses if the optimum is
// not known and all losses are positive, otherwise by the difference of their losses.
func (r *Result) differences(a, b *Entry) []float64 {
	x, y := r.finals(a), r.finals(b)
	logarithms, least := r.positive(), 0.0
	switch {
	case r.TuneBy != "":
		logarithms = min(slices.Min(x), slices.Min(y)) > 0
	case r.Optimum != nil: // an excess below the last bit of F* is rounding
		logarithms, least = true, max(0x1p-52*math.Abs(r.Optimum.F), math.SmallestNonzeroFloat64)
	}
	for i := range x {
		if logarithms {
			x[i], y[i] = math.Log(max(x[i], least)), math.Log(max(y[i], least))
		}
		y[i] -= x[i]
	}
	return y
}

// pairedP returns the two-sided p-value of Student's t-test that the differences have mean 0.
func pairedP(differences []float64) float64 {
	n := float64(len(differences))
	mean, deviation := stat.MeanStdDev(differences, nil)
	switch {
	case n < 2 || math.IsNaN(mean) || math.IsInf(mean, 0):
		return math.NaN()
	case deviation == 0 && mean == 0:
		return 1
	case deviation == 0: // two deterministic methods differ for certain
		return 0
	}
	t := distuv.StudentsT{Sigma: 1, Nu: n - 1}
	return 2 * t.Survival(math.Abs(mean)/(deviation/math.Sqrt(n)))
}

// belowP returns the one-sided p-value of Student's t-test for the hypothesis that the mean is at least the target.
func belowP(values []float64, target float64) float64 {
	n := float64(len(values))
	mean, deviation := stat.MeanStdDev(values, nil)
	switch {
	case n < 2 || math.IsNaN(mean) || math.IsInf(mean, 0):
		return math.NaN()
	case deviation == 0 && mean < target:
		return 0
	case deviation == 0:
		return 1
	}
	t := distuv.StudentsT{Sigma: 1, Nu: n - 1}
	return t.Survival((target - mean) / (deviation / math.Sqrt(n)))
}

// holm applies Holm's correction: it multiplies the p-value of each row by the number of p-values that are not smaller, and keeps
// their order.
func holm[T any](rows []T, of func(*T) *float64) {
	order := make([]*float64, 0, len(rows))
	for i := range rows {
		if p := of(&rows[i]); !math.IsNaN(*p) {
			order = append(order, p)
		}
	}
	slices.SortStableFunc(order, func(p, q *float64) int { return cmp.Compare(*p, *q) })
	largest := 0.0
	for k, p := range order {
		largest = max(largest, min(1, *p*float64(len(order)-k)))
		*p = largest
	}
}
