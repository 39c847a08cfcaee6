package checkpoint

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// lockName is the name of the lock file of a folder.
const lockName = "lock"

// Lock locks the folder at path for this process. The lock file stays when the lock is released: another process may have just
// opened it.
func Lock(path string) (*os.File, error) {
	f, err := os.OpenFile(filepath.Join(path, lockName), os.O_RDWR|os.O_CREATE, 0o666)
	if err != nil {
		return nil, fmt.Errorf("checkpoint: %s cannot be locked: %w", path, err)
	}
	if err := tryLock(f); err != nil {
		defer f.Close()
		if !errors.Is(err, ErrInUse) {
			return nil, fmt.Errorf("checkpoint: %s cannot be locked: %w", path, err)
		}
		holder, _ := io.ReadAll(io.LimitReader(f, 300)) // the name of the holder, if it has written it yet
		return nil, fmt.Errorf("checkpoint: %s is %w by another run (%s); stop that one, or choose another folder", path, ErrInUse, holder)
	}
	// The text is for the message above, and ranks recognize the folder by it (OpenTogether). The lock works even if the disk is full.
	host, _ := os.Hostname()
	_ = f.Truncate(0)
	_, _ = fmt.Fprintf(f, "process %d on %s", os.Getpid(), host)
	return f, nil
}

// Locked reports whether a living process holds the lock file f of a folder, which [Lock] has made.
func Locked(f *os.File) bool { return errors.Is(tryShared(f), ErrInUse) }
