package objective

import (
	"fmt"

	"steepest/data"
)

// Setup says which linear model FromSet makes of a data set. The zero value is logistic or softmax regression on unscaled features.
type Setup struct {
	// Loss is the loss of a row. Nil means the cross entropy of the classes: LogisticLoss for two, and softmax for more.
	Loss Loss
	// Scale is how the features are scaled; "" leaves them unscaled.
	Scale data.Scale
	// Intercept gives each score a constant term, the last weight, which no penalty takes.
	Intercept bool
}

// View is how a model sees data: Apply prepares other rows for Linear.Scores.
type View struct {
	data.Features
	// Classes are the labels of the set, if the loss is for classes. With two classes, a row has one score, which is positive for the
	// second class. With more, the class with the largest score is predicted.
	Classes data.Classes
}

// maxClasses is the largest number of distinct labels that FromSet accepts as classes if the loss is left open.
const maxClasses = 100

// FromSet returns the problem of a linear model on a data set, and the View for scoring other rows. It maps the labels as the loss
// requires: two classes to ±1 for the losses of margins. It fails if features or labels do not suit the setup.
func FromSet(set *data.Set, s Setup, options ...Option) (*Linear[float64], View, error) {
	x, features, err := data.Prepare(set.X, s.Scale, s.Intercept)
	if err != nil {
		return nil, View{}, err
	}
	view := View{Features: features}
	if s.Intercept {
		options = append(options[:len(options):len(options)], Intercept())
	}
	p, err := s.onLabels(x, set.Y, &view, options)
	if err != nil {
		return nil, View{}, err
	}
	return p, view, nil
}

// onLabels returns the problem on prepared features. If the loss is for classes, it stores them in view.
func (s Setup) onLabels(x data.Matrix, y []float64, view *View, options []Option) (*Linear[float64], error) {
	indices, classes := data.ClassIndices(y)
	if s.Loss == nil && len(classes) == 2 {
		s.Loss = LogisticLoss{}
	}
	switch {
	case s.Loss == nil && len(classes) > maxClasses:
		return nil, fmt.Errorf("objective: %d distinct labels are more than %d classes; choose a Loss for numbers, such as SquaredLoss",
			len(classes), maxClasses)
	case s.Loss == nil:
		view.Classes = classes
		return Softmax(x, indices, len(classes), options...)
	case takesSigns(s.Loss):
		signs, err := classes.Signs(y)
		if err != nil {
			return nil, err
		}
		view.Classes, y = classes, signs
	}
	return NewLinear(x, y, s.Loss, options...)
}

// takesSigns reports whether the labels of a loss are ±1.
func takesSigns(l Loss) bool {
	return l.CheckLabel(1) == nil && l.CheckLabel(-1) == nil && l.CheckLabel(0) != nil
}
