package data

import (
	"cmp"
	"encoding/json"
	"errors"
	"math"
	"math/rand/v2"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"steepest/internal/mutate"
)

// TestVWReference compares rows with those of Vowpal Wabbit, which stores float32.
func TestVWReference(t *testing.T) {
	text, err := os.ReadFile("testdata/vw.json")
	if err != nil {
		t.Fatal(err)
	}
	var golden struct {
		Cases []struct {
			Line, Hash, Tag string
			Bits            int
			Label, Weight   float64
			Interactions    []string
			Features        [][2]float64
		}
	}
	if err := json.Unmarshal(text, &golden); err != nil || len(golden.Cases) == 0 {
		t.Fatal(golden, err)
	}
	near := func(got, want float64) bool { return math.Abs(got-want) <= 1e-7*math.Abs(want) }
	for _, c := range golden.Cases {
		set, err := ReadVW("test", strings.NewReader(c.Line+"\n"), VWOptions{Bits: c.Bits, HashAll: c.Hash == "all", Interactions: c.Interactions})
		if err != nil {
			t.Errorf("%q: %v", c.Line, err)
			continue
		}
		var sums [][2]float64
		slices.SortStableFunc(c.Features, func(a, b [2]float64) int { return cmp.Compare(a[0], b[0]) })
		for _, f := range c.Features {
			if n := len(sums); n > 0 && sums[n-1][0] == f[0] {
				sums[n-1][1] += f[1]
				continue
			}
			sums = append(sums, f)
		}
		columns, values := set.X.(*CSR).Row(0)
		same := len(values) == len(sums) && near(set.Y[0], c.Label) && set.X.(*CSR).Cols == 1<<c.Bits
		for i := 0; same && i < len(sums); i++ {
			same = float64(columns[i]) == sums[i][0] && near(values[i], sums[i][1])
		}
		weight := 1.0
		if set.Weights != nil {
			weight = set.Weights[0]
		}
		if !same || weight != c.Weight {
			t.Errorf("%q with -b %d --hash %s %q: label %v, weight %v, columns %v, values %v, want %+v", c.Line, c.Bits, c.Hash, c.Interactions, set.Y, weight, columns, values, c)
		}
	}
}

var trickyVW = []string{
	"-1 |f 9:6.27e-02 14:3.3\n\n1 2.5 'tag|f:2 a b:-1 |g a:red\r\n", "1 | a b\n0.5 0 | c:0\n", "1 |f :1 :2 a :3", "1|f a", "1 'a |f a", "|f a", "'a |f a", "1 1:2 2:3",
	"1 2 3 |f a", "1 2 0 |f a", "1 2 3 4 |f a", "1 'x 2 |f a", "1 -2 |f a", "nan |f a", "1 inf |f a", "red |f a", "1 |f a:", "1 |f a:nan", "1 |f a:1e999", "1 |f a:1:2",
	"1 |f:x a", "1 |f: a", "1 |f:inf a", "1 |:2 a", "1 |f :x", "1 |f:1e200 a:1e200", "1 | a:1e308 a:1e308", "1 ||", "1 |", "\n", "", " ", "1 |f é 日本:2 \x00:3", "1\t|f a",
	"1 |f 18446744073709551619 03 3", "1:2:0.5 |f a", "1 |f a\tb", "1 |f a |f a", "1 |1 1", "1 |a b|c d",
}

// checkVW checks that any text gives the right rows, or an error with its place.
func checkVW(t *testing.T, text string, o VWOptions) {
	set, err := ReadVW("test", strings.NewReader(text), o)
	text = strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(text)
	if err != nil {
		fault := (*ParseError)(nil)
		if !errors.As(err, &fault) || fault.Fix == "" || fault.Line > 1+strings.Count(text, "\n") {
			t.Fatalf("%q: %v", text, err)
		}
		return
	}
	x := set.X.(*CSR)
	if len(set.Y) != x.Rows || x.Cols != 1<<o.Bits || set.Weights != nil && len(set.Weights) != x.Rows {
		t.Fatalf("%q: %+v", text, set)
	}
	for i := range x.Rows {
		columns, values := x.Row(i)
		for k, v := range values {
			if !finite(v) || columns[k] >= 1<<o.Bits || k > 0 && columns[k] <= columns[k-1] {
				t.Fatalf("%q: row %d is %v %v", text, i, columns, values)
			}
		}
	}
	line, lines := 0, strings.Split(text, "\n")
	for _, l := range lines { // each line alone gives the same row
		if strings.Trim(l, " \t\r") == "" {
			continue
		}
		one, err := ReadVW("test", strings.NewReader(l), o)
		if err != nil {
			t.Fatalf("%q: %v", l, err)
		}
		c, v := one.X.(*CSR).Row(0)
		columns, values := x.Row(line)
		if one.Y[0] != set.Y[line] || !slices.Equal(c, columns) || !slices.Equal(v, values) {
			t.Fatalf("%q in %q is another row", l, text)
		}
		line++
	}
}

