package data

import (
	"encoding/csv"
	"errors"
	"io"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/iotest"

	"pgregory.net/rapid"
)

func TestReadCSV(t *testing.T) {
	for _, c := range []struct {
		name, text string
		o          CSVOptions
		want       Set
		x          []float64
	}{
		{"plain", "1,2,0\n3,-4e1,1\n", CSVOptions{}, Set{Y: []float64{0, 1}}, []float64{1, 2, 3, -40}},
		{"header", "a, b ,y\n1,2,0\n\n3,4,1", CSVOptions{}, Set{Y: []float64{0, 1}, Features: []string{"a", "b"}, Label: "y"}, []float64{1, 2, 3, 4}},
		{"label by name", "a,y,b\n1,7,2\n", CSVOptions{Label: "y"}, Set{Y: []float64{7}, Features: []string{"a", "b"}, Label: "y"}, []float64{1, 2}},
		{"name among numbers", "1,2,y\n1,7,2\n", CSVOptions{Label: "y"}, Set{Y: []float64{2}, Features: []string{"1", "2"}, Label: "y"}, []float64{1, 7}},
		{"label first", "1,7,2\n", CSVOptions{Label: "1"}, Set{Y: []float64{1}}, []float64{7, 2}},
		{"label from the end", "1,7,2\n", CSVOptions{Label: "-2"}, Set{Y: []float64{7}}, []float64{1, 2}},
		{"semicolons", "1;7;2\n", CSVOptions{Delimiter: ';'}, Set{Y: []float64{2}}, []float64{1, 7}},
		{"forced header", "1,2\n3,4\n", CSVOptions{Header: WithHeader}, Set{Y: []float64{4}, Features: []string{"1"}, Label: "2"}, []float64{3}},
		{"words", "1,b\n2, c\n3,b\n4,a\n", CSVOptions{}, Set{Y: []float64{1, 2, 1, 0}, ClassNames: []string{"a", "b", "c"}}, []float64{1, 2, 3, 4}},
		{"words and header", "x,y\n1,\"b, \"\"c\"\"\"\n2,a\n", CSVOptions{},
			Set{Y: []float64{1, 0}, Features: []string{"x"}, Label: "y", ClassNames: []string{"a", `b, "c"`}}, []float64{1, 2}},
		{"means", "1,NA,0\n,5,0\n3,?,0\nnan,7,0\n", CSVOptions{ImputeMean: true}, Set{Y: []float64{0, 0, 0, 0}},
			[]float64{1, 6, 2, 5, 3, 6, 2, 7}},
		{"missing in line 1", "?,1,0\n3,1,0\n", CSVOptions{ImputeMean: true}, Set{Y: []float64{0, 0}}, []float64{3, 1, 3, 1}},
	} {
		got, err := ReadCSV("f", strings.NewReader(c.text), c.o)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		c.want.Name, c.want.Dialect = "f", got.Dialect
		c.want.X = &Dense{Rows: len(c.want.Y), Cols: len(c.x) / len(c.want.Y), Data: c.x}
		if !reflect.DeepEqual(*got, c.want) {
			t.Errorf("%s: got %+v %v, want %+v %v", c.name, *got, got.X, c.want, c.want.X)
		}
	}
}

