package data

import (
	"bufio"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"slices"
	"unsafe"

	"steepest/internal/durable"
)

// cacheWriter makes a cache. LIBSVM and VW files take two passes. The first one reads the text and writes rows with the columns of the source.
// The second one numbers the columns that occur, and scales the values, in place. CSV and Parquet files become a table (cache_table.go). If rows
// are held out, the labels of all rows decide on them, so that all rows are read before any is prepared (cache_sparse.go, cache_rows.go).
type cacheWriter struct {
	manifest
	tell       func(Stage)              // Options.Progress
	stratified func(*Set) (bool, error) // HoldOut.Stratified
	arrays     map[string]*array

	// For LIBSVM and VW:
	largest columnTable // the largest absolute value of each column that occurs
	columns []uint32    // of a block, with a place for the 1 of each row
	values  []float64   // of the same elements

	// For LIBSVM and VW if rows are held out:
	raw *sparseRows

	// For CSV and Parquet:
	table *table
	index []string // names of index columns of pandas
}

// ones stands for the column of the intercept until the number of columns is known. No format has this column.
const ones = math.MaxUint32

// make makes a cache of the rows that read writes, and opens it.
func (w *cacheWriter) make(folder, why string, read func() error) (*Cache, error) {
	if err := w.write(folder, read); err != nil {
		return nil, err
	}
	c, again, err := loadCache(folder, nil, false, nil)
	if err == nil && again != "" {
		err = fmt.Errorf("%s: %s right after it was written", folder, again)
	}
	if err != nil {
		return nil, err
	}
	c.Made = why
	return c, nil
}

