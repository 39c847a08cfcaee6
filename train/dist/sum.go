package dist

import (
	"math"
	"slices"
	"sync/atomic"
	"time"
	"unsafe"

	"steepest/internal/parallel"
	"steepest/internal/simd"
	"steepest/param"
)

// Sum adds up vectors, one for each piece of a problem, along the tree of parallel.Reduce: neighbors first, then neighbors of the results. So
// the bits of the sum are the same for any number of ranks. Each rank makes a range of the pieces, and adds up the nodes of the tree that lie
// within its range. For the rest of the tree each rank adds up a range of the elements, and then all ranks gather the ranges. No rank sends
// or receives much more than twice the vector. Short vectors are an exception, since one message is faster: each rank sends its nodes to all
// ranks together with their values, and every rank adds up all nodes.
type Sum[T param.Float] struct {
	// Group is nil for one process alone.
	Group Group
	// AnyOrder lets the Group add the vectors of its ranks in any order, so that rounding may depend on their number. Values are still added
	// along the tree.
	AnyOrder bool
	// Feedback holds, for each piece, the part of its vectors that Compress has dropped so far. Only the entries of a rank's own pieces are
	// up to date.
	Feedback [][]T
	// Took is the mean time that each rank of a Group took for a piece of the last sum; 0 for a rank without pieces. The next sum overwrites it.
	Took []time.Duration
	// Bad holds the ranks of a Group that made vectors in the last sum that are not finite, in ascending order. The next sum overwrites it.
	Bad []int

	compression Compression

	spare      [][]T
	recv, send []byte
	own, all   []node[T]   // memory for the nodes of this rank and of all ranks
	shape      [][]node[T] // what nodes returns
	pieces     int         // the number of pieces of shape
	counts     []int       // the bytes of each rank's nodes
}

// node is a node of the tree: the sum of 2^level pieces from first on, or of fewer at the end.
type node[T param.Float] struct {
	first, level int
	sum          []T
	value        float64
}

// Of stores in dst the sum of the vectors of all pieces, at least one, and returns the sum of their values. piece(dst, k) stores the vector of
// piece k in its dst and returns its value. If dst is nil, there are only values. A rank calls piece for its own pieces, in ascending order.
func (s *Sum[T]) Of(dst []T, pieces int, piece func(dst []T, k int) float64) (float64, error) {
	if s.compression.On() && dst != nil {
		return s.ofCompressed(dst, pieces, piece)
	}
	rank, size := s.place()
	first, last := share(rank, size, pieces)
	own, start := tree[T]{pieces: pieces, nodes: s.own[:0], add: s.add}, time.Now()
	for k := first; k < last; k++ {
		sum := s.vector(dst, k == first)
		own.push(node[T]{first: k, sum: sum, value: piece(sum, k)})
	}
	s.own = own.nodes
	took := time.Since(start)
	if size == 1 {
		return own.nodes[0].value, nil // its sum is dst
	}
	width, sent := int(unsafe.Sizeof(T(0))), 0
	if size*width*len(dst) <= short {
		sent = len(dst)
	}
	all, err := s.gatherNodes(own.nodes, sent, pieces, took, finite(own.nodes))
	if err != nil {
		return 0, err
	}
	root := whole(all, pieces)
	two := size == 2 && len(all) == 2 // one node of each rank: a + b has the bits of b + a
	switch {
	case sent == len(dst):
		copy(dst, root.sum)
	case s.AnyOrder || two:
		return root.value, s.reduce(dst, own.nodes)
	default:
		for lo, most := 0, segment/width; lo < len(dst); lo += most {
			if err := s.exchange(dst[lo:min(lo+most, len(dst))], lo, own.nodes, pieces); err != nil {
				return 0, err
			}
		}
	}
	for _, n := range own.nodes {
		s.keep(dst, n.sum)
	}
	return root.value, nil
}

// short bounds the bytes of a vector times the number of ranks: up to it, the sums of nodes are sent together with their values.
var short = 1 << 14

