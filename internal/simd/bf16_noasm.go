//go:build !amd64 || purego || noasm

package simd

func vectorRoundBF16([]BF16, []float32) int { return 0 }

func vectorWidenBF16([]float32, []BF16) int { return 0 }

func vectorAddRowsBF16([]float32, []BF16, int, int) int { return 0 }

func hasBF16Products() bool { return false }

func vectorBlockBF16() (rows, cols, step int) { return 0, 0, 0 }

func vectorMultiplyBF16(*Block[float32], int, int, int) {}

func vectorPackSquare[E float32 | BF16]([]float32, int, []E, int, int, int, bool, bool) {}

func vectorMultiplyTilesRounded(*Block[float32], []BF16, []float32, int, int, int) {}

func vectorRoundBlock([]BF16, int, []float32, int, int, int, []float32) {}
