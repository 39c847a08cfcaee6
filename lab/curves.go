package lab

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"gonum.org/v1/gonum/floats"

	"steepest/report"
	"steepest/runs"
)

// horizontal lists the possible x axes. A plot has those that some run has measured.
var horizontal = []report.Axis{
	{Key: "step", Label: "steps"}, {Key: "epochs", Label: "epochs"}, {Key: "grads", Label: "gradient evaluations"}, {Key: "tokens", Label: "tokens"},
	{Key: "flops", Label: "FLOPs"}, {Key: "seconds", Label: "time, s"},
}

// vertical lists the y axes that come first, with their labels. Other measurements follow, under their names.
var vertical = []report.Axis{
	{Key: "excess", Label: "f − f*", Log: true}, {Key: "loss", Label: "loss"}, {Key: "validation", Label: "validation"}, {Key: "gap", Label: "duality gap", Log: true},
	{Key: "distance", Label: "‖x − x*‖", Log: true}, {Key: "test", Label: "test"}, {Key: "smoothed", Label: "smoothed loss"}, {Key: "norm", Label: "‖g‖", Log: true},
	{Key: "lr", Label: "step size"},
}

// View says which part of the runs a plot shows.
type View struct {
	// X and Y are the keys of the axes. An unknown key stands for the first axis.
	X, Y string
	// Group lists configuration keys. Runs with the same values of these keys share a curve and a band. No keys stand for all but the
	// seed, and "name" gives each run a curve.
	Group []string
	// Smooth is the decay factor of the exponential smoothing: from 0 (none) to below 1.
	Smooth float64
}

// Curves with more points are thinned to about the number of columns of a screen; if there are many curves, to fewer points.
const (
	mostPoints  = 1000    // per curve
	allPoints   = 100_000 // of all curves
	leastPoints = 100
)

// plot returns the curves of runs.
func plot(list []*runs.Run, v View) report.Plot {
	p := report.Plot{Title: "Runs", X: []report.Axis{}, Y: []report.Axis{}, Curves: []report.Curve{}}
	has := make(map[string]bool)
	for _, r := range list {
		for _, name := range r.Record.Names() {
			has[name] = true
		}
	}
	for _, a := range horizontal {
		if has[a.Key] {
			p.X = append(p.X, a)
		}
		delete(has, a.Key)
	}
	for _, a := range vertical {
		if has[a.Key] {
			p.Y = append(p.Y, a)
		}
		delete(has, a.Key)
	}
	for _, name := range slices.Sorted(maps.Keys(has)) {
		p.Y = append(p.Y, report.Axis{Key: name, Label: name})
	}
	if len(p.X) == 0 || len(p.Y) == 0 {
		return p
	}
	x, y := chosen(p.X, v.X), chosen(p.Y, v.Y)
	groups := grouped(list, v.Group)
	most := max(leastPoints, min(mostPoints, allPoints/max(1, len(groups))))
	for _, g := range groups {
		p.Curves = append(p.Curves, g.curves(x, y, v.Smooth, most)...)
	}
	return p
}

// chosen returns the key if there is such an axis, or else that of the first axis.
func chosen(axes []report.Axis, key string) string {
	return axes[max(0, slices.IndexFunc(axes, func(a report.Axis) bool { return a.Key == key }))].Key
}

// group is the set of runs behind one curve.
type group struct {
	name string
	runs []*runs.Run
}

// grouped sorts runs into groups by keys, in the order of their start. Without keys it uses all keys that differ. The name of a group
// distinguishes it from the other groups of its method.
func grouped(list []*runs.Run, keys []string) []*group {
	oldest := slices.Clone(list)
	slices.Reverse(oldest)
	all := keys
	if keys == nil {
		all = slices.DeleteFunc(append(runs.Differing(oldest), "entrant"), func(key string) bool { return runs.Incidental(key) && key != "entrant" })
	}
	byID := make(map[string]*group)
	var groups []*group
	for _, r := range oldest {
		id := identity(r, all)
		g := byID[id]
		if g == nil {
			g = &group{}
			byID[id] = g
			groups = append(groups, g)
		}
		g.runs = append(g.runs, r)
	}
	for _, g := range groups {
		g.name = g.named(groups, keys)
	}
	distinguish(groups)
	return groups
}

