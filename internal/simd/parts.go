package simd

import "math"

// A float32 is the sum of three bfloat16, its parts. Each part is the bfloat16 nearest to the remainder that the parts before it
// leave; the third leaves no remainder. A product of two float32 is the sum of nine products of parts. The three smallest of them are
// together less than 2⁻²⁵ of the product and are left out; tiles sum the other six in float32 (Henry, Tang and Heinecke, Leveraging
// the bfloat16 Artificial Intelligence Datatype For Higher-Precision Computations, ARITH 2019).

// The shape of the operands of MultiplyParts. A band holds at most PartsLines lines: rows of A or columns of B. It is packed in pieces
// of PartsDepth steps of k. A line of a piece takes PartsWords words.
const (
	PartsLines = 32
	PartsDepth = 32
	PartsWords = 3 * PartsDepth / 2
)

// A tile holds partsTile lines in tileWords words. A piece of a band is six tiles:
//
//	first part: 2 tiles │ second part: 2 tiles │ third part: 2 tiles
const (
	partsTile = 16
	tileWords = partsTile * PartsDepth / 2
	partWords = 2 * tileWords
)

// HasPartProducts reports whether the processor multiplies float32 as parts of bfloat16, for PackParts and MultiplyParts.
func HasPartProducts() bool { return hasPartProducts() }

// PackParts packs the parts of one piece of a band: lines lines of k ≤ PartsDepth steps each, and 0 beyond. Step p of line i is
// src[i*stride+p], or src[p*stride+i] if columns is set. A row of a tile of A is a line; a row of a tile of B is a pair of steps.
// PackParts extends e by the numbers that it packs. dst has room for PartsLines·PartsWords words.
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

// MultiplyParts is b.Multiply for A and B that PackParts has packed, with rows and cols at most PartsLines. K counts words. AStrip is
// the distance of strips, as in Multiply; ARow, AStep and BStep are not used. The result is right only if the Exponents of the numbers
// suit.
func MultiplyParts(b *Block[float32], strips, rows, cols int) {
	if b.K > 0 {
		_, _ = b.A[(strips-1)*b.AStrip+b.K*PartsLines-1], b.B[b.K*PartsLines-1]
	}
	_ = b.C[(strips*rows-1)*b.CRow+cols-1]
	multiplyParts(b, strips, rows, cols)
}

// Extent records the range of magnitudes of some numbers, in 16 lanes. most is the largest of the bits of |x|. least is the smallest of
// those bits less 1, as unsigned numbers: a 0 wraps around to the largest value and so does not count.
type Extent struct{ least, most [16]uint32 }

// Exponents bounds the magnitudes of numbers other than 0: they are at least 2^Least and below 2^(Most+1).
type Exponents struct{ Least, Most int }

// NewExtent returns the extent of no numbers.
func NewExtent() (e Extent) {
	for i := range e.least {
		e.least[i] = math.MaxUint32
	}
	return e
}

// Exponents returns the exponents of the smallest and the largest number. NaN and infinities count as 2¹²⁸.
func (e *Extent) Exponents() Exponents {
	least, most := e.least[0], e.most[0]
	for i := range e.least {
		least, most = min(least, e.least[i]), max(most, e.most[i])
	}
	const bias, fraction = 127, 23
	return Exponents{int(least>>fraction) - bias, int(most>>fraction) - bias}
}

// Suit reports whether sums of k products of numbers with these exponents may be computed from parts. Two things can go wrong. The
// parts of an infinity are NaN. Tiles treat numbers below 2⁻¹²⁶ as 0: they lose the third part of a number below 2⁻¹⁰³, and they
// lose products of parts that matter if the product of the numbers is below 2⁻⁹⁶.
func (a Exponents) Suit(b Exponents, k int) bool {
	return max(a.Most, b.Most) <= 126 && math.Ldexp(float64(k), a.Most+b.Most+2) <= 0x1p127 &&
		min(a.Least, b.Least) >= -103 && a.Least+b.Least >= -96
}
