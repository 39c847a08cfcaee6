//go:build !amd64 || purego || noasm

package simd

func vectorRoundBF16([]BF16, []float32) int            { return 0 }
func vectorWidenBF16([]float32, []BF16) int            { return 0 }
func vectorInterleaveBF16(_ []uint32, _, _ []BF16) int { return 0 }
