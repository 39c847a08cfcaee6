// Package shuffle permutes numbers by a formula: each image is computed on demand, and nothing is stored.
package shuffle

import "math/bits"

// Permutation is a bijection of [0, n). It is a keyed Feistel network on the next power of 2, applied until the result is below n (Black
// and Rogaway 2002). This takes fewer than two passes on average, more if n is below 128.
type Permutation struct {
	n           uint64
	low         int    // bits of the lower half
	left, right uint64 // the masks of the halves
	keys        [rounds]uint64
}

// rounds is even. Small halves need more rounds than the four of Luby and Rackoff's theorem.
const rounds = 8

// New returns a permutation of n numbers, 1 ≤ n ≤ 2⁶², with keys from random.
func New(n uint64, random func() uint64) Permutation {
	if n < 1 || n > 1<<62 {
		panic("shuffle: the numbers are none or too many")
	}
	width := max(8, bits.Len64(n-1)) // halves of fewer bits would not mix
	p := Permutation{n: n, low: width / 2}
	p.right = 1<<p.low - 1
	p.left = 1<<(width-p.low) - 1
	for i := range p.keys {
		p.keys[i] = random()
	}
	return p
}

// At returns the image of i < n.
func (p *Permutation) At(i uint64) uint64 {
	if i >= p.n {
		panic("shuffle: a number that is not below n")
	}
	for {
		if i = p.pass(i); i < p.n {
			return i
		}
	}
}

// pass applies the network once.
func (p *Permutation) pass(i uint64) uint64 {
	l, r := i>>p.low, i&p.right
	for k := 0; k < rounds; k += 2 {
		l ^= mix(r^p.keys[k]) & p.left
		r ^= mix(l^p.keys[k+1]) & p.right
	}
	return l<<p.low | r
}

// mix is the finalizer of SplitMix64 (Steele, Lea and Flood 2014).
func mix(z uint64) uint64 {
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}
