package theory

import (
	"fmt"
	"math"

	"steepest/optim/schedule"
	"steepest/train"
)

// claim is a theorem that is being checked. Each method asks for one condition of the theorem and records the result as a
// hypothesis or a constant of the bound.
type claim struct {
	Bound
	p Problem
	r Run
}

// must records a hypothesis with a sentence about its result, and returns it. A comparison with NaN is unknown.
func (c *claim) must(name string, verdict Verdict, value float64, format string, args ...any) *Hypothesis {
	c.Hypotheses = append(c.Hypotheses, Hypothesis{Name: name, Verdict: verdict, Value: value, Text: fmt.Sprintf(format, args...)})
	return &c.Hypotheses[len(c.Hypotheses)-1]
}

// set records a hypothesis on the settings of the run.
func (c *claim) set(name string, holds bool, format string, args ...any) {
	c.must(name, verdict(holds), math.NaN(), format, args...).Setting = true
}

// most records the hypothesis value ≤ limit.
func (c *claim) most(name string, value, limit float64) {
	verdict := Unknown
	switch {
	case value <= limit*(1+1e-12): // allows for the rounding of a step such as 1/(2L)
		verdict = Held
	case value > limit:
		verdict = Broken
	}
	c.must(name, verdict, value, "%.4g, and the limit is %.4g", value, limit)
}

// exactly records the hypothesis that the run has the step size of the theorem, up to a relative error.
func (c *claim) exactly(name string, alpha, want, tolerance float64) {
	verdict := Unknown
	switch deviation := math.Abs(alpha/want - 1); {
	case deviation <= tolerance:
		verdict = Held
	case deviation > tolerance:
		verdict = Broken
	}
	c.must(name, verdict, alpha, "α is %.4g, and the theorem is about %.4g", alpha, want).Setting = true
}

// constant records a constant and returns its value.
func (c *claim) constant(symbol string, value float64, origin Origin) float64 {
	c.Constants = append(c.Constants, Constant{symbol, value, origin})
	return value
}

// smoothObjective asks that there be no term h.
func (c *claim) smoothObjective() {
	if c.p.Composite {
		c.must("no term h", Broken, math.NaN(), "the problem has a term that is not smooth, and is minimized by proximal steps")
	}
}

// wholeGradients asks that each step take the unchanged gradient of its batch, or, for a theorem on compression, the compressed gradient.
func (c *claim) wholeGradients() {
	s := c.r.Settings
	if s.Local != nil {
		c.set("a step for each gradient", false, "a step is a round of %d local steps", s.Local.Steps)
	}
	if s.Compress.On() && c.Name != errorFeedback {
		c.set("whole gradients", false, "they are compressed by %v, and their mean is not ∇f", s.Compress)
	}
}

// iterate asks that the run evaluate the last iterate, if the bound is on it.
func (c *claim) iterate() {
	if c.Of == Excess || c.Of == SquaredDistance {
		c.set("last iterate", c.r.Settings.Average.Form == train.LastIterate, "the run evaluates %s", form(c.r.Settings.Average.Form))
	}
}

// average asks that the run evaluate one of the averages. The first one is recommended.
func (c *claim) average(forms ...train.AverageForm) {
	c.Average.Form = forms[0]
	got, holds := c.r.Settings.Average.Form, false
	for _, f := range forms {
		holds = holds || f == got
	}
	c.set(form(forms[0]), holds, "the run evaluates %s", form(got))
}

func form(f train.AverageForm) string {
	if f == train.LastIterate {
		return "the last iterate"
	}
	return fmt.Sprintf("the %v average", f)
}

// smooth asks for L and returns it.
func (c *claim) smooth() float64 {
	c.finite("f is L-smooth", c.p.L, "∇f has no Lipschitz constant")
	return c.constant("L", c.p.L, Computed)
}

