package data

import (
	"iter"
	"math"
	"slices"

	"steepest/internal/simd"
)

// parts is a matrix as a sequence of blocks of partRows rows, and fewer in the last block. Its statistics need only one block in memory at a
// time, and have the same bits for rows in memory and on the disk.
type parts struct {
	rows, cols int
	sparse     bool
	blocks     iter.Seq[Matrix] // may be read again; a block is valid until the next one
}

const partRows = 1 << 10

// partsOf returns the parts of a matrix in memory.
func partsOf(m Matrix) parts {
	rows, cols := m.Dims()
	_, sparse := m.(*CSR)
	return parts{rows, cols, sparse, func(yield func(Matrix) bool) {
		for lo := 0; lo < rows && yield(Span(m, lo, min(lo+partRows, rows))); lo += partRows {
		}
	}}
}

// as returns the parts whose blocks are f of the blocks of p, with cols columns.
func (p parts) as(cols int, f func(Matrix) Matrix) parts {
	return parts{p.rows, cols, p.sparse, func(yield func(Matrix) bool) {
		for block := range p.blocks {
			if !yield(f(block)) {
				return
			}
		}
	}}
}

// each yields the column and the value of each stored element, row by row.
func (p parts) each(yield func(j int, v float64) bool) {
	for block := range p.blocks {
		rows, cols := block.Dims()
		if sparse, ok := block.(*CSR); ok {
			for k, j := range sparse.Indices {
				if !yield(int(j), sparse.Values[k]) {
					return
				}
			}
			continue
		}
		at := elementsOf(block)
		for i := range rows {
			for j := range cols {
				if !yield(j, at(i, j)) {
					return
				}
			}
		}
	}
}

// elementsOf returns a function for the elements of a matrix that is not sparse.
func elementsOf(m Matrix) func(i, j int) float64 {
	if small, ok := m.(*Bytes); ok {
		return small.At
	}
	dense := m.(*Dense)
	return func(i, j int) float64 { return dense.Data[i*dense.Cols+j] }
}

// occurring is Occurring, with a table of columns.
func (p parts) occurring() []uint32 {
	if !p.sparse {
		return nil
	}
	var occurs columnTable
	for j := range p.each {
		occurs.raise(uint32(j), 0)
	}
	columns := []uint32{}
	occurs.each(func(j uint32, _ *float64) { columns = append(columns, j) })
	if len(columns) == p.cols {
		return nil
	}
	return columns
}

// means is ColumnMeans.
func (p parts) means() (means []float64, empty int) {
	means, n := make([]float64, p.cols), make([]float64, p.cols)
	if !p.sparse {
		for j, v := range p.each {
			if v == v {
				n[j]++
				means[j] += v/n[j] - means[j]/n[j]
			}
		}
		return means, slices.Index(n, 0)
	}
	for j := range n {
		n[j] = float64(p.rows)
	}
	for j, v := range p.each {
		if v != v {
			n[j]--
		}
	}
	for j, v := range p.each {
		if v == v {
			means[j] += v / n[j]
		}
	}
	return means, slices.Index(n, 0)
}

// largest returns the largest absolute value of each column.
func (p parts) largest() []float64 {
	largest := make([]float64, p.cols)
	for j, v := range p.each {
		largest[j] = max(largest[j], math.Abs(v))
	}
	return largest
}

// moments returns the mean of each column and the root of its mean squared deviation from it, which is exactly 0 if the column is constant.
// The matrix is not sparse.
func (p parts) moments() (means, deviations []float64) {
	n := float64(p.rows)
	least, most := slices.Repeat([]float64{math.Inf(1)}, p.cols), slices.Repeat([]float64{math.Inf(-1)}, p.cols)
	means, deviations = make([]float64, p.cols), make([]float64, p.cols)
	if p.rows == 0 {
		return means, deviations
	}
	for j, v := range p.each {
		means[j] += v
		least[j], most[j] = min(least[j], v), max(most[j], v)
	}
	overflow := false
	for j := range means {
		means[j] /= n
		overflow = overflow || !finite(means[j])
	}
	if overflow {
		again := make([]float64, p.cols)
		for j, v := range p.each {
			again[j] += v / n
		}
		for j, v := range again {
			if !finite(means[j]) {
				means[j] = v
			}
		}
	}
	for j := range means {
		if least[j] == most[j] {
			means[j] = least[j]
		}
	}
	p.deviations(means, func(j int, v []float64) { deviations[j] += simd.SumSquares(v) })
	norms := make([][]float64, p.cols) // of the blocks, in columns whose sum of squares leaves the range of numbers
	outside := false
	for j, squares := range deviations {
		if least[j] == most[j] || squares > 0x1p-900 && finite(squares) {
			deviations[j] = math.Sqrt(squares / n)
			continue
		}
		norms[j], outside = []float64{}, true
	}
	if outside {
		p.deviations(means, func(j int, v []float64) {
			if norms[j] != nil {
				norms[j] = append(norms[j], simd.Norm(v))
			}
		})
	}
	for j, v := range norms {
		if v != nil {
			deviations[j] = simd.Norm(v) / math.Sqrt(n)
		}
	}
	return means, deviations
}

// deviations calls f with the deviations of each column of each block from the means.
func (p parts) deviations(means []float64, f func(j int, v []float64)) {
	column := make([]float64, partRows)
	for block := range p.blocks {
		rows, _ := block.Dims()
		at := elementsOf(block)
		for j, mean := range means {
			for i := range rows {
				column[i] = at(i, j) - mean
			}
			f(j, column[:rows])
		}
	}
}
