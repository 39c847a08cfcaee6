package cli

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"math/bits"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"syscall"
	"unicode/utf8"

	"steepest/data"
	"steepest/internal/plural"
	"steepest/internal/suggest"
	"steepest/model"
)

// folders is the environment variable with the list of folders that are searched for data.
const folders = "STEEPEST_DATA"

// isEmbedded reports whether a name is that of an embedded set. Such a set takes precedence over a file of this name, which can be given as
// ./NAME.
func isEmbedded(name string) bool {
	return slices.ContainsFunc(data.Embedded(), func(i data.Info) bool { return i.Name == name })
}

// find returns the path of the file with a name: the name itself, or a file in one of the folders. It returns "" for an embedded set, and if
// there is no such file.
func find(name string) string {
	if name == "" || isEmbedded(name) {
		return ""
	}
	if name == stdin {
		return name
	}
	paths := []string{name}
	for _, folder := range filepath.SplitList(os.Getenv(folders)) {
		paths = append(paths, filepath.Join(folder, name))
	}
	if i := slices.IndexFunc(paths, isFile); i >= 0 {
		return paths[i]
	}
	return ""
}

// open returns the data set with a name: an embedded set, an existing file, or a file in one of the folders.
func (f *readFlags) open(w *world, name string) (*data.Set, error) {
	options, err := f.options()
	if err != nil {
		return nil, err
	}
	return f.openWith(w, name, options)
}

// openWith is open with options that were made from the flags.
func (f *readFlags) openWith(w *world, name string, options data.Options) (*data.Set, error) {
	if isEmbedded(name) {
		return data.Load(name)
	}
	told := passes{w: w, bar: w.progress(plainly("reading " + name))} // until data reports progress
	defer told.end()
	options.Progress = told.show
	if path := find(name); path != "" {
		return openFile(path, options)
	}
	return nil, unknownData(name)
}

// openLike returns a data set with the columns of a sample, which it finds by name if they have names.
func (f *problemFlags) openLike(w *world, name string, s *sample) (*data.Set, error) {
	options, err := f.options()
	if err != nil {
		return nil, err
	}
	like, cols := s.set, s.columns
	if options.CSV.Expect = like.Columns; like.Columns == nil {
		options.CSV.Expect = data.Numbers(cols, like.Features)
	} else {
		options.CSV.Label = "" // the name or the position in the sample decides
	}
	hashLike(&options, like.Hashing, cols)
	options.CSV.IgnoreUnknown = f.IgnoreUnknown
	options.CSV.Columns, options.CSV.Drop, options.CSV.Categorical = nil, nil, nil // the sample has decided these
	set, err := f.openWith(w, name, options)
	if err == nil {
		err = refuseUncategorized(like.Columns, set)
	}
	if err == nil {
		err = refuseOtherHash(like.Hashing, cols, set)
	}
	if err == nil && set.Y == nil {
		err = badData("add the labels, or give --label", "%s has no labels", set.Name)
	}
	return set, err
}

// refuseUncategorized returns an error for a set without named columns if the model has columns of categories: the features of the set cannot
// be matched with the words.
func refuseUncategorized(want *data.Columns, set *data.Set) error {
	if want == nil || set.Columns != nil || !hasCategories(&data.Set{Columns: want}) {
		return nil
	}
	kind := "an embedded set"
	if set.Format != "" {
		kind = "a file in " + formatName(set.Format)
	}
	return badData("give a CSV or Parquet file with the columns that the model was fitted to",
		"%s: the model has columns of categories, and %s has none", set.Name, kind)
}

// hashLike makes options hash the names in Vowpal Wabbit's format like a model with cols columns, unless the flags say otherwise.
func hashLike(o *data.Options, like *data.VWOptions, cols int) {
	if like == nil {
		like = &data.VWOptions{}
		if cols > 1 && cols&(cols-1) == 0 {
			like.Bits = bits.Len(uint(cols)) - 1
		}
	}
	o.VW.Bits, o.VW.HashAll = cmp.Or(o.VW.Bits, like.Bits), o.VW.HashAll || like.HashAll
	if o.VW.Interactions == nil {
		o.VW.Interactions = like.Interactions
	}
}

