package data

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io/fs"
	"math"
	"os"
	"slices"
	"testing"
)

// reference holds numbers of scikit-learn, written by testdata/reference.py.
type reference struct {
	Sets map[string]struct {
		Rows, Cols              int
		ByRow, ByColumn, Labels float64
	}
	StandardMean, StandardScale, StandardRow, MaxAbs, NormalizedRow []float64
}

func readReference(t *testing.T) (r reference) {
	text, err := os.ReadFile("testdata/reference.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &r); err != nil {
		t.Fatal(err)
	}
	return r
}

// near reports whether a and b agree up to the order of a sum.
func near(a, b float64) bool { return math.Abs(a-b) <= 1e-11*max(1, math.Abs(b)) }

func load(t *testing.T, name string) *Set {
	s, err := Load(name)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestEmbeddedAgreesWithScikitLearn compares sums that notice a value in the wrong row or column.
func TestEmbeddedAgreesWithScikitLearn(t *testing.T) {
	sets := readReference(t).Sets
	for name, want := range sets {
		s := load(t, name)
		rows, cols := s.X.Dims()
		var byRow, byColumn, labels float64
		for i := range rows {
			labels += float64(i+1) * s.Y[i]
			for j, v := range rowOf(s.X, i) {
				byRow += float64(i+1) * v
				byColumn += float64(j+1) * v
			}
		}
		if rows != want.Rows || cols != want.Cols || !near(byRow, want.ByRow) || !near(byColumn, want.ByColumn) || labels != want.Labels {
			t.Errorf("%s: %d×%d, sums %v %v %v, want %+v", name, rows, cols, byRow, byColumn, labels, want)
		}
	}
	if len(sets) != len(Embedded())-1 {
		t.Errorf("scikit-learn knows %d of %d sets, want all but spam", len(sets), len(Embedded()))
	}
}

// TestSpirals subtracts the arms from the first points of each. The normal numbers 1, 201, 401 and 601 of numpy's seed 42 must remain.
func TestSpirals(t *testing.T) {
	s := load(t, "spirals")
	noise := func(i int, turn float64) (x, y float64) {
		p := s.X.(*Dense).Row(i)
		return (p[0] - 0.3*math.Cos(0.5+turn)) / 0.15, (p[1] - 0.3*math.Sin(0.5+turn)) / 0.15
	}
	x, y := noise(0, 0)
	u, v := noise(200, math.Pi)
	got := []float64{x, y, u, v}
	want := []float64{0.4967141530112327, 0.3577873603482833, -1.594427658794367, 0.7569886166453519}
	for k, w := range want {
		if math.Abs(got[k]-w) > 1e-9 {
			t.Errorf("noise %v, numpy draws %v", got, want)
		}
	}
	if s.Y[0] != 0 || s.Y[199] != 0 || s.Y[200] != 1 || s.Y[399] != 1 {
		t.Error("the arms do not have the labels 0 and 1")
	}
}

func TestEmbeddedInfo(t *testing.T) {
	var names []string
	for i, info := range Embedded() {
		names = append(names, info.Name)
		s := load(t, info.Name)
		rows, cols := s.X.Dims()
		_, classes := ClassIndices(s.Y)
		if s.Name != info.Name || rows != info.Rows || cols != info.Features || len(s.Y) != rows || len(classes) != info.Classes {
			t.Errorf("%s: a set %s of %d×%d with %d classes is told as %+v", info.Name, s.Name, rows, cols, len(classes), info)
		}
		if d := Density(s.X); math.Abs(d-info.Density) > 5e-5 {
			t.Errorf("%s: the density is %.5f, not %v", info.Name, d, info.Density)
		}
		if s.Features != nil && len(s.Features) != cols {
			t.Errorf("%s: %d names for %d features", info.Name, len(s.Features), cols)
		}
		if info.Description == "" || info.Licence == "" || info.Source == "" {
			t.Errorf("%s: description, licence or source is missing: %+v", info.Name, info)
		}
		file, err := shelved.ReadFile("embedded/" + shelf[i].file)
		if sum := fmt.Sprintf("%x", sha256.Sum256(file)); err != nil || sum != info.SHA256 {
			t.Errorf("%s: SHA-256 %s, not %s (%v)", info.Name, sum, info.SHA256, err)
		}
	}
	if !slices.IsSorted(names) {
		t.Errorf("%v are not in alphabetical order", names)
	}
}

func TestEmbeddedIsSmall(t *testing.T) {
	total := int64(0)
	err := fs.WalkDir(shelved, ".", func(_ string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			info, _ := entry.Info()
			total += info.Size()
		}
		return err
	})
	if err != nil || total > 6<<20 {
		t.Errorf("%d bytes are embedded, want 6 MiB at most (%v)", total, err)
	}
}

func TestSpam(t *testing.T) {
	s := load(t, "spam")
	x := s.X.(*CSR)
	spam := 0
	word := slices.Index(s.Features, "viagra")
	in := map[float64]int{}
	for i, label := range s.Y {
		if label == 1 {
			spam++
		}
		_, values := x.Row(i)
		norm := 0.0
		for j, v := range rowOf(x, i) {
			norm += v * v
			if j == word {
				in[label]++
			}
		}
		if len(values) > 0 && math.Abs(math.Sqrt(norm)-1) > 0.02 {
			t.Errorf("row %d has the norm %v", i, math.Sqrt(norm))
		}
	}
	const sum = "7dae2acb26720e2660c30f25167f2f3928e287b273322c33bf48a0f3523ee68b"
	words, err := shelved.ReadFile("embedded/spam.words.zst")
	if got := fmt.Sprintf("%x", sha256.Sum256(words)); err != nil || got != sum {
		t.Errorf("the words have the SHA-256 %s, not %s (%v)", got, sum, err)
	}
	if spam != 1896 {
		t.Errorf("%d mails are spam, want 1896", spam)
	}
	if in[1] < 5*in[-1] || in[1] < 20 {
		t.Errorf("%q stands in %d spam and %d ham mails: features and names do not belong together", "viagra", in[1], in[-1])
	}
}

func TestLoadIsFresh(t *testing.T) {
	load(t, "digits").Y[0] = 99
	if y := load(t, "digits").Y[0]; y != 0 {
		t.Errorf("a caller's change came back: %v", y)
	}
}

func TestLoadUnknown(t *testing.T) {
	const want = `data: unknown embedded data set "digit"; did you mean "digits"?`
	if _, err := Load("digit"); err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

func BenchmarkLoadSpam(b *testing.B) {
	for b.Loop() {
		if _, err := Load("spam"); err != nil {
			b.Fatal(err)
		}
	}
}
