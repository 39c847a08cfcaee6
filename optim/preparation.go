package optim

import (
	"fmt"
	"reflect"
	"strings"
)

// Prepared is a rule that sees gradients as its Preparation leaves them. It stands around a whole rule, whatever its routes, and not
// within one. It is what Configure makes where an option is one of the Preparation.
type Prepared struct {
	Rule
	Preparation
}

// String names the rule and its preparation: "SGD with clip-norm=1".
func (p Prepared) String() string {
	return fmt.Sprintf("%s with %v", NameOf(p.Rule), p.Preparation)
}

// NameOf names a rule as it does itself, or by its type.
func NameOf(r Rule) string {
	if s, ok := r.(fmt.Stringer); ok {
		return s.String()
	}
	return reflect.TypeOf(r).Name()
}

// Preparation says what becomes of a gradient before a rule sees it, in the order of the fields; the zero value leaves it as it is.
// What it does is done to all parameters at once, before they are routed.
type Preparation struct {
	// SkipNonfinite leaves x, the state and the count of steps as they are where a gradient is not finite, for that many gradients in a
	// row: the next one is the NonfiniteError, and no gradient that is not finite ever reaches the rule. optax.apply_if_finite counts
	// alike, but lets that one through. Open, the first one is the error.
	SkipNonfinite Opt[int] `range:"1," help:"skip gradients that are not finite, at most so many in a row; the next is an error" open:"off"`
	// Accumulate makes one step with the mean of so many gradients, as optax.MultiSteps does, and gradient_accumulation_steps in
	// Keras. The step of a schedule, and every other count of steps in the rule, is that of such steps. A gradient that is skipped is
	// not among them.
	Accumulate Opt[int] `range:"1," help:"make one step with the mean of so many gradients" open:"1"`
	// ClipValue moves every element into [−ClipValue, ClipValue], as torch.nn.utils.clip_grad_value_ does.
	ClipValue Opt[float64] `range:"(0," help:"clip each element of the gradient to ± this" open:"off"`
	// ClipNorm scales the gradient down to this norm ‖·‖₂ over all parameters where it is longer, as ClipNorm in a chain.
	ClipNorm Opt[float64] `range:"(0," help:"scale a gradient whose ℓ2 norm over all parameters is larger down to this norm" open:"off"`
}

// Of returns the rule with the gradients prepared, which is the rule itself where nothing is to be done.
func (p Preparation) Of(r Rule) Rule {
	if p == (Preparation{}) {
		return r
	}
	return Prepared{r, p}
}

// Unprepared returns the rule of a Prepared and its preparation, and any other rule as it is.
func Unprepared(r Rule) (Rule, Preparation) {
	if p, ok := r.(Prepared); ok {
		return p.Rule, p.Preparation
	}
	return r, Preparation{}
}

// Keeps reports whether every finite gradient reaches the rule as it is.
func (p Preparation) Keeps() bool { return len(p.chain()) == 0 }

// Fields lists the options of a preparation with their values.
func (p Preparation) Fields() []Field { return fieldsOf(p, nil) }

// String writes what is set as in a specification: "accumulate=4,clip-norm=1".
func (p Preparation) String() string {
	var words []string
	for _, f := range p.set() {
		words = append(words, f.Name+"="+f.Value)
	}
	return strings.Join(words, ",")
}

// set lists the options that are not left open.
func (p Preparation) set() []Field {
	return fieldsOf(p, func(v reflect.Value) bool { return !v.IsZero() })
}

// chain returns what is done to gradients that are finite.
func (p Preparation) chain() (c Chain) {
	if p.Accumulate.Or(1) > 1 {
		c = append(c, accumulation{})
	}
	if p.ClipValue.set {
		c = append(c, Clip{Limit: p.ClipValue.Get()})
	}
	if p.ClipNorm.set {
		c = append(c, ClipNorm{Limit: p.ClipNorm.Get()})
	}
	return c
}

// accumulation is the mean of the gradients since the last step, of which the Step's K counts those before.
type accumulation struct{}

// Transform keeps the mean.
func (accumulation) Transform() Transform {
	return Transform{
		Name:  "accumulate",
		Slots: []Slot{{Name: "mean"}},
		Begin: func(s *Step, _ []float64, c *Coeffs) {
			w := 1 / float64(s.K+1)
			*c = Coeffs{1 - w, w, 1, 0}
		},
		Tile32: linear[float32], Tile64: linear[float64], kernel: true,
		Gain: 1,
	}
}
