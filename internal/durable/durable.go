// Package durable replaces files atomically. It writes under a temporary name, and renames the file when its content is on the disk:
//
//	Create → path's temporary name ── Write, Close (sync) ── Publish (rename) → path
//
// So a path always holds a complete file, the old or the new one.
package durable

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
)

// File is a file that is being written. Until it is published, it has a temporary name in the folder of its path.
type File struct {
	*os.File
	path string
}

// Create creates a file that will replace path. It removes temporary files of path that killed processes have left.
func Create(path string, mode fs.FileMode) (*File, error) {
	sweep(path)
	name := temporaryName(path, os.Getpid())
	temporaries.Store(name, nil)
	f, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE|os.O_EXCL, mode)
	if err != nil {
		temporaries.Delete(name)
		return nil, err
	}
	return &File{f, path}, nil
}

// Close syncs the content to the disk and closes the file, which keeps its temporary name.
func (f *File) Close() error { return errors.Join(f.Sync(), f.File.Close()) }

// Publish renames the closed file to its path.
func (f *File) Publish() error {
	if err := os.Rename(f.Name(), f.path); err != nil {
		return err
	}
	temporaries.Delete(f.Name())
	return syncFolder(filepath.Dir(f.path))
}

// Path returns the path that Publish gives to the file.
func (f *File) Path() string { return f.path }

// Discard removes the file without publishing it.
func (f *File) Discard() {
	f.File.Close() // it may be closed already
	os.Remove(f.Name())
	temporaries.Delete(f.Name())
}

// syncFolder makes a new name in a folder durable, if the system can.
func syncFolder(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return nil // the folder is writable but not readable
	}
	defer f.Close()
	if err := f.Sync(); err != nil && !errors.Is(err, syscall.EINVAL) {
		return err
	}
	return nil
}

// temporaryName returns the temporary name of path for a process. It is short enough for the system if the name of path is.
func temporaryName(path string, process int) string {
	const longest = 220 // of the 255 bytes of Linux
	base := filepath.Base(path)
	if len(base) > longest && len(base) <= 255 {
		base = strings.ToValidUTF8(base[:longest], "")
	}
	return filepath.Join(filepath.Dir(path), "."+base+".steepest-"+strconv.Itoa(process))
}

// temporaries holds the names of the temporary files that this process writes.
var temporaries sync.Map

// RemoveTemporaries, called as the program ends, removes the files that are still being written.
func RemoveTemporaries() {
	for name := range temporaries.Range {
		os.Remove(name.(string))
	}
}

// sweep removes temporary files of path that killed processes have left.
func sweep(path string) {
	left, _ := filepath.Glob(escapeGlob(strings.TrimSuffix(temporaryName(path, 0), "0")) + "*")
	for _, name := range left {
		id, err := strconv.Atoi(name[strings.LastIndexByte(name, '-')+1:])
		if _, own := temporaries.Load(name); err != nil || own {
			continue
		}
		if process, err := os.FindProcess(id); err != nil || id == os.Getpid() || errors.Is(process.Signal(syscall.Signal(0)), os.ErrProcessDone) {
			os.Remove(name)
		}
	}
}

// escapeGlob quotes the characters that are special to filepath.Glob.
func escapeGlob(path string) string {
	return strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`, `[`, `\[`).Replace(path)
}
