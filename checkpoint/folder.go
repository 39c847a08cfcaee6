package checkpoint

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// Folder is a folder of checkpoints that this process writes. It is not for concurrent use.
type Folder struct {
	sys    files
	path   string
	keep   int
	next   int    // the number of the next save; only rank 0 knows it
	bad    []name // the damaged checkpoints that Load has passed over
	ranks  Ranks
	lock   *os.File // nil for ranks above 0
	closed bool
}

// Open creates the folder at path if there is none, and holds its lock until Close or the end of the process. The folder keeps the newest
// keep ≥ 1 checkpoints and the best one. With keep ≥ 2 there is a fallback if the newest is damaged. Open removes unfinished checkpoints of
// killed processes. The error is ErrInUse if another process writes there.
func Open(path string, keep int) (*Folder, error) {
	if keep < 1 {
		panic(fmt.Sprintf("checkpoint: %d checkpoints to keep; at least 1 must be", keep))
	}
	if err := makeFolder(disk{}, path); err != nil {
		return nil, fmt.Errorf("checkpoint: %w", err)
	}
	held, err := Lock(path)
	if err != nil {
		return nil, err
	}
	f, err := open(disk{}, path, keep)
	if err != nil {
		held.Close()
		return nil, err
	}
	f.lock = held
	return f, nil
}

// Close releases the folder for other processes. Nothing can be saved afterwards.
func (f *Folder) Close() error {
	f.closed = true
	if f.lock == nil {
		return nil
	}
	return f.lock.Close()
}

// open is Open for a folder that exists and is locked.
func open(sys files, path string, keep int) (*Folder, error) {
	entries, err := sys.list(path)
	if err != nil {
		return nil, fmt.Errorf("checkpoint: %w", err)
	}
	f := &Folder{sys: sys, path: path, keep: keep, next: 1, ranks: alone{}}
	for _, entry := range entries {
		base, left := strings.CutSuffix(entry, temporary)
		n, ok := parseName(base)
		if !ok {
			continue // not a file of ours
		}
		f.next = max(f.next, n.number+1)
		if left {
			if err := sys.removeAll(filepath.Join(path, entry)); err != nil {
				return nil, fmt.Errorf("checkpoint: %s, left by a killed run, cannot be removed: %w", entry, err)
			}
		}
	}
	return f, nil
}

// makeFolder creates the folder at path and its parents, and makes new ones durable.
func makeFolder(sys files, path string) error {
	path = filepath.Clean(path) // the parent of run/ is not run
	parent := filepath.Dir(path)
	err := sys.mkdir(path)
	if errors.Is(err, fs.ErrNotExist) && parent != path {
		if err := makeFolder(sys, parent); err != nil {
			return err
		}
		err = sys.mkdir(path)
	}
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	if err != nil {
		return err
	}
	return sys.sync(parent)
}
