//go:build unix

package tokens

import (
	"os"

	"golang.org/x/sys/unix"
)

// mapFile maps a file into memory to be read, or returns nil where that is impossible: a file system without maps, or a file that
// is larger than the addresses.
func mapFile(f *os.File, size int64) []byte {
	if int64(int(size)) != size {
		return nil
	}
	mapped, err := unix.Mmap(int(f.Fd()), 0, int(size), unix.PROT_READ, unix.MAP_SHARED)
	if err != nil {
		return nil
	}
	return mapped
}

func unmapFile(mapped []byte) error {
	if mapped == nil {
		return nil
	}
	return unix.Munmap(mapped)
}
