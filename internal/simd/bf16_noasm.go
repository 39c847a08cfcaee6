//go:build !amd64 || purego || noasm

package simd

func vectorRoundBF16([]BF16, []float32) int { return 0 }

func vectorWidenBF16([]float32, []BF16) int { return 0 }

func vectorInterleaveBF16(_ []float32, _, _ []BF16) int { return 0 }

func vectorTransposeBF16([]float32, int, []BF16, int, int, int) int { return 0 }

func hasBF16Products() bool { return false }

func vectorBlockBF16() (rows, cols, step int) { return 0, 0, 0 }

func vectorMultiplyBF16(*Block[float32], int, int, int) {}

func vectorPackSquare([]float32, int, []float32, int, int, int, bool, bool) {}
