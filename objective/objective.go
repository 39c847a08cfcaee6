package objective

import "steepest/param"

// FiniteSum is the problem that every method of the lecture minimizes,
//
//	f(x) = (1/n) Σᵢ fᵢ(x),   x ∈ R^d.
//
// A batch is a list of indices in [0, n), with repetitions allowed; the nil batch stands for all n terms. Methods may
// be called from several goroutines at once, and their results do not depend on GOMAXPROCS. They panic if a slice has the
// wrong length.
type FiniteSum[T param.Float] interface {
	// Len returns n, the number of terms.
	Len() int
	// Params returns the layout of x; the sizes add up to d.
	Params() []param.Param
	// Loss returns the mean of fᵢ(x) over the batch.
	Loss(x []T, batch []uint32) float64
	// Grad stores the mean of ∇fᵢ(x) over the batch in dst and returns the mean of fᵢ(x). At a kink it takes a
	// subgradient.
	Grad(dst, x []T, batch []uint32) float64
	// FLOPs returns the cost of Grad over a batch of the given size, with a multiply-add counted as one operation, as
	// the lecture counts: 2db + d for a dense linear model.
	FLOPs(batch int) float64
}

// Composite is a FiniteSum with a nonsmooth term h: the problem is to minimize F(x) = f(x) + h(x). Loss and Grad are those
// of f alone. If h is zero, Prox and AddSubgradient do nothing, and Constants.Composite is false.
type Composite[T param.Float] interface {
	FiniteSum[T]
	// Penalty returns h(x).
	Penalty(x []T) float64
	// Prox replaces x by argmin_z h(z) + ‖z − x‖²/(2·step).
	Prox(x []T, step float64)
	// AddSubgradient adds an element of ∂h(x) to dst.
	AddSubgradient(dst, x []T)
}

// Fallible is a problem whose terms are read while it is minimized. Err returns the first error of reading, or nil. After an error, Loss
// and Grad return NaN.
type Fallible interface{ Err() error }

// Value returns the objective at x: f(x), plus h(x) if the problem is Composite.
func Value[T param.Float](p FiniteSum[T], x []T) float64 {
	f := p.Loss(x, nil)
	if c, ok := p.(Composite[T]); ok {
		f += c.Penalty(x)
	}
	return f
}

// Dim returns d, the number of unknowns of p.
func Dim[T param.Float](p FiniteSum[T]) int {
	d := 0
	for _, q := range p.Params() {
		d += q.Size()
	}
	return d
}

// Constants are the constants of a problem that theorems use, computed from its data. The norm is ℓ2. A constant that does
// not exist for the problem is +Inf (no Lipschitz gradient) or 0 (no strong convexity).
type Constants struct {
	// L is the Lipschitz constant of ∇f.
	L float64
	// LMax is the largest Lipschitz constant of a ∇fᵢ.
	LMax float64
	// Mu is the strong convexity constant of f that the problem guarantees on all of R^d.
	Mu float64
	// PL is the largest known constant with ½‖∇f(x)‖² ≥ PL·(f(x) − f*) at every x, the inequality of Polyak and
	// Łojasiewicz. It is at least Mu, and may be positive even if f has many minimizers or is not convex.
	PL float64
	// SecondMoment is the supremum over all x of (1/n) Σ ‖∇fᵢ(x)‖². Variance is the supremum of (1/n) Σ ‖∇fᵢ(x) − ∇f(x)‖², the σ²
	// of theorems on one stochastic gradient. They are +Inf if no bound on all of R^d is known.
	SecondMoment, Variance float64
	// Convex says whether every fᵢ is convex.
	Convex bool
	// Composite says whether there is a nonzero term h besides f. The other constants are those of f alone.
	Composite bool
}

// Analytic is a problem that knows its Constants.
type Analytic interface {
	Constants() Constants
}

// Certified is a problem with a dual: Gap(x) ≥ F(x) − F* bounds the suboptimality of any x without knowing F*.
type Certified interface {
	// Gap returns the duality gap at x, which is never negative. It is +Inf if the problem has no finite dual point at x.
	Gap(x []float64) float64
}

// SecondMoment returns (1/n) Σ ‖∇fᵢ(x)‖², the mean square of a stochastic gradient at x. At the minimizer it is the σ*²
// of the theorems.
func SecondMoment(p FiniteSum[float64], x []float64) float64 {
	if q, ok := p.(interface{ SecondMoment(x []float64) float64 }); ok {
		return q.SecondMoment(x)
	}
	grad := make([]float64, len(x))
	var sum total
	for i := range p.Len() {
		p.Grad(grad, x, []uint32{uint32(i)})
		sum.add(dot(grad, grad))
	}
	return sum.value() / float64(p.Len())
}
