// Package gemm multiplies matrices near the processor's peak.
//
// It packs A and B for the caches (Goto and van de Geijn, Anatomy of High-Performance Matrix Multiplication, 2008), unless all matrices fit
// into a cache, and computes C block by block in registers (simd.Block):
//
//	                panel q: panelCols columns of B
//	                         ↓
//	              ┌──────┬──────┬──────┐
//	strip s:    → │      │ block│      │   A block is stripRows × panelCols elements of C.
//	stripRows     ├──────┼──────┼──────┤   A tile is up to tileStrips × tilePanels blocks:
//	rows of A     │      │      │      │   one task of one worker.
//	              └──────┴──────┴──────┘
//	packed strip:  for each k, the stripRows elements of column k of the strip
//	packed panel:  for each k, the panelCols elements of row k of the panel
//
// An element of C is a sum over k. The order and the roundings of the sum depend on k alone, so the bits of C depend neither on m and n
// nor on the number of workers.
//
// If the processor multiplies tiles of bfloat16 (AMX), large products of float32 are computed in parts. Each number becomes the sum of three
// bfloat16 (simd.PackParts), and six of the nine products of parts are added. That takes little more than half the time, and the error is
// smaller than that of float32 because the sums are shorter. The sizes m, n and k alone decide whether a product is computed in parts. A block
// whose operands are too small or too large for parts is computed in plain float32.
//
// The package also transposes matrices and mirrors triangles.
package gemm
