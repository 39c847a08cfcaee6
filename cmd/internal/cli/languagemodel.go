package cli

import (
	"fmt"
	"math"
	"runtime"
	"strconv"

	"steepest/compare"
	"steepest/gpt"
	"steepest/internal/plural"
	"steepest/model"
	"steepest/objective"
	"steepest/param"
	"steepest/train"
)

// languageModel is the problem of a race on a text: a model learns to predict the next token.
type languageModel struct {
	language
	double   *gpt.NextToken[float64] // the problem in float64, which defines the units
	data     string                  // hashes of the training text and of the held-out text
	heldHash map[string]string
}

// asText sets the defaults for a text that differ from those for data.
func (c *compareCmd) asText(w *world) {
	c.Precision = "float32"
	if !w.given["sampling"] {
		c.Sampling = train.Reshuffle.String() // each window once per pass
	}
	if c.Method == nil {
		c.Method = []string{"adamw", "muon", "shampoo", "soap"}
	}
}

// evaluations is the default number of evaluations of a run on a text. It is small: an evaluation costs as much as many steps.
const evaluations = 20

// pose sets what is special in a race on a text. It returns an error if the runs do not fit into memory. Saves says whether unfinished runs are
// saved.
func (p languageModel) pose(race *compare.Race, saves bool) error {
	race.Tokens = p.corpus.length
	race.OmitX = true // saved returns no model
	s := &race.Settings
	s.EvaluateEvenly = true
	if steps := s.Budget(race.Entrants[0].Method.Rule, p.problem.Len()); s.EvaluateEvery == 0 && steps < math.MaxInt {
		s.EvaluateEvery = max(1, steps/evaluations)
	}
	return p.refuse(race, saves)
}

// languageModel reads the flags for a race on a text.
func (c *compareCmd) languageModel(w *world) (problem, error) {
	if c.Seed > math.MaxUint32-uint64(c.Seeds) {
		return nil, usage("", "--seed is %d, and those of PyTorch's start are at most %d", c.Seed, uint32(math.MaxUint32))
	}
	shape, encoding, err := c.shape()
	if err != nil {
		return nil, err
	}
	validation := ""
	if c.Validation > 0 {
		validation = strconv.FormatFloat(c.Validation, 'g', -1, 64)
	}
	p := languageModel{}
	if p.language, err = c.readLanguage(w, c.Text, validation, shape, encoding, c.Context); err != nil {
		return nil, err
	}
	p.multiply(c.productsFlags)
	p.double, err = gpt.New[float64](p.shape, p.corpus.train, p.corpus.length)
	if err == nil {
		p.data, err = p.corpus.hash(p.corpus.train)
	}
	if err == nil {
		p.heldHash, err = p.heldHashes()
	}
	if err != nil {
		p.corpus.close()
		return nil, err
	}
	return p, nil
}

func (p languageModel) sum() objective.FiniteSum[float64] { return p.double }

func (p languageModel) single() (objective.FiniteSum[float32], error) { return p.problem, nil }

func (p languageModel) traits() traits { return traits{epochs: 1, unsolvable: true, scattered: true} }

func (p languageModel) sample() *sample { return nil }

func (p languageModel) title() string {
	return fmt.Sprintf("%s: next token, %s, width %d", p.corpus.name, plural.Of(p.shape.Layers, "layer"), p.shape.Width)
}

func (p languageModel) describe() string {
	text := p.model() + "; " + p.language.text()
	if p.problem.BF16 {
		text += "; products of operands rounded to bfloat16"
	}
	return text
}

func (p languageModel) start(seed uint64) ([]float64, string) {
	return param.As[float64](gpt.Start[float32](p.shape, uint32(seed))), "PyTorch's for GPT-2"
}

func (p languageModel) json() problemJSON {
	shape := shapeOf(p.shape)
	return problemJSON{Name: p.corpus.name, Unknowns: objective.Dim(p.problem), Rows: p.problem.Len(), Model: &shape, Window: p.corpus.length, Encoding: p.corpus.encoding.Name}
}

func (p languageModel) measures(bool) ([]train.Measure, error) {
	return p.language.measures(), nil
}

// saved returns nil, since a race saves no model.
func (p languageModel) saved([]float64) *model.Model { return nil }

// refuse returns an error if the runs need more memory than is free: as many as there are processors run at a time, and one is saved at a time.
func (p languageModel) refuse(race *compare.Race, saves bool) error {
	jobs, largest, snapshot := len(race.Entrants)*(race.Trials+race.Seeds), 0.0, 0.0
	for _, e := range race.Entrants {
		one := pretraining{language: p.language, entrant: e, settings: race.Settings}
		if e.Batch >= 0 {
			one.settings.Batch = e.Batch
		}
		if n, err := one.needs(saves); err == nil { // else the row of the method shows the error
			largest, snapshot = max(largest, n.total()-n.snapshot), max(snapshot, n.snapshot)
		}
	}
	return refuseSize("the runs take", largest*float64(min(jobs, runtime.GOMAXPROCS(0)))+snapshot,
		"take a smaller model, a smaller batch, a shorter --context, or set GOMAXPROCS=1 to have one run at a time")
}
