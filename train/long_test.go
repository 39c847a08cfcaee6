package train

import "testing"

// long skips a test in short mode. Such a test takes seconds under the race detector, although its runs use a single goroutine.
func long(t *testing.T) {
	if testing.Short() {
		t.Skip("long")
	}
}
