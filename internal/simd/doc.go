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
package simd

// Float is the element type of a vector.
type Float interface {
	float32 | float64
}
