//go:build unix

package mapped

import (
	"os"

	"golang.org/x/sys/unix"
)

// File maps a file into memory to be read, or returns nil where that is impossible: a file system without maps, or a file that
// is larger than the addresses.
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

// Unmap ends a map, which may be nil.
func Unmap(mapped []byte) error {
	if mapped == nil {
		return nil
	}
	return unix.Munmap(mapped)
}

// Memory returns so many bytes of zeros outside of Go's heap, which the system has again at once after Unmap, or nil where there are none.
func Memory(size int) []byte {
	mapped, err := unix.Mmap(-1, 0, size, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_PRIVATE|unix.MAP_ANON)
	if err != nil {
		return nil
	}
	LargePages(mapped)
	return mapped
}