// whole returns the root of the tree over nodes in ascending order, and overwrites the nodes.
func whole[T param.Float](nodes []node[T], pieces int) node[T] {
	t := tree[T]{pieces: pieces, nodes: nodes[:0], add: plus[T]}
	for _, n := range nodes {
		t.push(n)
	}
	return t.nodes[0]
}

// reduce adds up the nodes of all ranks in the order of the Group.
func (s *Sum[T]) reduce(dst []T, own []node[T]) error {
	if len(own) == 0 {
		clear(dst)
	}
	for _, n := range own {
		if unsafe.SliceData(n.sum) != unsafe.SliceData(dst) {
			s.add(dst, n.sum)
		}
	}
	if v, single := any(dst).([]float32); single {
		return s.Group.AllReduce32(v)
	}
	return s.Group.AllReduce64(any(dst).([]float64))
}

// place returns the rank of this process and the number of ranks.
func (s *Sum[T]) place() (rank, size int) {
	if s.Group == nil {
		return 0, 1
	}
	return s.Group.Rank(), s.Group.Size()
}

// share returns the pieces of a rank: from first to below last.
func share(rank, size, pieces int) (first, last int) {
	return rank * pieces / size, (rank + 1) * pieces / size
}

// Owner returns the rank that makes piece k out of pieces.
func Owner(g Group, pieces, k int) int { return ((k+1)*g.Size() - 1) / pieces }

// vector returns memory for the vector of a piece. The first piece of a rank gets dst.
func (s *Sum[T]) vector(dst []T, first bool) []T {
	n := len(s.spare)
	switch {
	case dst == nil || first:
		return dst
	case n == 0:
		return simd.LargePages(make([]T, len(dst)))
	}
	v := s.spare[n-1]
	s.spare = s.spare[:n-1]
	return v
}

// keep keeps the memory v for later pieces, unless it is dst.
func (s *Sum[T]) keep(dst, v []T) {
	if dst != nil && unsafe.SliceData(v) != unsafe.SliceData(dst) {
		s.spare = append(s.spare, v)
	}
}

// add adds v to sum, and keeps the memory v for later pieces.
func (s *Sum[T]) add(sum, v []T) {
	plus(sum, v)
	if v != nil {
		s.spare = append(s.spare, v)
	}
}

// block is how many elements a processor adds at a time.
const block = 1 << 14

// plus adds v to sum.
func plus[T param.Float](sum, v []T) {
	parallel.For((len(v)+block-1)/block, func(_, i int) {
		hi := min((i+1)*block, len(v))
		simd.Axpy(1, v[i*block:hi], sum[i*block:hi])
	})
}

// finite reports whether all sums are finite.
func finite[T param.Float](nodes []node[T]) bool {
	var bad atomic.Bool
	for _, n := range nodes {
		parallel.For((len(n.sum)+block-1)/block, func(_, i int) {
			if !simd.Finite(n.sum[i*block : min((i+1)*block, len(n.sum))]) {
				bad.Store(true)
			}
		})
	}
	return !bad.Load()
}

// tree holds the nodes that wait for their neighbor.
type tree[T param.Float] struct {
	pieces int
	nodes  []node[T]
	add    func(sum, v []T)
}

// push appends a node, and makes all sums that are then possible. A node at the end that has no neighbor moves up a level as it is.
func (t *tree[T]) push(n node[T]) {
	for 1<<n.level < t.pieces {
		width := 1 << n.level
		if n.first&width == 0 {
			if n.first+width < t.pieces {
				break
			}
		} else {
			last := len(t.nodes) - 1
			if last < 0 || t.nodes[last].first != n.first-width || t.nodes[last].level != n.level {
				break
			}
			left := t.nodes[last]
			t.nodes = t.nodes[:last]
			t.add(left.sum, n.sum)
			n.first, n.sum, n.value = left.first, left.sum, left.value+n.value
		}
		n.level++
	}
	t.nodes = append(t.nodes, n)
}

// nodes returns the nodes that remain on each rank when it has made its pieces, without sums.
func (s *Sum[T]) nodes(pieces int) [][]node[T] {
	size := s.Group.Size()
	if s.pieces == pieces && len(s.shape) == size {
		return s.shape
	}
	s.pieces, s.shape = pieces, make([][]node[T], size)
	for rank := range size {
		t := tree[T]{pieces: pieces, add: func(_, _ []T) {}}
		first, last := share(rank, size, pieces)
		for k := first; k < last; k++ {
			t.push(node[T]{first: k})
		}
		s.shape[rank] = t.nodes
	}
	return s.shape
}

