package data

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/parquet-go/parquet-go/format"

	"steepest/internal/decimal"
	"steepest/internal/mutate"
)

func parquetPath(name string) string { return filepath.Join("testdata", "parquet", name+".parquet") }

func parquetFileOf(t testing.TB, name string) []byte {
	t.Helper()
	file, err := os.ReadFile(parquetPath(name))
	if err != nil {
		t.Fatal(err)
	}
	return file
}

// inMemory returns the bytes of a file as an open file.
func inMemory(file []byte) *io.SectionReader {
	return io.NewSectionReader(bytes.NewReader(file), 0, int64(len(file)))
}

// csvOfParquet returns the table that testdata/parquet.py has written, as CSV: all rows, or those without a missing cell.
func csvOfParquet(t *testing.T, required bool) string {
	t.Helper()
	return csvOfJSON(t, "table", required)
}

// csvOfJSON is csvOfParquet for the table with the given name.
func csvOfJSON(t *testing.T, name string, required bool) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", "parquet", name+".json"))
	if err != nil {
		t.Fatal(err)
	}
	var table struct {
		Names []string
		Cells map[string][]*string
	}
	if err := json.Unmarshal(text, &table); err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	w := csv.NewWriter(&out)
	w.Write(table.Names)
	for i := range table.Cells[table.Names[0]] {
		row := make([]string, len(table.Names))
		missing := false
		for j, name := range table.Names {
			if cell := table.Cells[name][i]; cell != nil {
				row[j] = *cell
			} else {
				missing = true
			}
		}
		if !missing || !required {
			w.Write(row)
		}
	}
	w.Flush()
	return out.String()
}

// sameTable compares sets, except their names and the way in which they were read.
func sameTable(t *testing.T, name string, got, want *Set) {
	t.Helper()
	g, w := *got, *want
	g.Name, g.Format, g.Dialect = "", "", nil
	w.Name, w.Format, w.Dialect = "", "", nil
	gx, wx := stored(g.X), stored(w.X)
	if !sameNumbers(gx, wx) {
		t.Errorf("%s: the numbers are\n%v\nwant\n%v", name, gx, wx)
	}
	g.X, w.X = nil, nil
	if !reflect.DeepEqual(g, w) {
		t.Errorf("%s: the set is\n%+v\nwant\n%+v", name, g, w)
	}
}

// sameNumbers compares the bits of numbers. All NaN are equal.
func sameNumbers(a, b []float64) bool {
	return slices.EqualFunc(a, b, func(a, b float64) bool { return a != a && b != b || sameBits([]float64{a}, []float64{b}) })
}

// TestReadParquet reads files of pyarrow in every encoding, and compares them with the same table as CSV.
func TestReadParquet(t *testing.T) {
	for _, o := range []CSVOptions{
		{KeepMissing: true, Categorical: []string{"word", "byte"}},
		{ImputeMean: true, Categorical: []string{"word", "bool", "price", "uint", "ulong"}, Label: "double", Drop: []string{"class", "text"}, Weights: "byte"},
		{KeepMissing: true, Columns: []string{"3-5", "text"}, Label: "bool", Dense: true, Missing: []string{"yes"}},
	} {
		all, err := ReadCSV("table", strings.NewReader(csvOfParquet(t, false)), o)
		if o.Label != "" { // which lack some
			if err == nil {
				t.Fatal("a label is missing, and there was no error")
			}
			all = nil
		} else if err != nil {
			t.Fatal(err)
		}
		required, err := ReadCSV("table", strings.NewReader(csvOfParquet(t, true)), o)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range []string{"plain", "snappy", "gzip-v2", "delta-zstd", "delta", "split-gzip", "groups", "pages", "required"} {
			want := all
			if name == "required" {
				want = required
			}
			got, err := Open(parquetPath(name), Options{CSV: o})
			if want == nil {
				if err == nil {
					t.Errorf("%s: a label is missing, and there was no error", name)
				}
				continue
			}
			if err != nil {
				t.Errorf("%s: %v", name, err)
				continue
			}
			if got.Name != name || got.Format != Parquet || got.Dialect != nil {
				t.Errorf("%s: its name is %q, its format %q", name, got.Name, got.Format)
			}
			sameTable(t, name, got, want)
		}
	}
}

