//go:build !linux

package simd

// LargePages does nothing: only Linux lets a program ask for large pages.
func LargePages[E any]([]E) {}
