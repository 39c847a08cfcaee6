package tokens

import (
	"encoding/binary"
	"math/bits"
)

const (
	longestWord = 15      // bytes of a word that the cache holds
	wordSets    = 1 << 15 // sets of two words each, 2 MiB in all
)

// wordKey is a word of up to 15 bytes: the bytes, padded with zeros, and the length in the highest byte.
type wordKey [2]uint64

// word is a word and its tokens.
type word struct {
	key    wordKey
	n      uint16
	tokens [7]uint16
}

// wordCache caches the tokens of words, since a few words make up most of a text. A set holds the two most recent words.
type wordCache [wordSets][2]word

// keyOf returns the key of text[i:end], of 1 to 15 bytes.
func keyOf(text []byte, i, end int) (k wordKey) {
	n := end - i
	if i+16 <= len(text) {
		k = wordKey{binary.LittleEndian.Uint64(text[i:]), binary.LittleEndian.Uint64(text[i+8:])}
	} else {
		var padded [16]byte
		copy(padded[:], text[i:end])
		k = wordKey{binary.LittleEndian.Uint64(padded[:]), binary.LittleEndian.Uint64(padded[8:])}
	}
	if n <= 8 {
		k[0] &= ^uint64(0) >> (64 - 8*n)
		k[1] = 0
	} else {
		k[1] &= ^uint64(0) >> (128 - 8*n)
	}
	k[1] |= uint64(n) << 56
	return k
}

// set returns the set of a key.
func (c *wordCache) set(k wordKey) *[2]word {
	h := (k[0] ^ bits.RotateLeft64(k[1]*0x9e3779b97f4a7c15, 32)) * 0xbf58476d1ce4e5b9
	return &c[h>>49]
}

// find returns a word, or nil if it is not cached.
func (c *wordCache) find(k wordKey) *word {
	set := c.set(k)
	if set[0].key == k {
		return &set[0]
	}
	if set[1].key == k {
		return &set[1]
	}
	return nil
}

// keep caches a word, in place of the older one of its set.
func (c *wordCache) keep(k wordKey, tokens []uint32) {
	if len(tokens) > len(word{}.tokens) {
		return
	}
	set := c.set(k)
	set[1] = set[0]
	set[0] = word{key: k, n: uint16(len(tokens))}
	for i, t := range tokens {
		set[0].tokens[i] = uint16(t)
	}
}