func (w *cacheWriter) write(folder string, read func() error) (err error) {
	_, there := os.Stat(folder)
	if err := os.MkdirAll(folder, 0o777); err != nil {
		return err
	}
	w.arrays = make(map[string]*array)
	defer func() {
		for name, a := range w.arrays {
			if err != nil || !slices.Contains(cacheArrays, name) {
				a.file.Discard()
			}
		}
		if err != nil && errors.Is(there, fs.ErrNotExist) {
			os.Remove(folder) // unless it holds something
		}
	}()
	for _, name := range slices.Concat(cacheReads, cacheArrays) {
		file, err := durable.Create(filepath.Join(folder, name), 0o666)
		if err != nil {
			return err
		}
		w.arrays[name] = &array{file: file, out: bufio.NewWriterSize(file, 1<<20)}
	}
	if err := read(); err != nil {
		return err
	}
	settle := w.settle
	switch {
	case w.table != nil:
		settle = w.settleTable
	case w.raw != nil:
		settle = w.settleSparse
	}
	if err := settle(); err != nil {
		return err
	}
	// Until now a cache that was there before is whole.
	for _, name := range []string{cacheManifest, cacheSingle} {
		if err := os.Remove(filepath.Join(folder, name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	stage := Stage{What: "writing " + filepath.Base(folder) + " to the disk"}
	for _, size := range w.sizes() {
		stage.Total += int64(size)
	}
	w.Sums = make(map[string]uint32)
	for _, name := range cacheArrays {
		stage.add(0, w.tell)
		if err := w.arrays[name].publish(); err != nil {
			return err
		}
		w.Sums[name] = w.arrays[name].sum
		stage.add(w.sizes()[name], w.tell)
	}
	return w.manifest.write(folder)
}

// readFile reads the rows of a source.
func (w *cacheWriter) readFile(path string, o Options, stage *Stage) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	if w.Format == Parquet || w.Format == "" && isParquet(path, file) {
		return withSeekable(path, func(file *io.SectionReader) error { return w.readParquet(path, file, stage) })
	}
	return w.read(path, o, o.watch(file, stage))
}

// read reads the rows of a stream. The first source shows the format of all.
func (w *cacheWriter) read(name string, o Options, r io.Reader) error {
	in, _ := Unpack(r)
	o.Format = w.Format
	if err := o.detect(name, in); err != nil {
		return err
	}
	w.Format = o.Format
	switch w.Format {
	case CSV:
		if err := w.newTable(o.CSV); err != nil {
			return err
		}
		return w.table.read(w.table.open(name, in), blockSize)
	case LIBSVM:
		cols, parse, err := w.LIBSVM.rows()
		if err != nil {
			return err
		}
		return w.readSparse(name, in, cols, parse)
	case VW:
		return w.readSparse(name, in, 1<<w.VW.Bits, w.VW.parse)
	case Parquet:
		return spool(name, in, filepath.Dir(w.arrays[cacheRead].file.Path()), func(file *io.SectionReader) error {
			return w.readParquet(name, file, &Stage{What: "reading a copy of " + name, Total: file.Size()})
		})
	}
	return &ParseError{File: name, What: fmt.Sprintf("a cache cannot be made of %s files", o.Format), Fix: "take a file in LIBSVM, VW, CSV or Parquet format"}
}

// beSparse makes the matrix sparse. It returns an error if its scale would fill it with values.
func (w *cacheWriter) beSparse() error {
	if w.Scale == Standard {
		_, err := Standardize(&CSR{})
		return err
	}
	if w.Sparse {
		return nil
	}
	w.Sparse = true
	return appendTo(w, cacheStarts, []int{0})
}

// readSparse writes the rows of a text with at least cols columns, whose lines parse reads.
func (w *cacheWriter) readSparse(name string, in io.Reader, cols int, parse func(b *block, s []byte) int) error {
	if err := w.beSparse(); err != nil {
		return err
	}
	if w.Format == VW {
		w.Set.Hashing = &w.VW
	}
	w.Set.ZeroBased = w.Format == LIBSVM && w.LIBSVM.ZeroBased
	w.Columns = max(w.Columns, cols)
	if w.HoldOut.holds() {
		return w.readRaw(name, in, parse)
	}
	rows, values := w.Rows, w.Values
	return scanRows(name, in, parse, func(b *block) error {
		w.see(b)
		ends := b.ends
		for i := range ends {
			ends[i] += values
			if w.Intercept {
				ends[i] += w.Rows - rows + i + 1
			}
		}
		w.Rows, w.Values, w.Columns = w.Rows+len(b.labels), w.Values+len(w.values), max(w.Columns, b.cols)
		w.Weighted = w.Weighted || slices.ContainsFunc(b.weights, func(w float64) bool { return w != 1 })
		return errors.Join(appendTo(w, cacheStarts, ends), appendTo(w, cacheColumns, w.columns), appendTo(w, cacheValues, w.values),
			appendTo(w, cacheLabels, b.labels), appendTo(w, cacheWeights, b.weights))
	})
}

// see makes the rows of a block as a model sees them, except for the numbers and the scales of their columns. It notes the sizes of the columns.
func (w *cacheWriter) see(b *block) {
	w.columns, w.values = w.columns[:0], w.values[:0]
	from := len(b.values) // of the first row
	if len(b.ends) > 0 {
		from = b.ends[len(b.ends)-1] - len(b.values)
	}
	start := 0
	for _, end := range b.ends {
		columns, values := b.indices[start:end-from], b.values[start:end-from]
		for k, v := range values {
			w.largest.raise(columns[k], math.Abs(v))
			if v != 0 {
				w.Nonzero++
			}
		}
		w.columns, w.values = append(w.columns, columns...), append(w.values, values...)
		if w.Scale == UnitRows {
			row := w.values[len(w.values)-len(values):]
			by := norm(slices.All(row))
			for k := range row {
				row[k] /= by
			}
		}
		if w.Intercept {
			w.columns, w.values = append(w.columns, ones), append(w.values, 1)
		}
		start = end - from
	}
}

// settle numbers the columns that occur, and scales the values.
func (w *cacheWriter) settle() error {
	kept, largest := w.largest.list()
	scaling := divisors(largest)
	w.Seen, w.Scaled = len(kept), w.Scale
	if w.Scale == Auto {
		w.Scaled = suggestScale(scaling.Scale, true)
	}
	if w.Seen < w.Columns {
		if err := appendTo(w, cacheKept, kept); err != nil {
			return err
		}
	}
	if w.Scaled == Largest {
		if err := appendTo(w, cacheScales, scaling.Scale); err != nil {
			return err
		}
	}
	if w.Seen == w.Columns && !w.Intercept && w.Scaled != Largest {
		return nil
	}
	w.largest.number()
	columns, values := w.arrays[cacheColumns], w.arrays[cacheValues]
	if err := errors.Join(columns.out.Flush(), values.out.Flush()); err != nil {
		return err
	}
	columns.sum, values.sum = 0, 0
	const (
		piece = 1 << 18
		each  = 4 + 8 // bytes of a column and its value
	)
	stage := Stage{What: "numbering the columns", Total: each * int64(w.Values)}
	for at := 0; at < w.Values; at += piece {
		n := min(piece, w.Values-at)
		w.columns, w.values = slices.Grow(w.columns[:0], n)[:n], slices.Grow(w.values[:0], n)[:n]
		err := rewrite(columns, at, w.columns, func(_ int, j uint32) uint32 {
			if j == ones {
				return uint32(w.Seen)
			}
			return uint32(w.largest.at(j))
		})
		if err == nil && w.Scaled == Largest {
			err = rewrite(values, at, w.values, func(k int, v float64) float64 {
				if j := int(w.columns[k]); j < w.Seen {
					return v / scaling.Scale[j]
				}
				return v
			})
		} else if err == nil {
			err = rewrite(values, at, w.values, nil)
		}
		if err != nil {
			return err
		}
		stage.add(each*n, w.tell)
	}
	return nil
}

// columnTable holds a number for each column that occurs. It consists of pages, so that columns without a value take hardly any memory.
type columnTable struct {
	pages [][]float64 // columnPage numbers each, −1 for a column that does not occur; nil if none of the page occurs
}

const columnPage = 1 << 12

// raise makes the number of a column at least v ≥ 0.
func (t *columnTable) raise(j uint32, v float64) {
	p := int(j / columnPage)
	if p >= len(t.pages) {
		t.pages = append(t.pages, make([][]float64, p+1-len(t.pages))...)
	}
	if t.pages[p] == nil {
		t.pages[p] = slices.Repeat([]float64{-1}, columnPage)
	}
	t.pages[p][j%columnPage] = max(t.pages[p][j%columnPage], v)
}

// at returns the number of a column that occurs.
func (t *columnTable) at(j uint32) float64 { return t.pages[j/columnPage][j%columnPage] }

// list returns the columns that occur, in ascending order, and their numbers.
func (t *columnTable) list() (columns []uint32, numbers []float64) {
	t.each(func(j uint32, v *float64) { columns, numbers = append(columns, j), append(numbers, *v) })
	return columns, numbers
}

// number makes the number of each column its place among those that occur.
func (t *columnTable) number() {
	place := 0.0
	t.each(func(_ uint32, v *float64) { *v, place = place, place+1 })
}

func (t *columnTable) each(f func(j uint32, v *float64)) {
	for p, page := range t.pages {
		for k := range page {
			if page[k] >= 0 {
				f(uint32(p*columnPage+k), &page[k])
			}
		}
	}
}

// array is a file that is being written, with its checksum.
type array struct {
	file *durable.File
	out  *bufio.Writer
	sum  uint32
}

// element is a type of numbers of an array.
type element interface {
	int | uint32 | float32 | float64
}

// appendTo appends numbers to an array.
func appendTo[T element](w *cacheWriter, name string, v []T) error { return writeTo(w.arrays[name], v) }

func writeTo[T element](a *array, v []T) error {
	b := bytesOf(v)
	a.sum = crc32.Update(a.sum, castagnoli, b)
	_, err := a.out.Write(b)
	return err
}

// rewrite reads the numbers of an array from index at on into v. It replaces each number by the result of f, unless f is nil, and adds them to
// the checksum.
func rewrite[T element](a *array, at int, v []T, f func(k int, v T) T) error {
	b := bytesOf(v)
	offset := int64(at) * int64(unsafe.Sizeof(v[0]))
	if _, err := a.file.ReadAt(b, offset); err != nil {
		return err
	}
	if f != nil {
		for k := range v {
			v[k] = f(k, v[k])
		}
		if _, err := a.file.WriteAt(b, offset); err != nil {
			return err
		}
	}
	a.sum = crc32.Update(a.sum, castagnoli, b)
	return nil
}

func (a *array) publish() error {
	if err := errors.Join(a.out.Flush(), a.file.Close()); err != nil {
		return err
	}
	return a.file.Publish()
}

// bytesOf returns the memory of a slice, and sliceOf the elements in memory.
func bytesOf[T element](v []T) []byte {
	var one T
	return unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(v))), len(v)*int(unsafe.Sizeof(one)))
}

func sliceOf[T element](memory []byte) []T {
	var one T
	return unsafe.Slice((*T)(unsafe.Pointer(unsafe.SliceData(memory))), len(memory)/int(unsafe.Sizeof(one)))
}