// What the start of a file shows of its delimiter, its decimal point and its header.
func TestReadCSVDialect(t *testing.T) {
	german := Dialect{';', ',', true}
	for _, c := range []struct {
		text string
		o    CSVOptions
		want Dialect
		x, y []float64
	}{
		{"1,2,0\n", CSVOptions{}, Dialect{',', '.', false}, []float64{1, 2}, []float64{0}},
		{"1,5;0\n", CSVOptions{}, Dialect{';', ',', false}, []float64{1.5}, []float64{0}},
		{"1,5;2,5;0\n3;4;1\n", CSVOptions{}, Dialect{';', ',', false}, []float64{1.5, 2.5, 3, 4}, []float64{0, 1}},
		{"1.5;0\n", CSVOptions{}, Dialect{';', '.', false}, []float64{1.5}, []float64{0}},
		{"\"a;b\";\"y\"\n1,5;0\n", CSVOptions{}, german, []float64{1.5}, []float64{0}},
		{"\"a\";\"b,c\";\"y\"\n1;2;0\n", CSVOptions{}, Dialect{';', '.', true}, []float64{1, 2}, []float64{0}},
		{"a;b, c;y\n1;-2,25e1;0\n", CSVOptions{}, german, []float64{1, -22.5}, []float64{0}},
		{"name, of a;y\n1;0\n", CSVOptions{}, Dialect{';', '.', true}, []float64{1}, []float64{0}},
		{"a\tb\ty\n1\t2\t0\n", CSVOptions{}, Dialect{'\t', '.', true}, []float64{1, 2}, []float64{0}},
		{"1,5\t2\t0\n", CSVOptions{}, Dialect{'\t', ',', false}, []float64{1.5, 2}, []float64{0}},
		{"a|y\n1|0\n", CSVOptions{}, Dialect{'|', '.', true}, []float64{1}, []float64{0}},
		{"a|y\n,5|0\n", CSVOptions{}, Dialect{'|', ',', true}, []float64{.5}, []float64{0}},
		{"1;2,0\n", CSVOptions{Delimiter: ';'}, Dialect{';', ',', false}, []float64{1}, []float64{2}},
		{"\"1,5\",\"2\"\n", CSVOptions{Decimal: ','}, Dialect{',', ',', false}, []float64{1.5}, []float64{2}},
		{"1:2\n", CSVOptions{Delimiter: ':'}, Dialect{':', '.', false}, []float64{1}, []float64{2}},
		// Commas between thousands are no decimal commas, unless another number shows that they are.
		{"1,234\t0\n", CSVOptions{Decimal: ','}, Dialect{'\t', ',', false}, []float64{1.234}, []float64{0}},
		{"1,234\t0\n0,5\t1\n7,5\t1\n", CSVOptions{}, Dialect{'\t', ',', false}, []float64{1.234, .5, 7.5}, []float64{0, 1, 1}},
		{"1,234;0\n5,678;1\n", CSVOptions{}, Dialect{';', ',', false}, []float64{1.234, 5.678}, []float64{0, 1}},
		// Marks for missing values, and what stands for 1 and 0.
		{"1.0,null,3,0\n2,1,3,0\n", CSVOptions{ImputeMean: true}, Dialect{',', '.', false}, []float64{1, 1, 3, 2, 1, 3}, []float64{0, 0}},
		{"1,-,0\n1,2,0\n1,None,0\n1,#N/A,0\n", CSVOptions{ImputeMean: true}, Dialect{',', '.', false}, []float64{1, 2, 1, 2, 1, 2, 1, 2}, []float64{0, 0, 0, 0}},
		{"a,y\nx,0\n-999.0,0\n2,0\n", CSVOptions{ImputeMean: true, Missing: []string{"x", "-999"}}, Dialect{',', '.', true}, []float64{2, 2, 2}, []float64{0, 0, 0}},
		{"a,y\nTRUE,0\nno,1\n", CSVOptions{}, Dialect{',', '.', true}, []float64{1, 0}, []float64{0, 1}},
		// A header has words where later rows have numbers.
		{",a,y\n0,1,0\n1,2,1\n", CSVOptions{}, Dialect{',', '.', true}, []float64{0, 1, 1, 2}, []float64{0, 1}},
		{"0,1,2,target\n5,6,7,1\n", CSVOptions{}, Dialect{',', '.', true}, []float64{5, 6, 7}, []float64{1}},
		{"No,a,b,y\n1,2,3,0\n", CSVOptions{}, Dialect{',', '.', true}, []float64{1, 2, 3}, []float64{0}},
		{"id,2019,y\n1,2,0\n", CSVOptions{}, Dialect{',', '.', true}, []float64{1, 2}, []float64{0}},
	} {
		s, err := ReadCSV("f", strings.NewReader(c.text), c.o)
		if err != nil {
			t.Errorf("%q: %v", c.text, err)
		} else if x := s.X.(*Dense).Data; *s.Dialect != c.want || !slices.Equal(x, c.x) || !slices.Equal(s.Y, c.y) {
			t.Errorf("%q: got %v %v %v, want %v %v %v", c.text, *s.Dialect, x, s.Y, c.want, c.x, c.y)
		}
	}
	for _, text := range []string{ // what line 1 is stays open, and no example is lost
		"1.0,unknown,3,0\n1,2,3,0\n", "1,abc,2\n3,4,5\n", "5.1,3.5,setosa\n4.9,3,0\n", "true,x,0\n1,2,0\n",
		"1,234\t0\n5,678\t1\n", "1,234|0\n5,678|1\n",
	} {
		if s, err := ReadCSV("f", strings.NewReader(text), CSVOptions{}); err == nil {
			t.Errorf("%q gave %v %v", text, s.X, s.Y)
		}
	}
}

