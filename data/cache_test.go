package data

import (
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// cacheOf opens a cache and closes it at the end of the test.
func cacheOf(t *testing.T, folder, path string, o CacheOptions) *Cache {
	t.Helper()
	c, err := OpenCache(folder, []string{path}, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

// checkCache compares a cache with the set that Open reads and Prepare prepares.
func checkCache(t *testing.T, c *Cache, path string, o CacheOptions) {
	t.Helper()
	want, err := Open(path, o.Options)
	if err != nil {
		t.Fatal(err)
	}
	var held *Set
	if h := o.HoldOut; h.Share > 0 {
		if want, held, err = Split(want, h.Share, h.Seed, h.Stratified != nil); err != nil {
			t.Fatal(err)
		}
	} else if h.Parts > 0 {
		folds, err := Folds(want, h.Parts, h.Seed, h.Stratified != nil)
		if err != nil {
			t.Fatal(err)
		}
		want, held = want.Rows(Others(folds[h.Part], len(want.Y))), want.Rows(folds[h.Part])
	}
	if held != nil {
		want, held, _ = WithoutUnseen(want, held)
	}
	_, columns := want.X.Dims()
	if density := Density(want.X); c.Columns != columns || math.Abs(c.Density-density) > 1e-12*density {
		t.Errorf("%d columns of density %v, want %d and %v", c.Columns, c.Density, columns, density)
	}
	kept := Occurring(want.X)
	if kept != nil {
		want.X = Select(want.X, kept)
	}
	x, features, err := Prepare(want.X, o.Scale, o.Intercept)
	if err != nil {
		t.Fatal(err)
	}
	if o.CSV.KeepMissing && features.Means == nil { // for rows to predict
		features.Means, _ = ColumnMeans(want.X)
	}
	features.Kept = kept
	if held != nil {
		if held.X, err = features.Apply(held.X); err != nil {
			t.Fatal(err)
		}
	}
	if !sameMatrix(c.X, x) || !sameBits(c.Y, want.Y) || !sameBits(c.Weights, want.Weights) {
		t.Fatalf("the rows of the cache are %+v, want %+v", c.X, x)
	}
	got, described := *c.Set, *want
	got.X, got.Y, got.Weights, described.X, described.Y, described.Weights = nil, nil, nil, nil, nil, nil
	if !reflect.DeepEqual(got, described) {
		t.Fatalf("the cache is %+v, want %+v", got, described)
	}
	if len(kept) == 0 {
		c.Features.Kept, features.Kept = nil, nil // one of them is empty but not nil
		c.Features.Scaling, features.Scaling = Scaling{}, Scaling{}
	}
	if !reflect.DeepEqual(c.Features, features) {
		t.Fatalf("the features of the cache are %+v, want %+v", c.Features, features)
	}
	if held == nil {
		if c.Held != nil || len(c.All.Y) != len(c.Y) {
			t.Fatal("rows are held out")
		}
		return
	}
	if !sameMatrix(c.Held.X, held.X) || !sameBits(c.Held.Y, held.Y) || !sameBits(c.Held.Weights, held.Weights) || !sameBits(c.All.Y, slices.Concat(want.Y, held.Y)) {
		t.Fatalf("the held-out rows are %+v, want %+v", c.Held.X, held.X)
	}
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// manyRows returns more rows than a block. Only the last row has the last column.
func manyRows(vw bool) string {
	var b strings.Builder
	for i := range 20_000 {
		if vw {
			fmt.Fprintf(&b, "%d %d |f a%d:0.5 %d b=%d |g c\n", i%2*2-1, 1+i%3, i%97, i%5, i%11)
		} else {
			fmt.Fprintf(&b, "%d 1:%v %d:1\n", i%2, float64(i)/7, 2+i%500+i/19_999)
		}
	}
	return b.String()
}

func needs64(t *testing.T) {
	if strconv.IntSize != 64 {
		t.Skip("a cache needs 64 bits")
	}
}

// TestCache: a cache is the set that Open reads and Prepare prepares: when it is made, when it is opened again, and by LoadCache.
func TestCache(t *testing.T) {
	needs64(t)
	for name, c := range map[string]struct {
		text string
		o    Options
	}{
		"rows.svm":    {manyRows(false), Options{}},
		"rows.svm.gz": {pack("gzip", manyRows(false)), Options{LIBSVM: LIBSVMOptions{MinFeatures: 3000}}},
		"rows.vw":     {manyRows(true), Options{VW: VWOptions{Bits: 12}}},
		"ones":        {"1 |f a\n-1 |f b\n", Options{}},
		"far.svm":     {"1 1:0 7:1e-3\n-1 4294967290:5\n1\n", Options{}},
		"no values":   {"1\n-1\n", Options{Format: LIBSVM}},
	} {
		for scale, intercept := range map[Scale]bool{"": false, Largest: true, UnitRows: true, Auto: false} {
			t.Run(fmt.Sprintf("%s %s %v", name, scale, intercept), func(t *testing.T) {
				o := CacheOptions{Options: c.o, Scale: scale, Intercept: intercept}
				path, folder := filepath.Join(t.TempDir(), name), filepath.Join(t.TempDir(), "cache")
				write(t, path, c.text)
				first := cacheOf(t, folder, path, o)
				checkCache(t, first, path, o)
				second := cacheOf(t, folder, path, o)
				checkCache(t, second, path, o)
				as, err := LoadCache(folder, nil)
				if err != nil {
					t.Fatal(err)
				}
				defer as.Close()
				checkCache(t, as, path, o)
				if first.Made != "there was none" || second.Made != "" || as.Made != "" {
					t.Errorf("made since %q, and then since %q, %q", first.Made, second.Made, as.Made)
				}
			})
		}
	}
}

// TestCacheOfSeveral: the rows of several files, and of a stream, are those of a single file with all their lines.
func TestCacheOfSeveral(t *testing.T) {
	needs64(t)
	dir := t.TempDir()
	text := manyRows(true)
	whole := filepath.Join(dir, "all.vw")
	write(t, whole, text)
	o := CacheOptions{Options: Options{VW: VWOptions{Bits: 12}}, Scale: Largest, Intercept: true}
	want := cacheOf(t, filepath.Join(dir, "whole"), whole, o)
	var paths []string
	for i, piece := range []string{text[:100_000], text[100_000:100_100], text[100_100:]} {
		paths = append(paths, filepath.Join(dir, fmt.Sprintf("%d.vw", i)))
		write(t, paths[i], piece)
	}
	cut := strings.LastIndexByte(text[:100_000], '\n') + 1
	write(t, paths[0], text[:cut])
	write(t, paths[1], text[cut:cut+strings.IndexByte(text[cut:], '\n')])
	write(t, paths[2], text[cut+strings.IndexByte(text[cut:], '\n'):])
	several, err := OpenCache(filepath.Join(dir, "several"), paths, o)
	if err != nil {
		t.Fatal(err)
	}
	defer several.Close()
	o.Format = VW // the name does not show it
	stream, err := WriteCache(filepath.Join(dir, "stream"), "stdin", strings.NewReader(text), o)
	if err != nil {
		t.Fatal(err)
	}
	defer stream.Close()
	for _, got := range []*Cache{several, stream} {
		if !reflect.DeepEqual(got.X, want.X) || !reflect.DeepEqual(got.Y, want.Y) || !reflect.DeepEqual(got.Weights, want.Weights) || !reflect.DeepEqual(got.Features, want.Features) {
			t.Errorf("%s: other rows than those of one file", got.Name)
		}
	}
	mixed := filepath.Join(dir, "mixed.svm")
	write(t, mixed, "1 1:1\n")
	fault := (*ParseError)(nil)
	o.Format = ""
	if _, err := OpenCache(filepath.Join(dir, "mixed"), []string{paths[0], mixed}, o); !errors.As(err, &fault) || fault.File != mixed {
		t.Errorf("two formats in one cache: %v", err)
	}
}

// TestCacheStale: a cache of another source, date, size or option is made anew.
func TestCacheStale(t *testing.T) {
	needs64(t)
	dir := t.TempDir()
	path, other, folder := filepath.Join(dir, "rows.vw"), filepath.Join(dir, "other.vw"), filepath.Join(dir, "cache")
	write(t, path, "1 |f a\n-1 |f b\n")
	write(t, other, "1 |f c\n-1 |f d\n")
	old := cacheOf(t, folder, path, CacheOptions{})
	for _, c := range []struct {
		path   string
		change func()
		o      CacheOptions
		why    string
	}{
		{path, func() {}, CacheOptions{}, ""},
		{path, func() { write(t, path, "1 |f a\n-1 |f b:3\n") }, CacheOptions{}, "its source has changed"},
		{path, func() { os.Chtimes(path, time.Time{}, time.Unix(1e9, 7)) }, CacheOptions{}, "its source has changed"},
		{path, func() {}, CacheOptions{Options: Options{VW: VWOptions{Bits: 7}}}, "its source was read with other options"},
		{path, func() {}, CacheOptions{Options: Options{VW: VWOptions{Bits: 7}}}, ""},
		{other, func() {}, CacheOptions{Options: Options{VW: VWOptions{Bits: 7}}}, "it was that of " + path},
	} {
		c.change()
		got := cacheOf(t, folder, c.path, c.o)
		checkCache(t, got, c.path, c.o)
		if got.Made != c.why {
			t.Errorf("made since %q, want %q", got.Made, c.why)
		}
	}
	if old.Columns != 1<<18 || old.Y[1] != -1 || old.X.(*CSR).Values[1] != 1 {
		t.Error("a cache that is open has changed with the new one")
	}
}

// TestCacheDamaged: a changed byte of any file, a file that is cut or missing, and a killed process are noticed.
func TestCacheDamaged(t *testing.T) {
	needs64(t)
	dir := t.TempDir()
	path, folder, o := filepath.Join(dir, "rows.vw"), filepath.Join(dir, "cache"), CacheOptions{Scale: Largest}
	write(t, path, "1 2 |f a b:0.5\n-1 |f b\n")
	cacheOf(t, folder, path, o)
	entries, err := os.ReadDir(folder)
	if err != nil || len(entries) != 1+len(cacheArrays) {
		t.Fatal(entries, err)
	}
	again := func(what string) {
		t.Helper()
		c := cacheOf(t, folder, path, o)
		checkCache(t, c, path, o)
		if c.Made == "" {
			t.Errorf("%s is not noticed", what)
		}
	}
	for _, e := range entries {
		file := filepath.Join(folder, e.Name())
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for i := 0; i < len(content); i += 1 + len(content)/5 {
			changed := []byte(string(content))
			changed[i] ^= 1 << (i % 8)
			write(t, file, string(changed))
			again(fmt.Sprintf("%s with another byte %d", e.Name(), i))
		}
		for _, size := range []int{0, len(content) / 2, len(content) - 1} {
			if size == len(content) || size < 0 {
				continue
			}
			write(t, file, string(content[:size]))
			again(fmt.Sprintf("%s of %d bytes", e.Name(), size))
		}
		write(t, file, string(content)+"x")
		again(e.Name() + " with one byte more")
		if err := os.Remove(file); err != nil {
			t.Fatal(err)
		}
		again("no " + e.Name())
	}
}

// TestCacheRefused: a folder that is no cache does not change, and a source with an error leaves no files.
func TestCacheRefused(t *testing.T) {
	needs64(t)
	dir := t.TempDir()
	good, bad, idx := filepath.Join(dir, "good.svm"), filepath.Join(dir, "bad.svm"), filepath.Join(dir, "rows.idx")
	write(t, good, "1 1:1\n")
	write(t, bad, manyRows(false)+"1 x:2\n")
	write(t, idx, "1,2\n")
	if _, err := OpenCache(dir, []string{good}, CacheOptions{}); err == nil || !strings.Contains(err.Error(), "is a folder with other files, such as bad.svm") {
		t.Error(err)
	}
	folder := filepath.Join(dir, "cache")
	fault := (*ParseError)(nil)
	if _, err := OpenCache(folder, []string{bad}, CacheOptions{}); !errors.As(err, &fault) || fault.Line != 20_001 || fault.Column != 3 {
		t.Error(err)
	}
	if left, _ := os.ReadDir(folder); len(left) != 0 {
		t.Errorf("%v are left", left)
	}
	if _, err := OpenCache(folder, []string{idx}, CacheOptions{}); !errors.As(err, &fault) || fault.Fix == "" {
		t.Error(err)
	}
	if _, err := OpenCache(folder, []string{filepath.Join(dir, "none")}, CacheOptions{}); !errors.Is(err, os.ErrNotExist) {
		t.Error(err)
	}
	if _, err := OpenCache(folder, []string{dir}, CacheOptions{}); err == nil || !strings.Contains(err.Error(), "is not a regular file") {
		t.Error(err)
	}
	if _, err := OpenCache(folder, []string{good}, CacheOptions{Options: Options{LIBSVM: LIBSVMOptions{MinFeatures: math.MaxInt}}}); err == nil {
		t.Error("too many features are read")
	}
}

// TestCacheHoldsOut: the rows of a cache, and those that it holds out, are those of Split in memory. The cache is made anew if other rows are to
// be held out.
func TestCacheHoldsOut(t *testing.T) {
	needs64(t)
	dir := t.TempDir()
	classes := func(*Set) (bool, error) { return true, nil }
	rare := strings.Replace(strings.Replace(manyCells(), ",red,", ",rust,", 1), ",blue,", ",teal,", 1)
	holes := strings.ReplaceAll(rare, ",5,", ",,")
	for name, o := range map[string]CacheOptions{
		"rows.svm":    {Scale: Largest, Intercept: true, HoldOut: HoldOut{Share: 0.3, Seed: 7, Stratified: classes}},
		"rows.vw":     {Options: Options{VW: VWOptions{Bits: 12}}, Scale: UnitRows, HoldOut: HoldOut{Share: 0.2, Seed: 1}},
		"far.svm":     {Scale: Auto, Intercept: true, HoldOut: HoldOut{Share: 0.5, Seed: 2}},
		"numbers.csv": {Options: Options{CSV: CSVOptions{Drop: []string{"color"}, Weights: "w"}}, Scale: Standard, Intercept: true, HoldOut: HoldOut{Part: 1, Parts: 3, Seed: 3, Stratified: classes}},
		"words.csv":   {Options: Options{CSV: CSVOptions{Categorical: []string{"color", "size"}, KeepMissing: true}}, Scale: Auto, HoldOut: HoldOut{Share: 0.9, Seed: 4}},
		"sparse.csv":  {Options: Options{CSV: CSVOptions{Categorical: []string{"color", "size"}, Drop: []string{"a", "b", "w"}}}, Intercept: true, HoldOut: HoldOut{Share: 0.9, Seed: 5, Stratified: classes}},
	} {
		path, folder := filepath.Join(dir, name), filepath.Join(dir, "cache of "+name)
		write(t, path, map[string]string{
			"rows.svm": manyRows(false), "rows.vw": manyRows(true), "far.svm": "1 1:0 7:1e-3\n-1 4294967290:5\n1\n-1 1:3 7:2\n",
			"numbers.csv": rare, "words.csv": holes, "sparse.csv": rare,
		}[name])
		t.Run(name, func(t *testing.T) {
			checkCache(t, cacheOf(t, folder, path, o), path, o)
			again := cacheOf(t, folder, path, o)
			if checkCache(t, again, path, o); again.Made != "" || again.HoldOut.Share != o.HoldOut.Share || again.HoldOut.Part != o.HoldOut.Part || again.HoldOut.Seed != o.HoldOut.Seed {
				t.Errorf("made since %q, with %+v", again.Made, again.HoldOut)
			}
			if unseen := name == "words.csv" || name == "sparse.csv"; unseen != slices.Contains(again.Unseen, "color=rust") {
				t.Errorf("no row to fit has %q", again.Unseen)
			}
		})
	}
	path, folder := filepath.Join(dir, "few.svm"), filepath.Join(dir, "cache of few")
	write(t, path, strings.Repeat("1 1:1\n2 2:1\n3 1:2\n", 4))
	for _, c := range []struct {
		h   HoldOut
		why string
	}{
		{HoldOut{}, "there was none"},
		{HoldOut{Seed: 3}, ""},
		{HoldOut{Share: 0.5, Seed: 3}, "its source was read with other options"},
		{HoldOut{Share: 0.5, Seed: 4}, "its source was read with other options"},
		{HoldOut{Share: 0.5, Seed: 4, Stratified: classes}, "its held-out rows were chosen for another kind of labels"},
		{HoldOut{Share: 0.5, Seed: 4, Stratified: classes}, ""},
		{HoldOut{Parts: 4, Seed: 4, Stratified: classes}, "its source was read with other options"},
		{HoldOut{Part: 3, Parts: 4, Seed: 4}, "its source was read with other options"},
	} {
		o := CacheOptions{HoldOut: c.h}
		got := cacheOf(t, folder, path, o)
		if checkCache(t, got, path, o); got.Made != c.why {
			t.Errorf("%+v: made since %q, want %q", c.h, got.Made, c.why)
		}
	}
	share := (*ShareError)(nil)
	for _, wrong := range []float64{-1, 1, math.NaN(), 0.01} {
		if _, err := OpenCache(folder, []string{path}, CacheOptions{HoldOut: HoldOut{Share: wrong}}); !errors.As(err, &share) {
			t.Errorf("a share of %v: %v", wrong, err)
		}
	}
	for _, wrong := range []HoldOut{{Part: 2, Parts: 2}, {Part: -1, Parts: 2}, {Parts: 1}, {Parts: 13}, {Share: 0.5, Parts: 2}} {
		if _, err := OpenCache(folder, []string{path}, CacheOptions{HoldOut: wrong}); err == nil {
			t.Errorf("%+v is no error", wrong)
		}
	}
	mine := errors.New("mine")
	if _, err := OpenCache(folder, []string{path}, CacheOptions{HoldOut: HoldOut{Share: 0.5, Stratified: func(*Set) (bool, error) { return false, mine }}}); !errors.Is(err, mine) {
		t.Error(err)
	}
}

// TestCacheSingle: the values in float32 are those in float64, rounded. Their file is made anew for another cache, and if it has been changed.
func TestCacheSingle(t *testing.T) {
	needs64(t)
	dir := t.TempDir()
	path, folder := filepath.Join(dir, "rows.svm"), filepath.Join(dir, "cache")
	write(t, path, manyRows(false))
	file := filepath.Join(folder, cacheSingle)
	check := func(o CacheOptions) {
		t.Helper()
		c := cacheOf(t, folder, path, o)
		fit, held, err := c.Single(nil)
		if err != nil {
			t.Fatal(err)
		}
		var want []float32
		for _, v := range slices.Concat(c.X.(*CSR).Values, c.Held.X.(*CSR).Values) {
			want = append(want, float32(v))
		}
		if len(fit) != c.X.NNZ() || !slices.Equal(slices.Concat(fit, held), want) {
			t.Fatal("other values than those in float64, rounded")
		}
	}
	o := CacheOptions{HoldOut: HoldOut{Share: 0.5}}
	check(o)
	made, err := os.Stat(file)
	if err != nil {
		t.Fatal(err)
	}
	check(o)
	if again, err := os.Stat(file); err != nil || !os.SameFile(made, again) {
		t.Error("the file is made twice", err)
	}
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for _, at := range []int{0, len(content) / 2, len(content) - 8, len(content) - 1} {
		changed := slices.Clone(content)
		changed[at] ^= 4
		write(t, file, string(changed))
		check(o)
	}
	write(t, file, string(content[:len(content)-4]))
	check(o)
	check(CacheOptions{Scale: Largest, HoldOut: HoldOut{Share: 0.5}})
	write(t, file, string(content)) // of the cache before
	check(CacheOptions{Scale: Largest, HoldOut: HoldOut{Share: 0.5}})
}
