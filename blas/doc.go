// Package blas makes gonum's linear algebra run at the speed of the machine. Everything in gonum that multiplies, from
// mat.Dense.Mul to the factorizations of lapack, calls the BLAS that is registered with blas32 and blas64; gonum's own is
// plain Go and SSE2. Implementation puts the kernels of Steepest in its place, which run as AVX2 or AVX-512 code where the
// processor has it, on all cores where that pays. One line, at the start of main, does it:
//
//	blas64.Use(blas.Implementation{}) // and blas32.Use(blas.Implementation{}) for float32
//
// Use sets a global variable without a lock: call it before anything computes, in main and not in a library.
//
// # What is here
//
// For float32 and float64: Gemm and Syrk; Gemv and Ger; Dot, Axpy, Nrm2, Scal and Asum, with Dsdot and Sdsdot. All else is
// gonum's, and so is what those of level 1 do with a vector that has gaps, and what any does with arguments that are wrong:
// it panics as gonum does, with the same message.
//
// # What the numbers are
//
// The bits of a result depend on the arguments alone, not on GOMAXPROCS: work is cut into pieces of fixed size, and what
// the workers find is put together in a fixed order. They are not those of gonum, whose sums run in another order; both
// keep to the bounds of any sum of rounded products. Levels 1 and 2, for vectors without gaps, round each product before
// they add it, and give the same bits on every processor; level 3 fuses the two where the processor can. Large float32 products
// run on the tiles of bfloat16 of a processor that has them (AMX), each number as the sum of three: the error is that of float32, and
// smaller than without. GODEBUG=cpu.amxtile=off switches it off.
//
// NaN and Inf go where arithmetic carries them: 0·NaN is NaN, also where gonum skips the zeros of a matrix. As the BLAS
// standard has it, β = 0 overwrites what the destination held, NaN too, and α = 0 leaves the operands unread. Nrm2 over-
// or underflows only where its result does.
package blas
