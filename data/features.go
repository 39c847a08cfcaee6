package data

import (
	"fmt"

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
	Scale     Scale
	Scaling   Scaling // that of the training set, for the scales by column
	Intercept bool
}

// Prepare returns what a model is to see of a training set, and how to make the same of other rows. It is an error if the scale
// is not known, or does not suit m.
func Prepare(m Matrix, scale Scale, intercept bool) (Matrix, Features, error) {
	f := Features{Scale: scale, Intercept: intercept}
	var err error
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

// Apply returns what the model sees of m. It is an error if m does not have the columns of the training set.
func (f Features) Apply(m Matrix) (Matrix, error) {
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
