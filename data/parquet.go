package data

import (
	"cmp"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"

	"steepest/internal/durable"
	"steepest/internal/mapped"
	"steepest/internal/parallel"
	"steepest/internal/scratch"
	"steepest/internal/simd"
)

// ReadParquet reads a table from a Parquet file like ReadCSV from text: o selects the columns of labels, features, categories and weights.
// Other columns are not read. A boolean feature is 1 or 0; a boolean label or category is the word true or false. Words that are spelled like
// numbers can be read as numbers. The options Header, Delimiter and Decimal have no effect.
//
// Only top-level columns of numbers, booleans and words can be read. Selecting a column of lists, maps, records, dates or times is an error, and
// so is a compression other than snappy, gzip and zstd. Index columns of pandas are left out.
//
// The file must be seekable, because its schema is at its end. Row groups and columns are read in parallel. The error is a *ParseError unless
// the file cannot be read, or the options contradict one another.
func ReadParquet(path string, o CSVOptions) (set *Set, err error) {
	err = withSeekable(path, func(file *io.SectionReader) error {
		set, err = readParquet(path, file, o)
		return err
	})
	if err != nil {
		return nil, err
	}
	return set, nil
}

// withSeekable calls f with the bytes of a file. It fails if the file is not regular.
func withSeekable(path string, f func(file *io.SectionReader) error) error {
	file, size, err := mapped.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	return f(io.NewSectionReader(file, 0, size))
}

// spool calls f with the bytes of a stream, of which it makes a temporary file in a folder. name is the stream's name in error messages.
func spool(name string, r io.Reader, folder string, f func(file *io.SectionReader) error) error {
	file, err := durable.Create(filepath.Join(folder, fmt.Sprintf("stream-%d.parquet", spools.Add(1))), 0o600)
	if err != nil {
		return err
	}
	defer file.Discard()
	size, err := io.Copy(file, r)
	if err != nil {
		return ReadError(name, err)
	}
	return f(io.NewSectionReader(file, 0, size))
}

// spools counts the temporary files of this process.
var spools atomic.Int64

// ReadParquetText calls f with the text of each row of a column, "" for null. It stops at the first error that f returns.
func ReadParquetText(path, column string, f func(text []byte) error) error {
	return withSeekable(path, func(file *io.SectionReader) error { return readParquetText(path, file, column, f) })
}

// parquetTable is a table while it is read from a Parquet file.
type parquetTable struct {
	*table  // read-only during the parallel work, except for what mu guards
	parquet *parquetFile
	numbers []float64  // the features of the rows that are being read, row by row
	ys      []float64  // the labels of these rows
	from    int        // the first of these rows
	mu      sync.Mutex // guards table.categories and table.seen
	labels  table      // a copy of table that collects the words of the labels
	holes   atomic.Int64
	unknown atomic.Int64
}

func readParquet(name string, file *io.SectionReader, o CSVOptions) (*Set, error) {
	o = o.ofParquet()
	all, err := newTable(&o)
	if err != nil {
		return nil, err
	}
	defer all.free()
	t, err := all.parquet(name, file)
	if err != nil {
		return nil, err
	}
	if err := t.read(0, len(t.parquet.groups)); err != nil {
		return nil, err
	}
	set, err := t.set()
	if err != nil {
		return nil, err
	}
	set.Dialect = nil
	set.Skipped = append(set.Skipped, t.parquet.index...)
	return set, nil
}

// parquet returns the table with a file to read. The first file determines the columns of all files.
func (t *table) parquet(name string, file *io.SectionReader) (*parquetTable, error) {
	f, err := openParquet(name, file)
	if err != nil {
		return nil, err
	}
	t.file, t.Decimal, t.cells = name, '.', newCellReader('.', t.options.Missing)
	names, kinds := make([]string, len(f.fields)), make([]string, len(f.fields))
	for j, field := range f.fields {
		names[j], kinds[j] = field.name, "0"
		if field.text() {
			kinds[j] = "word"
		}
	}
	switch {
	case t.cols > 0 && !slices.Equal(names, t.names):
		return nil, t.otherNames()
	case t.cols > 0:
	case len(names) < 2 && t.options.Expect == nil:
		return nil, t.errorf(-1, fmt.Sprintf("the file has only one column, %s", quote(names[0])), "a label and at least one feature are needed")
	default:
		if err := t.begin(names, [][]string{names, kinds}, *t.options); err != nil {
			return nil, err
		}
	}
	if f.rows == 0 {
		return nil, noRows(name)
	}
	p := &parquetTable{parquet: f, table: t}
	return p, p.refuse()
}

// refuse returns an error if a selected column has a type that cannot be read.
func (t *parquetTable) refuse() error {
	holds := func(c Column, fix string) error {
		return &ParseError{File: t.file, What: fmt.Sprintf("column %s holds %s", c, t.parquet.fields[c.At-1].refusal), Fix: "write it as columns of numbers or words, or " + fix}
	}
	for _, c := range t.features {
		if t.parquet.fields[c.At-1].refusal != "" {
			return holds(c, fmt.Sprintf("set Drop to %q to leave it out", namesOf(c)))
		}
	}
	if t.label >= 0 && t.parquet.fields[t.label].refusal != "" {
		return holds(t.column(t.label), "set Label to the column of the labels")
	}
	return nil
}

