package model

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"gonum.org/v1/gonum/floats"

	"steepest/data"
	"steepest/nn"
	"steepest/objective"
	"steepest/param"
)

// Predictions are the predictions of a model for rows.
type Predictions struct {
	// Classes are the indices of the classes, one a row; nil for a model of values.
	Classes []int
	// Probabilities holds the probabilities of all classes, row by row; nil if the loss gives none, such as a hinge loss.
	Probabilities []float64
	// Values are the values, one a row. For two classes without probabilities, they are the decision values, positive for the second class.
	Values []float64
}

// Predict returns the predictions for the rows of a set. Columns are found by name if both the model and the set have names, otherwise
// by position. The error lists missing columns. The labels of the set do not matter.
func (m *Model) Predict(set *data.Set) (*Predictions, error) {
	rows, err := m.Rows(set)
	if err != nil {
		return nil, err
	}
	return m.PredictRows(rows)
}

// PredictRows is Predict for rows as Rows returns them.
func (m *Model) PredictRows(rows data.Matrix) (*Predictions, error) {
	scores, err := m.scores(rows)
	if err != nil {
		return nil, err
	}
	return m.judge(scores), nil
}

// Scores returns the scores of the rows of a set, row by row, and the number of scores per row.
func (m *Model) Scores(set *data.Set) (scores []float64, outputs int, err error) {
	rows, err := m.Rows(set)
	if err == nil {
		scores, err = m.scores(rows)
	}
	return scores, m.outputs(), err
}

// scores returns the scores of rows that the model sees.
func (m *Model) scores(rows data.Matrix) ([]float64, error) {
	switch {
	case m.Kind != Linear && m.Kind != Network:
		return nil, fmt.Errorf("model: a model of the kind %q predicts nothing from rows", m.Kind)
	case m.Kind == Linear:
		return objective.Scores(m.X(), m.outputs(), rows), nil
	case m.Float32:
		return networkScores[float32](m, rows)
	}
	return networkScores[float64](m, rows)
}

// Rows returns the rows of a set in the form that the model sees: columns in the order of the model, scaled, with the 1 of an intercept.
func (m *Model) Rows(set *data.Set) (data.Matrix, error) {
	rows, err := m.arrange(set)
	if err != nil {
		return nil, fmt.Errorf("model: %w", err)
	}
	x, err := m.Features.Apply(rows)
	if wrong := (*data.ValueError)(nil); errors.As(err, &wrong) {
		switch {
		case m.Source != nil:
			wrong.Name = m.Source.Of(wrong.Column).String()
		case m.Names != nil:
			wrong.Name = data.Column{Name: m.Names[wrong.Column]}.String()
		}
	}
	return x, err
}

// Expect returns the columns that a CSV file of rows to predict should have, or nil for more than a million.
func (m *Model) Expect() *data.Columns {
	if m.Source != nil {
		return m.Source
	}
	return data.Numbers(m.Columns, m.Names)
}

// arrange returns the columns of a set in the order of the model.
func (m *Model) arrange(set *data.Set) (data.Matrix, error) {
	_, cols := set.X.Dims()
	if m.Names == nil || set.Features == nil {
		return m.widen(set.X, cols)
	}
	if slices.Equal(m.Names, set.Features) {
		return set.X, nil
	}
	order, err := m.places(set)
	if err != nil {
		return nil, err
	}
	dense, ok := set.X.(*data.Dense)
	if !ok {
		return nil, fmt.Errorf("the columns of %s are sparse and not those of the model in their order; read the file with CSVOptions.Expect", set.Name)
	}
	out := &data.Dense{Rows: dense.Rows, Cols: len(order), Data: make([]float64, 0, dense.Rows*len(order))}
	for i := range dense.Rows {
		row := dense.Row(i)
		for _, j := range order {
			out.Data = append(out.Data, row[j])
		}
	}
	return out, nil
}

// places returns the column of a set for each feature of the model.
func (m *Model) places(set *data.Set) (order []int, err error) {
	const twice = -1
	columns := make(map[string]int, len(set.Features))
	for j, name := range set.Features {
		if _, known := columns[name]; known {
			j = twice
		}
		columns[name] = j
	}
	var missing []string
	seen := make(map[string]bool, len(m.Names))
	for _, name := range m.Names {
		at, known := columns[name]
		switch {
		case !known:
			missing = append(missing, name)
		case at == twice:
			return nil, fmt.Errorf("%s has two columns named %q; remove one of them", set.Name, name)
		case seen[name]:
			return nil, fmt.Errorf("two features of the model are named %q; give the columns without names, in the order of training", name)
		}
		seen[name] = true
		order = append(order, at)
	}
	if len(missing) > 10 {
		missing = append(missing[:10], "…")
	}
	if missing != nil {
		return nil, fmt.Errorf("%s lacks the columns %s, which the model needs", set.Name, strings.Join(missing, ", "))
	}
	return order, nil
}

