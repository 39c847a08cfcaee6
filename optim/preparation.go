package optim

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
)

// Prepared is a rule whose gradients go through a Preparation first. It wraps a whole rule with all its routes, and may not be part of
// another rule. Configure returns one if an option belongs to the Preparation.
type Prepared struct {
	Rule
	Preparation
}

// String names the rule and its preparation: "SGD with clip-norm=1".
func (p Prepared) String() string {
	return fmt.Sprintf("%s with %v", NameOf(p.Rule), p.Preparation)
}

// NameOf returns the rule's own name, or the name of its type.
func NameOf(r Rule) string {
	if s, ok := r.(fmt.Stringer); ok {
		return s.String()
	}
	return reflect.TypeOf(r).Name()
}

// Preparation says how a gradient is changed before a rule sees it, in the order of the fields. The zero value changes nothing. A
// Preparation acts on all parameters at once, before they are routed.
type Preparation struct {
	// SkipNonfinite skips gradients that are not finite: x, the state and the count of steps do not change. It skips at most this many in a
	// row; the next one gives a NonfiniteError. optax.apply_if_finite counts in the same way, but passes that gradient on. If open, the
	// first such gradient gives the error.
	SkipNonfinite Opt[int] `range:"1," help:"skip gradients that are not finite, at most this many in a row; the next is an error" open:"off"`
	// Accumulate makes one step with the mean of this many gradients, like optax.MultiSteps and gradient_accumulation_steps in Keras.
	// Schedules and all other counts in the rule count such steps. Skipped gradients do not count.
	Accumulate Opt[int] `range:"1," help:"make one step with the mean of this many gradients" open:"1"`
	// ClipValue moves every element into [−ClipValue, ClipValue], as torch.nn.utils.clip_grad_value_ does.
	ClipValue Opt[float64] `range:"(0," help:"clip each element of the gradient to ± this" open:"off"`
	// ClipNorm scales the gradient down to this ℓ2 norm over all parameters if its norm is larger, like ClipNorm in a chain.
	ClipNorm Opt[float64] `range:"(0," help:"largest ℓ2 norm of a gradient over all parameters; longer gradients are scaled down" open:"off"`
}

// Of returns the rule with this preparation, or the rule itself if the preparation does nothing.
func (p Preparation) Of(r Rule) Rule {
	if p == (Preparation{}) {
		return r
	}
	return Prepared{r, p}
}

// Unprepared returns the rule and the preparation of a Prepared. It returns any other rule as it is.
func Unprepared(r Rule) (Rule, Preparation) {
	if p, ok := r.(Prepared); ok {
		return p.Rule, p.Preparation
	}
	return r, Preparation{}
}

// Keeps reports whether every finite gradient reaches the rule unchanged.
func (p Preparation) Keeps() bool { return len(p.chain()) == 0 }

// Fields lists the options of a preparation with their values.
func (p Preparation) Fields() []Field { return fieldsOf(p, nil) }

// String returns the options that are set, as in a specification: "accumulate=4,clip-norm=1".
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

// chain returns the transforms of finite gradients.
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

// stores reports whether the prepared gradient is stored before the chains of the routes read it. It is not if the preparation only clips the
// norm, and each chain can scale the gradient as it reads it. A chain cannot do so if it takes whole tensors, or begins with a sum.
func (p Preparation) stores(routes Routes) bool {
	own := p.chain()
	if len(own) != 1 || !p.ClipNorm.set {
		return len(own) > 0
	}
	return slices.ContainsFunc(routes, func(r Route) bool {
		chain, _ := r.Rule.Chain().Transforms() // a chain with an error has no optimizer
		return len(chain) > 0 && len(chain[0].Sums) > 0 || slices.ContainsFunc(chain, func(t Transform) bool { return t.Whole32 != nil })
	})
}

// accumulation is the mean of the gradients since the last step. Step.K is the number of gradients before the current one.
type accumulation struct{}

// Transform implements Transformer. Its state is the mean.
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
