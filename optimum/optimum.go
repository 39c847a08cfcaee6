package optimum

import (
	"context"
	"errors"
	"fmt"
	"math"

	"steepest/objective"
)

// Tolerance is the relative error in F that Find aims at.
const Tolerance = 1e-12

// Optimum is an approximate minimizer of F = f + h with what is known about its error.
type Optimum struct {
	// X is the minimizer found.
	X []float64
	// Value is F(X), of a linear model with the digits that rounding in float64 loses.
	Value float64
	// Gap bounds |Value − F*|; +Inf if no bound is known.
	Gap float64
	// Certified says whether Gap ≤ Tolerance·|Value|. Where F* is zero to rounding, as in interpolation, 1e-12·F(0) stands
	// for |Value|. It is false where no minimizer exists.
	Certified bool
	// Proof says what the certificate rests on, and Checked whether a second route, an orthogonal factorization of the rows, has found no
	// smaller value than it allows.
	Proof   Proof
	Checked bool
	// Noise is σ*² = (1/n) Σ ‖∇fᵢ(X)‖², the second moment of the stochastic gradients at the minimizer.
	Noise float64
	// Method names what found X, Iterations counts its steps, and Status says in words how it ended.
	Method     string
	Iterations int
	Status     string

	rounding float64 // bounds what rounding has changed in Value
}

// Proof is what a certificate rests on.
type Proof uint8

const (
	// Unproved says that Gap was computed in float64, and that the rounding of it is not bounded: it may be larger than Gap.
	Unproved Proof = iota
	// Formula is a closed form of F*.
	Formula
	// Duality is the value of a dual point, which no value of F is below, with all rounding counted. No constant of F enters it.
	Duality
	// Curvature is a lower bound on the curvature of F, from eigenvalues less the bound on their error, with the gradient, all rounding counted.
	Curvature
)

// String returns the name of the proof.
func (p Proof) String() string { return [...]string{"none", "closed form", "duality", "curvature"}[p] }

// Find minimizes p. The method depends on the problem:
//
//   - a Function is looked up, and a Factorization of a matrix that is known as a whole has a closed form;
//   - the hinge loss with an ℓ2 penalty is solved through its dual, by an interior point method where x has at most 500
//     elements, and by coordinate descent;
//   - a problem with a term h, by the proximal Newton method if it is a Linear with at most 500 elements in x, and by
//     accelerated proximal gradient descent with restarts where that does not apply or get to the tolerance;
//   - a smooth problem, from 0, by Newton's method where it has a Hessian of order at most 500, and by L-BFGS otherwise.
//
// A run that ends short of the tolerance, after some minutes of a first-order method at the most, is not an error:
// Certified is then false. Find returns an error if it has no method for the problem, and the context's cause soon after that has
// been cancelled, between two evaluations of p.
func Find(ctx context.Context, p objective.FiniteSum[float64]) (Optimum, error) {
	o, err := search(ctx, p)
	if ctx.Err() != nil {
		return Optimum{}, context.Cause(ctx)
	}
	return o, err
}

func search(ctx context.Context, p objective.FiniteSum[float64]) (Optimum, error) {
	if f, ok := p.(*objective.Function); ok {
		return lookUp(f), nil
	}
	if f, ok := p.(*objective.Factorization[float64]); ok {
		return factorize(f)
	}
	lin, _ := p.(*objective.Linear[float64])
	if lin != nil && lin.ScalarLoss() == (objective.HingeLoss{}) {
		if l1, l2 := lin.Penalties(); l1 > 0 || l2 == 0 {
			return Optimum{}, errors.New("optimum: the hinge loss needs an ℓ2 penalty and no ℓ1 penalty; add objective.L2")
		}
		if lin.Intercept() {
			return Optimum{}, errors.New("optimum: the dual of the hinge loss has no free intercept here; penalize it as a column of ones, or take SquaredHingeLoss")
		}
		return finish(ctx, p, hinge(ctx, lin)), nil
	}
	if c, ok := composite(p); ok {
		analytic, ok := p.(objective.Analytic)
		if !ok {
			return Optimum{}, fmt.Errorf("optimum: %T has a term h but no Constants, whose L sets the step", p)
		}
		x, l := make([]float64, objective.Dim(p)), analytic.Constants().L
		if lin != nil && len(x) <= maxNewtonOrder {
			if o := finish(ctx, p, proximalNewton(ctx, lin, l, x)); o.Certified {
				return o, nil
			}
		}
		return finish(ctx, p, proximal(ctx, c, l, x)), nil
	}
	return refine(ctx, p, finish(ctx, p, smooth(ctx, p))), nil
}

