package solver

import (
	"math"
	"math/rand/v2"

	"steepest/internal/simd"
	"steepest/objective"
)

// dualDescent maximizes the dual over one uᵢ after the other, in random order, with w = −(1/nλ₂) Σ uᵢaᵢ at hand (Hsieh et al., A dual
// coordinate descent method for large-scale linear SVM, 2008; Yu, Huang, Lin, Dual coordinate descent methods for logistic regression
// and maximum entropy models, 2011).
type dualDescent struct {
	*run
	unit float64 // 1/(nλ₂)
	w, z []float64
	u    []float64 // slopes; of the logistic loss the probability −yu instead
	t    []float64 // of the logistic loss: the logit of the probability
	q    []float64 // ‖aᵢ‖²/(nλ₂)
	left float64   // what Fenchel's inequality left in the rows as they were visited, summed over an epoch
}

func (r *run) dualDescent() {
	r.result.Method = "dual coordinate descent"
	s := dualDescent{
		run: r, unit: 1 / (float64(r.n) * r.l2), w: make([]float64, r.d), z: make([]float64, r.n), u: make([]float64, r.n),
		q: make([]float64, r.n),
	}
	logistic := r.loss == objective.LogisticLoss{}
	for i := range s.q {
		_, values := r.row(i)
		s.q[i] = s.unit * simd.SumSquares(values)
	}
	r.result.Passes += 0.25
	s.origin = s.losses(s.z, make([]float64, r.n), make([]float64, r.n))
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
	for !r.done() {
		random.Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
		s.left = 0
		if logistic {
			s.logisticEpoch(order)
		} else {
			s.quadraticEpoch(order)
		}
		r.result.Passes++
		if s.left/float64(s.n) <= 4*r.limit(r.result.Loss) || math.IsInf(r.result.Loss, 1) {
			s.certify(logistic)
		}
	}
}

// certify looks at the gap between w and u.
func (s *dualDescent) certify(logistic bool) {
	s.scores(s.z, s.w)
	s.result.Passes += 0.5
	u := s.u
	if logistic {
		u = make([]float64, s.n)
		for i, p := range s.u {
			u[i] = -s.labels[i] * p
		}
	}
	slopes, curvatures := make([]float64, s.n), make([]float64, s.n)
	value := s.losses(s.z, slopes, curvatures) + s.penalty(s.w)
	s.saw(s.w, value, s.fenchel(s.z, u))
}

// quadraticEpoch is for losses whose conjugate is γu²/2 + uy on an interval: a step is Δu = (z − y − γu)/(γ + q), as far as the interval goes.
func (s *dualDescent) quadraticEpoch(order []uint32) {
	gamma := 1.0
	if s.loss == (objective.HingeLoss{}) {
		gamma = 0
	}
	for _, i := range order {
		y, u := s.labels[i], s.u[i]
		lo, hi := domain(s.loss, y)
		z := s.dot(int(i), s.w)
		value, _ := s.loss.Eval(z, y)
		s.left += max(0, value+float64(gamma/2*u*u)+float64(u*(y-z)))
		move := (z - y - float64(gamma*u)) / (gamma + s.q[i])
		next := max(lo, min(hi, u+move))
		if gamma+s.q[i] == 0 { // an empty row of a hinge: the slope at 0
			next = -y
		}
		if next != u {
			s.u[i] = next
			s.add(s.w, (u-next)*s.unit, int(i))
		}
	}
}

// logisticEpoch finds the probability p = σ(t) of a row with margin m by Newton's method on t + m + q(σ(t) − p₀) = 0, an increasing function of t.
func (s *dualDescent) logisticEpoch(order []uint32) {
	for _, i := range order {
		y, p, t, q := s.labels[i], s.u[i], s.t[i], s.q[i]
		m := float64(y * s.dot(int(i), s.w))
		at := t
		if math.IsInf(t, -1) {
			at = -m
		}
		next := sigmoid(at)
		lo, hi := float64(q*(p-1))-m, float64(q*p)-m // f is not positive at one and not negative at the other
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
				at, move = lo+(hi-lo)/2, hi-lo
			}
			next = sigmoid(at)
			if math.Abs(move) < rootAccuracy {
				break
			}
		}
		gap := p - 1/(1+math.Exp(m))
		s.left += gap * gap * 2
		s.u[i], s.t[i] = next, at
		if move := next - p; move != 0 {
			s.add(s.w, move*y*s.unit, int(i))
		}
	}
}

// An epoch solves for a logit until a step of Newton's method is so short. The next epoch goes on from there.
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