// TestReadParquetDecimals reads decimals of up to 76 digits, stored as bytes and as integers, and compares them with the same table as CSV.
func TestReadParquetDecimals(t *testing.T) {
	for _, o := range []CSVOptions{
		{KeepMissing: true},
		{KeepMissing: true, Categorical: []string{"cents", "long", "most", "whole", "wide"}},
		{KeepMissing: true, Missing: []string{"-29.9"}, Columns: []string{"cents", "long", "most"}, Weights: "label", Label: "whole"},
	} {
		want, err := ReadCSV("table", strings.NewReader(csvOfJSON(t, "decimals", false)), o)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range []string{"decimals-plain", "decimals-words", "decimals-integers", "decimals-split", "decimals-delta"} {
			got, err := Open(parquetPath(name), Options{CSV: o})
			if err != nil {
				t.Errorf("%s: %v", name, err)
				continue
			}
			sameTable(t, name, got, want)
		}
	}
}

// TestParquetDecimalBytes: a decimal may have a few bytes or many, of any length, but not none and not too many.
func TestParquetDecimalBytes(t *testing.T) {
	c := &parquetChunk{field: &parquetField{kind: format.ByteArray, decimal: true, digits: 2}}
	words := &parquetChunk{field: c.field, category: true}
	for want, stored := range map[string][]byte{"-0.01": {255}, "1.27": {0, 127}, "-1.28": {255, 128}, "0.00": {0}, "184467440737095516.16": {1, 0, 0, 0, 0, 0, 0, 0, 0},
		"92233720368547758.08": {0, 128, 0, 0, 0, 0, 0, 0, 0}, "-92233720368547758.08": {128, 0, 0, 0, 0, 0, 0, 0}} {
		number, _ := decimal.Parse(want)
		in := append([]byte{byte(len(stored)), 0, 0, 0}, stored...)
		dst := make([]float64, 1)
		if err := c.plain(in).read(dst); err != nil || dst[0] != number {
			t.Errorf("%v is %v, %v, want %v", stored, dst[0], err, number)
		}
		if err := words.plain(in).read(dst); err != nil || words.spell(dst[0]) != want {
			t.Errorf("%v is spelled %q, %v, want %q", stored, words.spell(dst[0]), err, want)
		}
	}
	for _, n := range []int{0, mostDecimalBytes + 1} {
		if _, err := c.value(make([]byte, n)); err == nil {
			t.Errorf("%d bytes are a number", n)
		}
	}
}

// TestParquetHalf: each number of float16 is read as it is, and spelled by the fewest digits to which it is nearest.
func TestParquetHalf(t *testing.T) {
	c := &parquetChunk{field: &parquetField{kind: format.FixedLenByteArray, size: 2, half: true}}
	for bits, want := range map[uint16]string{0x2e66: "0.1", 0x3555: "0.3333", 0x3c00: "1", 0xfbff: "-65500", 1: "6e-08", 0x0400: "6.104e-05", 0x03ff: "6.1e-05",
		0xb800: "-0.5", 0x7bff: "65500", 0x4248: "3.14", 0: "0"} {
		v, err := c.value([]byte{byte(bits), byte(bits >> 8)})
		if got := c.spell(v); err != nil || got != want {
			t.Errorf("%#x is spelled %q, %v, want %q", bits, got, err, want)
		}
	}
	last := math.Inf(-1)
	for bits := range uint16(0x7c00) {
		v := ofHalf(bits)
		next := ofHalf(bits + 1)
		w := shortHalf(v)
		if v <= last || ofHalf(bits|0x8000) != -v || w <= (last+v)/2 || w >= (v+min(next, 1<<16))/2 || shortHalf(-v) != -w {
			t.Fatalf("%#x is %v, after %v and before %v, and shortest as %v", bits, v, last, next, w)
		}
		last = v
	}
	if !math.IsInf(ofHalf(0xfc00), -1) || !math.IsNaN(ofHalf(0x7c01)) {
		t.Errorf("not finite: %v, %v", ofHalf(0xfc00), ofHalf(0x7c01))
	}
}

// TestReadParquetLong reads row groups of several pieces, whose columns turn from a dictionary to plain numbers, with bands of 8, 6, 3 and 1 columns.
func TestReadParquetLong(t *testing.T) {
	for workers := 1; workers <= 3; workers++ {
		defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(workers))
		set, err := Open(parquetPath("long"), Options{})
		if err != nil {
			t.Fatal(err)
		}
		x := set.X.(*Dense)
		if x.Rows != 1200 || x.Cols != 9 || len(set.Y) != x.Rows {
			t.Fatalf("%d rows of %d columns and %d labels", x.Rows, x.Cols, len(set.Y))
		}
		for i := range x.Rows {
			if set.Y[i] != float64(i%3) {
				t.Fatalf("%d workers: label %d is %v", workers, i, set.Y[i])
			}
			for j, v := range x.Row(i) {
				if want := float64((j+1)*(i%(97*(j+1)))) / 4; v != want {
					t.Fatalf("%d workers: the number in row %d, column %d is %v, want %v", workers, i, j, v, want)
				}
			}
		}
	}
}

