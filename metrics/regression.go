package metrics

import "math"

// RMSE returns the root of the mean squared error, in the units of truth. Without rows it is NaN.
func RMSE(truth, predicted []float64) float64 {
	checkLength("predicted values", len(predicted), len(truth), 1)
	return math.Sqrt(mean(len(truth), squaredError(truth, predicted)))
}

// MAE returns the mean absolute error, in the units of truth. Without rows it is NaN.
func MAE(truth, predicted []float64) float64 {
	checkLength("predicted values", len(predicted), len(truth), 1)
	return mean(len(truth), func(i int) float64 { return math.Abs(truth[i] - predicted[i]) })
}

// R2 returns the coefficient of determination, 1 − Σ(truth − predicted)² / Σ(truth − its mean)²: 1 for perfect predictions, 0
// for those no better than the mean of truth, and negative for worse ones. If truth is constant, it is 1 for perfect predictions
// and 0 for others. With fewer than two rows it is NaN.
//
// It differs from scikit-learn if truth is constant but its rounded mean is a different number, as for 0.1: then r2_score
// divides by the rounding error and returns about −1e33 instead of 0.
func R2(truth, predicted []float64) float64 {
	checkLength("predicted values", len(predicted), len(truth), 1)
	n := len(truth)
	if n < 2 {
		return math.NaN()
	}
	// The first value is subtracted before the mean is computed, so that deviations are exactly 0 if truth is constant.
	shift := mean(n, func(i int) float64 { return truth[i] - truth[0] })
	largest := 0.0
	for _, y := range truth {
		largest = max(largest, math.Abs(y-truth[0]-shift))
	}
	_, exponent := math.Frexp(largest)
	square := func(d float64) float64 { // of a deviation that is scaled so that no square leaves the range
		d = math.Ldexp(d, -exponent)
		return d * d
	}
	variation := sum(0, n, func(i int) float64 { return square(truth[i] - truth[0] - shift) })
	unexplained := sum(0, n, func(i int) float64 { return square(truth[i] - predicted[i]) })
	switch {
	case variation == 0 && unexplained == 0:
		return 1
	case variation == 0 && unexplained > 0:
		return 0
	}
	return 1 - unexplained/variation
}

func squaredError(truth, predicted []float64) func(row int) float64 {
	return func(i int) float64 {
		d := truth[i] - predicted[i]
		return d * d
	}
}
