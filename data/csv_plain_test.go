package data

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"fmt"
	"io"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
	"testing/iotest"

	"golang.org/x/text/encoding"
	"golang.org/x/text/transform"

	"steepest/internal/mutate"
)

// readCSVPlainly does the same as ReadCSV, with encoding/csv and row by row.
func readCSVPlainly(name string, r io.Reader, o CSVOptions) (*Set, error) {
	t, err := newTable(&o)
	if err != nil {
		return nil, err
	}
	t.in = csv.NewReader(t.open(name, r))
	t.in.Comma = t.Delimiter
	for {
		cells, err := t.in.Read()
		switch {
		case err == io.EOF && !t.begun:
			return nil, noRows(name)
		case err == io.EOF:
			return t.set()
		case err != nil:
			return nil, t.errorOf(cells, err)
		}
		t.last, _ = t.in.FieldPos(len(cells) - 1)
		if !t.begun {
			t.begun = true
			if err := t.begin(cells, t.sample, o); err != nil {
				return nil, err
			}
			if t.Header {
				continue
			}
		}
		if err := t.add(cells); err != nil {
			return nil, t.blame(cells, err)
		}
	}
}

// checkSameCSV compares the reader, with blocks of two sizes, with the plain one: both must return the same set or the same error.
func checkSameCSV(t *testing.T, text string, o CSVOptions, r *rand.Rand) {
	t.Helper()
	source := sourceOf(r.IntN(8) == 0)
	want, wantErr := readCSVPlainly("f", source(text), o)
	for _, size := range []int{1 + r.IntN(60), blockSize} {
		options := o
		table, err := newTable(&options)
		var got *Set
		if err == nil {
			if err = table.read(table.open("f", source(text)), size); err == nil {
				got, err = table.set()
			}
		}
		if fmt.Sprint(err) != fmt.Sprint(wantErr) || (got == nil) != (want == nil) {
			t.Fatalf("%q by %d bytes: %v\nwant %v", text, size, err, wantErr)
		}
		if got == nil {
			continue
		}
		same := sameMatrix(got.X, want.X) && sameBits(got.Y, want.Y)
		a, b := *got, *want
		a.X, a.Y, b.X, b.Y = nil, nil, nil, nil
		if !same || !reflect.DeepEqual(a, b) {
			t.Fatalf("%q by %d bytes: %+v %v\nwant %+v %v", text, size, got, got.X, want, want.X)
		}
	}
}

// sameMatrix compares matrices bit by bit.
func sameMatrix(a, b Matrix) bool {
	if x, ok := a.(*CSR); ok {
		return sameSet(&Set{X: x}, &Set{X: b})
	}
	x, y := a.(*Dense), b.(*Dense)
	return x.Rows == y.Rows && x.Cols == y.Cols && sameBits(x.Data, y.Data)
}

// manyCSV lists tables whose rows reach all branches of the parser.
var manyCSV = append([]string{
	"a,c,t,y\n1,red,x,0\n2,blue,\"two\nlines\",1\n3,\"re\"\"d\",\"z,z\",0\n4,,\"\",1\nyes,red,w,0\n0,blue,u,1\n5,NA,NA,1\n",
	"a,b,y\n1, 2 ,u\n\n3,\"4\",v\r\n\r\n5 , NA,u\n-999,7,w\n 8,9,TRUE\n",
	"a;b;y\n1,5;2;0\n2,5;-3,25e2;1\n1.5;2;0\n",
	"a,b,y\n0,true,1\n1,no,0\n1,YES,1\n0,1,0\n1,2,0\n",
	"a,y\n1,0\nyes,1\n5,1\n", "x,y\n1,a\n2,b\n3,4\n", "x,y\n1,2\n2,b\n", "a,b\n1,2\n3,4,5\n", "a,b\n1,2\n\"3\"x,5\n", "a,b\n1,2\n3\"x,5\n", "a,b\n1,2\n#3,5\nx,1\n",
	"a,b\n1,2\n1e400,5\n", "a\tb\n1\t2\n 3 \t 4 \n\t5\n", "a,b\n1,2\n3,5\nx\"\n", "1 2\n3 4\n5  6\n", "a,b\n1,2\n\xff,5\n", "1,2\n3,\u00a04\u00a0\n5,6",
	"é,b\n1,2\n\"\n\n\n\"\n3,4\n", "a,b,c,y\n1,2,3,0\n,2,,1\n?,-,none,0\n",
}, trickyCSV...)

