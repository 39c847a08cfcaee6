package norm

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"steepest/internal/decimal"
	"steepest/internal/suggest"
)

// names are the texts of norms without an exponent. String returns the first text of a norm.
var names = []struct {
	text string
	norm Norm
}{
	{"default", Norm{}},
	{"l1", L1}, {"l2", L2}, {"linf", LInf}, {"frobenius", Frobenius}, {"max-entry", MaxEntry},
	{"rows", MaxRow}, {"columns", MaxColumn}, {"spectral", Spectral}, {"nuclear", Nuclear},
}

var kindNames = []string{ofEntries: "lp", ofRows: "rows", ofColumns: "columns", ofSingularValues: "schatten"}

// Names returns the texts of all norms, where p stands for an exponent from 1 to inf.
func (Norm) Names() []string { return forms() }

// String returns the norm as UnmarshalText reads it.
func (n Norm) String() string {
	for _, known := range names {
		if known.norm == n {
			return known.text
		}
	}
	return fmt.Sprintf("%s(%v)", kindNames[n.of], n.p)
}

// MarshalText returns String.
func (n Norm) MarshalText() ([]byte, error) { return []byte(n.String()), nil }

// UnmarshalText reads "l1", "l2" or "frobenius", "linf" or "max-entry", "rows" for MaxRow, "columns" for MaxColumn,
// "spectral", "nuclear", "default" for the zero Norm, and with an exponent such as 3 or inf "lp(3)", "rows(3)", "columns(3)"
// and "schatten(3)".
func (n *Norm) UnmarshalText(text []byte) error {
	name, rest, withExponent := strings.Cut(string(text), "(")
	if !withExponent {
		for _, known := range names {
			if known.text == name {
				*n = known.norm
				return nil
			}
		}
		return suggest.Unknown("norm", name, forms())
	}
	of := slices.Index(kindNames, name)
	if of < 0 {
		return suggest.Unknown("norm", string(text), forms())
	}
	exponent, closed := strings.CutSuffix(rest, ")")
	p, ok := decimal.ParseFinite(exponent)
	if exponent == "inf" {
		p, ok = math.Inf(1), true
	}
	if !closed || !ok || p < 1 {
		return fmt.Errorf("norm %q: the exponent in %s(p) is a number from 1 to inf", text, name)
	}
	*n = newNorm(kind(of), p)
	return nil
}

// forms lists what UnmarshalText reads.
func forms() (all []string) {
	for _, known := range names {
		all = append(all, known.text)
	}
	for _, name := range kindNames {
		all = append(all, name+"(p)")
	}
	return all
}