// identity returns a text that two runs share if they have the same values of the keys.
func identity(r *runs.Run, keys []string) (id string) {
	for _, key := range keys {
		id += r.Value(key) + "\x00"
	}
	return id
}

// named returns the name of a group.
func (g *group) named(all []*group, keys []string) string {
	r := g.runs[0]
	if keys != nil {
		var parts []string
		for _, key := range keys {
			parts = append(parts, label(r, key, len(keys) == 1 || key == "method" || key == "name" || key == "entrant"))
		}
		return strings.Join(parts, ", ")
	}
	method, problem := cmp.Or(r.Config["entrant"], r.Config["method"]), r.Value("problem.name")
	var firsts []*runs.Run // the first run of each group of the method on the problem
	several := false
	for _, other := range all {
		o := other.runs[0]
		if o.Value("problem.name") != problem {
			several = true
		} else if cmp.Or(o.Config["entrant"], o.Config["method"]) == method {
			firsts = append(firsts, o)
		}
	}
	if several && problem != "" {
		method += " on " + problem
	}
	for _, key := range telling(firsts) {
		method += ", " + label(r, key, false)
	}
	return method
}

// telling returns a few keys that distinguish the runs. It tries options first, then the batch, the problem, and the rest, and keeps a key if
// it distinguishes more runs.
func telling(list []*runs.Run) (keys []string) {
	all := slices.DeleteFunc(runs.Differing(list), runs.Incidental)
	order := func(key string) int {
		return slices.IndexFunc([]string{"options.lr", "options.", "batch", "problem.", ""}, func(prefix string) bool { return strings.HasPrefix(key, prefix) })
	}
	slices.SortStableFunc(all, func(a, b string) int { return cmp.Compare(order(a), order(b)) })
	distinct := func() int {
		seen := make(map[string]bool)
		for _, r := range list {
			seen[identity(r, keys)] = true
		}
		return len(seen)
	}
	for _, key := range all {
		before := distinct()
		if before == len(list) {
			break
		}
		if keys = append(keys, key); distinct() == before {
			keys = keys[:len(keys)-1]
		}
	}
	return keys
}

// label formats the value of a key for a run; bare leaves out the key.
func label(r *runs.Run, key string, bare bool) string {
	value := cmp.Or(r.Value(key), "—")
	if bare {
		return value
	}
	return key[strings.LastIndexByte(key, '.')+1:] + "=" + value
}

// distinguish numbers groups with the same name, since names identify curves.
func distinguish(groups []*group) {
	seen := make(map[string]int)
	for _, g := range groups {
		name := g.name
		for seen[g.name]++; seen[g.name] > 1; seen[g.name]++ {
			g.name = fmt.Sprintf("%s (%d)", name, seen[name])
		}
	}
}

// curves returns the median of the runs with its band, and the bounds of theorems.
func (g *group) curves(x, y string, smooth float64, most int) []report.Curve {
	c := report.Curve{Name: g.name, X: make(map[string][]float64), Y: make(map[string]report.Band)}
	if positions, band := g.band(x, y, smooth, most); positions != nil {
		c.X[x], c.Y[y] = positions, band
	}
	for _, r := range g.runs {
		if r.Bounds != nil && y == "excess" {
			return append([]report.Curve{c}, g.bounds(r, x)...)
		}
	}
	return []report.Curve{c}
}

// series returns the positions and values of a run, without points that lack either.
func series(r *runs.Run, x, y string, smooth float64) (xs, ys []float64) {
	across, up := r.Record.Column(x), r.Record.Column(y)
	if across == nil || up == nil {
		return nil, nil
	}
	for i := range across {
		if !math.IsNaN(across[i]) && !math.IsNaN(up[i]) && (len(xs) == 0 || across[i] >= xs[len(xs)-1]) {
			xs, ys = append(xs, across[i]), append(ys, up[i])
		}
	}
	return xs, smoothed(ys, smooth)
}

// smoothed returns the bias-corrected exponential moving averages of values.
func smoothed(v []float64, factor float64) []float64 {
	if factor == 0 {
		return v
	}
	out := make([]float64, len(v))
	sum, weight := 0.0, 0.0
	for i, x := range v {
		sum, weight = float64(factor*sum)+x, float64(factor*weight)+1
		out[i] = sum / weight
	}
	return out
}

