package report

import (
	"encoding/json"
	"math"
	"strconv"
)

// digits is the number of significant digits on a page: more than a screen can show, and half the size of a full float64.
const digits = 8

// numbers is a list of values that is written as JSON: shortened, with null for NaN and Inf.
type numbers []float64

func (v numbers) MarshalJSON() ([]byte, error) {
	if v == nil {
		return []byte("null"), nil
	}
	out := make([]byte, 1, 2+10*len(v))
	out[0] = '['
	for i, x := range v {
		if i > 0 {
			out = append(out, ',')
		}
		if math.IsNaN(x) || math.IsInf(x, 0) {
			out = append(out, "null"...)
		} else {
			out = strconv.AppendFloat(out, x, 'g', digits, 64)
		}
	}
	return append(out, ']'), nil
}

// MarshalJSON writes the curve with eight significant digits per number, and null for NaN and Inf.
func (c Curve) MarshalJSON() ([]byte, error) {
	x, y := make(map[string]numbers, len(c.X)), c.Y
	for key, positions := range c.X {
		x[key] = positions
	}
	if y == nil {
		y = map[string]Band{}
	}
	return json.Marshal(struct {
		Name   string             `json:"name"`
		X      map[string]numbers `json:"x"`
		Y      map[string]Band    `json:"y"`
		Dashed bool               `json:"dashed,omitempty"`
		Of     string             `json:"of,omitempty"`
		Faint  bool               `json:"faint,omitempty"`
	}{c.Name, x, y, c.Dashed, c.Of, c.Faint})
}

// MarshalJSON writes the band as [Curve] writes its numbers.
func (b Band) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		Mid  numbers `json:"mid"`
		Low  numbers `json:"low,omitempty"`
		High numbers `json:"high,omitempty"`
	}{b.Mid, b.Low, b.High})
}
