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
	if f.Means, err = meansWhereMissing(m); err == nil {
		m, err = f.fill(m)
	}
	if err != nil {
		return nil, f, err
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
	m, err = f.Apply(m)
	return m, f, err
}

// Apply returns what the model sees of m. It is an error if m does not have the columns of the training set, or lacks a value where
// the training set lacked none.
func (f Features) Apply(m Matrix) (Matrix, error) {
	m, err := f.fill(m)
	if err != nil {
		return nil, err
	}
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

// meansWhereMissing returns the mean of the values of each column of a dense matrix that are there, or nil if none is missing. A
// column without any value is an error.
func meansWhereMissing(m Matrix) ([]float64, error) {
	d, ok := m.(*Dense)
	if !ok || !slices.ContainsFunc(d.Data, func(v float64) bool { return v != v }) {
		return nil, nil
	}
	means := make([]float64, d.Cols)
	for j := range means {
		n := 0.0
		for i := range d.Rows {
			if v := d.Data[i*d.Cols+j]; v == v {
				n++
				means[j] += v/n - means[j]/n
			}
		}
		if n == 0 {
			return nil, fmt.Errorf("data: column %d holds no value at all, so it has no mean; remove it", j+1)
		}
	}
	return means, nil
}

// fill returns m with the means in the place of missing values.
func (f Features) fill(m Matrix) (Matrix, error) {
	d, ok := m.(*Dense)
	if !ok || !slices.ContainsFunc(d.Data, func(v float64) bool { return v != v }) {
		return m, nil
	}
	if len(f.Means) != d.Cols {
		at := slices.IndexFunc(d.Data, func(v float64) bool { return v != v })
		return nil, fmt.Errorf("data: row %d lacks the value of column %d, and the training set lacked none", at/d.Cols+1, at%d.Cols+1)
	}
	full := &Dense{Rows: d.Rows, Cols: d.Cols, Data: slices.Clone(d.Data)}
	for i, v := range full.Data {
		if v != v {
			full.Data[i] = f.Means[i%d.Cols]
		}
	}
	return full, nil
}
