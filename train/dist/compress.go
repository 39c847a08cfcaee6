package dist

import (
	"encoding/binary"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"
	"unsafe"

	"steepest/internal/decimal"
	"steepest/internal/parallel"
	"steepest/internal/simd"
	"steepest/param"
)

// Compression says how a Sum compresses its vectors. The part of a vector that is dropped is kept, and added to the next vector of the same
// piece: error feedback (Seide et al. 2014; Stich, Cordonnier and Jaggi 2018, arXiv:1809.07599; Karimireddy et al. 2019, arXiv:1901.09847,
// algorithm 2):
//
//	v ← C(v + e),  e ← v + e − C(v + e).
//
// The zero value compresses nothing.
type Compression struct {
	// BF16 rounds each element to bfloat16, half of a float32.
	BF16 bool
	// TopK keeps this share of the elements, those of largest magnitude in each block of 4096 and at least one of them, and sets the others to 0.
	TopK float64
}

// String writes what UnmarshalText reads: "none", "bf16" or "top-k(0.01)".
func (c Compression) String() string {
	switch {
	case c.BF16:
		return "bf16"
	case c.TopK > 0:
		return fmt.Sprintf("top-k(%v)", c.TopK)
	}
	return "none"
}

// UnmarshalText reads a compression.
func (c *Compression) UnmarshalText(text []byte) error {
	switch inner, is := strings.CutPrefix(string(text), "top-k("); {
	case string(text) == "none":
		*c = Compression{}
	case string(text) == "bf16":
		*c = Compression{BF16: true}
	case is:
		share, ok := decimal.ParseFinite(strings.TrimSuffix(inner, ")"))
		if !ok || !strings.HasSuffix(inner, ")") || !(share > 0 && share < 1) {
			return fmt.Errorf("%q is not top-k(SHARE) with a share between 0 and 1, such as top-k(0.01)", text)
		}
		*c = Compression{TopK: share}
	default:
		return fmt.Errorf("there is no compression %q; there are none, bf16 and top-k(SHARE)", text)
	}
	return nil
}

// On reports whether anything is compressed.
func (c Compression) On() bool { return c != Compression{} }

// Contraction returns δ with ‖C(v) − v‖² ≤ (1 − δ)‖v‖² for every v: the share of top-k, and 1 − 2⁻¹⁶ for bf16, whose relative error is at most
// 2⁻⁸ unless it overflows.
func (c Compression) Contraction() float64 {
	switch {
	case c.BF16:
		return 1 - 0x1p-16
	case c.TopK > 0:
		return c.TopK
	}
	return 1
}

// stretch is the number of elements of a block. Each block is compressed by itself, and a place in it fits into 16 bits.
const stretch = 4096

// kept returns the number of elements that top-k keeps.
func (c Compression) kept(elements int) int { return int(math.Ceil(c.TopK * float64(elements))) }

// Packed returns the size of a compressed vector in bytes.
func Packed[T param.Float](c Compression, elements int) int {
	if c.BF16 {
		return 2 * elements
	}
	each := 2 + int(unsafe.Sizeof(T(0)))
	return each * (elements/stretch*c.kept(stretch) + c.kept(elements%stretch))
}

// pack stores C(v + e) in dst, sets e to the part that is dropped, and reports whether v is finite. If v is not finite, it packs NaN and does not
// change e.
func pack[T param.Float](c Compression, dst []byte, v, e []T) (finite bool) {
	finite = simd.Finite(v)
	parallel.For((len(v)+stretch-1)/stretch, func(_, i int) {
		lo, hi := i*stretch, min((i+1)*stretch, len(v))
		to := dst[Packed[T](c, lo):Packed[T](c, hi)]
		if !finite {
			packNaN[T](c, to)
			return
		}
		rest, sent := e[lo:hi], make([]T, hi-lo)
		simd.Axpy(1, v[lo:hi], rest)
		if c.BF16 {
			packBF16(to, rest)
		} else {
			packLargest(to, rest, c.kept(len(rest)))
		}
		unpack(c, sent, to)
		simd.Axpy(-1, sent, rest)
	})
	return finite
}

// packNaN packs a block that contains NaN.
func packNaN[T param.Float](c Compression, dst []byte) {
	nan := []T{T(math.NaN())}
	if c.BF16 {
		packBF16(dst, slices.Repeat(nan, len(dst)/2))
		return
	}
	for pair := append([]byte{0, 0}, bytesOf(nan)...); len(dst) > 0; { // at place 0, again and again
		dst = dst[copy(dst, pair):]
	}
}

// packBF16 packs v as bfloat16.
func packBF16[T param.Float](dst []byte, v []T) {
	words, single := make([]simd.BF16, len(v)), make([]float32, len(v))
	for j, g := range v {
		single[j] = float32(g)
	}
	simd.RoundBF16(words, single)
	for j, w := range words {
		binary.NativeEndian.PutUint16(dst[2*j:], uint16(w))
	}
}

