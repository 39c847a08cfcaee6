package cli

import (
	"math"
	"slices"
	"strings"

	"steepest/data"
	"steepest/internal/suggest"
	"steepest/model"
	"steepest/objective"
)

// target is what a model predicts: classes (with softmax cross entropy or least squares), or numbers (with a loss).
type target struct {
	name    string         // name of the loss
	classes data.Classes   // nil for numbers
	words   []string       // names of the classes, if labels are words
	loss    objective.Loss // nil if each class has a score
	class   int            // with more than two classes and one score: the class that is separated from the rest
}

// newTarget reads --loss, or chooses the loss that suits the labels.
func (f *problemFlags) newTarget(set *data.Set) (t target, err error) {
	classes := data.ClassesOf(set.Y)
	if t.name = f.Loss; t.name == "" {
		t.name = defaultLoss(classes, set.ClassNames != nil)
	}
	switch t.name {
	case "least-squares":
		t.loss = objective.SquaredLoss{}
	case "huber":
		t.loss = objective.HuberLoss{Delta: f.Delta}
	case "softmax", "one-hot":
		t.classes = classes
	case "logistic":
		t.loss, t.classes = objective.LogisticLoss{}, classes
	case "hinge":
		t.loss, t.classes = objective.HingeLoss{}, classes
	case "squared-hinge":
		t.loss, t.classes = objective.SquaredHingeLoss{}, classes
	default:
		if here := lossesElsewhere[strings.ReplaceAll(strings.ToLower(t.name), "_", "-")]; here != "" {
			err = usage("", "--loss: unknown loss %q; it is called %s here", t.name, here)
			break
		}
		names := []string{"logistic", "softmax", "least-squares", "one-hot", "hinge", "squared-hinge", "huber"}
		err = usage("", "--loss: %w", suggest.Unknown("loss", t.name, names))
	}
	if (t.classes != nil || f.Loss == "") && len(classes) < 2 && err == nil {
		hint := "check the column of the labels, which --label names"
		if set.Format == data.LIBSVM || set.Format == data.VW {
			hint = "check the labels, with which the rows begin"
		}
		return t, badData(hint, "all labels of %s are the same: one class leaves nothing to tell apart", set.Name)
	}
	if f.oneVsRest && t.name == "softmax" {
		t.name, t.loss = "logistic", objective.LogisticLoss{}
	}
	if t.classes == nil && len(set.ClassNames) > 2 && err == nil { // two are 0 and 1
		return t, badData("--loss one-hot fits least squares for each class, and softmax suits classes; --label names another column",
			"the loss %s is for numbers, and the labels of %s are words, such as %q", t.name, set.Name, set.ClassNames[0])
	}
	if t.classes != nil && t.loss != nil && len(classes) != 2 && !f.oneVsRest {
		err = badData("--loss softmax takes any number of classes, and fit has --one-vs-rest; --loss least-squares is for numbers",
			"the loss %s needs two classes, and %s has %d distinct labels", t.name, set.Name, len(classes))
	}
	t.words = t.names(set)
	return t, err
}

// names returns the names of the classes, if the labels of a set are words.
func (t target) names(set *data.Set) []string {
	if t.classes == nil {
		return nil
	}
	return set.ClassNames
}

// scores returns the number of scores per row.
func (t target) scores() int {
	if t.loss != nil && len(t.classes) < 3 {
		return 1
	}
	return max(1, len(t.classes)) // --rank has no classes
}

// labels converts the labels of a set for the loss: to the indices of classes, or to numbers, which are ±1 for two classes or for a class
// against the rest. The error names a label that is no class.
func (t target) labels(set *data.Set) (indices []int, numbers []float64, err error) {
	if t.classes == nil {
		return nil, set.Y, nil
	}
	if t.loss == nil {
		indices, err = t.truth(set, 0, len(set.Y))
		return indices, nil, err
	}
	if t.words == nil && slices.Equal(t.classes, data.Classes{-1, 1}) && !slices.ContainsFunc(set.Y, func(y float64) bool { return y != 1 && y != -1 }) {
		return nil, set.Y, nil
	}
	one := t.class
	if len(t.classes) == 2 {
		one = 1
	}
	numbers = make([]float64, len(set.Y))
	for lo, hi := range spans(len(numbers)) {
		classes, err := t.truth(set, lo, hi)
		if err != nil {
			_, err = t.truth(set, 0, len(set.Y)) // its error has the number of the row
			return nil, nil, err
		}
		for i, class := range classes {
			numbers[lo+i] = -1
			if class == one {
				numbers[lo+i] = 1
			}
		}
	}
	return nil, numbers, nil
}

// truth returns the classes of the rows lo to hi of a set.
func (t target) truth(set *data.Set, lo, hi int) ([]int, error) {
	part := *set
	part.Y = part.Y[lo:hi]
	return (&model.Model{Classes: t.classes, ClassNames: t.words}).Truth(&part)
}

// defaultLoss returns the loss that suits the labels. Words are always classes, and so are a few whole numbers.
func defaultLoss(classes data.Classes, words bool) string {
	whole := true
	for _, c := range classes {
		whole = whole && c == math.Trunc(c)
	}
	switch {
	case len(classes) == 2:
		return "logistic"
	case words || whole && len(classes) >= 3 && len(classes) <= 100:
		return "softmax"
	}
	return "least-squares"
}

// lossesElsewhere maps the names of losses in other programs to the names here.
var lossesElsewhere = map[string]string{
	"mse": "least-squares", "l2": "least-squares", "squared": "least-squares", "squared-error": "least-squares", "mean-squared-error": "least-squares",
	"quadratic": "least-squares", "ridge": "least-squares", "ols": "least-squares", "linear": "least-squares",
	"log": "logistic", "log-loss": "logistic", "logloss": "logistic", "bce": "logistic", "binary-crossentropy": "logistic", "binary-cross-entropy": "logistic",
	"binary:logistic": "logistic", "sigmoid": "logistic",
	"cross-entropy": "softmax", "crossentropy": "softmax", "ce": "softmax", "nll": "softmax", "categorical-crossentropy": "softmax", "multinomial": "softmax",
	"sparse-categorical-crossentropy": "softmax", "multi:softmax": "softmax",
	"svm": "hinge", "l1-svm": "hinge", "l2-svm": "squared-hinge", "sqhinge": "squared-hinge",
	"smooth-l1": "huber", "pseudo-huber": "huber",
}
