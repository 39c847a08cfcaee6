package data

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"steepest/internal/mapped"
)

// The rows of a table are made in several passes. The first one reads the files into a table, whose numbers go to two temporary files. Then
// all categories, classes and means are known, and each block of the numbers becomes rows by itself, with the same functions as in memory.
// Passes over these blocks learn the columns that occur and their scales. The last pass writes the rows that a model sees.

// newTable prepares the table, unless it is there from an earlier file.
func (w *cacheWriter) newTable(o CSVOptions) (err error) {
	if w.table != nil {
		return nil
	}
	if o.Expect != nil {
		return errors.New("data: a cache holds rows to fit a model to, and Expect is for rows to predict")
	}
	w.table, err = newTable(&o)
	if err == nil {
		w.table.x.file, w.table.y.file = w.arrays[cacheRead], w.arrays[cacheReadLabels]
	}
	return err
}

// readParquet reads the numbers of a Parquet file, one row group after another.
func (w *cacheWriter) readParquet(path string, stage *Stage) error {
	if err := w.newTable(w.CSV.ofParquet()); err != nil {
		return err
	}
	w.Format = Parquet
	return mapped.Read(path, func(file []byte) error {
		t, err := w.table.parquet(path, file)
		if err != nil {
			return err
		}
		for g := range t.parquet.groups {
			if err := t.read(g, g+1); err != nil {
				return err
			}
			stage.add(len(file)/len(t.parquet.groups), w.tell)
		}
		for _, name := range t.parquet.index {
			if !slices.Contains(w.index, name) { // further files have the same index
				w.index = append(w.index, name)
			}
		}
		return nil
	})
}

// settleTable writes the rows of the table.
func (w *cacheWriter) settleTable() error {
	t := w.table
	x, err := t.x.onDisk()
	if err != nil {
		return err
	}
	y, err := t.y.onDisk()
	if err != nil {
		return err
	}
	defer t.free()
	return mapped.Guard(w.arrays[cacheRead].file.Name(), func() error {
		return w.writeTable(&Dense{Rows: t.rows, Cols: len(t.features), Data: x}, y)
	})
}

// writeTable writes the rows with the numbers x and the labels y.
func (w *cacheWriter) writeTable(x *Dense, y []float64) error {
	f, err := w.table.finish(x)
	if err != nil {
		return err
	}
	if f.sparse {
		if err := w.beSparse(); err != nil {
			return err
		}
	}
	var numbers []float64 // of a block
	passes := 0
	// blocks yields the first row of each block, its features and its weights.
	blocks := func(yield func(lo int, m Matrix, weights []float64) bool) {
		passes++
		stage := Stage{What: fmt.Sprintf("preparing the rows, pass %d", passes), Total: 8 * int64(len(x.Data))}
		for lo := 0; lo < x.Rows; lo += partRows {
			part := Span(x, lo, min(lo+partRows, x.Rows)).(*Dense)
			numbers = append(numbers[:0], part.Data...)
			stage.add(8*len(numbers), w.tell)
			m, weights := f.matrix(&Dense{Rows: part.Rows, Cols: part.Cols, Data: numbers})
			if !yield(lo, m, weights) {
				return
			}
		}
	}
	rows := parts{x.Rows, f.width, f.sparse, func(yield func(Matrix) bool) {
		blocks(func(_ int, m Matrix, _ []float64) bool { return yield(m) })
	}}
	kept := rows.occurring()
	w.Columns, w.Seen = f.width, f.width
	if kept != nil {
		w.Seen = len(kept)
		rows = rows.as(w.Seen, func(m Matrix) Matrix { return Select(m, kept) })
	}
	features, err := rows.learn(w.Scale, w.Intercept, w.CSV.KeepMissing)
	if err != nil {
		return &ParseError{File: w.table.first, What: strings.TrimPrefix(err.Error(), "data: "), Fix: "remove the column, or leave it out by Drop"}
	}
	features.Kept = kept
	w.Rows, w.Scaled, w.Set, w.Weighted = x.Rows, features.Scale, *f.set, w.CSV.Weights != ""
	if w.Format == Parquet {
		w.Set.Dialect, w.Set.Skipped = nil, append(w.Set.Skipped, w.index...)
	}
	err = errors.Join(appendTo(w, cacheKept, kept), appendTo(w, cacheMeans, features.Means),
		appendTo(w, cacheShifts, features.Scaling.Shift), appendTo(w, cacheScales, features.Scaling.Scale))
	if err != nil {
		return err
	}
	w.Meant = features.Means != nil
	weighted := false
	blocks(func(lo int, m Matrix, weights []float64) bool {
		for _, v := range stored(m) {
			if v != 0 {
				w.Nonzero++
			}
		}
		weighted = weighted || slices.ContainsFunc(weights, func(v float64) bool { return v > 0 })
		if m, err = features.Apply(m); err != nil {
			return false
		}
		rows, _ := m.Dims()
		labels := slices.Clone(y[lo : lo+rows])
		f.labels(labels)
		err = errors.Join(w.append(m), appendTo(w, cacheLabels, labels), appendTo(w, cacheWeights, weights))
		return err == nil
	})
	if err == nil {
		err = f.checkWeights(weighted)
	}
	return err
}

// append writes rows that a model sees.
func (w *cacheWriter) append(m Matrix) error {
	if dense, ok := m.(*Dense); ok {
		w.Values += len(dense.Data)
		return appendTo(w, cacheValues, dense.Data)
	}
	sparse := m.(*CSR)
	ends := slices.Clone(sparse.Indptr[1:])
	for i := range ends {
		ends[i] += w.Values
	}
	w.Values += len(sparse.Values)
	return errors.Join(appendTo(w, cacheStarts, ends), appendTo(w, cacheColumns, sparse.Indices), appendTo(w, cacheValues, sparse.Values))
}
