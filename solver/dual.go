package solver

import (
	"math"
	"math/rand/v2"

	"steepest/internal/simd"
	"steepest/objective"
)

// dualDescent maximizes the dual over each uᵢ in turn, in random order, and maintains w = −(1/nλ₂) Σ uᵢaᵢ (Hsieh et al., A dual
// coordinate descent method for large-scale linear SVM, 2008; Yu, Huang, Lin, Dual coordinate descent methods for logistic regression
// and maximum entropy models, 2011).
//
// It shrinks the problem as LIBLINEAR does (Hsieh et al., section 3.2): a row whose uᵢ stays at an end of its interval, and whose slope there
// exceeds every violation in the last epoch, is inactive until the next certificate. The certificate is that of all rows.
type dualDescent struct {
	*run
	order                         []uint32 // the rows, the active ones first
	active                        int      // rows
	violation                     float64  // the largest |z − y − γu|, |∂D/∂uᵢ| without sᵢ/n, of a row that moved in the last epoch
	lostAtRest                    float64  // the losses of the inactive rows when they were last visited
	unit                          float64  // 1/(nλ₂)
	center                        float64  // of the penalty of the intercept
	ease                          float64  // λ₂/ρ − 1, where the intercept has the penalty ρ; 0 without an intercept
	w, z                          []float64
	duals                         []dualRow
	slopes, unused, curvatures, v []float64
	// Sums over the active rows when they were visited in an epoch: the slack of Fenchel's inequality, and the losses. The mean slack is about
	// three times the gap at the end of the epoch.
	left, lost float64
}

// dualRow holds the numbers of a row together, since rows in random order are far apart in memory.
type dualRow struct {
	y float64 // the label
	u float64 // the slope without the weight; for the logistic loss, the probability −yu
	t float64 // for the logistic loss, the logit of the probability
	q float64 // sᵢ‖aᵢ‖²/(nλ₂)
}

// The gap itself is computed when the mean slack is at most staleGap times the tolerance, and after some number of passes. If the gap is above the
// tolerance, the ratio of the slack to it replaces staleGap, between leastStale and the last value. An intercept adds to the gap, not to the slack.
const (
	staleGap      = 3
	leastStale    = 1
	passesPerLook = 20
)

// interiorPasses is the cost of the interior point method in passes of dual coordinate descent, roughly. The hinge loss changes to it, if the
// columns are few, when more passes seem necessary: far from the end, the gap falls as 1/passes. In the first passes it falls faster, so after
// earlyLook passes the change needs a larger estimate.
const (
	interiorPasses = 150
	earlyLook      = 5
	earlyPasses    = 1000
)

// The largest penalty ρ of the intercept around its center. The slopes of the hinge loss jump, so that a small ρ is more work there.
const (
	mostHolding      = 0.1
	mostHoldingHinge = 1
)

