package cli

import (
	"encoding/json"
	"fmt"
	"io"
	"math"

	"steepest/compare"
	"steepest/internal/plural"
	"steepest/optimum"
)

// real is a number for JSON: NaN and the infinities become null.
type real float64

// MarshalJSON writes the number or null.
func (v real) MarshalJSON() ([]byte, error) {
	if math.IsNaN(float64(v)) || math.IsInf(float64(v), 0) {
		return []byte("null"), nil
	}
	return json.Marshal(float64(v))
}

func writeJSON(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false)
	return e.Encode(v)
}

// print writes a summary to the standard output, as JSON or as text.
func (w *world) print(summary fmt.Stringer, asJSON bool) error {
	if asJSON {
		return writeJSON(w.stdout, summary)
	}
	_, err := io.WriteString(w.stdout, summary.String())
	return err
}

// problemJSON is a problem in a summary or a model.
type problemJSON struct {
	Name        string  `json:"name"`
	Rows        int     `json:"rows,omitempty"`
	Features    int     `json:"features,omitempty"`
	Occurring   int     `json:"occurring,omitempty"` // features of a row, if it does not have all
	Unknowns    int     `json:"unknowns"`
	Loss        string  `json:"loss,omitempty"`
	Delta       float64 `json:"delta,omitempty"`
	L2          float64 `json:"l2,omitempty"`
	L1          float64 `json:"l1,omitempty"`
	Scale       string  `json:"scale,omitempty"`
	Intercept   bool    `json:"intercept,omitempty"`
	Rank        int     `json:"rank,omitempty"`
	Weights     string  `json:"weights,omitempty"`
	ClassWeight string  `json:"class_weight,omitempty"`
	Hidden      []int   `json:"hidden,omitempty"`
	Activation  string  `json:"activation,omitempty"`
	LayerNorm   bool    `json:"layer_norm,omitempty"`
	NoBias      bool    `json:"no_bias,omitempty"`
	Validation  float64 `json:"validation,omitempty"`
	Test        string  `json:"test,omitempty"`
	Start       string  `json:"start"`
	// These fields are for a text.
	Model    *shapeJSON `json:"model,omitempty"`
	Window   int        `json:"window,omitempty"` // tokens per row
	Encoding string     `json:"encoding,omitempty"`
}

// describeJSON describes a problem and where its runs start.
func describeJSON(p problem, start string) problemJSON {
	out := p.json()
	out.Start = start
	return out
}

// describe prints a problem of data: the rows, the loss, and what is added to it.
func (p problemJSON) describe(line func(name, format string, args ...any), oneVsRest bool, penalty string) {
	features := plural.Of(p.Features, "feature")
	if p.Occurring > 0 {
		features += fmt.Sprintf(", of which %d occur", p.Occurring)
	}
	line("problem", "%s: %s, %s", p.Name, plural.Of(p.Rows, "row"), features)
	loss := p.Loss
	if oneVsRest {
		loss += ", each class against the rest"
	}
	if p.Intercept {
		loss += ", with an intercept"
	}
	line("loss", "%s", loss)
	switch penalized := p.L1 > 0 || p.L2 > 0; {
	case p.Scale == "" || p.Scale == "none":
	case penalized:
		line("scaling", "%s, which the model keeps; the penalty is on the weights of scaled features", p.Scale)
	default:
		line("scaling", "%s, which the model keeps", p.Scale)
	}
	line("penalty", "%s", penalty)
}

// optimumJSON says what is known about the solution.
type optimumJSON struct {
	F         real   `json:"f"`
	Gap       real   `json:"gap"`
	Certified bool   `json:"certified"`
	Noise     real   `json:"noise"`
	Method    string `json:"method"`
	// Proof is "duality" or "curvature" if the gap includes all rounding errors, "closed form", or "none" for a gap in float64 that
	// does not include its rounding errors.
	Proof string `json:"proof"`
	// Checked says whether a second computation, an orthogonal factorization, agreed.
	Checked bool `json:"checked_by_second_route"`
}