// TestHybrid compares packed numbers of each width with their bits, in steps that need not end at a byte.
func TestHybrid(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	in := make([]byte, 1000)
	for i := range in {
		in[i] = byte(r.Uint32())
	}
	for width := 1; width <= 32; width++ {
		n := 8 * len(in) / width
		h := hybrid{in: in, width: width, packed: n}
		for at := 0; at < n; {
			var got [parquetPiece]uint32
			dst := got[:min(1+r.IntN(parquetPiece), n-at)]
			if err := h.read(dst); err != nil {
				t.Fatal(err)
			}
			for i, v := range dst {
				if want := uint32(bitsAt(in, (at+i)*width, width)); v != want {
					t.Fatalf("width %d: number %d of %d is %d, want %d", width, at+i, n, v, want)
				}
			}
			if at += len(dst); r.IntN(2) == 0 && at%8 != 0 { // go on at a byte
				dst = got[:min(8-at%8, n-at)]
				if err := h.read(dst); err != nil {
					t.Fatal(err)
				}
				at += len(dst)
			}
		}
	}
}

// TestReadParquetExpected reads a file by the columns of another format, in another order, without a label and with a new word.
func TestReadParquetExpected(t *testing.T) {
	text := csvOfParquet(t, false)
	fit, err := ReadCSV("table", strings.NewReader(text), CSVOptions{KeepMissing: true, Categorical: []string{"word"}, Drop: []string{"class"}, Label: "constant"})
	if err != nil {
		t.Fatal(err)
	}
	for i, f := range fit.Columns.Features {
		if f.Name == "word" {
			fit.Columns.Features[i].Categories = f.Categories[1:]
		}
	}
	o := CSVOptions{Expect: fit.Columns, KeepMissing: true}
	_, want := ReadCSV("f", strings.NewReader(text), o)
	_, got := readParquet("f", inMemory(parquetFileOf(t, "groups")), o)
	if got == nil || want == nil || after(got.Error(), ": the") != after(want.Error(), ": the") || !strings.HasPrefix(got.Error(), "f: row ") {
		t.Errorf("the error is %v, want that of %v", got, want)
	}
	o.IgnoreUnknown = true
	wanted, err := ReadCSV("f", strings.NewReader(text), o)
	if err != nil {
		t.Fatal(err)
	}
	set, err := readParquet("f", inMemory(parquetFileOf(t, "groups")), o)
	if err != nil {
		t.Fatal(err)
	}
	sameTable(t, "groups", set, wanted)
}

// cut is a file of which only the bytes before and after a part can be read.
type cut struct {
	file     []byte
	from, to int64
	err      error
}

func (c cut) ReadAt(p []byte, at int64) (int, error) {
	if at < c.to && at+int64(len(p)) > c.from {
		return 0, c.err
	}
	return copy(p, c.file[at:]), nil
}

// TestParquetUnreadable reads files whose bytes cannot be read. The errors are those of the system, not about what the file holds.
func TestParquetUnreadable(t *testing.T) {
	file, broken := parquetFileOf(t, "plain"), errors.New("the disk is broken")
	n := int64(len(file))
	for _, c := range []struct {
		from, to int64
		err      error
		want     string
	}{
		{0, 4, io.EOF, "f was cut while it was read"},
		{n - 9, n - 8, broken, "the disk is broken"},
		{4, 5, broken, "the disk is broken"},
		{40, n / 2, io.EOF, "f was cut while it was read"},
	} {
		_, err := readParquet("f", io.NewSectionReader(cut{file, c.from, c.to, c.err}, 0, n), CSVOptions{KeepMissing: true, Categorical: []string{"word"}})
		var parse *ParseError
		if err == nil || err.Error() != c.want || errors.As(err, &parse) || c.err == broken && !errors.Is(err, broken) {
			t.Errorf("bytes %d..%d: the error is %v, want %s", c.from, c.to, err, c.want)
		}
	}
}