// optionsOf returns options by number. They suit some of the tables.
func optionsOf(r *rand.Rand) CSVOptions {
	o := CSVOptions{Label: []string{"", "", "-1", "y", "a", "1"}[r.IntN(6)], ImputeMean: r.IntN(3) == 0, KeepMissing: r.IntN(3) == 0, Dense: r.IntN(2) == 0}
	o.Categorical = [][]string{nil, nil, {"c"}, {"2"}, {"c", "t"}}[r.IntN(5)]
	o.Drop = [][]string{nil, nil, {"t"}, {"3"}}[r.IntN(4)]
	o.Missing = [][]string{nil, {"-999"}, {"x"}}[r.IntN(3)]
	o.Delimiter = []rune{0, 0, 0, ';', '\t', ' ', '5', 'é'}[r.IntN(8)]
	o.Decimal = []rune{0, 0, '.', ','}[r.IntN(4)]
	o.Header = []Header{DetectHeader, DetectHeader, WithHeader, WithoutHeader}[r.IntN(4)]
	if r.IntN(3) == 0 {
		o.IgnoreUnknown = r.IntN(2) == 0
		o.Expect = &Columns{File: 4, Label: Column{Name: "y", At: 4}, Features: []Column{
			{Name: "c", At: 2, Categories: []string{"", "blue", "red"}}, {Name: "a", At: 1}}}
	}
	return o
}

// sourceOf returns a reader of a text. It may fail at the end.
func sourceOf(fails bool) func(string) io.Reader {
	return func(text string) io.Reader {
		if fails {
			return io.MultiReader(strings.NewReader(text), iotest.ErrReader(io.ErrUnexpectedEOF))
		}
		return strings.NewReader(text)
	}
}

// TestValidText compares with x/text, for texts that are cut anywhere.
func TestValidText(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	for range 5000 {
		var b []byte
		for range r.IntN(6) {
			b = append(b, []string{"a", "é", "€", "𝄞", "\xff", "\xe2", "\xe2\x82", "\xed\xa0\x80", "\xf0\x9d", "\x80", "\ufffd"}[r.IntN(11)]...)
		}
		failure := []error{nil, io.ErrUnexpectedEOF}[r.IntN(2)]
		source := func() io.Reader { return iotest.OneByteReader(io.MultiReader(bytes.NewReader(b), failing{failure})) }
		if r.IntN(2) == 0 {
			source = func() io.Reader { return iotest.DataErrReader(io.MultiReader(bytes.NewReader(b), failing{failure})) }
		}
		got, err := io.ReadAll(bufio.NewReader(&validText{r: source()}))
		want, wantErr := io.ReadAll(transform.NewReader(source(), encoding.UTF8Validator))
		if !bytes.Equal(got, want) || err != wantErr {
			t.Fatalf("%q: %q, %v; want %q, %v", b, got, err, want, wantErr)
		}
	}
}

func TestReadCSVPlainly(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	for _, text := range manyCSV {
		for range 50 {
			checkSameCSV(t, text, optionsOf(r), r)
		}
	}
}

func TestReadCSVPlainlyMutations(t *testing.T) {
	mutate.Try(t, "data/FuzzReadCSV", manyCSV, func(t *testing.T, text string, r *rand.Rand) {
		checkSameCSV(t, text, optionsOf(r), r)
	})
}

// FuzzReadCSVPlainly draws the options from a number.
func FuzzReadCSVPlainly(f *testing.F) {
	for i, text := range manyCSV {
		f.Add(text, uint64(i))
	}
	f.Fuzz(func(t *testing.T, text string, seed uint64) {
		r := rand.New(rand.NewPCG(seed, 0))
		checkSameCSV(t, text, optionsOf(r), r)
	})
}
