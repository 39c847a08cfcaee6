package train

import "testing"

// long leaves a test out in short mode: one that takes seconds under the race detector, and whose runs take one goroutine.
func long(t *testing.T) {
	if testing.Short() {
		t.Skip("long")
	}
}