// A quoted cell that never ends does not take the memory of the file.
func TestReadCSVLongRow(t *testing.T) {
	for _, c := range []struct{ start, fill, want string }{
		{"1,2\n\"3", "a", "f:2: the row is longer than 32 MiB; close the quote, if a cell starts with one, and check that the file is text"},
		{"\"", "a\n", "f:1: the row is longer than 32 MiB; close the quote, if a cell starts with one, and check that the file is text"},
		{"1,2\n3", "7", "f:2: the row is longer than 32 MiB; close the quote, if a cell starts with one, and check that the file is text"},
	} {
		read := &repeated{text: []byte(strings.Repeat(c.fill, 1<<15))}
		_, err := ReadCSV("f", io.MultiReader(strings.NewReader(c.start), read), CSVOptions{})
		if err == nil || err.Error() != c.want {
			t.Errorf("%q, %q, ... gives %v", c.start, c.fill, err)
		}
		if read.n > longestRow+2*sampledText {
			t.Errorf("%q, %q, ...: %d bytes were read", c.start, c.fill, read.n)
		}
	}
}

// repeated is a text without an end.
type repeated struct {
	text []byte
	n    int
}

func (r *repeated) Read(p []byte) (int, error) {
	n := copy(p, r.text)
	r.n += n
	return n, nil
}

// A file to predict is read by the names of the columns that the model was trained on.
func TestReadCSVExpect(t *testing.T) {
	named := &Columns{Count: 2, Features: []string{"a", "b"}, Label: "y"}
	unnamed := &Columns{Count: 2}
	for _, c := range []struct {
		name, text string
		o          CSVOptions
		want       Set
		x          []float64
	}{
		{"same", "a,b,y\n1,2,0\n", CSVOptions{Expect: named}, Set{Y: []float64{0}, Label: "y", Features: []string{"a", "b"}}, []float64{1, 2}},
		{"another order and more", "y,id,b,a\nred,x1,2,1\n", CSVOptions{Expect: named},
			Set{Y: []float64{0}, Label: "y", Features: []string{"b", "a"}, Skipped: []string{"id"}, ClassNames: []string{"red"}}, []float64{2, 1}},
		{"no labels", "b,a\n2,1\n", CSVOptions{Expect: named}, Set{Features: []string{"b", "a"}}, []float64{2, 1}},
		{"a column is missing", "b,c\n2,1\n", CSVOptions{Expect: named}, Set{Features: []string{"b"}, Skipped: []string{"c"}}, []float64{2}},
		{"labels of another name", "z,b,a\n7,2,1\n", CSVOptions{Expect: named, Label: "z"},
			Set{Y: []float64{7}, Label: "z", Features: []string{"b", "a"}}, []float64{2, 1}},
		{"labels unnamed by the model", "b,a,t\n2,1,7\n", CSVOptions{Expect: &Columns{Count: 2, Features: []string{"a", "b"}}},
			Set{Y: []float64{7}, Label: "t", Features: []string{"b", "a"}}, []float64{2, 1}},
		{"names that are numbers", "2,1\n4,3\n", CSVOptions{Expect: &Columns{Count: 2, Features: []string{"1", "2"}, Label: "y"}},
			Set{Features: []string{"2", "1"}}, []float64{4, 3}},
		{"no header", "1,2,red\n", CSVOptions{Expect: named}, Set{Y: []float64{0}, ClassNames: []string{"red"}}, []float64{1, 2}},
		{"no header, no labels", "1,2\n", CSVOptions{Expect: named}, Set{}, []float64{1, 2}},
		{"by position", "1,2,7\n", CSVOptions{Expect: unnamed}, Set{Y: []float64{7}}, []float64{1, 2}},
		{"by position, no labels", "1,2\n", CSVOptions{Expect: unnamed}, Set{}, []float64{1, 2}},
		{"one column", "1\n", CSVOptions{Expect: &Columns{Count: 1}}, Set{}, []float64{1}},
		{"header by position", "p,q\n1,2\n", CSVOptions{Expect: unnamed}, Set{Features: []string{"p", "q"}}, []float64{1, 2}},
	} {
		got, err := ReadCSV("f", strings.NewReader(c.text), c.o)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		c.want.Name, c.want.Dialect, c.want.X = "f", got.Dialect, &Dense{Rows: 1, Cols: len(c.x), Data: c.x}
		if !reflect.DeepEqual(*got, c.want) {
			t.Errorf("%s: got %+v %v, want %+v %v", c.name, *got, got.X, c.want, c.want.X)
		}
	}
}

