package data

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// manyCells returns a table with more rows than a block of text or a part of a matrix, and with columns of numbers, words, weights and
// labels.
func manyCells() string {
	r := rand.New(rand.NewPCG(4, 2))
	var b strings.Builder
	b.WriteString("a,b,color,size,w,y\n")
	for i := range 9_000 {
		fmt.Fprintf(&b, "%v,%d,%s,%d,%d,%s\n", r.NormFloat64(), 1000*r.IntN(90)+i/8000, []string{"red", "blue", `"dark, red"`, "green", "red"}[r.IntN(5-i%2)],
			i%7+i/8500, r.IntN(3), []string{"no", "yes"}[r.IntN(2)])
	}
	return b.String()
}

// TestCacheOfTable: the cache of a CSV file has the bits of the set that Open reads and Prepare prepares.
func TestCacheOfTable(t *testing.T) {
	needs64(t)
	dir := t.TempDir()
	many := manyCells()
	holes := strings.ReplaceAll(many, ",5,", ",,")
	for name, c := range map[string]struct {
		text   string
		o      CSVOptions
		scales []Scale
	}{
		"numbers.csv":         {many, CSVOptions{Drop: []string{"color", "w"}}, []Scale{"", Largest, Standard, UnitRows, Auto}},
		"words.csv":           {many, CSVOptions{Categorical: []string{"color", "size"}, Weights: "w"}, []Scale{"", Auto}},
		"dense.csv.gz":        {pack("gzip", many), CSVOptions{Categorical: []string{"color"}, Columns: []string{"color", "b"}, Dense: true}, []Scale{Standard, UnitRows}},
		"sparse.csv.zst":      {pack("zstd", many), CSVOptions{Categorical: []string{"b", "color", "size"}, Drop: []string{"a"}, Weights: "w"}, []Scale{Largest, UnitRows}},
		"means.csv":           {holes, CSVOptions{Categorical: []string{"color"}, ImputeMean: true}, []Scale{Largest, Standard}},
		"kept.csv":            {holes, CSVOptions{Categorical: []string{"color", "size"}, KeepMissing: true, Weights: "w"}, []Scale{Standard, Auto}},
		"kept words.csv":      {holes, CSVOptions{Categorical: []string{"b", "color"}, KeepMissing: true}, []Scale{"", Largest}},
		"none is missing.csv": {many, CSVOptions{Drop: []string{"color"}, KeepMissing: true}, []Scale{""}},
		"marked":              {strings.ReplaceAll(many, ",5,", ",-99,"), CSVOptions{Drop: []string{"color"}, Missing: []string{"-99"}, ImputeMean: true}, []Scale{Auto}},
		"german.csv":          {strings.ReplaceAll(strings.ReplaceAll(strings.ReplaceAll(many, `"dark, red"`, "dark"), ",", ";"), ".", ","), CSVOptions{Drop: []string{"color"}}, []Scale{UnitRows}},
		"numbered.tsv":        {"1\t2\t0\n3\t4\t1\n5\t-6\t0\n", CSVOptions{Label: "2"}, []Scale{Standard}},
		"true.csv":            {"a,b,y\n1,yes,TRUE\n0,no,true\n1,no,False\n", CSVOptions{}, []Scale{""}},
		"nothing.csv":         {"a,c,y\n0,u,1\n0,v,2\n0,w,3\n0,x,4\n0,z,5\n0,t,6\n0,s,7\n", CSVOptions{Categorical: []string{"c"}}, []Scale{"", Largest}}, // a does not occur
	} {
		for i, scale := range c.scales {
			o := CacheOptions{Options: Options{CSV: c.o}, Scale: scale, Intercept: i%2 == 0}
			path := filepath.Join(dir, name)
			write(t, path, c.text)
			o.CSV.Dense = o.CSV.Dense || scale == Standard
			t.Run(fmt.Sprintf("%s %s", name, scale), func(t *testing.T) {
				folder := filepath.Join(t.TempDir(), "cache")
				first := cacheOf(t, folder, path, o)
				checkCache(t, first, path, o)
				second := cacheOf(t, folder, path, o)
				checkCache(t, second, path, o)
				if first.Made == "" || second.Made != "" {
					t.Errorf("made since %q, and then since %q", first.Made, second.Made)
				}
				if left, err := os.ReadDir(folder); err != nil || len(left) != 1+len(cacheArrays) {
					t.Errorf("the folder holds %v, %v", left, err)
				}
			})
		}
	}
}

// TestCacheOfAnyTable: for small tables with all kinds of errors and options, a cache and Open give the same set or the same error.
func TestCacheOfAnyTable(t *testing.T) {
	needs64(t)
	r := rand.New(rand.NewPCG(7, 3))
	dir := t.TempDir()
	path, folder := filepath.Join(dir, "f.csv"), filepath.Join(dir, "cache")
	const enough = 12
	made, failed := 0, 0
	for made < enough || failed < enough {
		write(t, path, manyCSV[r.IntN(len(manyCSV))])
		o := CacheOptions{Options: Options{CSV: optionsOf(r), Format: CSV}}
		o.CSV.Expect = nil
		_, wantErr := Open(path, o.Options)
		if wantErr == nil && made >= enough || wantErr != nil && failed >= enough {
			continue
		}
		c, err := OpenCache(folder, []string{path}, o)
		if o.CSV.KeepMissing && err != nil && strings.Contains(err.Error(), "holds no value at all") {
			continue // Open keeps such a column
		}
		if fmt.Sprint(err) != fmt.Sprint(wantErr) {
			t.Fatalf("%+v: the error %v, want %v", o.CSV, err, wantErr)
		}
		if err != nil {
			if left, _ := filepath.Glob(filepath.Join(folder, ".*")); len(left) != 0 || IsCache(folder) {
				t.Fatalf("%v are left", left)
			}
			failed++
			continue
		}
		checkCache(t, c, path, o)
		c.Close()
		made++
	}
}