// band returns the median of the runs with the 10 % and 90 % quantiles, at the positions of all runs. Values between the points of a run are
// interpolated linearly. A run does not count outside its range, except that a diverged run counts as ∞ after its end.
func (g *group) band(x, y string, smooth float64, most int) (positions []float64, band report.Band) {
	type curve struct {
		x, y     []float64
		diverged bool
	}
	var list []curve
	same := true
	for _, r := range g.runs {
		xs, ys := series(r, x, y, smooth)
		if xs == nil {
			continue
		}
		list = append(list, curve{xs, ys, r.Status == runs.Diverged})
		same = same && floats.Equal(xs, list[0].x)
		positions = append(positions, xs...)
	}
	switch {
	case list == nil:
		return nil, report.Band{}
	case same:
		positions = list[0].x
	default:
		slices.Sort(positions)
		positions = slices.Compact(positions)
	}
	positions = thinned(positions, most)
	varies := false
	for _, at := range positions {
		var values []float64
		for _, c := range list {
			if v := interpolated(c.x, c.y, at); !math.IsNaN(v) {
				values = append(values, v)
			} else if c.diverged && at > c.x[len(c.x)-1] {
				values = append(values, math.Inf(1))
			}
		}
		slices.Sort(values)
		low, mid, high := quantile(values, .1), quantile(values, .5), quantile(values, .9)
		band.Low, band.Mid, band.High = append(band.Low, low), append(band.Mid, mid), append(band.High, high)
		varies = varies || low < high
	}
	if !varies {
		band.Low, band.High = nil, nil
	}
	return positions, band
}

// thinned returns at most a given number of the positions, evenly spaced by index, with the first and the last.
func thinned(x []float64, most int) []float64 {
	if len(x) <= most {
		return x
	}
	out := make([]float64, most)
	for i := range out {
		out[i] = x[i*(len(x)-1)/(most-1)]
	}
	return out
}

// interpolated returns the value of a curve at a position, and NaN outside its range. Of several values at a position it takes the last.
func interpolated(x, y []float64, at float64) float64 {
	i, _ := slices.BinarySearchFunc(x, at, func(v, at float64) int {
		if v <= at {
			return -1
		}
		return 1
	}) // the first point after the position
	switch {
	case i == 0:
		return math.NaN()
	case x[i-1] == at:
		return y[i-1]
	case i == len(x):
		return math.NaN()
	}
	share := (at - x[i-1]) / (x[i] - x[i-1])
	return y[i-1] + float64(share*(y[i]-y[i-1]))
}

// quantile interpolates linearly at the index p(n−1) of the sorted values, as compare does; NaN for no values.
func quantile(sorted []float64, p float64) float64 {
	if len(sorted) == 0 {
		return math.NaN()
	}
	place := p * float64(len(sorted)-1)
	i := int(place)
	share := place - float64(i)
	if share == 0 || math.IsInf(sorted[i+1], 1) && math.IsInf(sorted[i], 1) {
		return sorted[i]
	}
	return sorted[i] + float64(share*(sorted[i+1]-sorted[i]))
}

// bounds returns the bounds on f − f* of a run over an x axis, at the steps where the run has measured that axis.
func (g *group) bounds(r *runs.Run, x string) (list []report.Curve) {
	at := make(map[float64]float64)
	if column := r.Record.Column(x); column != nil {
		for i, step := range r.Record.Column("step") {
			at[step] = column[i]
		}
	}
	for _, b := range r.Bounds {
		c := report.Curve{Name: g.name + " ≤ " + b.Name, Of: g.name, Dashed: b.Printed, X: make(map[string][]float64), Y: make(map[string]report.Band)}
		var values []float64
		for i, step := range b.Steps {
			if v, ok := at[float64(step)]; ok && !math.IsNaN(v) {
				c.X[x], values = append(c.X[x], v), append(values, b.Values[i])
			}
		}
		if values != nil {
			c.Y["excess"] = report.Band{Mid: values}
			list = append(list, c)
		}
	}
	return list
}
