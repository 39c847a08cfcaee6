package data

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// finished is a table whose rows have all been read, so that its categories, classes and means are known. It makes the rows of a matrix from
// the numbers of the table, for any block of rows alone.
type finished struct {
	*table
	set     *Set      // without the rows
	means   []float64 // replace missing numbers; nil for none
	starts  []int     // the first column of each feature
	places  [][]int   // for each feature the order of its categories, by their numbers; nil for numbers
	width   int       // columns of the matrix
	sparse  bool
	classes []float64 // the label of each word, by its number; nil for labels that are numbers
}

// finish returns the finished table. x holds the numbers of all rows.
func (t *table) finish(x *Dense) (*finished, error) {
	if t.rows == 0 {
		return nil, &ParseError{File: t.file, What: "there is no row below the names in line 1", Fix: "check that the file is complete"}
	}
	o := t.options
	if t.weights >= 0 { // the last feature
		t.features, t.categories = t.features[:len(t.features)-1], t.categories[:len(t.features)-1]
	}
	f := &finished{table: t}
	if t.holes > 0 && !o.KeepMissing {
		var empty int
		if f.means, empty = ColumnMeans(x); empty >= 0 {
			return nil, &ParseError{File: t.file, Fix: fmt.Sprintf("set Drop to %s to leave it out", t.features[empty].Listed()),
				What: fmt.Sprintf("column %v holds no value at all, so it has no mean", t.features[empty])}
		}
	}
	columns := &Columns{File: t.cols, Features: t.features, Missing: t.cells.missing, Dense: o.Dense}
	if o.Expect != nil {
		columns.Dense = o.Expect.Dense
	}
	f.starts, f.places = make([]int, len(t.features)), make([][]int, len(t.features))
	for k := range t.features {
		f.starts[k] = f.width
		if words := t.categories[k]; words != nil {
			columns.Features[k].Categories, f.places[k] = words.sorted()
		}
		f.width += columns.Features[k].Width()
	}
	f.sparse = columns.sparse()
	f.set = &Set{Name: t.file, Columns: columns, Unknown: t.unknown, Missing: t.holes, MissingWords: t.missingWords(x), Dialect: &t.Dialect, Features: columns.Names()}
	if o.Expect != nil && o.Expect.Names() != nil {
		f.set.Features = o.Expect.Names()
	}
	if t.label >= 0 {
		columns.Label = t.column(t.label)
	}
	if t.names != nil {
		for _, j := range t.skipped {
			f.set.Skipped = append(f.set.Skipped, t.names[j])
		}
	}
	if t.words != nil {
		f.set.ClassNames, f.set.Respelled, f.classes = classesOf(t.words)
	}
	return f, nil
}

// classesOf returns the names of classes, given their words numbered by appearance, and the class of each word. Words that are all booleans
// and differ only in case are one class; respelled are the spellings after the first.
func classesOf(numbered map[string]int) (names, respelled []string, classes []float64) {
	words := slices.SortedFunc(maps.Keys(numbered), func(a, b string) int { return cmp.Compare(numbered[a], numbered[b]) })
	booleans := !slices.ContainsFunc(words, func(w string) bool { return !isBoolean(w) })
	first := make([]string, len(words)) // spelling of each word
	for i, word := range words {
		first[i] = word
		if booleans {
			first[i] = words[slices.IndexFunc(words, func(w string) bool { return strings.EqualFold(w, word) })]
		}
		if first[i] == word {
			names = append(names, word)
		} else {
			respelled = append(respelled, word)
		}
	}
	slices.Sort(names)
	for _, word := range first {
		i, _ := slices.BinarySearch(names, word)
		classes = append(classes, float64(i))
	}
	return names, respelled, classes
}

// labels replaces the numbers of words by those of their classes.
func (f *finished) labels(y []float64) {
	if f.classes != nil {
		for i, v := range y {
			if v == v { // it has a label
				y[i] = f.classes[int(v)]
			}
		}
	}
}

// matrix returns the features and the weights of some rows. It overwrites x, which holds their numbers, and may return it.
func (f *finished) matrix(x *Dense) (Matrix, []float64) {
	weights := f.takeWeights(x)
	if f.means != nil {
		impute(x, f.means)
	}
	return f.spread(x), weights
}

// takeWeights removes the weights from the features, where they are the last column, and returns them; nil for none.
func (f *finished) takeWeights(x *Dense) (weights []float64) {
	if f.table.weights < 0 {
		return nil
	}
	n := x.Cols - 1
	for i := range x.Rows {
		row := x.Row(i)
		weights = append(weights, row[n])
		copy(x.Data[i*n:], row[:n])
	}
	x.Cols, x.Data = n, x.Data[:x.Rows*n]
	return weights
}

// spread returns the matrix of the features x. A column with numbers of categories becomes a column for each category.
func (f *finished) spread(x *Dense) Matrix {
	if slices.IndexFunc(f.places, func(p []int) bool { return p != nil }) < 0 {
		return x
	}
	// each calls yield with the nonzeros of row i, by ascending columns.
	each := func(i int, yield func(j int, v float64)) {
		for k, v := range x.Row(i) {
			switch places := f.places[k]; {
			case places == nil && v != 0:
				yield(f.starts[k], v)
			case places != nil && v != none:
				yield(f.starts[k]+places[int(v)], 1)
			}
		}
	}
	if !f.sparse {
		out := &Dense{Rows: x.Rows, Cols: f.width, Data: large[float64](x.Rows * f.width)}
		for i := range x.Rows {
			row := out.Row(i)
			each(i, func(j int, v float64) { row[j] = v })
		}
		return out
	}
	out := &CSR{Rows: x.Rows, Cols: f.width, Indptr: make([]int, 1, x.Rows+1)}
	for i := range x.Rows {
		each(i, func(j int, v float64) {
			out.Indices, out.Values = append(out.Indices, uint32(j)), append(out.Values, v)
		})
		out.Indptr = append(out.Indptr, len(out.Values))
	}
	return out
}

// checkWeights returns an error if no row has a weight.
func (f *finished) checkWeights(some bool) error {
	if f.table.weights < 0 || some {
		return nil
	}
	return &ParseError{File: f.file, What: fmt.Sprintf("all weights in column %s are 0", f.column(f.table.weights)), Fix: "a weight of 2 counts a row twice, and 0 is no row"}
}
