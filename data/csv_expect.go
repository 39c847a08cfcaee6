package data

import (
	"fmt"
	"slices"

	"steepest/internal/plural"
)

// expect matches the columns with those of the file that the model was fitted to: by name if both files have names, otherwise by position.
func (t *table) expect(names []string, sample [][]string, o CSVOptions) error {
	e := o.Expect
	label, named, err := -1, false, error(nil)
	if o.Label != "" {
		if label, named, err = t.findLabel(names, o); err != nil {
			return err
		}
	}
	t.label = label
	err = t.expectPlaces(e)
	numbersIn := make([]bool, t.cols)
	for _, f := range t.features {
		numbersIn[f.At-1] = f.Categories == nil
	}
	known := slices.ContainsFunc(e.Features, func(f Column) bool { return f.Name != "" && slices.Contains(names, f.Name) })
	t.Header = named || o.Header == WithHeader || o.Header == DetectHeader && (known || t.isHeader(sample, numbersIn))
	if t.Header {
		t.names = names
		for k, f := range t.features {
			t.features[k].Name = names[f.At-1]
		}
		alike := err == nil && t.label == e.Label.At-1 && (e.Label.At == 0 || names[t.label] == e.Label.Name)
		for k, f := range t.features { // with duplicate names, the same position decides
			alike = alike && f.Name == e.Features[k].Name
		}
		if !alike && len(e.Features) > 0 && e.Features[0].Name != "" {
			t.label, t.features = label, nil
			err = t.expectNames(o.Label == "", e)
		}
	}
	for k, f := range e.Features {
		t.categories = append(t.categories, nil)
		if f.Categories != nil {
			t.categories[k] = knownCategories(f.Categories)
		}
	}
	return err
}

// expectNames finds the columns by name. If findLabel is set it finds the column of the labels, too.
func (t *table) expectNames(findLabel bool, e *Columns) error {
	const twice, taken = -2, -3
	places := make(map[string]int, t.cols)
	for j, name := range t.names {
		if _, known := places[name]; known {
			j = twice
		}
		places[name] = j
	}
	var lacking []string
	for _, want := range e.Features {
		at, known := places[want.Name]
		switch {
		case known && at == t.label:
			return t.errorf(at, fmt.Sprintf("Label: column %s is a feature of the model", quote(want.Name)), "set Label to another column")
		case !known:
			lacking = append(lacking, want.Name)
		case at == taken:
			return t.errorf(-1, fmt.Sprintf("the model has two features named %s, and names do not tell which column is which", quote(want.Name)),
				"give the columns the order of the data that the model was fitted to")
		case at == twice:
			return t.errorf(-1, fmt.Sprintf("two columns are named %s", quote(want.Name)), "remove one of them")
		default:
			places[want.Name] = taken
		}
		t.features = append(t.features, Column{Name: want.Name, At: at + 1, Categories: want.Categories})
	}
	if lacking != nil {
		what := fmt.Sprintf("there are no columns %s, which the model needs", listed(lacking))
		if len(lacking) == 1 {
			what = fmt.Sprintf("there is no column %s, which the model needs", listed(lacking))
		}
		where := " in line 1"
		if t.in == nil {
			where = ""
		}
		fix := fmt.Sprintf("name the columns%s as in the data that the model was fitted to", where)
		if near := nearest(lacking[0], t.names); near != "" {
			fix = fmt.Sprintf("name it%s; is it %s?", where, quote(near))
		}
		return t.errorf(-1, what, "%s", fix)
	}
	last := t.cols - 1
	switch isFeature := func(f Column) bool { return f.At == last+1 }; {
	case !findLabel:
	case e.Label.Name != "":
		t.label = slices.Index(t.names, e.Label.Name)
	case t.cols > len(e.Features) && !slices.ContainsFunc(t.features, isFeature):
		t.label = last
	}
	return nil
}

// expectPlaces finds the columns by position. The file has one of these layouts: all columns of the file that the model was fitted to, all
// of them without the labels, only the features, or the features and then the labels. It sets the position of the labels to −1 (open).
func (t *table) expectPlaces(e *Columns) error {
	label := t.label
	places := make([]int, 0, len(e.Features))
	switch n := len(e.Features); {
	case t.cols == e.File && (label < 0 || label == e.Label.At-1):
		for _, f := range e.Features {
			places = append(places, f.At)
		}
		label = e.Label.At - 1
	case t.cols == e.File-1 && label < 0 && e.Label.At > 0:
		for _, f := range e.Features {
			if f.At > e.Label.At {
				f.At--
			}
			places = append(places, f.At)
		}
	case t.cols == n || t.cols == n+1:
		if t.cols == n+1 && label < 0 {
			label = n
		}
		for j := range t.cols {
			if j != label {
				places = append(places, j+1)
			}
		}
	}
	if n := len(e.Features); len(places) != n {
		model := fmt.Sprintf("was fitted to %d of a file with %d", n, e.File)
		if e.File == n+1 { // all but the label, as in rows of other formats
			model = fmt.Sprintf("takes %s, with or without a label", plural.Of(n, "feature"))
		}
		return t.errorf(-1, fmt.Sprintf("there are %s, and the model %s", plural.Of(t.cols, "column"), model),
			"give a file with the same columns, or name the columns in line 1 of both")
	}
	t.label = label
	for k, f := range e.Features {
		f.At, f.Name = places[k], ""
		t.features = append(t.features, f)
	}
	return nil
}