// gatherNodes returns the nodes of all ranks with their values. It returns their sums, too, if elements is their length, and not if it is 0;
// they are valid until the next exchange. It also sets Took and Bad, for which the ranks exchange how long they took, with a minus sign if their
// vectors are not finite.
func (s *Sum[T]) gatherNodes(own []node[T], elements, pieces int, took time.Duration, finite bool) ([]node[T], error) {
	size, words := s.Group.Size(), 1+(elements*int(unsafe.Sizeof(T(0)))+7)/8 // of 8 bytes: the value and the elements
	nodes, total := s.nodes(pieces), 0
	s.counts = s.counts[:0]
	for rank, list := range nodes {
		s.counts = append(s.counts, 8*(1+words*len(list)))
		total += s.counts[rank]
	}
	length := s.counts[s.Group.Rank()]
	s.send = slices.Grow(s.send[:0], length)[:length]
	s.recv = slices.Grow(s.recv[:0], total)[:total]
	send, recv := as[float64](s.send), as[float64](s.recv)
	send[0] = took.Seconds()
	if !finite {
		send[0] = math.Copysign(send[0], -1)
	}
	for i, n := range own {
		at := send[1+i*words : 1+(i+1)*words]
		at[0] = n.value
		copy(as[T](bytesOf(at[1:])), n.sum[:elements])
	}
	if err := s.Group.AllGather(s.recv, s.send, s.counts); err != nil {
		return nil, err
	}
	all := s.all[:0]
	s.Took, s.Bad = s.Took[:0], s.Bad[:0]
	for rank, list := range nodes {
		s.Took = append(s.Took, 0)
		if first, last := share(rank, size, pieces); first < last {
			s.Took[rank] = time.Duration(math.Abs(recv[0]) * float64(time.Second) / float64(last-first))
		}
		if math.Signbit(recv[0]) {
			s.Bad = append(s.Bad, rank)
		}
		recv = recv[1:]
		for _, n := range list {
			n.value, n.sum = recv[0], as[T](bytesOf(recv[1:words]))[:elements]
			all, recv = append(all, n), recv[words:]
		}
	}
	s.all = all
	return all, nil
}

// exchange stores in dst the sum of the nodes of all ranks. Element i of dst is element at+i of the nodes.
func (s *Sum[T]) exchange(dst []T, at int, own []node[T], pieces int) error {
	rank, size, width := s.Group.Rank(), s.Group.Size(), int(unsafe.Sizeof(T(0)))
	from := func(r int) int { return r * len(dst) / size } // rank r adds up the elements from(r) to from(r+1)
	mine := from(rank+1) - from(rank)
	var all []node[T]
	sends, receives, shares := make([]int, size), make([]int, size), make([]int, size)
	for r, nodes := range s.nodes(pieces) {
		all = append(all, nodes...)
		shares[r] = width * (from(r+1) - from(r))
		sends[r], receives[r] = len(own)*shares[r], len(nodes)*width*mine
	}
	send := s.send[:0]
	if len(own) == 1 { // the ranges lie one behind the other already
		send = bytesOf(own[0].sum[at : at+len(dst)])
	} else {
		for r := range size {
			for _, n := range own {
				send = append(send, bytesOf(n.sum[at+from(r):at+from(r+1)])...)
			}
		}
		s.send = send
	}
	need := len(all) * width * mine
	s.recv = slices.Grow(s.recv[:0], need)[:need]
	if err := s.Group.AllToAll(s.recv, send, receives, sends); err != nil {
		return err
	}
	parts, t := as[T](s.recv), tree[T]{pieces: pieces, add: plus[T]}
	for i, n := range all {
		n.sum = parts[i*mine : (i+1)*mine]
		t.push(n)
	}
	return s.Group.AllGather(bytesOf(dst), bytesOf(t.nodes[0].sum), shares)
}
