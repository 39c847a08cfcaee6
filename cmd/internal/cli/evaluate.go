package cli

import (
	"context"
	"fmt"

	"steepest/gpt"
	"steepest/internal/plural"
	"steepest/internal/printable"
)

type evaluateCmd struct {
	Model string `arg:"" placeholder:"MODEL" help:"A model: a folder that steepest pretrain or Hugging Face's transformers has written, or a file of llm.c."`
	File  string `arg:"" name:"questions" placeholder:"QUESTIONS" help:"Questions with several endings: HellaSwag's JSON Lines, with the members ctx, endings and label, or an evaluation file of llm.c."`
	First int    `placeholder:"N" help:"Ask only the first N questions. Default: all."`
	JSON  bool   `name:"json" help:"The result as JSON."`
}

// Help shows how evaluate is used.
func (evaluateCmd) Help() string {
	return `Asks a language model questions with several endings, as in HellaSwag. The model chooses the ending whose tokens have the least
sum of losses (accuracy), or the least mean (normalized accuracy, which llm.c prints). A context that is too long for the model loses
its beginning. Chance gives 0.25 with four endings. GPT-2 (124M) has 0.2859 and 0.2955 on HellaSwag. Examples:

    steepest evaluate gpt2 hellaswag_val.jsonl
    steepest evaluate gpt2_124M.bin hellaswag_val.bin --first 500 --json`
}

// evaluation is the result of the questions.
type evaluation struct {
	Model      string `json:"model"`
	Questions  int    `json:"questions"`
	Accuracy   real   `json:"accuracy"` // by the sum of losses
	Error      real   `json:"accuracy_standard_error"`
	Normalized real   `json:"normalized_accuracy"` // by their mean
	NormError  real   `json:"normalized_accuracy_standard_error"`
}

// Run asks the questions.
func (c *evaluateCmd) Run(w *world) error {
	if w.given["first"] && c.First < 1 {
		return usage("", "--first is %d, want at least 1", c.First)
	}
	done := w.notice("reading " + c.Model)
	g, x, err := newGeneration(c.Model)
	done()
	if err != nil {
		return err
	}
	q, err := (&choicesFlags{Choices: c.File, Questions: c.First}).questions(w, g.encoding)
	if err != nil {
		return err
	}
	asked := w.progress(counting("asking", "questions"))
	a, err := q.ask(gpt.NewGenerator(g.model, x), func(done int) error {
		asked.set(int64(done), int64(q.n))
		return context.Cause(w)
	})
	asked.end()
	if a.n == 0 {
		return w.interruption("", "interrupted before the first question was answered")
	}
	out := evaluation{Model: c.Model, Questions: a.n}
	out.Accuracy, out.Error = a.accuracy(a.bySum)
	out.Normalized, out.NormError = a.accuracy(a.byMean)
	if c.JSON {
		if failed := writeJSON(w.stdout, out); failed != nil {
			return failed
		}
	} else {
		fmt.Fprintf(w.stdout, "%s: %s\naccuracy             %.4f ± %.4f\nnormalized accuracy  %.4f ± %.4f\n",
			printable.Text(c.Model), plural.Of(out.Questions, "question"), out.Accuracy, out.Error, out.Normalized, out.NormError)
	}
	if err != nil {
		return w.interruption("", "interrupted after %d of %d questions", a.n, q.n)
	}
	return nil
}