// TestCacheOfTables: several files count as one, whether all of them or only the first have a line of names. Other columns are an error.
func TestCacheOfTables(t *testing.T) {
	needs64(t)
	dir := t.TempDir()
	text := manyCells()
	names, rows, _ := strings.Cut(text, "\n")
	lines := strings.SplitAfter(rows, "\n")
	file := func(name, text string) string {
		path := filepath.Join(dir, name)
		write(t, path, text)
		return path
	}
	o := CacheOptions{Options: Options{CSV: CSVOptions{Categorical: []string{"color", "size"}, Weights: "w"}}, Scale: Auto, Intercept: true}
	whole := cacheOf(t, filepath.Join(dir, "whole"), file("whole.csv", text), o)
	part := func(lo, hi int) string { return strings.Join(lines[lo:hi], "") }
	for i, paths := range [][]string{
		{file("1.csv", names+"\n"+part(0, 10)), file("2.csv.gz", pack("gzip", names+"\r\n"+part(10, 5000))), file("3.csv", " "+names+"\n"+part(5000, len(lines)))},
		{file("4.csv", names+"\n"), file("5.csv", part(0, 8000)), file("6.csv", part(8000, len(lines)))},
	} {
		folder := filepath.Join(dir, fmt.Sprint("cache", i))
		c, err := OpenCache(folder, paths, o)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		if !sameMatrix(c.X, whole.X) || !sameBits(c.Y, whole.Y) || !sameBits(c.Weights, whole.Weights) || !reflect.DeepEqual(c.Features, whole.Features) ||
			!reflect.DeepEqual(c.Set.Columns, whole.Set.Columns) || !slices.Equal(c.ClassNames, whole.ClassNames) {
			t.Errorf("%d: other rows than those of one file", i)
		}
	}
	first := file("first.csv", "a,b,y\n1,2,0\n3,4,1\n")
	for text, want := range map[string]string{
		"b,a,y\n1,2,0\n":   "its columns have other names than those of " + first,
		"1,2,0\n1,2\n":     "further.csv:2: the line has 2 columns, the first line of first.csv has 3",
		"a,b,y\n1,x,0\n":   `further.csv:2:3: "x" in column "b" is not a number`,
		"":                 "there is no row in the file",
		"1,2,0\n1,2,yes\n": `further.csv:2:5: the label "yes" is a word, but the labels above are numbers`,
	} {
		_, err := OpenCache(filepath.Join(dir, "wrong"), []string{first, file("further.csv", text)}, CacheOptions{})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: the error %v, want one with %q", text, err, want)
		}
	}
	stream, err := WriteCache(filepath.Join(dir, "stream"), "stdin", strings.NewReader(text), o)
	if err != nil {
		t.Fatal(err)
	}
	defer stream.Close()
	if !sameMatrix(stream.X, whole.X) {
		t.Error("other rows from a stream")
	}
	o.CSV.Expect = whole.Set.Columns
	if _, err := WriteCache(filepath.Join(dir, "stream"), "stdin", strings.NewReader(text), o); err == nil {
		t.Error("a cache of rows to predict is made")
	}
}

// TestCacheOfParquet: the cache of Parquet files, whose row groups are read one after another, is the set that Open reads.
func TestCacheOfParquet(t *testing.T) {
	needs64(t)
	words := CSVOptions{Categorical: []string{"word", "byte"}, KeepMissing: true}
	for _, name := range []string{"plain", "groups", "pages", "required", "delta-zstd"} {
		for _, scale := range []Scale{"", Standard, Auto} {
			o := CacheOptions{Options: Options{CSV: words}, Scale: scale, Intercept: true}
			o.CSV.Dense = scale == Standard
			checkCache(t, cacheOf(t, filepath.Join(t.TempDir(), "cache"), parquetPath(name), o), parquetPath(name), o)
		}
	}
	o := CacheOptions{Options: Options{CSV: words}}
	twice, err := OpenCache(filepath.Join(t.TempDir(), "cache"), []string{parquetPath("groups"), parquetPath("plain")}, o)
	if err != nil {
		t.Fatal(err)
	}
	defer twice.Close()
	one, two := cacheOf(t, filepath.Join(t.TempDir(), "cache"), parquetPath("groups"), o), cacheOf(t, filepath.Join(t.TempDir(), "cache"), parquetPath("plain"), o)
	if !slices.Equal(twice.Y, slices.Concat(one.Y, two.Y)) {
		t.Error("the rows of two files do not follow one another")
	}
	fault := (*ParseError)(nil)
	if _, err := OpenCache(filepath.Join(t.TempDir(), "cache"), []string{parquetPath("plain"), parquetPath("text")}, o); !errors.As(err, &fault) || !strings.Contains(fault.What, "other names") {
		t.Error(err)
	}
	mixed := []string{parquetPath("numbers"), parquetPath("worded")}
	if _, err := OpenCache(filepath.Join(t.TempDir(), "cache"), mixed, CacheOptions{}); !errors.As(err, &fault) || !strings.Contains(fault.What, `the label "low" is a word, but the labels above are numbers`) {
		t.Error(err)
	}
}
