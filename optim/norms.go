package optim

import (
	"math"
	"slices"

	"steepest/internal/simd"
	"steepest/optim/internal/rescale"
	"steepest/param"
)

// NormOfUpdate returns a Sum that computes the norm ‖u‖₂ of each parameter, or of all together if global is set. A norm may be so large
// or small that coefficients computed from it would leave the range of the type. Then the transform sees the update in a unit, a power
// of 2 near ‖u‖: Fit gets the norm divided by the unit, and the tiles get the elements divided by it.
func NormOfUpdate(global bool) Sum {
	return Sum{lengthOfUpdate[float32], lengthOfUpdate[float64], global, true, true}
}

// NormOfX returns a Sum that computes the norm ‖x‖₂ of each parameter, or of all together if global is set.
func NormOfX(global bool) Sum {
	return Sum{lengthOfX[float32], lengthOfX[float64], global, true, false}
}

func lengthOfUpdate[T param.Float](_ *Coeffs, t *Tile[T]) float64 { return simd.Norm(t.In) }

func lengthOfG[T param.Float](_ *Coeffs, t *Tile[T]) float64 { return simd.Norm(t.G) }

func lengthOfX[T param.Float](_ *Coeffs, t *Tile[T]) float64 { return simd.Norm(t.X) }

// add adds a number to the total of the sum.
func (s Sum) add(total, number float64) float64 {
	switch {
	case !s.Norm:
		return total + number
	case number == 0:
		return total
	}
	return math.Hypot(total, number)
}

// chooseUnits chooses a unit for the update and its norm, for each parameter, if one of the link's norms is extreme.
func (l *link[T]) chooseUnits(g *group[T]) error {
	l.units = nil
	n := len(l.Sums)
	at := slices.IndexFunc(l.Sums, func(s Sum) bool { return s.ofUpdate })
	if at < 0 {
		return nil
	}
	extreme := false
	for i, v := range l.sums {
		extreme = extreme || l.Sums[i%n].Norm && v != 0 && !rescale.Ordinary[T](v)
	}
	if !extreme {
		return nil
	}
	if err := g.ranks.exchange(g.in); err != nil {
		return err
	}
	norms := make([]float64, len(l.params))
	l.units = make([]float64, len(l.params))
	for i := range l.params {
		if norms[i], l.units[i] = 0, 1; !l.skip[i] {
			norms[i], l.units[i] = rescale.Norm(g.of(g.in, i))
		}
	}
	if l.Sums[at].Global {
		inOneUnit(norms, l.units)
	}
	for i, norm := range norms {
		l.sums[i*n+at] = norm
	}
	return nil
}

// inOneUnit replaces norms in different units by their joint norm, in the largest unit of a nonzero norm.
func inOneUnit(norms, units []float64) {
	total, unit := 0.0, 0.0
	for i, norm := range norms {
		if norm > 0 {
			unit = max(unit, units[i])
		}
	}
	if unit == 0 {
		unit = 1
	}
	for i, norm := range norms {
		total = math.Hypot(total, norm*(units[i]/unit))
	}
	for i := range norms {
		norms[i], units[i] = total, unit
	}
}