// finite records the hypothesis that a constant exists.
func (c *claim) finite(name string, value float64, broken string) {
	switch {
	case math.IsNaN(value):
		c.must(name, Unknown, value, "the problem does not tell its constants")
	case math.IsInf(value, 1):
		c.must(name, Broken, value, "%s", broken)
	default:
		c.must(name, Held, value, "with the constant %.4g", value)
	}
}

// termsSmooth asks for the smoothness of the stochastic gradient, E‖g(x) − g(x*)‖² ≤ 2ℒ(f(x) − f*): for b terms drawn with
// replacement, ℒ = L_max/b + (1 − 1/b)L. It needs convex terms.
func (c *claim) termsSmooth() float64 {
	c.must("each fᵢ is convex", verdict(c.p.Convex), math.NaN(), "%s", yes(c.p.Convex))
	c.finite("each fᵢ is L_max-smooth", c.p.LMax, "a ∇fᵢ has no Lipschitz constant")
	smoothness := c.p.L
	if b := share(c.r.Settings.Batch); b > 0 {
		smoothness = c.p.LMax*b + (1-b)*c.p.L
	}
	return c.constant("ℒ", smoothness, Computed)
}

func verdict(holds bool) Verdict {
	if holds {
		return Held
	}
	return Broken
}

func yes(holds bool) string {
	if holds {
		return "it is"
	}
	return "it is not, or not known to be"
}

// convex asks that f be convex.
func (c *claim) convex() {
	known := Unknown
	if c.p.Convex || c.p.Mu > 0 {
		known = Held
	} else if c.p.N == 1 {
		known = Broken
	}
	c.must("f is convex", known, math.NaN(), "%s", yes(known == Held))
}

// pl asks for the constant of Polyak and Łojasiewicz.
func (c *claim) pl() float64 {
	if c.p.PL > 0 {
		c.must("f is PL", Held, c.p.PL, "½‖∇f‖² ≥ μ(f − f*) with μ = %.4g", c.p.PL)
	} else {
		c.must("f is PL", Unknown, c.p.PL, "no constant μ > 0 is known with ½‖∇f‖² ≥ μ(f − f*)")
	}
	return c.constant("μ", positive(c.p.PL), Computed)
}

// strong asks for the constant of strong convexity.
func (c *claim) strong() float64 {
	switch {
	case c.p.Mu > 0:
		c.must("f is strongly convex", Held, c.p.Mu, "with μ = %.4g", c.p.Mu)
	case c.p.Mu == 0:
		c.must("f is strongly convex", Broken, 0, "it is not on all of R^d: μ = 0")
	default:
		c.must("f is strongly convex", Unknown, c.p.Mu, "the problem does not tell its constants")
	}
	return c.constant("μ", positive(c.p.Mu), Computed)
}

// positive returns v, or NaN if it is 0.
func positive(v float64) float64 {
	if v > 0 {
		return v
	}
	return math.NaN()
}

// unbiased asks for batches whose gradient has the mean ∇f at every step, given all steps before.
func (c *claim) unbiased() {
	s := c.r.Settings.Sampling
	switch {
	case c.r.Settings.Batch == 0:
		c.must("unbiased gradients", Held, math.NaN(), "each step takes the whole sum")
	case s == train.WithReplacement:
		c.must("unbiased gradients", Held, math.NaN(), "each batch is drawn with replacement, independently of the others")
	default:
		c.must("unbiased gradients", Broken, math.NaN(), "%v: the batches of an epoch depend on each other", s)
	}
}

// known asks for a number about the start, such as ‖x₀ − x*‖.
func (c *claim) known(symbol string, value float64) float64 {
	if math.IsNaN(value) {
		c.must(symbol+" is known", Unknown, value, "the solution is not known")
	}
	return c.constant(symbol, value, Computed)
}

func (c *claim) excess() float64   { return c.known("f(x₀) − f*", c.p.Excess) }
func (c *claim) distance() float64 { return c.known("‖x₀ − x*‖", c.p.Distance) }

