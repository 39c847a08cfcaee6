package data

import (
	"errors"
	"io"
	"slices"

	"steepest/internal/mapped"
)

// sparseRows holds the rows of LIBSVM and VW files as they are read, in temporary files.
type sparseRows struct {
	ends                    series[int]
	columns                 series[uint32]
	values, labels, weights series[float64]
}

// readRaw reads the rows of a text, whose lines parse reads.
func (w *cacheWriter) readRaw(name string, in io.Reader, parse func(b *block, s []byte) int) error {
	if w.raw == nil {
		w.raw = &sparseRows{
			series[int]{file: w.arrays[cacheReadStarts]}, series[uint32]{file: w.arrays[cacheReadColumns]},
			series[float64]{file: w.arrays[cacheRead]}, series[float64]{file: w.arrays[cacheReadLabels]}, series[float64]{file: w.arrays[cacheReadWeights]},
		}
		w.raw.ends.append([]int{0})
	}
	first := w.raw.values.n
	return scanRows(name, in, parse, func(b *block) error {
		for i := range b.ends {
			b.ends[i] += first
		}
		r := w.raw
		r.ends.append(b.ends)
		r.columns.append(b.indices)
		r.values.append(b.values)
		r.labels.append(b.labels)
		r.weights.append(b.weights)
		w.Columns = max(w.Columns, b.cols)
		w.Weighted = w.Weighted || slices.ContainsFunc(b.weights, func(w float64) bool { return w != 1 })
		return errors.Join(r.ends.failed, r.columns.failed, r.values.failed, r.labels.failed, r.weights.failed)
	})
}

// settleSparse writes the rows for a model.
func (w *cacheWriter) settleSparse() error {
	r := w.raw
	defer r.free()
	x := &CSR{Rows: r.labels.n, Cols: w.Columns}
	var labels, weights []float64
	var errs [5]error
	x.Indptr, errs[0] = r.ends.onDisk()
	x.Indices, errs[1] = r.columns.onDisk()
	x.Values, errs[2] = r.values.onDisk()
	labels, errs[3] = r.labels.onDisk()
	weights, errs[4] = r.weights.onDisk()
	if err := errors.Join(errs[:]...); err != nil {
		return err
	}
	return mapped.Guard(w.arrays[cacheRead].file.Name(), func() error {
		return w.writeRows(unprepared{x.Cols, (12*len(x.Values) + 8*x.Rows) / max(1, x.Rows), true, labels, func(which []uint32) (Matrix, []float64) {
			var of []float64 // the weights
			if weights != nil {
				of = make([]float64, len(which))
				for k, i := range which {
					of[k] = weights[i]
				}
			}
			return pick(x, which), of
		}}, &w.Set)
	})
}

// free unmaps the files.
func (r *sparseRows) free() {
	r.ends.free()
	r.columns.free()
	r.values.free()
	r.labels.free()
	r.weights.free()
}
