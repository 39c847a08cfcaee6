package solver

import (
	"math"

	"steepest/data"
	"steepest/internal/simd"
	"steepest/objective"
)

// losses returns (1/n) Σ sᵢℓ(zᵢ). It stores the slopes sᵢ∇ℓ, and in curvatures the data of ∇²ℓ, without sᵢ: ℓ″, or the probabilities of softmax.
func (p *problem) losses(z, slopes, curvatures []float64) float64 {
	return p.rowsum(func(lo, hi int) float64 {
		c := p.outputs
		if p.weights == nil {
			return p.unweighted(p.labels[lo:hi], z[lo*c:hi*c], slopes[lo*c:hi*c], curvatures[lo*c:hi*c])
		}
		sum := 0.0
		for i := lo; i < hi; i++ {
			s := slopes[i*c : (i+1)*c]
			sum += float64(p.weights[i] * p.unweighted(p.labels[i:i+1], z[i*c:(i+1)*c], s, curvatures[i*c:(i+1)*c]))
			for k := range s {
				s[k] *= p.weights[i]
			}
		}
		return sum
	}) / float64(p.n)
}

// unweighted returns the sum of losses for some rows without their weights.
func (p *problem) unweighted(y, z, slopes, curvatures []float64) (sum float64) {
	switch {
	case p.targets != nil:
		return squaredLosses(p.targets, y, z, slopes, curvatures)
	case p.loss == nil:
		return softmaxLosses(p.outputs, y, z, slopes, curvatures)
	case p.loss == objective.LogisticLoss{}:
		return logisticLosses(y, z, slopes, curvatures)
	}
	huber, isHuber := p.loss.(objective.HuberLoss)
	for i, z := range z {
		value, slope := p.loss.Eval(z, y[i])
		slopes[i], curvatures[i] = slope, p.loss.Second(z, y[i])
		if isHuber && curvatures[i] == 0 {
			curvatures[i] = outlierCurvature * huber.Delta / math.Abs(z-y[i])
		}
		sum += value
	}
	return sum
}

// outlierCurvature replaces ℓ″ = 0 of Huber's loss at outliers: it is a share of the curvature δ/|r| of a parabola above the loss. Without it
// the Hessian would be 0 at a start where all rows are outliers.
const outlierCurvature = 0.1

func logisticLosses(y, z, slopes, curvatures []float64) (sum float64) {
	for i, z := range z {
		slopes[i] = -y[i] * z
	}
	simd.Softplus(curvatures, slopes)
	for _, value := range curvatures {
		sum += value
	}
	simd.Sigmoid(slopes, slopes)
	for i, q := range slopes {
		slopes[i], curvatures[i] = -y[i]*q, q*(1-q)
	}
	return sum
}

// softmaxLosses computes the slope of the true class as the sum of the other probabilities, because 1 − p loses digits if p is near 1.
func softmaxLosses(classes int, y, z, slopes, curvatures []float64) (sum float64) {
	for i, class := range y {
		of := int(class)
		z, s, p := z[i*classes:][:classes], slopes[i*classes:][:classes], curvatures[i*classes:][:classes]
		top := of
		for c := range z {
			if z[c] > z[top] {
				top = c
			}
		}
		for c := range z {
			p[c] = z[c] - z[top]
		}
		lead := -p[of]
		simd.Exp(p, p)
		others, wrong := 0.0, 0.0
		for c := range p {
			if c != top {
				others += p[c]
			}
		}
		for c := range p {
			p[c] /= 1 + others
			s[c] = p[c]
			if c != of {
				wrong += p[c]
			}
		}
		s[of] = -wrong
		sum += lead + math.Log1p(others)
	}
	return sum
}

func squaredLosses(targets *data.Dense, y, z, slopes, curvatures []float64) (sum float64) {
	for i, of := range y {
		row := targets.Row(int(of))
		for c, t := range row {
			k := i*len(row) + c
			r := z[k] - t
			slopes[k], curvatures[k] = r, 1
			sum += float64(r * r / 2)
		}
	}
	return sum
}

// curve stores sᵢ∇²ℓᵢ·mᵢ for changes m of the scores.
func (p *problem) curve(to, curvatures, moves []float64) {
	for i := range p.n {
		p.curveRow(to, curvatures, moves, i)
	}
}

func (p *problem) curveRow(to, curvatures, moves []float64, i int) {
	if p.loss != nil {
		to[i] = p.weight(i) * curvatures[i] * moves[i]
		return
	}
	c, s := p.outputs, p.weight(i)
	to, curvatures, moves = to[i*c:][:c], curvatures[i*c:][:c], moves[i*c:][:c]
	mean := 0.0
	if p.targets == nil {
		mean = simd.Dot(curvatures, moves)
	}
	for k, m := range moves {
		to[k] = s * curvatures[k] * (m - mean)
	}
}

