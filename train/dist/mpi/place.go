//go:build linux || darwin

package mpi

import (
	"encoding/json"
	"fmt"
	"os"
	"runtime"
	"slices"

	"steepest/train/dist"
)

// place is where a rank runs: the name of its machine, and the numbers of the processors that the rank may use.
type place struct {
	Machine    string
	Processors []int
}

// here returns the place of this process.
func here() place {
	machine, _ := os.Hostname()
	p := place{machine, affinity()}
	if p.Processors == nil {
		for i := range runtime.NumCPU() {
			p.Processors = append(p.Processors, i)
		}
	}
	return p
}

// sharing returns how many ranks may use some of the processors of a rank, itself included, and how many processors these are.
func sharing(places []place, rank int) (ranks, processors int) {
	own := places[rank]
	for _, p := range places {
		if p.Machine == own.Machine && slices.ContainsFunc(p.Processors, func(i int) bool { return slices.Contains(own.Processors, i) }) {
			ranks++
		}
	}
	return ranks, len(own.Processors)
}

// meet exchanges the places of the ranks.
func (g *Group) meet() error {
	own, _ := json.Marshal(here()) // cannot fail
	texts, err := dist.Texts(g, string(own))
	if err != nil {
		return err
	}
	g.places = make([]place, len(texts))
	for rank, text := range texts {
		if err := json.Unmarshal([]byte(text), &g.places[rank]); err != nil {
			return fmt.Errorf("mpi: the place of rank %d is %q: %w", rank, text, err)
		}
	}
	ranks, processors := g.Sharing(g.rankOf)
	g.crowded = ranks > processors
	return nil
}
