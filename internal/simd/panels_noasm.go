//go:build !amd64 || purego || noasm

package simd

func hasTiles() bool { return false }

func vectorMultiplyPanels([]float32, int, int, []BF16, []BF16, int, int, bool) {}

func vectorPackPanels([]BF16, int, []float32, int, int, float32) {}

func vectorPackStrip(_ []BF16, _ []float32, _, _ int, _, _ float32) {}

func vectorTransposeTiles(_, _ []BF16) {}

func vectorSumPanels(_, _ []BF16, _ []float32, _ float32, _ []float32, _ float32) {}

func vectorCopyTransposed([]float32, int, []float32, int, int, int) int { return 0 }
