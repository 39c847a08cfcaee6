//go:build !linux

package simd

// LargePages returns v: only Linux lets a program ask for large pages.
func LargePages[E any](v []E) []E { return v }

// MoveToLargePages does nothing.
func MoveToLargePages[E any](v []E) {}