func (r *run) dualDescent() {
	r.result.Method = "dual coordinate descent"
	s := dualDescent{
		run: r, unit: 1 / (float64(r.n) * r.l2), w: make([]float64, r.d), z: make([]float64, r.n), duals: make([]dualRow, r.n),
		slopes: make([]float64, r.n), unused: make([]float64, r.n), curvatures: make([]float64, r.n),
		v: make([]float64, r.d), order: make([]uint32, r.n),
	}
	if most := mostHolding; r.intercept {
		if r.loss == (objective.HingeLoss{}) {
			most = mostHoldingHinge
		}
		s.ease = max(0, r.l2/most-1)
	}
	logistic := r.loss == objective.LogisticLoss{}
	for i := range s.duals {
		s.duals[i] = dualRow{y: s.labels[i], t: math.Inf(-1)}
		s.order[i] = uint32(i)
	}
	s.setUnit(s.unit)
	s.unshrink()
	accelerate := newCatalyst(&s)
	few := r.loss == (objective.HingeLoss{}) && r.direct()
	random := rand.New(rand.NewPCG(r.Seed, 0))
	enough, look, most := float64(staleGap), r.result.Passes+passesPerLook, float64(interiorPasses)
	if few {
		look, most = r.result.Passes+earlyLook, earlyPasses
	}
	for !r.done() {
		active := s.order[:s.active]
		random.Shuffle(len(active), func(i, j int) { active[i], active[j] = active[j], active[i] })
		s.left, s.lost = 0, 0
		if logistic {
			s.logisticEpoch()
		} else {
			s.quadraticEpoch()
		}
		r.result.Passes += float64(len(active)) / float64(r.n)
		value := min(r.result.Loss, (s.lost+s.lostAtRest)/float64(s.n)+r.penalty(s.w))
		slack, due := s.left/float64(s.n), r.result.Passes >= look
		if accelerate.on {
			slack += accelerate.slack()
		} else if r.intercept {
			s.recenter()
		}
		if slack <= enough*r.limit(value) || due || r.done() {
			s.certify(logistic, !r.intercept && !accelerate.on)
			s.unshrink()
			enough = min(enough, max(leastStale, slack/r.result.Gap))
		}
		if !accelerate.next(slack, r.limit(value)) && !r.done() {
			method := r.result.Method
			r.newton()
			r.result.Method = method + ", then Newton's method"
			return
		}
		if !due {
			continue
		}
		if few && r.result.Passes*r.result.Gap > most*r.limit(r.result.Loss) {
			r.result.Method += ", then an interior point method"
			r.interiorPoint()
			few = false
		}
		look, most = r.result.Passes+passesPerLook, interiorPasses
	}
}

// prefetchRow prefetches the numbers of a row after index k of an order.
func (s *dualDescent) prefetchRow(order []uint32, k int) {
	if k+rowsAhead < len(order) {
		simd.Prefetch(s.duals[order[k+rowsAhead]:][:1])
	}
}

// setUnit changes the unit, and what depends on it.
func (s *dualDescent) setUnit(unit float64) {
	s.unit = unit
	for i := range s.duals {
		_, values := s.row(i)
		s.duals[i].q = s.weight(i) * unit * (simd.SumSquares(values) + s.ease)
	}
	s.result.Passes += 0.25
}

// unshrink makes all rows active.
func (s *dualDescent) unshrink() { s.active, s.violation, s.lostAtRest = s.n, math.Inf(1), 0 }

// certify computes the gap between w and u.
func (s *dualDescent) certify(logistic, exact bool) {
	s.scores(s.z, s.w)
	s.result.Passes += 0.5
	for i, row := range s.duals {
		if logistic {
			row.u *= -row.y
		}
		s.slopes[i] = s.weight(i) * row.u
	}
	value := s.losses(s.z, s.unused, s.curvatures) + s.penalty(s.w)
	if exact { // v = λ₂w, so the penalty has no slack
		s.saw(s.w, value, s.fenchel(s.z, s.slopes))
		return
	}
	s.result.Passes += 0.5
	s.saw(s.w, value, s.gap(s.w, s.z, s.slopes, s.v))
}

// move changes w for a uᵢ that falls by change/sᵢ.
func (s *dualDescent) move(change float64, i int) {
	s.add(s.w, change*s.unit, i)
	if s.ease > 0 {
		s.w[s.d-1] += float64(s.ease * change * s.unit)
	}
}

// recenter moves the center of the intercept. An intercept has no penalty, so it does not fit into the dual. It gets the penalty (ρ/2)(b − c)²
// with a center c that follows it: the proximal point method, or the method of multipliers for Σ sᵢuᵢ = 0. The center is moved when Σ sᵢuᵢ
// contributes more to the gap than the rows. ρ is λ₂, but at most mostHolding, since the center moves by at most 1/ρ times the
// mean slope.
func (s *dualDescent) recenter() {
	b, at := s.w[s.d-1]-s.center, math.Abs(s.w[s.d-1]) // b = −(1/nρ) Σ sᵢuᵢ
	if s.left/float64(s.n) <= s.l2/(1+s.ease)/2*math.Abs(b)*max(at, math.Abs(b)) {
		s.center += b
		s.w[s.d-1] += b
		s.unshrink() // all scores have changed
	}
}

