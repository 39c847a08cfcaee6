package cli

import (
	"crypto/sha256"
	"fmt"
	"math"

	"steepest/data/tokens"
	"steepest/gpt"
	"steepest/train"
)

// choicesFlags name a file of questions with several endings.
type choicesFlags struct {
	Choices   string `group:"problem" placeholder:"FILE" help:"Questions with several endings that the model answers at every measurement: HellaSwag's JSON Lines, or an evaluation file of llm.c."`
	Questions int    `group:"problem" placeholder:"N" help:"Ask only the first N questions. Default: all."`
}

// silence says when --questions has no effect.
func (f *choicesFlags) silence() silence {
	return silence{[]string{"questions"}, f.Choices == "", "has no effect without --choices"}
}

// questions are the first n of some questions, which a model is asked.
type questions struct {
	*tokens.Choices
	n int
}

// questions reads the questions that the flags name, as tokens of an encoding. It returns nil if the flags name none.
func (f *choicesFlags) questions(w *world, e *tokens.Encoding) (*questions, error) {
	if f.Choices == "" {
		return nil, nil
	}
	defer w.notice("reading " + f.Choices)()
	c, err := tokens.ReadChoices(f.Choices, e)
	if err != nil {
		return nil, textError(err)
	}
	q := &questions{c, c.Len()}
	if f.Questions > 0 {
		q.n = min(q.n, f.Questions)
	}
	return q, nil
}

// answered counts the questions that a model has answered, and its right answers.
type answered struct {
	n, bySum, byMean int
}

// ask asks a model the questions. It calls next after each answer, and stops if next returns an error.
func (q *questions) ask(g *gpt.Generator[float32], next func(done int) error) (a answered, err error) {
	for i := range q.n {
		context, endings, right := q.Question(i)
		bySum, byMean := g.Answer(context, endings)
		a.n++
		if bySum == right {
			a.bySum++
		}
		if byMean == right {
			a.byMean++
		}
		if err := next(a.n); err != nil {
			return a, err
		}
	}
	return a, nil
}

// accuracy returns the share of right answers and its binomial standard error.
func (a answered) accuracy(right int) (share, deviation real) {
	p := float64(right) / float64(a.n)
	return real(p), real(math.Sqrt(p * (1 - p) / float64(a.n)))
}

// measure is the normalized accuracy of a model.
func (q *questions) measure(shape gpt.Config) train.Measure {
	return train.Quantity("choices", func(x []float32) float64 {
		a, _ := q.ask(gpt.NewGenerator(shape, x), func(int) error { return nil })
		share, _ := a.accuracy(a.byMean)
		return float64(share)
	})
}

// hash returns the first bytes of the SHA-256 of the questions.
func (q *questions) hash() string {
	h := sha256.New()
	for i := range q.n {
		context, endings, right := q.Question(i)
		fmt.Fprintln(h, right, len(context))
		hashTo(h, context)
		for _, ending := range endings {
			fmt.Fprintln(h, len(ending))
			hashTo(h, ending)
		}
	}
	return fmt.Sprintf("%x", h.Sum(nil)[:8])
}
