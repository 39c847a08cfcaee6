package simd

import "math"

// A float32 is the sum of three bfloat16, its parts: each is the nearest to what those before it leave, and the third leaves
// nothing. Of the nine products of parts that make a product of two numbers, the three smallest come to less than 2⁻²⁵ of it, and
// the other six are what a processor that multiplies tiles of bfloat16 sums in float32 (Henry, Tang and Heinecke, Leveraging
// the bfloat16 Artificial Intelligence Datatype For Higher-Precision Computations, ARITH 2019).

// The shape of what MultiplyParts takes: bands of at most PartsLines rows of A, or columns of B, packed in pieces of PartsDepth
// steps of k, with so many words for a piece of a line.
const (
	PartsLines = 32
	PartsDepth = 32
	PartsWords = 3 * PartsDepth / 2
)

// partsTile is the number of lines of a tile, and tileWords that of its words. The tiles of a part of a piece of a band are two,
// and those of the next part follow.
const (
	partsTile = 16
	tileWords = partsTile * PartsDepth / 2
	partWords = 2 * tileWords
)

// HasPartProducts reports whether the processor multiplies float32 as parts of bfloat16, for PackParts and MultiplyParts.
func HasPartProducts() bool { return hasPartProducts() }

// PackParts packs the parts of one piece of a band: of lines lines, k ≤ PartsDepth steps of each, the rest being 0. Of line i, step p
// is src[i*stride+p], or src[p*stride+i] if the lines are columns. A's tiles have rows of lines, and B's of pairs of steps. It
// extends e to the numbers it has packed. dst has room for PartsLines·PartsWords words.
func PackParts(dst, src []float32, stride, lines, k int, columns, ofB bool, e *Extent) {
	_ = dst[PartsLines*PartsWords-1]
	if columns {
		_ = src[(k-1)*stride+lines-1]
	} else {
		_ = src[(lines-1)*stride+k-1]
	}
	for i := 0; i < lines; i += partsTile {
		from := i * stride
		if columns {
			from = i
		}
		packParts(dst[i/partsTile*tileWords:], src[from:], stride, min(partsTile, lines-i), k, columns, columns == ofB, e)
	}
}

// MultiplyParts is b.Multiply for rows and cols of at most PartsLines, with A and B as PackParts makes them: K counts words, AStrip is
// what it is there, and A and B have no other distances. It is right only for numbers whose Exponents suit.
func MultiplyParts(b *Block[float32], strips, rows, cols int) {
	if b.K > 0 {
		_, _ = b.A[(strips-1)*b.AStrip+b.K*PartsLines-1], b.B[b.K*PartsLines-1]
	}
	_ = b.C[(strips*rows-1)*b.CRow+cols-1]
	multiplyParts(b, strips, rows, cols)
}

// Extent is how small and large some numbers are: in each of 16 lanes, the least of their bits without the sign, less 1, so that a 0
// has the largest, and the most of them.
type Extent struct{ least, most [16]uint32 }

// Exponents bound those of numbers but 0: the numbers are at least 2^Least and below 2^(Most+1).
type Exponents struct{ Least, Most int }

// NewExtent returns the extent of no numbers.
func NewExtent() (e Extent) {
	for i := range e.least {
		e.least[i] = math.MaxUint32
	}
	return e
}

// Exponents returns those of the numbers. NaN and infinities count as 2¹²⁸.
func (e *Extent) Exponents() Exponents {
	least, most := e.least[0], e.most[0]
	for i := range e.least {
		least, most = min(least, e.least[i]), max(most, e.most[i])
	}
	const bias, fraction = 127, 23
	return Exponents{int(least>>fraction) - bias, int(most>>fraction) - bias}
}

// Suit tells whether sums of k products of numbers with these exponents are right as sums of products of parts. There an
// infinity has parts that are not numbers, and what is below 2⁻¹²⁶ counts as 0: a third part, if its number is below 2⁻¹⁰³, and a
// product of parts that is not small beside that of their numbers, if this is below 2⁻⁹⁶.
func (a Exponents) Suit(b Exponents, k int) bool {
	return max(a.Most, b.Most) <= 126 && math.Ldexp(float64(k), a.Most+b.Most+2) <= 0x1p127 &&
		min(a.Least, b.Least) >= -103 && a.Least+b.Least >= -96
}
