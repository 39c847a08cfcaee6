package data

import (
	"fmt"
	"slices"
	"strconv"
)

// Columns says which columns of a CSV or Parquet file became features, and how, so that another file is read in the same way.
type Columns struct {
	// File is the number of columns of the file.
	File int `json:"columns"`
	// Label is the column of the labels; its position is 0 if there is none.
	Label Column `json:"label"`
	// Features are the columns that became features, in their order.
	Features []Column `json:"features"`
	// Missing lists the marks for missing values that were given in addition to the usual ones.
	Missing []string `json:"missing,omitempty"`
	// Dense says that the matrix is dense even if there are many categories.
	Dense bool `json:"dense,omitempty"`
}

// Column is a column of a CSV or Parquet file.
type Column struct {
	// Name is the name in the header; "" if there is no header.
	Name string `json:"name,omitempty"`
	// At is its position, from 1.
	At int `json:"at"`
	// Categories lists the words of a column of words, in ascending order; nil for a column of numbers. Each word becomes a feature that is 1
	// in the rows with this word, and 0 in other rows. "" stands for missing words.
	Categories []string `json:"categories,omitempty"`
}

// Numbers returns n columns of numbers followed by a column of labels, to read a CSV file like data of another format. The names may be
// nil. It returns nil for more than a million columns, which no CSV file has.
func Numbers(n int, names []string) *Columns {
	if n > 1_000_000 {
		return nil
	}
	c := &Columns{File: n + 1, Label: Column{At: n + 1}, Features: make([]Column, n)}
	for j := range c.Features {
		c.Features[j].At = j + 1
		if names != nil {
			c.Features[j].Name = names[j]
		}
	}
	return c
}

// String returns the name of a column in quotes, or its position.
func (c Column) String() string {
	if c.Name == "" {
		return c.plain()
	}
	return quote(c.Name)
}

// Listed returns a column as a list of columns names it: its name as a record of CSV, in quotes, or its position.
func (c Column) Listed() string {
	if c.Name == "" {
		return c.plain()
	}
	return strconv.Quote(namesOf(c))
}

// plain returns the name of a column, or its position.
func (c Column) plain() string {
	if c.Name == "" {
		return strconv.Itoa(c.At)
	}
	return c.Name
}

// Width returns the number of features that the column becomes.
func (c Column) Width() int {
	if c.Categories == nil {
		return 1
	}
	return len(c.Categories)
}

// Names returns the names of the features: the name of the column, or column=word for a category. It returns nil if the file has neither
// names nor categories.
func (c *Columns) Names() (names []string) {
	named := false
	for _, f := range c.Features {
		name := f.plain()
		named = named || f.Name != "" || f.Categories != nil
		if f.Categories == nil {
			names = append(names, name)
		}
		for _, word := range f.Categories {
			names = append(names, name+"="+word)
		}
	}
	if !named {
		return nil
	}
	return names
}

// Of returns the column of the file that feature j comes from. Features are numbered from 0.
func (c *Columns) Of(j int) Column {
	for _, f := range c.Features {
		if j -= f.Width(); j < 0 {
			return f
		}
	}
	panic("data: Columns.Of: there is no such feature")
}

// Width returns the number of features.
func (c *Columns) Width() (n int) {
	for _, f := range c.Features {
		n += f.Width()
	}
	return n
}

// sparse reports whether the matrix is stored sparse: if less than 0.3 of the features are not zero, as in scikit-learn's
// ColumnTransformer.
func (c *Columns) sparse() bool {
	return !c.Dense && float64(len(c.Features)) < 0.3*float64(c.Width())
}

// Check returns an error if the columns cannot be those of a file.
func (c *Columns) Check() error {
	seen := make(map[int]bool)
	for _, f := range append(slices.Clone(c.Features), c.Label) {
		switch {
		case f.At == 0 && f.Name == "" && f.Categories == nil && len(seen) == len(c.Features): // no labels
		case f.At < 1 || f.At > c.File || seen[f.At]:
			return fmt.Errorf("its column %d of %d stands twice or nowhere", f.At, c.File)
		case f.Categories != nil && len(f.Categories) == 0 || !slices.IsSorted(f.Categories) ||
			len(slices.Compact(slices.Clone(f.Categories))) != len(f.Categories):
			return fmt.Errorf("the categories of its column %s are not in ascending order", f)
		}
		seen[f.At] = true
	}
	return nil
}
