package data

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/iotest"

	"pgregory.net/rapid"

	"steepest/internal/mutate"
)

func TestReadCSV(t *testing.T) {
	for _, c := range []struct {
		name, text string
		o          CSVOptions
		want       Set
		x          []float64
	}{
		{"plain", "1,2,0\n3,-4e1,1\n", CSVOptions{}, Set{Y: []float64{0, 1}}, []float64{1, 2, 3, -40}},
		{"header", "a, b ,y\n1,2,0\n\n3,4,1", CSVOptions{}, Set{Y: []float64{0, 1}, Features: []string{"a", "b"}, Columns: labelled("y")}, []float64{1, 2, 3, 4}},
		{"label by name", "a,y,b\n1,7,2\n", CSVOptions{Label: "y"}, Set{Y: []float64{7}, Features: []string{"a", "b"}, Columns: labelled("y")}, []float64{1, 2}},
		{"name among numbers", "1,2,y\n1,7,2\n", CSVOptions{Label: "y"}, Set{Y: []float64{2}, Features: []string{"1", "2"}, Columns: labelled("y")}, []float64{1, 7}},
		{"label first", "1,7,2\n", CSVOptions{Label: "1"}, Set{Y: []float64{1}}, []float64{7, 2}},
		{"label from the end", "1,7,2\n", CSVOptions{Label: "-2"}, Set{Y: []float64{7}}, []float64{1, 2}},
		{"semicolons", "1;7;2\n", CSVOptions{Delimiter: ';'}, Set{Y: []float64{2}}, []float64{1, 7}},
		{"forced header", "1,2\n3,4\n", CSVOptions{Header: WithHeader}, Set{Y: []float64{4}, Features: []string{"1"}, Columns: labelled("2")}, []float64{3}},
		{"words", "1,b\n2, c\n3,b\n4,a\n", CSVOptions{}, Set{Y: []float64{1, 2, 1, 0}, ClassNames: []string{"a", "b", "c"}}, []float64{1, 2, 3, 4}},
		{"words and header", "x,y\n1,\"b, \"\"c\"\"\"\n2,a\n", CSVOptions{},
			Set{Y: []float64{1, 0}, Features: []string{"x"}, Columns: labelled("y"), ClassNames: []string{"a", `b, "c"`}}, []float64{1, 2}},
		{"means", "1,NA,0\n,5,0\n3,?,0\nnan,7,0\n", CSVOptions{ImputeMean: true}, Set{Y: []float64{0, 0, 0, 0}, Missing: 4},
			[]float64{1, 6, 2, 5, 3, 6, 2, 7}},
		{"missing in line 1", "?,1,0\n3,1,0\n", CSVOptions{ImputeMean: true}, Set{Y: []float64{0, 0}, Missing: 1}, []float64{3, 1, 3, 1}},
	} {
		got, err := ReadCSV("f", strings.NewReader(c.text), c.o)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		if got.label() != c.want.label() {
			t.Errorf("%s: the labels are in %q, want %q", c.name, got.label(), c.want.label())
		}
		c.want.Name, c.want.Dialect, c.want.Columns = "f", got.Dialect, got.Columns
		c.want.X = &Dense{Rows: len(c.want.Y), Cols: len(c.x) / len(c.want.Y), Data: c.x}
		if !reflect.DeepEqual(*got, c.want) {
			t.Errorf("%s: got %+v %v, want %+v %v", c.name, *got, got.X, c.want, c.want.X)
		}
	}
}

// The delimiter, the decimal point and the header are detected from the start of a file.
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
		// Marks for missing values, and words for 1 and 0.
		{"1.0,null,3,0\n2,1,3,0\n", CSVOptions{ImputeMean: true}, Dialect{',', '.', false}, []float64{1, 1, 3, 2, 1, 3}, []float64{0, 0}},
		{"1,-,0\n1,2,0\n1,None,0\n1,#N/A,0\n", CSVOptions{ImputeMean: true}, Dialect{',', '.', false}, []float64{1, 2, 1, 2, 1, 2, 1, 2}, []float64{0, 0, 0, 0}},
		{"a,y\nx,0\n-999.0,0\n2,0\n", CSVOptions{ImputeMean: true, Missing: []string{"x", "-999"}}, Dialect{',', '.', true}, []float64{2, 2, 2}, []float64{0, 0, 0}},
		{"a,y\nTRUE,0\nno,1\n", CSVOptions{}, Dialect{',', '.', true}, []float64{1, 0}, []float64{0, 1}},
		// The line that tells Excel the delimiter is not a row, and the option Delimiter overrides it.
		{"sep=;\na;y\n1,5;0\n", CSVOptions{}, german, []float64{1.5}, []float64{0}},
		{"sep=,\r\n1,2\r\n", CSVOptions{}, Dialect{',', '.', false}, []float64{1}, []float64{2}},
		{"\"sep=\t\"\n1\t2\n", CSVOptions{}, Dialect{'\t', '.', false}, []float64{1}, []float64{2}},
		{"sep=:\n1:2\n", CSVOptions{}, Dialect{':', '.', false}, []float64{1}, []float64{2}},
		{"sep=;\n1|2\n", CSVOptions{Delimiter: '|'}, Dialect{'|', '.', false}, []float64{1}, []float64{2}},
		{"sep=a,y\n1,2\n", CSVOptions{}, Dialect{',', '.', true}, []float64{1}, []float64{2}},
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
		"1,234\t0\n5,678\t1\n", "1,234|0\n5,678|1\n", "sep=\"\n1,2\n", "sep=;\n",
	} {
		if s, err := ReadCSV("f", strings.NewReader(text), CSVOptions{}); err == nil {
			t.Errorf("%q gave %v %v", text, s.X, s.Y)
		}
	}
}

