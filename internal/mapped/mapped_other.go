//go:build !unix

package mapped

import "os"

// File returns nil: files are read.
func File(*os.File, int64) []byte { return nil }

// Unmap does nothing.
func Unmap([]byte) error { return nil }

// Memory returns nil: there is only Go's heap.
func Memory(int) []byte { return nil }
