package data

import (
	"encoding/binary"
	"math/bits"
)

// hashName returns the hash of a name in Vowpal Wabbit. Unless all is set, the hash of a whole number is the number plus the seed.
func hashName(name []byte, seed uint64, all bool) uint64 {
	if all {
		return uint64(murmur3(name, uint32(seed)))
	}
	for len(name) > 0 && name[0] <= ' ' {
		name = name[1:]
	}
	for len(name) > 0 && name[len(name)-1] <= ' ' {
		name = name[:len(name)-1]
	}
	number := uint64(0)
	for _, c := range name {
		digit := c - '0'
		if digit > 9 {
			return uint64(murmur3(name, uint32(seed)))
		}
		number = 10*number + uint64(digit)
	}
	return number + seed
}

// murmur3 is MurmurHash3_x86_32 of Austin Appleby.
func murmur3(s []byte, seed uint32) uint32 {
	mix := func(k uint32) uint32 { return bits.RotateLeft32(k*0xcc9e2d51, 15) * 0x1b873593 }
	h, tail := seed, s
	for ; len(tail) >= 4; tail = tail[4:] {
		h = bits.RotateLeft32(h^mix(binary.LittleEndian.Uint32(tail)), 13)*5 + 0xe6546b64
	}
	if len(tail) > 0 {
		var rest [4]byte
		copy(rest[:], tail)
		h ^= mix(binary.LittleEndian.Uint32(rest[:]))
	}
	h ^= uint32(len(s))
	h = (h ^ h>>16) * 0x85ebca6b
	h = (h ^ h>>13) * 0xc2b2ae35
	return h ^ h>>16
}
