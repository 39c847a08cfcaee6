//go:build !linux

package mapped

// WillNeed does nothing: there is no such advice.
func WillNeed[T any]([]T) {}

// Scattered does nothing: there is no such advice.
func Scattered[T any]([]T) {}