// lookUp answers for a function whose minimizers are known in closed form.
func lookUp(f *objective.Function) Optimum {
	x := f.Minimizers[0]
	return Optimum{
		X: x, Value: f.Min, Certified: true, Proof: Formula, Noise: objective.SecondMoment(f, x),
		Method: "closed form", Status: "known",
	}
}

// factorize answers for a matrix that is known as a whole.
func factorize(p *objective.Factorization[float64]) (Optimum, error) {
	x, value, ok := p.Minimizer()
	if !ok {
		return Optimum{}, errors.New("optimum: the minimum of a factorization is known only where all entries are")
	}
	return Optimum{
		X: x, Value: value, Certified: true, Proof: Formula, Noise: objective.SecondMoment(p, x), Method: "closed form", Status: "known",
	}, nil
}

// composite returns p as a Composite if it has a term h that is not zero.
func composite(p objective.FiniteSum[float64]) (objective.Composite[float64], bool) {
	c, ok := p.(objective.Composite[float64])
	if a, analytic := p.(objective.Analytic); ok && analytic {
		ok = a.Constants().Composite
	}
	return c, ok
}

// maxPasses returns the number of passes over the data that a first-order method may take: some minutes of work.
func maxPasses(p objective.FiniteSum[float64]) int { return int(min(2e5, 1e11/p.FLOPs(p.Len()))) }

// finish completes what a method reports with everything that does not depend on the method. A Gap that comes with a
// method, from a dual point of its own, counts; +Inf says that there is none.
func finish(ctx context.Context, p objective.FiniteSum[float64], o Optimum) Optimum {
	if ctx.Err() != nil {
		return o
	}
	change := make([]float64, len(o.X)) // what rounding changes in the gradient
	if lin, ok := p.(*objective.Linear[float64]); ok {
		o.Value, o.rounding = lin.Enclosed(o.X)
		lin.Rounding(change, o.X)
	} else {
		o.Value, o.rounding = objective.Value(p, o.X), math.Inf(1)
	}
	b, limit := bound(p, o, change), precision(p, o.Value)
	switch {
	case b.dual+o.rounding <= limit:
		o.Gap, o.Proof = b.dual+o.rounding, Duality
	case b.curvature+o.rounding <= limit:
		o.Gap, o.Proof = b.curvature+o.rounding, Curvature
	default:
		rounding := o.rounding
		if math.IsInf(rounding, 1) {
			rounding = 0x1p-52 * math.Abs(o.Value) // the least that there is
		}
		o.Gap = min(b.dual, b.curvature, b.float) + rounding
	}
	o.Certified = o.Gap <= limit
	o.Noise = objective.SecondMoment(p, o.X)
	if separated(p, o.X) {
		o.Certified = false
		o.Status = "no minimizer: the classes can be separated and nothing penalizes ‖x‖, so that F tends to 0 as x goes " +
			"to infinity; add objective.L2"
	}
	return o
}

// precision returns the gap at which a point of the given value is certified.
func precision(p objective.FiniteSum[float64], value float64) float64 {
	origin := objective.Value(p, make([]float64, objective.Dim(p)))
	return Tolerance * max(math.Abs(value), Tolerance*origin)
}

// separated reports whether x proves that a logistic or softmax problem without penalty has no minimizer: it has none if
// some x puts every row on its own side, and a loss below log 2 is one on its side.
func separated(p objective.FiniteSum[float64], x []float64) bool {
	lin, ok := p.(*objective.Linear[float64])
	if !ok || !logistic(lin) {
		return false
	}
	if l1, l2 := lin.Penalties(); l1 > 0 || l2 > 0 {
		return false
	}
	for i := range lin.Len() {
		if lin.Loss(x, []uint32{uint32(i)}) >= math.Ln2 {
			return false
		}
	}
	return true
}

// logistic reports whether p is a logistic or a softmax model.
func logistic(p *objective.Linear[float64]) bool {
	softmax := p.ScalarLoss() == nil && p.Targets() == nil
	return softmax || p.ScalarLoss() == (objective.LogisticLoss{})
}
