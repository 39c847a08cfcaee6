package train

import "math/rand/v2"

// dice gives the random numbers of a run, as functions of (seed, stream, step).
type dice struct {
	seed   uint64
	source rand.PCG
	random *rand.Rand
}

func newDice(seed uint64) *dice {
	d := &dice{seed: seed}
	d.random = rand.New(&d.source)
	return d
}

// The streams keep the uses of one seed apart.
const (
	streamBatch uint64 = iota + 1
	streamOrder
	streamSnapshot
	streamGroup
)

// at returns a generator for (seed, stream, step), valid until the next call.
func (d *dice) at(stream uint64, step int) *rand.Rand {
	d.source.Seed(mix(d.seed+mix(stream)), mix(uint64(step)+mix(^stream)))
	return d.random
}

// mix is the finalizer of SplitMix64 (Steele, Lea and Flood 2014): neighboring inputs give unrelated outputs, as the seeds
// of a PCG should be.
func mix(z uint64) uint64 {
	z += 0x9e3779b97f4a7c15
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}
