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
type dualDescent struct {
	*run
	unit                          float64 // 1/(nλ₂)
	w, z                          []float64
	u                             []float64 // slopes without the weights sᵢ; for the logistic loss, the probability −yu
	t                             []float64 // for the logistic loss, the logit of the probability
	q                             []float64 // sᵢ‖aᵢ‖²/(nλ₂)
	slopes, unused, curvatures, v []float64
	// Sums over the rows at the time they were visited in an epoch: the slack of Fenchel's inequality, and the losses. The mean slack is about
	// three times the gap at the end of the epoch.
	left, lost float64
}

// The gap itself is computed when the mean slack is at most staleGap times the tolerance, and after some number of epochs.
const (
	staleGap      = 3
	epochsPerLook = 20
)

func (r *run) dualDescent() {
	r.result.Method = "dual coordinate descent"
	s := dualDescent{
		run: r, unit: 1 / (float64(r.n) * r.l2), w: make([]float64, r.d), z: make([]float64, r.n), u: make([]float64, r.n),
		q: make([]float64, r.n), slopes: make([]float64, r.n), unused: make([]float64, r.n), curvatures: make([]float64, r.n),
		v: make([]float64, r.d),
	}
	logistic := r.loss == objective.LogisticLoss{}
	for i := range s.q {
		_, values := r.row(i)
		s.q[i] = s.weight(i) * s.unit * simd.SumSquares(values)
	}
	r.result.Passes += 0.25
	if logistic {
		s.t = make([]float64, r.n)
		for i := range s.t {
			s.t[i] = math.Inf(-1)
		}
	}
	order := make([]uint32, r.n)
	for i := range order {
		order[i] = uint32(i)
	}
	random := rand.New(rand.NewPCG(r.Seed, 0))
	epoch := 0
	for !r.done() {
		random.Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
		s.left, s.lost = 0, 0
		if logistic {
			s.logisticEpoch(order)
		} else {
			s.quadraticEpoch(order)
		}
		r.result.Passes++
		if r.intercept {
			s.recenter(logistic)
		}
		value := min(r.result.Loss, s.lost/float64(s.n)+r.penalty(s.w))
		if epoch++; s.left/float64(s.n) <= staleGap*r.limit(value) || epoch%epochsPerLook == 0 || r.done() {
			s.certify(logistic)
		}
	}
}

// certify computes the gap between w and u.
func (s *dualDescent) certify(logistic bool) {
	s.scores(s.z, s.w)
	s.result.Passes += 0.5
	for i, u := range s.u {
		if logistic {
			u *= -s.labels[i]
		}
		s.slopes[i] = s.weight(i) * u
	}
	value := s.losses(s.z, s.unused, s.curvatures) + s.penalty(s.w)
	if !s.intercept { // v = λ₂w, so the penalty has no slack
		s.saw(s.w, value, s.fenchel(s.z, s.slopes))
		return
	}
	s.result.Passes += 0.5
	s.saw(s.w, value, s.gap(s.w, s.z, s.slopes, s.v))
}

// recenter moves the center of the intercept. An intercept has no penalty, so it does not fit into the dual. It gets the penalty (λ₂/2)(b − c)²
// with a center c that follows it: the proximal point method, or the method of multipliers for Σ sᵢuᵢ = 0. The center is moved when Σ sᵢuᵢ
// contributes more to the gap than the rows.
func (s *dualDescent) recenter(logistic bool) {
	sum := 0.0
	for i, u := range s.u {
		if logistic {
			u *= -s.labels[i]
		}
		sum -= float64(s.weight(i) * u)
	}
	b, at := float64(s.unit*sum), math.Abs(s.w[s.d-1])
	if s.left/float64(s.n) <= s.l2/2*math.Abs(b)*max(at, math.Abs(b)) {
		s.w[s.d-1] += b
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
func (s *dualDescent) quadraticEpoch(order []uint32) {
	gamma := 1.0
	if s.loss == (objective.HingeLoss{}) {
		gamma = 0
	}
	for k, i := range order {
		s.prefetch(order, k)
		y, u := s.labels[i], s.u[i]
		lo, hi := domain(s.loss, y)
		z := s.dot(int(i), s.w)
		value, _ := s.loss.Eval(z, y)
		weight := s.weight(int(i))
		s.lost += float64(weight * value)
		s.left += float64(weight * max(0, value+float64(gamma/2*u*u)+float64(u*(y-z))))
		move := (z - y - float64(gamma*u)) / (gamma + s.q[i])
		next := max(lo, min(hi, u+move))
		if gamma+s.q[i] == 0 { // an empty row with a hinge loss: the slope at 0
			next = -y
		}
		if next != u {
			s.u[i] = next
			s.add(s.w, weight*(u-next)*s.unit, int(i))
		}
	}
}

// logisticEpoch finds the probability p = σ(t) of a row with margin m by Newton's method on t + m + q(σ(t) − p₀) = 0, an increasing function of t.
func (s *dualDescent) logisticEpoch(order []uint32) {
	for k, i := range order {
		s.prefetch(order, k)
		y, p, t, q := s.labels[i], s.u[i], s.t[i], s.q[i]
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
		weight := s.weight(int(i))
		s.left += float64(2 * weight * (p - slope) * (p - slope)) // a lower bound of the slack, tight if p is near the slope
		s.lost += float64(weight * (max(-m, 0) + math.Log1p(e)))
		s.u[i], s.t[i] = next, at
		if move := next - p; move != 0 {
			s.add(s.w, weight*move*y*s.unit, int(i))
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
