// Package simd holds the inner loops of Steepest in vector code, which Go itself cannot express.
//
// Every loop exists twice. Portable Go, in files named after the operation, is the specification; assembly, which the
// nested module _asm generates, must give the same bits on every input, and one conformance suite runs on each of them.
// There are two exceptions. The processor chooses which of two NaN a sum passes on, so tests ask only that the result is NaN.
// The blocks of a matrix product do not round their products, so tests hold them to the error bound of a sum instead.
// Portable code rounds each product before it adds it: T(a*b) + c keeps the compiler from fusing the two operations,
// as it may on arm64.
//
// A processor with AVX-512, or with AVX2 and FMA, runs the assembly; other processors, and builds with the tag purego or
// noasm, run the portable code. Where Linux permits it, AMX multiplies tiles of bfloat16, ten times as fast as AVX-512. Large
// matrices of float32 use AMX too: each number is split into three bfloat16.
//
// # Elementwise kernels
//
// The kernels with a [Move], such as [AdaptiveMoments], compute the update u and change other vectors of the same length. Their
// parameters mean the same everywhere:
//
//	c     the coefficients c₀, c₁, … of the formula, which are rounded to T
//	u     the update that is computed
//	from  the old update, for which u stands until the formula assigns to u
//	then  if not nil, the step of x by the new u; u is undefined afterwards
//
// from may be u itself. No other vectors may overlap.
//
// A formula is computed from left to right: its later parts read the new values, except where they say "old". a ⊘ b is a/b, or 0 where b
// = 0.
//
// The vectors other than u that a kernel changes are the state of a method, which decays where gradients are 0. A subnormal number (below
// the smallest normal number) in the state becomes a 0 of the same sign: rounding would keep it subnormal for ever, and arithmetic with
// it is slow. The x of a Move may become subnormal.
//
// # Sums
//
// The order of a sum is fixed. [Dot], [Asum] and the like add fewer than 8 terms from left to right. More terms go to L partial sums (32
// of float32, 16 of float64): partial sum j takes the terms i ≡ j (mod L) from left to right. Then the second half of the partial sums is
// added to the first half, until one is left. The error of a sum of n terms, each rounded once, is at most γ = ku/(1 − ku) times the sum
// of their magnitudes, where k = ⌈n/L⌉ + 7 and u is the unit roundoff, unless something over- or underflows.
//
// The sums that rules need, such as [SumSquareRatios], are sums of float64. A float32 converts to it exactly, and a product of two
// float32 is exact. These sums have half as many partial sums, for any number of terms.
//
// # Matrices and sparse rows
//
// Row i of a matrix A begins at a[i·lda]; a may end with the last row.
//
// A sparse row is a list of columns and a list of as many values, in any order; a column that comes twice counts twice. [GatherDot] and
// [ScatterAxpy] panic, as an index expression does, if a column is not less than the length of the vector. Vector code tests each column
// before it reads or writes, so a wrong matrix never reaches memory outside the vector.
package simd

// Float is the element type of a vector.
type Float interface {
	float32 | float64
}