func FuzzReadVW(f *testing.F) {
	for _, text := range trickyVW {
		f.Add(text, false)
	}
	f.Fuzz(func(t *testing.T, text string, all bool) {
		checkVW(t, text, VWOptions{Bits: 5, HashAll: all, Interactions: []string{"fg", "ff"}})
	})
}

func TestReadVWMutations(t *testing.T) {
	mutate.Try(t, "data/FuzzReadVW", trickyVW, func(t *testing.T, text string, r *rand.Rand) {
		checkVW(t, text, VWOptions{Bits: 1 + r.IntN(20), HashAll: r.IntN(2) == 0, Interactions: [][]string{nil, {"ff"}, {"f ", "fg"}}[r.IntN(3)]})
	})
}

func TestReadVWErrors(t *testing.T) {
	for text, want := range map[string]string{
		"1 |f a\n1 1:2 2:3\n": "test:2:1: there is no bar | before the features; write the row like 1 |f a:0.5, or read the file as LIBSVM or CSV",
		"1|f a\n":             `test:1:1: the row has no label: "1" is its tag, as VW reads it; put the label before it, and a blank before the bar`,
		"|f a\n":              "test:1:1: the row has no label; put a number and a blank before the bar",
		"1:2:0.5 |f a\n":      `test:1:1: "1:2:0.5" is not a finite number; write label, importance and 'tag before the bar; labels of other tasks than regression and two classes cannot be read`,
		"1 -2 |f a\n":         `test:1:3: the importance "-2" is negative; write a weight of at least 0`,
		"1 1 0.5 |f a\n":      `test:1:5: "0.5" is the initial prediction of the row, which cannot be used; remove it, or put a ' before it if it is the tag`,
		"1 'x 2 |f a\n":       `test:1:3: the tag "'x" is not the last word before the bar; write label, importance, tag in this order`,
		"1 |f a b:\n":         `test:1:10: the feature "b" has no value; write name:value with no blank around the colon, or the name alone for 1`,
		"1 |f a:1:2\n":        `test:1:9: a second colon stands behind the feature "a"; replace colons in names by another character`,
		"1 |f b:nan\n":        `test:1:8: the value "nan" of the feature "b" is not a finite number; correct the value, or leave the feature out to make it 0`,
		"1 |f:x a\n":          `test:1:6: the scale "x" of the namespace "f" is not a finite number; write it like |f:0.5, or put a blank behind the bar if it is a feature`,
		"1 |f :x\n":           `test:1:7: the value "x" of a feature without a name is not a number; write a number, or name:word`,
		"1 |f:1e200 a:1e200":  `test:1:12: the value of the feature "a" times the scale of its namespace is too large; scale the data`,
		"1 | a:1e308 a:1e308": `test:1:3: the sum of the values that are hashed to one column is not finite; scale the data`,
		" \n":                 "test: there is no row in the file; check that it is the right file and complete",
	} {
		if _, err := ReadVW("test", strings.NewReader(text), VWOptions{}); err == nil || err.Error() != want {
			t.Errorf("%q:\n got %v\nwant %s", text, err, want)
		}
	}
	for want, o := range map[string]VWOptions{
		"data: Bits is 32, want 1 to 31":                                                                                                {Bits: 32},
		`data: Interactions: "a" is not two to eight first letters of namespaces`:                                                       {Interactions: []string{"ab", "a"}},
		`data: Interactions: "a:" is not two to eight first letters of namespaces`:                                                      {Interactions: []string{"a:"}},
		`test:1:3: the interactions "ff" of the row are too large, or more than 4194304; scale the data, or leave the interactions out`: {Interactions: []string{"ff"}},
	} {
		if _, err := ReadVW("test", strings.NewReader("1 |f a:1e200"), o); err == nil || err.Error() != want {
			t.Errorf("%+v: %v, want %s", o, err, want)
		}
	}
}

// TestSniffVW: a line with a bar is VW if features follow the bar, and CSV if cells follow it. Words alone may be either.
func TestSniffVW(t *testing.T) {
	for text, want := range map[string]Format{
		"-1 |f 9:6.27e-02 14:3.3\n": VW, "1 2.5 'tag |f a b\n": VW, "1 'tag|f a\n": VW, "1 | a:1 b:2\n": VW, "1 | a b:2\n": VW,
		"1|2|3\n": CSV, "1 | 2 | 3\n": CSV, "a|b|c\n": CSV, "1 | 2\n": CSV, "1 | the quick fox\n": vwOrCSV, "-1 2 'tag | red x9\n": vwOrCSV, "y | the quick fox\n": CSV, "1|a:2|b\n": CSV, "1 1:2 2:3\n": LIBSVM,
	} {
		if got := sniff([]byte(text), 0); got != want {
			t.Errorf("%q is %q, want %q", text, got, want)
		}
	}
	set, err := Read("rows.vw.gz", strings.NewReader(pack("gzip", "1 3 |f a\n0 |f b\n")), Options{VW: VWOptions{Bits: 20}})
	if err != nil || set.Format != VW || set.Name != "rows" || set.X.(*CSR).Cols != 1<<20 || !reflect.DeepEqual(set.Weights, []float64{3, 1}) {
		t.Errorf("%+v, %v", set, err)
	}
}
