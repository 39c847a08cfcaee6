package data

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"reflect"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"testing/iotest"

	"pgregory.net/rapid"

	"steepest/internal/decimal"
	"steepest/internal/mutate"
)

// readPlainly is the simplest form of ReadLIBSVM. It returns nil for any error.
func readPlainly(text string, o LIBSVMOptions) *Set {
	m := &CSR{Cols: max(0, o.MinFeatures), Indptr: []int{0}}
	s := &Set{Name: "test", X: m}
	number := func(word string) float64 {
		if v, ok := decimal.Parse(word); ok {
			return v
		}
		return math.Inf(1)
	}
	for line := range strings.FieldsFuncSeq(text, func(r rune) bool { return r == '\n' || r == '\r' }) {
		line, _, _ = strings.Cut(line, "#")
		words := strings.FieldsFunc(line, func(r rune) bool { return strings.ContainsRune(" \t\v\f", r) })
		if len(words) == 0 {
			continue
		}
		if s.Y = append(s.Y, number(words[0])); !finite(number(words[0])) {
			return nil
		}
		last := -1
		for _, word := range words[1:] {
			index, value, found := strings.Cut(word, ":")
			j, err := strconv.ParseUint(index, 10, 32)
			if !o.ZeroBased {
				j--
			}
			if !found || err != nil || len(index) > mostDigits || j >= mostFeatures || int(j) <= last || !finite(number(value)) {
				return nil
			}
			last = int(j)
			m.Indices = append(m.Indices, uint32(j))
			m.Values = append(m.Values, number(value))
			m.Cols = max(m.Cols, last+1)
		}
		m.Indptr = append(m.Indptr, len(m.Values))
	}
	if m.Rows = len(s.Y); m.Rows == 0 {
		return nil
	}
	return s
}

// checkLIBSVM compares ReadLIBSVM with readPlainly, and a set with the set that is written and read again.
func checkLIBSVM(t interface{ Fatalf(string, ...any) }, text string, o LIBSVMOptions) {
	want := readPlainly(text, o)
	got, err := ReadLIBSVM("test", strings.NewReader(text), o)
	if want == nil {
		if fault := (*ParseError)(nil); !errors.As(err, &fault) {
			t.Fatalf("ReadLIBSVM(%q) = %v, %v, want a ParseError", text, got, err)
		}
		return
	}
	if err != nil || !sameSet(got, want) {
		t.Fatalf("ReadLIBSVM(%q) = %+v %v, want %+v", text, got, err, want)
	}
	var written bytes.Buffer
	if err := WriteLIBSVM(&written, got); err != nil {
		t.Fatalf("%v", err)
	}
	_, cols := got.X.Dims()
	again, err := ReadLIBSVM("test", &written, LIBSVMOptions{MinFeatures: cols})
	if err != nil || !sameSet(again, got) {
		t.Fatalf("written and read again, %+v became %+v (%v)", got, again, err)
	}
}

// sameSet compares sets with CSR matrices bit by bit.
func sameSet(a, b *Set) bool {
	x, y := a.X.(*CSR), b.X.(*CSR)
	return sameBits(a.Y, b.Y) && x.Rows == y.Rows && x.Cols == y.Cols && reflect.DeepEqual(x.Indptr, y.Indptr) &&
		bytes.Equal(fmt.Append(nil, x.Indices), fmt.Append(nil, y.Indices)) && sameBits(x.Values, y.Values)
}

func sameBits(a, b []float64) bool {
	if len(a) != len(b) {
		return false
	}
	for i, v := range a {
		if math.Float64bits(v) != math.Float64bits(b[i]) {
			return false
		}
	}
	return true
}