// read reads the selected columns of the row groups first..last in parallel, not including last. One task reads the labels of all rows, because
// classes are numbered in the order of the file. Each other task reads a band of adjacent features in one row group.
func (t *parquetTable) read(first, last int) error {
	cols, groups := len(t.features), last-first
	starts := make([]int, len(t.parquet.groups)+1) // first row of each group
	for g := range t.parquet.groups {
		starts[g+1] = starts[g] + int(t.parquet.groups[g].NumRows)
	}
	t.from = starts[first]
	rows := starts[last] - t.from
	if err := room(t.file, fmt.Sprintf("the numbers of %d rows", rows), 8*float64(rows)*float64(cols+1)); err != nil {
		return err
	}
	bands := (cols + mostBand - 1) / mostBand
	for bands*leastBand < cols && bands*groups%parallel.Workers() != 0 { // so that each worker gets as many bands
		bands++
	}
	t.numbers = scratch.Grow(t.numbers, rows*cols)
	faults := make([]bandFault, groups*bands)
	var unlabeled error
	var failed atomic.Int64 // the first row group with a fault; later groups need not be read
	failed.Store(int64(last))
	parallel.For(1+len(faults), func(_, i int) {
		if i == 0 {
			unlabeled = t.readLabels(starts, first, last)
			return
		}
		g, band := first+(i-1)/bands, (i-1)%bands
		if int64(g) > failed.Load() {
			return
		}
		fault := t.readBand(g, starts[g], cols*band/bands, cols*(band+1)/bands)
		for before := failed.Load(); fault.err != nil && int64(g) < before && !failed.CompareAndSwap(before, int64(g)); {
			before = failed.Load()
		}
		faults[i-1] = fault
	})
	faults = slices.DeleteFunc(faults, func(f bandFault) bool { return f.err == nil })
	if unlabeled != nil {
		return unlabeled
	} else if len(faults) > 0 {
		return slices.MinFunc(faults, bandFault.compare).err
	}
	t.words, t.word, t.labeled = t.labels.words, t.labels.word, true // numbers are not asked for one by one
	t.x.give(t.numbers)
	t.y.give(t.ys)
	t.rows += rows
	t.table.holes += int(t.holes.Swap(0))
	t.table.unknown += int(t.unknown.Swap(0))
	return cmp.Or(t.x.failed, t.y.failed)
}

// readLabels reads the labels of the row groups first..last.
func (t *parquetTable) readLabels(starts []int, first, last int) error {
	t.labels = *t.table
	if t.label < 0 {
		return nil
	}
	t.ys = scratch.Grow(t.ys, starts[last]-starts[first])
	for g := first; g < last; g++ {
		if err := t.readGroupLabels(g, starts[g], starts[g+1]); err != nil {
			return err
		}
	}
	return nil
}

