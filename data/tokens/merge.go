package tokens

import (
	"container/heap"
	"math"
)

// merges holds the pairs of tokens that merge to another token. In a piece, the pair with the lowest resulting token is merged first, and
// the leftmost one of equal pairs (Sennrich, Haddow and Birch 2016, as in tiktoken).
type merges struct {
	ids   map[string]uint32
	bytes [256]uint32 // the token of each byte
	slots []mergeSlot // a hash table of pairs; its length is a power of 2
}

type mergeSlot struct{ pair, token uint32 } // 0 stands for no pair

const none = math.MaxUint32

func newMerges(words []string) *merges {
	m := &merges{ids: make(map[string]uint32, len(words)), slots: make([]mergeSlot, 1<<19)}
	for t, word := range words {
		m.ids[word] = uint32(t)
	}
	for b := range m.bytes {
		m.bytes[b] = m.ids[string([]byte{byte(b)})]
	}
	for t, word := range words {
		for i := 1; i < len(word); i++ {
			left, ok := m.ids[word[:i]]
			right, also := m.ids[word[i:]]
			if ok && also {
				*m.slot(pairOf(left, right)) = mergeSlot{pairOf(left, right), uint32(t)}
			}
		}
	}
	return m
}

// pairOf numbers the pairs of tokens below 65535, from 1.
func pairOf(left, right uint32) uint32 { return left<<16 | right + 1 }

// slot returns the slot of a pair, or the free slot for it.
func (m *merges) slot(pair uint32) *mergeSlot {
	for h := pair * 0x9e3779b1 >> 13; ; h++ {
		s := &m.slots[h&uint32(len(m.slots)-1)]
		if s.pair == pair || s.pair == 0 {
			return s
		}
	}
}

// of returns the token to which two tokens merge, or none.
func (m *merges) of(left, right uint32) uint32 {
	if s := m.slot(pairOf(left, right)); s.pair != 0 {
		return s.token
	}
	return none
}

// merger encodes pieces, and reuses its memory.
type merger struct {
	*merges
	tokens []uint32
	made   []uint32 // the token to which a token merges with the next one, or none
	list   []link
	queue  mergeQueue
}

// scanned is the length of pieces up to which the lowest pair is found by a linear scan.
const scanned = 128

// encode appends the tokens of a piece.
func (m *merger) encode(dst []uint32, piece []byte) []uint32 {
	if t, ok := m.ids[string(piece)]; ok {
		return append(dst, t)
	}
	if len(piece) > scanned {
		return m.encodeLong(dst, piece)
	}
	tokens, made := m.tokens[:0], m.made[:0]
	for _, b := range piece {
		tokens = append(tokens, m.bytes[b])
	}
	for i := range tokens[1:] {
		made = append(made, m.of(tokens[i], tokens[i+1]))
	}
	m.tokens, m.made = tokens, made
	for {
		lowest, at := uint32(none), 0
		for i, t := range made {
			if t < lowest {
				lowest, at = t, i
			}
		}
		if lowest == none {
			return append(dst, tokens...)
		}
		tokens[at] = lowest
		tokens = append(tokens[:at+1], tokens[at+2:]...)
		made = append(made[:at], made[at+1:]...)
		if at > 0 {
			made[at-1] = m.of(tokens[at-1], tokens[at])
		}
		if at < len(made) {
			made[at] = m.of(tokens[at], tokens[at+1])
		}
	}
}

// link is a token of a long piece, in a list.
type link struct {
	token      uint32
	made       uint32 // the token to which it merges with the next one, or none
	prev, next int32  // -1 at the ends
}

// encodeLong does the same as encode, in O(n log n) steps.
func (m *merger) encodeLong(dst []uint32, piece []byte) []uint32 {
	list := m.list[:0]
	for i, b := range piece {
		list = append(list, link{m.bytes[b], none, int32(i) - 1, int32(i) + 1})
	}
	list[len(list)-1].next = -1
	m.list, m.queue = list, m.queue[:0]
	look := func(i int32) {
		if i < 0 {
			return
		}
		list[i].made = none
		if next := list[i].next; next >= 0 {
			list[i].made = m.of(list[i].token, list[next].token)
		}
	}
	for i := range list {
		if look(int32(i)); list[i].made != none {
			m.queue = append(m.queue, merge{list[i].made, int32(i)})
		}
	}
	heap.Init(&m.queue)
	for len(m.queue) > 0 {
		first := m.queue[0]
		i := first.at
		if list[i].made != first.token { // the pair no longer exists
			heap.Pop(&m.queue)
			continue
		}
		next := list[i].next
		list[i].token, list[i].next, list[next].made = first.token, list[next].next, none
		if after := list[i].next; after >= 0 {
			list[after].prev = i
		}
		look(i)
		look(list[i].prev)
		heap.Pop(&m.queue)
		for _, j := range [2]int32{i, list[i].prev} {
			if j >= 0 && list[j].made != none {
				heap.Push(&m.queue, merge{list[j].made, j})
			}
		}
	}
	for i := int32(0); i >= 0; i = list[i].next {
		dst = append(dst, list[i].token)
	}
	if cap(m.list) > 1<<20 { // such long pieces are rare: free the memory
		m.list, m.queue = nil, nil
	}
	return dst
}

// merge is a pair that merges to a token, given by the index of its left token.
type merge struct {
	token uint32
	at    int32
}

// mergeQueue is a priority queue: lowest token first, leftmost first among equals.
type mergeQueue []merge

func (q mergeQueue) Len() int { return len(q) }
func (q mergeQueue) Less(i, j int) bool {
	return q[i].token < q[j].token || q[i].token == q[j].token && q[i].at < q[j].at
}
func (q mergeQueue) Swap(i, j int) { q[i], q[j] = q[j], q[i] }
func (q *mergeQueue) Push(x any)   { *q = append(*q, x.(merge)) }
func (q *mergeQueue) Pop() any {
	last := (*q)[len(*q)-1]
	*q = (*q)[:len(*q)-1]
	return last
}
