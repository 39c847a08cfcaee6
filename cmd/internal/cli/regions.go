package cli

import (
	"cmp"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"

	"steepest/compare"
	"steepest/data"
	"steepest/model"
	"steepest/report"
)

// isPlanar reports whether the data are classes of points in the plane.
func isPlanar(p problem) bool {
	s := p.sample()
	if s == nil || s.target.classes == nil || s.cache != nil {
		return false
	}
	_, features := s.set.X.Dims()
	return features == 2
}

// regions returns the picture of how each method divides the plane into classes, in its run with the median loss.
func regions(p problem, result *compare.Result) *report.Regions {
	s := p.sample()
	r := &report.Regions{
		Title: "What the methods make of the plane", X: s.feature(0), Y: s.feature(1), Points: points(s.set.X),
		Note: "Of each method, the run that ended with the median of f. The paler, the less sure; a line where two classes " +
			"are equally likely.",
	}
	indices, _ := s.target.classes.Indices(s.set.Y) // the classes come from these labels
	for i, class := range indices {
		r.Points[i].Class = class
	}
	for k, label := range s.target.classes {
		name := fmt.Sprintf("class %g", label)
		if s.set.ClassNames != nil {
			name = s.set.ClassNames[k]
		}
		r.Classes = append(r.Classes, name)
	}
	for _, e := range result.Entries {
		run := median(e.Runs)
		if run.X == nil {
			continue // the method could not start
		}
		m := p.saved(run.X)
		panel := report.Region{
			Title:  e.Name + ": diverged",
			Shares: func(at []report.Point) [][]float64 { return shares(m, at) },
		}
		if !run.Diverged && run.Failed == "" {
			panel.Title = fmt.Sprintf("%s: f = %.3g, %.3g %% right", e.Name, run.Loss(), 100*accuracy(m, s.seen))
		}
		r.Panels = append(r.Panels, panel)
	}
	return r
}

// median returns the run with the median loss, the lower one of two.
func median(runs []compare.Run) compare.Run {
	sorted := slices.SortedStableFunc(slices.Values(runs), func(a, b compare.Run) int { return cmp.Compare(a.Loss(), b.Loss()) })
	return sorted[(len(sorted)-1)/2]
}

// feature names a column of the data.
func (s *sample) feature(j int) string {
	if s.set.Features != nil {
		return s.set.Features[j]
	}
	return fmt.Sprintf("feature %d", j+data.FirstFeature(s.set.Hashing, s.set.ZeroBased))
}

// points returns the rows of a matrix of two columns.
func points(x data.Matrix) []report.Point {
	n, _ := x.Dims()
	if small, ok := x.(*data.Bytes); ok {
		x = small.Dense()
	}
	list := make([]report.Point, n)
	switch x := x.(type) {
	case *data.Dense:
		for i := range list {
			list[i].X, list[i].Y = x.Data[2*i], x.Data[2*i+1]
		}
	case *data.CSR:
		for i := range list {
			indices, values := x.Row(i)
			for k, j := range indices {
				*[]*float64{&list[i].X, &list[i].Y}[j] = values[k]
			}
		}
	}
	return list
}

// shares returns the probability of each class at points of the plane: the softmax of the scores, or the logistic function of a
// single score, for every loss.
func shares(m *model.Model, at []report.Point) [][]float64 {
	plane := &data.Dense{Rows: len(at), Cols: 2}
	for _, point := range at {
		plane.Data = append(plane.Data, point.X, point.Y)
	}
	scores, outputs, err := m.Scores(&data.Set{X: plane})
	if err != nil {
		panic("cli: " + err.Error()) // impossible: the data were prepared in the same way
	}
	shares := make([][]float64, len(at))
	for i := range shares {
		z := scores[i*outputs : (i+1)*outputs]
		if outputs == 1 { // the logistic function is the softmax of 0 and the score
			z = []float64{0, z[0]}
		}
		shares[i] = model.Softmax(z)
	}
	return shares
}

// saveRegions writes the picture to a file, as SVG or PNG according to the extension.
func (w *world) saveRegions(path string, r *report.Regions) error {
	return w.save(path, func(out io.Writer) error {
		if strings.EqualFold(filepath.Ext(path), ".svg") {
			return report.SVG(out, r)
		}
		return report.PNG(out, r)
	})
}
