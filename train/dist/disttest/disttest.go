// Package disttest is for tests of what ranks do together: their group is goroutines of one process.
package disttest

import (
	"fmt"
	"slices"
	"sync"
)

// Group is a rank of a dist.Group whose ranks are goroutines.
type Group struct {
	rank  int
	boxes [][]chan []byte // from, to
}

// Together calls f on so many ranks, and returns when all have.
func Together(size int, f func(g *Group)) {
	boxes := make([][]chan []byte, size)
	for i := range boxes {
		boxes[i] = make([]chan []byte, size)
		for j := range boxes[i] {
			boxes[i][j] = make(chan []byte, 1)
		}
	}
	var all sync.WaitGroup
	for rank := range size {
		all.Go(func() { f(&Group{rank, boxes}) })
	}
	all.Wait()
}

// Rank is that of dist.Group.
func (g *Group) Rank() int { return g.rank }

// Size is that of dist.Group.
func (g *Group) Size() int { return len(g.boxes) }

// AllToAll is that of dist.Group.
func (g *Group) AllToAll(recv, send []byte, receives, sends []int) error {
	for to, n := range sends {
		g.boxes[g.rank][to] <- slices.Clone(send[:n])
		send = send[n:]
	}
	return g.collect(recv, receives)
}

// AllGather is that of dist.Group. It panics where the ranks do not agree on lengths.
func (g *Group) AllGather(recv, send []byte, receives []int) error {
	if len(send) != receives[g.rank] {
		panic(fmt.Sprintf("rank %d sends %d bytes, and says %d", g.rank, len(send), receives[g.rank]))
	}
	for to := range g.boxes {
		g.boxes[g.rank][to] <- slices.Clone(send)
	}
	return g.collect(recv, receives)
}

func (g *Group) collect(recv []byte, receives []int) error {
	for from, n := range receives {
		if got := <-g.boxes[from][g.rank]; copy(recv[:n], got) != len(got) || len(got) != n {
			panic(fmt.Sprintf("rank %d has %d bytes from %d, and expects %d", g.rank, len(got), from, n))
		}
		recv = recv[n:]
	}
	if len(recv) > 0 {
		panic("room is left")
	}
	return nil
}
