package theory

import (
	"math"
	"math/rand/v2"
	"slices"

	"gonum.org/v1/gonum/floats"

	"steepest/optim"
	"steepest/optim/schedule"
	"steepest/train"
)

// The bounds are for SAG with the start of its paper, and for SVRG with option II, whose snapshots are random iterates. These tests have plain
// loops of both.

// gradients of all terms at x.
func termGradients(i instance, x []float64) [][]float64 {
	all := make([][]float64, i.problem.Len())
	for j := range all {
		all[j] = make([]float64, len(x))
		i.problem.Grad(all[j], x, []uint32{uint32(j)})
	}
	return all
}

func (i instance) excess(x []float64) float64 { return i.problem.Loss(x, nil) - i.best.F }

// sagBounds applies the theorems on SAG. The plain loop satisfies their hypothesis on the start of the table.
func sagBounds(i instance) []Bound {
	var bounds []Bound
	for _, t := range onReduction[:2] {
		r := setup(train.SAG{}, 512, train.LastIterate)
		if t.Of == AverageExcess {
			r.Settings.Average.Form = train.UniformAverage
		}
		bounds = append(bounds, t.Apply(i.facts(), r))
	}
	return bounds
}

// runSAG averages ten runs with α = 1/(16L).
func runSAG(i instance, steps int) measured {
	var m measured
	var last, average sample
	alpha, n := 1/(16*i.facts().LMax), i.problem.Len()
	for seed := range uint64(10) {
		random := rand.New(rand.NewPCG(seed, 1))
		x, sum := slices.Clone(i.start), make([]float64, len(i.start)) // sum of the iterates, for the average
		table, mean := termGradients(i, x), make([]float64, len(x))
		i.problem.Grad(mean, x, nil)
		for _, row := range table {
			floats.Sub(row, mean)
		}
		clear(mean)
		at := 0
		for k := range steps + 1 {
			if k > 0 && k&(k-1) == 0 {
				if seed == 0 {
					m.steps, last, average = append(m.steps, k), append(last, nil), append(average, nil)
				}
				xbar := slices.Clone(sum)
				floats.Scale(1/float64(k), xbar)
				last[at], average[at] = append(last[at], i.excess(x)), append(average[at], i.excess(xbar))
				at++
			}
			floats.Add(sum, x)
			j := random.IntN(n)
			g := make([]float64, len(x))
			i.problem.Grad(g, x, []uint32{uint32(j)})
			floats.AddScaled(mean, 1/float64(n), g)
			floats.AddScaled(mean, -1/float64(n), table[j])
			table[j] = g
			floats.AddScaled(x, -alpha, mean)
		}
	}
	m.of = map[Quantity][]estimate{Excess: last.estimates(), AverageExcess: average.estimates()}
	return m
}

// runSVRG averages ten runs of some loops of m = 20κ steps with α = 1/(10L), and applies the theorem.
func runSVRG(i instance, loops int) (Bound, measured) {
	p := i.facts()
	inner := int(math.Ceil(50 * p.LMax / p.Mu))
	alpha := 1 / (10 * p.LMax)
	rule := train.SVRG{LR: schedule.Constant(alpha), Inner: optim.Set(inner), RandomSnapshot: true}
	var m measured
	var excess sample
	for seed := range uint64(10) {
		random := rand.New(rand.NewPCG(seed, 2))
		w := slices.Clone(i.start)
		whole, g, shift := make([]float64, len(w)), make([]float64, len(w)), make([]float64, len(w))
		for s := range loops {
			i.problem.Grad(whole, w, nil)
			x := slices.Clone(w)
			for range random.IntN(inner) {
				batch := []uint32{random.Uint32N(uint32(p.N))}
				i.problem.Grad(g, x, batch)
				i.problem.Grad(shift, w, batch)
				floats.Sub(g, shift)
				floats.Add(g, whole)
				floats.AddScaled(x, -alpha, g)
			}
			w = x
			if seed == 0 {
				m.steps, excess = append(m.steps, (s+1)*inner), append(excess, nil)
			}
			excess[s] = append(excess[s], i.excess(w))
		}
	}
	m.of = map[Quantity][]estimate{Excess: excess.estimates()}
	return onReduction[3].Apply(p, setup(rule, loops*inner, train.LastIterate)), m
}