// refuseOtherHash returns an error if the names of rows are hashed in another way than the names of the model.
func refuseOtherHash(like *data.VWOptions, cols int, set *data.Set) error {
	if like != nil && set.Hashing != nil && !reflect.DeepEqual(like, set.Hashing) {
		return badData("leave --bits, --hash-all and --interactions out", "%s: its names are hashed otherwise than those that the model was fitted to", set.Name)
	}
	if _, n := set.X.Dims(); set.Format == data.VW && n != cols {
		return badData("give the --bits with which the model was fitted, and rows in its format", "%s: its names are hashed to %d columns, and the model has %d", set.Name, n, cols)
	}
	return nil
}

func unknownData(name string) error {
	if files, _ := filepath.Glob(name); len(files) > 0 {
		return badData("name one file; to fit, --cache FOLDER reads all files of a pattern", "%q is a pattern, and rows come from one file", name)
	}
	var names []string
	for _, info := range data.Embedded() {
		names = append(names, info.Name)
	}
	for _, folder := range filepath.SplitList(os.Getenv(folders)) {
		entries, _ := os.ReadDir(folder) // a missing folder has no names to suggest
		for _, e := range entries {
			names = append(names, e.Name())
		}
	}
	hint := "steepest data lists the embedded sets; " + folders + " lists folders to look for files in"
	if near := cmp.Or(nearFile(name), suggest.Nearest(name, names)); near != "" {
		return badData(hint, "there is no data set or file %q; did you mean %q?", name, near)
	}
	return badData(hint, "there is no data set or file %q", name)
}

// nearFile returns the path of a file or folder in the same folder whose name is like that of a missing one, and "" if there is none. The names
// without their extensions must be alike, too.
func nearFile(path string) string {
	entries, _ := os.ReadDir(filepath.Dir(path)) // a missing folder has no names to suggest
	var names []string
	stem := func(name string) string { return strings.TrimSuffix(name, filepath.Ext(name)) }
	base := filepath.Base(path)
	for _, e := range entries {
		if name := e.Name(); !strings.HasPrefix(name, ".") && (stem(name) == stem(base) || suggest.Nearest(stem(base), []string{stem(name)}) != "") {
			names = append(names, name)
		}
	}
	near := suggest.Nearest(base, names)
	if near == "" {
		return ""
	}
	return filepath.Join(filepath.Dir(path), near)
}

