//go:build !amd64 || purego || noasm

package simd

func vectorBlock[T Float]() (rows, cols int) { return 0, 0 }

func vectorLanes[T Float]() int { return 0 }

func (b *Block[T]) vectorMultiply(strips, rows, cols int) bool { return false }

func vectorTranspose[T Float](dst []T, to int, src []T, from, rows, k int) int { return 0 }

func vectorCopyBands[T Float](dst []T, to, band int, src []T, from, cols, bands, k int) bool {
	return false
}