// budgetJSON says which program raced on which instruction set, and with how many runs of each method.
type budgetJSON struct {
	Version      string `json:"version"`
	Instructions string `json:"instructions"` // the instruction set of the kernels
	Seed         uint64 `json:"seed"`
	Seeds        int    `json:"seeds"`
	Trials       int    `json:"trials"`
}

// raceJSON is the summary of a race.
type raceJSON struct {
	budgetJSON
	Problem problemJSON  `json:"problem"`
	Optimum *optimumJSON `json:"optimum,omitempty"`
	Measure string       `json:"measure"`
	Target  real         `json:"target"`
	// Products is bf16 if a language model rounds the operands of its products.
	Products string       `json:"products,omitempty"`
	Methods  []methodJSON `json:"methods"`
	// Bought says how much tuning gained, the best methods first, in a race with tuned and untuned methods.
	Bought []boughtJSON `json:"tuning_bought,omitempty"`
}

// boughtJSON compares a method without tuning to a tuned one.
type boughtJSON struct {
	Untuned string `json:"untuned"`
	Tuned   string `json:"tuned"`
	Ratio   real   `json:"ratio"`
	P       real   `json:"p"`
}

// methodJSON is a method's row, the best method first.
type methodJSON struct {
	Name     string            `json:"name"`
	Options  map[string]string `json:"options"`
	Coverage string            `json:"coverage,omitempty"` // how many parameters the method itself updates, if not all
	Theorem  string            `json:"theorem,omitempty"`  // the theorem that set the step size
	Searched []string          `json:"searched,omitempty"`
	Edge     bool              `json:"edge,omitempty"` // whether the choice lies at the edge of the search range
	Untuned  bool              `json:"untuned,omitempty"`
	Trials   int               `json:"grads_of_trials,omitempty"`
	Final    spreadJSON        `json:"final"`
	Held     map[string]real   `json:"held_out,omitempty"` // medians at the end
	P        real              `json:"p"`
	Grads    real              `json:"grads_to_target"`
	Seconds  real              `json:"seconds_to_target"`
	Reached  int               `json:"reached"`
	Diverged int               `json:"diverged"`
	Skipped  int               `json:"skipped,omitempty"` // steps skipped because the gradient was not finite
	Failed   int               `json:"failed,omitempty"`
	Mean     *meanJSON         `json:"mean,omitempty"`
	Bounds   []boundJSON       `json:"bounds,omitempty"`
}

// meanJSON is the mean over the seeds at the end, with its 95 % confidence interval, of what the bounds are on.
type meanJSON struct {
	Of   string `json:"of"`
	Low  real   `json:"low"`
	Mean real   `json:"mean"`
	High real   `json:"high"`
}

// boundJSON is the bound of a theorem for a method, compared with the mean of its runs.
type boundJSON struct {
	Theorem    string           `json:"theorem"`
	Form       string           `json:"form"`
	Statement  string           `json:"statement"`
	Source     string           `json:"source"`
	Verdict    string           `json:"verdict"`
	Drawn      bool             `json:"drawn"`
	Contrary   bool             `json:"contradicted,omitempty"` // by the runs: then this program has a bug
	Standing   string           `json:"standing"`               // compared with the mean at the end
	End        real             `json:"end"`
	Ratio      real             `json:"ratio_to_mean"`
	Hypotheses []hypothesisJSON `json:"hypotheses"`
	Constants  []constantJSON   `json:"constants"`
}

type hypothesisJSON struct {
	Name    string `json:"name"`
	Verdict string `json:"verdict"`
	Value   real   `json:"value"`
	Text    string `json:"text"`
}

type constantJSON struct {
	Symbol string `json:"symbol"`
	Value  real   `json:"value"`
	Origin string `json:"origin"`
}

