//go:build !linux

package mapped

// LargePages does nothing: the system decides.
func LargePages([]byte) {}
