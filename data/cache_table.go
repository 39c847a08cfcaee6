package data

import (
	"cmp"
	"errors"
	"io"
	"slices"

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
func (w *cacheWriter) readParquet(name string, file *io.SectionReader, stage *Stage) error {
	if err := w.newTable(w.CSV.ofParquet()); err != nil {
		return err
	}
	w.Format = Parquet
	t, err := w.table.parquet(name, file)
	if err != nil {
		return err
	}
	for g := range t.parquet.groups {
		if err := t.read(g, g+1); err != nil {
			return err
		}
		stage.add(int(file.Size())/len(t.parquet.groups), w.tell)
	}
	for _, name := range t.parquet.index {
		if !slices.Contains(w.index, name) { // further files have the same index
			w.index = append(w.index, name)
		}
	}
	return nil
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
	if f.classes != nil {
		y = slices.Clone(y)
		f.labels(y)
	}
	f.set.Name, w.Weighted = w.table.first, w.CSV.Weights != ""
	if w.Format == Parquet {
		f.set.Dialect, f.set.Skipped = nil, append(f.set.Skipped, w.index...)
	}
	weighted := false
	err = w.writeRows(unprepared{f.width, 8 * x.Cols, f.sparse, y, func(which []uint32) (Matrix, []float64) {
		m, weights := f.matrix(pick(x, which).(*Dense))
		weighted = weighted || slices.ContainsFunc(weights, func(v float64) bool { return v > 0 })
		return m, weights
	}}, f.set)
	return cmp.Or(err, f.checkWeights(weighted))
}
