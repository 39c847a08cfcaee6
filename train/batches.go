package train

import (
	"fmt"
	"math"

	"steepest/internal/shuffle"
	"steepest/internal/suggest"
	"steepest/objective"
	"steepest/param"
)

// Sampling says how the batches of a run are drawn.
type Sampling uint8

// The ways of sampling.
const (
	// WithReplacement draws every index of every batch independently and uniformly: the lecture's SGD, whose gradient
	// estimate is unbiased at each step.
	WithReplacement Sampling = iota
	// Reshuffle goes through a new random permutation in each epoch.
	Reshuffle
	// ShuffleOnce goes through the same random permutation in each epoch.
	ShuffleOnce
	// Sequential goes through the terms in order.
	Sequential
	// Blocks is Reshuffle for terms on a disk, which it reads in long pieces. In each epoch it goes through blocks of 1024 consecutive terms
	// in a new random order, and shuffles the terms of 256 blocks together. Two terms of a batch share a block about once in 256 times, for
	// any n, and the terms of a block are in one part of the epoch. Up to 262,144 terms it is the same as Reshuffle.
	Blocks
)

var samplingNames = []string{"with-replacement", "reshuffle", "shuffle-once", "sequential", "blocks"}

// String returns the name that UnmarshalText reads.
func (s Sampling) String() string { return samplingNames[s] }

// MarshalText returns the name that UnmarshalText reads.
func (s Sampling) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads a way of sampling by its name.
func (s *Sampling) UnmarshalText(text []byte) error {
	return suggest.Value(s, "sampling", text, samplingNames)
}

// steps returns the number of batches of the given size, out of n terms, that draw the given number of terms.
func (s Sampling) steps(terms float64, n, size int) float64 {
	if s == WithReplacement {
		return math.Ceil(terms / float64(size))
	}
	epochs := math.Floor(terms / float64(n))
	rest := terms - float64(epochs*float64(n))
	return float64(epochs*math.Ceil(float64(n)/float64(size))) + math.Ceil(rest/float64(size))
}

// Batches draws the batches of a run. Each is a function of (seed, step). It is not for concurrent use.
type Batches struct {
	sampling Sampling
	n, size  int
	dice     *dice
	batch    []uint32
	steps    int // batches of an epoch without replacement
	first    int // the place in the epoch of the first term of the last batch
	epoch    int
	order    []uint32            // the permutation of the epoch, for sampling up to many terms without replacement
	formula  shuffle.Permutation // the same for more terms
	blocks   *blocks             // nil for another sampling
}

// NewBatches returns the batches of the given size from n terms. Without replacement, the last batch of an epoch may be
// smaller. It panics unless n and size are positive.
func NewBatches(sampling Sampling, n, size int, seed uint64) *Batches {
	if n <= 0 || size <= 0 {
		panic(fmt.Sprintf("train: batches of %d out of %d terms", size, n))
	}
	b := &Batches{sampling: sampling, n: n, size: size, dice: newDice(seed), steps: (n + size - 1) / size, epoch: -1}
	if sampling == Blocks {
		b.blocks = newBlocks(n, b.dice)
	}
	return b
}

// batchesOf returns the batches of a run. Rows on a disk are preloaded block by block.
func batchesOf[T param.Float](p objective.FiniteSum[T], s *Settings) *Batches {
	b := NewBatches(s.Sampling, p.Len(), s.Batch, s.Seed)
	if disk, ok := p.(interface {
		Scatter()
		Preload(lo, hi int)
	}); ok && b.blocks != nil {
		disk.Scatter()
		b.blocks.preload = disk.Preload
	}
	return b
}

// At returns the batch of step k ≥ 0. The slice is valid until the next call.
func (b *Batches) At(k int) []uint32 {
	if b.sampling == WithReplacement {
		if b.batch == nil {
			b.batch = make([]uint32, b.size)
		}
		random := b.dice.at(streamBatch, k)
		for i := range b.batch {
			b.batch[i] = random.Uint32N(uint32(b.n))
		}
		return b.batch
	}
	epoch := k / b.steps
	b.first = (k - epoch*b.steps) * b.size
	end := min(b.first+b.size, b.n)
	b.permute(epoch)
	if b.order != nil {
		return b.order[b.first:end]
	}
	b.batch = b.batch[:0]
	for i := b.first; i < end; i++ {
		switch b.sampling {
		case Sequential:
			b.batch = append(b.batch, uint32(i))
		case Blocks:
			b.batch = append(b.batch, b.blocks.at(epoch, i))
		default:
			b.batch = append(b.batch, uint32(b.formula.At(uint64(i))))
		}
	}
	return b.batch
}

// sizeAt returns the number of terms of the batch of step k.
func (b *Batches) sizeAt(k int) int {
	if b.sampling == WithReplacement {
		return b.size
	}
	return min(b.size, b.n-k%b.steps*b.size)
}

// ahead returns the term that is drawn a number of places after the first one of step k, for which At was called last. It is not known if
// the epoch ends before it, or if the permutation is a formula.
func (b *Batches) ahead(k, places int) (term uint32, known bool) {
	if b.sampling == WithReplacement {
		random := b.dice.at(streamBatch, k+places/b.size)
		for range places % b.size {
			random.Uint32N(uint32(b.n))
		}
		return random.Uint32N(uint32(b.n)), true
	}
	place := b.first + places
	if b.blocks != nil {
		return b.blocks.ahead(place)
	}
	if b.order == nil || place >= b.n {
		return 0, false
	}
	return b.order[place], true
}

// many is the number of terms above which a permutation is a formula instead of a list, as for the windows of a large text.
const many = 1 << 20

// permute sets order or formula to the permutation of the epoch.
func (b *Batches) permute(epoch int) {
	if b.sampling != Reshuffle {
		epoch = 0
	}
	if b.sampling == Sequential || b.sampling == Blocks || b.epoch == epoch {
		return
	}
	b.epoch = epoch
	random := b.dice.at(streamOrder, epoch)
	if b.n > many {
		b.formula = shuffle.New(uint64(b.n), random.Uint64)
		return
	}
	if b.order == nil {
		b.order = make([]uint32, b.n)
	}
	for i := range b.order {
		b.order[i] = uint32(i)
	}
	random.Shuffle(b.n, func(i, j int) { b.order[i], b.order[j] = b.order[j], b.order[i] })
}