// stepsInDual reports whether dual coordinate descent supports the loss.
func stepsInDual(loss objective.Loss) bool {
	switch loss.(type) {
	case objective.SquaredLoss, objective.HuberLoss, objective.LogisticLoss, objective.HingeLoss, objective.SquaredHingeLoss:
		return true
	}
	return false
}

// quadraticEpoch is for losses whose conjugate is γu²/2 + uy on an interval: a step is Δu = (z − y − γu)/(γ + q), clipped to the interval.
func (s *dualDescent) quadraticEpoch() {
	gamma := 1.0
	if s.loss == (objective.HingeLoss{}) {
		gamma = 0
	}
	worst := 0.0
	for k := 0; k < s.active; k++ {
		s.prefetch(s.order[:s.active], k)
		s.prefetchRow(s.order[:s.active], k)
		i := s.order[k]
		row := &s.duals[i]
		y, u, weight := row.y, row.u, s.weight(int(i))
		lo, hi := domain(s.loss, y)
		z := s.dot(int(i), s.w)
		value, _ := s.loss.Eval(z, y)
		slope := z - y - float64(gamma*u)
		next := max(lo, min(hi, u+slope/(gamma+row.q)))
		if gamma+row.q == 0 { // an empty row with a hinge loss: the slope at 0
			next = -y
		}
		if next == u && math.Abs(slope) > s.violation { // at an end of the interval
			s.lostAtRest += float64(weight * value)
			s.active--
			s.order[k], s.order[s.active] = s.order[s.active], i
			k--
			continue
		}
		s.lost += float64(weight * value)
		s.left += float64(weight * max(0, value+float64(gamma/2*u*u)+float64(u*(y-z))))
		if next != u {
			worst = max(worst, math.Abs(slope))
			row.u = next
			s.move(weight*(u-next), int(i))
		}
	}
	s.violation = worst
}

// logisticEpoch finds the probability p = σ(t) of a row with margin m by Newton's method on t + m + q(σ(t) − p₀) = 0, an increasing function of t.
func (s *dualDescent) logisticEpoch() {
	for k, i := range s.order {
		s.prefetch(s.order, k)
		s.prefetchRow(s.order, k)
		row := &s.duals[i]
		y, p, t, q, weight := row.y, row.u, row.t, row.q, s.weight(int(i))
		m := float64(y * s.dot(int(i), s.w))
		at := t
		if math.IsInf(t, -1) {
			at = -m
		}
		next := sigmoid(at)
		lo, hi := float64(q*(p-1))-m, float64(q*p)-m // f(lo) ≤ 0 ≤ f(hi)
		for range maxRootSteps {
			f := at + m + float64(q*(next-p))
			if f > 0 {
				hi = at
			} else {
				lo = at
			}
			move := f / (1 + float64(q*next*(1-next)))
			if to := at - move; lo <= to && to <= hi {
				at = to
			} else {
				at, move = lo+float64((hi-lo)/2), hi-lo
			}
			next = sigmoid(at)
			if math.Abs(move) < rootAccuracy {
				break
			}
		}
		e := math.Exp(-math.Abs(m))
		slope := 1 / (1 + e)
		if m > 0 {
			slope = e / (1 + e)
		}
		s.left += float64(2 * weight * (p - slope) * (p - slope)) // a lower bound of the slack, tight if p is near the slope
		s.lost += float64(weight * (max(-m, 0) + math.Log1p(e)))
		row.u, row.t = next, at
		if move := next - p; move != 0 {
			s.move(weight*move*y, int(i))
		}
	}
}

// An epoch solves for a logit until a step of Newton's method is shorter than rootAccuracy. The next epoch continues from there.
const (
	rootAccuracy = 0.1
	maxRootSteps = 60
)

func sigmoid(t float64) float64 {
	e := math.Exp(-math.Abs(t))
	if t < 0 {
		return e / (1 + e)
	}
	return 1 / (1 + e)
}
