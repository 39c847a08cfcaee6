//go:build !race

package cli

// slower is 1 without the race detector.
const slower = 1
