package cli

import (
	"encoding/csv"
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"steepest/internal/decimal"
)

// peers is testdata/peers.json or errors.json, which testdata/peers.py and errors.py have written.
type peers struct {
	X          [][]float64
	Two, Three []float64
	Reals      []float64
	Weights    []float64
	Cases      []struct {
		Peer, Labels string
		Flags        []string
		Weighted     bool
		X, Errors    []float64
	}
}

// TestPeers: with parameters translated as in docs/linear.md, the weights are those of the other program, to 1e-8.
func TestPeers(t *testing.T) {
	t.Parallel()
	testPeers(t, "testdata/peers.json")
}

// TestStandardErrors: the standard errors of a model are those of statsmodels, to 1e-8.
func TestStandardErrors(t *testing.T) {
	t.Parallel()
	testPeers(t, "testdata/errors.json")
}

func testPeers(t *testing.T, path string) {
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var g peers
	if err := json.Unmarshal(text, &g); err != nil {
		t.Fatal(err)
	}
	for _, c := range g.Cases {
		t.Run(c.Peer, func(t *testing.T) {
			dir := t.TempDir()
			g.write(t, filepath.Join(dir, "rows.csv"), map[string][]float64{"two": g.Two, "three": g.Three, "reals": g.Reals}[c.Labels], c.Weighted)
			code, said := try(t, dir, append([]string{"fit", "<in>/rows.csv", "--scale", "none", "--tolerance", "1e-16", "--passes", "500", "-q", "-o", "<in>/m.json"}, c.Flags...)...)
			if code != 0 {
				t.Fatal(said)
			}
			m, err := readModel(filepath.Join(dir, "m.json"))
			if err != nil {
				t.Fatal(err)
			}
			x := m.X()
			if len(x) != len(c.X) {
				t.Fatalf("%d weights, want %d", len(x), len(c.X))
			}
			for j, want := range c.X {
				if math.Abs(x[j]-want) > 1e-8*max(1, math.Abs(want)) {
					t.Errorf("weight %d is %v, and %v there", j, x[j], want)
				}
			}
			if len(c.Errors) != len(m.StandardErrors) {
				t.Fatalf("%d standard errors, want %d", len(m.StandardErrors), len(c.Errors))
			}
			for j, want := range c.Errors {
				if got := m.StandardErrors[j]; math.Abs(got-want) > 1e-8*want {
					t.Errorf("the standard error of weight %d is %v, and %v there", j, got, want)
				}
			}
		})
	}
}

// write writes the rows with labels as CSV.
func (g *peers) write(t *testing.T, path string, labels []float64, weighted bool) {
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	w := csv.NewWriter(f)
	head := []string{"a", "b", "c", "d", "e"}
	if weighted {
		head = append(head, "w")
	}
	_ = w.Write(append(head, "y")) // an error comes back with Error
	for i, row := range g.X {
		var cells []string
		for _, v := range row {
			cells = append(cells, decimal.Text(v))
		}
		if weighted {
			cells = append(cells, decimal.Text(g.Weights[i]))
		}
		_ = w.Write(append(cells, decimal.Text(labels[i])))
	}
	if w.Flush(); w.Error() != nil {
		t.Fatal(w.Error())
	}
}

// TestProgressiveLoss: in one pass in the order of the file, with the flags of the book, the progressive loss is Vowpal Wabbit's, whose numbers are
// float32. testdata/progressive.json is written by testdata/progressive.py.
func TestProgressiveLoss(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("testdata/progressive.json")
	if err != nil {
		t.Fatal(err)
	}
	var vw struct {
		Rows   []string
		Losses map[string]float64
	}
	if err := json.Unmarshal(text, &vw); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "rows.vw"), []byte(strings.Join(vw.Rows, "\n")+"\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	if len(vw.Losses) == 0 {
		t.Fatal("no losses")
	}
	for method, want := range vw.Losses {
		code, said := try(t, dir, "minimize", method, "--data", "<in>/rows.vw", "--batch", "1", "--epochs", "1", "--sampling", "sequential", "--start", "zero",
			"--scale", "none", "--intercept", "--l2", "0", "--progressive", "--quiet", "--json")
		_, rest, _ := strings.Cut(said, `"progressive": `)
		number, _, _ := strings.Cut(rest, ",")
		if got, err := strconv.ParseFloat(number, 64); err != nil || code != 0 || math.Abs(got-want) > 1e-7*want {
			t.Errorf("%s: a progressive loss of %v, want %v: %s", method, got, want, said)
		}
	}
}
