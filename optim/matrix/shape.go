package matrix

import (
	"errors"
	"fmt"
	"math"

	"steepest/internal/suggest"
	"steepest/optim"
	"steepest/param"
)

// ShapeScale is a factor of a matrix method's step that depends on the shape rows × cols (outputs × inputs) of the matrix. An
// orthogonal matrix has the spectral norm 1 for any shape, and its entries have the root mean square 1/√max(rows, cols). Each
// factor makes another quantity of the step independent of the shape. Two of them are called "spectral" elsewhere.
type ShapeScale uint8

// The factors.
const (
	// ScaleNone is 1.
	ScaleNone ShapeScale = iota
	// ScaleClamped is √max(1, rows/cols): Keller Jordan's, torch's "original".
	ScaleClamped
	// ScaleRatio is √(rows/cols), which makes the operator norm of the step 1, from the root mean square of the inputs to that of
	// the outputs: Dion's "spectral_norm", Scion's, torch's "spectral_unclamped".
	ScaleRatio
	// ScaleRMS is 0.2·√max(rows, cols), which makes the root mean square of the entries 0.2, as for a typical step of AdamW:
	// Moonlight's, torch's "match_rms_adamw".
	ScaleRMS
	// ScaleLonger is √max(rows, cols): Emerging-Optimizers' "spectral", and the first Muon's. It gives a vector of length 1 the root
	// mean square 1.
	ScaleLonger
	// ScaleInputs is 1/cols, which makes the operator norm of a matrix of signs 1, from the largest input to the largest output:
	// Scion's for the last layer.
	ScaleInputs
	// ScaleShorter is √min(rows, cols), the norm ‖·‖_F of an orthogonal matrix of the shape.
	ScaleShorter
)

var shapeScaleNames = []string{"none", "clamped", "ratio", "rms", "longer", "inputs", "shorter"}

// String returns the name in lower case, as UnmarshalText reads it.
func (s ShapeScale) String() string { return shapeScaleNames[s] }

// UnmarshalText reads a factor by its name.
func (s *ShapeScale) UnmarshalText(text []byte) error {
	return suggest.Value(s, "value", text, shapeScaleNames)
}

// Names returns the names of all values.
func (ShapeScale) Names() []string { return shapeScaleNames }

// Of returns the factor for a matrix.
func (s ShapeScale) Of(rows, cols int) float64 {
	r, c := float64(rows), float64(cols)
	switch s {
	case ScaleClamped:
		return math.Sqrt(max(1, r/c))
	case ScaleRatio:
		return math.Sqrt(r / c)
	case ScaleRMS:
		return 0.2 * math.Sqrt(max(r, c))
	case ScaleLonger:
		return math.Sqrt(max(r, c))
	case ScaleInputs:
		return 1 / c
	case ScaleShorter:
		return math.Sqrt(min(r, c))
	}
	return 1
}

// ScaleByShape multiplies the update by a radius and by the ShapeScale of the parameter's matrices.
type ScaleByShape struct {
	Scale  ShapeScale `help:"factor that depends on the shape of the matrix"`
	Radius float64    `range:"(0," help:"a constant factor"`
}

// Transform implements Transformer. It has no state.
func (r ScaleByShape) Transform() optim.Transform {
	factor := func(p param.Param) float64 {
		_, rows, cols := p.Matrices()
		return r.Radius * r.Scale.Of(rows, cols)
	}
	return optim.Transform{
		Name:   "shape",
		Fit:    func(p param.Param, _, _ []float64, _ float64, c *optim.Coeffs) { c[0] = factor(p) },
		Scales: true,
		Plan:   func(p param.Param, _ *optim.Step, _ *optim.Coeffs, a *optim.Assignment) { a.Scale *= factor(p) },
	}
}

// forMatrices returns the operations of a transform, given the operations for each matrix of a parameter.
func forMatrices(each func(rows, cols int) float64) func(param.Param) float64 {
	return func(p param.Param) float64 {
		count, rows, cols := p.Matrices()
		return float64(count) * each(rows, cols)
	}
}

// perElement returns the operations of a transform, given the operations for each element.
func perElement(each float64) func(param.Param) float64 {
	return func(p param.Param) float64 { return each * float64(p.Size()) }
}

// MatrixChoice says which parameters a matrix method takes.
type MatrixChoice uint8

// The choices.
const (
	// HiddenMatrices are the tensors of two or more dimensions between layers, those of param.Hidden or of param.None.
	HiddenMatrices MatrixChoice = iota
	// AllMatrices are all tensors of two or more dimensions, including embeddings and the head.
	AllMatrices
)

var matrixChoiceNames = []string{"hidden", "all"}

// String returns the name in lower case, as UnmarshalText reads it.
func (m MatrixChoice) String() string { return matrixChoiceNames[m] }

// UnmarshalText reads a choice by its name.
func (m *MatrixChoice) UnmarshalText(text []byte) error {
	return suggest.Value(m, "value", text, matrixChoiceNames)
}

// Names returns the names of all values.
func (MatrixChoice) Names() []string { return matrixChoiceNames }

// Takes reports whether the choice includes a parameter.
func (m MatrixChoice) Takes(p param.Param) bool { return m.refuse(p) == nil }

// refuse returns an error if the choice does not include a parameter.
func (m MatrixChoice) refuse(p param.Param) error {
	count, rows, cols := p.Matrices()
	switch {
	case len(p.Shape) < 2:
		return errors.New("takes matrices only; route it to another rule, such as AdamW")
	case count*rows*cols != p.Size():
		return fmt.Errorf("cannot cut it into %d matrices of equal height", count)
	case m == HiddenMatrices && p.Role != param.Hidden && p.Role != param.None:
		return errors.New("is for matrices between layers; route it to another rule, such as AdamW, or choose all matrices")
	}
	return nil
}