func isFile(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

func openFile(path string, o data.Options) (*data.Set, error) {
	if path == stdin {
		set, err := data.Read("stdin", os.Stdin, o)
		return set, readError(err)
	}
	set, err := data.Open(path, o)
	return set, readError(err)
}

// readError rewrites an error of package data in terms of flags.
func readError(err error) error {
	var parse *data.ParseError
	var share *data.ShareError
	var folder *data.FolderError
	var told *failure
	switch {
	case err == nil:
		return nil
	case errors.As(err, &told):
		return told
	case errors.As(err, &share):
		return usage("give a share such as 0.2", "--validation: %s", inFlags(err.Error()))
	case errors.As(err, &parse):
		what := parse.What // it quotes the file, so change only its start
		if option, rest, found := strings.Cut(what, ": "); found && slices.Contains([]string{"Label", "Columns", "Drop", "Categorical", "Weights"}, option) {
			what = "--" + strings.ToLower(option) + ": " + rest
		}
		return badData(inFlags(parse.Fix), "%s: %s", parse.Place(), what)
	case errors.As(err, &folder):
		return badData("name a folder for the cache alone", "--cache: %s %s", folder.Folder, folder.Reason)
	case errors.Is(err, data.ErrFills):
		return badData("--scale maxabs keeps zeros", "--scale standard: the data are sparse, and their zeros would become values")
	case errors.Is(err, syscall.ENOSPC): // of the disk with a cache
		return &failure{exitFailure, reworded(err), "free some space on the disk, or give --cache a folder on another one"}
	}
	return cmp.Or(unmade("cache", err), badData("steepest data lists sets that need no file", "%s", inFlags(err.Error())))
}

// options converts the flags to options of package data.
func (f *readFlags) options() (o data.Options, err error) {
	o.Format = data.Format(f.Format)
	formats := []string{"libsvm", "csv", "parquet", "vw", "idx"}
	if f.Format != "" && !slices.Contains(formats, f.Format) {
		return o, usage("", "--format: %w", suggest.Unknown("format", f.Format, formats))
	}
	header := map[string]data.Header{"auto": data.DetectHeader, "yes": data.WithHeader, "no": data.WithoutHeader}
	if o.CSV.Header = header[f.Header]; f.Header != "auto" && o.CSV.Header == data.DetectHeader {
		return o, usage("", "--header: %q is none of auto, yes and no", f.Header)
	}
	if o.CSV.Delimiter, err = character("delimiter", f.Delimiter); err != nil {
		return o, err
	}
	if o.CSV.Decimal, err = character("decimal", f.Decimal); err != nil {
		return o, err
	}
	marks, err := splitNames(f.Missing)
	if err != nil {
		return o, usage("", "--missing: %w", err)
	}
	for _, mark := range marks {
		o.CSV.Missing = append(o.CSV.Missing, strings.TrimSpace(mark))
	}
	o.CSV.Label, o.CSV.KeepMissing = f.Label, f.Impute
	o.CSV.Columns, o.CSV.Drop, o.CSV.Categorical = f.Columns, f.Drop, f.Categorical
	o.LIBSVM = data.LIBSVMOptions{ZeroBased: f.ZeroBased, MinFeatures: f.MinFeatures}
	o.VW = data.VWOptions{Bits: f.Bits, HashAll: f.HashAll, Interactions: f.Interact}
	if f.Bits > 31 {
		return o, usage("", "--bits: %d is none of 1 to 31", f.Bits)
	}
	if _, err := o.VW.Resolved(); err != nil {
		return o, usage("", "%s", inFlags(err.Error()))
	}
	o.IDX.Labels = f.Labels
	return o, nil
}

// sayReading says what was detected in a CSV file, if the flags leave it open and it may be wrong.
func (f *readFlags) sayReading(w *world, set *data.Set) {
	if set.Respelled != nil {
		w.say("%s: the labels %s belong to the class whose name differs only in case\n", set.Name, strings.Join(set.Respelled, ", "))
	}
	if set.Dialect == nil {
		return
	}
	d := set.Dialect
	var found, flags []string
	add := func(flag, what string) { found, flags = append(found, what), append(flags, "--"+flag) }
	if f.Delimiter == "" && (d.Delimiter == ';' || d.Delimiter == '|') {
		add("delimiter", fmt.Sprintf("%q separates its columns", string(d.Delimiter)))
	}
	if f.Decimal == "" && d.Decimal == ',' {
		add("decimal", "its decimal points are commas")
	}
	if f.Header == "auto" && !d.Header {
		add("header", "its line 1 is an example")
	}
	if found != nil {
		w.say("%s: %s; otherwise give %s\n", set.Name, strings.Join(found, ", "), strings.Join(flags, ", "))
	}
}

// sayIdentifiers warns of columns that hardly do more than identify the row: categories, and numbers of rows.
func sayIdentifiers(w *world, set *data.Set) {
	rows, _ := set.X.Dims()
	if set.Columns == nil || rows < 10 {
		return
	}
	at := 0 // the first feature of a column
	for _, f := range set.Columns.Features {
		if f.Categories == nil && numbersRows(set.X, at, f.Name) {
			w.say("%s: column %s seems to number the rows, since its whole numbers never repeat; --drop %s leaves it out\n", set.Name, f, f.Listed())
		}
		at += f.Width()
		if n := len(f.Categories); float64(n) > 0.9*float64(rows) {
			w.say("%s: column %s has %d categories in %d rows, from which nothing can be learnt; --drop leaves it out\n", set.Name, f, n, rows)
		}
	}
}

// sayClasses warns if no --loss is given and a class has less than five rows on average: the labels may be counts, prices, names or addresses.
func sayClasses(w *world, s *sample) {
	n, rows := len(s.target.classes), len(s.set.Y)
	switch {
	case w.given["loss"] || n <= 2 || 5*n <= rows:
	case s.set.ClassNames != nil:
		w.say("%s: the labels are %d different words in %d rows; --label names another column\n", s.set.Name, n, rows)
	default:
		w.say("%s: the labels are %d whole numbers in %d rows and are taken for classes; --loss least-squares predicts numbers\n", s.set.Name, n, rows)
	}
}

// numbersRows reports whether a column of numbers tells the rows apart as an identifier does: its numbers are whole and differ, and they
// leave out few numbers between the least and the largest, or the column is called id. Sizes and prices that differ have larger gaps.
func numbersRows(x data.Matrix, column int, name string) bool {
	rows, _ := x.Dims()
	var numbers []float64 // not of all rows at once, since most columns end early
	for i := range rows {
		v := element(x, i, column)
		if v != math.Trunc(v) || math.IsInf(v, 0) {
			return false
		}
		if numbers = append(numbers, v); i == 100 && repeats(numbers) { // most columns end here
			return false
		}
	}
	if repeats(numbers) {
		return false
	}
	name = strings.ToLower(name)
	called := name == "id" || name == "index" || strings.HasSuffix(name, "_id") || strings.HasSuffix(name, " id")
	return called || slices.Max(numbers)-slices.Min(numbers) < 1.1*float64(rows)
}

// element returns an element of a *data.Dense or a *data.CSR; NaN for another matrix.
func element(x data.Matrix, i, j int) float64 {
	switch x := x.(type) {
	case *data.Dense:
		return x.Row(i)[j]
	case *data.CSR:
		columns, values := x.Row(i)
		if k, found := slices.BinarySearch(columns, uint32(j)); found {
			return values[k]
		}
		return 0
	}
	return math.NaN()
}

// repeats reports whether a number occurs twice.
func repeats(numbers []float64) bool {
	ordered := slices.Sorted(slices.Values(numbers))
	for i := 1; i < len(ordered); i++ {
		if ordered[i] == ordered[i-1] {
			return true
		}
	}
	return false
}

// sayImputed says how many cells --impute has filled.
func sayImputed(w *world, set *data.Set) {
	words := set.MissingWords
	switch {
	case set.Missing > 0 && words > 0:
		w.say("%s: cells without a value: %s, filled by the mean of the column; %s, put into a category for missing words\n", set.Name, plural.Of(set.Missing, "number"), plural.Of(words, "word"))
	case set.Missing > 0:
		w.say("%s: cells without a value: %d, which become the means of their columns\n", set.Name, set.Missing)
	case words > 0:
		w.say("%s: cells without a value: %d, which become a category of their own\n", set.Name, words)
	}
}

// sayUnseen says how many values of a sparse set are in columns that the model has never seen.
func sayUnseen(w *world, m *model.Model, set *data.Set) {
	if n := m.Unseen(set); n > 0 {
		w.say("%s: values in columns that do not occur in the data of the model: %d of %d; they have no effect\n", set.Name, n, set.X.NNZ())
	}
}

// sayColumns says how a CSV file was matched with the columns of a model, if it has other columns than the training file.
func sayColumns(w *world, want *data.Columns, set *data.Set) {
	if want == nil || set.Columns == nil {
		if want != nil && set.Format != "" && len(want.Features) > 0 && want.Features[0].Name != "" {
			w.say("%s: its features have no names and are taken by their places: feature %d is %s\n", set.Name, data.FirstFeature(set.Hashing, set.ZeroBased), want.Features[0])
		}
		return
	}
	var said []string
	say := func(format string, args ...any) { said = append(said, fmt.Sprintf(format, args...)) }
	got := set.Columns
	byName := func(c *data.Columns) bool { return len(c.Features) > 0 && c.Features[0].Name != "" }
	switch byPlace := func(a, b data.Column) int { return cmp.Compare(a.At, b.At) }; {
	case byName(want) && !byName(got):
		say("its columns have no names and are taken by their places")
	case byName(got) && !slices.IsSortedFunc(got.Features, byPlace):
		say("its columns are in another order and are found by name")
	}
	if names := set.Skipped; names != nil {
		if len(names) > 10 {
			names = append(names[:10:10], "…")
		}
		names = slices.Clone(names)
		for i, name := range names {
			names[i] = cmp.Or(name, `""`)
		}
		say("columns that the model does not use: %s", strings.Join(names, ", "))
	}
	if set.Y == nil && want.Label.Name != "" && byName(got) {
		say("there is no column %s, so the predictions are not measured", want.Label)
	}
	if set.Unknown > 0 {
		say("categories that the model does not know: %d, which count as none", set.Unknown)
	}
	if set.Missing > 0 {
		say("missing numbers: %d, for which the means of the training set stand", set.Missing)
	}
	if said != nil {
		w.say("%s: %s\n", set.Name, strings.Join(said, "; "))
	}
}

// character reads a flag of one character; \t stands for a tab.
func character(flag, text string) (rune, error) {
	if text == "" {
		return 0, nil
	}
	if text == `\t` || text == "tab" {
		text = "\t"
	}
	r, size := utf8.DecodeRuneInString(text)
	if size != len(text) {
		return 0, usage("", "--%s: %q is not one character", flag, text)
	}
	switch {
	case flag == "decimal" && r != '.' && r != ',':
		return 0, usage("", "--decimal: %q is neither a point nor a comma", text)
	case flag == "delimiter" && (r == '"' || r == '\r' || r == '\n' || r == utf8.RuneError):
		return 0, usage("", "--delimiter: %q cannot separate columns", text)
	}
	return r, nil
}
