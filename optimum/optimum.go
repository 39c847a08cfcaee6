package optimum

import (
	"context"
	"errors"
	"fmt"
	"math"

	"steepest/objective"
)

// Tolerance is the relative error in F that Find aims for.
const Tolerance = 1e-12

// Optimum is an approximate minimizer of F = f + h with bounds on its error.
type Optimum struct {
	// X is the minimizer found.
	X []float64
	// Value is F(X). For a linear model it includes digits that plain float64 sums would lose.
	Value float64
	// Gap bounds |Value − F*|. It is +Inf if no bound is known.
	Gap float64
	// Certified says whether Gap ≤ Tolerance·|Value|. If F* is zero up to rounding, as in interpolation, 1e-12·F(0) replaces
	// |Value|. Certified is false if no minimizer exists.
	Certified bool
	// Proof says what kind of proof the certificate is. Checked says that a second route, an orthogonal factorization of the rows, has
	// found no value that contradicts it.
	Proof   Proof
	Checked bool
	// Noise is σ*² = (1/n) Σ ‖∇fᵢ(X)‖², the second moment of the stochastic gradients at the minimizer.
	Noise float64
	// Method is the name of the method that found X, Iterations the number of its steps, and Status says how it ended.
	Method     string
	Iterations int
	Status     string

	rounding float64 // bounds the rounding error of Value
}

// Proof is the kind of proof behind a certificate.
type Proof uint8

const (
	// Unproved says that Gap was computed in float64 without a bound on its rounding error, which may exceed Gap.
	Unproved Proof = iota
	// Formula is a closed form of F*.
	Formula
	// Duality is the value of a dual point, a lower bound of F, including all rounding errors. It uses no constant of F.
	Duality
	// Curvature combines the gradient with a lower bound on the curvature of F, from eigenvalues minus the bound on their error. It includes
	// all rounding errors.
	Curvature
)

// String returns the name of the proof.
func (p Proof) String() string { return [...]string{"none", "closed form", "duality", "curvature"}[p] }

// Find minimizes p. The method depends on the problem:
//
//   - a Function is looked up, and a Factorization of a fully known matrix has a closed form;
//   - the hinge loss with an ℓ2 penalty is solved through its dual: by an interior point method if x has at most 500
//     elements, then by coordinate descent;
//   - a problem with a term h is solved by the proximal Newton method if it is a Linear with at most 500 elements in x; if
//     that does not apply or misses the tolerance, by accelerated proximal gradient descent with restarts;
//   - a smooth problem is solved from 0, by Newton's method if it has a Hessian of order at most 500, otherwise by L-BFGS.
//
// First-order methods stop after some minutes. A run that ends short of the tolerance is not an error: Certified is then
// false. Find returns an error if it has no method for the problem. After the context is cancelled, it returns the context's cause
// at the next evaluation of p.
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
			return Optimum{}, errors.New("optimum: the hinge loss needs an ℓ2 penalty above 0 and no ℓ1 penalty; add objective.L2")
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

// lookUp returns the optimum of a function whose minimizers are known in closed form.
func lookUp(f *objective.Function) Optimum {
	x := f.Minimizers[0]
	return Optimum{
		X: x, Value: f.Min, Certified: true, Proof: Formula, Noise: objective.SecondMoment(f, x),
		Method: "closed form", Status: "known",
	}
}

// factorize returns the optimum for a fully known matrix.
func factorize(p *objective.Factorization[float64]) (Optimum, error) {
	x, value, ok := p.Minimizer()
	if !ok {
		return Optimum{}, errors.New("optimum: the minimum of a factorization is known only where all entries are")
	}
	return Optimum{
		X: x, Value: value, Certified: true, Proof: Formula, Noise: objective.SecondMoment(p, x), Method: "closed form", Status: "known",
	}, nil
}

// composite returns p as a Composite if it has a nonzero term h.
func composite(p objective.FiniteSum[float64]) (objective.Composite[float64], bool) {
	c, ok := p.(objective.Composite[float64])
	if a, analytic := p.(objective.Analytic); ok && analytic {
		ok = a.Constants().Composite
	}
	return c, ok
}

// maxPasses returns the number of passes over the data that a first-order method may take: some minutes of work.
func maxPasses(p objective.FiniteSum[float64]) int { return int(min(2e5, 1e11/p.FLOPs(p.Len()))) }

// finish completes the result of a method with everything that does not depend on the method. A method may set Gap from its
// own dual point; otherwise Gap must be +Inf.
func finish(ctx context.Context, p objective.FiniteSum[float64], o Optimum) Optimum {
	if ctx.Err() != nil {
		return o
	}
	change := make([]float64, len(o.X)) // bounds on the rounding errors of the gradient
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

// separated reports whether x proves that a logistic or softmax problem without penalty has no minimizer. It has none if some
// x classifies every row correctly. A row is classified correctly if its loss is below log 2.
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
