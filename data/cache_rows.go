package data

import (
	"errors"
	"fmt"
	"iter"
	"slices"
)

// unprepared holds all rows of the sources on the disk, before they are prepared for a model.
type unprepared struct {
	cols   int
	bytes  int // of a row on the disk, on average
	sparse bool
	labels []float64 // of all rows
	// rows returns the features of some rows, and their weights, nil for none.
	rows func(which []uint32) (Matrix, []float64)
}

// writeRows prepares rows for a model, and writes first the rows to fit and then those that are held out. The set describes them. Columns that
// occur, means and scales are those of the rows to fit.
func (w *cacheWriter) writeRows(u unprepared, set *Set) error {
	isHeld, err := w.holdOut(u.labels, set)
	if err != nil {
		return err
	}
	for _, held := range isHeld {
		if held {
			w.Held++
		}
	}
	if u.sparse {
		if err := w.beSparse(); err != nil {
			return err
		}
	}
	passes := 0
	// blocks yields the numbers of the rows to fit, or of those that are held out, partRows at a time.
	blocks := func(held bool) iter.Seq[[]uint32] {
		return func(yield func([]uint32) bool) {
			passes++
			n := len(u.labels) - w.Held
			if held {
				n = w.Held
			}
			stage := Stage{What: fmt.Sprintf("preparing the rows, pass %d", passes), Total: int64(u.bytes) * int64(n)}
			rows := make([]uint32, 0, partRows)
			for i := range u.labels {
				if isHeld == nil || isHeld[i] == held {
					rows = append(rows, uint32(i))
				}
				if len(rows) < partRows && i < len(u.labels)-1 {
					continue
				}
				if stage.add(u.bytes*len(rows), w.tell); len(rows) > 0 && !yield(rows) {
					return
				}
				rows = rows[:0]
			}
		}
	}
	fit := parts{len(u.labels) - w.Held, u.cols, u.sparse, func(yield func(Matrix) bool) {
		for rows := range blocks(false) {
			if m, _ := u.rows(rows); !yield(m) {
				return
			}
		}
	}}
	only := func(columns []uint32) {
		if columns != nil {
			fit = fit.as(len(columns), func(m Matrix) Matrix { return Select(m, columns) })
		}
	}
	var known []uint32
	if isHeld != nil {
		set, known, w.Unseen = withoutUnseen(set, fit)
		only(known)
	}
	w.Columns = fit.cols
	kept := fit.occurring()
	only(kept)
	features, err := fit.learn(w.Scale, w.Intercept, w.CSV.KeepMissing)
	if wrong := (*ColumnError)(nil); errors.As(err, &wrong) {
		return wrong.In(set, kept)
	} else if err != nil {
		return err
	}
	features.Kept = kept
	w.Rows, w.Seen, w.Scaled, w.Meant, w.Set = len(u.labels), fit.cols, features.Scale, features.Means != nil, *set
	err = errors.Join(appendTo(w, cacheKept, kept), appendTo(w, cacheMeans, features.Means),
		appendTo(w, cacheShifts, features.Scaling.Shift), appendTo(w, cacheScales, features.Scaling.Scale))
	if err != nil {
		return err
	}
	write := func(held bool) error {
		first := w.Values
		for rows := range blocks(held) {
			m, weights := u.rows(rows)
			if known != nil {
				m = Select(m, known)
			}
			for _, v := range stored(m) {
				if v != 0 && !held {
					w.Nonzero++
				}
			}
			if m, err = features.Apply(m); err != nil {
				return err
			}
			labels := make([]float64, len(rows))
			for k, i := range rows {
				labels[k] = u.labels[i]
			}
			if err := errors.Join(w.append(m, first), appendTo(w, cacheLabels, labels), appendTo(w, cacheWeights, weights)); err != nil {
				return err
			}
		}
		return nil
	}
	if err := write(false); err != nil || isHeld == nil {
		return err
	}
	w.Fitted = w.Values
	if u.sparse {
		err = appendTo(w, cacheStarts, []int{0})
	}
	return errors.Join(err, write(true))
}

// holdOut reports for each row whether it is held out; nil if none is.
func (w *cacheWriter) holdOut(labels []float64, set *Set) (isHeld []bool, err error) {
	if !w.HoldOut.holds() {
		return nil, nil
	}
	all := *set
	all.Name, all.Y = w.name(), labels
	if w.stratified != nil {
		if w.Stratified, err = w.stratified(&all); err != nil {
			return nil, err
		}
	}
	return w.HoldOut.rows(labels, w.Stratified)
}

// append writes rows that a model sees. First is the number of values before the rows of their matrix.
func (w *cacheWriter) append(m Matrix, first int) error {
	if dense, ok := m.(*Dense); ok {
		w.Values += len(dense.Data)
		return appendTo(w, cacheValues, dense.Data)
	}
	sparse := m.(*CSR)
	ends := slices.Clone(sparse.Indptr[1:])
	for i := range ends {
		ends[i] += w.Values - first
	}
	w.Values += len(sparse.Values)
	return errors.Join(appendTo(w, cacheStarts, ends), appendTo(w, cacheColumns, sparse.Indices), appendTo(w, cacheValues, sparse.Values))
}
