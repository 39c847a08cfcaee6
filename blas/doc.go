// Package blas makes gonum's linear algebra run at the speed of the machine. Everything in gonum that multiplies, from
// mat.Dense.Mul to the factorizations of lapack, calls the BLAS that is registered with blas32 and blas64; gonum's own is
// plain Go and SSE2. Implementation replaces it by the kernels of Steepest, which run as AVX2 or AVX-512 code if the processor
// has it, and on all cores if that pays. One line, at the start of main, does it:
//
//	blas64.Use(blas.Implementation{}) // and blas32.Use(blas.Implementation{}) for float32
//
// Use sets a global variable without a lock: call it before anything computes, in main and not in a library.
//
// # Contents
//
// For float32 and float64: Gemm and Syrk; Gemv and Ger; Dot, Axpy, Nrm2, Scal and Asum, with Dsdot and Sdsdot. Everything else
// is gonum's. Level 1 with vectors that have gaps is gonum's too.
// Matrices are stored by rows, ld elements from one row to the next. Wrong arguments give gonum's panics, with the same messages.
//
// # Bits and errors
//
// The bits of a result depend only on the arguments, not on GOMAXPROCS: work is cut into pieces of fixed size, and the partial
// results are combined in a fixed order. They are not the bits of gonum, whose sums run in another order; both respect the
// error bounds of sums of rounded products. Levels 1 and 2, for vectors without gaps, round each product before they add it, and
// give the same bits on every processor. Level 3 fuses the two operations if the processor can. Large float32 products run on tiles
// of bfloat16 if the processor has them (AMX), each number as the sum of three: the error is smaller than that of float32 products.
// GODEBUG=cpu.amxtile=off switches this off.
//
// NaN and Inf propagate as in arithmetic: 0·NaN is NaN, even where gonum skips the zeros of a matrix. As the BLAS standard
// says, β = 0 overwrites the destination, even NaN, and α = 0 does not read the operands. Nrm2 over- or underflows only if its
// result does.
package blas
