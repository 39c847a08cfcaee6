package matrix

import (
	"slices"

	"steepest/param"
)

// nonzero is a matrix without its rows and columns of zeros. They are zeros in its polar factor, too.
type nonzero[T param.Float] struct {
	x          []T
	rows, cols []int
}

// of sets p to the nonzero rows and columns of x. It reports whether x has others.
func (p *nonzero[T]) of(x []T, rows, cols int) bool {
	p.rows, p.cols = p.rows[:0], p.cols[:0]
	for i := range rows {
		if slices.ContainsFunc(x[i*cols:][:cols], isNonzero) {
			p.rows = append(p.rows, i)
		}
	}
	for j := range cols {
		if slices.ContainsFunc(p.rows, func(i int) bool { return x[i*cols+j] != 0 }) {
			p.cols = append(p.cols, j)
		}
	}
	if len(p.rows) == rows && len(p.cols) == cols {
		return false
	}
	p.x = p.x[:0]
	for _, i := range p.rows {
		for _, j := range p.cols {
			p.x = append(p.x, x[i*cols+j])
		}
	}
	return true
}

// copyTo copies the rows and columns to their places in u.
func (p *nonzero[T]) copyTo(u []T, cols int) {
	for at, i := range p.rows {
		for k, j := range p.cols {
			u[i*cols+j] = p.x[at*len(p.cols)+k]
		}
	}
}

func isNonzero[T param.Float](v T) bool { return v != 0 }