func TestReadCSVErrors(t *testing.T) {
	for _, c := range []struct {
		text string
		o    CSVOptions
		want string
	}{
		{"", CSVOptions{}, "f: there is no row in the file; check that it is the right file and complete"},
		{"a,b\n", CSVOptions{}, "f: there is no row in the file; check that it is the right file and complete"},
		{"1:2:3\n", CSVOptions{}, `f:1:1: the line has only one column, "1:2:3"; set Delimiter if something other than ',' separates the columns; a label and at least one feature are needed`},
		{"1,2\n3,4,5\n", CSVOptions{}, "f:2: the line has 3 columns, the first line has 2; give every line the same columns, and quote cells that hold the delimiter"},
		{"1,2\n3\n", CSVOptions{}, "f:2: the line has 1 column, the first line has 2; give every line the same columns, and quote cells that hold the delimiter"},
		{"1,2\n3\"4,5\n", CSVOptions{}, `f:2:2: a quote " stands inside a cell that does not start with one; quote the whole cell, and write a quote within it as ""`},
		{"1,2\n\"3,5\n6,7\n", CSVOptions{}, `f:2: a quoted cell that starts in this line has no closing quote, or goes on after it; close the quote, and write a quote within the cell as ""`},
		{"1,2\n3,\n", CSVOptions{}, "f:2:3: the label is missing; fill it in or remove the row; Label names the column of the labels"},
		{"1,2\nNA,3\n", CSVOptions{}, `f:2:1: "NA" in column 1 stands for a missing value; set ImputeMean to use the column's mean, or fill it in, or remove the row`},
		{"age,y\n,3\n", CSVOptions{}, `f:2:1: the value of column "age" is missing; set ImputeMean to use the column's mean, or fill it in, or remove the row`},
		{"a,y\n1,3\n-999.0,3\n", CSVOptions{Missing: []string{"-999"}}, `f:3:1: "-999.0" in column "a" stands for a missing value; set ImputeMean to use the column's mean, or fill it in, or remove the row`},
		{"1,x,3\n?,y,3\n", CSVOptions{Label: "2", ImputeMean: true, Header: WithoutHeader}, ""},
		{"?,0\n?,0\n", CSVOptions{ImputeMean: true}, "f: column 1 holds no value at all, so it has no mean; remove the column"},
		{"0,?\n1,?\n", CSVOptions{Label: "1", ImputeMean: true}, "f: column 2 holds no value at all, so it has no mean; remove the column"},
		{"y,a,b\n0,1,\n1,2,\n", CSVOptions{ImputeMean: true, Label: "y"}, `f: column "b" holds no value at all, so it has no mean; remove the column`},
		{"1,2,0\n1,red,0\n", CSVOptions{}, `f:2:3: "red" in column 2 is not a number; if it stands for a missing value, set Missing to it; else correct it or remove the row`},
		{"1,red,0\n1,blue,0\n", CSVOptions{}, `f:1:3: "red" in column 2 is not a number; if line 1 holds the column names, set Header; else encode the column as numbers or remove it`},
		{"a,b,y\n1,red,0\n", CSVOptions{}, `f:2:3: "red" in column "b" is not a number; encode the column as numbers or remove it`},
		{"a,y\n1.5,0\n\"1,234.5\",1\n", CSVOptions{}, `f:3:1: "1,234.5" in column "a" is not a number; write the number without units and without marks that group its digits`},
		{"a;y\n1;0\n2,5;1\n", CSVOptions{Decimal: '.'}, `f:3:1: "2,5" in column "a" is not a number; set Decimal to "," if that is the decimal point of the file`},
		{"a;y\n1,5;0\n2.5;1\n", CSVOptions{Decimal: ','}, `f:3:1: "2.5" in column "a" is not a number; set Decimal to "." if that is the decimal point of the file`},
		{"a,y\n$5,0\n", CSVOptions{Header: WithHeader}, `f:2:1: "$5" in column "a" is not a number; write the number without units and without marks that group its digits`},
		{"# a table\n1,2,0\n", CSVOptions{}, `f:1: the line looks like a comment, "# a table"; remove it; a CSV file has no comments`},
		{"# of 2020, by us\n1,2,0\n", CSVOptions{}, `f:1: the line looks like a comment; remove it; a CSV file has no comments`},
		{"1,2,0\n# end\n", CSVOptions{}, `f:2: the line looks like a comment, "# end"; remove it; a CSV file has no comments`},
		{"1,2,0\n#3,4,1\n", CSVOptions{}, `f:2:1: "#3" in column 1 is not a number; remove the line if it is a comment, which a CSV file does not have`},
		{"1,2\n", CSVOptions{Delimiter: '"'}, `data: Delimiter is '"', which cannot separate columns; take a comma, semicolon, tab or bar`},
		{"1,2\n", CSVOptions{Delimiter: '\n'}, `data: Delimiter is '\n', which cannot separate columns; take a comma, semicolon, tab or bar`},
		{"1,2\n", CSVOptions{Decimal: '\''}, `data: Decimal is '\''; want a point or a comma`},
		{"1,2\n1,inf\n", CSVOptions{}, `f:2:3: "inf" is not a finite number; correct it or remove the row`},
		{"1,2\n1e999,0\n", CSVOptions{}, `f:2:1: "1e999" is not a finite number; correct it or remove the row`},
		{"1,2\n1,spam\n", CSVOptions{}, `f:2:3: the label "spam" is a word, but the labels above are numbers; write all labels as numbers or all as words`},
		{"1,y\n1,0\n", CSVOptions{}, `f:2:3: the label "0" is a number, but the first label is the word "y"; write all labels as numbers or all as words; if line 1 holds the column names, set Header`},
		{"a,b\n1,2\n", CSVOptions{Label: "c"}, `f:1: no column is named "c"; name one of "a b", or give its position`},
		{"a,b,a\n1,2,3\n", CSVOptions{Label: "a"}, `f:1:5: two columns are named "a"; give the label column's position`},
		{"1,2\n", CSVOptions{Label: "3"}, "f:1: the label column 3 does not exist in 2 columns; give a position from 1 to 2, or from -1 backwards"},
		{"1,2\n", CSVOptions{Label: "0"}, "f:1: the label column 0 does not exist in 2 columns; give a position from 1 to 2, or from -1 backwards"},
		{"1,2\n", CSVOptions{Label: "-3"}, "f:1: the label column -3 does not exist in 2 columns; give a position from 1 to 2, or from -1 backwards"},
		{"1,2\n", CSVOptions{Label: "y", Header: WithoutHeader}, `data: the label column "y" is a name, but the options say that f has no header: give the column's position`},
	} {
		got, err := ReadCSV("f", strings.NewReader(c.text), c.o)
		if c.want == "" && err == nil {
			continue
		}
		if err == nil || err.Error() != c.want {
			t.Errorf("%q\n got %v, %v\nwant %s", c.text, got, err, c.want)
		}
	}
}

