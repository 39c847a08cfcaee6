// Package disttest makes groups for tests, whose ranks are goroutines of one process.
package disttest

import (
	"fmt"
	"slices"
	"sync"
	"unsafe"
)

// Group is a rank of a dist.Group whose ranks are goroutines.
type Group struct {
	rank  int
	boxes [][]chan []byte // from, to
}

// Together calls f on size ranks at once, and returns when all calls have returned.
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

// Rank implements dist.Group.
func (g *Group) Rank() int { return g.rank }

// Size implements dist.Group.
func (g *Group) Size() int { return len(g.boxes) }

// AllToAll implements dist.Group.
func (g *Group) AllToAll(recv, send []byte, receives, sends []int) error {
	for to, n := range sends {
		g.boxes[g.rank][to] <- slices.Clone(send[:n])
		send = send[n:]
	}
	return g.collect(recv, receives)
}

// AllGather implements dist.Group. It panics if the ranks do not agree on the lengths.
func (g *Group) AllGather(recv, send []byte, receives []int) error {
	if len(send) != receives[g.rank] {
		panic(fmt.Sprintf("rank %d sends %d bytes, and says %d", g.rank, len(send), receives[g.rank]))
	}
	for to := range g.boxes {
		g.boxes[g.rank][to] <- slices.Clone(send)
	}
	return g.collect(recv, receives)
}

// AllReduce32 implements dist.Group. It adds from the last rank to the first.
func (g *Group) AllReduce32(v []float32) error { return reduce(g, v) }

// AllReduce64 implements dist.Group. It adds from the last rank to the first.
func (g *Group) AllReduce64(v []float64) error { return reduce(g, v) }

func reduce[T float32 | float64](g *Group, v []T) error {
	bytes := int(unsafe.Sizeof(T(0))) * len(v)
	all := make([]T, len(g.boxes)*len(v))
	memory := func(v []T) []byte {
		return unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(v))), int(unsafe.Sizeof(T(0)))*len(v))
	}
	if err := g.AllGather(memory(all), memory(v), slices.Repeat([]int{bytes}, len(g.boxes))); err != nil {
		return err
	}
	clear(v)
	for _, part := range slices.Backward(slices.Collect(slices.Chunk(all, max(1, len(v))))) {
		for i, x := range part {
			v[i] += x
		}
	}
	return nil
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
