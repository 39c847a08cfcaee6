package lab

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"gonum.org/v1/gonum/floats"

	"steepest/report"
	"steepest/runs"
)

// horizontal are the axes that a plot may have below it, as far as a run has measured them.
var horizontal = []report.Axis{
	{Key: "step", Label: "steps"}, {Key: "epochs", Label: "epochs"}, {Key: "grads", Label: "gradient evaluations"}, {Key: "tokens", Label: "tokens"},
	{Key: "flops", Label: "FLOPs"}, {Key: "seconds", Label: "time, s"},
}

// vertical are those beside it that have another label than their name, and the ones that come first.
var vertical = []report.Axis{
	{Key: "excess", Label: "f − f*", Log: true}, {Key: "loss", Label: "loss"}, {Key: "validation", Label: "validation"}, {Key: "gap", Label: "duality gap", Log: true},
	{Key: "distance", Label: "‖x − x*‖", Log: true}, {Key: "test", Label: "test"}, {Key: "smoothed", Label: "smoothed loss"}, {Key: "norm", Label: "‖g‖", Log: true},
	{Key: "lr", Label: "step size"},
}

// View is what of the runs a plot shows.
type View struct {
	// X and Y are the axes whose numbers the plot has; the first ones where there are none of the names.
	X, Y string
	// Group are the keys of the configurations that a curve is for; runs that agree in them are a band. None stands for all but the seed,
	// and "name" for each run.
	Group []string
	// Smooth is the factor by which the weights of the points before fall, from 0, which smooths nothing, to below 1.
	Smooth float64
}

// Curves of more points are thinned: to what a screen has columns for, and to fewer where there are many of them.
const (
	mostPoints  = 1000    // of a curve
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
	for _, name := range slices.Sorted(func(yield func(string) bool) {
		for name := range has {
			if !yield(name) {
				return
			}
		}
	}) {
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

// chosen returns the axis of a key, and the first for one that there is not.
func chosen(axes []report.Axis, key string) string {
	return axes[max(0, slices.IndexFunc(axes, func(a report.Axis) bool { return a.Key == key }))].Key
}

// group is runs that one curve is for.
type group struct {
	name string
	runs []*runs.Run
}

// grouped sorts runs into groups by keys, in the order of their start. Without keys, these are all that differ, and a name tells a group from
// the others of its method.
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
		id := ""
		for _, key := range all {
			id += r.Value(key) + "\x00"
		}
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
	method := cmp.Or(r.Config["entrant"], r.Config["method"])
	var firsts []*runs.Run // of the groups of the method
	for _, other := range all {
		if o := other.runs[0]; cmp.Or(o.Config["entrant"], o.Config["method"]) == method {
			firsts = append(firsts, o)
		}
	}
	for _, key := range telling(firsts) {
		method += ", " + label(r, key, false)
	}
	return method
}

// telling returns keys that tell runs apart, as few as that takes of them in their order: options, what is minimized, and the rest.
func telling(list []*runs.Run) (keys []string) {
	all := slices.DeleteFunc(runs.Differing(list), runs.Incidental)
	order := func(key string) int {
		return slices.IndexFunc([]string{"options.lr", "options.", "batch", "problem.", ""}, func(prefix string) bool { return strings.HasPrefix(key, prefix) })
	}
	slices.SortStableFunc(all, func(a, b string) int { return cmp.Compare(order(a), order(b)) })
	distinct := func() int {
		seen := make(map[string]bool)
		for _, r := range list {
			id := ""
			for _, key := range keys {
				id += r.Value(key) + "\x00"
			}
			seen[id] = true
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

// label writes what a run has for a key.
func label(r *runs.Run, key string, bare bool) string {
	value := cmp.Or(r.Value(key), "—")
	if bare {
		return value
	}
	return key[strings.LastIndexByte(key, '.')+1:] + "=" + value
}

// distinguish numbers groups of one name: curves are known by theirs.
func distinguish(groups []*group) {
	seen := make(map[string]int)
	for _, g := range groups {
		name := g.name
		for seen[g.name]++; seen[g.name] > 1; seen[g.name]++ {
			g.name = fmt.Sprintf("%s (%d)", name, seen[name])
		}
	}
}

// curves returns the median of the runs with its band, and the bounds on them.
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

// series are the positions and values of a run, without those where it lacks one of them.
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

// smoothed returns the exponential means of values, without the bias of the zeros before the first: weights fall by the factor a point.
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

// band returns the median of the runs with its deciles, over the positions of all of them. Between its points a run is a line, and beyond
// its ends it is not counted, but for one that has diverged, which is above all others from there.
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

// thinned returns at most so many of positions, evenly by their number, with the first and the last.
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

// interpolated returns the value of a curve at a position, and NaN beyond its ends. Of several values at one it is the last.
func interpolated(x, y []float64, at float64) float64 {
	i, _ := slices.BinarySearchFunc(x, at, func(v, at float64) int {
		if v <= at {
			return -1
		}
		return 1
	}) // the first behind
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

// quantile interpolates linearly at the place p(n−1) of the sorted values, as compare does; NaN of none.
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

// bounds returns those on f − f* that stand beside a run, over an axis that it has at their steps.
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
