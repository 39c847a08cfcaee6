package data

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"

	"steepest/internal/plural"
	"steepest/internal/suggest"
)

// Scale names a way to scale features; "" leaves them unchanged.
type Scale string

// The scales that Prepare knows.
const (
	Standard Scale = "standard" // mean 0 and variance 1 of each column, by Standardize
	Largest  Scale = "maxabs"   // largest absolute value 1 of each column, by MaxAbs
	UnitRows Scale = "unit"     // norm 1 of each row, by NormalizeRows

	// Auto scales if the sizes of columns differ a hundredfold: by Standard, or by Largest if the matrix is sparse. Otherwise it is "".
	Auto Scale = "auto"
)

// check returns an error for an unknown scale.
func (s Scale) check() error {
	known := []Scale{Standard, Largest, UnitRows, Auto}
	if s == "" || slices.Contains(known, s) {
		return nil
	}
	names := make([]string, len(known))
	for i, k := range known {
		names[i] = string(k)
	}
	return fmt.Errorf("data: %w", suggest.Unknown("scale", string(s), names))
}

// suggestScale returns the scale that Auto stands for, given the largest absolute values of the columns.
func suggestScale(sizes []float64, sparse bool) Scale {
	const orders = 100
	if len(sizes) == 0 {
		return ""
	}
	sizes = slices.Sorted(slices.Values(sizes))
	few := len(sizes) / 100
	switch {
	case !(sizes[len(sizes)-1-few] >= orders*sizes[few]):
		return ""
	case sparse:
		return Largest
	}
	return Standard
}

// Features says how a matrix is prepared for a model: which columns are kept, how they are scaled, and whether a last column of ones is
// added for an intercept.
type Features struct {
	// Kept lists the columns that the model sees, in ascending order; nil for all. For a sparse training set these are the columns that
	// occur in it (Occurring, Select): the weights of others would be 0.
	Kept    []uint32
	Scale   Scale
	Scaling Scaling // of the training set, for scales by column
	// Means are the means of the columns of the training set (ColumnMeans). They replace missing values (NaN). Prepare sets them if the
	// training set has missing values; without them a missing value is a ValueError.
	Means     []float64
	Intercept bool
}

// Prepare returns the prepared training set, and the Features with which to prepare other rows in the same way. It is an error if the
// scale is unknown or does not suit m, and a ColumnError if a column has no mean or cannot be scaled.
func Prepare(m Matrix, scale Scale, intercept bool) (Matrix, Features, error) {
	f, err := partsOf(m).learn(scale, intercept, firstMissing(m) >= 0)
	if err != nil {
		return nil, f, err
	}
	m, err = f.Apply(m)
	return m, f, err
}

// learn returns the Features of a training set. Means says whether to learn the means, which replace missing values.
func (p parts) learn(scale Scale, intercept, means bool) (f Features, err error) {
	f = Features{Scale: scale, Intercept: intercept}
	if err := scale.check(); err != nil {
		return f, err
	}
	if means {
		var empty int
		if f.Means, empty = p.means(); empty >= 0 {
			return f, &ColumnError{Column: empty, What: "holds no value at all, so it has no mean"}
		}
		p = p.as(p.cols, f.filled)
	}
	var largest Scaling
	if scale == Auto || scale == Largest {
		largest = divisors(p.largest())
	}
	if scale == Auto {
		f.Scale = suggestScale(largest.Scale, p.sparse)
	}
	switch f.Scale {
	case Largest:
		f.Scaling = largest
	case Standard:
		f.Scaling, err = p.standardize()
	}
	return f, err
}

// ValueError is the error for a value that cannot be prepared. Either it is missing, in a column without a mean, since the training set had no
// missing values, or the scale of the training set moves it out of the range of numbers.
type ValueError struct {
	Row, Column int    // from 0
	Name        string // of the column, as Column.String writes it; "" if it is not known
	Missing     bool
}

// Error says where the value is, counting from 1.
func (e *ValueError) Error() string {
	column := cmp.Or(e.Name, strconv.Itoa(e.Column+1))
	if e.Missing {
		return fmt.Sprintf("data: row %d has no value in column %s, and no mean of the training set is known for it", e.Row+1, column)
	}
	return fmt.Sprintf("data: row %d: the value in column %s leaves the range of numbers when it is scaled", e.Row+1, column)
}