// TestParquetUnknownType reads files whose column of words claims types that no version of the format has.
func TestParquetUnknownType(t *testing.T) {
	file := parquetFileOf(t, "tiny-gzip")
	for _, kind := range []byte{0x01, 0x10, 0x2c} { // −1, 8 and 22 in Thrift's encoding; words are 6, which is 0x0c
		other := bytes.ReplaceAll(file, []byte{0x15, 0x0c}, []byte{0x15, kind})
		_, err := readParquet("f", inMemory(other), CSVOptions{KeepMissing: true})
		if err == nil || !strings.HasPrefix(err.Error(), `f: column "word" holds values of an unknown type; `) {
			t.Errorf("type %#x: the error is %v", kind, err)
		}
	}
}

// TestParquetSameError reads a file with an error in row 2 of its last feature and one in row 301 of another. Any number of
// workers, and so of bands, finds the same error.
func TestParquetSameError(t *testing.T) {
	file := parquetFileOf(t, "long")
	fit, err := readParquet("f", inMemory(file), CSVOptions{Categorical: []string{"x3", "x8"}})
	if err != nil {
		t.Fatal(err)
	}
	for i, f := range fit.Columns.Features {
		switch f.Name {
		case "x3":
			fit.Columns.Features[i].Categories = slices.DeleteFunc(f.Categories, func(c string) bool { return c == "300" })
		case "x8":
			fit.Columns.Features[i].Categories = slices.DeleteFunc(f.Categories, func(c string) bool { return c == "2.25" })
		}
	}
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	for workers := 1; workers <= 9; workers++ {
		runtime.GOMAXPROCS(workers)
		_, err := readParquet("f", inMemory(file), CSVOptions{Expect: fit.Columns})
		if err == nil || !strings.HasPrefix(err.Error(), `f: row 2: the model knows no category "2.25" of column "x8"`) {
			t.Errorf("%d workers: the error is %v", workers, err)
		}
	}
}

func after(text, mark string) string {
	_, rest, _ := strings.Cut(text, mark)
	return rest
}

func TestReadParquetErrors(t *testing.T) {
	plain := parquetFileOf(t, "plain")
	changed := func(at int, to ...byte) []byte {
		file := bytes.Clone(plain)
		copy(file[(at+len(file))%len(file):], to)
		return file
	}
	odd := parquetFileOf(t, "odd")
	keep := CSVOptions{KeepMissing: true}
	for _, c := range []struct {
		file []byte
		o    CSVOptions
		want string
	}{
		{nil, keep, `f: the file is no Parquet file; check that it is the right file and complete`},
		{[]byte("a,b\n1,2\n3,4\n5,6\n"), keep, `f: the file is no Parquet file; check that it is the right file and complete`},
		{plain[:len(plain)-1], keep, `f: the file is damaged: its end is missing; fetch it, or write it again`},
		{changed(-1, 'E'), keep, `f: the file is encrypted; write it without encryption`},
		{changed(-8, 255, 255, 255), keep, `f: the file is damaged: the list of columns at its end is longer than the file; fetch it, or write it again`},
		{changed(-8, 5, 0, 0), keep, `f: the file is damaged: the list of columns at its end cannot be read; fetch it, or write it again`},
		{changed(4, 0x15, 0x00, 0x15, 0xff, 0xff, 0xff, 0xff, 0x0f), keep, `f: column "double" is damaged: a page has no head that can be read; fetch the file, or write it again`},
		{plain, keep, `f: row 1: "red" in column "word" is not a number`},
		{plain, CSVOptions{Categorical: []string{"word"}}, `f: row 7: the value of column "double" is missing; set ImputeMean to use the column's mean, or fill it in, or remove the row`},
		{plain, CSVOptions{KeepMissing: true, Categorical: []string{"word"}, Label: "clas"}, `f: Label: no column is named "clas"; did you mean "class"?`},
		{odd, keep, `f: column "list" holds lists, maps or records; write it as columns of numbers or words, or set Drop to "list" to leave it out`},
		{odd, CSVOptions{Columns: []string{"record"}}, `f: column "record" holds lists, maps or records; write it as columns of numbers or words, or set Drop to "record" to leave it out`},
		{odd, CSVOptions{Columns: []string{"day"}}, `f: column "day" holds dates or times; write it as columns of numbers or words, or set Drop to "day" to leave it out`},
		{odd, CSVOptions{Columns: []string{"x"}, Label: "time"}, `f: column "time" holds dates or times; write it as columns of numbers or words, or set Label to the column of the labels`},
		{odd, CSVOptions{Columns: []string{"fixed"}}, `f: column "fixed" holds bytes of a fixed length; write it as columns of numbers or words, or set Drop to "fixed" to leave it out`},
		{parquetFileOf(t, "brotli"), keep, `f: column "y" is packed by BROTLI, which cannot be read; write the file with snappy, gzip, zstd or no compression`},
	} {
		_, err := readParquet("f", inMemory(c.file), c.o)
		var parse *ParseError
		if !errors.As(err, &parse) || !strings.HasPrefix(err.Error(), c.want) {
			t.Errorf("%+v: the error is\n%v, want\n%s", c.o, err, c.want)
		}
	}
	_, err := Read("stdin", bytes.NewReader(plain), Options{Format: CSV})
	if want := "stdin: the file is a Parquet file; set Format to parquet"; err == nil || err.Error() != want {
		t.Errorf("the error is %v, want %s", err, want)
	}
}

