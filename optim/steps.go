package optim

import (
	"math"

	"steepest/internal/simd"
	"steepest/internal/suggest"
	"steepest/optim/schedule"
	"steepest/param"
)

// LearningRate multiplies the update by the step size α_k and makes α_k known to the transforms after it.
type LearningRate struct {
	LR schedule.Schedule `help:"step size α"`
}

// Transform implements Transformer. It has no state.
func (r LearningRate) Transform() Transform {
	return Transform{
		Name:   "lr",
		Begin:  func(step *Step, _ []float64, c *Coeffs) { step.LR = r.LR.At(step.K); c[0] = step.LR },
		Scales: true,
		Gain:   1,
		Rest:   &Rest{},
	}
}

// RelativeStep is Fromage (Bernstein et al. 2020, arXiv:2002.03432, algorithm 1): x ← (x − α‖x‖/‖u‖·u)/√(1+α²), for each parameter
// separately. Norms count as at least MinNorm. If a norm is 0, the ratio is 1, as in optax.
type RelativeStep struct {
	LR      schedule.Schedule `help:"relative step size α"`
	MinNorm float64           `range:"0,"`
}

// Transform implements Transformer. It has no state.
func (r RelativeStep) Transform() Transform {
	return Transform{
		Name: "fromage",
		Begin: func(step *Step, _ []float64, c *Coeffs) {
			step.LR = r.LR.At(step.K)
			shrink := 1 / math.Sqrt(1+float64(step.LR*step.LR))
			*c = Coeffs{step.LR * shrink, 1 - shrink}
		},
		Sums: []Sum{NormOfUpdate(false), NormOfX(false)},
		Fit: func(_ param.Param, sums, _ []float64, unit float64, c *Coeffs) {
			u, x := max(sums[0], r.MinNorm/unit), max(sums[1], r.MinNorm)
			if u > 0 && x > 0 {
				c[0] *= x / u
			} else {
				c[0] *= unit
			}
		},
		Mixes: true,
	}
}

// AcceleratedFlow is NAG-GS (Leplat, Merkulov, Katrutsa, Bershatsky and Oseledets 2022, arXiv:2209.14937): a Gauss–Seidel step of size α
// for the accelerated gradient flow, with a second point v that starts at x and a damping γ that tends to μ.
type AcceleratedFlow struct {
	LR    schedule.Schedule `help:"step size α of the flow"`
	Mu    float64           `range:"0,"`
	Gamma float64           `range:"(0,"`
	Order FlowOrder
}

// FlowOrder says in which order AcceleratedFlow updates x, v and γ.
type FlowOrder uint8

// The orders.
const (
	// FlowOfPaper moves x first, then v with the gradient at the new x (Leplat et al. 2022, algorithm 1). With one gradient a
	// step, the first step does not move x.
	FlowOfPaper FlowOrder = iota
	// FlowOfTorch moves v with the current gradient and the old γ, then x, as the authors' torch code does.
	FlowOfTorch
	// FlowFrozen keeps γ constant: the authors' NAG4.
	FlowFrozen
)

var flowOrderNames = []string{"paper", "torch", "frozen"}

// String returns the name in lower case, as UnmarshalText reads it.
func (o FlowOrder) String() string { return flowOrderNames[o] }

// UnmarshalText reads an order by its name.
func (o *FlowOrder) UnmarshalText(text []byte) error {
	return suggest.Value(o, "value", text, flowOrderNames)
}

// Names returns the names of all values.
func (FlowOrder) Names() []string { return flowOrderNames }

// Transform implements Transformer. Its state is v and γ.
func (r AcceleratedFlow) Transform() Transform {
	return Transform{
		Name:    "nag-gs",
		Slots:   []Slot{{Name: "v", FromX: true}},
		Scalars: []float64{r.Gamma},
		Begin: func(step *Step, scalars []float64, c *Coeffs) {
			alpha := r.LR.At(step.K)
			step.LR = alpha
			next := (scalars[0] + float64(alpha*r.Mu)) / (1 + alpha)
			total := scalars[0] + float64(alpha*r.Mu)
			*c = Coeffs{scalars[0] / total, alpha * r.Mu / total, alpha / total, alpha / (1 + alpha)}
			if r.Order == FlowOfPaper && step.Age == 0 {
				*c = Coeffs{1, 0, 0, alpha / (1 + alpha)}
			}
			if r.Order != FlowFrozen {
				scalars[0] = next
			}
		},
		Tile32: acceleratedFlow[float32], Tile64: acceleratedFlow[float64], kernel: true,
	}
}

func acceleratedFlow[T param.Float](c *Coeffs, t *Tile[T]) {
	simd.AcceleratedFlow(c[:], t.U, t.In, t.X, t.S[0], t.take())
}
