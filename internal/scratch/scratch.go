// Package scratch keeps memory for the next call, so that steps allocate nothing once they have seen the
// largest of their matrices.
package scratch

// Grow returns n elements, in the memory of s if it is enough. What they hold is undefined.
func Grow[E any](s []E, n int) []E {
	if cap(s) < n {
		return make([]E, n)
	}
	return s[:n]
}
