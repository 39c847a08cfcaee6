//go:build !linux

package simd

// LargePages does nothing: of the systems, only Linux lets a program ask.
func LargePages[E any]([]E) {}