// TestReadParquetStream: a stream of a Parquet file, packed or not, gives the set of the file, in memory and as a cache. No file is left behind.
func TestReadParquetStream(t *testing.T) {
	needs64(t)
	t.Setenv("TMPDIR", t.TempDir())
	o := Options{CSV: CSVOptions{Categorical: []string{"word", "byte"}, KeepMissing: true}}
	path := parquetPath("plain")
	want, err := Open(path, o)
	if err != nil {
		t.Fatal(err)
	}
	for _, packer := range []string{"", "gzip"} {
		packed := pack(packer, string(parquetFileOf(t, "plain")))
		got, err := Read("plain", strings.NewReader(packed), o)
		if err != nil {
			t.Fatal(err)
		}
		sameTable(t, packer, got, want)
		folder := t.TempDir()
		c, err := WriteCache(folder, "plain", strings.NewReader(packed), CacheOptions{Options: o, Scale: Largest})
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		checkCache(t, c, path, CacheOptions{Options: o, Scale: Largest})
		if left, err := os.ReadDir(folder); err != nil || len(left) != 1+len(cacheArrays) {
			t.Errorf("the folder holds %v, %v", left, err)
		}
	}
	if left, err := os.ReadDir(os.TempDir()); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

// TestReadParquetSome: only the selected columns are read. Other columns may have types that cannot be read, and the index of pandas is not a
// column.
func TestReadParquetSome(t *testing.T) {
	set, err := Open(parquetPath("odd"), Options{CSV: CSVOptions{Columns: []string{"x"}}})
	if err != nil {
		t.Fatal(err)
	}
	skipped := []string{"list", "record", "day", "time", "fixed", "big", "__index_level_0__"}
	if x := set.X.(*Dense); !sameBits(x.Data, []float64{1, 2}) || !sameBits(set.Y, []float64{0, 1}) || !slices.Equal(set.Skipped, skipped) {
		t.Errorf("the set is %+v with %v", set, x)
	}
}

func TestReadParquetText(t *testing.T) {
	var got []string
	read := func(column string) error {
		return ReadParquetText(parquetPath("text"), column, func(text []byte) error {
			got = append(got, string(text))
			return nil
		})
	}
	if err := read("text"); err != nil || !slices.Equal(got, []string{"one two", "", "", "three\nfour"}) {
		t.Errorf("%q, %v", got, err)
	}
	got = nil
	long := []string{strings.Repeat("a", 300), strings.Repeat("b", 300), strings.Repeat("c", 300)} // the head of a page repeats two of them
	if err := ReadParquetText(parquetPath("heads"), "text", func(text []byte) error {
		got = append(got, string(text))
		return nil
	}); err != nil || !slices.Equal(got, long) {
		t.Errorf("%q, %v", got, err)
	}
	for column, want := range map[string]string{
		"n":   `column "n" holds no text; name another one of "n", "text"`,
		"txt": `no column is named "txt"; did you mean "text"?`,
	} {
		if err := read(column); err == nil || !strings.HasSuffix(err.Error(), want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
}

// TestParquetBelievesNoSize: a size claimed in a file takes no memory before it is checked.
func TestParquetBelievesNoSize(t *testing.T) {
	list := append([]byte{0x15, 0x02, 0x19, 0xfc}, 0xff, 0xff, 0xff, 0xff, 0x07) // 2³¹ − 1 elements of the schema
	deep := append([]byte{0x15, 0x02}, bytes.Repeat([]byte{0xac}, 1<<20)...)     // structs in unknown fields
	for name, footer := range map[string][]byte{"list": list, "deep": deep} {
		file := append([]byte(startMagic), footer...)
		file = append(file, byte(len(footer)), byte(len(footer)>>8), byte(len(footer)>>16), 0)
		file = append(file, magic...)
		boundedParquet(t, file)
		if _, err := readParquet("f", inMemory(file), CSVOptions{}); err == nil || !strings.Contains(err.Error(), "the list of columns at its end cannot be read") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// boundedParquet reads a file, and fails where that allocates more than twice its size and 64 MiB.
func boundedParquet(t *testing.T, file []byte) {
	t.Helper()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	checkParquet(t, file)
	runtime.ReadMemStats(&after)
	if n := after.TotalAlloc - before.TotalAlloc; n > uint64(2*len(file)+64<<20) {
		t.Fatalf("%d bytes were allocated for %d", n, len(file))
	}
}

// checkParquet checks that any file gives rows, or an error with its name.
func checkParquet(t *testing.T, file []byte) {
	t.Helper()
	for _, o := range []CSVOptions{{}, {KeepMissing: true, Categorical: []string{"word"}}} {
		s, err := readParquet("f", inMemory(file), o)
		if err != nil {
			if !strings.HasPrefix(err.Error(), "f:") {
				t.Fatalf("the error does not name the file: %v", err)
			}
			continue
		}
		if rows, _ := s.X.Dims(); rows != len(s.Y) || rows == 0 {
			t.Fatalf("%d rows and %d labels", rows, len(s.Y))
		}
	}
	readParquetText("f", inMemory(file), "word", func([]byte) error { return nil })
}

func trickyParquet(t testing.TB) (files []string) {
	for _, name := range []string{"plain", "delta", "split", "snappy", "zstd", "gzip"} {
		files = append(files, string(parquetFileOf(t, "tiny-"+name)))
	}
	return files
}

// fewRows limits the rows of hostile files to 8 MiB.
func fewRows(t testing.TB) {
	bytes, there := fewBytes, available
	fewBytes, available = 8<<20, func() float64 { return 0 }
	t.Cleanup(func() { fewBytes, available = bytes, there })
}

func FuzzReadParquet(f *testing.F) {
	fewRows(f)
	for _, file := range trickyParquet(f) {
		f.Add([]byte(file))
	}
	f.Fuzz(boundedParquet)
}

func TestReadParquetMutations(t *testing.T) {
	fewRows(t)
	mutate.Try(t, "data/FuzzReadParquet", trickyParquet(t), func(t *testing.T, file string, _ *rand.Rand) { checkParquet(t, []byte(file)) })
}

// TestReadParquetCut cuts a file at each position, and changes each of its bytes.
func TestReadParquetCut(t *testing.T) {
	fewRows(t)
	for _, name := range []string{"tiny-zstd", "tiny-delta"} {
		file := parquetFileOf(t, name)
		for i := range file {
			if _, err := readParquet("f", inMemory(file[:i]), CSVOptions{}); err == nil {
				t.Fatalf("%s: the first %d bytes are a file", name, i)
			}
			other := bytes.Clone(file)
			other[i] ^= byte(1 + i%255)
			checkParquet(t, other)
		}
	}
}

func ExampleReadParquet() {
	set, err := ReadParquet("testdata/parquet/groups.parquet", CSVOptions{Columns: []string{"byte", "constant"}})
	if err != nil {
		fmt.Println(err)
		return
	}
	rows, columns := set.X.Dims()
	fmt.Println(rows, columns, set.Features, set.ClassNames)
	// Output: 60 2 [byte constant] [no perhaps yes]
}

// TestParquetSpellsAsCSV: numbers become categories as a CSV file would have them.
func TestParquetSpellsAsCSV(t *testing.T) {
	c := &parquetChunk{field: &parquetField{kind: format.Int64}}
	if single := (&parquetChunk{field: &parquetField{kind: format.Float}}).spell(float64(float32(0.1))); single != "0.1" {
		t.Errorf("a float32 is spelled %s", single)
	}
	for v, want := range map[float64]string{1234567: "1234567", -20000000: "-20000000", 0.25: "0.25", 1e22: "1e+22", 7: "7"} {
		if got := c.spell(v); got != want {
			t.Errorf("%v is spelled %q, want %q", v, got, want)
		}
	}
}