// A quoted cell that never ends does not take the memory of the file.
func TestReadCSVLongRow(t *testing.T) {
	for k, c := range []struct{ start, fill, want string }{
		{"1,2\n\"3", "a", "f:2: the row is longer than 32 MiB; close the quote, if a cell starts with one, and check that the file is text"},
		{"\"", "a\n", "f:1: the row is longer than 32 MiB; close the quote, if a cell starts with one, and check that the file is text"},
		{"1,2\n3", "7", "f:2: the row is longer than 32 MiB; close the quote, if a cell starts with one, and check that the file is text"},
	} {
		if testing.Short() && k > 0 { // under the race detector each takes ten seconds
			break
		}
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

// labelled returns columns with a name for the labels.
func labelled(name string) *Columns { return &Columns{Label: Column{Name: name}} }

// label returns the name of the column of the labels.
func (s *Set) label() string {
	if s.Columns == nil {
		return ""
	}
	return s.Columns.Label.Name
}

// numbersOf returns columns of numbers that a model was fitted to, the labels last.
func numbersOf(label string, names ...string) *Columns {
	c := &Columns{File: len(names) + 1, Label: Column{Name: label, At: len(names) + 1}}
	for j, name := range names {
		c.Features = append(c.Features, Column{Name: name, At: j + 1})
	}
	return c
}

// A file to predict is read by the names of the columns that the model was trained on, in their order.
func TestReadCSVExpect(t *testing.T) {
	named, unnamed := numbersOf("y", "a", "b"), numbersOf("", "", "")
	colored := &Columns{File: 4, Label: Column{Name: "y", At: 1}, Features: []Column{
		{Name: "c", At: 2, Categories: []string{"blue", "red"}}, {Name: "a", At: 4}}}
	chosen := &Columns{File: 5, Label: Column{At: 2}, Features: []Column{{At: 1}, {At: 4}}}
	ab, yes := []string{"a", "b"}, []float64{0}
	for _, c := range []struct {
		name, text string
		o          CSVOptions
		want       Set
		x          []float64
	}{
		{"same", "a,b,y\n1,2,0\n", CSVOptions{Expect: named}, Set{Y: yes, Columns: labelled("y"), Features: ab}, []float64{1, 2}},
		{"another order and more", "y,id,b,a\nred,x1,2,1\n", CSVOptions{Expect: named},
			Set{Y: yes, Columns: labelled("y"), Features: ab, Skipped: []string{"id"}, ClassNames: []string{"red"}}, []float64{1, 2}},
		{"no labels", "b,a\n2,1\n", CSVOptions{Expect: named}, Set{Features: ab}, []float64{1, 2}},
		{"labels of another name", "z,b,a\n7,2,1\n", CSVOptions{Expect: named, Label: "z"}, Set{Y: []float64{7}, Columns: labelled("z"), Features: ab}, []float64{1, 2}},
		{"labels unnamed by the model", "b,a,t\n2,1,7\n", CSVOptions{Expect: numbersOf("", "a", "b")},
			Set{Y: []float64{7}, Columns: labelled("t"), Features: ab}, []float64{1, 2}},
		{"no column of the name of the labels", "a,b,z\n1,2,7\n", CSVOptions{Expect: named}, Set{Features: ab, Skipped: []string{"z"}}, []float64{1, 2}},
		{"names that are numbers", "2,1\n4,3\n", CSVOptions{Expect: numbersOf("y", "1", "2")}, Set{Features: []string{"1", "2"}}, []float64{3, 4}},
		{"names that stand twice", "a,a,y\n1,2,0\n", CSVOptions{Expect: numbersOf("y", "a", "a")},
			Set{Y: yes, Columns: labelled("y"), Features: []string{"a", "a"}}, []float64{1, 2}},
		{"no header", "1,2,red\n", CSVOptions{Expect: named}, Set{Y: yes, Features: ab, ClassNames: []string{"red"}}, []float64{1, 2}},
		{"no header, no labels", "1,2\n", CSVOptions{Expect: named}, Set{Features: ab}, []float64{1, 2}},
		{"by position", "1,2,7\n", CSVOptions{Expect: unnamed}, Set{Y: []float64{7}}, []float64{1, 2}},
		{"by position, no labels", "1,2\n", CSVOptions{Expect: unnamed}, Set{}, []float64{1, 2}},
		{"one column", "1\n", CSVOptions{Expect: numbersOf("", "")}, Set{}, []float64{1}},
		{"header by position", "p,q\n1,2\n", CSVOptions{Expect: unnamed}, Set{Features: []string{"p", "q"}}, []float64{1, 2}},
		{"some columns by position", "1,7,2,3,4\n", CSVOptions{Expect: chosen}, Set{Y: []float64{7}}, []float64{1, 3}},
		{"some columns by position, no labels", "1,2,3,4\n", CSVOptions{Expect: chosen}, Set{}, []float64{1, 3}},
		{"these columns alone", "1,3\n", CSVOptions{Expect: chosen}, Set{}, []float64{1, 3}},
		{"these columns and the labels", "1,3,7\n", CSVOptions{Expect: chosen}, Set{Y: []float64{7}}, []float64{1, 3}},
		{"labels by position", "7,1,3\n", CSVOptions{Expect: chosen, Label: "1"}, Set{Y: []float64{7}}, []float64{1, 3}},
		{"categories", "a,c,y\n5,red,0\n", CSVOptions{Expect: colored}, Set{Y: yes, Columns: labelled("y"), Features: []string{"c=blue", "c=red", "a"}}, []float64{0, 1, 5}},
		{"categories by position", "u,v,red,w,5\n", CSVOptions{Expect: &Columns{File: 6, Label: Column{At: 6}, Features: []Column{
			{At: 3, Categories: []string{"blue", "red"}}, {At: 5}}}}, Set{Features: []string{"3=blue", "3=red", "5"}}, []float64{0, 1, 5}},
		{"an unknown category", "a,c\n5,green\n", CSVOptions{Expect: colored, IgnoreUnknown: true},
			Set{Features: []string{"c=blue", "c=red", "a"}, Unknown: 1}, []float64{0, 0, 5}},
		{"a category that is missing", "a,c\n5,NA\n", CSVOptions{Expect: colored, IgnoreUnknown: true},
			Set{Features: []string{"c=blue", "c=red", "a"}, Unknown: 1}, []float64{0, 0, 5}},
	} {
		got, err := ReadCSV("f", strings.NewReader(c.text), c.o)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		if got.label() != c.want.label() {
			t.Errorf("%s: the labels are in %q, want %q", c.name, got.label(), c.want.label())
		}
		c.want.Name, c.want.Dialect, c.want.Columns, c.want.X = "f", got.Dialect, got.Columns, &Dense{Rows: 1, Cols: len(c.x), Data: c.x}
		if !reflect.DeepEqual(*got, c.want) {
			t.Errorf("%s: got %+v %v, want %+v %v", c.name, *got, got.X, c.want, c.want.X)
		}
	}
	for _, c := range []struct {
		text string
		o    CSVOptions
		want string
	}{
		{"b,c\n2,1\n", CSVOptions{Expect: named}, `f:1: there is no column "a", which the model needs; name the columns in line 1 as in the data that the model was fitted to`},
		{"Color,b\n2,1\n", CSVOptions{Expect: numbersOf("y", "color", "b")}, `f:1: there is no column "color", which the model needs; name it in line 1; is it "Color"?`},
		{"p,a\n2,1\n", CSVOptions{Expect: numbersOf("y", "b", "a", "c")}, `f:1: there are no columns "b", "c", which the model needs; name the columns in line 1 as in the data that the model was fitted to`},
		{"b,a,b\n2,9,3\n", CSVOptions{Expect: named}, `f:1: two columns are named "b"; remove one of them`},
		{"b,a,y\n2,9,3\n", CSVOptions{Expect: named, Label: "a"}, `f:1:3: Label: column "a" is a feature of the model; set Label to another column`},
		{"1,2,3,4\n", CSVOptions{Expect: named}, "f:1: there are 4 columns, and the model takes 2 features, with or without a label; give a file with the same columns, or name the columns in line 1 of both"},
		{"a,c\n1,red\n5,green\n", CSVOptions{Expect: colored}, `f:3:3: the model knows no category "green" of column "c", only "blue", "red"; correct it, or set IgnoreUnknown to count it as none of them`},
		{"a,c\n5,\n", CSVOptions{Expect: colored}, `f:2:3: the value of column "c" is missing, and none was missing in the data that the model was fitted to; correct it, or set IgnoreUnknown to count it as none of them`},
		{"a,c\nx,red\n", CSVOptions{Expect: colored}, `f:2:1: "x" in column "a" is not a number; correct it; the model was fitted to numbers there`},
	} {
		if s, err := ReadCSV("f", strings.NewReader(c.text), c.o); err == nil || err.Error() != c.want {
			t.Errorf("%q\n got %+v, %v\nwant %s", c.text, s, err, c.want)
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
		{"a,b\n", CSVOptions{}, "f: there is no row below the names in line 1; check that the file is complete"},
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
		{"?,0\n?,0\n", CSVOptions{ImputeMean: true}, "f: column 1 holds no value at all, so it has no mean; set Drop to 1 to leave it out"},
		{"0,?\n1,?\n", CSVOptions{Label: "1", ImputeMean: true}, "f: column 2 holds no value at all, so it has no mean; set Drop to 2 to leave it out"},
		{"y,a,b\n0,1,\n1,2,\n", CSVOptions{ImputeMean: true, Label: "y"}, `f: column "b" holds no value at all, so it has no mean; set Drop to "b" to leave it out`},
		{"y,a,\"b, c\"\n0,1,\n1,2,\n", CSVOptions{ImputeMean: true, Label: "y"}, `f: column "b, c" holds no value at all, so it has no mean; set Drop to "\"b, c\"" to leave it out`},
		{"1,2,0\n1,red,0\n", CSVOptions{}, `f:2:3: "red" in column 2 is not a number; if it stands for a missing value, set Missing to it; else correct it or remove the row`},
		{"1,red,0\n1,blue,0\n", CSVOptions{}, `f:1:3: "red" in column 2 is not a number; if line 1 holds the column names, set Header; else set Categorical to "2" if its words are categories, or set Drop to "2" to leave it out`},
		{"a,b,y\n1,red,0\n", CSVOptions{}, `f:2:3: "red" in column "b" is not a number; set Categorical to "b" if its words are categories, or set Drop to "b" to leave it out`},
		{"a,y\n1.5,0\n\"1,234.5\",1\n", CSVOptions{}, `f:3:1: "1,234.5" in column "a" is not a number; write the number without units and without marks that group its digits`},
		{"a;y\n1;0\n2,5;1\n", CSVOptions{Decimal: '.'}, `f:3:1: "2,5" in column "a" is not a number; set Decimal to "," if that is the decimal point of the file`},
		{"a;y\n1,5;0\n2.5;1\n", CSVOptions{Decimal: ','}, `f:3:1: "2.5" in column "a" is not a number; set Decimal to "." if that is the decimal point of the file`},
		{"a,y\n$5,0\n", CSVOptions{Header: WithHeader}, `f:2:1: "$5" in column "a" is not a number; write the number without units and without marks that group its digits`},
		{"# a table\n1,2,0\n", CSVOptions{}, `f:1: the line looks like a comment, "# a table"; remove it; a CSV file has no comments`},
		{"# of 2020, by us\n1,2,0\n", CSVOptions{}, `f:1: the line looks like a comment; remove it; a CSV file has no comments`},
		{"1,2,0\n# end\n", CSVOptions{}, `f:2: the line looks like a comment, "# end"; remove it; a CSV file has no comments`},
		{"1,2,0\n#3,4,1\n", CSVOptions{}, `f:2: the line looks like a comment, "#3"; remove it; a CSV file has no comments`},
		{"a,b,y\n1,2,0\n// hi, there, you\n2,3,1\n", CSVOptions{}, `f:3: the line looks like a comment, "// hi"; remove it; a CSV file has no comments`},
		{"% x,y,z\na,b,y\n1,2,0\n2,1,1\n", CSVOptions{}, `f:1: the line looks like a comment; remove it; a CSV file has no comments`},
		{"d,y\n2020-01-02,0\n2020-01-03,1\n", CSVOptions{}, `f:2:1: "2020-01-02" in column "d" is not a number; write dates as numbers, such as a count of days, or set Drop to "d" to leave them out`},
		{"d,e,y\n2020-01-02,1.2.2020,0\n2020-01-03,1.3.2020,1\n", CSVOptions{}, `f:2:1: "2020-01-02" in column "d" is not a number; write dates as numbers, such as a count of days, or set Drop to "d,e" to leave them out`},
		{"c,d,y\nred,2020-01-02,0\nblue,2020-01-03,1\n", CSVOptions{}, `f:2:1: "red" in column "c" is not a number; set Drop to "d", whose words are dates, and set Categorical to "c" if these words are categories`},
		{"c,\"d, e\",y\nred,2020-01-02,0\nblue,2020-01-03,1\n", CSVOptions{Categorical: []string{"c"}}, `f:2:5: "2020-01-02" in column "d, e" is not a number; write dates as numbers, such as a count of days, or set Drop to "\"d, e\"" to leave them out`},
		{"a,y\n5kg,0\n6kg,1\n", CSVOptions{}, `f:2:1: "5kg" in column "a" is not a number; if it is a number, write it without its unit; else set Categorical to "a" if its words are categories, or set Drop to "a" to leave it out`},
		{"a,y\n−5,0\n6,1\n", CSVOptions{}, `f:2:1: "−5" in column "a" is not a number; write the minus sign as a hyphen, -`},
		{"a,y\n\"1,234\",0\n\"5,678\",1\n", CSVOptions{}, `f:2:1: "1,234" in column "a" is not a number; write the number without commas between its thousands, or set Decimal to "," if that is the decimal point of the file`},
		{"a,b,y,\n1,2,0,\n3,4,1,\n", CSVOptions{}, `f:2:7: the last column has neither a name nor a label; set Drop to -1 if the lines end with a delimiter; Label names the column of the labels`},
		{"1,2\n", CSVOptions{Delimiter: '"'}, `data: Delimiter is '"', which cannot separate columns; take a comma, semicolon, tab or bar`},
		{"1,2\n", CSVOptions{Delimiter: '\n'}, `data: Delimiter is '\n', which cannot separate columns; take a comma, semicolon, tab or bar`},
		{"1,2\n", CSVOptions{Decimal: '\''}, `data: Decimal is '\''; want a point or a comma`},
		{"1,2\n1,inf\n", CSVOptions{}, `f:2:3: the label "inf" is not a finite number; correct it or remove the row`},
		{"1,2\n1e999,0\n", CSVOptions{}, `f:2:1: "1e999" in column 1 is not a finite number; correct it or remove the row`},
		{"a,y\n1,0\n a ,y\n2,1\n", CSVOptions{}, `f:3: the line repeats the names of the columns; remove it; only the first line of a file names the columns`},
		{"b,a,y\n1,2,0\n", CSVOptions{Expect: numbersOf("y", "a", "a")}, `f:1: the model has two features named "a", and names do not tell which column is which; give the columns the order of the data that the model was fitted to`},
		{"1,\"1,5\"\n1,\"2,5\"\n", CSVOptions{Delimiter: ',', Decimal: '.'}, `f:1:3: the label "1,5" is neither a number nor the word for a class; set Decimal to "," if that is the decimal point of the file`},
		{"1,$5\n1,$6\n", CSVOptions{}, `f:1:3: the label "$5" is neither a number nor the word for a class; write the number without units and without marks that group its digits`},
		{"1,2\n1,spam\n", CSVOptions{}, `f:2:3: the label "spam" is a word, but the labels above are numbers; write all labels as numbers or all as words; Label names the column of the labels`},
		{"1,y\n1,0\n", CSVOptions{}, `f:2:3: the label "0" is a number, but the first label is the word "y"; if line 1 holds the column names, set Header; else write all labels as numbers or all as words`},
		{"a,b\n1,2\n", CSVOptions{Label: "c"}, `f:1: Label: no column is named "c"; name one of "a", "b", or give its position`},
		{"a,b,a\n1,2,3\n", CSVOptions{Label: "a"}, `f:1:1: Label: two columns are named "a"; give the column's position`},
		{"1,2\n", CSVOptions{Label: "3"}, "f:1: Label: there is no column 3 among 2; give a position from 1 to 2, or from -1 backwards"},
		{"1,2\n", CSVOptions{Label: "0"}, "f:1: Label: there is no column 0 among 2; give a position from 1 to 2, or from -1 backwards"},
		{"1,2\n", CSVOptions{Label: "-3"}, "f:1: Label: there is no column -3 among 2; give a position from 1 to 2, or from -1 backwards"},
		{"1,2\n", CSVOptions{Label: "y", Header: WithoutHeader}, `f:1: Label: "y" is a name, and there is no header; give the column's position`},
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

// Which columns are features, and which of them hold categories.
func TestReadCSVColumns(t *testing.T) {
	const text = "id,color,size,ok,y\n1,red,2,yes,0\n2,blue,0,no,1\n3,red,5,yes,1\n"
	people := "" // the words of the first column all differ
	for i := range 10 {
		people += fmt.Sprintf("p%d,%s,%d\n", i, [...]string{"red", "blue"}[i%2], i%2)
	}
	dated := strings.NewReplacer("red", "2020-01-02", "blue", "2020-01-03").Replace(people)
	for _, c := range []struct {
		text, label  string
		columns      []string
		drop, words  []string
		names        []string
		x            []float64
		labelled, at string
	}{
		{text, "", nil, []string{"id", "color"}, nil, []string{"size", "ok"}, []float64{2, 1, 0, 0, 5, 1}, "y", "id color"},
		{text, "", []string{"3-4"}, nil, nil, []string{"size", "ok"}, []float64{2, 1, 0, 0, 5, 1}, "y", "id color"},
		{text, "", []string{"3-"}, nil, nil, []string{"size", "ok"}, []float64{2, 1, 0, 0, 5, 1}, "y", "id color"},
		{text, "", []string{"-2", " size"}, nil, nil, []string{"size", "ok"}, []float64{2, 1, 0, 0, 5, 1}, "y", "id color"},
		{text, "size", []string{"1-4"}, []string{"1"}, []string{"2"}, []string{"color=blue", "color=red", "ok"}, []float64{0, 1, 1, 1, 0, 0, 0, 1, 1}, "size", "id y"},
		{text, "", nil, []string{"id", "y", "color"}, nil, []string{"size"}, []float64{2, 0, 5}, "ok", "id color y"},
		{text, "", []string{"color"}, nil, []string{"color"}, []string{"color=blue", "color=red"}, []float64{0, 1, 1, 0, 0, 1}, "y", "id size ok"},
		{text, "", []string{"size"}, []string{"2-2"}, []string{"2-3"}, []string{"size=0", "size=2", "size=5"}, []float64{0, 1, 0, 1, 0, 0, 0, 0, 1}, "y", "id color ok"},
		{"1,red,0\n2,blue,1\n", "", nil, nil, []string{"2"}, []string{"1", "2=blue", "2=red"}, []float64{1, 0, 1, 2, 1, 0}, "", ""},
		{"1,red,0\n2,blue,1\n", "", []string{"1"}, nil, nil, nil, []float64{1, 2}, "", ""},
		{"a-b,1-2,y\n1,2,0\n", "", []string{"1-2"}, nil, nil, []string{"1-2"}, []float64{2}, "y", "a-b"},
		{"c,y\nred,u\nblue,v\nred,u\n", "", nil, nil, []string{"1"}, []string{"c=blue", "c=red"}, []float64{0, 1, 1, 0, 0, 1}, "y", ""},
	} {
		s, err := ReadCSV("f", strings.NewReader(c.text), CSVOptions{Label: c.label, Columns: c.columns, Drop: c.drop, Categorical: c.words})
		if err != nil {
			t.Errorf("%+v: %v", c, err)
		} else if x := s.X.(*Dense); !slices.Equal(x.Data, c.x) || x.Rows*x.Cols != len(x.Data) || !slices.Equal(s.Features, c.names) ||
			s.label() != c.labelled || strings.Join(s.Skipped, " ") != c.at || s.Columns.Width() != x.Cols || s.Columns.Check() != nil {
			t.Errorf("%+v\n gives %+v %v, %v", c, s, s.X, s.Columns.Check())
		}
	}
	for _, c := range []struct {
		text string
		o    CSVOptions
		want string
	}{
		{text, CSVOptions{Columns: []string{"colour"}}, `f:1: Columns: no column is named "colour"; did you mean "color"?`},
		{text, CSVOptions{Drop: []string{"ID"}}, `f:1: Drop: no column is named "ID"; did you mean "id"?`},
		{text, CSVOptions{Drop: []string{"weight"}}, `f:1: Drop: no column is named "weight"; name one of "id", "color", "size", "ok", "y", or give its position`},
		{text, CSVOptions{Drop: []string{"6"}}, "f:1: Drop: there is no column 6 among 5; give a position from 1 to 5, or from -1 backwards"},
		{text, CSVOptions{Columns: []string{"4-6"}}, "f:1: Columns: there are no columns 4-6 among 5; give positions from 1 to 5, the lower one first, as in 1-5"},
		{text, CSVOptions{Columns: []string{"0-6"}}, "f:1: Columns: there are no columns 0-6 among 5; give positions from 1 to 5, the lower one first, as in 1-5"},
		{text, CSVOptions{Columns: []string{"size", "y"}}, `f:1:18: Columns: column "y" holds the labels; take it out, or set Label to another column`},
		{text, CSVOptions{Label: "size", Drop: []string{"size"}}, `f:1:10: Drop: column "size" holds the labels; take it out, or set Label to another column`},
		{text, CSVOptions{Categorical: []string{"-1"}}, `f:1:18: Categorical: column "y" holds the labels; take it out, or set Label to another column`},
		{text, CSVOptions{Columns: []string{"size"}, Categorical: []string{"color"}}, `f:1:4: Categorical: column "color" is no feature, since others are named; name it in Columns, too, or leave it out`},
		{text, CSVOptions{Drop: []string{"1-4"}}, `f:1: no column is left for the features; name fewer in Drop, or others in Columns; column "y" holds the labels`},
		{text, CSVOptions{}, `f:2:3: "red" in column "color" is not a number; set Categorical to "color" if its words are categories, or set Drop to "color" to leave it out`},
		{"c,d,y\nred,x,1\nblue,z,0\n", CSVOptions{}, `f:2:1: "red" in column "c" is not a number; set Categorical to "c,d", the columns that hold words, if they are categories, or name in Drop what to leave out`},
		{"c,a,y\nred,,1\nblue,2,0\n", CSVOptions{}, `f:2:1: "red" in column "c" is not a number; set Categorical to "c" if its words are categories, or set Drop to "c" to leave it out; also set ImputeMean, since some cells have no value`},
		{"c,a,y\n,1,1\nred,2,0\nblue,3,0\n", CSVOptions{}, `f:2:1: the value of column "c" is missing; set Categorical to "c" if its words are categories, or set Drop to "c" to leave it out; also set ImputeMean, since some cells have no value`},
		{"a,c,y\nNA,red,1\n1,blue,0\n2,red,0\n", CSVOptions{}, `f:2:1: "NA" in column "a" stands for a missing value; set ImputeMean to use the column's mean, or fill it in, or remove the row; also set Categorical to "c" if its words are categories, or set Drop to "c" to leave it out`},
		{"c,d,a,y\nred,,,1\nblue,x,2,0\n", CSVOptions{Drop: []string{"a"}, Categorical: []string{"d"}}, `f:2:1: "red" in column "c" is not a number; set Categorical to "c" if its words are categories, or set Drop to "c" to leave it out; also set ImputeMean, since some cells have no value`},
		{"id,c,y\n" + people, CSVOptions{}, `f:2:1: "p0" in column "id" is not a number; set Drop to "id", whose words all differ, and set Categorical to "c" if these words are categories`},
		{"id,d,y\n" + dated, CSVOptions{}, `f:2:1: "p0" in column "id" is not a number; set Drop to "id,d", whose words all differ or are dates`},
		{"id,c,y\n" + people, CSVOptions{Categorical: []string{"c"}}, `f:2:1: "p0" in column "id" is not a number; set Drop to "id", whose words all differ`},
		{"c,y\n?,1\nblue,0\nred,0\n", CSVOptions{ImputeMean: true}, `f:3:1: "blue" in column "c" is not a number; set Categorical to "c" if its words are categories, or set Drop to "c" to leave it out`},
		{"c,y\n?,1\nblue,0\n", CSVOptions{Categorical: []string{"c"}}, `f:2:1: "?" in column "c" stands for a missing value; set ImputeMean to make missing words a category of their own, or fill it in, or remove the row`},
		{"c,y\nyes,1\n7,0\n", CSVOptions{}, `f:3:1: "7" in column "c" is a number, but words for 1 and 0 stand above it; correct it or remove the row`},
		{"c,y\n7,0\nTrue,1\n", CSVOptions{}, `f:3:1: "True" in column "c" stands for 1 or 0, but other numbers stand above it; correct it or remove the row`},
		{"1,2\n", CSVOptions{Drop: []string{"a"}, Header: WithoutHeader}, `f:1: Drop: "a" is a name, and there is no header; give the column's position`},
	} {
		if s, err := ReadCSV("f", strings.NewReader(c.text), c.o); err == nil || err.Error() != c.want {
			t.Errorf("%q %+v\n got %+v, %v\nwant %s", c.text, c.o, s, err, c.want)
		}
	}
}

// Missing words are a category of their own where missing numbers are imputed.
func TestReadCSVMissingCategory(t *testing.T) {
	s, err := ReadCSV("f", strings.NewReader("c,a,y\nred,1,0\nNA,,1\n,3,0\nnone,2,0\n"), CSVOptions{ImputeMean: true, Categorical: []string{"c"}})
	if err != nil || !slices.Equal(s.Features, []string{"c=", "c=none", "c=red", "a"}) ||
		!slices.Equal(s.X.(*Dense).Data, []float64{0, 0, 1, 1, 1, 0, 0, 2, 1, 0, 0, 3, 0, 1, 0, 2}) {
		t.Errorf("%+v %v, %v", s, s.X, err)
	}
}

// Many categories give a sparse matrix, unless Dense is set. A file to predict is read in the same way.
func TestReadCSVSparseCategories(t *testing.T) {
	text := "a,c,y\n"
	for i := range 20 {
		text += fmt.Sprintf("%d,w%02d,%d\n", i%3, i*7%10, i%2)
	}
	words := []string{"c"}
	sparse, err := ReadCSV("f", strings.NewReader(text), CSVOptions{Categorical: words})
	if err != nil {
		t.Fatal(err)
	}
	full, err := ReadCSV("f", strings.NewReader(text), CSVOptions{Categorical: words, Dense: true})
	if err != nil {
		t.Fatal(err)
	}
	x, ok := sparse.X.(*CSR)
	if !ok || !reflect.DeepEqual(dense(x), full.X) || !slices.Equal(sparse.Features, full.Features) {
		t.Errorf("sparse %T %v, dense %v", sparse.X, sparse.X, full.X)
	}
	if n := x.NNZ(); n != 20+13 {
		t.Errorf("%d values are stored, want 20 categories and 13 numbers", n)
	}
	for _, want := range []*Set{sparse, full} {
		few, err := ReadCSV("f", strings.NewReader("c,a\nw03,2\n"), CSVOptions{Expect: want.Columns})
		if err != nil || reflect.TypeOf(few.X) != reflect.TypeOf(want.X) || !slices.Equal(few.Features, want.Features) {
			t.Errorf("%+v, %v; want the columns of %T", few, err, want.X)
		}
	}
}

// With Expect, the order of the columns in a file does not matter.
func TestReadCSVShuffledColumns(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		cols, rows := rapid.IntRange(1, 6).Draw(t, "columns"), rapid.IntRange(1, 5).Draw(t, "rows")
		lines := make([][]string, rows+1)
		var words []string
		for j := range cols {
			name := fmt.Sprintf("col%d", j)
			lines[0] = append(lines[0], name)
			categorical := rapid.Bool().Draw(t, "categorical")
			if categorical {
				words = append(words, name)
			}
			for i := range rows {
				cell := rapid.SampledFrom([]string{"red", "blue", "7", "none"}).Draw(t, "word")
				if !categorical {
					cell = rapid.SampledFrom([]string{"0", "1.5", "-3e2", "1e-9"}).Draw(t, "number")
				}
				lines[i+1] = append(lines[i+1], cell)
			}
		}
		write := func(order []int) string {
			var b strings.Builder
			for i, line := range lines {
				for _, j := range order {
					b.WriteString(line[j] + ",")
				}
				fmt.Fprintln(&b, map[bool]string{true: "y", false: "1"}[i == 0])
			}
			return b.String()
		}
		order := make([]int, cols)
		for j := range order {
			order[j] = j
		}
		want, err := ReadCSV("f", strings.NewReader(write(order)), CSVOptions{Categorical: words, Header: WithHeader})
		if err != nil {
			t.Fatal(err)
		}
		shuffled := write(rapid.Permutation(order).Draw(t, "order"))
		got, err := ReadCSV("f", strings.NewReader(shuffled), CSVOptions{Expect: want.Columns})
		if err != nil || !reflect.DeepEqual(got.X, want.X) || !slices.Equal(got.Features, want.Features) {
			t.Fatalf("%s gives %v, %v, want %v", shuffled, got, err, want.X)
		}
	})
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

var trickyCSV = []string{"1,2,0\n3,-4e1,1\n", "a,b,y\n1,2,spam\n,?,ham\n", "\"1\",\"2\"\n", "\"1\n", "1,2\r\n\r\n3,4", "\ufeff1,2\n",
	"1,nan\n", "a,b,c\n1,2,x\n1,NA,y\n", ",\n,\n", "1e400,2\n", "a\n", "1,2,3\n1,2\n", "1\x00,2\n", "0x1p4,1\n",
	"1,5;0\n2,5;1\n", "\"a;b\";y\n1;0\n", "a\tb\n1\t2\n", "1|2\n3|4\n", "1.0,null,3,0\n1,2,3,4\n", ",a,y\n0,yes,1\n", "# c\n1,2\n"}

func FuzzReadCSV(f *testing.F) {
	for _, text := range trickyCSV {
		f.Add(text, "", false)
		f.Add(text, "-1", true)
		f.Add(text, "y", true)
	}
	f.Fuzz(checkCSV)
}

func TestReadCSVMutations(t *testing.T) {
	mutate.Try(t, "data/FuzzReadCSV", trickyCSV, func(t *testing.T, text string, r *rand.Rand) {
		checkCSV(t, text, []string{"", "-1", "y", "a"}[r.IntN(4)], r.IntN(2) == 0)
	})
}

// checkCSV compares a table with the records of encoding/csv.
func checkCSV(t *testing.T, text, label string, impute bool) {
	s, err := ReadCSV("f", strings.NewReader(text), CSVOptions{Label: label, ImputeMean: impute})
	if err != nil {
		return
	}
	x := s.X.(*Dense)
	in := csv.NewReader(plainText(strings.NewReader(text)))
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
