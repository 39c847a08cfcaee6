package objective

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"steepest/internal/cosine"
	"steepest/internal/suggest"
)

// named lists the test functions with names. Only the last one takes a condition number.
var named = []struct {
	name string
	make func(kappa float64) *Function
}{
	{"rosenbrock", func(float64) *Function { return Rosenbrock() }},
	{"beale", func(float64) *Function { return Beale() }},
	{"himmelblau", func(float64) *Function { return Himmelblau() }},
	{"booth", func(float64) *Function { return Booth() }},
	{"ripple", func(float64) *Function { return Ripple() }},
	{"quadratic", func(kappa float64) *Function { return Quadratic(2, kappa) }},
}

// Named returns the names that NewNamed knows.
func Named() (names []string) {
	for _, f := range named {
		names = append(names, f.name)
	}
	return names
}

// The errors of NewNamed that are not about the name.
var (
	ErrKappa = errors.New("a condition number is at least 1")
	ErrNoise = errors.New("noise is at least 0")
)

// NewNamed returns the test function with a name: rosenbrock, beale, himmelblau, booth, ripple, or quadratic. quadratic has two unknowns
// and the condition number kappa, which must be finite. If noise is positive, the function is made Noisy. The error is ErrKappa, ErrNoise,
// or lists the names.
func NewNamed(name string, kappa, noise float64) (*Function, error) {
	i, err := suggest.Index("function", name, Named())
	switch {
	case err != nil:
		return nil, err
	case !(kappa >= 1) || math.IsInf(kappa, 1):
		return nil, fmt.Errorf("%w, and %v is not", ErrKappa, kappa)
	case !(noise >= 0) || math.IsInf(noise, 1):
		return nil, fmt.Errorf("%w, and %v is not", ErrNoise, noise)
	}
	f := named[i].make(kappa)
	if noise > 0 {
		f = Noisy(f, noise)
	}
	return f, nil
}

// noiseTerms is the number of terms of a Noisy function of two unknowns.
const noiseTerms = 32

// Noisy returns a function f of one term and one or two unknowns as the mean of terms f(x) + ⟨uᵢ, x⟩. The gradient of a term is
// ∇f(x) + uᵢ, with noise uᵢ of length sigma > 0. In the plane there are 32 such vectors, in evenly spaced directions; on the line
// there are two, ±sigma. So their mean is 0, and the variance is sigma² everywhere.
func Noisy(f *Function, sigma float64) *Function {
	if f.Len() != 1 || f.D > 2 || !(sigma > 0) {
		panic(fmt.Sprintf("objective: Noisy of %d terms of %d unknowns with σ = %v, want 1 term, 1 or 2 unknowns and σ > 0", f.Len(), f.D, sigma))
	}
	u := [][]float64{{sigma}, {-sigma}}
	if f.D == 2 {
		u = nil
		for i := range noiseTerms / 2 {
			half := noiseTerms / 2. // the vectors of half a turn
			cos, sin := cosine.Pi(float64(i)/half), cosine.Pi(float64(i-noiseTerms/4)/half)
			u = append(u, []float64{sigma * cos, sigma * sin}, []float64{-sigma * cos, -sigma * sin})
		}
	}
	known := f.Known
	known.Variance = float64(sigma * sigma)
	known.SecondMoment += known.Variance
	return &Function{
		Name: f.Name + ", noisy",
		Funcs: Funcs[float64]{N: len(u), D: f.D,
			FuncGrad: func(dst, x []float64, i int) float64 {
				value := f.FuncGrad(dst, x, 0)
				for j, w := range x {
					dst[j] += u[i][j]
					value += float64(u[i][j] * w)
				}
				return value
			}},
		Start: f.Start, Minimizers: slices.Clone(f.Minimizers), Min: f.Min, Spectrum: f.Spectrum, Known: known,
	}
}