var trickyLIBSVM = []string{
	"+1 1:0.5 3:-2e-3 # a comment\n\n# a line\n-1\n2.5 2:1\r\n",
	"1 1:1\r-1 2:1\r\r\n# CR\r1 # \r", "1 1:1", "0", "\n", "", "#", "1#", "-0 1:-0\n", "1 4294967294:1\n", "1 4294967295:1\n", "1 00000003:1 0000000000000004:1\n",
	"1 00000000000000003:1\n", "1 0:1\n", "1 1:1 1:1\n", "1 2:1 1:1\n", "1 qid:3 1:1\n", "1,2 1:1\n", "1 1:\n", "1 1: 2\n", "1 1:nan\n",
	"inf 1:1\n", "1 1:1e999\n", "1 a:1\n", "1 -1:1\n", "1 1:1:1\n", "1 1\n", "1:1 2:1\n", "1\t1:1\v2:1\f3:1\r\n", "1 1:0x1p-2\n", "\ufeff1 1:1\n",
	"1 1:1\x002:1\n", "é 1:1\n", "1 99999999999999999999:1\n", "1 18446744073709551617:1\n", "1 12345678:1 123456789:12345678.12345678\n",
}

func TestReadLIBSVM(t *testing.T) {
	for _, text := range trickyLIBSVM {
		checkLIBSVM(t, text, LIBSVMOptions{})
		checkLIBSVM(t, text, LIBSVMOptions{ZeroBased: true, MinFeatures: 5})
	}
}

func FuzzReadLIBSVM(f *testing.F) {
	for _, text := range trickyLIBSVM {
		f.Add(text, false)
		f.Add(text, true)
	}
	f.Fuzz(func(t *testing.T, text string, zeroBased bool) {
		checkLIBSVM(t, text, LIBSVMOptions{ZeroBased: zeroBased})
	})
}

func TestReadLIBSVMMutations(t *testing.T) {
	mutate.Try(t, "data/FuzzReadLIBSVM", trickyLIBSVM, func(t *testing.T, text string, r *rand.Rand) {
		checkLIBSVM(t, text, LIBSVMOptions{ZeroBased: r.IntN(2) == 0})
	})
}

func TestReadLIBSVMValues(t *testing.T) {
	s, err := ReadLIBSVM("test", strings.NewReader("+1 1:0.5 3:-2e-3 # a comment\n\n# a line\n-1\n2.5 2:1\r\n"), LIBSVMOptions{MinFeatures: 4})
	if err != nil {
		t.Fatal(err)
	}
	want := &Set{Name: "test", Y: []float64{1, -1, 2.5}, X: &CSR{Rows: 3, Cols: 4, Indptr: []int{0, 2, 2, 3},
		Indices: []uint32{0, 2, 1}, Values: []float64{0.5, -0.002, 1}}}
	if !reflect.DeepEqual(s, want) {
		t.Errorf("got %+v %+v, want %+v %+v", s, s.X, want, want.X)
	}
}

// drawCSR draws a matrix with every kind of finite number.
func drawCSR(t *rapid.T) *CSR {
	m := &CSR{Cols: rapid.IntRange(1, 30).Draw(t, "cols"), Indptr: []int{0}}
	for range rapid.IntRange(1, 20).Draw(t, "rows") {
		for j := range m.Cols {
			if rapid.IntRange(0, 3).Draw(t, "stored") == 0 {
				m.Indices = append(m.Indices, uint32(j))
				m.Values = append(m.Values, rapid.Float64Range(-math.MaxFloat64, math.MaxFloat64).Draw(t, "value"))
			}
		}
		m.Indptr = append(m.Indptr, len(m.Values))
		m.Rows++
	}
	return m
}

func dense(m *CSR) *Dense {
	d := &Dense{Rows: m.Rows, Cols: m.Cols, Data: make([]float64, m.Rows*m.Cols)}
	for i := range m.Rows {
		for j, v := range rowOf(m, i) {
			d.Data[i*m.Cols+j] = v
		}
	}
	return d
}

func TestWriteLIBSVMRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := drawCSR(t)
		s := &Set{X: m, Y: rapid.SliceOfN(rapid.Float64Range(-1e300, 1e300), m.Rows, m.Rows).Draw(t, "labels")}
		var sparse, full bytes.Buffer
		if err := WriteLIBSVM(&sparse, s); err != nil {
			t.Fatal(err)
		}
		got, err := ReadLIBSVM("test", iotest.HalfReader(&sparse), LIBSVMOptions{MinFeatures: m.Cols})
		if err != nil || !sameSet(got, s) {
			t.Fatalf("got %+v, %v; want %+v", got, err, s)
		}
		if err := WriteLIBSVM(&full, &Set{X: dense(m), Y: s.Y}); err != nil {
			t.Fatal(err)
		}
		got, err = ReadLIBSVM("test", &full, LIBSVMOptions{MinFeatures: m.Cols})
		if err != nil || !reflect.DeepEqual(absZeros(dense(got.X.(*CSR))), absZeros(dense(m))) {
			t.Fatalf("the dense matrix came back as %+v, %v; want %+v", got, err, m)
		}
	})
}

// absZeros makes −0 into 0, which LIBSVM text of a dense matrix does not tell apart.
func absZeros(m *Dense) *Dense {
	for i := range m.Data {
		m.Data[i] += 0
	}
	return m
}

func TestWriteLIBSVMRefusesWhatIsNotFinite(t *testing.T) {
	for _, s := range []*Set{
		{X: &Dense{Rows: 1, Cols: 1, Data: []float64{math.NaN()}}, Y: []float64{1}},
		{X: &Dense{Rows: 1, Cols: 1, Data: []float64{1}}, Y: []float64{math.Inf(1)}},
	} {
		if err := WriteLIBSVM(io.Discard, s); err == nil {
			t.Errorf("%v %v was written", s.X, s.Y)
		}
	}
}

// TestReadLIBSVMBlocks reads a file of several blocks, one with a line longer than a block, in pieces of several sizes
// and by several workers.
func TestReadLIBSVMBlocks(t *testing.T) {
	var text strings.Builder
	for i := range 3000 {
		fmt.Fprintf(&text, "%d", i)
		features := i % 30
		if i == 1500 {
			features = 100000
		}
		for j := range features {
			fmt.Fprintf(&text, " %d:%d.%d", 3*j+1, i, j)
		}
		text.WriteString("\n")
	}
	want := readPlainly(text.String(), LIBSVMOptions{})
	for _, workers := range []int{1, 2, 7} {
		defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(workers))
		for _, r := range []io.Reader{
			strings.NewReader(text.String()),
			iotest.DataErrReader(strings.NewReader(text.String())),
			iotest.HalfReader(strings.NewReader(text.String())),
		} {
			got, err := ReadLIBSVM("test", r, LIBSVMOptions{})
			if err != nil || !sameSet(got, want) {
				t.Fatalf("%d workers: %v", workers, err)
			}
		}
	}
	_, err := ReadLIBSVM("big", strings.NewReader(text.String()+"1 2:1\n5 1:x\n6 1:x\n"), LIBSVMOptions{})
	if want := `big:3002:5: the value "x" of feature 1 is not a number; correct the value, or leave the feature out to make it 0`; err == nil || err.Error() != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
}

func TestCutLinesRefusesEndlessLine(t *testing.T) {
	text := strings.Repeat("1 1:1\n", 100000) + strings.Repeat("x", 3<<20)
	err := cutLines("f", strings.NewReader(text), 1<<20, func(*block) bool { return true })
	const want = "f:100001: the line is longer than 1 MiB; check that the file is text with a line for each example"
	if err == nil || err.Error() != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
}

// TestReadLIBSVMFailingReader: an error of the reader is not taken for the end of the file.
func TestReadLIBSVMFailingReader(t *testing.T) {
	for _, failure := range []error{io.ErrUnexpectedEOF, errors.New("disk on fire")} {
		r := io.MultiReader(strings.NewReader("1 1:1\n2 1:1\n"), iotest.ErrReader(failure))
		s, err := ReadLIBSVM("f", r, LIBSVMOptions{})
		if s != nil || !errors.Is(err, failure) || !strings.HasPrefix(err.Error(), "f: ") {
			t.Errorf("got %v, %v, want the error %v", s, err, failure)
		}
	}
}

