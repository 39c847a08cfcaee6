package matrix

import (
	"math"

	"steepest/internal/scratch"
	"steepest/internal/simd"
	"steepest/optim"
	"steepest/optim/internal/rescale"
	"steepest/optim/schedule"
	"steepest/param"
)

// DivideInEigenbasis divides the update, for example a momentum, by the root of its average square in the eigenbasis of Shampoo's moments of
// the gradient: u' = Q_LᵀuQ_R, v ← βv + (1−β)u'², u ← Q_L(u'/(√v + ε))Q_Rᵀ. This is SOAP-Muon of the third track of the modded-nanogpt speedrun
// (results 14 to 46, 2026), where ε is a lower bound of √v. The bases are those of SOAP. The first step has no basis yet, and leaves the update
// unchanged.
//
// With Sinkhorn = n, the rows and the columns of u' are scaled in turn, n times, so that all rows have the same sum of squares, and so have all
// columns (SinkSOAP, result 26). With a Floor f, each root counts as at least f times the root mean square of all roots.
//
// With Add = a, the result is the one above plus a times the update. Unlike the rest, a has a unit, that of 1/gradient. (In results 20 to 43
// the values have 0.95 of the result plus 0.05 of the update, and the gradient is the sum over a batch of 2¹⁹ tokens. For the mean,
// a = 2¹⁹/19.)
//
// A Gate a mixes the update u with the result r, scaled to the length of u: (1−s)u + sr, scaled to the same length. s is the cosine c of u and
// r, mapped from [a, 1] to [0, 1], times the ratio of the cosines of r and u with the gradient, which counts as at most 1 (Trustlight,
// result 16). Least and Most are bounds of s, which may be schedules.
type DivideInEigenbasis struct {
	Beta          float64           `range:"0,1" help:"decay β of the moments of the sides and of the average square"`
	Eps           float64           `range:"0," help:"ε added to the root"`
	BasisInterval int               `range:"1," help:"steps from one change of the bases to the next"`
	MaxOrder      int               `range:"0," help:"length of the longest side that has a basis"`
	Sinkhorn      int               `range:"0," help:"number of times that rows and columns are balanced, instead of the root; 0 for the root"`
	Floor         float64           `range:"0," help:"least root, relative to the root mean square of the roots"`
	Add           float64           `range:"0," help:"how many times the update itself is added to the result"`
	Gate          float64           `range:"0,1" help:"cosine of the result and the update, below which the update is kept; 0 for no gate"`
	Least         schedule.Schedule `range:"0,1]" open:"0" help:"least part of the result that the gate takes, a number or a schedule"`
	Most          schedule.Schedule `range:"0,1]" open:"1" help:"largest part of the result that the gate takes, a number or a schedule"`
}

// Transform implements Transformer. Its state is that of the bases and, unless Sinkhorn replaces it, v.
func (r DivideInEigenbasis) Transform() optim.Transform {
	of := InEigenbasis{Beta2: r.Beta, ShampooBeta: r.Beta, BasisInterval: r.BasisInterval, MaxOrder: r.MaxOrder}
	slots := of.slots()
	if r.Sinkhorn == 0 {
		slots = append(slots, optim.Slot{Name: "v"})
	}
	least, most := schedule.OrConstant(r.Least, 0), schedule.OrConstant(r.Most, 1)
	return optim.Transform{
		Name:  "eigenbasis",
		Slots: slots,
		Begin: func(s *optim.Step, _ []float64, c *optim.Coeffs) {
			*c = optim.Coeffs{r.Beta, 1 - r.Beta, 1, 0, r.Eps, least.At(s.K), most.At(s.K)}
		},
		FLOPs: of.flops(4),
		Whole32: func() optim.Whole[float32] {
			return (&divider[float32]{DivideInEigenbasis: r, eigenbasis: eigenbasis[float32]{InEigenbasis: of}}).transform
		},
		Whole64: func() optim.Whole[float64] {
			return (&divider[float64]{DivideInEigenbasis: r, eigenbasis: eigenbasis[float64]{InEigenbasis: of}}).transform
		},
	}
}

// divider is DivideInEigenbasis with its memory.
type divider[T param.Float] struct {
	DivideInEigenbasis
	eigenbasis[T]
	coeffs  optim.Coeffs
	update  []T          // a copy of the update, whose memory becomes the result
	factors [2][]float64 // for rows and columns
}

