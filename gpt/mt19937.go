package gpt

// mt19937 is the generator of Matsumoto and Nishimura, Mersenne Twister, 1998, seeded as in PyTorch and llm.c. It must be seeded before
// use.
type mt19937 struct {
	state [624]uint32
	next  int
}

// seed starts the generator.
func (g *mt19937) seed(seed uint32) {
	g.state[0] = seed
	for i := 1; i < len(g.state); i++ {
		before := g.state[i-1]
		g.state[i] = 1812433253*(before^before>>30) + uint32(i)
	}
	g.next = len(g.state)
}

// uint32 returns the next number.
func (g *mt19937) uint32() uint32 {
	if g.next == len(g.state) {
		g.refill()
	}
	y := g.state[g.next]
	g.next++
	y ^= y >> 11
	y ^= y << 7 & 0x9d2c5680
	y ^= y << 15 & 0xefc60000
	return y ^ y>>18
}

func (g *mt19937) refill() {
	const n, m = len(g.state), 397
	for i := range g.state {
		y := g.state[i]&0x80000000 | g.state[(i+1)%n]&0x7fffffff
		g.state[i] = g.state[(i+m)%n] ^ y>>1 ^ -(y&1)&0x9908b0df
	}
	g.next = 0
}

// float32 returns the next of 2²⁴ numbers in [0, 1).
func (g *mt19937) float32() float64 { return float64(g.uint32()&(1<<24-1)) * 0x1p-24 }

// float64 returns the next of 2⁵³ numbers in [0, 1).
func (g *mt19937) float64() float64 {
	high := uint64(g.uint32())
	return float64((high<<32|uint64(g.uint32()))&(1<<53-1)) * 0x1p-53
}
