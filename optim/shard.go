package optim

import (
	"cmp"
	"slices"

	"steepest/param"
)

// Ranks are processes that divide the state of an Optimizer among them. All of them call the same methods in the same order.
type Ranks[T param.Float] interface {
	// Rank is the number of this process, from 0 to below Size.
	Rank() int
	Size() int
	// AllReduce64 stores in v of each rank the sum of v over all ranks.
	AllReduce64(v []float64) error
	// Exchange copies the elements of v that a rank owns to all ranks. owned has, for each rank, its ranges [lo, hi) in ascending order.
	Exchange(v []T, owned [][]Range) error
}

// Range is a range of elements, from Range[0] to below Range[1].
type Range = [2]int

// Part says which elements of a vector a process keeps: those from From on, of Size in all.
type Part struct{ From, Size int }

// Cut returns the vectors, each whole vector cut to its part. Vectors that are parts already stay as they are.
func Cut[T param.Float](vectors map[string][]T, own map[string][]T, parts map[string]Part) map[string][]T {
	cut := make(map[string][]T, len(vectors))
	for name, v := range vectors {
		if p, ok := parts[name]; ok && len(v) == p.Size {
			v = v[p.From:][:len(own[name])]
		}
		cut[name] = v
	}
	return cut
}

// Divide returns which elements of each parameter's state each rank keeps: [rank][parameter]. If a transform of its route takes whole
// tensors, a parameter belongs to one rank. These parameters are assigned in descending order of their operations, each to the rank that
// has the fewest operations so far. The parameters of other routes are one sequence of shares of 16,384 elements, and each rank keeps a
// contiguous range of it.
func (p Plan) Divide(ranks int) [][]Range {
	parts := make([][]Range, ranks)
	for r := range parts {
		parts[r] = make([]Range, len(p))
	}
	p.divideWhole(parts)
	for _, route := range p.routes() {
		p.divideElements(parts, route)
	}
	return parts
}

// routes returns the names of the routes that do not take whole tensors.
func (p Plan) routes() (names []string) {
	for _, a := range p {
		if !a.Whole && !slices.Contains(names, a.Route) {
			names = append(names, a.Route)
		}
	}
	return names
}

func (p Plan) divideWhole(parts [][]Range) {
	var tensors []int
	operations := make([]float64, len(p))
	for i, a := range p {
		if a.Whole {
			tensors = append(tensors, i)
		}
		for _, c := range a.Costs {
			operations[i] += c.FLOPs
		}
	}
	slices.SortStableFunc(tensors, func(i, j int) int { return cmp.Compare(operations[j], operations[i]) })
	load := make([]float64, len(parts))
	for _, i := range tensors {
		r := slices.Index(load, slices.Min(load))
		load[r] += operations[i]
		parts[r][i] = Range{0, p[i].Param.Size()}
	}
}

func (p Plan) divideElements(parts [][]Range, route string) {
	first, pieces := make([]int, len(p)), 0 // [parameter] the number of its first piece
	for i, a := range p {
		if first[i] = pieces; a.Route == route {
			pieces += (a.Param.Size() + pieceSize - 1) / pieceSize
		}
	}
	shares := (pieces + share - 1) / share
	for r := range parts {
		from, to := r*shares/len(parts)*share, (r+1)*shares/len(parts)*share
		for i, a := range p {
			if a.Route == route {
				within := func(piece int) int { return min(max(0, piece-first[i])*pieceSize, a.Param.Size()) }
				parts[r][i] = Range{within(from), within(to)}
			}
		}
	}
}

// StateBytes returns the memory of the state that each rank keeps.
func (p Plan) StateBytes(ranks int) []int {
	bytes := make([]int, ranks)
	for r, parts := range p.Divide(ranks) {
		for i, part := range parts {
			for _, c := range p[i].Costs {
				if size, own := p[i].Param.Size(), part[1]-part[0]; c.Everywhere || own == size {
					bytes[r] += c.StateBytes
				} else {
					bytes[r] += c.StateBytes / size * own
				}
			}
		}
	}
	return bytes
}

// division is an Optimizer's part of the state that ranks divide.
type division[T param.Float] struct {
	Ranks[T]
	parts []Range   // [parameter] whose state this process keeps
	owned [][]Range // [rank] of x
}

// newDivision returns the part of this process for parameters that begin at the indices starts, or nil without ranks.
func newDivision[T param.Float](ranks Ranks[T], plan Plan, starts []int) *division[T] {
	if ranks == nil {
		return nil
	}
	all := plan.Divide(ranks.Size())
	d := &division[T]{Ranks: ranks, parts: all[ranks.Rank()], owned: make([][]Range, len(all))}
	for r, parts := range all {
		for i, part := range parts {
			lo, hi := starts[i]+part[0], starts[i]+part[1]
			switch last := len(d.owned[r]) - 1; {
			case lo == hi:
			case last >= 0 && d.owned[r][last][1] == lo:
				d.owned[r][last][1] = hi
			default:
				d.owned[r] = append(d.owned[r], Range{lo, hi})
			}
		}
	}
	return d
}

// exchange copies the elements of v that each rank owns to all ranks.
func (d *division[T]) exchange(v []T) error {
	if d == nil {
		return nil
	}
	return d.Exchange(v, d.owned)
}

// sum adds up the numbers of all ranks. Each number is 0 on all ranks but one, so the order of the sum does not matter.
func (d *division[T]) sum(v []float64) error {
	if d == nil || len(v) == 0 {
		return nil
	}
	return d.AllReduce64(v)
}