// clip moves each uᵢ into the domain of its conjugate: sᵢ times the possible slopes of the loss.
func (p *problem) clip(u []float64) {
	switch {
	case p.targets != nil:
	case p.loss == nil:
		for i, class := range p.labels {
			toSimplex(u[i*p.outputs:][:p.outputs], int(class), p.weight(i))
		}
	default:
		for i, y := range p.labels {
			lo, hi := domain(p.loss, y)
			if s := p.weight(i); s != 1 {
				if s == 0 {
					u[i] = 0
					continue
				}
				lo, hi = s*lo, s*hi
			}
			u[i] = max(lo, min(hi, u[i]))
		}
	}
}

// toSimplex turns u + s·e_y into s times probabilities: negative elements become 0, and all are divided by their sum.
func toSimplex(u []float64, of int, s float64) {
	u[of] += s
	sum := 0.0
	for c := range u {
		u[c] = max(u[c], 0)
		sum += u[c]
	}
	if s == 0 {
		clear(u)
		return
	}
	for c := range u {
		u[c] *= s / sum
	}
	u[of] -= s
}

// fenchel returns (1/n) Σ sᵢℓ(zᵢ) + (sᵢℓ)*(uᵢ) − ⟨uᵢ, zᵢ⟩, the slack of Fenchel's inequality in the losses.
func (p *problem) fenchel(z, u []float64) float64 {
	logistic := p.loss == objective.Loss(objective.LogisticLoss{})
	return p.rowsum(func(lo, hi int) float64 {
		sum, c := 0.0, p.outputs
		own := make([]float64, c)
		var wrong []float64 // probabilities at z
		if logistic {
			wrong = wrongProbabilities(p.labels[lo:hi], z[lo:hi])
		}
		for i := lo; i < hi; i++ {
			s := p.weight(i)
			if s == 0 {
				continue
			}
			for k := range own {
				own[k] = u[i*c+k] / s
			}
			slack, ok := 0.0, false
			if logistic {
				slack, ok = divergence(-p.labels[i]*own[0], wrong[i-lo])
			}
			if !ok {
				slack = p.rowFenchel(z[i*c:(i+1)*c], own, p.labels[i])
			}
			sum += float64(s * slack)
		}
		return sum
	}) / float64(p.n)
}

// wrongProbabilities returns the probability of the wrong class at each score.
func wrongProbabilities(y, z []float64) []float64 {
	p := make([]float64, len(z))
	for i, z := range z {
		p[i] = -y[i] * z
	}
	simd.Sigmoid(p, p)
	return p
}

// divergence bounds q log(q/p) + (1−q) log((1−q)/(1−p)), the slack of Fenchel's inequality for the logistic loss, where p is the probability of the
// wrong class at the score and q that at the dual point. The divergence is ∫(q − t)h(t)dt from p to q with h(t) = 1/(t(1−t)). h is convex, so its
// chord is above it. It is at most a tenth too large. There is none if q is too far from p. It takes no logarithms and cancels no digits.
func divergence(q, p float64) (bound float64, ok bool) {
	r := q - p
	if !(2*math.Abs(r) < min(p, 1-p)) {
		return 0, false
	}
	return float64(r*(r/(3*p*(1-p)))) + float64(r*(r/(6*q*(1-q)))), true
}

// rowFenchel returns ℓ(z) + ℓ*(u) − ⟨u, z⟩.
func (p *problem) rowFenchel(z, u []float64, y float64) (sum float64) {
	switch {
	case p.targets != nil:
		for c, t := range p.targets.Row(int(y)) {
			r := z[c] - t - u[c]
			sum += float64(r * r / 2)
		}
		return sum
	case p.loss == nil:
		return softmaxFenchel(z, u, int(y))
	}
	value, _ := p.loss.Eval(z[0], y)
	u[0] = inside(p.loss, u[0], y) // rounding in the division by sᵢ may leave the domain
	return max(0, value+p.loss.Conjugate(u[0], y)-float64(u[0]*z[0]))
}

// inside returns the number nearest to u in the domain of the conjugate.
func inside(loss objective.Loss, u, y float64) float64 {
	lo, hi := domain(loss, y)
	return max(lo, min(hi, u))
}

// softmaxFenchel returns log Σ e^z − z_y + Σ q log q − ⟨u, z⟩ for the probabilities q = u + e_y.
func softmaxFenchel(z, u []float64, of int) float64 {
	top, sum, entropy, mean := z[0], 0.0, 0.0, 0.0
	for _, v := range z {
		top = max(top, v)
	}
	for c, v := range z {
		q := u[c]
		if c == of {
			q++
		}
		sum += math.Exp(v - top)
		if q > 0 {
			entropy += float64(q * math.Log(q))
			mean += float64(q * (v - top))
		}
	}
	return max(0, math.Log(sum)+entropy-mean)
}

// domain returns the ends of the slopes of a loss at label y.
func domain(loss objective.Loss, y float64) (lo, hi float64) {
	switch l := loss.(type) {
	case objective.LogisticLoss, objective.HingeLoss:
		return min(0, -y), max(0, -y)
	case objective.SquaredHingeLoss:
		if y > 0 {
			return math.Inf(-1), 0
		}
		return 0, math.Inf(1)
	case objective.HuberLoss:
		return -l.Delta, l.Delta
	}
	return math.Inf(-1), math.Inf(1)
}
