package lecture

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
)

// Verdict compares what was measured with what the claim says. It is empty for a figure that claims nothing.
type Verdict []Measurement

// Agrees reports whether all measurements do that decide anything.
func (v Verdict) Agrees() bool {
	return !slices.ContainsFunc(v, func(m Measurement) bool { return !m.Agrees() && !m.Undecided() })
}

// Measurement is a number beside the one that it should be.
type Measurement struct {
	// What was measured, in words.
	What Text
	// Got is the measured number.
	Got      float64
	Relation Relation
	// Want is what the claim says: the number itself, up to Tolerance, or a bound.
	Want, Tolerance float64
	// Timed says that the number comes from a clock. It depends on the machine and on what else it does, and so it can bear the claim
	// out, but not refute it.
	Timed bool
}

// Relation is what a claim says of a number.
type Relation uint8

// The relations.
const (
	// Equal is |Got − Want| ≤ Tolerance.
	Equal Relation = iota
	// AtMost is Got ≤ Want.
	AtMost
	// AtLeast is Got ≥ Want.
	AtLeast
)

// String returns =, ≤ or ≥.
func (r Relation) String() string { return [...]string{"=", "≤", "≥"}[r] }

// Agrees reports whether the relation holds. For a NaN it does not.
func (m Measurement) Agrees() bool {
	switch m.Relation {
	case AtMost:
		return m.Got <= m.Want
	case AtLeast:
		return m.Got >= m.Want
	}
	return math.Abs(m.Got-m.Want) <= m.Tolerance
}

// Undecided reports whether the number comes from a clock that does not show what the claim says.
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

// number writes a number with as many digits as one reads.
func number(v float64) string {
	text := fmt.Sprintf("%.6g", v)
	if v == math.Trunc(v) && math.Abs(v) < 1e6 {
		text = strconv.FormatFloat(v, 'f', 0, 64)
	}
	return minus(text)
}

func minus(text string) string { return strings.ReplaceAll(text, "-", "−") }

// inBoth makes a text whose Russian may hold names of curves, which are in English.
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

// timed is a measurement by a clock.
func timed(m Measurement) Measurement {
	m.Timed = true
	return m
}