// readGroupLabels reads the labels of a row group, whose rows are from..to of the file.
func (t *parquetTable) readGroupLabels(group, from, to int) error {
	c, err := t.parquet.column(t.label, group, false)
	if err != nil {
		return err
	}
	defer c.free()
	for row := from; row < to; row += parquetPiece {
		dst := t.ys[row-t.from:][:min(parquetPiece, to-row)]
		err := c.read(dst)
		if err == nil {
			_, err = c.settle(dst, !c.field.text() && !c.field.boolean() && t.cells.numbers == nil, func(i int, cell string) (float64, error) {
				t.labels.rows = row + i + 1
				return t.labels.labelIn(cell)
			})
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// A band has at most mostBand columns, all of which are unpacked at the same time. Rows are not cut into bands that are narrower than leastBand,
// half a cache line, because tasks that write to the same lines slow each other down.
const mostBand, leastBand = 12, 4

// readBand reads the features from..to of a row group. It reads a few rows at a time, so that they stay in the cache until they are in the matrix.
func (t *parquetTable) readBand(group, start, from, to int) bandFault {
	columns := make([]*parquetColumn, to-from)
	for k := range columns {
		var err error
		if columns[k], err = t.parquet.column(t.features[from+k].At-1, group, t.categories[from+k] != nil); err != nil {
			return bandFault{group, -1, from + k, err}
		}
		defer columns[k].free()
	}
	var band [mostBand][parquetPiece]float64
	cols, end := len(t.features), start+int(t.parquet.groups[group].NumRows)
	for row := start; row < end; row += parquetPiece {
		n := min(parquetPiece, end-row)
		for k, c := range columns {
			err := c.read(band[k][:n])
			if err == nil {
				err = t.settle(c, band[k][:n], from+k, row)
			}
			if err != nil {
				return bandFault{group, row, from + k, err}
			}
		}
		writeBand(t.numbers[(row-t.from)*cols+from:], cols, band[:len(columns)], n)
	}
	return bandFault{}
}

// bandFault is an error of a band and its place: the row group, the first of the rows that were being read, or −1 before the first rows, and the
// column. The error of a file is the first one in this order, which does not depend on how its columns are cut into bands.
type bandFault struct {
	group, row, column int
	err                error
}

func (f bandFault) compare(g bandFault) int {
	return cmp.Or(cmp.Compare(f.group, g.group), cmp.Compare(f.row, g.row), cmp.Compare(f.column, g.column))
}

// writeBand writes the first n numbers of the columns of a band to the first n rows of a matrix with cols columns.
func writeBand(matrix []float64, cols int, band [][parquetPiece]float64, n int) {
	for ; len(band) >= 4; matrix, band = matrix[4:], band[4:] { // four columns at once
		b := (*[4][parquetPiece]float64)(band)
		for i := range b[0][:n] {
			row := (*[4]float64)(matrix[i*cols:])
			row[0], row[1], row[2], row[3] = b[0][i], b[1][i], b[2][i], b[3][i]
		}
	}
	for k := range band {
		for i, v := range band[k][:n] {
			matrix[i*cols+k] = v
		}
	}
}

// settle replaces values of a feature, as the chunk has read them, by numbers or by the numbers of categories.
func (t *parquetTable) settle(c *parquetColumn, dst []float64, feature, row int) error {
	category := t.categories[feature] != nil
	plain, err := c.settle(dst, !c.field.text() && !category && t.cells.numbers == nil, func(i int, cell string) (float64, error) {
		t.mu.Lock()
		defer t.mu.Unlock()
		one := *t.table
		one.rows = row + i + 1
		if category {
			return one.categoryIn(feature, cell)
		}
		return one.numberIn(feature, cell)
	})
	if t.isWeight(feature) && err == nil {
		if i := slices.IndexFunc(dst, func(v float64) bool { return !(v >= 0) }); i >= 0 {
			one := *t.table
			one.rows = row + i + 1
			err = one.noWeight(dst[i])
		}
	}
	if plain {
		return err
	}
	for _, v := range dst {
		if category && v == none {
			t.unknown.Add(1)
		} else if v != v {
			t.holes.Add(1)
		}
	}
	return err
}

// parquetColumn reads a column of a row group and caches how its values are replaced.
type parquetColumn struct {
	*parquetChunk
	settled map[float64]float64
	missing *float64 // replaces a missing value; nil before the first one
}

func (f *parquetFile) column(j, group int, category bool) (*parquetColumn, error) {
	c, err := f.chunk(&f.fields[j], group)
	if err == nil {
		c.category = category
	}
	return &parquetColumn{parquetChunk: c, settled: make(map[float64]float64)}, err
}

// settle replaces each value by the result of calling settle with the value spelled as a CSV cell. If numbers is true, finite numbers stay as they
// are, and plain reports whether all values are finite.
func (c *parquetColumn) settle(dst []float64, numbers bool, settle func(i int, cell string) (float64, error)) (plain bool, err error) {
	if numbers && simd.Finite(dst) {
		return true, nil
	}
	for i, v := range dst {
		if numbers && v-v == 0 {
			continue
		}
		w, known := c.settled[v]
		if v != v && c.missing != nil {
			w, known = *c.missing, true
		}
		if !known {
			if w, err = settle(i, c.spell(v)); err != nil {
				return plain, err
			}
			if v == v {
				c.settled[v] = w
			} else {
				c.missing = &w
			}
		}
		dst[i] = w
	}
	return plain, nil
}

// readParquetText is ReadParquetText for an open file.
func readParquetText(name string, file *io.SectionReader, column string, f func(text []byte) error) error {
	p, err := openParquet(name, file)
	if err != nil {
		return err
	}
	names := make([]string, len(p.fields))
	for j, field := range p.fields {
		names[j] = field.name
	}
	j := slices.Index(names, column)
	switch {
	case j < 0:
		fix := "name one of " + listed(names)
		if near := nearest(column, names); near != "" {
			fix = fmt.Sprintf("did you mean %s?", quote(near))
		}
		return &ParseError{File: name, What: fmt.Sprintf("no column is named %s", quote(column)), Fix: fix}
	case !p.fields[j].text() || p.fields[j].refusal != "":
		return &ParseError{File: name, What: fmt.Sprintf("column %s holds no text", quote(column)), Fix: "name another one of " + listed(names)}
	}
	for g := range p.groups {
		if err := p.readGroupText(&p.fields[j], g, f); err != nil {
			return err
		}
	}
	return nil
}

// readGroupText calls f with the texts of a field in a row group.
func (p *parquetFile) readGroupText(field *parquetField, group int, f func(text []byte) error) error {
	c, err := p.chunk(field, group)
	if err != nil {
		return err
	}
	defer c.free()
	var piece [parquetPiece]float64
	for left := int(p.groups[group].NumRows); left > 0; left -= parquetPiece {
		dst := piece[:min(parquetPiece, left)]
		if err := c.read(dst); err != nil {
			return err
		}
		for _, v := range dst {
			if err := f([]byte(c.spell(v))); err != nil {
				return err
			}
		}
		c.forget()
	}
	return nil
}
