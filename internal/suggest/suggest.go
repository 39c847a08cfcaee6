// Package suggest makes errors for unknown names that suggest the nearest known name or list all.
package suggest

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Unknown returns the error for a name that is not in known. It suggests the nearest known name if the name may be a typing
// error of it, and otherwise lists all known names. what is the kind of thing that is named, such as "method".
func Unknown(what, name string, known []string) error {
	if near := Nearest(name, known); near != "" {
		return fmt.Errorf("unknown %s %q; did you mean %q?", what, name, near)
	}
	if len(known) == 0 {
		return fmt.Errorf("unknown %s %q; there is none", what, name)
	}
	return fmt.Errorf("unknown %s %q; there are %s", what, name, strings.Join(known, ", "))
}

// Index returns the index of a name in known, or the error of Unknown.
func Index(what, name string, known []string) (int, error) {
	if i := slices.Index(known, name); i >= 0 {
		return i, nil
	}
	return -1, Unknown(what, name, known)
}

// Nearest returns the known name with the least edit distance to name, or "" if all distances exceed a third of the length
// of name. It suggests no number for another.
func Nearest(name string, known []string) string {
	best, limit := "", (len(name)+2)/3
	letters := []rune(strings.ToLower(name))
	number := isNumber(name)
	for _, k := range known {
		if number && isNumber(k) {
			continue
		}
		other := []rune(strings.ToLower(k))
		if max(len(letters)-len(other), len(other)-len(letters)) > limit {
			continue // the distance is at least the difference of the lengths
		}
		if d := distance(letters, other); d <= limit {
			best, limit = k, d-1
		}
	}
	return best
}

func isNumber(text string) bool {
	_, err := strconv.ParseFloat(text, 64)
	return err == nil
}

// distance returns the edit distance of Levenshtein (1966), counting a swap of neighbors as one edit.
func distance(a, b []rune) int {
	var before []int
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range a {
		next := make([]int, len(b)+1)
		next[0] = i + 1
		for j := range b {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			next[j+1] = min(row[j]+cost, row[j+1]+1, next[j]+1)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				next[j+1] = min(next[j+1], before[j-1]+1)
			}
		}
		before, row = row, next
	}
	return row[len(b)]
}

// Value sets e to the value of an enumeration with the name text. names holds the names in the order of the values, from 0.
func Value[E ~uint8](e *E, what string, text []byte, names []string) error {
	i, err := Index(what, string(text), names)
	if err == nil {
		*e = E(i)
	}
	return err
}
