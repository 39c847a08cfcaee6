package lecture

import (
	"context"

	"steepest/internal/suggest"
	"steepest/report"
)

// Text is a text in the two languages of the lecture.
type Text struct{ En, Ru string }

// Scene is a claim or a figure of the lecture that can be played.
type Scene struct {
	// Name is the name of the scene on the command line.
	Name string
	// Title is the title of the slide, or names its content.
	Title Text
	// Claim is the claim of the slide, with formulas in plain letters.
	Claim Text
	// Formulas are the formulas of the slide, in TeX.
	Formulas []string
	// Shows says what the figure shows.
	Shows Text
	// Note says under which conditions the claim holds, or where the slide has an error; empty if there is nothing to add.
	Note Text
	// Video is the address of the slide's video; empty if it has none.
	Video string

	run func(*stage) (*Outcome, error)
}

// Outcome is the result of a scene.
type Outcome struct {
	Figure report.Picture
	// Motion is the animated figure; nil if there is none.
	Motion  *report.Animation
	Verdict Verdict

	russian *Outcome // for a figure that draws its words itself; nil if they are labels, which are translated
}

// Run computes the scene. Errors come only from the context or the machine; if a claim fails, the verdict says so.
func (s *Scene) Run(ctx context.Context) (*Outcome, error) {
	return s.run(&stage{Context: ctx, method: 1, theory: 1})
}

// Find returns the scene with a name, or an error that suggests a name.
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
