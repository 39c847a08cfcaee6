// Package scratch reuses memory between calls, so that steps allocate nothing once they have seen their
// largest matrix.
package scratch

import "steepest/internal/simd"

// Grow returns n elements, in the memory of s if it is large enough. Their values are undefined.
func Grow[E any](s []E, n int) []E {
	if cap(s) < n {
		return simd.LargePages(make([]E, n))
	}
	return s[:n]
}
