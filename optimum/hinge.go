package optimum

import (
	"context"
	"math/rand/v2"
	"slices"

	"gonum.org/v1/gonum/floats"

	"steepest/objective"
)

const (
	epochsPerGap    = 10
	maxPolishEpochs = 500
)

// hinge minimizes the hinge loss with an ℓ2 penalty through its dual. It always ends with coordinate descent, which reaches a
// higher accuracy than the interior point method before rounding stops it.
func hinge(ctx context.Context, lin *objective.Linear[float64]) Optimum {
	d := newDual(lin)
	if len(d.w) > maxNewtonOrder || lin.RowWeights() != nil { // the interior point method does not support weights
		return dualDescent(ctx, d, maxPasses(lin))
	}
	steps := interiorPoint(ctx, d)
	o := dualDescent(ctx, d, maxPolishEpochs)
	o.Method, o.Iterations = "interior point", o.Iterations+steps
	return o
}

// dualDescent is dual coordinate descent for the hinge loss (Hsieh et al. 2008, Algorithm 1, as in LIBLINEAR). A step
// minimizes over one pᵢ exactly. An epoch goes through the rows in random order, with a fixed seed.
func dualDescent(ctx context.Context, d *dual, epochs int) Optimum {
	o := Optimum{X: d.w, Method: "dual coordinate descent", Status: "work limit"}
	random := rand.New(rand.NewPCG(1, 0))
	for ; o.Iterations < epochs && ctx.Err() == nil; o.Iterations++ {
		if o.Iterations%epochsPerGap == 0 {
			d.refresh()
			if o.Gap = d.gap(); o.Gap <= precision(d, d.Loss(d.w, nil))/2 {
				o.Status = "duality gap below the tolerance"
				break
			}
		}
		for _, i := range random.Perm(d.Len()) {
			d.step(i)
		}
	}
	d.refresh()
	o.Gap = d.gap()
	return o
}

// dual is the dual problem of the hinge loss at a point: the unknowns pᵢ ∈ [0, 1], which give the slope −sᵢpᵢyᵢ of row i, and
// the primal point w = (1/nλ) Σ sᵢpᵢyᵢaᵢ.
type dual struct {
	*objective.Linear[float64]
	labels []float64
	shares []float64 // sᵢ
	unit   float64   // 1/(nλ)
	p, w   []float64
}

func newDual(lin *objective.Linear[float64]) *dual {
	_, labels := lin.Data()
	_, l2 := lin.Penalties()
	n, shares := lin.Len(), lin.RowWeights()
	if shares == nil {
		shares = slices.Repeat([]float64{1}, n)
	}
	return &dual{lin, labels, shares, 1 / (l2 * float64(n)), make([]float64, n), make([]float64, objective.Dim(lin))}
}

func (d *dual) margin(i int) float64 { return d.labels[i] * d.RowDot(i, d.w) }

func (d *dual) step(i int) {
	_, a := d.Row(i)
	slope := d.margin(i) - 1
	unit := d.shares[i] * d.unit
	curvature := unit * floats.Dot(a, a)
	p := 1.0 // for an empty row, with margin 0
	if curvature > 0 {
		p = max(0, min(1, d.p[i]-slope/curvature))
	}
	if p != d.p[i] {
		d.RowAxpy(d.w, (p-d.p[i])*d.labels[i]*unit, i)
		d.p[i] = p
	}
}

// refresh computes w from p again, since the updates of step accumulate rounding errors.
func (d *dual) refresh() {
	clear(d.w)
	for i, p := range d.p {
		if p != 0 {
			d.RowAxpy(d.w, d.shares[i]*p*d.labels[i]*d.unit, i)
		}
	}
}

// gap returns F(w) − D(p) = (1/n) Σ sᵢ[max(0, 1−mᵢ)(1−pᵢ) + max(0, mᵢ−1)pᵢ] for the margins mᵢ, without cancellation.
func (d *dual) gap() float64 {
	sum := 0.0
	for i, p := range d.p {
		m := d.margin(i)
		sum += d.shares[i] * (max(0, 1-m)*(1-p) + max(0, m-1)*p)
	}
	return sum / float64(d.Len())
}