// noise returns the noise of a batch at the solution, σ*²/b. Unless b is 1, the bound lists it under another name than σ*².
func (c *claim) noise() float64 {
	symbol := "σ*²"
	if c.r.Settings.Batch != 1 {
		symbol = "σ*² of a batch"
	}
	return c.known(symbol, c.p.Noise*share(c.r.Settings.Batch))
}

// secondMoment asks for σ² with E‖g_k‖² ≤ σ² at every step: the supremum over all x if there is one, otherwise the largest
// value of the trace.
func (c *claim) secondMoment() float64 {
	const name = "E‖g_k‖² ≤ σ²"
	switch {
	case !math.IsInf(c.p.SecondMoment, 1) && !math.IsNaN(c.p.SecondMoment):
		c.must(name, Held, c.p.SecondMoment, "at every x")
		return c.constant("σ²", c.p.SecondMoment, Computed)
	case c.r.Trace != nil:
		return c.constant("σ²", c.measured(name), Measured)
	}
	c.must(name, Unknown, math.NaN(), "the gradients are not bounded on all of R^d, and no run has measured them")
	return c.constant("σ²", math.NaN(), Computed)
}

// measured returns the largest value of the trace.
func (c *claim) measured(name string) float64 {
	largest := 0.0
	for _, square := range c.r.Trace {
		if !(square <= largest) {
			largest = square
		}
	}
	switch steps := len(c.r.Trace); {
	case largest-largest != 0:
		c.must(name, Broken, largest, "the gradients have grown without bound along the run")
	case c.r.Drawn > 0:
		c.must(name, Unknown, largest, "along the run, sampled by %d batches at each of its %d steps, so that a rare gradient may be missing",
			c.r.Drawn, steps)
	default:
		c.must(name, Held, largest, "along the run, over its %d steps", steps)
	}
	return largest
}

// moments asks for E‖g_k‖² at each step: from the trace if there is one, otherwise the supremum over all x.
func (c *claim) moments() func(k int) float64 {
	if c.r.Trace == nil {
		sigma2 := c.secondMoment()
		return func(int) float64 { return sigma2 }
	}
	const name = "E‖g_k‖² is finite"
	c.constant("max E‖g_k‖²", c.measured(name), Measured)
	return c.r.Trace.at
}

// variance asks for a bound V/b on the variance of a batch at every x.
func (c *claim) variance() float64 {
	if c.r.Settings.Batch == 0 {
		c.must("E‖g − ∇f‖² ≤ V", Held, 0, "the variance of the whole sum is 0")
		return c.constant("V", 0, Computed)
	}
	v := share(c.r.Settings.Batch) * c.p.Variance
	if math.IsInf(v, 1) {
		c.must("E‖g − ∇f‖² ≤ V", Unknown, v, "the variance is not known to be bounded on all of R^d")
		return c.constant("V", math.NaN(), Computed)
	}
	c.finite("E‖g − ∇f‖² ≤ V", v, "")
	return c.constant("V", v, Computed)
}

// steps asks for plain SGD and returns its step sizes, or nil for another rule.
func (c *claim) steps() schedule.Schedule {
	s := c.r.schedule()
	c.set("x ← x − α_k g", s != nil, "the rule is %s", c.r.methodName())
	return s
}

// stepsOf asks for step sizes of one form. ok is false if the run has another form.
func stepsOf[S schedule.Schedule](c *claim, name string) (s S, ok bool) {
	all := c.r.schedule()
	s, ok = all.(S)
	if all == nil {
		c.set(name, false, "the rule is %s", c.r.methodName())
	} else {
		c.set(name, ok, "α_k is %v", all)
	}
	return s, ok
}

// constantStep asks for a constant step size and returns it, or NaN if it is not constant.
func (c *claim) constantStep() float64 {
	s, ok := stepsOf[schedule.Constant](c, "constant α")
	if !ok {
		return math.NaN()
	}
	return c.constant("α", float64(s), Chosen)
}
