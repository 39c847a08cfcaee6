package runs

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
)

// Bound is the bound of a theorem on f − f* along a run.
type Bound struct {
	Name string
	// Printed says that the theorem is in its printed form, not in a sharper form.
	Printed bool
	Steps   []int
	// Values are the bound after the Steps; NaN at steps that the theorem does not cover.
	Values []float64
}

const boundsFile = "bounds.json"

// boundJSON is a Bound with null for NaN and infinities.
type boundJSON struct {
	Name    string     `json:"name"`
	Printed bool       `json:"printed"`
	Steps   []int      `json:"steps"`
	Values  []*float64 `json:"values"`
}

// WriteBounds adds bounds to the folder of a run that has ended.
func WriteBounds(path string, bounds []Bound) error {
	var out []boundJSON
	for _, b := range bounds {
		values := make([]*float64, len(b.Values))
		for i, v := range b.Values {
			if !math.IsNaN(v) && !math.IsInf(v, 0) {
				values[i] = &v
			}
		}
		out = append(out, boundJSON{b.Name, b.Printed, b.Steps, values})
	}
	if err := writeJSON(filepath.Join(path, boundsFile), out); err != nil {
		return fmt.Errorf("runs: %w", err)
	}
	return nil
}

// bounds reads the file of WriteBounds. It returns nil if there is none, or if it is invalid.
func (r *Run) bounds(root *os.Root) (bounds []Bound) {
	var in []boundJSON
	if readJSON(root, r.Name, boundsFile, &in) != nil {
		return nil
	}
	for _, b := range in {
		if len(b.Steps) != len(b.Values) {
			return nil
		}
		values := make([]float64, len(b.Values))
		for i, v := range b.Values {
			values[i] = math.NaN()
			if v != nil {
				values[i] = *v
			}
		}
		bounds = append(bounds, Bound{b.Name, b.Printed, b.Steps, values})
	}
	return bounds
}
