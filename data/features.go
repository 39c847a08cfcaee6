package data

import (
	"fmt"
	"slices"

	"steepest/internal/suggest"
)

// Scale names a way to make features comparable; "" leaves them as they are.
type Scale string

// The scales that Prepare knows.
const (
	Standard Scale = "standard" // mean 0 and variance 1 of each column, by Standardize
	Largest  Scale = "maxabs"   // largest absolute value 1 of each column, by MaxAbs
	UnitRows Scale = "unit"     // norm 1 of each row, by NormalizeRows
)

// Features says what a model sees of a matrix: its rows scaled, and a column of ones after them for an intercept.
type Features struct {
	Scale   Scale
	Scaling Scaling // that of the training set, for the scales by column
	// Means are those of the columns of the training set, where values were missing: they stand in for missing values, which are NaN.
	Means     []float64
	Intercept bool
}

// Prepare returns what a model is to see of a training set, and how to make the same of other rows. It is an error if the scale
// is not known, or does not suit m.
func Prepare(m Matrix, scale Scale, intercept bool) (Matrix, Features, error) {
	f := Features{Scale: scale, Intercept: intercept}
	var err error
	if d, ok := m.(*Dense); ok && d.firstMissing() >= 0 {
		var empty int
		if f.Means, empty = columnMeans(d); empty >= 0 {
			return nil, f, fmt.Errorf("data: column %d holds no value at all, so it has no mean; remove it", empty+1)
		}
		m = f.filled(d)
	}
	switch scale {
	case "", UnitRows:
	case Largest:
		f.Scaling = MaxAbs(m)
	case Standard:
		f.Scaling, err = Standardize(m)
	default:
		err = fmt.Errorf("data: %w", suggest.Unknown("scale", string(scale), []string{string(Standard), string(Largest), string(UnitRows)}))
	}
	if err != nil {
		return nil, f, err
	}
	m, err = f.view(m)
	return m, f, err
}

// Apply returns what the model sees of m. It is an error if m does not have the columns of the training set, or lacks a value where
// the training set lacked none.
func (f Features) Apply(m Matrix) (Matrix, error) {
	if d, ok := m.(*Dense); ok {
		if at := d.firstMissing(); at >= 0 && len(f.Means) != d.Cols {
			return nil, fmt.Errorf("data: row %d lacks the value of column %d, and the training set lacked none", at/d.Cols+1, at%d.Cols+1)
		} else if at >= 0 {
			m = f.filled(d)
		}
	}
	return f.view(m)
}

// view is Apply where no value is missing.
func (f Features) view(m Matrix) (Matrix, error) {
	switch {
	case f.Scale == UnitRows:
		m = NormalizeRows(m)
	case f.Scaling.Scale != nil:
		scaled, err := f.Scaling.Apply(m)
		if err != nil {
			return nil, err
		}
		m = scaled
	}
	if f.Intercept {
		m = AppendOnes(m)
	}
	return m, nil
}

// filled returns a copy of m with the means in the place of missing values.
func (f Features) filled(m *Dense) *Dense {
	full := &Dense{Rows: m.Rows, Cols: m.Cols, Data: slices.Clone(m.Data)}
	impute(full, f.Means)
	return full
}

// firstMissing returns the place of the first missing value; −1 if there is none.
func (m *Dense) firstMissing() int {
	return slices.IndexFunc(m.Data, func(v float64) bool { return v != v })
}

// columnMeans returns the mean of the values of each column that are there, and the first column that holds none; −1 if all do.
func columnMeans(m *Dense) (means []float64, empty int) {
	means = make([]float64, m.Cols)
	for j := range means {
		n := 0.0
		for i := range m.Rows {
			if v := m.Data[i*m.Cols+j]; v == v {
				n++
				means[j] += v/n - means[j]/n
			}
		}
		if n == 0 {
			return nil, j
		}
	}
	return means, -1
}

// impute puts the mean of its column in the place of every missing value.
func impute(m *Dense, means []float64) {
	for i, v := range m.Data {
		if v != v {
			m.Data[i] = means[i%m.Cols]
		}
	}
}
