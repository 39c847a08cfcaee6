package theory

import (
	"math"

	"gonum.org/v1/gonum/stat"
)

// Fit is a straight line fitted to the logarithm of a curve.
type Fit struct {
	// Slope is the slope of log y over log k for Power, and of log y over k for Linear.
	Slope float64
	// Error is the standard error of the slope, assuming independent deviations from the line.
	Error float64
}

// Power fits log y = slope·log k + const: the exponent of a rate. It leaves out points with y ≤ 0 or k ≤ 0. If fewer
// than three are left, the result is NaN. Power panics if the lengths differ.
func Power(k, y []float64) Fit { return fit(k, y, math.Log) }

// Linear fits log y = slope·k + const: a linear rate, with the factor e^Slope per step. Points and errors
// are treated as in Power.
func Linear(k, y []float64) Fit { return fit(k, y, func(k float64) float64 { return k }) }

func fit(k, y []float64, scale func(float64) float64) Fit {
	if len(k) != len(y) {
		panic("theory: a fit of slices of different lengths")
	}
	var u, v []float64
	for i := range k {
		if y[i] > 0 && k[i] > 0 {
			u, v = append(u, scale(k[i])), append(v, math.Log(y[i]))
		}
	}
	if len(u) < 3 {
		return Fit{math.NaN(), math.NaN()}
	}
	intercept, slope := stat.LinearRegression(u, v, nil, false)
	rest := 0.0
	for i := range u {
		r := v[i] - intercept - slope*u[i]
		rest += r * r
	}
	n := float64(len(u))
	return Fit{slope, math.Sqrt(rest / (n - 2) / ((n - 1) * stat.Variance(u, nil)))}
}

// Complexity is a row of the lecture's table of complexities: how the error falls with the step k.
type Complexity struct {
	// Class is a class of functions with a Lipschitz gradient.
	Class string
	// Error is the quantity that falls.
	Error string
	// GD and SGD are the exponents of k; −Inf is a linear rate. An error of ε takes ε^(1/exponent) steps, and log(1/ε).
	GD, SGD float64
}

// Complexities is the lecture's table. GD is without acceleration. SGD has noise at the solution; without noise it has the rates of
// GD.
var Complexities = []Complexity{
	{"PL", "f(x_k) − f*", math.Inf(-1), -1},
	{"convex", "f(x̄_k) − f*", -1, -0.5},
	{"not convex", "min ‖∇f(x_t)‖²", -1, -0.5},
}
