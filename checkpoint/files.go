package checkpoint

import (
	"fmt"
	"io"
	"os"
	"runtime"
)

// files is the part of the operating system that a folder needs. Tests replace it by failing and crashing file systems.
type files interface {
	// create makes a new file.
	create(path string) (file, error)
	// open opens a file to read, and returns its size.
	open(path string) (io.ReadCloser, int64, error)
	list(path string) ([]string, error)
	mkdir(path string) error
	rename(from, to string) error
	// removeAll removes a folder with its content, if it exists.
	removeAll(path string) error
	// sync makes the entries of a folder durable.
	sync(path string) error
	// free returns the number of free bytes on the disk of a folder.
	free(path string) (uint64, error)
}

// file is a file that is being written. Sync makes its content durable.
type file interface {
	io.WriteCloser
	Sync() error
}

// disk is the real file system.
type disk struct{}

func (disk) create(path string) (file, error) {
	return os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
}

func (disk) open(path string) (io.ReadCloser, int64, error) {
	info, err := os.Stat(path) // before the file is opened, because opening a pipe blocks
	if err != nil {
		return nil, 0, err
	}
	if !info.Mode().IsRegular() {
		return nil, 0, fmt.Errorf("%s is not a regular file", path)
	}
	f, err := os.Open(path)
	return f, info.Size(), err
}

func (disk) list(path string) ([]string, error) {
	entries, err := os.ReadDir(path)
	names := make([]string, len(entries))
	for i, entry := range entries {
		names[i] = entry.Name()
	}
	return names, err
}

func (disk) mkdir(path string) error          { return os.Mkdir(path, 0o777) }
func (disk) rename(from, to string) error     { return os.Rename(from, to) }
func (disk) removeAll(path string) error      { return os.RemoveAll(path) }
func (disk) free(path string) (uint64, error) { return freeBytes(path) }

func (disk) sync(path string) error {
	if runtime.GOOS == "windows" {
		return nil // Windows cannot sync a folder
	}
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	return f.Sync()
}
