package objective

import (
	"fmt"
	"math"

	"steepest/data"
)

// MultiOutput returns least squares with several targets per row. yᵢ is row i of the matrix y; x is a matrix of weights W with a
// row for each column of y. The loss of row i is ½‖Waᵢ − yᵢ‖². The constants are those of LeastSquares. The labels of Data are
// the row numbers; Targets returns the matrix.
func MultiOutput(x data.Matrix, y *data.Dense, options ...Option) (*Linear[float64], error) {
	if y.Cols < 1 || len(y.Data) != y.Rows*y.Cols {
		return nil, fmt.Errorf("objective: %d values stored for targets of %d×%d, want at least one column and all values",
			len(y.Data), y.Rows, y.Cols)
	}
	for k, v := range y.Data {
		if v-v != 0 {
			return nil, fmt.Errorf("objective: y[%d, %d] = %v: not a finite number", k/y.Cols, k%y.Cols, v)
		}
	}
	rows := make([]float64, y.Rows)
	for i := range rows {
		rows[i] = float64(i)
	}
	return newLinear(x, rows, targets{y}, options)
}

// Targets returns the targets of MultiOutput, or nil for other models.
func (m *model) Targets() *data.Dense {
	t, _ := m.loss.(targets)
	return t.Dense
}

// targets is the loss ½‖z − t‖². The label y is the number of the row t of a matrix.
type targets struct{ *data.Dense }

func (t targets) outputs() int { return t.Cols }

func (t targets) eval(z []float64, y float64) (value float64) {
	for c, target := range t.Row(int(y)) {
		z[c] -= target
		value += float64(z[c] * z[c] / 2)
	}
	return value
}

func (t targets) model(z, move []float64, y float64) {
	t.eval(z, y)
	axpy(z, 1, move)
}

func (t targets) hessian(h, _ []float64, _ float64) {
	clear(h)
	for c := range t.Cols {
		h[c*t.Cols+c] = 1
	}
}

func (targets) curvature() (inf, sup float64) { return 1, 1 }

func (targets) slope() float64 { return math.Inf(1) }

func (t targets) conjugate(u []float64, y float64) float64 {
	return float64(dot(u, u)/2) + dot(u, t.Row(int(y)))
}

func (targets) checkLabel(float64) error { return nil }
