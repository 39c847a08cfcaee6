package norm_test

import (
	"encoding/json"
	"math"
	"os"
	"strings"
	"testing"

	"steepest/optim/norm"
)

var inf = math.Inf(1)

func parse(t testing.TB, text string) (n norm.Norm) {
	t.Helper()
	if err := n.UnmarshalText([]byte(text)); err != nil {
		t.Fatal(err)
	}
	return n
}

func TestText(t *testing.T) {
	for _, c := range []struct {
		text string
		want norm.Norm
		back string
	}{
		{"default", norm.Norm{}, ""},
		{"l1", norm.L1, ""}, {"lp(1)", norm.L1, "l1"},
		{"l2", norm.L2, ""}, {"frobenius", norm.L2, "l2"}, {"schatten(2)", norm.Frobenius, "l2"}, {"rows(2)", norm.L2, "l2"},
		{"linf", norm.LInf, ""}, {"max-entry", norm.MaxEntry, "linf"}, {"lp(inf)", norm.LInf, "linf"},
		{"lp(3)", norm.Lp(3), ""}, {"lp(1e+300)", norm.Lp(1e300), ""}, {"lp(1.0000000000000002)", norm.Lp(1 + 0x1p-52), ""},
		{"spectral", norm.Spectral, ""}, {"nuclear", norm.Nuclear, ""}, {"schatten(2.5)", norm.Schatten(2.5), ""},
		{"rows", norm.MaxRow, ""}, {"rows(1)", norm.Rows(1), ""}, {"rows(inf)", norm.MaxRow, "rows"},
		{"columns", norm.MaxColumn, ""}, {"columns(4)", norm.Columns(4), ""},
	} {
		if c.back == "" {
			c.back = c.text
		}
		n := parse(t, c.text)
		if text, err := n.MarshalText(); n != c.want || string(text) != c.back || n.String() != c.back || err != nil {
			t.Errorf("%s is read as %#v, written as %s", c.text, n, text)
		}
	}
}

func TestTextErrors(t *testing.T) {
	const exponents = " is a number from 1 to inf"
	for text, want := range map[string]string{
		"spektral":    `unknown norm "spektral"; did you mean "spectral"?`,
		"schaten(3)":  `unknown norm "schaten(3)"; did you mean "schatten(p)"?`,
		"lp":          `unknown norm "lp"; did you mean "l1"?`,
		"spectral(3)": `unknown norm "spectral(3)"; did you mean "spectral"?`,
		"":            `unknown norm ""; there are default, l1, l2, `,
		"lp(3":        `norm "lp(3": the exponent in lp(p)` + exponents,
		"lp(0.5)":     `norm "lp(0.5)": the exponent in lp(p)` + exponents,
		"rows(nan)":   `norm "rows(nan)": the exponent in rows(p)` + exponents,
		"lp(1e999)":   `norm "lp(1e999)": the exponent in lp(p)` + exponents,
		"schatten()":  `norm "schatten()": the exponent in schatten(p)` + exponents,
	} {
		n := norm.Lp(3)
		err := n.UnmarshalText([]byte(text))
		if err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%q: %v, want %s", text, err, want)
		}
		if n != norm.Lp(3) {
			t.Errorf("%q: a failed read leaves %v", text, n)
		}
	}
}

func TestDual(t *testing.T) {
	for _, pair := range [][2]norm.Norm{
		{norm.L1, norm.LInf}, {norm.L2, norm.L2}, {norm.Spectral, norm.Nuclear}, {norm.MaxRow, norm.Rows(1)},
		{norm.MaxColumn, norm.Columns(1)}, {norm.Lp(1.5), norm.Lp(3)}, {norm.Schatten(1.25), norm.Schatten(5)},
		{norm.Rows(1.5), norm.Rows(3)}, {norm.Norm{}, norm.Norm{}},
	} {
		if a, b := pair[0], pair[1]; a.Dual() != b || b.Dual() != a {
			t.Errorf("the duals of %v and %v are %v and %v", a, b, a.Dual(), b.Dual())
		}
	}
	if got := norm.Lp(1e300).Dual(); got != norm.L1 {
		t.Errorf("the dual of lp(1e300) is %v, want l1", got)
	}
}

func TestPanics(t *testing.T) {
	var o norm.Oracle[float64]
	spectral := norm.Oracle[float64]{Norm: norm.Spectral}
	three, four := make([]float64, 3), make([]float64, 4)
	for want, f := range map[string]func(){
		"norm: no norm has the exponent 0.5; it is in [1, ∞]": func() { norm.Lp(0.5) },
		"norm: no norm has the exponent NaN; it is in [1, ∞]": func() { norm.Schatten(math.NaN()) },
		"norm: an Oracle without a Norm":                      func() { o.Value(nil, 0, 0) },
		"norm: 3 elements for a 2 × 2 matrix":                 func() { spectral.LMO(four, three, 2, 2) },
		"norm: 1 elements for a -1 × -1 matrix":               func() { spectral.Dual(four[:1], -1, -1) },
	} {
		func() {
			defer func() {
				if got := recover(); got != want {
					t.Errorf("panics with %v, want %s", got, want)
				}
			}()
			f()
		}()
	}
}

// TestGolden compares the oracle with mpmath; see testdata/norms.py.
func TestGolden(t *testing.T) {
	var cases []struct {
		Matrix      string
		Rows, Cols  int
		G, LMO      []float64
		Norm        string
		Value, Dual float64
	}
	data, err := os.ReadFile("testdata/norms.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, &cases); err != nil {
		t.Fatal(err)
	}
	for _, c := range cases {
		o := norm.Oracle[float64]{Norm: parse(t, c.Norm)}
		value, err := o.Value(c.G, c.Rows, c.Cols)
		if err != nil || !near(value, c.Value, 1e-14*c.Value) {
			t.Errorf("%s of %s: %v, %v, want %v", c.Norm, c.Matrix, value, err, c.Value)
		}
		if dual, err := o.Dual(c.G, c.Rows, c.Cols); err != nil || !near(dual, c.Dual, 1e-14*c.Dual) {
			t.Errorf("dual of %s of %s: %v, %v, want %v", c.Norm, c.Matrix, dual, err, c.Dual)
		}
		d := make([]float64, len(c.G))
		if dual, err := o.LMO(d, c.G, c.Rows, c.Cols); err != nil || !near(dual, c.Dual, 1e-14*c.Dual) {
			t.Errorf("dual of %s of %s by its LMO: %v, %v, want %v", c.Norm, c.Matrix, dual, err, c.Dual)
		}
		for i, v := range d {
			if !near(v, c.LMO[i], 1e-14) {
				t.Errorf("LMO of %s of %s: %v at %d, want %v", c.Norm, c.Matrix, v, i, c.LMO[i])
			}
		}
	}
}

func near(got, want, tolerance float64) bool { return math.Abs(got-want) <= tolerance }
