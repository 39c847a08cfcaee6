package train

import "steepest/internal/shuffle"

// How Blocks mixes terms: so many consecutive terms are a block, and the terms of so many blocks are shuffled together. Terms of 500 bytes
// are read in pieces of 512 kB, and 134 MB of them are in use.
const (
	blockTerms  = 1 << 10
	mixedBlocks = 1 << 8
)

// blocks is the order of Blocks in an epoch: a permutation of the blocks, cut into groups, and a permutation of the terms of each group. The
// terms after the last whole block belong to the last group.
type blocks struct {
	n, whole, groups int // terms, whole blocks, groups
	dice             *dice
	epoch, group     int              // whose terms are in terms
	terms            []uint32         // in their order
	preload          func(lo, hi int) // asks for terms that are needed soon; nil where nobody does
}

func newBlocks(n int, dice *dice) *blocks {
	whole := n / blockTerms
	return &blocks{n: n, whole: whole, groups: max(1, (whole+mixedBlocks-1)/mixedBlocks), dice: dice, epoch: -1}
}

// at returns the term at a place in an epoch.
func (b *blocks) at(epoch, place int) uint32 {
	const group = blockTerms * mixedBlocks
	g := min(place/group, b.groups-1)
	if epoch != b.epoch || g != b.group {
		b.mix(epoch, g)
	}
	return b.terms[place-g*group]
}

// mix makes the order of a group, and asks for the terms of the next one.
func (b *blocks) mix(epoch, group int) {
	follows := epoch == b.epoch && group == b.group+1
	b.epoch, b.group, b.terms = epoch, group, b.terms[:0]
	if b.whole > 0 {
		order := shuffle.New(uint64(b.whole), b.dice.at(streamOrder, epoch).Uint64)
		for i := group * mixedBlocks; i < min(b.whole, (group+2)*mixedBlocks); i++ {
			from, next := int(order.At(uint64(i)))*blockTerms, i >= (group+1)*mixedBlocks
			if b.preload != nil && (next || !follows) {
				b.preload(from, from+blockTerms)
			}
			if !next {
				b.take(from, blockTerms)
			}
		}
	}
	if group == b.groups-1 {
		b.take(b.whole*blockTerms, b.n%blockTerms)
	}
	b.dice.at(streamGroup, epoch*b.groups+group).Shuffle(len(b.terms), func(i, j int) { b.terms[i], b.terms[j] = b.terms[j], b.terms[i] })
}

// take adds consecutive terms to the group.
func (b *blocks) take(from, count int) {
	for i := range count {
		b.terms = append(b.terms, uint32(from+i))
	}
}

// ahead returns the term at a place behind one that at has been asked for, if it is of the same group.
func (b *blocks) ahead(place int) (term uint32, known bool) {
	if place -= b.group * blockTerms * mixedBlocks; place < 0 || place >= len(b.terms) {
		return 0, false
	}
	return b.terms[place], true
}