// bounds fills in the bounds of theorems.
func (m *methodJSON) bounds(e *compare.Entry, f float64) {
	mean, axis := e.Measured()
	end := len(mean.Mid) - 1
	m.Mean = &meanJSON{axis.Label, real(math.NaN()), real(mean.Mid[end]), real(math.NaN())}
	if mean.Low != nil {
		m.Mean.Low, m.Mean.High = real(mean.Low[end]), real(mean.High[end])
	}
	for _, b := range e.Bounds {
		out := boundJSON{
			Theorem: b.Name, Form: b.Form.String(), Statement: b.Statement, Source: b.Source, Verdict: b.Verdict().String(),
			Drawn: b.Drawn, Contrary: b.Contradicted(mean, f), Standing: b.Standing(mean, f).String(), End: real(b.End()), Ratio: real(b.Ratio(mean.Mid[end])),
		}
		for _, h := range b.Hypotheses {
			out.Hypotheses = append(out.Hypotheses, hypothesisJSON{h.Name, h.Verdict.String(), real(h.Value), h.Text})
		}
		for _, k := range b.Constants {
			out.Constants = append(out.Constants, constantJSON{k.Symbol, real(k.Value), k.Origin.String()})
		}
		m.Bounds = append(m.Bounds, out)
	}
}

type spreadJSON struct {
	Low    real `json:"low"`
	Median real `json:"median"`
	High   real `json:"high"`
}

func spreadOf(s compare.Spread) spreadJSON { return spreadJSON{real(s.Low), real(s.Mid), real(s.High)} }

func summary(p problem, start string, best *optimum.Optimum, r *compare.Result) raceJSON {
	out := raceJSON{
		budgetJSON: budgetJSON{version(), instructions(), r.Seed, r.Seeds, r.Trials},
		Problem:    describeJSON(p, start), Measure: r.Measure(), Target: real(r.Target),
	}
	if t, ok := p.(languageModel); ok {
		out.Products = t.products()
	}
	if best != nil {
		out.Optimum = &optimumJSON{real(best.Value), real(best.Gap), best.Certified, real(best.Noise), best.Method, best.Proof.String(), best.Checked}
	}
	for _, s := range r.Summaries() {
		var searched []string
		for _, axis := range s.Space {
			searched = append(searched, axis.String())
		}
		m := methodJSON{
			Searched: searched, Edge: s.Edge, Untuned: s.Untuned, Trials: s.TuningGrads(),
			Name: s.Name, Options: s.Options(), Coverage: s.Plan.Coverage(), P: real(s.P), Grads: real(s.Grads), Seconds: real(s.Seconds),
			Final:   spreadOf(s.Final),
			Reached: s.Reached, Diverged: s.Diverged, Skipped: s.Skipped(), Failed: s.Failed,
		}
		for name, v := range s.Held() {
			if m.Held == nil {
				m.Held = make(map[string]real)
			}
			m.Held[name] = real(v)
		}
		if s.Theorem != nil {
			m.Theorem = s.Theorem.Name
		}
		if r.Race.Bounds {
			m.bounds(s.Entry, r.Optimum.F)
		}
		out.Methods = append(out.Methods, m)
	}
	for _, b := range r.Bought() {
		out.Bought = append(out.Bought, boughtJSON{b.Untuned.Name, b.Tuned.Name, real(b.Ratio), real(b.P)})
	}
	return out
}

// writePoints writes each point of a race as a line of JSON that starts with its method and seed.
func writePoints(w io.Writer, r *compare.Result) error {
	for _, e := range r.Entries {
		name, err := json.Marshal(e.Name)
		if err != nil {
			return err
		}
		for _, run := range e.Runs {
			for _, p := range run.Points {
				point, err := json.Marshal(p)
				if err != nil {
					return err
				}
				if _, err := fmt.Fprintf(w, "{\"method\":%s,\"seed\":%d,%s\n", name, run.Seed, point[1:]); err != nil {
					return err
				}
			}
		}
	}
	return nil
}
