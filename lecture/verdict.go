package lecture

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
)

// Verdict compares measurements with the claim. It is empty for a figure without a claim.
type Verdict []Measurement

// Agrees reports whether all measurements agree with the claim, except undecided ones.
func (v Verdict) Agrees() bool {
	return !slices.ContainsFunc(v, func(m Measurement) bool { return !m.Agrees() && !m.Undecided() })
}

// Measurement is a measured number with its expected value.
type Measurement struct {
	// What names the measured quantity in words.
	What Text
	// Got is the measured number.
	Got      float64
	Relation Relation
	// Want is the number that the claim gives: the value itself, up to Tolerance, or a bound.
	Want, Tolerance float64
	// Timed says that the number comes from a clock. It depends on the machine and its load, and can therefore confirm the claim, but
	// not refute it.
	Timed bool
}

// Relation is the relation of a number to the claim.
type Relation uint8

// The relations.
const (
	// Equal means |Got − Want| ≤ Tolerance.
	Equal Relation = iota
	// AtMost means Got ≤ Want.
	AtMost
	// AtLeast means Got ≥ Want.
	AtLeast
)

// String returns =, ≤ or ≥.
func (r Relation) String() string { return [...]string{"=", "≤", "≥"}[r] }

// Agrees reports whether the relation holds. It never holds for NaN.
func (m Measurement) Agrees() bool {
	switch m.Relation {
	case AtMost:
		return m.Got <= m.Want
	case AtLeast:
		return m.Got >= m.Want
	}
	return math.Abs(m.Got-m.Want) <= m.Tolerance
}

// Undecided reports whether the number comes from a clock and does not confirm the claim.
func (m Measurement) Undecided() bool { return m.Timed && !m.Agrees() }

// Comparison writes the numbers: "0.0288307, which should be 0.02883 ± 1e-05".
func (m Measurement) Comparison() Text {
	got, want := number(m.Got), number(m.Want)
	switch {
	case m.Relation != Equal:
		sign := m.Relation.String()
		if !m.Agrees() {
			sign = map[Relation]string{AtMost: "≰", AtLeast: "≱"}[m.Relation]
		}
		relation := got + " " + sign + " " + want
		if m.Undecided() {
			return Text{relation + ", not decided on this machine", relation + ", на этой машине не решено"}
		}
		return Text{relation, relation}
	case m.Tolerance > 0:
		want += " ± " + minus(strconv.FormatFloat(m.Tolerance, 'g', 2, 64))
	}
	return Text{got + ", should be " + want, got + ", должно быть " + want}
}

// number formats a number with a readable number of digits.
func number(v float64) string {
	text := fmt.Sprintf("%.6g", v)
	if v == math.Trunc(v) && math.Abs(v) < 1e6 {
		text = strconv.FormatFloat(v, 'f', 0, 64)
	}
	return minus(text)
}

func minus(text string) string { return strings.ReplaceAll(text, "-", "−") }

// inBoth makes a text. The Russian part may contain names of curves in English, which are translated.
func inBoth(en, ru string) Text { return Text{en, russian(ru)} }

// equal, atMost and atLeast make measurements.
func equal(en, ru string, got, want, tolerance float64) Measurement {
	return Measurement{inBoth(en, ru), got, Equal, want, tolerance, false}
}

func atMost(en, ru string, got, bound float64) Measurement {
	return Measurement{inBoth(en, ru), got, AtMost, bound, 0, false}
}

func atLeast(en, ru string, got, bound float64) Measurement {
	return Measurement{inBoth(en, ru), got, AtLeast, bound, 0, false}
}

// timed marks a measurement as taken by a clock.
func timed(m Measurement) Measurement {
	m.Timed = true
	return m
}
