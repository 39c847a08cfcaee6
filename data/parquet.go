package data

import (
	"fmt"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"

	"steepest/internal/mapped"
	"steepest/internal/parallel"
)

// ReadParquet reads a table from a Parquet file as ReadCSV does from text: o says which columns are the labels, features, categories and
// weights. Columns that are none of these are not read. Booleans are 1 and 0, or the words true and false; a column of words may hold
// numbers as words. Options of the text, Header, Delimiter and Decimal, say nothing.
//
// A column is a field of the rows that is no list, map or record. Dates and times, and decimals of more digits than an integer holds, are
// refused where they are asked for, and so are other packers than snappy, gzip and zstd. Columns in which pandas keeps an index are left out.
//
// The file must lie on a disk, since its columns are listed at its end. Parts of it are read on all processors. The error is a *ParseError
// unless the file cannot be read, or the options contradict one another.
func ReadParquet(path string, o CSVOptions) (set *Set, err error) {
	err = mapped.Read(path, func(file []byte) error {
		set, err = readParquet(path, file, o)
		return err
	})
	if err != nil {
		return nil, err
	}
	return set, nil
}

// ReadParquetText calls f with the words of a column in their order, "" for a missing one, until it returns an error.
func ReadParquetText(path, column string, f func(text []byte) error) error {
	return mapped.Read(path, func(file []byte) error { return readParquetText(path, file, column, f) })
}

// parquetTable is a table while it is read from a file.
type parquetTable struct {
	*table  // which no piece of work changes, but for what mu guards
	parquet *parquetFile
	x       []float64  // of all rows
	mu      sync.Mutex // of the categories of the features, and of the kinds that were seen
	labels  table      // with those of all rows
	holes   atomic.Int64
	unknown atomic.Int64
}

func readParquet(name string, file []byte, o CSVOptions) (*Set, error) {
	f, err := openParquet(name, file)
	if err != nil {
		return nil, err
	}
	o.Missing, o.Header = o.marks(), WithHeader
	t := &parquetTable{parquet: f, table: &table{file: name, options: &o, Dialect: Dialect{Decimal: '.'}, cells: newCellReader('.', o.Missing), weights: -1}}
	names, kinds := make([]string, len(f.fields)), make([]string, len(f.fields))
	for j, field := range f.fields {
		names[j], kinds[j] = field.name, "0"
		if field.text() {
			kinds[j] = "word"
		}
	}
	if len(names) < 2 && o.Expect == nil {
		return nil, t.errorf(-1, fmt.Sprintf("the file has only one column, %s", quote(names[0])), "a label and at least one feature are needed")
	}
	if err := t.begin(names, [][]string{names, kinds}, o); err != nil {
		return nil, err
	}
	if f.rows == 0 {
		return nil, noRows(name)
	}
	if err := t.refuse(); err != nil {
		return nil, err
	}
	if err := t.read(); err != nil {
		return nil, err
	}
	set, err := t.set(&o)
	if err != nil {
		return nil, err
	}
	set.Dialect = nil
	set.Skipped = append(set.Skipped, f.index...)
	return set, nil
}

// refuse returns an error for a column whose values are no numbers or words.
func (t *parquetTable) refuse() error {
	used := slices.Clone(t.features)
	if t.label >= 0 {
		used = append(used, t.column(t.label))
	}
	for _, c := range used {
		if field := &t.parquet.fields[c.At-1]; field.refusal != "" {
			return t.errorf(c.At-1, fmt.Sprintf("column %s holds %s", c, field.refusal),
				"write it as columns of numbers or words, or set Drop to %q to leave it out", c.plain())
		}
	}
	return nil
}

