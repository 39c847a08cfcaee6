package train

import "steepest/internal/shuffle"

// How Blocks mixes terms: a block is blockTerms consecutive terms, and the terms of a group of blocks are shuffled together. With terms of
// 500 bytes, the disk is read in pieces of 512 kB, and 134 MB are in use at a time.
const (
	blockTerms  = 1 << 10
	mixedBlocks = 1 << 8
)

// blocks is the order of Blocks in an epoch: a permutation of the blocks, cut into groups, and a permutation of the terms of each group.
// Terms after the last whole block belong to the last group.
type blocks struct {
	n, whole, groups int // terms, whole blocks, groups
	dice             *dice
	epoch, group     int              // the group whose terms are in terms
	terms            []uint32         // the terms of the group, in order
	preload          func(lo, hi int) // announces terms that are needed soon; may be nil
}

func newBlocks(n int, dice *dice) *blocks {
	whole := n / blockTerms
	return &blocks{n: n, whole: whole, groups: max(1, (whole+mixedBlocks-1)/mixedBlocks), dice: dice, epoch: -1}
}

// at returns the term at an index of an epoch.
func (b *blocks) at(epoch, place int) uint32 {
	const group = blockTerms * mixedBlocks
	g := min(place/group, b.groups-1)
	if epoch != b.epoch || g != b.group {
		b.mix(epoch, g)
	}
	return b.terms[place-g*group]
}

// mix computes the order of a group, and preloads the terms of the next one.
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

// ahead returns the term at an index of the epoch, if it is in the group of the last call of at.
func (b *blocks) ahead(place int) (term uint32, known bool) {
	if place -= b.group * blockTerms * mixedBlocks; place < 0 || place >= len(b.terms) {
		return 0, false
	}
	return b.terms[place], true
}
