// Package gemm multiplies matrices near the processor's peak.
//
// It cuts C into blocks for the registers (simd.Block), packs A and B for the caches (after Goto and van de Geijn, Anatomy of
// High-Performance Matrix Multiplication, 2008), and gives tiles of C to the workers. An element of C is a sum over k whose
// order and roundings depend on k alone; so its bits depend on neither the sizes m and n nor the number of workers.
package gemm
