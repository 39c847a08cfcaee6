// Package simd holds the inner loops of Steepest in vector code, for which Go has no words of its own.
//
// Every loop exists twice. Portable Go, in files named after the operation, is the specification; assembly, which the
// nested module _asm generates, must give the same bits on every input, and one conformance suite runs on each of them.
// There are two exceptions. Which of two NaN a sum passes on is the processor's choice, so that only its being NaN counts;
// and the blocks of a matrix product leave products unrounded, so that they are held to the bound of a sum instead.
// For the same reason portable code rounds each product before it adds: T(a*b) + c keeps a compiler from fusing the two,
// which it may do on arm64.
//
// A processor with AVX-512, or with AVX2 and FMA, runs the assembly; other processors, and builds with the tag purego or
// noasm, run the portable code. AMX multiplies tiles of bfloat16 where Linux permits it, ten times as fast as AVX-512 does, and
// so also large matrices of float32, as sums of three bfloat16.
package simd

// Float is the element type of a vector.
type Float interface {
	float32 | float64
}
