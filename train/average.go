package train

import (
	"steepest/internal/simd"
	"steepest/internal/suggest"
	"steepest/param"
)

// Average says which average of the iterates a run evaluates and returns. The averages at step k are over x₀ … x_{k−1},
// as in the lecture; at k = 0 each is x₀.
type Average struct {
	Form AverageForm
	// Beta is the decay of ExponentialAverage in [0, 1); 0 stands for 0.99.
	Beta float64
	// Share is the part of the steps at the end of the run that SuffixAverage takes, in (0, 1]; 0 stands for 0.5.
	Share float64
}

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
	// SuffixAverage is the uniform average over the last Share of the steps (Rakhlin, Shamir and Sridharan 2012), and the
	// iterate itself before. The run must have a budget of steps or epochs.
	SuffixAverage
	// ExponentialAverage is x̄ ← βx̄ + (1−β)x from x̄ = x₀.
	ExponentialAverage
)

var averageNames = []string{"none", "uniform", "step-weighted", "suffix", "exponential"}

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
}

func newAverager[T param.Float](a Average, x0 []T, steps int) *averager[T] {
	v := &averager[T]{Average: a}
	if a.Form != LastIterate {
		v.mean, v.previous = make([]T, len(x0)), make([]T, len(x0))
		copy(v.mean, x0)
	}
	if v.Beta == 0 {
		v.Beta = 0.99
	}
	if v.Share == 0 {
		v.Share = 0.5
	}
	if v.Form == SuffixAverage {
		v.from = steps - int(v.Share*float64(steps))
	}
	return v
}

// before remembers the iterate x that step k starts from.
func (v *averager[T]) before(x []T) {
	if v.Form != LastIterate {
		copy(v.previous, x)
	}
}

// share returns the share in the average of the iterate that step k, of size lr, starts from.
func (v *averager[T]) share(k int, lr float64) float64 {
	switch {
	case v.Form == LastIterate || v.Form == SuffixAverage && k < v.from:
		return 0
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

// after takes the remembered iterate into the average once the step size of step k is known.
func (v *averager[T]) after(k int, lr float64) {
	a := T(v.share(k, lr))
	if a == 0 {
		return
	}
	for i, x := range v.previous {
		v.mean[i] += T(a * (x - v.mean[i]))
	}
	if v.Form == ExponentialAverage { // which fades where x is 0
		simd.Flush(v.mean, v.mean, nil)
	}
}

// restart begins the average anew with the next iterate.
func (v *averager[T]) restart() { v.weight = 0 }

// value returns what the run evaluates at the iterate x.
func (v *averager[T]) value(x []T) []T {
	if v.averages() {
		return v.mean
	}
	return x
}

// averages reports whether there is an average yet.
func (v *averager[T]) averages() bool {
	return v.Form != LastIterate && !(v.Form == SuffixAverage && v.weight == 0)
}
