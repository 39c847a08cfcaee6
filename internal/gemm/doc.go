// Package gemm multiplies matrices near the processor's peak.
//
// It cuts C into blocks for the registers (simd.Block), packs A and B for the caches (after Goto and van de Geijn, Anatomy of
// High-Performance Matrix Multiplication, 2008), and gives tiles of C to the workers. An element of C is a sum over k whose
// order and roundings depend on k alone; so its bits depend on neither the sizes m and n nor the number of workers.
//
// Where the processor multiplies tiles of bfloat16, a product of float32 that is large enough is computed by parts: each number is
// the sum of three bfloat16 (simd.PackParts), and six of their nine products make what float32 would, with a smaller error, since
// sums are cut into short ones, in little more than half the time. Whether it is done depends on m, n and k; and a block of C whose
// operands are too small or too large for it is computed as in other products.
//
// Beside products it has the copies that go with them: the transpose, and the mirrored triangle.
package gemm
