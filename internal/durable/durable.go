// Package durable writes files that are either complete or as they were: under a temporary name first, which gives way to the right
// one when the content is on the disk.
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

// File is a file that is being written. It has a temporary name in the folder of its path until it is published.
type File struct {
	*os.File
	path string
}

// Create makes a file that will take a path. It removes the temporary files that killed processes have left of that path.
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

// Close makes the content durable and closes the file, which keeps its temporary name.
func (f *File) Close() error { return errors.Join(f.Sync(), f.File.Close()) }

// Publish gives a file that is closed its path.
func (f *File) Publish() error {
	if err := os.Rename(f.Name(), f.path); err != nil {
		return err
	}
	temporaries.Delete(f.Name())
	return syncFolder(filepath.Dir(f.path))
}

// Path returns the path that the file takes.
func (f *File) Path() string { return f.path }

// Discard removes a file that is not published.
func (f *File) Discard() {
	f.File.Close() // which may be closed already
	os.Remove(f.Name())
	temporaries.Delete(f.Name())
}

// syncFolder makes a new name in a folder durable, where the system can.
func syncFolder(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return nil // a folder that may be written and not read
	}
	defer f.Close()
	if err := f.Sync(); err != nil && !errors.Is(err, syscall.EINVAL) {
		return err
	}
	return nil
}

// temporaryName returns the name of a file that a process writes before it takes the name of path. It is no longer than systems take where
// that of path is not.
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

// RemoveTemporaries removes the files that are being written as the program ends.
func RemoveTemporaries() {
	for name := range temporaries.Range {
		os.Remove(name.(string))
	}
}

// sweep removes the temporary files that killed processes have left of a file.
func sweep(path string) {
	left, _ := filepath.Glob(escapeGlob(strings.TrimSuffix(temporaryName(path, 0), "0")) + "*")
	for _, name := range left {
		id, err := strconv.Atoi(name[strings.LastIndexByte(name, '-')+1:])
		if err != nil || id == os.Getpid() {
			continue
		}
		if process, err := os.FindProcess(id); err != nil || errors.Is(process.Signal(syscall.Signal(0)), os.ErrProcessDone) {
			os.Remove(name)
		}
	}
}

// escapeGlob quotes what filepath.Glob would take for a pattern.
func escapeGlob(path string) string {
	return strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`, `[`, `\[`).Replace(path)
}
