package data

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"unicode/utf16"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"

	"steepest/internal/mutate"
)

func pack(packer, text string) string {
	var b bytes.Buffer
	switch packer {
	case "gzip":
		w := gzip.NewWriter(&b)
		w.Write([]byte(text))
		w.Close()
	case "zstd":
		w, _ := zstd.NewWriter(&b)
		w.Write([]byte(text))
		w.Close()
	case "bzip2": // by bzip2 1.0.8, since Go has no writer, of "1 1:1\n"
		packed, _ := hex.DecodeString(bzip2Example)
		b.Write(packed)
	default:
		b.WriteString(text)
	}
	return b.String()
}

func TestReadFindsTheFormat(t *testing.T) {
	image := string(idx(8, []uint32{1, 1, 2}, []byte{5, 6}))
	labels := filepath.Join(t.TempDir(), "labels.gz")
	if err := os.WriteFile(labels, []byte(pack("gzip", string(idx(8, []uint32{1}, []byte{3})))), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		file, text string
		o          Options
		set        string
		y          float64
		dims       [2]int
	}{
		{"d/a.libsvm", "1 3:1\n", Options{}, "a", 1, [2]int{1, 3}},
		{"a.SVM", "2\n", Options{LIBSVM: LIBSVMOptions{MinFeatures: 2}}, "a", 2, [2]int{1, 2}},
		{"a9a.t", "# made by hand\n\n-1 3:1 4:1\n", Options{}, "a9a.t", -1, [2]int{1, 4}},
		{"a9a", "-1", Options{}, "a9a", -1, [2]int{1, 0}},
		{"a", "-1 # nothing\n1 2:1,5\n", Options{}, "", 0, [2]int{}},
		{"a.csv", "1,2,3\n", Options{}, "a", 3, [2]int{1, 2}},
		{"a.csv", "\ufeff1,2,3\n", Options{}, "a", 3, [2]int{1, 2}},
		{"a.tsv", "1\t3\n", Options{}, "a", 3, [2]int{1, 1}},
		{"a.tsv", "1,3\n", Options{CSV: CSVOptions{Delimiter: ','}}, "a", 3, [2]int{1, 1}},
		{"a.data", "1,2,3\n", Options{}, "a.data", 3, [2]int{1, 2}},
		{"a.data", "1;3\n", Options{CSV: CSVOptions{Delimiter: ';'}}, "a.data", 3, [2]int{1, 1}},
		{"a.csv", "1 2:1\n", Options{Format: LIBSVM}, "a", 1, [2]int{1, 2}},
		{"a", image, Options{IDX: IDXOptions{Labels: labels}}, "a", 3, [2]int{1, 2}},
		{"a-images-idx3-ubyte", image, Options{IDX: IDXOptions{Labels: labels}}, "a", 3, [2]int{1, 2}},
		{"a.idx", image, Options{IDX: IDXOptions{Labels: labels}}, "a", 3, [2]int{1, 2}},
	} {
		for _, packer := range []string{"", "gzip", "zstd"} {
			s, err := Read(c.file, strings.NewReader(pack(packer, c.text)), c.o)
			if c.set == "" {
				if err == nil {
					t.Errorf("%s %q: no error", c.file, c.text)
				}
				continue
			}
			if err != nil {
				t.Errorf("%s %q: %v", c.file, c.text, err)
				continue
			}
			rows, cols := s.X.Dims()
			if s.Name != c.set || [2]int{rows, cols} != c.dims || !reflect.DeepEqual(s.Y, []float64{c.y}) {
				t.Errorf("%s %q: %s %d %d %v, want %s %v %v", c.file, c.text, s.Name, rows, cols, s.Y, c.set, c.dims, c.y)
			}
		}
	}
}