// read reads the columns in pieces of work: the labels of all rows, whose classes are numbered in the order of the file, and a band of the
// features of each row group.
func (t *parquetTable) read() error {
	rows, cols, groups := t.parquet.rows, len(t.features), len(t.parquet.groups)
	if err := room(t.file, fmt.Sprintf("the numbers of %d rows", rows), 8*float64(rows)*float64(cols+1)); err != nil {
		return err
	}
	const line, widest = 8, 64 // columns: of a line of the cache, and whose pages are unpacked at a time
	width := min(max(line, (cols*groups+parallel.Workers()-1)/parallel.Workers()), widest)
	bands := (cols + width - 1) / width
	starts := make([]int, groups+1)
	for g := range groups {
		starts[g+1] = starts[g] + int(t.parquet.groups[g].NumRows)
	}
	t.x = make([]float64, rows*cols)
	errs := make([]error, 1+groups*bands)
	var failed atomic.Int64 // the first piece that has failed; those before it are read on, so that the error is always the same
	failed.Store(int64(len(errs)))
	parallel.For(len(errs), func(_, i int) {
		if int64(i) > failed.Load() {
			return
		}
		errs[i] = mapped.Guard(t.file, func() error {
			if i == 0 {
				return t.readLabels(starts)
			}
			g, from := (i-1)/bands, (i-1)%bands*width
			return t.readBand(g, starts[g], from, min(from+width, cols))
		})
		for first := failed.Load(); errs[i] != nil && int64(i) < first && !failed.CompareAndSwap(first, int64(i)); {
			first = failed.Load()
		}
	})
	if i := slices.IndexFunc(errs, func(err error) bool { return err != nil }); i >= 0 {
		return errs[i]
	}
	t.y, t.words, t.word = t.labels.y, t.labels.words, t.labels.word
	t.table.x, t.rows = series[float64]{start: t.x, n: len(t.x)}, rows
	t.table.holes, t.table.unknown = int(t.holes.Load()), int(t.unknown.Load())
	return nil
}

// readLabels reads the labels of all rows.
func (t *parquetTable) readLabels(starts []int) error {
	t.labels = *t.table
	if t.label < 0 {
		return nil
	}
	var piece [parquetPiece]float64
	for g := range t.parquet.groups {
		c, err := t.parquet.column(t.label, g)
		if err != nil {
			return err
		}
		defer c.free()
		for row := starts[g]; row < starts[g+1]; row += parquetPiece {
			dst := piece[:min(parquetPiece, starts[g+1]-row)]
			err := c.read(dst)
			if err == nil {
				_, err = c.settle(dst, !c.field.text() && !c.field.boolean() && t.cells.numbers == nil, func(i int, cell string) (float64, error) {
					t.labels.rows = row + i + 1
					return t.labels.labelIn(cell, row+i == 0)
				})
			}
			if err != nil {
				return err
			}
			t.labels.y.append(dst)
		}
	}
	return nil
}

// readBand reads features of a row group, some rows at a time, so that they stay in the cache.
func (t *parquetTable) readBand(group, start, from, to int) error {
	columns := make([]*parquetColumn, to-from)
	for k := range columns {
		var err error
		if columns[k], err = t.parquet.column(t.features[from+k].At-1, group); err != nil {
			return err
		}
		defer columns[k].free()
	}
	var piece [parquetPiece]float64
	cols, end := len(t.features), start+int(t.parquet.groups[group].NumRows)
	for row := start; row < end; row += parquetPiece {
		dst := piece[:min(parquetPiece, end-row)]
		for k, c := range columns {
			err := c.read(dst)
			if err == nil {
				err = t.settle(c, dst, from+k, row)
			}
			if err != nil {
				return err
			}
			at := row*cols + from + k
			for _, v := range dst {
				t.x[at] = v
				at += cols
			}
		}
	}
	return nil
}

// settle makes values of a feature numbers, or the numbers of categories.
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

// parquetColumn is a column of a row group whose values become others.
type parquetColumn struct {
	*parquetChunk
	settled map[float64]float64
	missing *float64 // what a missing value becomes; nil if none was missing so far
}

func (f *parquetFile) column(j, group int) (*parquetColumn, error) {
	c, err := f.chunk(&f.fields[j], group)
	return &parquetColumn{parquetChunk: c, settled: make(map[float64]float64)}, err
}

// settle replaces each value by what the table makes of it as a cell of text. If numbers is true, finite numbers stay, and plain says whether
// all values are such.
func (c *parquetColumn) settle(dst []float64, numbers bool, settle func(i int, cell string) (float64, error)) (plain bool, err error) {
	plain = numbers
	for i, v := range dst {
		if numbers && v-v == 0 {
			continue
		}
		plain = false
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

// spell returns a value as a cell of text; "" for a missing one.
func (c *parquetChunk) spell(v float64) string {
	switch {
	case v != v:
		return ""
	case c.field.text():
		return c.words.list[int(v)]
	case c.field.boolean():
		return strconv.FormatBool(v == 1)
	}
	return strconv.FormatFloat(v, 'g', -1, 64)
}

// readParquetText is ReadParquetText for a file in memory.
func readParquetText(name string, file []byte, column string, f func(text []byte) error) error {
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
	var piece [parquetPiece]float64
	for g := range p.groups {
		c, err := p.chunk(&p.fields[j], g)
		if err != nil {
			return err
		}
		defer c.free()
		for left := int(p.groups[g].NumRows); left > 0; left -= parquetPiece {
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
	}
	return nil
}
