package matrix

import (
	"math"

	"steepest/optim"
	"steepest/param"
)

// WeightNorm makes separate steps for the lengths and the directions of rows, as Muown does (2026, arXiv:2605.10797; the speedrun's third
// track, results 23 and 31). A row is w = g·v/‖v‖. Head turns the gradient of w into the gradient of v. The transforms between Head and
// WeightNorm make it a step of v. WeightNorm stands after LearningRate: it makes this step, and a step of Adam with the same step size
// for g. Then it scales v to a length that goes from the length of the first w to Target. A row of zeros starts with the length Empty and
// no direction. If Adam takes g below 0, the row reverses its direction.
type WeightNorm struct {
	Target float64 `range:"(0," help:"length of the directions at the end"`
	Steps  int     `range:"0," help:"steps in which directions reach that length; 0 keeps the length of the start"`
	Power  float64 `range:"(0," help:"power of the share of these steps that gives the share of the way"`
	Beta1  float64 `range:"0,1" help:"decay β₁ of the average gradient of lengths"`
	Beta2  float64 `range:"0,1" help:"decay β₂ of the average square of this gradient"`
	Eps    float64 `range:"0," help:"ε added to the root of the average square"`
	Empty  float64 `range:"(0," help:"length of rows that start at 0"`
}

// Head is the transform before the others. Its state is the first length of each row.
func (r WeightNorm) Head() optim.Transform {
	return optim.Transform{
		Name:    "tangent",
		Slots:   []optim.Slot{{Name: "start", Size: rowsOf}},
		FLOPs:   perElement(6),
		Check:   AllMatrices.refuse,
		Begin:   func(s *optim.Step, _ []float64, c *optim.Coeffs) { c[0] = r.way(s.Age) },
		Whole32: func() optim.Whole[float32] { return tangent[float32](r) },
		Whole64: func() optim.Whole[float64] { return tangent[float64](r) },
	}
}

// Transform implements Transformer. Its state, for each row, is the first length, g, and Adam's averages.
func (r WeightNorm) Transform() optim.Transform {
	return optim.Transform{
		Name:  "weight-norm",
		Slots: []optim.Slot{{Name: "start", Size: rowsOf}, {Name: "g", Size: rowsOf}, {Name: "m", Size: rowsOf}, {Name: "v", Size: rowsOf}},
		FLOPs: perElement(9),
		Check: AllMatrices.refuse,
		Begin: func(s *optim.Step, _ []float64, c *optim.Coeffs) {
			*c = optim.Coeffs{r.way(s.Age), s.LR, optim.Debias(r.Beta1, s.Age), optim.Debias(r.Beta2, s.Age)}
		},
		Whole32: func() optim.Whole[float32] { return weightNorm[float32](r) },
		Whole64: func() optim.Whole[float64] { return weightNorm[float64](r) },
	}
}

func rowsOf(p param.Param) int {
	count, rows, _ := p.Matrices()
	return count * rows
}

// way is the share of the way from the first length to Target.
func (r WeightNorm) way(age int) float64 {
	if r.Steps == 0 {
		return 0
	}
	return math.Pow(min(1, float64(max(0, age-1))/float64(max(1, r.Steps-1))), r.Power)
}

// length returns the norm of a row, or Empty if the norm is 0.
func (r WeightNorm) length(norm float64) float64 {
	if norm == 0 {
		return r.Empty
	}
	return norm
}

// lengthOfV is the length of a direction that has gone a share of its way.
func (r WeightNorm) lengthOfV(start, way float64) float64 {
	return start + float64(way*(r.Target-start))
}

func tangent[T param.Float](r WeightNorm) optim.Whole[T] {
	return func(k int, c *optim.Coeffs, t *optim.Tensor[T]) error {
		start := t.S[0]
		return t.WithX(func(in, u, x []T, rows, cols int) error {
			for i := range rows {
				w, from, to := x[i*cols:][:cols], in[i*cols:][:cols], u[i*cols:][:cols]
				norm, along := alongX(from, w)
				g := r.length(norm)
				if k == 0 {
					start[i] = T(g)
				}
				by := g / r.lengthOfV(float64(start[i]), c[0])
				for j, e := range from {
					to[j] = T(by * (float64(e) - float64(along*(float64(w[j])/g))))
				}
			}
			start = start[rows:]
			return nil
		})
	}
}

func weightNorm[T param.Float](r WeightNorm) optim.Whole[T] {
	var v []float64 // of a row
	return func(k int, c *optim.Coeffs, t *optim.Tensor[T]) error {
		start, lengths, means, squares, grad := t.S[0], t.S[1], t.S[2], t.S[3], t.G
		return t.WithX(func(in, u, x []T, rows, cols int) error {
			for i := range rows {
				w, step, to := x[i*cols:][:cols], in[i*cols:][:cols], u[i*cols:][:cols]
				norm, slope := alongX(grad[i*cols:][:cols], w)
				if k == 0 {
					start[i] = T(r.length(norm))
					lengths[i] = start[i]
				}
				g, before := float64(lengths[i]), r.lengthOfV(float64(start[i]), c[0])
				v = v[:0]
				sum := 0.0
				for j, e := range w {
					next := float64(before*(float64(e)/g)) - float64(step[j])
					v = append(v, next)
					sum += float64(next * next)
				}
				means[i] = T(float64(r.Beta1*float64(means[i])) + float64((1-r.Beta1)*slope))
				squares[i] = T(float64(r.Beta2*float64(squares[i])) + float64((1-r.Beta2)*float64(slope*slope)))
				g -= float64(c[1] * (float64(means[i]) * c[2]) * inverse(math.Sqrt(float64(squares[i])*c[3])+r.Eps))
				by := g * inverse(math.Sqrt(sum))
				for j, e := range v {
					to[j] = w[j] - T(by*e)
				}
				lengths[i] = T(math.Abs(g))
			}
			start, lengths, means, squares, grad = start[rows:], lengths[rows:], means[rows:], squares[rows:], grad[rows*cols:]
			return nil
		})
	}
}