func TestOpen(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("a.libsvm", pack("bzip2", ""))
	write("t-images-idx3-ubyte.gz", pack("gzip", string(idx(8, []uint32{2, 1, 2}, []byte{5, 6, 7, 8}))))
	write("t-labels-idx1-ubyte.gz", string(idx(8, []uint32{2}, []byte{1, 0})))
	s, err := Open(filepath.Join(dir, "a.libsvm"), Options{})
	if err != nil || s.Name != "a" || s.Y[0] != 1 || s.X.NNZ() != 1 {
		t.Errorf("bzip2: %+v, %v", s, err)
	}
	s, err = Open(filepath.Join(dir, "t-images-idx3-ubyte.gz"), Options{})
	want := &Set{Name: "t", Format: IDX, X: &Bytes{Rows: 2, Cols: 2, Data: []uint8{5, 6, 7, 8}}, Y: []float64{1, 0}}
	if err != nil || !reflect.DeepEqual(s, want) {
		t.Errorf("IDX: %+v, %v", s, err)
	}
	if _, err := Open(dir, Options{}); err == nil || err.Error() != dir+" is a directory; name a file in it" {
		t.Errorf("directory: %v", err)
	}
	if _, err := Open(filepath.Join(dir, "none"), Options{}); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no file: %v", err)
	}
}

func TestReadErrors(t *testing.T) {
	dir := t.TempDir()
	image := string(idx(8, []uint32{1, 1, 2}, []byte{5, 6}))
	labels := func(name, file string) Options {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(file), 0o600); err != nil {
			t.Fatal(err)
		}
		return Options{Format: IDX, IDX: IDXOptions{Labels: path}}
	}
	cut := func(s string) string { return s[:len(s)-3] }
	long := strings.Repeat("1 1:1\n", 1000)
	for _, c := range []struct {
		file, text string
		o          Options
		want       string
	}{
		{"f", "once upon a time", Options{}, "f: neither the name nor the content shows the format of the file; set Format to libsvm, csv, parquet, vw or idx"},
		{"f", "", Options{}, "f: there is no row in the file; check that it is the right file and complete"},
		{"f", "1 1:1", Options{Format: "arff"}, `data: unknown format "arff"; the formats are libsvm, csv, parquet, vw and idx`},
		{"f", "1 1:1", Options{CSV: CSVOptions{Drop: []string{"1"}}}, "f: the file is read as libsvm, whose columns cannot be chosen; leave out Columns, Drop and Categorical, or set Format to csv"},
		{"f.svm", "PK\x03\x04\x00\x00", Options{}, "f.svm: the file is a zip archive or a spreadsheet, which is not supported; unpack it, or save its table as CSV"},
		{"f.csv", "\xfd7zXZ\x00\x00", Options{}, "f.csv: the file is an xz archive, which is not supported; unpack it, or pack it with gzip or zstd"},
		{"f.csv", pack("gzip", pack("zstd", "1,2\n")), Options{}, "f.csv: the file is packed twice; unpack it once"},
		{"f.csv", "\n <!DOCTYPE html>", Options{}, "f.csv: the file is a page of the web or other HTML or XML, perhaps an error that came in place of the data; fetch the data again, as CSV or LIBSVM"},
		{"f.csv", pack("gzip", "{\"a\": 1}"), Options{}, "f.csv: the file is JSON; write its rows as CSV"},
		{"f.csv", "@RELATION iris\n", Options{}, "f.csv: the file is an ARFF file; write its rows as CSV"},
		{"f.csv", "par1,par2,y\n", Options{}, "f.csv: there is no row below the names in line 1; check that the file is complete"},
		{"f", "1 2 0\n", Options{}, "f: neither the name nor the content shows the format of the file; if blanks separate its columns, set Format to csv and Delimiter to \" \" where each is one blank, or put commas in their place"},
		{"f.svm", cut(pack("gzip", long)), Options{}, "f.svm: the gzip data is damaged (unexpected EOF); fetch the file again"},
		{"f.csv", cut(pack("gzip", "1,2\n")), Options{}, "f.csv: the gzip data is damaged (unexpected EOF); fetch the file again"},
		{"f.svm", cut(pack("zstd", long)), Options{}, "f.svm: the zstd data is damaged (unexpected EOF); fetch the file again"},
		{"f", cut(pack("gzip", string(parquetFileOf(t, "plain")))), Options{}, "f: the gzip data is damaged (unexpected EOF); fetch the file again"},
		{"f.svm", "BZh9 but no more", Options{}, "f.svm: the bzip2 data is damaged (bzip2 data invalid: bad magic value found); fetch the file again"},
		{"f.svm", "\x1f\x8b", Options{}, "f.svm: the gzip data is damaged (unexpected EOF); fetch the file again"},
		{"f", "\x1f\x8b", Options{}, "f: the gzip data is damaged (unexpected EOF); fetch the file again"},
		{"f.idx", image, Options{}, "f.idx: the name does not show which file holds the labels; set Labels to its path"},
		{"f", image, labels("many", string(idx(8, []uint32{2}, []byte{1, 2}))),
			"DIR/many: there are 2 labels for the 1 example of f; give the labels that belong to these examples"},
		{"f", image[:len(image)-2], labels("one too many", string(idx(8, []uint32{2}, []byte{1, 2}))), // before the elements are looked at
			"DIR/one too many: there are 2 labels for the 1 example of f; give the labels that belong to these examples"},
		{"f", image, labels("images", image), "DIR/images: labels of shape [1 1 2] have more than one dimension; give the file of labels, such as train-labels-idx1-ubyte"},
		{"f", string(idx(8, []uint32{0, 2}, []byte{})), labels("none", string(idx(8, []uint32{0}, []byte{}))),
			"f: there is no row in the file; check that it is the right file and complete"},
		{"f", image, Options{Format: IDX, IDX: IDXOptions{Labels: filepath.Join(dir, "missing")}},
			"f: its labels cannot be opened; set Labels to their path: open DIR/missing: no such file or directory"},
	} {
		s, err := Read(c.file, strings.NewReader(c.text), c.o)
		if want := strings.ReplaceAll(c.want, "DIR", dir); s != nil || err == nil || err.Error() != want {
			t.Errorf("%s %.20q\n got %v, %v\nwant %s", c.file, c.text, s, err, want)
		}
		if _, ok := errors.AsType[*ParseError](err); !ok && strings.Contains(c.want, "damaged") {
			t.Errorf("%s %.20q: the error is a %T", c.file, c.text, err)
		}
	}
}

