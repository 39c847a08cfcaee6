// Package threefry draws the random numbers of JAX before version 0.5, bit by bit: the counter-based generator Threefry-2x32
// with 20 rounds (Salmon, Moraes, Dror and Shaw, Parallel Random Numbers: As Easy as 1, 2, 3, 2011) in JAX's layout without
// jax_threefry_partitionable. The lecture's pictures were made with these numbers.
package threefry

import (
	"cmp"
	"math"
	"math/bits"
	"slices"
)

// Key is the state of the generator. The methods return the same numbers at every call.
type Key [2]uint32

// New is jax.random.PRNGKey.
func New(seed uint64) Key { return Key{uint32(seed >> 32), uint32(seed)} }

// Split is jax.random.split: two keys whose numbers are unrelated.
func (k Key) Split() (first, second Key) {
	b := k.Bits(4)
	return Key{b[0], b[1]}, Key{b[2], b[3]}
}

// Bits is jax.random.bits: n words. The counters 0, …, n−1, and one 0 more if n is odd, are cut into two halves, and word i of
// each is the input of one block.
func (k Key) Bits(n int) []uint32 {
	half := (n + 1) / 2
	out := make([]uint32, 2*half)
	for i := range half {
		second := uint32(half + i)
		if half+i >= n {
			second = 0
		}
		out[i], out[half+i] = k.block(uint32(i), second)
	}
	return out[:n]
}

// rotations of the rounds, in groups of four.
var rotations = [2][4]int{{13, 15, 26, 6}, {17, 29, 16, 24}}

// block encrypts two words: five groups of four rounds, with the key added before, between and after them.
func (k Key) block(x0, x1 uint32) (uint32, uint32) {
	ks := [3]uint32{k[0], k[1], k[0] ^ k[1] ^ 0x1bd11bda}
	x0, x1 = x0+ks[0], x1+ks[1]
	for group := range 5 {
		for _, r := range rotations[group%2] {
			x0 += x1
			x1 = bits.RotateLeft32(x1, r) ^ x0
		}
		x0 += ks[(group+1)%3]
		x1 += ks[(group+2)%3] + uint32(group) + 1
	}
	return x0, x1
}

// Uniform is jax.random.uniform: n numbers in [0, 1), multiples of 2⁻²³.
func (k Key) Uniform(n int) []float32 {
	out := make([]float32, n)
	for i, b := range k.Bits(n) {
		out[i] = unit(b)
	}
	return out
}

// unit returns a number in [0, 1) made of the upper 23 bits.
func unit(b uint32) float32 { return math.Float32frombits(b>>9|0x3f800000) - 1 }

// Normal is jax.random.normal: n numbers √2·erf⁻¹(u) with u uniform in (−1, 1). They differ from JAX's by some units in the last
// place, as JAX differs between machines.
func (k Key) Normal(n int) []float32 {
	low := math.Nextafter32(-1, 0)
	out := make([]float32, n)
	for i, b := range k.Bits(n) {
		u := max(low, float32(unit(b)*(1-low))+low)
		out[i] = float32(math.Sqrt2 * math.Erfinv(float64(u)))
	}
	return out
}

// Choice is jax.random.choice without replacement: the first m of a permutation of 0, …, n−1.
func (k Key) Choice(n, m int) []int {
	order := make([]int, n)
	for i := range order {
		order[i] = i
	}
	// JAX repeats sorting by random words until ties are unlikely.
	rounds := int(math.Ceil(3 * math.Log(max(1, float64(n))) / math.Log(math.MaxUint32)))
	for range rounds {
		var subkey Key
		k, subkey = k.Split()
		type tagged struct {
			tag   uint32
			value int
		}
		list := make([]tagged, n)
		for i, tag := range subkey.Bits(n) {
			list[i] = tagged{tag, order[i]}
		}
		slices.SortStableFunc(list, func(a, b tagged) int { return cmp.Compare(a.tag, b.tag) })
		for i, t := range list {
			order[i] = t.value
		}
	}
	return order[:m]
}
