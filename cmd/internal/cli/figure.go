package cli

import (
	"errors"
	"slices"
	"strings"

	"steepest/compare"
	"steepest/internal/suggest"
	"steepest/report"
)

// figure lays out the panels without their curves, so that mistakes in the flags are found before the race.
func (c *compareCmd) figure(race compare.Race) (report.Figure, error) {
	plot := (&compare.Result{Race: race}).Plot()
	panels := c.Panels
	if panels == "" {
		panels = c.XAxis + ":" + c.YAxis
	}
	f := report.Figure{Title: c.Title}
	for _, text := range strings.Split(panels, ",") {
		x, y, ok := strings.Cut(strings.TrimSpace(text), ":")
		if !ok {
			return f, usage("", "--panels: %q is not of the form x:y", text)
		}
		f.Panels = append(f.Panels, report.Panel{X: x, Y: y})
	}
	for _, p := range append(f.Panels, report.Panel{X: c.XAxis, Y: c.YAxis}) {
		if err := errors.Join(checkAxis(p.X, plot.X), checkAxis(p.Y, plot.Y)); err != nil {
			return f, err
		}
	}
	return f, nil
}

func checkAxis(key string, axes []report.Axis) error {
	var keys []string
	for _, a := range axes {
		keys = append(keys, a.Key)
	}
	if key == "" || slices.Contains(keys, key) {
		return nil
	}
	hint := ""
	if key == "excess" || key == "distance" {
		hint = "excess and distance need the optimum, which is not known here"
	}
	return usage(hint, "%w", suggest.Unknown("axis", key, keys))
}

// putFirst moves the axis with the key to the front.
func putFirst(axes []report.Axis, key string) {
	i := slices.IndexFunc(axes, func(a report.Axis) bool { return a.Key == key })
	for ; i > 0; i-- {
		axes[i-1], axes[i] = axes[i], axes[i-1]
	}
}