func TestReadCSVFailingReader(t *testing.T) {
	failure := errors.New("disk on fire")
	_, err := ReadCSV("f", io.MultiReader(strings.NewReader("1,2\n3,4\n"), iotest.ErrReader(failure)), CSVOptions{})
	if !errors.Is(err, failure) || err.Error() != "f: disk on fire" {
		t.Errorf("got %v", err)
	}
}

// csvText writes a table by encoding/csv, the label being the last column.
func csvText(x *Dense, y []float64) string {
	var b strings.Builder
	w := csv.NewWriter(&b)
	for i, label := range y {
		var cells []string
		for _, v := range append(x.Row(i), label) {
			cells = append(cells, strconv.FormatFloat(v, 'g', -1, 64))
		}
		w.Write(cells)
	}
	w.Flush()
	return b.String()
}

func TestReadCSVRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		x := dense(drawCSR(t))
		y := rapid.SliceOfN(rapid.Float64Range(-math.MaxFloat64, math.MaxFloat64), x.Rows, x.Rows).Draw(t, "labels")
		s, err := ReadCSV("f", strings.NewReader(csvText(x, y)), CSVOptions{})
		if err != nil || !sameBits(s.X.(*Dense).Data, x.Data) || !sameBits(s.Y, y) {
			t.Fatalf("got %+v, %v, want %v %v", s, err, x, y)
		}
	})
}

