//go:build unix

package checkpoint

import (
	"errors"
	"math"
	"os"

	"golang.org/x/sys/unix"
)

// tryLock locks f for this process, or returns ErrInUse. The kernel frees the lock whenever the process ends, even if it is killed.
func tryLock(f *os.File) error { return flock(f, unix.LOCK_EX) }

// tryShared is tryLock with a shared lock, for readers.
func tryShared(f *os.File) error { return flock(f, unix.LOCK_SH) }

func flock(f *os.File, how int) error {
	err := unix.Flock(int(f.Fd()), how|unix.LOCK_NB)
	if errors.Is(err, unix.EWOULDBLOCK) {
		return ErrInUse
	}
	return err
}

func freeBytes(path string) (uint64, error) {
	var s unix.Statfs_t
	if err := unix.Statfs(path, &s); err != nil {
		return 0, &os.PathError{Op: "statfs", Path: path, Err: err}
	}
	if s.Blocks == 0 {
		return math.MaxUint64, nil // the file system does not say
	}
	return s.Bavail * uint64(s.Bsize), nil
}