func TestReadLIBSVMErrors(t *testing.T) {
	const correct = "; correct the value, or leave the feature out to make it 0"
	for _, c := range []struct{ text, want string }{
		{"", "f: there is no row in the file; check that it is the right file and complete"},
		{"# only words\n\n", "f: there is no row in the file; check that it is the right file and complete"},
		{"1 1:1\nspam 3:1\n", `f:2:1: the label "spam" is not a number; write a number for each class, such as 1 and -1`},
		{"\n  nan 3:1\n", `f:2:3: the label "nan" is not a finite number; correct the label or remove the row`},
		{"1,2 3:1", `f:1:1: "1,2" is not one number: it may be a list of labels, or a row of a CSV file; keep one label in each row, or read the file as CSV`},
		{"3:1 4:1", `f:1:1: the row starts with "3:1" where its label should stand; put a number and a blank before the first feature`},
		{"1 qid:3 1:1", `f:1:3: "qid:3" marks a file for learning to rank, which this reader does not support; remove the qid from every row to read it as ordinary examples`},
		{"1 1:1 0.5", `f:1:7: "0.5" is not a feature of the form index:value; write it like 3:0.5, with no blank around the colon`},
		{"1 age:1", `f:1:3: the feature index "age" is not a whole number from 1 to 4294967294; number the features; names cannot be read here`},
		{"1 -3:1", `f:1:3: the feature index "-3" is not a whole number from 1 to 4294967294; give each feature such a number`},
		{"1 4294967295:1", `f:1:3: the feature index "4294967295" is not a whole number from 1 to 4294967294; give each feature such a number`},
		{"1 0:1", "f:1:3: the feature index is 0, but the file is read as counting from 1; if it counts from 0, set ZeroBased"},
		{"1 2:1 00000000000000003:1", `f:1:7: the feature index "00000000000000003" has more than 16 digits; leave the zeros before it out`},
		{"1 2:1 2:1", "f:1:7: the feature index 2 stands twice in this row; keep one of the two"},
		{"1 3:1 2:1", "f:1:7: the feature index 2 comes after 3; sort the features of each row by index"},
		{"1 3: 2", "f:1:5: feature 3 has no value; write index:value with no blank around the colon"},
		{"1 3:x", `f:1:5: the value "x" of feature 3 is not a number` + correct},
		{"1 3:1:2", `f:1:5: the value "1:2" of feature 3 is not a number` + correct},
		{"1 3:-inf", `f:1:5: the value "-inf" of feature 3 is not a finite number` + correct},
		{"1 3:1e999", `f:1:5: the value "1e999" of feature 3 is not a finite number` + correct},
		{"1 3:" + strings.Repeat("ä", 50), `f:1:5: the value "` + strings.Repeat("ä", 20) + `"... of feature 3 is not a number` + correct},
	} {
		_, err := ReadLIBSVM("f", strings.NewReader(c.text), LIBSVMOptions{})
		if err == nil || err.Error() != c.want {
			t.Errorf("%q\n got %v\nwant %s", c.text, err, c.want)
		}
	}
}

// faulty panics instead of reading.
type faulty struct{}

func (faulty) Read([]byte) (int, error) { panic("a faulty reader") }

// TestPanicReachesCaller: a panic of the reader, after some text, reaches the caller, who can recover.
func TestPanicReachesCaller(t *testing.T) {
	for _, rows := range []int{0, 1, 1000, 100_000} {
		func() {
			defer func() {
				if v := recover(); v != "a faulty reader" {
					t.Errorf("after %d rows: recovered %v", rows, v)
				}
			}()
			_, err := ReadLIBSVM("test", io.MultiReader(strings.NewReader(strings.Repeat("1 1:0.5\n", rows)), faulty{}), LIBSVMOptions{})
			t.Errorf("after %d rows: %v", rows, err)
		}()
	}
}