func FuzzReadCSV(f *testing.F) {
	for _, text := range []string{"1,2,0\n3,-4e1,1\n", "a,b,y\n1,2,spam\n,?,ham\n", "\"1\",\"2\"\n", "\"1\n", "1,2\r\n\r\n3,4", "\ufeff1,2\n",
		"1,nan\n", "a,b,c\n1,2,x\n1,NA,y\n", ",\n,\n", "1e400,2\n", "a\n", "1,2,3\n1,2\n", "1\x00,2\n", "0x1p4,1\n",
		"1,5;0\n2,5;1\n", "\"a;b\";y\n1;0\n", "a\tb\n1\t2\n", "1|2\n3|4\n", "1.0,null,3,0\n1,2,3,4\n", ",a,y\n0,yes,1\n", "# c\n1,2\n"} {
		f.Add(text, "", false)
		f.Add(text, "-1", true)
		f.Add(text, "y", true)
	}
	f.Fuzz(func(t *testing.T, text, label string, impute bool) {
		s, err := ReadCSV("f", strings.NewReader(text), CSVOptions{Label: label, ImputeMean: impute})
		if err != nil {
			return
		}
		x := s.X.(*Dense)
		in := csv.NewReader(strings.NewReader(text))
		in.Comma = s.Dialect.Delimiter
		records, err := in.ReadAll()
		lines := len(records)
		if s.Dialect.Header {
			lines--
		}
		if err != nil || x.Rows != lines || len(s.Y) != lines || len(x.Data) != x.Rows*x.Cols || x.Cols != len(records[0])-1 {
			t.Fatalf("%q: %d rows of %d, %d labels, where encoding/csv has %d records (%v)", text, x.Rows, x.Cols, len(s.Y), len(records), err)
		}
		for _, v := range append(x.Data, s.Y...) {
			if !finite(v) {
				t.Fatalf("%q gave %v", text, v)
			}
		}
	})
}

func BenchmarkReadCSV(b *testing.B) {
	x := &Dense{Rows: 20000, Cols: 30, Data: make([]float64, 20000*30)}
	for i := range x.Data {
		x.Data[i] = float64(i*7919%100000) / 1000
	}
	text := csvText(x, make([]float64, x.Rows))
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := ReadCSV("bench", strings.NewReader(text), CSVOptions{}); err != nil {
			b.Fatal(err)
		}
	}
}
