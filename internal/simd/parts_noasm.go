//go:build !amd64 || purego || noasm

package simd

func hasPartProducts() bool { return false }

func packParts(_, _ []float32, _, _, _ int, _, _ bool, _ *Extent) {}

func multiplyParts(*Block[float32], int, int, int) {}
