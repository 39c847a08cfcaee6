package cli

import (
	"steepest/compare"
	"steepest/optimum"
)

// methods reads the flags for the methods, and refuses flags that have no effect on these methods.
func (c *compareCmd) methods(w *world) ([]compare.Entrant, error) {
	if c.Text != "" {
		c.asText(w)
	}
	network := c.Text != "" || len(c.Hidden) > 0 || c.matrices
	list, err := entrants(c.Method, &c.problemFlags, network)
	if err != nil {
		return nil, err
	}
	if c.Untuned {
		list = append(list, compare.Untuned(network)...)
	}
	return list, c.refuse(w, list)
}

// grid is a race that is ready to start: its problem is read, and solved where possible. Start describes where the runs start.
type grid struct {
	race    compare.Race
	problem problem
	start   string
	best    *optimum.Optimum
}

// close frees the resources of the problem.
func (g *grid) close() {
	if t, ok := g.problem.(languageModel); ok {
		t.corpus.close()
	}
}

// grid sets up the race of some methods.
func (c *compareCmd) grid(w *world, list []compare.Entrant) (*grid, error) {
	race, p, start, err := c.race(w, list)
	if err != nil {
		return nil, err
	}
	g := &grid{race: race, problem: p, start: start}
	if err := c.solve(w, g); err != nil {
		g.close()
		return nil, err
	}
	return g, nil
}

// solve prints what was read, and solves the problem where possible.
func (c *compareCmd) solve(w *world, g *grid) (err error) {
	if err := sayReading(w, g.problem); err != nil {
		return err
	}
	if c.Regions != "" && !isPlanar(g.problem) {
		return usage("drop --regions", "--regions needs classes of points with two features, and this problem has none")
	}
	if !c.NoOptimum && !g.problem.traits().unsolvable {
		if g.best, err = w.solve(g.problem, "--no-optimum compares losses instead"); err != nil {
			return err
		}
	}
	if g.best != nil && g.best.Certified {
		g.race.Optimum = reference(g.problem, g.best)
	}
	c.advise(&g.race, g.problem)
	return nil
}