// packLargest packs the count elements of largest magnitude as pairs of place and value. Among equal magnitudes the first elements win.
func packLargest[T param.Float](dst []byte, v []T, count int) {
	least := nth(v, count)
	for _, g := range v {
		if magnitude(g) > least {
			count--
		}
	}
	for j, g := range v {
		m := magnitude(g)
		if m < least || m == least && count == 0 {
			continue
		}
		if m == least {
			count--
		}
		binary.NativeEndian.PutUint16(dst, uint16(j))
		dst = dst[2+copy(dst[2:], bytesOf([]T{g})):]
	}
}

// nth returns the n-th largest magnitude of v, by Hoare's quickselect.
func nth[T param.Float](v []T, n int) T {
	a := make([]T, len(v))
	for i, g := range v {
		a[i] = magnitude(g)
	}
	for lo, hi := 0, len(a)-1; lo < hi; {
		pivot, i, j := a[lo+(hi-lo)/2], lo, hi
		for i <= j {
			for a[i] > pivot {
				i++
			}
			for a[j] < pivot {
				j--
			}
			if i <= j {
				a[i], a[j] = a[j], a[i]
				i, j = i+1, j-1
			}
		}
		switch {
		case n-1 <= j:
			hi = j
		case n-1 >= i:
			lo = i
		default:
			return a[n-1]
		}
	}
	return a[n-1]
}

func magnitude[T param.Float](v T) T { return T(math.Abs(float64(v))) }

// unpack stores a packed block in dst.
func unpack[T param.Float](c Compression, dst []T, from []byte) {
	if c.BF16 {
		words, single := make([]simd.BF16, len(dst)), make([]float32, len(dst))
		for j := range words {
			words[j] = simd.BF16(binary.NativeEndian.Uint16(from[2*j:]))
		}
		simd.WidenBF16(single, words)
		for j, v := range single {
			dst[j] = T(v)
		}
		return
	}
	clear(dst)
	for each := 2 + int(unsafe.Sizeof(T(0))); len(from) > 0; from = from[each:] {
		j := int(binary.NativeEndian.Uint16(from))
		copy(bytesOf(dst[j:j+1]), from[2:each])
	}
}

// Compress makes the Sum compress its vectors: one for each piece, with the given number of elements.
func (s *Sum[T]) Compress(c Compression, pieces, elements int) {
	s.compression = c
	s.Feedback = make([][]T, pieces)
	for k := range s.Feedback {
		s.Feedback[k] = make([]T, elements)
	}
}

// ofCompressed is Of with compression. Each rank receives all compressed vectors and adds them up.
func (s *Sum[T]) ofCompressed(dst []T, pieces int, piece func(dst []T, k int) float64) (float64, error) {
	rank, size := s.place()
	first, last := share(rank, size, pieces)
	c, start := s.compression, time.Now()
	own := tree[T]{pieces: pieces, add: func(_, _ []T) {}}
	vectors, finite := [][]byte(nil), true
	for k := first; k < last; k++ {
		own.push(node[T]{first: k, value: piece(dst, k)})
		vectors = append(vectors, make([]byte, Packed[T](c, len(dst))))
		finite = pack(c, vectors[len(vectors)-1], dst, s.Feedback[k]) && finite
	}
	all := own.nodes
	if size > 1 {
		var err error
		if all, err = s.gatherNodes(own.nodes, 0, pieces, time.Since(start), finite); err != nil {
			return 0, err
		}
	}
	each := (pieces + size - 1) / size // the most vectors that a rank has
	most := stretch * max(1, segment/(each*Packed[T](c, stretch)))
	for lo := 0; lo < len(dst); lo += most {
		hi := min(lo+most, len(dst))
		if err := s.gather(dst[lo:hi], vectors, Packed[T](c, lo), Packed[T](c, hi), pieces); err != nil {
			return 0, err
		}
	}
	return whole(all, pieces).value, nil
}

// gather stores in dst the sum of the vectors of all ranks. Bytes lo to hi of a packed vector hold the elements of dst.
func (s *Sum[T]) gather(dst []T, own [][]byte, lo, hi, pieces int) error {
	bytes := hi - lo
	s.send = s.send[:0]
	for _, v := range own {
		s.send = append(s.send, v[lo:hi]...)
	}
	all := s.send
	if s.Group != nil {
		counts := make([]int, s.Group.Size())
		for r := range counts {
			first, last := share(r, len(counts), pieces)
			counts[r] = bytes * (last - first)
		}
		s.recv = slices.Grow(s.recv[:0], bytes*pieces)[:bytes*pieces]
		if err := s.Group.AllGather(s.recv, s.send, counts); err != nil {
			return err
		}
		all = s.recv
	}
	c := s.compression
	parallel.For((len(dst)+stretch-1)/stretch, func(_, i int) {
		part := dst[i*stretch : min((i+1)*stretch, len(dst))]
		from, to := Packed[T](c, i*stretch), Packed[T](c, i*stretch+len(part))
		t := tree[T]{pieces: pieces, add: func(sum, v []T) { simd.Axpy(1, v, sum) }}
		for k := range pieces {
			v := make([]T, len(part))
			unpack(c, v, all[k*bytes+from:k*bytes+to])
			t.push(node[T]{first: k, sum: v})
		}
		copy(part, t.nodes[0].sum)
	})
	return nil
}