// ColumnError is the error for a column that cannot be prepared.
type ColumnError struct {
	Column  int    // of the matrix, from 0
	What    string // what is wrong with it
	Instead string // what to do with the column; "" if it can only be left out
}

// Error names the column by its number, counting from 1.
func (e *ColumnError) Error() string {
	return fmt.Sprintf("data: column %d %s; %s", e.Column+1, e.What, e.fix("remove it"))
}

func (e *ColumnError) fix(remove string) string {
	if e.Instead == "" {
		return remove
	}
	return e.Instead + ", or " + remove
}

// In returns the error with the name or the place that the column has in the file of a set. The columns of the matrix are those of the set, or
// those that kept lists if it is not nil.
func (e *ColumnError) In(s *Set, kept []uint32) *ParseError {
	at, remove := e.Column, "remove it"
	if kept != nil {
		at = int(kept[at])
	}
	column := strconv.Itoa(at + FirstFeature(s.Hashing, s.ZeroBased))
	if s.Columns != nil {
		column = s.Columns.Of(at).String()
		remove = fmt.Sprintf("set Drop to %s to leave it out", s.Columns.Of(at).Listed())
	} else if s.Features != nil {
		column = quote(s.Features[at])
	}
	return &ParseError{File: s.Name, What: fmt.Sprintf("column %s %s", column, e.What), Fix: e.fix(remove)}
}

// Apply returns m, prepared for the model. It is an error if m does not have the columns of the training set, and a ValueError if m lacks a
// value without a mean, or has a value that cannot be scaled. Values in columns that are not kept do not matter.
func (f Features) Apply(m Matrix) (Matrix, error) {
	_, cols := m.Dims()
	if f.Kept != nil {
		if _, sparse := m.(*CSR); !sparse && len(f.Kept) > 0 && int(f.Kept[len(f.Kept)-1]) >= cols {
			return nil, fmt.Errorf("data: the rows have %s, and column %d is needed", plural.Of(cols, "column"), f.Kept[len(f.Kept)-1]+1)
		}
		m, cols = Select(m, f.Kept), len(f.Kept)
	}
	if at := firstMissing(m); at >= 0 && len(f.Means) != cols {
		return nil, f.wrong(m, at, true)
	} else if at >= 0 {
		m = f.filled(m)
	}
	m, err := f.view(m)
	if err == nil && f.Scaling.Scale != nil {
		if at := slices.IndexFunc(stored(m), func(v float64) bool { return v-v != 0 }); at >= 0 {
			return nil, f.wrong(m, at, false)
		}
	}
	return m, err
}

// wrong returns the error for a stored value of m.
func (f Features) wrong(m Matrix, at int, missing bool) error {
	i, j := place(m, at)
	if f.Kept != nil {
		j = int(f.Kept[j])
	}
	return &ValueError{Row: i, Column: j, Missing: missing}
}

// view is Apply for a matrix without missing values.
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

// filled returns a copy of m with missing values replaced by the means.
func (f Features) filled(m Matrix) Matrix {
	return mapValues(m, func(_, j int, v float64) float64 {
		if v != v {
			return f.Means[j]
		}
		return v
	})
}

// stored returns the values that a matrix stores.
func stored(m Matrix) []float64 {
	switch m := m.(type) {
	case *Dense:
		return m.Data
	case *CSR:
		return m.Values
	}
	return nil // bytes are never missing
}

// firstMissing returns the index of the first missing value among those that m stores; −1 if there is none.
func firstMissing(m Matrix) int {
	return slices.IndexFunc(stored(m), func(v float64) bool { return v != v })
}

// place returns the row and the column of a stored value.
func place(m Matrix, at int) (i, j int) {
	if sparse, ok := m.(*CSR); ok {
		i, _ = slices.BinarySearch(sparse.Indptr, at+1)
		return i - 1, int(sparse.Indices[at])
	}
	_, cols := m.Dims()
	return at / cols, at % cols
}

// ColumnMeans returns for each column the mean of the values that are not missing, and the first column without any value; −1 if there is
// no such column.
func ColumnMeans(m Matrix) (means []float64, empty int) { return partsOf(m).means() }

// impute replaces every missing value by the mean of its column.
func impute(m *Dense, means []float64) {
	for i, v := range m.Data {
		if v != v {
			m.Data[i] = means[i%m.Cols]
		}
	}
}
