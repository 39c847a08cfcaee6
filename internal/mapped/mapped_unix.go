//go:build unix

package mapped

import (
	"os"

	"golang.org/x/sys/unix"

	"steepest/internal/simd"
)

// File maps a file for reading. It returns nil if the file system does not support maps or the file is larger than the address
// space.
func File(f *os.File, size int64) []byte {
	if int64(int(size)) != size {
		return nil
	}
	mapped, err := unix.Mmap(int(f.Fd()), 0, int(size), unix.PROT_READ, unix.MAP_SHARED)
	if err != nil {
		return nil
	}
	return mapped
}

// Unmap removes a map, which may be nil.
func Unmap(mapped []byte) error {
	if mapped == nil {
		return nil
	}
	return unix.Munmap(mapped)
}

// Memory returns size zero bytes outside Go's heap, or nil if there is no memory. Unmap returns them to the system at once.
func Memory(size int) []byte {
	mapped, err := unix.Mmap(-1, 0, size, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_PRIVATE|unix.MAP_ANON)
	if err != nil {
		return nil
	}
	return simd.LargePages(mapped)
}
