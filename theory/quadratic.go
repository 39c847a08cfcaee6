package theory

import (
	"math"

	"steepest/optim"
	"steepest/optim/rules"
	"steepest/optim/schedule"
)

// Quadratic is f(x) = f* + ½ Σ hⱼ(xⱼ − x*ⱼ)² in the basis of its eigenvectors, with the same noise everywhere. The expected
// errors of SGD and NAG-GS on it are known exactly, so bounds can be compared with them without sampling.
type Quadratic struct {
	// H are the eigenvalues, and X0 is x₀ − x*.
	H, X0 []float64
	// Noise are the variances of one stochastic gradient along the eigenvectors; nil if they are not known or not constant.
	Noise []float64
}

// noise returns the variance of a batch of b terms along eigenvector j, or NaN if it is not known.
func (q *Quadratic) noise(j, b int) float64 {
	switch {
	case b == 0:
		return 0
	case q.Noise == nil:
		return math.NaN()
	}
	return share(b) * q.Noise[j]
}

// SGD returns the expected values for SGD with step sizes s and batches of b terms (0 for the whole sum): the excess E f(x_k) − f* of the
// iterate, the excess of the average of x₀, …, x_{k−1} with weights w_t = weight(t), E‖x_k − x*‖², and the trace E‖g_k‖².
func (q *Quadratic) SGD(s schedule.Schedule, weight func(k int) float64, b, steps int) Expected {
	e := newExpected(steps)
	for j, h := range q.H {
		v := q.noise(j, b)
		// E x², E xy and E y² of the coordinate x and of the sum y = Σ w_t x_t
		xx, xy, yy, total := q.X0[j]*q.X0[j], 0.0, 0.0, 0.0
		for k := range steps + 1 {
			mean := xx
			if k > 0 {
				mean = yy / (total * total)
			}
			e.Excess[k] += h / 2 * xx
			e.AverageExcess[k] += h / 2 * mean
			e.SquaredDistance[k] += xx
			if k == steps {
				break
			}
			e.Trace[k] += h*h*xx + v
			w, alpha := weight(k), s.At(k)
			shrink := 1 - alpha*h
			total += w
			yy += 2*w*xy + w*w*xx
			xy = shrink * (xy + w*xx)
			xx = shrink*shrink*xx + alpha*alpha*v
		}
	}
	return e
}

// Expected holds expected values of a run of SGD or NAG-GS on a Quadratic. Element k of Excess, AverageExcess and SquaredDistance belongs to
// x_k, for k from 0 to the number of steps. Element k of Trace belongs to the gradient of step k.
type Expected struct {
	Excess, AverageExcess, SquaredDistance []float64
	Trace                                  Trace
}

func newExpected(steps int) Expected {
	v := func(n int) []float64 { return make([]float64, n) }
	return Expected{v(steps + 1), v(steps + 1), v(steps + 1), v(steps)}
}

// NAGGS returns the expected values for NAG-GS with batches of b terms (0 for the whole sum). AverageExcess is nil.
func (q *Quadratic) NAGGS(rule rules.NAGGS, b, steps int) Expected {
	e := newExpected(steps)
	for j, h := range q.H {
		f := newFlow(rule, q.X0[j])
		for k := range steps + 1 {
			e.Excess[k] += h / 2 * f.xx
			e.SquaredDistance[k] += f.xx
			if k < steps {
				e.Trace[k] += h*h*f.xx + q.noise(j, b)
				f.step(k, h, q.noise(j, b))
			}
		}
	}
	e.AverageExcess = nil
	return e
}

// flow holds the second moments E x², E xv and E v² of a coordinate of NAG-GS.
type flow struct {
	rule       rules.NAGGS
	mu, gamma  float64
	xx, xv, vv float64
}

func newFlow(rule rules.NAGGS, x0 float64) *flow {
	rule = rule.Resolved().(rules.NAGGS)
	return &flow{rule: rule, mu: rule.Mu.Or(0), gamma: rule.Gamma.Or(0), xx: x0 * x0, xv: x0 * x0, vv: x0 * x0}
}

// step makes step k on the eigenvalue h with noise of the variance s2: v ← pv + cx − eξ and x ← (1−a)x + av, as
// optim.AcceleratedFlow does.
func (f *flow) step(k int, h, s2 float64) {
	alpha := f.rule.LR.At(k)
	total := f.gamma + alpha*f.mu
	p, c, e := f.gamma/total, (alpha*f.mu-alpha*h)/total, alpha/total
	if f.rule.Form.Get() == optim.FlowOfPaper && k == 0 {
		p, c, e = 1, 0, 0
	}
	if f.rule.Form.Get() != optim.FlowFrozen {
		f.gamma = total / (1 + alpha)
	}
	xv := p*f.xv + c*f.xx
	vv := p*p*f.vv + 2*p*c*f.xv + c*c*f.xx + e*e*s2
	a := alpha / (1 + alpha)
	f.xx, f.xv, f.vv = (1-a)*(1-a)*f.xx+2*a*(1-a)*xv+a*a*vv, (1-a)*xv+a*vv, vv
}
