package data

import (
	"bufio"
	"fmt"
	"io"
	"strconv"
)

// WriteLIBSVM writes s as LIBSVM text with indices from 1. ReadLIBSVM returns the same labels and the same stored
// values, bit by bit; a dense matrix is written without its zeros. The format does not hold the number of columns: if the
// last columns may be empty, pass it as MinFeatures to the reader. A label or value that is not finite is an error.
func WriteLIBSVM(w io.Writer, s *Set) error {
	out := bufio.NewWriter(w)
	var line []byte
	for i, label := range s.Y {
		if !finite(label) {
			return fmt.Errorf("data: the label of row %d is %v; LIBSVM files hold finite numbers", i, label)
		}
		line = strconv.AppendFloat(line[:0], label, 'g', -1, 64)
		for j, v := range rowOf(s.X, i) {
			if !finite(v) {
				return fmt.Errorf("data: row %d, column %d holds %v; LIBSVM files hold finite numbers", i, j, v)
			}
			line = append(line, ' ')
			line = strconv.AppendUint(line, uint64(j)+1, 10)
			line = append(line, ':')
			line = strconv.AppendFloat(line, v, 'g', -1, 64)
		}
		// A bufio.Writer keeps its first error, and Flush returns it.
		out.Write(append(line, '\n'))
	}
	return out.Flush()
}

// rowOf iterates over the columns and values of row i: the stored values of a CSR matrix, the nonzeros of a dense one.
func rowOf(m Matrix, i int) func(yield func(j int, v float64) bool) {
	return func(yield func(int, float64) bool) {
		switch m := m.(type) {
		case *Dense:
			for j, v := range m.Row(i) {
				if v != 0 && !yield(j, v) {
					return
				}
			}
		case *CSR:
			indices, values := m.Row(i)
			for k, j := range indices {
				if !yield(int(j), values[k]) {
					return
				}
			}
		case *Bytes:
			for j := range m.Cols {
				if v := m.At(i, j); v != 0 && !yield(j, v) {
					return
				}
			}
		default:
			panic(fmt.Sprintf("data: unknown matrix type %T", m))
		}
	}
}
