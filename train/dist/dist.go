// Package dist sums over the processes of a group, its ranks. The result depends neither on the number of ranks nor on their order: the problem
// decides how many pieces a sum has, and the sum is made along a tree over their index.
//
// A Group moves bytes between the ranks. Package mpi has a Group that uses an MPI library.
package dist

import (
	"encoding/binary"
	"iter"
	"slices"
	"unsafe"

	"steepest/param"
)

// Group is the processes that make one run together. All of them call the same methods in the same order, with lengths that agree. An error
// names the rank at fault. After an error the group is of no more use.
type Group interface {
	// Rank returns the number of this process, from 0 to below Size.
	Rank() int
	Size() int
	// AllToAll sends each rank its part of send, and receives a part of recv from each rank. The parts follow one another by rank;
	// sends and receives are their lengths in bytes.
	AllToAll(recv, send []byte, receives, sends []int) error
	// AllGather sends send to all ranks, and receives in recv the parts that the ranks send, by rank; receives are their lengths in bytes.
	AllGather(recv, send []byte, receives []int) error
	// AllReduce32 and AllReduce64 store in v the sum of v over all ranks, which have the same number of elements. The sum has the same bits on
	// all ranks. The terms may be added in any order.
	AllReduce32(v []float32) error
	AllReduce64(v []float64) error
}

// Any reports whether the flag is set on any rank. A nil group is this process alone.
func Any(g Group, flag bool) (bool, error) {
	if g == nil {
		return flag, nil
	}
	own, all := []byte{0}, make([]byte, g.Size())
	if flag {
		own[0] = 1
	}
	if err := g.AllGather(all, own, slices.Repeat([]int{1}, g.Size())); err != nil {
		return false, err
	}
	return slices.Contains(all, 1), nil
}

// segment is the number of bytes of a vector that are sent at once: enough for the full speed of a network.
var segment = 8 << 20

// Broadcast copies v of rank 0 to v of all ranks, which have the same number of elements.
func Broadcast[E int64 | param.Float](g Group, v []E) error {
	counts := make([]int, g.Size())
	bytes := bytesOf(v)
	for len(bytes) > 0 {
		part := bytes[:min(segment, len(bytes))]
		bytes = bytes[len(part):]
		counts[0] = len(part)
		var send []byte
		if g.Rank() == 0 {
			send = append(send, part...)
		}
		if err := g.AllGather(part, send, counts); err != nil {
			return err
		}
	}
	return nil
}

// Collect copies v of rank from to v of rank 0, which has the same number of elements.
func Collect[E int64 | param.Float](g Group, from int, v []E) error {
	if from == 0 {
		return nil
	}
	sends, receives := make([]int, g.Size()), make([]int, g.Size())
	for part := range slices.Chunk(bytesOf(v), segment) {
		var send, recv []byte
		switch g.Rank() {
		case from:
			send, sends[0] = part, len(part)
		case 0:
			recv, receives[from] = part, len(part)
		}
		if err := g.AllToAll(recv, send, receives, sends); err != nil {
			return err
		}
	}
	return nil
}

// Exchange copies to all ranks the elements of v that each owns. owned has, for each rank, its ranges, from the first element to below the
// last.
func Exchange[E param.Float](g Group, v []E, owned [][][2]int) error {
	width, most := int(unsafe.Sizeof(*new(E))), 0
	lengths, counts := make([]int, len(owned)), make([]int, len(owned))
	for r, ranges := range owned {
		for _, at := range ranges {
			lengths[r] += at[1] - at[0]
		}
		most = max(most, lengths[r])
	}
	stretch := max(1, segment/width/len(owned)) // of each rank at a time
	var send, recv []E
	for lo := 0; lo < most; lo += stretch {
		total := 0
		for r, n := range lengths {
			counts[r] = width * (min(n, lo+stretch) - min(n, lo))
			total += counts[r] / width
		}
		send, recv = send[:0], slices.Grow(recv[:0], total)[:total]
		for at := range within(owned[g.Rank()], lo, lo+stretch) {
			send = append(send, v[at[0]:at[1]]...)
		}
		if err := g.AllGather(bytesOf(recv), bytesOf(send), counts); err != nil {
			return err
		}
		from := recv
		for _, ranges := range owned {
			for at := range within(ranges, lo, lo+stretch) {
				from = from[copy(v[at[0]:at[1]], from):]
			}
		}
	}
	return nil
}

// within returns the parts of ranges that hold their elements from number lo to below hi, counted over all of them.
func within(ranges [][2]int, lo, hi int) iter.Seq[[2]int] {
	return func(yield func([2]int) bool) {
		counted := 0
		for _, at := range ranges {
			begin := at[0] - counted
			counted += at[1] - at[0]
			from, to := max(at[0], begin+lo), min(at[1], begin+hi)
			if from < to && !yield([2]int{from, to}) {
				return
			}
		}
	}
}

// Texts returns the text of each rank.
func Texts(g Group, text string) ([]string, error) {
	counts, lengths := slices.Repeat([]int{8}, g.Size()), make([]byte, 8*g.Size())
	if err := g.AllGather(lengths, binary.NativeEndian.AppendUint64(nil, uint64(len(text))), counts); err != nil {
		return nil, err
	}
	total := 0
	for i := range counts {
		counts[i] = int(binary.NativeEndian.Uint64(lengths[8*i:]))
		total += counts[i]
	}
	all, texts := make([]byte, total), make([]string, len(counts))
	if err := g.AllGather(all, []byte(text), counts); err != nil {
		return nil, err
	}
	for i, n := range counts {
		texts[i], all = string(all[:n]), all[n:]
	}
	return texts, nil
}

// bytesOf returns a view of the memory of v.
func bytesOf[E int64 | param.Float](v []E) []byte {
	return unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(v))), len(v)*int(unsafe.Sizeof(*new(E))))
}

// as is the inverse of bytesOf.
func as[E int64 | param.Float](b []byte) []E {
	return unsafe.Slice((*E)(unsafe.Pointer(unsafe.SliceData(b))), len(b)/int(unsafe.Sizeof(*new(E))))
}