func (d *divider[T]) transform(k int, c *optim.Coeffs, t *optim.Tensor[T]) error {
	return d.forMatrices(t, func(i int, s *matrixState[T]) error {
		g := nth(t.G, i, len(s.in))
		if d.Sinkhorn == 0 {
			s.v = nth(t.S[momentSlot], i, len(s.in))
		}
		_, unit := d.enter(s, g)
		if k == 0 {
			copy(s.u, s.in)
			return d.begin(s)
		}
		d.turned = scratch.Grow(d.turned, len(s.in))
		d.turn(d.turned, s, s.in, false)
		if unit != 0 {
			rescale.Shift(d.turned, d.turned, -unit)
		}
		d.coeffs = *c
		d.coeffs[4] = math.Ldexp(c[4], -unit)
		switch {
		case d.Sinkhorn > 0:
			d.balance(d.turned, s.rows, s.cols)
		case d.Floor > 0:
			d.divide(d.turned, s.v)
		default:
			simd.DivideByRoot(d.coeffs[:], d.turned, d.turned, s.v, nil)
		}
		d.update = append(d.update[:0], s.in...)
		d.turn(s.u, s, d.turned, true)
		if d.Add > 0 {
			simd.Axpy(T(d.Add), d.update, s.u)
		}
		if d.Gate > 0 {
			d.blend(s.u, g)
		}
		if k%d.BasisInterval == 0 {
			return d.follow(s)
		}
		return nil
	})
}

// divide is simd.DivideByRoot with Floor, but ε is a lower bound of the root and is not added to it.
func (d *divider[T]) divide(x, v []T) {
	keep, add, eps, squares := d.coeffs[0], d.coeffs[1], d.coeffs[4], 0.0
	for i, u := range x {
		v[i] = T(float64(keep*float64(v[i])) + float64(add*float64(float64(u)*float64(u))))
		squares += max(float64(v[i]), float64(eps*eps))
	}
	least := max(eps, d.Floor*math.Sqrt(squares/float64(len(v))))
	for i, square := range v {
		x[i] *= T(inverse(max(least, math.Sqrt(float64(square)))))
	}
}

// balance scales the rows and the columns of x in turn, for Sinkhorn.
func (d *divider[T]) balance(x []T, rows, cols int) {
	left, right := scratch.Grow(d.factors[0], rows), scratch.Grow(d.factors[1], cols)
	for j := range right {
		right[j] = 1
	}
	for range d.Sinkhorn {
		for i := range left {
			sum := 0.0
			for j, v := range x[i*cols:][:cols] {
				sum += float64(right[j] * float64(float64(v)*float64(v)))
			}
			left[i] = inverse(sum * float64(rows))
		}
		clear(right)
		for at, v := range x {
			right[at%cols] += float64(left[at/cols] * float64(float64(v)*float64(v)))
		}
		for j, sum := range right {
			right[j] = inverse(sum * float64(cols))
		}
	}
	for at, v := range x {
		x[at] = T(float64(v) * math.Sqrt(left[at/cols]) * math.Sqrt(right[at%cols]))
	}
	d.factors = [2][]float64{left, right}
}

// blend replaces the result u by its mixture with the update, for Gate.
func (d *divider[T]) blend(u, g []T) {
	length, result := simd.Norm(d.update), simd.Norm(u)
	agree := (alignment(u, d.update) - d.Gate) / (1 - d.Gate)
	aligned := alignment(u, g) / max(1e-8, alignment(d.update, g))
	share := max(d.coeffs[5], min(d.coeffs[6], max(0, min(1, agree))*max(0, min(1, aligned))))
	by := share * length * inverse(result)
	for i, v := range d.update {
		u[i] = T(float64((1-share)*float64(v)) + float64(by*float64(u[i])))
	}
	simd.Scal(T(length*inverse(simd.Norm(u))), u)
}

// alignment returns the cosine ⟨u, x⟩/‖u‖‖x‖, or 0 if u or x is 0.
func alignment[T param.Float](u, x []T) float64 {
	_, along := alongX(u, x)
	return along * inverse(simd.Norm(u))
}