// Text in the forms that spreadsheets of old Macs and of Windows write.
func TestReadEncodings(t *testing.T) {
	wide := func(text string, order binary.AppendByteOrder) string {
		var b []byte
		for _, c := range utf16.Encode([]rune(text)) {
			b = order.AppendUint16(b, c)
		}
		return string(b)
	}
	wider := func(text string, order binary.AppendByteOrder) string {
		var b []byte
		for _, c := range text {
			b = order.AppendUint32(b, uint32(c))
		}
		return string(b)
	}
	for name, text := range map[string]string{"t.csv": "größe;note\n1;🙂\n2;b\n", "t": "1 1:2\n-1 # größe 🙂\n1 2:3\n", "labels": "10\n11\n"} {
		want, err := Read(name, strings.NewReader(text), Options{})
		if err != nil || name == "t.csv" && !slices.Equal(want.ClassNames, []string{"b", "🙂"}) {
			t.Fatalf("%+v, %v", want, err)
		}
		macs, marked := strings.ReplaceAll(text, "\n", "\r"), "\ufeff"+text
		for what, text := range map[string]string{
			"CR": macs, "CR and no last": macs[:len(macs)-1], "CRLF": strings.ReplaceAll(text, "\n", "\r\n"), "CR and LF": strings.Replace(text, "\n", "\r", 1),
			"a mark": marked, "UTF-16": wide(marked, binary.LittleEndian), "UTF-16BE": wide(marked, binary.BigEndian), "UTF-16 and CR": wide("\ufeff"+macs, binary.LittleEndian),
			"UTF-16 and no mark": wide(text, binary.LittleEndian), "UTF-16BE and no mark": wide(text, binary.BigEndian),
			"UTF-32": wider(marked, binary.LittleEndian), "UTF-32BE": wider(marked, binary.BigEndian), "UTF-32 and CR": wider("\ufeff"+macs, binary.BigEndian),
			"UTF-32 and no mark": wider(text, binary.LittleEndian), "UTF-32BE and no mark": wider(text, binary.BigEndian),
		} {
			for _, r := range []io.Reader{strings.NewReader(text), iotest.OneByteReader(strings.NewReader(text)), iotest.DataErrReader(strings.NewReader(text))} {
				got, err := Read(name, r, Options{})
				if err != nil || !reflect.DeepEqual(got, want) {
					t.Errorf("%s, %s: got %+v, %v, want %+v", name, what, got, err, want)
				}
			}
		}
	}
	_, err := Read("t.csv", strings.NewReader("a,y\n1,2\n3,\"\xe9\n\"\n"), Options{})
	if want := "t.csv:3: the text is not UTF-8; save the file as UTF-8, or convert it, such as by iconv -f windows-1252 -t utf-8"; err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

// trickyFiles lists files of all formats and compressions.
func trickyFiles() []string {
	files := []string{"(\xb5/\xfd\xa4\xff\xff\xff\xff"}
	for _, packer := range []string{"", "gzip", "zstd", "bzip2"} {
		files = append(files, pack(packer, "1 1:1\n"), pack(packer, "a,b\n1,2\n"), pack(packer, "1 |f a\n"))
	}
	return files
}

// TestOpenUneven reads files in which the first lines are no measure of the others: short ones before long ones, the reverse, rows that are not plain
// before plain ones, and rows with more numbers than a series keeps at its start. Room is made for the rows of a file, but not much too much, and a
// stream must give the same rows, in their order.
func TestOpenUneven(t *testing.T) {
	long, short := "1", "0 1:5\n"
	for j := range 150 {
		long += fmt.Sprintf(" %d:%d", j+1, j%3)
	}
	long += "\n"
	var quoted, wide strings.Builder
	quoted.WriteString("note,a,b,y\n")
	for i := range 90_000 {
		note := "x"
		if i < 9000 {
			note = "\"x\nz\""
		}
		fmt.Fprintf(&quoted, "%s,%d,%d,%d\n", note, i, i, i%2)
	}
	for i := range 80 {
		wide.WriteString(strings.Repeat(fmt.Sprint(i, ","), fewElements+1) + fmt.Sprintln(i%2))
	}
	brief, broad := "1,2,0\n", "1.0000000000000,2.000000000000000,1\n"
	for name, text := range map[string]string{
		"short.libsvm": strings.Repeat(short, 200_000) + strings.Repeat(long, 3000),
		"long.libsvm":  strings.Repeat(long, 3000) + strings.Repeat(short, 200_000),
		"short.csv":    "a,b,y\n" + strings.Repeat(brief, 200_000) + strings.Repeat(broad, 90_000),
		"long.csv":     "a,b,y\n" + strings.Repeat(broad, 90_000) + strings.Repeat(brief, 200_000),
		"quoted.csv":   quoted.String(),
		"wide.csv":     wide.String(),
	} {
		path := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
		var o Options
		if name == "quoted.csv" {
			o.CSV.Drop = []string{"note"}
		}
		got, err := Open(path, o)
		if err != nil {
			t.Fatal(err)
		}
		want, err := Read(name, strings.NewReader(text), o)
		if err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%s: the rows of the file differ from those of the stream", name)
		}
		if all := stored(got.X); cap(all) > len(all)*4/3+fewElements || cap(got.Y) > len(got.Y)*4/3+fewElements {
			t.Errorf("%s: there is room for %d and %d numbers, and %d and %d came", name, cap(all), cap(got.Y), len(all), len(got.Y))
		}
	}
}

func FuzzRead(f *testing.F) {
	for _, file := range trickyFiles() {
		f.Add([]byte(file))
	}
	f.Fuzz(func(t *testing.T, file []byte) { checkRead(t, string(file)) })
}

func TestReadMutations(t *testing.T) {
	mutate.Try(t, "data/FuzzRead", trickyFiles(), func(t *testing.T, file string, _ *rand.Rand) { checkRead(t, file) })
}

// checkRead checks that any file gives rows, or an error with its name.
func checkRead(t *testing.T, file string) {
	if s, err := Read("f", strings.NewReader(file), Options{}); err == nil {
		if rows, _ := s.X.Dims(); rows != len(s.Y) || rows == 0 {
			t.Fatalf("% x gave %d rows and %d labels", file, rows, len(s.Y))
		}
	} else if !strings.HasPrefix(err.Error(), "f:") {
		t.Fatalf("the error does not name the file: %v", err)
	}
}

const bzip2Example = "425a683931415926535924d122c8000001d8000010400020102000218c8334d088bc5dc914e1424093448b20"
