package cli

import (
	"fmt"
	"math"
	"strings"

	"steepest/gpt"
	"steepest/internal/printable"
	"steepest/objective"
	"steepest/optim"
	"steepest/train"
)

// pretrainOutcome is the end of a run of pretrain.
type pretrainOutcome struct {
	Method     string    `json:"method"`
	Coverage   string    `json:"coverage,omitempty"` // how many parameters the method itself updates, if not all
	Model      string    `json:"model"`
	Shape      shapeJSON `json:"shape"`
	Parameters int       `json:"parameters"`
	Encoding   string    `json:"encoding"`
	Start      string    `json:"start"`
	Text       string    `json:"text"`
	Loss       real      `json:"loss"` // of the last batch; Smoothed averages over the batches before
	Smoothed   real      `json:"smoothed"`
	Validation *real     `json:"validation,omitempty"`
	BitsOfByte *real     `json:"bits_per_byte,omitempty"` // of the held-out text, if tokens are bytes
	Choices    *real     `json:"choices,omitempty"`       // the share of right answers
	Status     string    `json:"status"`
	Steps      int       `json:"steps"`
	Skipped    int       `json:"skipped,omitempty"` // steps with a bad gradient
	Tokens     int64     `json:"tokens"`
	Epochs     real      `json:"epochs"`
	FLOPs      real      `json:"flops"` // as in the record: a multiply-add counts as one
	Seconds    real      `json:"seconds"`
	Version    string    `json:"version"`
	// Instructions names the instruction set that the kernels used, and Products is bf16 if they rounded the operands of products.
	Instructions string `json:"instructions"`
	Products     string `json:"products,omitempty"`
}

// shapeJSON is the shape of a model.
type shapeJSON struct {
	Layers     int  `json:"layers"`
	Heads      int  `json:"heads"`
	Width      int  `json:"width"`
	Context    int  `json:"context"`
	Vocabulary int  `json:"vocabulary"`
	Untied     bool `json:"untied,omitempty"`
}

func shapeOf(c gpt.Config) shapeJSON {
	return shapeJSON{c.Layers, c.Heads, c.Width, c.Context, c.Vocab, c.Untied}
}

// outcome returns the end of the run.
func (s *status) outcome(spec string, r *train.Result[float32]) pretrainOutcome {
	p := s.run
	out := pretrainOutcome{
		Method: spec, Model: p.model(), Shape: shapeOf(p.shape), Parameters: objective.Dim(p.problem), Encoding: p.corpus.encoding.Name, Start: p.start, Text: p.text(),
		Loss: real(math.NaN()), Smoothed: real(math.NaN()), Status: statuses[r.Status], Steps: r.Step, Skipped: r.Skipped, Tokens: s.tokens(r.Step),
		Epochs: real(r.Epochs), FLOPs: real(r.FLOPs), Seconds: real(r.Seconds), Version: version(), Instructions: instructions(), Products: p.products(),
	}
	if out.Status == "" {
		out.Status = r.Status.String()
	}
	if s.all.steps > 0 {
		out.Loss, out.Smoothed = real(s.seen.Loss), real(s.seen.Smoothed)
	}
	if plan, err := optim.NewPlan[float32](p.entrant.Method.Rule, p.problem.Params()); err == nil {
		out.Coverage = plan.Coverage()
	}
	for _, m := range r.Measured {
		switch {
		case math.IsNaN(m.Value):
		case m.Name == "choices":
			out.Choices = pointer(real(m.Value))
		default:
			out.Validation = pointer(real(m.Value))
			if out.Encoding == "bytes" {
				out.BitsOfByte = pointer(real(m.Value / math.Ln2))
			}
		}
	}
	return out
}

// String formats the outcome as a summary for people.
func (o pretrainOutcome) String() string {
	var b strings.Builder
	line := func(name, format string, args ...any) {
		fmt.Fprintf(&b, "%-12s %s\n", name, printable.Text(fmt.Sprintf(format, args...)))
	}
	line("method", "%s", o.Method)
	if o.Coverage != "" {
		line("updates", "%s", o.Coverage)
	}
	line("model", "%s", o.Model)
	line("text", "%s", o.Text)
	if !math.IsNaN(float64(o.Loss)) {
		line("loss", "%.4f over the last batch, %.4f smoothed over those before", o.Loss, o.Smoothed)
	}
	if o.Validation != nil {
		text := fmt.Sprintf("%.4f, perplexity %.4g", *o.Validation, math.Exp(float64(*o.Validation)))
		if o.BitsOfByte != nil {
			text += fmt.Sprintf(", %.3f bits for each byte", *o.BitsOfByte)
		}
		line("validation", "%s", text)
	}
	if o.Choices != nil {
		line("choices", "%.4f of the answers are right", *o.Choices)
	}
	line("status", "%s", o.Status)
	steps := fmt.Sprint(o.Steps)
	if o.Skipped > 0 {
		steps += fmt.Sprintf(", and %d bad gradients skipped", o.Skipped)
	}
	line("steps", "%s", steps)
	line("tokens", "%d, %.4g passes over the text", o.Tokens, o.Epochs)
	line("time", "%.3f s", o.Seconds)
	return b.String()
}
