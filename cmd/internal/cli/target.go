package cli

import (
	"math"

	"steepest/data"
	"steepest/internal/suggest"
	"steepest/nn"
	"steepest/objective"
)

// target is what a model is fitted to: classes by the cross entropy of their softmax or by least squares, or numbers by a loss.
type target struct {
	classes []int // of the rows; nil for numbers
	count   int   // of the classes
	oneHot  bool  // least squares, with the target 1 for the class of a row and 0 for the others
	numbers []float64
	loss    objective.Loss
}

// target reads --loss, or what the labels suggest.
func (p *problem) target() (t target, err error) {
	f := &p.flags
	indices, classes := data.ClassIndices(p.set.Y)
	if f.Loss == "" {
		f.Loss = defaultLoss(classes)
	}
	t.numbers = p.set.Y
	switch f.Loss {
	case "least-squares":
		t.loss = objective.SquaredLoss{}
	case "huber":
		t.loss = objective.HuberLoss{Delta: f.Delta}
		if !(f.Delta > 0) || math.IsInf(f.Delta, 1) {
			err = usage("", "--delta: %v is not a finite number above 0", f.Delta)
		}
	case "softmax", "one-hot":
		p.classes = classes
		t.classes, t.count, t.oneHot = indices, len(classes), f.Loss == "one-hot"
	case "logistic":
		t.loss = objective.LogisticLoss{}
		t.numbers, err = p.signs(classes)
	case "hinge":
		t.loss = objective.HingeLoss{}
		t.numbers, err = p.signs(classes)
	case "squared-hinge":
		t.loss = objective.SquaredHingeLoss{}
		t.numbers, err = p.signs(classes)
	default:
		names := []string{"logistic", "softmax", "least-squares", "one-hot", "hinge", "squared-hinge", "huber"}
		err = usage("", "--loss: %w", suggest.Unknown("loss", f.Loss, names))
	}
	return t, err
}

// signs returns ±1 for the labels of two classes.
func (p *problem) signs(classes data.Classes) ([]float64, error) {
	p.classes = classes
	signs, err := classes.Signs(p.set.Y)
	if err != nil {
		return nil, badData("--loss softmax takes any number of classes, --loss least-squares any labels",
			"the loss %s needs two classes, and %s has %d distinct labels", p.flags.Loss, p.name, len(classes))
	}
	return signs, nil
}

// linear makes the linear model.
func (t target) linear(x data.Matrix, penalties ...objective.Penalty) (*objective.Linear[float64], error) {
	switch {
	case t.oneHot:
		y := &data.Dense{Rows: len(t.classes), Cols: t.count, Data: make([]float64, len(t.classes)*t.count)}
		for i, class := range t.classes {
			y.Row(i)[class] = 1
		}
		return objective.MultiOutput(x, y, penalties...)
	case t.classes != nil:
		return objective.Softmax(x, t.classes, t.count, penalties...)
	}
	return objective.NewLinear(x, t.numbers, t.loss, penalties...)
}

// network makes the network.
func (t target) network(x data.Matrix, c nn.Config) (*nn.MLP[float64], error) {
	if t.classes != nil {
		return nn.NewClassifier[float64](x, t.classes, t.count, c)
	}
	return nn.NewMLP[float64](x, t.numbers, t.loss, c)
}

// defaultLoss is the loss that labels suggest.
func defaultLoss(classes data.Classes) string {
	whole := true
	for _, c := range classes {
		whole = whole && c == math.Trunc(c)
	}
	switch {
	case len(classes) == 2:
		return "logistic"
	case whole && len(classes) >= 3 && len(classes) <= 100:
		return "softmax"
	}
	return "least-squares"
}