// widen returns rows with the model's number of columns. A sparse set may have fewer: then the last columns are zeros. It may have more: the
// model has never seen these columns, and they are dropped.
func (m *Model) widen(x data.Matrix, cols int) (data.Matrix, error) {
	sparse, ok := x.(*data.CSR)
	switch {
	case cols == m.Columns || ok && m.Features.Kept != nil:
		return x, nil
	case !ok:
		return nil, fmt.Errorf("the rows have %d columns, and the model %d features", cols, m.Columns)
	case cols > m.Columns:
		known := make([]uint32, m.Columns)
		for j := range known {
			known[j] = uint32(j)
		}
		return data.Select(sparse, known), nil
	}
	wide := *sparse
	wide.Cols = m.Columns
	return &wide, nil
}

// Unseen returns the number of values of a sparse set that are in columns that the model has never seen, or 0 for a dense set.
func (m *Model) Unseen(set *data.Set) (n int) {
	sparse, ok := set.X.(*data.CSR)
	if !ok || set.Columns != nil {
		return 0
	}
	for _, j := range sparse.Indices {
		known := int(j) < m.Columns
		if kept := m.Features.Kept; kept != nil {
			_, known = slices.BinarySearch(kept, j)
		}
		if !known {
			n++
		}
	}
	return n
}

func networkScores[T param.Float](m *Model, rows data.Matrix) ([]float64, error) {
	p, err := newNetwork[T](m)
	if err != nil {
		return nil, fmt.Errorf("model: %w", err)
	}
	return p.Scores(param.As[T](m.X()), rows), nil
}

// newNetwork returns the network of a model. Its data are one row of zeros, which is not used.
func newNetwork[T param.Float](m *Model) (*nn.MLP[T], error) {
	row := &data.Dense{Rows: 1, Cols: m.inputs(), Data: make([]float64, m.inputs())}
	if n := m.outputs(); n > 1 {
		return nn.NewClassifier[T](row, []int{0}, n, m.Layers)
	}
	return nn.NewMLP[T](row, []float64{0}, objective.SquaredLoss{}, m.Layers)
}

// judge turns scores into predictions.
func (m *Model) judge(scores []float64) *Predictions {
	if len(m.Classes) == 0 {
		return &Predictions{Values: scores}
	}
	p := new(Predictions)
	k := m.outputs()
	switch {
	case m.Loss == "logistic" && m.Rest():
		p.Probabilities = oneVsRest(scores, k)
	case m.Loss == "logistic":
		for _, s := range scores {
			p.Probabilities = append(p.Probabilities, 1/(1+math.Exp(s)), 1/(1+math.Exp(-s)))
		}
	case m.Loss == "softmax":
		for at := 0; at < len(scores); at += k {
			p.Probabilities = append(p.Probabilities, Softmax(scores[at:at+k])...)
		}
	default:
		if k == 1 {
			p.Values = scores
		}
	}
	for at := 0; at < len(scores); at += k {
		p.Classes = append(p.Classes, Class(scores[at:at+k]))
	}
	return p
}

// oneVsRest returns the probabilities of k classes: the probability of each score divided by their sum over the row, as in
// scikit-learn's OneVsRestClassifier. They are equal if the sum is 0.
func oneVsRest(scores []float64, k int) []float64 {
	p := make([]float64, len(scores))
	for at := 0; at < len(p); at += k {
		row := p[at : at+k]
		for c := range row {
			row[c] = 1 / (1 + math.Exp(-scores[at+c]))
		}
		if sum := floats.Sum(row); sum > 0 {
			floats.Scale(1/sum, row)
		} else {
			for c := range row {
				row[c] = 1 / float64(k)
			}
		}
	}
	return p
}

// Class returns the index of the class predicted by the scores of a row: with one score, the second of two classes if it is positive.
func Class(scores []float64) int {
	switch {
	case len(scores) > 1:
		return floats.MaxIdx(scores)
	case scores[0] > 0:
		return 1
	}
	return 0
}

// Softmax returns the probabilities exp(zᵢ)/Σ exp(zⱼ) for the scores of a row.
func Softmax(z []float64) []float64 {
	p, largest, sum := make([]float64, len(z)), floats.Max(z), 0.0
	for k, v := range z {
		p[k] = math.Exp(v - largest)
		sum += p[k]
	}
	floats.Scale(1/sum, p)
	return p
}

// Truth returns the class indices of the labels of a set. The error names a label that the model has never seen.
func (m *Model) Truth(set *data.Set) ([]int, error) {
	if (set.ClassNames == nil) != (m.ClassNames == nil) {
		return nil, fmt.Errorf("model: the labels of %s are %s, and the classes of the model %s",
			set.Name, wordsOrNumbers(set.ClassNames), wordsOrNumbers(m.ClassNames))
	}
	if m.ClassNames == nil {
		return m.Classes.Indices(set.Y)
	}
	truth := make([]int, len(set.Y))
	for i, y := range set.Y {
		name := set.ClassNames[int(y)]
		if truth[i] = data.ClassIndex(m.ClassNames, name); truth[i] < 0 {
			return nil, fmt.Errorf("model: the label %q of row %d is none of the model's classes, %s",
				name, i+1, strings.Join(m.ClassNames, ", "))
		}
	}
	return truth, nil
}

func wordsOrNumbers(names []string) string {
	if names == nil {
		return "numbers"
	}
	return "words"
}
