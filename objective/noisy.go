package objective

import (
	"fmt"
	"math"

	"steepest/data"
)

// NoisyAbs returns the mean ε|x| of the two terms ε|x| ± x, ε ≥ 0, of one unknown: convex with a kink, and a stochastic
// gradient whose second moment is 1 + ε² at every x ≠ 0. For ε = 2/√k, the bound of averaged SGD over k steps is nearly tight.
func NoisyAbs(epsilon float64) *Function {
	sign := [2]float64{1, -1}
	return &Function{
		Name: "ε|x| ± x",
		Funcs: Funcs[float64]{N: 2, D: 1,
			FuncGrad: func(dst, x []float64, i int) float64 {
				dst[0] = sign[i]
				if x[0] != 0 {
					dst[0] += math.Copysign(epsilon, x[0])
				}
				return float64(epsilon*math.Abs(x[0])) + float64(sign[i]*x[0])
			}},
		Start:      []float64{1},
		Minimizers: [][]float64{{0}},
		Known: Constants{
			L: math.Inf(1), LMax: math.Inf(1), SecondMoment: 1 + float64(epsilon*epsilon), Variance: 1, Convex: true,
		},
	}
}

// NoisyHuber returns the mean of the two terms h(x) ± σx of one unknown. h is Huber's loss: x²/2 up to |x| = δ, linear beyond. Far from
// 0 the slope is always δ. For δ = 1/(2k+1), this is a worst case for k steps of gradient descent from 1 with α = 1/L = 1 (Drori and
// Teboulle 2014, theorem 2).
func NoisyHuber(delta, sigma float64) *Function {
	sign, loss := [2]float64{1, -1}, HuberLoss{Delta: delta}
	return &Function{
		Name: "Huber's loss ± σx",
		Funcs: Funcs[float64]{N: 2, D: 1,
			FuncGrad: func(dst, x []float64, i int) float64 {
				value, slope := loss.Eval(x[0], 0)
				dst[0] = slope + float64(sign[i]*sigma)
				return value + float64(sign[i]*sigma*x[0])
			}},
		Start:      []float64{1},
		Minimizers: [][]float64{{0}},
		Known: Constants{
			L: 1, LMax: 1, SecondMoment: float64(delta*delta) + float64(sigma*sigma), Variance: sigma * sigma, Convex: true,
		},
	}
}

// TwoKinks returns the mean of |x − 1| and |x + 1|, of one unknown: every x in [−1, 1] is a minimizer, and the second moment of
// the stochastic gradient is 1. At a kink the subgradient is chosen so that the mean is 0.
func TwoKinks() *Function {
	kink := [2]float64{1, -1}
	return &Function{
		Name: "(|x − 1| + |x + 1|)/2",
		Funcs: Funcs[float64]{N: 2, D: 1,
			FuncGrad: func(dst, x []float64, i int) float64 {
				r := x[0] - kink[i]
				dst[0] = -kink[i]
				if r != 0 {
					dst[0] = math.Copysign(1, r)
				}
				return math.Abs(r)
			}},
		Start:      []float64{5},
		Minimizers: [][]float64{{1}, {-1}}, // the ends of the segment
		Min:        1,
		Known:      Constants{L: math.Inf(1), LMax: math.Inf(1), SecondMoment: 1, Variance: 1, Convex: true},
	}
}

// TwoLogistic returns the mean of log(1 + e^−x) and log(1 + e^x), of one unknown: logistic regression on one row that has both
// labels. It is convex and smooth, and not strongly convex; the noise at the minimizer 0 is ¼.
func TwoLogistic() *Function {
	sign, loss := [2]float64{1, -1}, LogisticLoss{}
	return &Function{
		Name: "log(1 + e^∓x)",
		Funcs: Funcs[float64]{N: 2, D: 1,
			FuncGrad: func(dst, x []float64, i int) (value float64) {
				value, dst[0] = loss.Eval(x[0], sign[i])
				return value
			}},
		Start:      []float64{4},
		Minimizers: [][]float64{{0}},
		Min:        math.Ln2,
		Known:      Constants{L: 0.25, LMax: 0.25, SecondMoment: 0.5, Variance: 0.25, Convex: true},
	}
}

// OneHot returns least squares with rows along the axes, aᵢ = √d·sⱼeⱼ, each twice, with the labels ⟨aᵢ, w⟩ ± σ. All quantities in
// the theorems on averaged SGD are known exactly: the Hessian diag(sⱼ²), R² = d·max sⱼ², the minimizer w with f* = σ²/2, and the
// noise, whose covariance is σ² times the Hessian. If an sⱼ is 0, the problem is not strongly convex. OneHot panics unless s and w
// have the same length ≥ 1.
func OneHot(s, w []float64, sigma float64) *Linear[float64] {
	checkLen("w", w, len(s))
	d := len(s)
	x, y := &data.Dense{Rows: 2 * d, Cols: d, Data: make([]float64, 2*d*d)}, make([]float64, 2*d)
	for j := range s {
		entry := math.Sqrt(float64(d)) * s[j]
		for side, sign := range [2]float64{1, -1} {
			i := 2*j + side
			x.Row(i)[j] = entry
			y[i] = float64(entry*w[j]) + float64(sign*sigma)
		}
	}
	p, err := LeastSquares(x, y)
	if err != nil {
		panic(fmt.Sprint("objective: OneHot: ", err))
	}
	return p
}
