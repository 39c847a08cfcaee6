package lecture

import (
	"context"

	"steepest/internal/suggest"
	"steepest/report"
)

// Text is a text in the two languages of the lecture.
type Text struct{ En, Ru string }

// Scene is a claim or a figure of the lecture that can be run.
type Scene struct {
	// Name is what the command line calls the scene.
	Name string
	// Title is that of the slide, or of what it shows.
	Title Text
	// Claim is what the slide says, with formulas in plain letters.
	Claim Text
	// Formulas are those of the slide, in TeX's notation.
	Formulas []string
	// Shows says what there is to see in the figure.
	Shows Text
	// Note says under which conditions the claim holds, or where the slide errs; empty where there is nothing to add.
	Note Text
	// Video is the address of the slide's video; empty if it has none.
	Video string

	run func(*stage) (*Outcome, error)
}

// Outcome is what a scene has computed.
type Outcome struct {
	Figure report.Picture
	// Motion is the figure in motion; nil if it stands still.
	Motion  *report.Animation
	Verdict Verdict

	russian *Outcome // where the figure draws its words itself; nil where they are labels, which are translated
}

// Run computes the scene. An error is that of the context or of the machine; a claim that fails is a verdict.
func (s *Scene) Run(ctx context.Context) (*Outcome, error) {
	return s.run(&stage{Context: ctx, method: 1, theory: 1})
}

// Find returns the scene of a name, or an error that suggests one.
func Find(name string) (*Scene, error) {
	scenes := Scenes()
	names := make([]string, len(scenes))
	for i, s := range scenes {
		names[i] = s.Name
	}
	i, err := suggest.Index("scene", name, names)
	if err != nil {
		return nil, err
	}
	return &scenes[i], nil
}

// Scenes returns all scenes in the order of the lecture.
func Scenes() []Scene {
	return []Scene{
		unbiased,
		complexity,
		divergence,
		plConstant,
		convexConstant,
		convexDecreasing,
		gradientError,
		epoch,
		problems,
		strongDecreasing,
		momentum,
		quasiNewton,
		averaging,
		newton,
		lower,
		adagrad,
		adaptive,
		drift,
		amsgrad,
		decay,
		rosenbrock,
		frontier,
		linearModel,
		descent,
		balls,
		nonEuclidean,
		newtonSchulz,
		polarCost,
		speedrun,
		spirals,
		shampoo,
		lastSlide,
	}
}
