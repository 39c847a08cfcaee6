package train

import (
	"cmp"

	"steepest/internal/simd"
	"steepest/internal/suggest"
	"steepest/param"
)

// Average says which average of the iterates a run evaluates and returns. The averages at step k are over x₀ … x_{k−1},
// as in the lecture; at k = 0 each is x₀.
type Average struct {
	Form AverageForm
	// Beta is the decay of ExponentialAverage and BlendAverage in [0, 1); 0 stands for 0.99 and 149/150.
	Beta float64
	// Share is the share of the steps, at the end of the run, that SuffixAverage and BlendAverage use, in (0, 1]; 0 stands for 0.5 and 0.1.
	Share float64
	// Weight is the weight of the average in BlendAverage, in [0, 1]; 0 stands for 0.6.
	Weight float64
}

// OfTheEnd reports whether the average is over the last steps of a run. The run must then have a budget of steps or epochs.
func (a Average) OfTheEnd() bool { return a.Form == SuffixAverage || a.Form == BlendAverage }

// AverageForm is a kind of Average.
type AverageForm uint8

// The kinds of averages.
const (
	// LastIterate is no average: the iterate itself.
	LastIterate AverageForm = iota
	// UniformAverage is (1/k) Σ xₜ (Polyak and Juditsky 1992; Ruppert 1988).
	UniformAverage
	// StepAverage weights xₜ by the step size: the lecture's x̄ = Σ αₜxₜ / Σ αₜ.
	StepAverage
	// SuffixAverage is the uniform average over the last Share of the steps (Rakhlin, Shamir and Sridharan 2012). Before these
	// steps it is the iterate itself. The run must have a budget of steps or epochs.
	SuffixAverage
	// ExponentialAverage is x̄ ← βx̄ + (1−β)x from x̄ = x₀.
	ExponentialAverage
	// BlendAverage is (1−w)x + wx̄. x̄ ← βx̄ + (1−β)x starts at the first x of the last Share of the steps; before, it is the iterate itself
	// (the third track of the modded-nanogpt speedrun, result 45, 2026). The run must have a budget of steps or epochs.
	BlendAverage
)

var averageNames = []string{"none", "uniform", "step-weighted", "suffix", "exponential", "blend"}

// String returns the name that UnmarshalText reads.
func (f AverageForm) String() string { return averageNames[f] }

// MarshalText returns the name that UnmarshalText reads.
func (f AverageForm) MarshalText() ([]byte, error) { return []byte(f.String()), nil }

// UnmarshalText reads a kind of average by its name.
func (f *AverageForm) UnmarshalText(text []byte) error {
	return suggest.Value(f, "average", text, averageNames)
}

// averager keeps the average of a run.
type averager[T param.Float] struct {
	Average
	from     int // first step of a suffix
	mean     []T
	previous []T // the iterate before the step, whose step size is not known yet
	weight   float64
	blend    []T // the result of BlendAverage
}

func newAverager[T param.Float](a Average, x0 []T, steps int) *averager[T] {
	v := &averager[T]{Average: a}
	if a.Form != LastIterate {
		v.mean, v.previous = make([]T, len(x0)), make([]T, len(x0))
		copy(v.mean, x0)
	}
	beta, share := 0.99, 0.5
	if a.Form == BlendAverage {
		beta, share = 149./150, 0.1
		v.blend = make([]T, len(x0))
	}
	v.Beta, v.Share, v.Weight = cmp.Or(v.Beta, beta), cmp.Or(v.Share, share), cmp.Or(v.Weight, 0.6)
	if v.OfTheEnd() {
		v.from = steps - int(v.Share*float64(steps))
	}
	return v
}

// before stores the iterate x before a step.
func (v *averager[T]) before(x []T) {
	if v.Form != LastIterate {
		copy(v.previous, x)
	}
}

// share returns the weight, in the average, of the iterate before step k of size lr.
func (v *averager[T]) share(k int, lr float64) float64 {
	switch {
	case v.Form == LastIterate || v.OfTheEnd() && k < v.from:
		return 0
	case v.Form == BlendAverage && v.weight > 0:
		return 1 - v.Beta
	case v.Form == ExponentialAverage:
		return 1 - v.Beta
	case v.Form == StepAverage:
		v.weight += lr
		return lr / v.weight
	default:
		v.weight++
		return 1 / v.weight
	}
}

// after adds the stored iterate to the average, once the step size of step k is known.
func (v *averager[T]) after(k int, lr float64) {
	a := T(v.share(k, lr))
	if a == 0 {
		return
	}
	for i, x := range v.previous {
		v.mean[i] += T(a * (x - v.mean[i]))
	}
	if v.Form == ExponentialAverage || v.Form == BlendAverage { // it decays where x is 0
		simd.Flush(v.mean, v.mean, nil)
	}
}

// restart begins the average anew with the next iterate.
func (v *averager[T]) restart() { v.weight = 0 }

// value returns the point that the run evaluates at the iterate x.
func (v *averager[T]) value(x []T) []T {
	switch {
	case !v.averages():
		return x
	case v.Form == BlendAverage:
		simd.CombineX([]float64{1 - v.Weight, v.Weight}, v.blend, x, v.mean, nil)
		return v.blend
	}
	return v.mean
}

// averages reports whether there is an average yet.
func (v *averager[T]) averages() bool {
	return v.Form != LastIterate && !(v.OfTheEnd() && v.weight == 0)
}
